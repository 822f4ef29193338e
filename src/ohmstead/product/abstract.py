"""What the lines of an abstract say, each fact with the line that said it, before anything is concluded from it."""

import re
from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from ohmstead.product import layout, paragraphs
from ohmstead.product.features import FEATURES, PROFILES
from ohmstead.product.lines import ID, CertificateLine, canonical, lines
from ohmstead.product.words import FIGURES, KEYS, SECTIONS


class Note(msgspec.Struct, frozen=True):
    """Something that a reader of an abstract should know: a typing error put right, a line not understood."""

    line: int
    """0: the text as a whole."""
    severity: Literal["note", "warning", "error"]
    text: str
    contradicts: bool = False
    """Two lines do not go together, and the text says how they were read; a strict reader refuses it."""

    @property
    def placed(self) -> str:
        """The text with its line."""
        return f"line {self.line}: {self.text}" if self.line else self.text


class CertificateError(Exception):
    """An abstract that no product can be made of: everything that is wrong, each with its line and reason."""

    def __init__(self, line: int, reason: str, others: Iterable[Note] = ()) -> None:
        self.line = line
        """Of the first; 0: the text as a whole."""
        self.reason = reason
        self.errors = (Note(line, "error", reason), *others)
        super().__init__("\n".join(error.placed for error in self.errors))


class Statement(msgspec.Struct, frozen=True):
    """What one line says about one thing."""

    line: int
    value: str
    label: str = ""
    tested: str = ""
    """What the laboratory tested, where the table has a column for it beside what the vendor says."""


class TableRow(msgspec.Struct, frozen=True):
    """One row of a table that has no ids, cells by the role of their column."""

    line: int
    cells: dict[str, str]


class Abstract(msgspec.Struct):
    """The facts of an abstract."""

    header: dict[str, Statement] = {}
    """`Firmware Version` ... (the keys of `KEYS`)."""
    results: dict[str, Statement] = {}
    """Certification profile -> result."""
    answers: dict[str, Statement] = {}
    """Feature, question or setting id -> answer."""
    evses: list[TableRow] = []
    limits: dict[str, TableRow] = {}
    measured: dict[str, TableRow] = {}
    words: dict[str, str] = {}
    """What a paper said, where an earlier reader read it otherwise (the table that a report prints of it)."""
    notes: list[Note] = []
    errors: list[Note] = []

    def note(self, line: int, text: str) -> None:
        """Remember that something was put right or concluded."""
        self.notes.append(Note(line, "note", text))

    def warn(self, line: int, text: str) -> None:
        """Remember that something was not understood or is doubtful."""
        self.notes.append(Note(line, "warning", text))

    def contradict(self, line: int, text: str) -> None:
        """Remember that lines do not go together, and how they were read."""
        self.notes.append(Note(line, "warning", text, contradicts=True))

    def fail(self, line: int, reason: str) -> None:
        """Remember why no product can be made of this; the reader goes on, to find what else is wrong."""
        self.errors.append(Note(line, "error", reason))

    def kept(self, identifier: str, written: str) -> None:
        """Keep the words of the paper about something that was read otherwise."""
        self.words.setdefault(identifier, written)


UNSEPARATED_ROW = "the columns of this row are not separated"
UNSEPARATED = re.compile(r"(\S+)\s+(.+?)\s+(Yes|No)", re.I)
REFERENCE = re.compile(r"reference specification (OCPP [\d.]+J?(?: ?\([^)]*\))?)")
LIST = re.compile(r"(?:TLS_[A-Z0-9_]+|[A-Z][A-Za-z]+(?:\.[A-Z][a-z]+){1,3}|HTTPS?|S?FTPS?)(?:[\s,;]+|$)")
SIGNED = "for the open charge alliance"
PAIR = re.compile(r"([^:]{2,70}):\s*(\S.*)")


def read(text: str) -> Abstract:
    """Collect the facts of an abstract.

    Where one line contradicts another that is an error of the abstract; a line that is not understood is a warning.
    """
    reader = _AbstractReader()
    for line in _lines(text):
        reader.take(line)
    return reader.abstract


def _lines(text: str) -> Iterator[CertificateLine]:
    """Return the lines of a text by the way in which it keeps the cells of its tables apart."""
    if layout.is_layout(text):
        return layout.lines(text)
    return paragraphs.lines(text) if paragraphs.is_paragraphs(text) else lines(text)


