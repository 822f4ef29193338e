"""A report is judged again: its wire logs, and what follows from its verdicts."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from ohmstead.cli.main import execute
from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.report.build import build
from ohmstead.lab.report.folder import write_folder
from ohmstead.lab.report.html import page
from ohmstead.lab.report.judging import judge_report
from ohmstead.lab.report.model import CampaignRun, Report
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import Result
from ohmstead.product.load import load
from tests.lab.mutation import mutants

PRODUCT = load("sec1000-240y")
PASSES, FAILS, WRONG = "TC_G_03_CS", "TC_P_01_CS", "data-transfer-accepted"


def passed() -> Result:
    """Return a case that passed, with its evidence."""
    return run_in_memory(load_cases()[PASSES], PRODUCT, LabConfig(), record=True)


def failed() -> Result:
    """Return one that failed."""
    return run_in_memory(load_cases()[FAILS], PRODUCT, LabConfig(), mutate=mutants()[WRONG].mutate, record=True)


def report_of(*results: Result) -> Report:
    """Return the report of a campaign."""
    run = CampaignRun(
        product=PRODUCT,
        config=LabConfig(),
        bench="memory",
        made_by="ohmstead 1",
        began=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        seconds=1.0,
        results=results,
    )
    return build(run)


def test_judge_finds_a_file_that_was_altered(tmp_path: Path) -> None:
    """Even where the verdict would not change."""
    results = (passed(),)
    write_folder(tmp_path, report_of(*results), results)
    assert [judged.same for judged in judge_report(tmp_path)] == [True]
    log = tmp_path / "evidence" / f"{PASSES}.jsonl"
    log.write_text(log.read_text() + "\n")
    (judged,) = judge_report(tmp_path)
    assert judged.altered
    assert not judged.same


def _with(report: Report, **changes: object) -> Report:
    """Say something else of the case that failed."""
    return replace(report, cases=tuple(replace(case, **changes) if case.id == FAILS else case for case in report.cases))


FLATTERED: dict[str, Callable[[Report], Report]] = {
    "summary": lambda report: replace(report, summary={"PASS": 191}),
    "profiles": lambda report: replace(
        report, profiles=(replace(report.profiles[0], result="Pass"), *report.profiles[1:])
    ),
    "sections": lambda report: replace(report, sections=()),
    "seen": lambda report: replace(report, seen=replace(report.seen, vendors=("Somebody else",))),
    "verdict": lambda report: _with(report, verdict="PASS", reason="", finding=None),
    "column": lambda report: _with(report, tool="PASS"),
    "not run": lambda report: _with(report, verdict="NOT RUN", reason="", finding=None),
    "left out": lambda report: replace(report, cases=tuple(case for case in report.cases if case.id != FAILS)),
    "a case twice": lambda report: replace(report, cases=(*report.cases, report.cases[0])),
}


@pytest.mark.parametrize("what", FLATTERED)
def test_judge_finds_what_does_not_follow(what: str, tmp_path: Path) -> None:
    """Also where the page was written anew from it."""
    results = (passed(), failed())
    report = report_of(*results)
    write_folder(tmp_path, report, results)
    assert execute(["lab", "judge", str(tmp_path)]) == 0
    flattered = FLATTERED[what](report)
    (tmp_path / "report.json").write_bytes(msgspec.json.encode(flattered))
    (tmp_path / "report.html").write_text(page(flattered), "utf-8", newline="\n")
    assert execute(["lab", "judge", str(tmp_path)]) == 1


def test_judge_finds_a_case_that_is_not_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All of the report says that it was not run, and its wire log lies there."""
    results = (passed(),)
    write_folder(tmp_path, report_of(*results), results)
    (tmp_path / "evidence" / f"{FAILS}.jsonl").write_text(failed().evidence, "utf-8")
    assert execute(["lab", "judge", str(tmp_path)]) == 1
    assert f"{FAILS}.jsonl: no case names it" in capsys.readouterr().out


def test_judge_finds_another_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The page is what people look at."""
    results = (failed(),)
    write_folder(tmp_path, report_of(*results), results)
    shown = tmp_path / "report.html"
    shown.write_text(shown.read_text("utf-8").replace("FAIL", "PASS"), "utf-8")
    assert execute(["lab", "judge", str(tmp_path)]) == 1
    assert "report.html: not the page" in capsys.readouterr().out


def test_judge_says_which_part_of_a_verdict_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Same verdict, same reason, another finding."""
    results = (failed(),)
    finding = results[0].finding
    assert finding is not None
    write_folder(tmp_path, _with(report_of(*results), finding=replace(finding, got="what was wanted")), results)
    assert execute(["lab", "judge", str(tmp_path)]) == 1
    assert f"{FAILS}: with another finding: step" in capsys.readouterr().out


def test_a_report_is_the_same_in_whatever_order_the_cases_came() -> None:
    """They run in parallel."""
    results = (passed(), failed())
    assert report_of(*results) == report_of(*reversed(results))


def test_judge_wants_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And says of another one what it lacks."""
    assert execute(["lab", "judge", str(tmp_path)]) == 2
    assert "it has no report.json" in capsys.readouterr().err


ELSEWHERE: dict[str, Callable[[Path], str]] = {
    "outside": lambda _folder: "../outside.jsonl",
    "absolute": lambda folder: str(folder.parent / "outside.jsonl"),
    "another name": lambda _folder: "evidence/TC_P_01_CS.jsonl",
    "a device": lambda _folder: "/dev/zero",
    "above and back": lambda folder: f"../{folder.name}/evidence/{PASSES}.jsonl",
}


@pytest.mark.parametrize("where", [*ELSEWHERE, "a link"])
def test_judge_reads_only_the_evidence_in_the_folder(
    where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Though what lies elsewhere would be right: the report may come from anybody."""
    folder, results = tmp_path / "report", (passed(),)
    report = report_of(*results)
    write_folder(folder, report, results)
    file = folder / "evidence" / f"{PASSES}.jsonl"
    (tmp_path / "outside.jsonl").write_bytes(file.read_bytes())
    (folder / "evidence" / "TC_P_01_CS.jsonl").write_bytes(file.read_bytes())
    if where == "a link":
        file.unlink()
        file.symlink_to(tmp_path / "outside.jsonl")
    else:
        named = ELSEWHERE[where](folder)
        cases = tuple(replace(case, evidence=named) if case.id == PASSES else case for case in report.cases)
        (folder / "report.json").write_bytes(msgspec.json.encode(replace(report, cases=cases)))
    assert execute(["lab", "judge", str(folder)]) == 1
    assert "0 of 1 verdicts are the same" in capsys.readouterr().out


def test_evidence_is_for_its_owner_alone(tmp_path: Path) -> None:
    results = (passed(),)
    write_folder(tmp_path, report_of(*results), results)
    (file,) = (tmp_path / "evidence").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kept", [False, True])
def test_certify_leaves_passwords_in_the_evidence_only_where_it_is_told_to(
    kept: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "report"
    options = ["--keep-secrets"] if kept else []
    assert execute(["certify", "A_01", "--network", "none", "-o", str(folder), *options]) in (0, 1)
    assert (f"passwords stand in {folder / 'evidence'}" in " ".join(capsys.readouterr().err.split())) is kept
    (file,) = (folder / "evidence").iterdir()
    assert ("correct-horse-battery-staple" in file.read_text("utf-8")) is kept
    assert file.stat().st_mode & 0o777 == 0o600
    assert execute(["lab", "judge", str(folder)]) == 0
