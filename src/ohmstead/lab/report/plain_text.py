"""The explanation of a FAIL as plain text: for the terminal and for JUnit."""

from collections.abc import Iterator

from ohmstead.lab.report.explanation import ALSO, ExplainedFinding, Explanation, ShownFrame
from ohmstead.wire.printable import printable_text

WAYS = {"<": "station", ">": "lab    ", ".": "       "}
MARK = "=> "


def plain_text(explanation: Explanation) -> str:
    """Return an explanation as lines of text."""
    return printable_text("\n".join(_lines(explanation)))


def _lines(explanation: Explanation) -> Iterator[str]:
    yield from _finding(explanation)
    for number, other in enumerate(explanation.also, start=2):
        yield ""
        yield f"{number}. {ALSO}"
        yield from _finding(other)


def _finding(one: ExplainedFinding) -> Iterator[str]:
    yield one.step
    yield f"Wanted: {one.wanted}"
    yield f"Got:    {one.got}"
    yield f"A right station would have sent: {one.right}"
    if one.reading:
        yield f"Read in two ways: {one.reading}"
    yield "Asked for by:"
    for cited in one.requirements:
        yield f"  {cited.id}  {cited.text}".rstrip()
    yield "On the wire:"
    for frame in one.frames:
        yield from _frame(frame)


def _frame(frame: ShownFrame) -> Iterator[str]:
    mark = MARK if frame.marked else "   "
    head = f"{mark}{frame.at:9.3f} {WAYS[frame.way]} {frame.title}"
    if len(frame.lines) == 1:
        yield f"{head} {frame.lines[0].text}"
        return
    yield head
    for line in frame.lines:
        yield f"{MARK if line.marked else '   '}                  {line.text}"
