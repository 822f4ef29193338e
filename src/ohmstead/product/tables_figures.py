"""The two performance tables of an abstract."""

import re

from ohmstead.product.abstract import Abstract, TableRow
from ohmstead.product.profile import Figure, Performance

NUMBER = re.compile(r"([0-9]{1,9}(?:[.,][0-9]{1,9})?)\s*(.*)")
SECONDS = {"": 1.0, "s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "ms": 0.001, "milliseconds": 0.001}
SECONDS |= {"min": 60.0, "minutes": 60.0}
NOT_MEASURED = ("", "-", "–", "n/a", "not measurable", "not measured", "not applicable")


def performance(abstract: Abstract) -> Performance:
    """Return the four figures in seconds; those that are absent or not measurable are None."""
    technology = abstract.header.get("communication technology used during performance measurement")
    figures = {}
    for key in ("response", "triggered", "start", "stop"):
        limit, measured = abstract.limits.get(key), abstract.measured.get(key)
        figure = Figure(
            limit=_seconds(abstract, limit, "max"),
            min=_seconds(abstract, measured, "min"),
            max=_seconds(abstract, measured, "max"),
            average=_seconds(abstract, measured, "average"),
        )
        if measured is not None:
            _order(abstract, measured, figure)
        figures[key] = figure
    return Performance(technology=technology.value if technology is not None else "", **figures)


def _seconds(abstract: Abstract, row: TableRow | None, role: str) -> float | None:
    if row is None:
        return None
    text = row.cells.get(role, "").strip()
    if text.lower() in NOT_MEASURED:
        return None
    match = NUMBER.fullmatch(text)
    unit = (match[2] if match else "") or row.cells.get("unit", "")
    if match is None or unit.lower() not in SECONDS:
        abstract.warn(row.line, f"figure {text!r} {unit} is not understood; left out")
        return None
    return round(float(match[1].replace(",", ".")) * SECONDS[unit.lower()], 9)


def _order(abstract: Abstract, row: TableRow, figure: Figure) -> None:
    low, high, average, limit = figure.min, figure.max, figure.average, figure.limit
    if low is not None and high is not None and low > high:
        abstract.fail(row.line, f"the smallest value, {low} s, is above the largest, {high} s")
    if average is not None and ((low is not None and average < low) or (high is not None and average > high)):
        abstract.warn(row.line, f"the average, {average} s, is not between the smallest and the largest value")
    if limit is not None and high is not None and high > limit:
        abstract.warn(row.line, f"the largest value, {high} s, is above what the vendor says, {limit} s")
