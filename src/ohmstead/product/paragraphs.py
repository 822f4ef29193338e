"""Text whose tables have lost their columns, as `pdftotext` writes it: a paragraph a cell, and empty cells are gone."""

import re
from collections.abc import Iterator

import msgspec

from ohmstead.product.features import FEATURES, PROFILES
from ohmstead.product.lines import INVISIBLE, RULE, CertificateLine, canonical, clean, is_id
from ohmstead.product.words import FIGURES, KEYS, SECTIONS

RESULT = re.compile(r"pass(ed)?|fail(ed)?|not tested|not applicable|n/a", re.IGNORECASE)
ANSWER = re.compile(r"yes|no", re.IGNORECASE)
FIGURE = re.compile(r"[\d.,]+|not measurable|n/a|-")
CABLE = re.compile(r"fixed|captive|attached|detach|socket|loose", re.IGNORECASE)
TITLE = re.compile(r"tested|supported|present|vendor|value|feature|unit|description|result", re.IGNORECASE)
MOST = {"heading": 2, "flag": 3}
"""Cells of a row by the kind of its feature; else there are as many as titles."""
PHASES = re.compile(r"[123](, ?[123])*")
EVSE_TITLES = ("measured", "evse", "current", "phases", "connector", "type", "cable type", "cable")
HEADS = ("id", "evse", "certification profile", "name")
FEWEST = 3
"""Ids that stand alone in a line: so many make a text of this kind."""


class Paragraph(msgspec.Struct, frozen=True):
    """Lines without an empty one between them."""

    number: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.lines)

    @property
    def word(self) -> str:
        return self.text.lower().rstrip(":")


def is_paragraphs(text: str) -> bool:
    """Say whether ids stand alone in their lines."""
    return sum(is_id(line.strip()) for line in text.splitlines()) >= FEWEST


def lines(text: str) -> Iterator[CertificateLine]:
    """Yield the lines of a text, the cells of a row together."""
    reader = _Cells()
    for paragraph in _paragraphs(text):
        yield from reader.take(paragraph)
    yield from reader.end()


def _paragraphs(text: str) -> Iterator[Paragraph]:
    found: list[str] = []
    begin = 0
    for number, line in enumerate([*re.split(r"\r\n|\r|\n", text), ""], start=1):
        plain = clean(line.replace("\f", "").translate(INVISIBLE))
        parts = found and (_alone(plain) or _alone(found[-1]) or RULE.fullmatch(plain))
        if parts:
            yield Paragraph(begin, tuple(found))
            found = []
        if RULE.fullmatch(plain):
            continue
        if plain and not found:
            begin = number
        if plain:
            found.append(plain)
        elif found:
            yield Paragraph(begin, tuple(found))
            found = []


def _alone(line: str) -> bool:
    """Say whether a line begins a section or the head of a table, whatever stands above and below it."""
    return line.lower().rstrip(":") in (*HEADS, *SECTIONS)


