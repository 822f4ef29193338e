"""The part of a report that says what its verdicts rest on: versions, claims, tolerances, readings."""

from ohmstead.lab.report.layout import Cell, ReportSection, Table
from ohmstead.lab.report.model import Basis, Report


def rests_on(report: Report, basis: Basis) -> ReportSection:
    """Return what somebody has to know who relies on the verdicts."""
    exact = "; ".join(f"instants to {one.tolerance:g} s, messages within {one.patience:g} s" for one in basis.bench)
    claims = report.product.certificate.number
    lines = [
        ("Made by", report.made_by),
        ("Specification", basis.specification),
        ("Cases", basis.cases),
        ("Claims", f"as read from certificate {claims}" if claims else "as the product profile has them"),
        ("Tolerance and patience", exact),
        ("Wait for an answer", f"{report.config.message_timeout:g} s"),
    ]
    facts = Table(head=("", ""), widths=(28, 72), rows=tuple((Cell(a), Cell(b)) for a, b in lines if b), own=True)
    rows = tuple(
        (Cell(one.name), Cell(one.specification, "", True), Cell(one.tool, "", True), Cell(", ".join(one.requirements)))
        for one in basis.readings
    )
    head = ("Name", "The specification", "The official case", "Requirements")
    readings = Table(head=head, widths=(19, 33, 33, 15), rows=rows, own=True)
    text = "The product's claims stand above, line by line. "
    if rows:
        text += "Readings: where specification and official case do not ask for the same, a case is judged by each."
    tables = (facts, readings) if rows else (facts,)
    return ReportSection(title="What the verdicts rest on", text=text, tables=tables, own=True)
