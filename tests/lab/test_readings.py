"""Where specification and official case part, a case has two verdicts; a station that meets one shows it.

The stations are in `tests/lab/readings/*.py`, a block a file.
"""

from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.evidence.judge import confirmed
from ohmstead.lab.reading import readings
from ohmstead.lab.readings.a_security import FRESH_KEY
from ohmstead.lab.report.build import build
from ohmstead.lab.report.files import columns
from ohmstead.lab.report.html import page
from ohmstead.lab.report.model import CampaignRun
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import Failed, Result, Verdict
from ohmstead.product.load import load
from tests.lab.shown import Shown
from tests.lab.tried import product

FOLDER = Path(__file__).parent / "readings"
SHOWN: tuple[Shown, ...] = tuple(
    one for file in sorted(FOLDER.glob("*.py")) for one in import_module(f"tests.lab.readings.{file.stem}").SHOWN
)


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: f"{shown.reading.name}-{shown.case}")
def test_a_station_meets_only_one_of_the_two(shown: Shown) -> None:
    """The case fails, and by exactly the one that the station does not meet."""
    result = run_in_memory(load_cases()[shown.case], product(shown.product), shown.config, mutate=shown.mutate)
    assert {one.reading for one in result.disputed} == {shown.reading.name}, result.reason
    verdicts = (result.verdict, result.specification, result.tool)
    by_specification = shown.fails == "specification"
    assert verdicts == (
        Verdict.FAIL,
        Verdict.FAIL if by_specification else Verdict.PASS,
        Verdict.PASS if by_specification else Verdict.FAIL,
    )


def test_a_key_is_fresh_or_not_whatever_ran_before() -> None:
    """Sites share a pool of keys: neither does it hide a key that is kept, nor does a kept key get into it."""
    shown = next(one for one in SHOWN if one.reading is FRESH_KEY)
    case = load_cases()[shown.case]
    for _ in range(2):
        assert run_in_memory(case, product(shown.product), shown.config).disputed == ()
        wrong = run_in_memory(case, product(shown.product), shown.config, mutate=shown.mutate)
        assert [one.reading for one in wrong.disputed] == [FRESH_KEY.name]


def test_every_reading_is_shown() -> None:
    """No reading without a station that falls between the two."""
    assert {shown.reading.name for shown in SHOWN} == {reading.name for reading in readings()}


def test_every_reading_is_named_by_a_case() -> None:
    """And every case names only what is in the table, under a name of its own."""
    named = {reading.name for case in load_cases().values() for reading in case.readings}
    names = [reading.name for reading in readings()]
    assert sorted(named) == sorted(names)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: f"{shown.reading.name}-{shown.case}")
def test_the_case_names_the_reading(shown: Shown) -> None:
    """So that docs/readings.md says where it is looked at."""
    assert shown.reading in load_cases()[shown.case].readings


# What follows from two verdicts


def _one() -> Result:
    """Return the result of a station that answers NotFound where Failed is right, and the official case takes both."""
    shown = next(one for one in SHOWN if one.case == "TC_M_23_CS")
    return run_in_memory(
        load_cases()[shown.case], product(shown.product), shown.config, mutate=shown.mutate, record=True
    )


def test_the_reason_says_what_each_of_them_wants() -> None:
    """In one line, with the requirement."""
    wanted = "wanted Failed by the specification (M04.FR.06), Failed or NotFound by the official case, got NotFound"
    assert wanted in _one().reason


def test_a_case_that_fails_for_something_else_has_failed_by_both() -> None:
    """Whatever was disputed before."""
    result = _one()
    other = Failed(result.disputed[0].finding).finding
    both = Result(
        id=result.id,
        verdict=Verdict.FAIL,
        finding=type(other)(step="9", field="anything", wanted="this", got="that"),
        disputed=result.disputed,
    )
    assert (both.specification, both.tool) == (Verdict.FAIL, Verdict.FAIL)


def test_the_evidence_leads_to_both_verdicts() -> None:
    """Judged again from the wire log, the same is disputed."""
    result = _one()
    assert confirmed(result, load("sec1000-240y"), LabConfig()) == result


def test_the_report_shows_two_columns() -> None:
    """The case, the place, and how many pass by each."""
    result = _one()
    run = CampaignRun(
        product=load("sec1000-240y"),
        config=LabConfig(),
        bench="memory",
        made_by="ohmstead 1",
        began=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        seconds=1.0,
        results=(result,),
    )
    report = build(run)
    case = next(one for one in report.cases if one.id == result.id)
    assert (case.verdict, case.by_specification, case.by_tool) == ("FAIL", "FAIL", "PASS")
    html = page(report)
    assert "own-certificate" in html
    assert "Passed by the specification: 0, by the official cases: 1, of 191." in html
    core = next(profile for profile in report.profiles if result.id in {c.id for c in report.cases} and profile.failed)
    assert core.why.endswith("1 only by the specification")


def test_the_terminal_says_how_many_pass_by_each() -> None:
    """And nothing where both say the same."""
    assert columns([_one()]) == "by the specification 0 of 1 pass, by the text of the official cases 1"
    assert columns([Result(id="TC_G_01_CS", verdict=Verdict.PASS)]) == ""
