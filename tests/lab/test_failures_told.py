"""One text for every FAIL: in the terminal, the page, the paper, JUnit and the lines of a campaign."""

import io
from pathlib import Path
from xml.etree import ElementTree

import msgspec
from rich.console import Console

from ohmstead.cli.lab.failures import print_failures
from ohmstead.lab.report.causes import causes
from ohmstead.lab.report.explanation import Explanation, explain
from ohmstead.lab.report.files import told, write_junit
from ohmstead.lab.report.html import page
from ohmstead.lab.report.html_text import escape
from ohmstead.lab.report.paper import source
from ohmstead.lab.report.plain_text import plain_text
from ohmstead.ports.campaign import CaseView
from tests.lab.test_explanations import failure
from tests.lab.test_judge_report import failed, report_of


def explained() -> Explanation:
    """Return why the case failed."""
    why = explain(failed())
    assert why is not None
    return why


def printed(*names: str, verbose: bool = False) -> str:
    """Return what the terminal shows of wrong stations."""
    out = io.StringIO()
    print_failures(Console(file=out, width=200, soft_wrap=True), [failure(name) for name in names], verbose=verbose)
    return out.getvalue()


def test_the_terminal_prints_the_explanation() -> None:
    """Line by line."""
    why = explain(failure("boot-another-model"))
    assert why is not None
    shown = printed("boot-another-model")
    assert all(line.strip() in shown for line in plain_text(why).splitlines())


def test_the_terminal_groups_many() -> None:
    """And explains one for each cause; -v explains all."""
    names = ("boot-another-model", "boot-no-statuses", "status-not-sent", "occupied-not-told")
    shown = printed(*names)
    assert (
        "2 cases fail because no StatusNotificationRequest" in shown or "because no StatusNotificationRequest" in shown
    )
    assert printed(*names, verbose=True).count("Asked for by:") == len({failure(name).id for name in names})


def test_page_and_paper_have_a_page_for_the_case() -> None:
    """With what was wanted, what came, what a right station sends, and a link to the evidence."""
    report, why = report_of(failed()), explained()
    text = page(report)
    assert f'id="case-{failed().id}"' in text
    assert f'href="evidence/{failed().id}.jsonl"' in text
    assert f'href="#case-{failed().id}"' in text
    for part in (why.wanted, why.got, why.right, why.step):
        assert escape(part) in text
    assert "#pagebreak" in source(report)
    assert f"<case-{failed().id}>" in source(report)


def test_junit_has_the_explanation(tmp_path: Path) -> None:
    """Before the wire log."""
    write_junit(tmp_path / "junit.xml", [failed()])
    text = ElementTree.parse(tmp_path / "junit.xml").findtext("./testcase/failure") or ""
    assert text.startswith(plain_text(explained()))


def test_the_page_of_the_station_reads_the_explanation() -> None:
    """As `lab run --lines` prints it."""
    view = msgspec.json.decode(msgspec.json.encode(told(failed())), type=CaseView)
    assert view.explanation is not None
    assert view.explanation.right == explained().right
    assert any(line.marked for frame in view.explanation.frames for line in frame.lines)


def test_cases_that_fail_for_the_same_are_one_cause() -> None:
    """Whatever they did before, and at whichever EVSE."""
    first, second = explained(), msgspec.structs.replace(explained(), after="another message")
    (cause,) = causes({"TC_P_01_CS": first, "TC_P_02_CS": second})
    assert str(cause).startswith("2 cases fail because DataTransferResponse, status")
    assert "another message" not in cause.text
    assert cause.cases == ("TC_P_01_CS", "TC_P_02_CS")


def test_what_was_not_run_has_its_title() -> None:
    """In the report."""
    titles = {case.id: case.title for case in report_of(failed()).cases if case.verdict == "NOT RUN"}
    assert titles["TC_G_03_CS"]
    assert all(titles.values())


def test_the_report_names_what_its_verdicts_rest_on() -> None:
    """Version, errata, tolerance, claims, readings."""
    report = report_of(failed())
    assert report.basis is not None
    assert [one.name for one in report.basis.readings]
    assert report.basis.bench[0].tolerance > 0
    text = page(report)
    assert "errata of 2025-09" in text
    assert "What the verdicts rest on" in text
    assert report.made_by in text
