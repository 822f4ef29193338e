"""The text of an abstract as lines that know their number: headings, table rows and plain text.

Rows are tab-separated or in markdown's pipes. What a conversion to text leaves behind (bold, entities, escapes such as
`V2.0.1\\_OCPP`, non-breaking spaces) is taken off here, so that nothing behind it has to know.
"""

import html
import re
from collections.abc import Iterator
from typing import Literal

import msgspec

TAG = re.compile(r"</?[A-Za-z][^<>]*>")
BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|~<>&])")
RULE = re.compile(r":?-{2,}:?")
INVISIBLE = str.maketrans({"\ufeff": None, "\u200b": None, "\u00ad": None, "\u00a0": " ", "\u202f": " ", "\u2007": " "})
ESCAPED_PIPE = "\x00"
ID = re.compile(r"(HFS|C|R|DM|LA|UI|AS|AQ|ORS|SC|ISO)\s*[-\u2010-\u2015\u2212]\s*(\d{1,3})((?:\.\d{1,2})?)", re.I)
"""An id of Part 5, in any spelling."""


PLACE = re.compile(r"EVSE \d{1,3}\.\d{1,3}")
"""A connector, where a report says what the paper called it."""


def is_id(text: str) -> bool:
    """Say whether a text is an id and nothing else."""
    return (ID.fullmatch(text) or PLACE.fullmatch(text)) is not None


class CertificateLine(msgspec.Struct, frozen=True):
    """One line that says something."""

    number: int
    """Counted from 1."""
    kind: Literal["heading", "row", "text"]
    cells: tuple[str, ...]
    """Headings and text have one."""

    @property
    def first(self) -> str:
        return self.cells[0]


def lines(text: str) -> Iterator[CertificateLine]:
    """Yield the lines of a text that are neither empty nor the rule under a table's header."""
    # Only the line ends of text files count: str.splitlines would also split at form feeds and shift the numbers.
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        line = raw.translate(INVISIBLE)
        cells = _cells(line)
        if cells is not None:
            if any(cells) and not all(not cell or RULE.fullmatch(cell) for cell in cells):
                yield CertificateLine(number, "row", cells)
            continue
        stripped = line.strip()
        title = clean(stripped.lstrip("#")) if stripped.startswith("#") else ""
        if title:
            yield CertificateLine(number, "heading", (title,))
        elif plain := clean(stripped):
            yield CertificateLine(number, "text", (plain,))


def _cells(line: str) -> tuple[str, ...] | None:
    """Return the cells of a table row, None where the line is no row."""
    stripped = line.strip()
    if stripped.startswith("|"):
        inner = stripped.replace("\\|", ESCAPED_PIPE).removeprefix("|").removesuffix("|")
        return tuple(clean(cell.replace(ESCAPED_PIPE, "|")) for cell in inner.split("|"))
    if "\t" in line.rstrip():
        return tuple(clean(cell) for cell in line.rstrip("\r\n").split("\t"))
    return None


def clean(text: str) -> str:
    """Return the text without markup, escapes and surplus space."""
    text = TAG.sub("", BREAK.sub(" ", text))
    text = re.sub(r"(?<!\\)(\*\*|__|`)", "", text)
    text = html.unescape(ESCAPE.sub(r"\1", text))
    return " ".join(text.split())


def canonical(written: str) -> str:
    """Return an id in the spelling of Part 5: `c-9.1` -> `C-09.1`, `HFS–1` -> `HFS-1`."""
    match = ID.fullmatch(written)
    if match is None:
        return written
    prefix, number = match[1].upper(), int(match[2])
    return f"{prefix}-{number:02d}{match[3]}" if prefix == "C" else f"{prefix}-{number}{match[3]}"