class _AbstractReader:
    """The place in the text: which section and table a line belongs to."""

    def __init__(self) -> None:
        self.abstract = Abstract()
        self.section = ""
        self.table = ""
        self.columns: tuple[str, ...] = ()
        self.last = ""
        """Id of the answer that a following line may continue."""
        self.before = ""
        """The text of the line before."""

    def take(self, line: CertificateLine) -> None:
        name = line.first.lower().rstrip(":")
        if line.kind == "heading" or (line.kind == "text" and name in SECTIONS):
            self._open(line, name)
        elif line.kind == "row":
            self._row(line)
        else:
            self._text(line)

    def _open(self, line: CertificateLine, name: str) -> None:
        self.section, self.table, self.columns, self.last = name, "", (), ""
        if name not in SECTIONS and "certificat" not in name:
            self.abstract.warn(line.number, f"section {line.first!r} is not known; its tables are read by their ids")

    def _text(self, line: CertificateLine) -> None:
        text = line.first
        joined, self.before = f"{self.before} {text}".strip(), text
        if REFERENCE.search(text) or self._referred(line.number, joined):
            self._referred(line.number, text)
        elif (pair := PAIR.fullmatch(text)) and pair[1].lower() in KEYS:
            self._key(line.number, pair[1].lower(), pair[2])
        elif ID.match(text):
            self._unseparated(line)
        elif self._goes_on(text):
            said = self.abstract.answers[self.last]
            self.abstract.answers[self.last] = msgspec.structs.replace(said, value=f"{said.value} {text}")
        elif text.lower().startswith(SIGNED):
            self.section = SIGNED
        elif not self._prose(text):
            self.abstract.warn(line.number, f"not understood: {_short(text)}")

    def _goes_on(self, text: str) -> bool:
        """Say whether a line is more of the list above it."""
        lists = bool(self.last) and FEATURES[self.last].kind == "value"
        return lists and LIST.match(text) is not None and not LIST.sub("", text)

    def _referred(self, number: int, text: str) -> bool:
        """Take the specification that was tested against; its name may go on in the next line."""
        match, known = REFERENCE.search(text), self.abstract.header.get("reference specification")
        if match is None or (known is not None and not match[1].startswith(known.value)):
            return False
        grown = known is None or len(match[1]) > len(known.value)
        if grown:
            self.abstract.header["reference specification"] = Statement(known.line if known else number, match[1])
        return grown

    def _prose(self, text: str) -> bool:
        """Say whether a line is a sentence of the form, or a name in one of its two signatures."""
        words = len(text.split())
        sentence = words >= 12 or (words >= 4 and text.endswith((".", ":", ";", "?", "!")))
        return sentence or self.section in (SIGNED, "statement of approval")

    def _unseparated(self, line: CertificateLine) -> None:
        match = UNSEPARATED.fullmatch(line.first)
        if match and ID.fullmatch(match[1]):
            self.abstract.note(line.number, f"{UNSEPARATED_ROW}; read as id, feature, answer")
            self._answer(line.number, match[1], match[2], (match[3],))
        else:
            self.abstract.warn(line.number, f"a row without columns, left out: {_short(line.first)}")

    def _row(self, line: CertificateLine) -> None:
        first = line.first.lower().rstrip(":")
        roles = tuple(_role(cell) for cell in line.cells)
        if self.table == "words" and first != "id":
            self.abstract.words[canonical(line.first)] = line.cells[1] if len(line.cells) > 1 else ""
        elif ID.fullmatch(line.first):
            self._answer(line.number, line.first, line.cells[1] if len(line.cells) > 1 else "", line.cells[2:])
        elif first == "id":
            self.table, self.columns, self.last = ("words" if "written" in roles else "ids"), roles, ""
        elif not first and self.table == "ids" and self.last:
            self._wrapped(line)
        elif roles[0] == "evse" and "type" in roles:
            self.table, self.columns = "evses", roles
        elif first == "certification profile":
            self.table, self.columns = "results", roles
        elif first == "name" and "max" in roles:
            self.table, self.columns = ("measured" if "average" in roles else "limits"), roles
        elif first == "applied":
            self.table = "evidence"
        elif first in KEYS and self._said(first):
            self._key(line.number, first, line.cells[1] if len(line.cells) > 1 else "")
        else:
            self._row_of_table(line, first)

    def _wrapped(self, line: CertificateLine) -> None:
        """Take a row without an id as the next line of the cells above."""
        said = self.abstract.answers[self.last]
        cells = dict(zip(self.columns, line.cells, strict=False))
        label = line.cells[1] if len(line.cells) > 1 else ""
        value = cells.get("vendor") or cells.get("value") or ""
        self.abstract.answers[self.last] = msgspec.structs.replace(
            said,
            value=f"{said.value} {value}".strip(),
            label=f"{said.label} {label}".strip(),
            tested=f"{said.tested} {cells.get('tested', '')}".strip(),
        )

    def _said(self, key: str) -> bool:
        # The statement of approval repeats "Location" for the places where people sat.
        return self.section != "statement of approval" or key.startswith(("octt", "firmware image"))

    def _row_of_table(self, line: CertificateLine, first: str) -> None:
        row = TableRow(line.number, dict(zip(self.columns, line.cells, strict=False)))
        figure = FIGURES.get(first.replace(" ", ""))
        profile = next((name for name in PROFILES if name.lower() == first), None)
        if self.table == "evses" and (not first or first[0].isdigit()):
            self._evse(row)
        elif self.table == "results" and profile is not None:
            said = Statement(line.number, row.cells.get("result", ""))
            self._once(self.abstract.results, profile, said, f"the result of {profile}")
        elif figure is not None and self.table == "limits":
            self.abstract.limits[figure] = row
        elif figure is not None and self.table == "measured":
            self.abstract.measured[figure] = row
        elif self.table != "evidence" and self.section != "statement of approval":
            self.abstract.warn(line.number, f"not understood: {_short(' | '.join(line.cells))}")

    def _evse(self, row: TableRow) -> None:
        """Take a row of the EVSE table; one with neither EVSE nor connector is the next line of the row above."""
        above = self.abstract.evses[-1] if self.abstract.evses else None
        if above is None or row.cells.get("evse") or row.cells.get("connector"):
            self.abstract.evses.append(row)
            return
        more = {role: text for role, text in row.cells.items() if text}
        cells = {role: f"{above.cells.get(role, '')} {text}".strip() for role, text in more.items()}
        self.abstract.evses[-1] = TableRow(above.line, {**above.cells, **cells})

    def _key(self, number: int, key: str, value: str) -> None:
        if not value:
            return
        if key in self.abstract.header and key not in ("firmware version", "product designation"):
            if self.abstract.header[key].value != value:
                first = self.abstract.header[key]
                self.abstract.warn(number, f"another {key}, {value!r}; line {first.line} is used, {first.value!r}")
            return
        self._once(self.abstract.header, key, Statement(number, value), key)

    def _answer(self, number: int, written: str, label: str, values: tuple[str, ...]) -> None:
        identifier = canonical(written)
        if identifier not in FEATURES:
            self.abstract.warn(number, f"{written} is no id of an OCPP 2.0.1 abstract; the row is left out")
            return
        if identifier != written:
            self.abstract.note(number, f"{written} is read as {identifier}")
        by_role = dict(zip(self.columns[2:], values, strict=False)) if self.table == "ids" else {}
        tested = by_role.get("tested", "")
        value = by_role.get("vendor") or by_role.get("value") or tested or next(iter(values), "")
        self._once(self.abstract.answers, identifier, Statement(number, value, label, tested), identifier)
        self.last = identifier

    def _once(self, place: dict[str, Statement], key: str, said: Statement, what: str) -> None:
        before = place.get(key)
        if before is None or not before.value:
            place[key] = said
        elif said.value and said.value.lower() != before.value.lower():
            self.abstract.fail(said.line, f"{what} is {said.value!r} here and {before.value!r} in line {before.line}")


ROLES = (
    ("written", "written"), ("cable", "cable"),
    ("vendor", "vendor"), ("tested", "tested"), ("supported", "value"), ("present", "value"),
    ("answer", "value"), ("result", "result"), ("average", "average"), ("min", "min"), ("max", "max"),
    ("unit", "unit"), ("phase", "phases"), ("current", "current"), ("type", "type"), ("evse", "evse"),
    ("connector", "connector"), ("value", "value"),
)  # fmt: skip


def _role(title: str) -> str:
    """Return what a column holds, by its title; the first word of ROLES that occurs in it decides."""
    lower = title.lower()
    return next((role for word, role in ROLES if word in lower), lower)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
