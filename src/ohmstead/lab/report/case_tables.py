"""The parts of a report that list cases, each with a verdict by the specification and one by the official case."""

from collections.abc import Iterator

from ohmstead.lab.report.layout import Cell, ReportSection, Table
from ohmstead.lab.report.model import CaseReport, Report

TONES = {"PASS": "good", "FAIL": "bad", "INCONCLUSIVE": "open", "NOT RUN": "open", "NOT APPLICABLE": "dim"}
HEAD = ("Case", "What it looks at", "Specification", "Tool", "Why")


def not_passed(report: Report) -> Iterator[ReportSection]:
    """Yield what failed or stayed inconclusive, and where only one of two readings was met; nothing if all is well."""
    bad = [case for case in report.cases if case.verdict in ("FAIL", "INCONCLUSIVE")]
    if bad:
        rows = tuple(_row(case, f"{case.reason}{_more(case)}") for case in bad)
        table = Table(head=HEAD, widths=(15, 25, 15, 15, 30), rows=rows, own=True, badges=True)
        yield ReportSection(title="What did not pass", tables=(table,), own=True)
    if any(case.disputed for case in report.cases):
        yield _disputed(report)


def _more(case: CaseReport) -> str:
    others = len(case.explanation.also) if case.explanation is not None else 0
    return f" · {others} more on its page" if others else ""


def _disputed(report: Report) -> ReportSection:
    rows = tuple(
        (
            Cell(f"{case.id}, step {one.step}"),
            Cell(f"{one.field} ({one.reading})", "", True),
            Cell(one.specification, "bad" if one.fails == "specification" else "good"),
            Cell(one.tool, "bad" if one.fails == "tool" else "good"),
            Cell(one.got),
            Cell(", ".join(one.requirements), "dim", True),
        )
        for case in report.cases
        for one in case.disputed
    )
    head = ("Case", "What was looked at", "Specification wants", "Tool wants", "Got", "Requirements")
    table = Table(head=head, widths=(17, 23, 18, 16, 14, 12), rows=rows, own=True)
    text = (
        "The specification and the text of the official case do not ask for the same here, and the station met only "
        "one of them. A case passes if it passes by both."
    )
    return ReportSection(
        title="Where specification and official case part", level=3, text=text, tables=(table,), own=True
    )


def all_cases(report: Report) -> ReportSection:
    """Return the list of every case that applies."""
    listed = [case for case in report.cases if case.verdict != "NOT APPLICABLE"]
    rows = tuple(_row(case, " · ".join((case.reason or case.because, *case.notes))) for case in listed)
    left_out = report.summary.get("NOT APPLICABLE", 0)
    text = (
        "Specification: the verdict by Part 2 of OCPP 2.0.1 with its errata. Tool: the verdict by the text of the "
        f"official case. {_count(listed)} {left_out} cases of the official list do not apply to this product and are "
        "left out here."
    )
    table = Table(head=HEAD, widths=(15, 33, 15, 15, 22), rows=rows, own=True, badges=True)
    return ReportSection(title="Cases", text=text, tables=(table,), own=True)


def _count(cases: list[CaseReport]) -> str:
    by_specification = sum(case.by_specification == "PASS" for case in cases)
    by_tool = sum(case.by_tool == "PASS" for case in cases)
    return f"Passed by the specification: {by_specification}, by the official cases: {by_tool}, of {len(cases)}."


def _row(case: CaseReport, why: str) -> tuple[Cell, ...]:
    by_specification = Cell(case.by_specification, TONES.get(case.by_specification, ""))
    by_tool = Cell(case.by_tool, TONES.get(case.by_tool, ""))
    link = f"case-{case.id}" if case.explanation is not None else case.evidence
    return Cell(case.id, link=link), Cell(case.title), by_specification, by_tool, Cell(why, "dim", True)