class _Cells:
    """The row that the next cell belongs to."""

    def __init__(self) -> None:
        self.kind = ""
        """Of the table: the first word of its head."""
        self.head: list[str] = []
        self.headed = 0
        """The line of a head whose titles still come."""
        self.rows: list[tuple[int, list[str]]] = []
        """Rows that have begun; ids may come before all of their cells."""

    def take(self, one: Paragraph) -> Iterator[CertificateLine]:
        """Take a paragraph; yield the rows that are whole."""
        if all(map(is_id, one.lines)):
            yield from self._begin_rows(one)
        elif one.word in HEADS:
            yield from self._begin_table(one)
        elif self.headed and self._is_title(one):
            self.head.append(one.text)
        elif self.kind == "evse" and self._of_an_evse(one):
            self.rows.append((one.number, list(one.lines)))
        elif self.kind in ("certification profile", "name") and self._names_a_row(one):
            yield from self.end()
            self.rows = [(one.number, self._name_and_more(one))]
        elif self.rows and self.kind != "evse" and (self._wants_its_label() or not self._is_section(one)):
            yield from self._cell(one)
        else:
            yield from self._text(one)

    def end(self) -> Iterator[CertificateLine]:
        """Yield what has begun."""
        yield from self._titles()
        rows, self.rows = self.rows, []
        if self.kind == "evse":
            yield from _evses(rows)
            self.kind = ""
            return
        for number, cells in rows:
            yield CertificateLine(number, "row", tuple(_parted(cells)))

    def _begin_rows(self, one: Paragraph) -> Iterator[CertificateLine]:
        yield from self.end()
        self.kind = "id"
        self.rows += [(one.number + at, [line]) for at, line in enumerate(one.lines)]

    def _begin_table(self, one: Paragraph) -> Iterator[CertificateLine]:
        yield from self.end()
        self.kind, self.head, self.headed = one.word, [one.text], one.number

    def _titles(self) -> Iterator[CertificateLine]:
        """Yield the head once it is known to be whole."""
        if self.headed and self.kind != "evse":
            yield CertificateLine(self.headed, "row", tuple(self.head))
        self.headed = 0

    def _is_title(self, one: Paragraph) -> bool:
        if self.kind == "evse":
            return one.word in EVSE_TITLES
        if self.kind == "id":
            return True
        return TITLE.search(one.text) is not None and len(one.text.split()) < 6

    def _of_an_evse(self, one: Paragraph) -> bool:
        words = (len(line.split()) == 1 or CABLE.search(line) or PHASES.fullmatch(line) for line in one.lines)
        return one.word in EVSE_TITLES or all(words)

    def _names_a_row(self, one: Paragraph) -> bool:
        if self.kind == "name":
            return self._name_and_more(one)[0].lower().replace(" ", "") in FIGURES
        return one.text in PROFILES

    def _name_and_more(self, one: Paragraph) -> list[str]:
        """Part the name of a row from the figures that stand between its lines."""
        figures = [line for line in one.lines if FIGURE.fullmatch(line)] if self.kind == "name" else []
        return [" ".join(line for line in one.lines if line not in figures), *figures]

    def _wants_its_label(self) -> bool:
        """A feature may have the name of a section: R-0, Reservation."""
        return self.kind == "id" and len(self.rows[0][1]) == 1

    def _is_section(self, one: Paragraph) -> bool:
        return one.word in SECTIONS or (one.word in KEYS and self.kind != "id")

    def _cell(self, one: Paragraph) -> Iterator[CertificateLine]:
        """Give a cell to the first row that lacks one; a row that has all of them ends."""
        yield from self._titles()
        cells = self.rows[0][1]
        feature = FEATURES.get(canonical(cells[0])) if self.kind == "id" else None
        most = MOST.get(feature.kind, 0) if feature is not None else 0
        most = most or (2 if self.kind == "key" else max(len(self.head), 3))
        if len(cells) >= most:
            yield from self.end()
            yield from self._text(one)
            return
        if feature is not None and feature.kind == "flag" and len(cells) == 2 and ANSWER.fullmatch(one.lines[0]):
            cells.append(one.lines[0])
            rest = Paragraph(one.number + 1, one.lines[1:])
            yield from self.take(rest) if rest.lines else ()
            return
        cells.append(one.text)
        if len(cells) == most and len(self.rows) > 1:
            number, whole = self.rows.pop(0)
            yield CertificateLine(number, "row", tuple(whole))

    def _text(self, one: Paragraph) -> Iterator[CertificateLine]:
        yield from self.end()
        if one.word in KEYS:
            self.kind, self.head, self.rows = "key", ["", ""], [(one.number, [one.text])]
            return
        if one.word in SECTIONS:
            self.kind = ""
        for at, line in enumerate(one.lines):
            key, colon, value = line.partition(":")
            if not value and at + 1 == len(one.lines) and key.lower() in KEYS:
                self.kind, self.head, self.rows = "key", ["", ""], [(one.number + at, [line])]
            else:
                yield CertificateLine(one.number + at, "text", (f"{key}{colon}{value}",))


def _parted(cells: list[str]) -> list[str]:
    """Part a label from the answer that stands in the same paragraph."""
    match = re.fullmatch(r"(.+) (Yes|No)", cells[1]) if len(cells) == 2 else None
    return [cells[0], match[1], match[2]] if match else cells


def _evses(rows: list[tuple[int, list[str]]]) -> Iterator[CertificateLine]:
    """Yield the rows of the EVSE table: AC or DC begins one, its number stands before it or with all others above."""
    words = [(number, word) for number, lines_of in rows for word in lines_of if word.lower() not in EVSE_TITLES]
    if not words:
        return
    yield CertificateLine(words[0][0], "row", ("EVSE", "Current", "Phases", "Connector", "Type", "Cable Type"))
    starts = [at for at, (_, word) in enumerate(words) if word.upper() in ("AC", "DC")]
    before = [word for _, word in words[: starts[0]]] if starts else []
    together = len(before) == len(starts) > 1 and all(word.isdigit() for word in before)
    for place, at in enumerate(starts):
        over = starts[place + 1] if place + 1 < len(starts) else len(words)
        cells = [word for _, word in words[at:over]]
        number = before[place] if together else words[at - 1][1] if at else ""
        if not together and place + 1 < len(starts) and len(cells) > 1:
            cells.pop()
        cable = " ".join(word for word in cells[1:] if CABLE.search(word))
        numbers = [word for word in cells[1:] if re.fullmatch(r"[\d, ]+", word)]
        kinds = [word for word in cells[1:] if word not in numbers and not CABLE.search(word)]
        phases = numbers[0] if len(numbers) > 1 else ""
        connector = numbers[-1] if numbers else ""
        yield CertificateLine(words[at][0], "row", (number, cells[0], phases, connector, " ".join(kinds), cable))
