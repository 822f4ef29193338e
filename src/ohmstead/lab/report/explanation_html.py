"""The explanation of a FAIL in the page of the report."""

from collections.abc import Iterator

from ohmstead.lab.report.explanation import ALSO, ExplainedFinding, Explanation, ShownFrame
from ohmstead.lab.report.html_text import escape

WAYS = {"<": "station", ">": "lab", ".": ""}


def explained(explanation: Explanation) -> Iterator[str]:
    """Yield the lines of HTML."""
    yield '<div class="explained">'
    yield from _finding(explanation)
    for number, other in enumerate(explanation.also, start=2):
        yield f"<h4>{number}. {ALSO}</h4>"
        yield from _finding(other)
    yield "</div>"


def _finding(one: ExplainedFinding) -> Iterator[str]:
    yield f"<p>{escape(one.step)}</p><dl>"
    yield f"<dt>What was looked at</dt><dd>{escape(one.place)}</dd>"
    yield f'<dt>Wanted</dt><dd class="good">{escape(one.wanted)}</dd>'
    yield f'<dt>Got</dt><dd class="bad">{escape(one.got)}</dd>'
    yield f"<dt>What a right station would have sent</dt><dd><code>{escape(one.right)}</code></dd>"
    if one.reading:
        yield f"<dt>Read in two ways</dt><dd>{escape(one.reading)}</dd>"
    yield "<dt>Asked for by</dt><dd><ul>"
    for cited in one.requirements:
        yield f"<li><b>{escape(cited.id)}</b> {escape(cited.text)}</li>"
    yield '</ul></dd><dt>On the wire, in seconds since the case began</dt><dd><ol class="wire">'
    for frame in one.frames:
        yield _frame(frame)
    yield "</ol></dd></dl>"


def _frame(frame: ShownFrame) -> str:
    marked = ' class="marked"' if frame.marked else ""
    lines = "\n".join(f"<mark>{escape(line.text)}</mark>" if line.marked else escape(line.text) for line in frame.lines)
    payload = f"<pre>{lines}</pre>" if lines else ""
    title = f"<b>{escape(frame.title)}</b>" if frame.lines or frame.marked else escape(frame.title)
    return f"<li{marked}><time>{frame.at:.3f}</time><i>{WAYS[frame.way]}</i><div>{title}{payload}</div></li>"
