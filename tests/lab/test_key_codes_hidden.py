"""No key code of a run is in anything that the run writes, and what it wrote leads to the same verdicts (C04.FR.04)."""

import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.checks import check
from ohmstead.lab.cases.config import LabConfig, LabToken
from ohmstead.lab.cases.runner import not_applicable
from ohmstead.lab.evidence.judge import judge_tape, judgment
from ohmstead.lab.report.build import build
from ohmstead.lab.report.folder import write_folder
from ohmstead.lab.report.html import page
from ohmstead.lab.report.model import CampaignRun, Report
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import Failed, Result, Verdict
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import IdTokenEnum
from tests.generators import sample

FIRST = load("sec1000-240y")
KEYPAD = {"C-32": True, "C-72": True}
PRODUCTS: dict[str, Product] = {
    "a keypad": replace(
        FIRST,
        hardware=replace(FIRST.hardware, rfid_readers="None"),
        features={**FIRST.features, **KEYPAD, "C-30": False, "C-70": False},
    ),
    "a keypad and a reader": replace(FIRST, features={**FIRST.features, **KEYPAD}),
}
CODES = ("7b4q", "48151623", "Q9x-77310", "314159260001")
CONFIG = LabConfig(
    **{  # type: ignore[arg-type]  # the four tokens, of one type
        role: LabToken(code, IdTokenEnum.KeyCode)
        for role, code in zip(("valid", "valid2", "invalid", "master"), CODES, strict=True)
    }
)
CASES = [
    (name, identifier)
    for name, product in PRODUCTS.items()
    for identifier, case in sorted(load_cases().items())
    if not_applicable(case, product) is None
]
TRIED = [("a keypad", case) for case in ("TC_B_21_CS", "TC_C_02_CS", "TC_C_39_CS", "TC_N_32_CS", "TC_F_02_CS")]


def reported(product: Product, result: Result) -> Report:
    run = CampaignRun(
        product=product,
        config=CONFIG,
        bench="memory",
        made_by="ohmstead 1",
        began=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        seconds=1.0,
        results=(result,),
    )
    return build(run)


def shown(text: str) -> list[str]:
    return [code for code in CODES if re.search(rf"(?<![0-9A-Za-z]){code}(?![0-9A-Za-z])", text, re.IGNORECASE)]


@pytest.mark.parametrize(("name", "identifier"), [*TRIED, *sample(CASES, 20)])
def test_no_code_is_in_what_a_run_writes_and_its_evidence_is_judged_the_same(name: str, identifier: str) -> None:
    case, product = load_cases()[identifier], PRODUCTS[name]
    result = run_in_memory(case, product, CONFIG, record=True)
    report = reported(product, result)
    assert result.verdict is Verdict.PASS
    assert shown(msgspec.json.encode(result).decode()) == []
    assert shown(msgspec.json.encode(report).decode()) == shown(page(report)) == []
    for config in (CONFIG, report.config):
        again = judge_tape(result.evidence, case, product, config)
        assert judgment(again).encoded() == judgment(result).encoded(), again.reason


def test_no_code_is_in_the_folder_of_a_report(tmp_path: Path) -> None:
    product = PRODUCTS["a keypad"]
    result = run_in_memory(load_cases()["TC_E_07_CS"], product, CONFIG, record=True)
    write_folder(tmp_path / "report", reported(product, result), [result])
    files = [path for path in (tmp_path / "report").rglob("*") if path.is_file()]
    assert files
    assert [path.name for path in files if shown(path.read_bytes().decode("utf-8", "replace"))] == []


def test_a_finding_about_a_code_does_not_tell_it() -> None:
    request = wire.AuthorizeRequest(id_token=wire.IdToken(id_token="7b4q", type=IdTokenEnum.KeyCode))
    with pytest.raises(Failed) as failed:
        check(1, request, {"id_token__id_token": "48151623"})
    assert shown(str(failed.value.finding)) == []
