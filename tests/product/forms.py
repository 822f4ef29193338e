"""The ways in which the text of an abstract may come: one printer each, from rows whose cells are separated by tabs."""

import html
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator

Row = list[str]
HEADS = ("ID", "EVSE", "Name", "Certification Profile")
PAGE = 24
"""Lines of a page."""
WIDE = 34
"""Characters of a column, at most."""


def blocks(text: str) -> Iterator[str | list[Row]]:
    """Yield the lines of a text, and the rows of each table together."""
    table: list[Row] = []
    for line in text.split("\n"):
        cells = line.split("\t")
        if table and (len(cells) == 1 or cells[0] in HEADS):
            yield table
            table = []
        if len(cells) > 1:
            table.append(cells)
        elif line:
            yield line
    if table:
        yield table


def padded(table: list[Row]) -> list[Row]:
    """Return the rows of a table with as many cells each."""
    most = max(len(row) for row in table)
    return [[*row, *[""] * (most - len(row))] for row in table]


def tabs(text: str) -> str:
    """Return it as it is."""
    return text


def windows(text: str) -> str:
    """Return it with a mark, line ends and blanks as Windows programs write them."""
    return "\ufeff" + text.replace("\n", "\r\n").replace(" ", "\u00a0").replace("C-", "C\u2011")


def markdown(text: str) -> str:
    """Return it with the tables of markdown."""
    return "\n".join(block if isinstance(block, str) else _piped(padded(block)) for block in blocks(text))


def _piped(table: list[Row]) -> str:
    lines = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in table]
    return "\n".join([lines[0], f"|{'---|' * len(table[0])}", *lines[1:], ""])


def page(text: str) -> str:
    """Return it as a page of HTML."""
    parts = (f"<p>{html.escape(block)}</p>" if isinstance(block, str) else _marked(block) for block in blocks(text))
    return f"<!doctype html><html><head><title>A certificate</title></head><body>{''.join(parts)}</body></html>"


def _marked(table: list[Row]) -> str:
    rows = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in table)
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def layout(text: str, *, centered: bool = False) -> str:
    """Return it as `pdftotext -layout` writes it: columns by space, wrapped cells, a head on each page."""
    lines: list[str] = []
    for block in blocks(text):
        if isinstance(block, str):
            lines += ["", block.lstrip("# "), ""]
            continue
        for number, piece in enumerate(_pages(padded(block))):
            lines += ["\f" if number else "", *_spaced(piece, centered=centered)]
    return "\n".join(lines)


def centered(text: str) -> str:
    """Return it so with rows that are centered between their lines.

    Lists have commas then: nothing else tells in which row the upper line of one is.
    """
    lists = re.compile(r"(?<=[a-zA-Z0-9]) (?=TLS_|[A-Z][a-z]+\.[A-Z]|Voltage|SoC)")
    rows = (lists.sub(", ", line) if line.startswith(("C-40.", "C-41")) else line for line in text.split("\n"))
    return layout("\n".join(rows), centered=True)


def _pages(table: list[Row]) -> Iterator[list[Row]]:
    headed = table[0][0] in HEADS
    rows = table[1:] if headed else table
    for at in range(0, max(len(rows), 1), PAGE):
        yield [*([table[0]] if headed else []), *rows[at : at + PAGE]]


def _spaced(table: list[Row], *, centered: bool) -> Iterator[str]:
    wrapped = [[textwrap.wrap(cell, WIDE, break_long_words=False) for cell in row] for row in table]
    columns = range(len(table[0]))
    widths = [max((len(line) for row in wrapped for line in row[at]), default=0) + 3 for at in columns]
    for row in wrapped:
        height = max((len(cell) for cell in row), default=0)
        height += centered and height % 2 == 0 and height > 0
        cells = [_placed(cell, height, centered=centered) for cell in row]
        for number in range(height):
            line = "".join(cells[at][number].ljust(widths[at]) for at in columns)
            yield f" {line.rstrip()}"


def _placed(cell: list[str], height: int, *, centered: bool) -> list[str]:
    if not centered:
        return [*cell, *[""] * (height - len(cell))]
    # Half a line is not to be had in text: one of two stands above the middle, the other below it.
    parted = [cell[0], "", cell[1]] if len(cell) == 2 else cell
    above = (height - len(parted)) // 2
    return [*[""] * above, *parted, *[""] * (height - len(parted) - above)]


def paragraphs(text: str) -> str:
    """Return it as `pdftotext` writes it: a paragraph a cell, and nothing of those that are empty."""
    parts: list[str] = []
    for block in blocks(text):
        if isinstance(block, str):
            parts.append(block.lstrip("# "))
        else:
            parts += [
                "\n".join(textwrap.wrap(cell, WIDE, break_long_words=False)) for row in block for cell in row if cell
            ]
    return "\n\n".join(parts)


FORMS: dict[str, Callable[[str], str]] = {
    "tabs": tabs,
    "windows": windows,
    "markdown": markdown,
    "layout": layout,
    "centered": centered,
    "paragraphs": paragraphs,
}
"""Forms that a text file has."""


def typeset(text: str) -> str:
    """Return the source of a paper with ruled tables, for typst."""
    parts = ['#set page(paper: "a4", flipped: true, margin: 1.5cm)\n#set text(size: 8pt, hyphenate: false)\n']
    for block in blocks(text):
        parts.append(f"{_quoted(block.lstrip('# '))}\n\n" if isinstance(block, str) else _ruled(padded(block)))
    return "".join(parts)


def _ruled(table: list[Row]) -> str:
    def cells(row: Iterable[str]) -> str:
        return ", ".join(f"[{_quoted(cell)}]" for cell in row)

    columns = ", ".join(["auto", *["1fr"] * (len(table[0]) - 1)])
    head = f"table.header({cells(table[0])}), " if table[0][0] in HEADS else f"{cells(table[0])}, "
    rows = ", ".join(cells(row) for row in table[1:])
    return f"#table(columns: ({columns}), align: left + horizon, {head}{rows})\n\n"


def _quoted(text: str) -> str:
    escaped = re.sub(r'(["\\])', r"\\\1", text)
    return f'#"{escaped}"'
