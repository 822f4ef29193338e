"""A long table as plain text: hundreds of rows at once, in a tenth of the time that a drawn one takes."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from shutil import get_terminal_size
from textwrap import wrap

from ohmstead.wire.printable import printable

BOLD, DIM, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"
GAP = "  "
NARROWEST = 12
"""Columns of text that a cell has at least before its lines are wrapped."""


def lines(columns: Sequence[str], rows: Iterable[Sequence[str]], width: int | None) -> Iterator[list[str]]:
    """Yield the lines of each row, the head first; the first column is never wrapped.

    Args:
        columns: heads.
        rows: cells, as many as there are columns.
        width: of the terminal in characters; None: a row is a line, however long.
    """
    table = [list(columns), *([printable(cell) for cell in row] for row in rows)]
    widths = [max(len(row[at]) for row in table) for at in range(len(columns))]
    if width is not None:
        widths = _fitting(widths, width - len(GAP) * (len(columns) - 1))
    for row in table:
        cells = [
            wrap(cell, most) or [""] if len(cell) > most else [cell] for cell, most in zip(row, widths, strict=True)
        ]
        yield [
            GAP.join(f"{part:{most}}" for part, most in zip(parts, widths, strict=True)).rstrip()
            for parts in zip_longest(*cells, fillvalue="")
        ]


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, faint: Sequence[bool]) -> str:
    """Return a table as stdout shows it: wrapped and with styles at a terminal, a line a row in a pipe or file.

    Args:
        columns: heads.
        rows: cells, as many as there are columns.
        faint: for each row, whether it matters less.
    """
    at_terminal = sys.stdout.isatty()
    width = get_terminal_size((80, 24)).columns if at_terminal else None
    styled = at_terminal and not os.environ.get("NO_COLOR")
    styles = [BOLD, *(DIM if one else "" for one in faint)]
    found = [
        f"{style}{line}{PLAIN}" if styled and style else line
        for style, some in zip(styles, lines(columns, rows, width), strict=True)
        for line in some
    ]
    return "\n".join(found) + "\n"


def _fitting(widths: list[int], most: int) -> list[int]:
    """Return widths that fit, the widest of the columns behind the first narrowed."""
    found = list(widths)
    while sum(found) > most:
        widest = max(range(1, len(found)), key=lambda at: found[at], default=0)
        if found[widest] <= NARROWEST:
            break
        found[widest] -= 1
    return found
