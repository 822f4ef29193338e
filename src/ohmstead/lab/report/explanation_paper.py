"""The explanation of a FAIL on paper."""

import re
from collections.abc import Iterator

from ohmstead.lab.report.explanation import ALSO, ExplainedFinding, Explanation, ShownFrame
from ohmstead.lab.report.typst_text import breakable, text_of

WAYS = {"<": "station", ">": "lab", ".": ""}
CODE = '7.2pt, font: "DejaVu Sans Mono"'


def explained(explanation: Explanation) -> Iterator[str]:
    """Yield the lines of Typst; `frame` and `term` are those of `paper.SETUP`."""
    yield from _finding(explanation)
    for number, other in enumerate(explanation.also, start=2):
        yield "#v(6pt)"
        yield f'#text(10pt, weight: "semibold", {text_of(f"{number}. {ALSO}")})'
        yield from _finding(other)


def _finding(one: ExplainedFinding) -> Iterator[str]:
    yield f"#par({text_of(breakable(one.step))})"
    yield from _term("What was looked at", f"text({text_of(breakable(one.place))})")
    yield from _term("Wanted", f"text(fill: good, {text_of(breakable(one.wanted))})")
    yield from _term("Got", f'text(fill: bad, weight: "semibold", {text_of(breakable(one.got))})')
    yield from _term("What a right station would have sent", _code(one.right))
    if one.reading:
        yield from _term("Read in two ways", f"text({text_of(breakable(one.reading))})")
    yield from _term("Asked for by", "[]")
    yield "#grid(columns: (22mm, 1fr), row-gutter: 4pt,"
    for cited in one.requirements:
        yield f'  text(9pt, weight: "semibold", {text_of(cited.id)}), text(9pt, {text_of(cited.text)}),'
    yield ")"
    yield from _term("On the wire, in seconds since the case began", "[]")
    for shown in one.frames:
        yield _frame(shown)


def _term(words: str, body: str) -> Iterator[str]:
    yield f"#term({text_of(words)})"
    yield f"#{body}" if body != "[]" else ""


def _code(text: str, tone: str = "ink") -> str:
    return f"text({CODE}, fill: {tone}, {text_of(_anywhere(text))})"


def _anywhere(text: str) -> str:
    """JSON may break behind its commas and colons, and keeps the blanks that indent it."""
    indent = len(text) - len(text.lstrip(" "))
    return "\u00a0" * indent + re.sub(r"([,:{}_.=])(?=\S)", "\\1\u200b", text[indent:])


def _frame(shown: ShownFrame) -> str:
    head = f"{shown.at:.3f}  {WAYS[shown.way]}".rstrip()
    title = f'text(8.5pt, weight: "semibold", {text_of(breakable(shown.title))})'
    if not shown.lines and not shown.marked:
        title = f"text(8.5pt, {text_of(breakable(shown.title))})"
    parts = [f"text(7.5pt, fill: soft, {text_of(head)})", "h(6pt)", title]
    for line in shown.lines:
        code = _code(line.text, "ink" if line.marked else "soft")
        parts += ["linebreak()", f"highlight(fill: rgb({text_of('#fbd9d5')}), {code})" if line.marked else code]
    return f"#frame({'true' if shown.marked else 'false'}, {{ {'; '.join(parts)} }})"
