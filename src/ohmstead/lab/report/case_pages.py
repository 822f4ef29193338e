"""The parts of a report about what failed: causes that cases have in common, and a page for each failing case."""

from collections.abc import Iterator

from ohmstead.lab.report.causes import causes
from ohmstead.lab.report.layout import Cell, ReportSection, Table
from ohmstead.lab.report.model import CaseReport, Report


def common_causes(report: Report) -> Iterator[ReportSection]:
    """Yield why cases failed, each cause once; nothing where none did."""
    failed = {case.id: case.explanation for case in report.cases if case.explanation is not None}
    found = causes(failed)
    if not found:
        return
    rows = tuple(
        (
            Cell(str(len(cause.cases))),
            Cell(f"{cause.text[:1].upper()}{cause.text[1:]}"),
            Cell(", ".join(_short(case) for case in cause.cases), "", True, link=" ".join(map(anchor, cause.cases))),
        )
        for cause in found
    )
    table = Table(head=("Cases", "Why they fail", "Which"), widths=(13, 55, 32), rows=rows, own=True, narrow=True)
    text = (
        "Cases that fail for the same stand together, the cause of most cases first; a case may stand at several. "
        "What stands at few cases that also stand higher up often follows from there. Each case has a page of its own, "
        "at the end of the report."
    )
    yield ReportSection(title="What is wrong", text=text, tables=(table,), own=True)


def case_pages(report: Report) -> Iterator[ReportSection]:
    """Yield a page for each case that failed."""
    for case in report.cases:
        if case.explanation is not None:
            yield ReportSection(
                title=f"{case.id}: {case.title}" if case.title else case.id,
                anchor=anchor(case.id),
                new_page=True,
                tables=(_facts(case),),
                explanation=case.explanation,
                own=True,
            )


def anchor(identifier: str) -> str:
    """Return the place of a case in the report, behind `#`."""
    return f"case-{identifier}"


def _facts(case: CaseReport) -> Table:
    lines = [
        ("Specification", Cell(case.by_specification, "bad" if case.by_specification == "FAIL" else "good")),
        ("Official case", Cell(case.by_tool, "bad" if case.by_tool == "FAIL" else "good")),
        ("Why it applies", Cell(case.because)),
        ("Notes", Cell("; ".join(case.notes))),
        ("Evidence", Cell(case.evidence, link=case.evidence)),
        ("SHA-256 of it", Cell(case.sha256, "dim", True)),
    ]
    rows = tuple((Cell(name), cell) for name, cell in lines if cell.text)
    return Table(head=("", ""), widths=(28, 72), rows=rows, own=True)


def _short(identifier: str) -> str:
    return identifier.removeprefix("TC_").removesuffix("_CS")
