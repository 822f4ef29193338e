"""What the lines of an abstract say, each fact with the line that said it, before anything is concluded from it."""

import re
from typing import Literal

import msgspec

from ohmstead.product.features import FEATURES, PROFILES
from ohmstead.product.lines import CertificateLine, lines


class CertificateError(Exception):
    """An abstract that no product can be made of: the line (0: the text as a whole) and the reason."""

    def __init__(self, line: int, reason: str) -> None:
        self.line = line
        self.reason = reason
        super().__init__(f"line {line}: {reason}" if line else reason)


class Note(msgspec.Struct, frozen=True):
    """Something that a reader of an abstract should know: a typing error put right, a line not understood."""

    line: int
    """0: the text as a whole."""
    severity: Literal["note", "warning"]
    text: str


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
    notes: list[Note] = []

    def note(self, line: int, text: str) -> None:
        """Remember that something was put right or concluded."""
        self.notes.append(Note(line, "note", text))

    def warn(self, line: int, text: str) -> None:
        """Remember that something was not understood or is doubtful."""
        self.notes.append(Note(line, "warning", text))


KEYS = (
    "certificate holder", "certificate number", "product type", "product subtype", "product designation",
    "firmware version", "certification date", "test laboratory", "location", "test report reference", "vendor name",
    "device under test", "config id", "octt version", "octt instance id", "firmware image hash",
    "communication technology used during performance measurement",
)  # fmt: skip
"""What stands beside a value outside the tables with ids."""
SECTIONS = (
    "abstract of the test report", "test report ocpp 2.0.1 certification",
    "test result summary for the certified functionalities", "hardware feature set", "optional features",
    "core", "advanced security", "smart charging", "iso 15118 support", "iso 15118", "reservation", "reservations",
    "local authorization list management", "advanced device management", "advanced user interface",
    "additional questions", "other relevant settings", "performance measurement result",
    "performance measurement results", "statement of approval",
)  # fmt: skip
FIGURES = {
    "ocpp response time": "response",
    "ocpp triggered function response time": "triggered",
    "transaction authorization time by requeststarttransactionrequest": "start",
    "transaction authorization end time by requeststoptransactionrequest": "stop",
}
ID = re.compile(r"(HFS|C|R|DM|LA|UI|AS|AQ|ORS|SC|ISO)\s*[-\u2010-\u2015\u2212]\s*(\d{1,3})((?:\.\d{1,2})?)", re.I)
UNSEPARATED = re.compile(r"(\S+)\s+(.+?)\s+(Yes|No)", re.I)
REFERENCE = re.compile(r"reference specification (OCPP [\d.]+J?(?: ?\([^)]*\))?)")
LIST = re.compile(r"(?:TLS_[A-Z0-9_]+|[A-Z][A-Za-z]+(?:\.[A-Z][a-z]+){1,3}|HTTPS?|S?FTPS?)(?:[\s,;]+|$)")
SIGNED = "for the open charge alliance"
PAIR = re.compile(r"([^:]{2,70}):\s*(\S.*)")


def read(text: str) -> Abstract:
    """Collect the facts of an abstract.

    Raises CertificateError where one line contradicts another; a line that is not understood becomes a warning.
    """
    reader = _AbstractReader()
    for line in lines(text):
        reader.take(line)
    return reader.abstract


class _AbstractReader:
    """The place in the text: which section and table a line belongs to."""

    def __init__(self) -> None:
        self.abstract = Abstract()
        self.section = ""
        self.table = ""
        self.columns: tuple[str, ...] = ()
        self.last = ""
        """Id of the answer that a following line may continue."""

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
        if reference := REFERENCE.search(text):
            self._key(line.number, "reference specification", reference[1])
        elif (pair := PAIR.fullmatch(text)) and pair[1].lower() in KEYS:
            self._key(line.number, pair[1].lower(), pair[2])
        elif ID.match(text):
            self._unseparated(line)
        elif self.last and LIST.match(text) and not LIST.sub("", text):
            said = self.abstract.answers[self.last]
            self.abstract.answers[self.last] = msgspec.structs.replace(said, value=f"{said.value} {text}")
        elif text.lower().startswith(SIGNED):
            self.section = SIGNED
        elif not self._prose(text):
            self.abstract.warn(line.number, f"not understood: {_short(text)}")

    def _prose(self, text: str) -> bool:
        """Say whether a line is a sentence of the form, or a name in one of its two signatures."""
        words = len(text.split())
        sentence = words >= 12 or (words >= 4 and text.endswith((".", ":", ";", "?", "!")))
        return sentence or self.section in (SIGNED, "statement of approval")

    def _unseparated(self, line: CertificateLine) -> None:
        match = UNSEPARATED.fullmatch(line.first)
        if match and ID.fullmatch(match[1]):
            self.abstract.note(line.number, "the columns of this row are not separated; read as id, feature, answer")
            self._answer(line.number, match[1], match[2], (match[3],))
        else:
            self.abstract.warn(line.number, f"a row without columns, left out: {_short(line.first)}")

    def _row(self, line: CertificateLine) -> None:
        first = line.first.lower().rstrip(":")
        roles = tuple(_role(cell) for cell in line.cells)
        if ID.fullmatch(line.first):
            self._answer(line.number, line.first, line.cells[1] if len(line.cells) > 1 else "", line.cells[2:])
        elif first == "id":
            self.table, self.columns, self.last = "ids", roles, ""
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

    def _said(self, key: str) -> bool:
        # The statement of approval repeats "Location" for the places where people sat.
        return self.section != "statement of approval" or key.startswith(("octt", "firmware image"))

    def _row_of_table(self, line: CertificateLine, first: str) -> None:
        row = TableRow(line.number, dict(zip(self.columns, line.cells, strict=False)))
        figure = FIGURES.get(first)
        profile = next((name for name in PROFILES if name.lower() == first), None)
        if self.table == "evses" and (not first or first[0].isdigit()):
            self.abstract.evses.append(row)
        elif self.table == "results" and profile is not None:
            said = Statement(line.number, row.cells.get("result", ""))
            self._once(self.abstract.results, profile, said, f"the result of {profile}")
        elif figure is not None and self.table == "limits":
            self.abstract.limits[figure] = row
        elif figure is not None and self.table == "measured":
            self.abstract.measured[figure] = row
        elif self.table != "evidence" and self.section != "statement of approval":
            self.abstract.warn(line.number, f"not understood: {_short(' | '.join(line.cells))}")

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
            reason = f"{what} is {said.value!r} here and {before.value!r} in line {before.line}"
            raise CertificateError(said.line, reason)


def canonical(written: str) -> str:
    """Return an id in the spelling of Part 5: `c-9.1` -> `C-09.1`, `HFS–1` -> `HFS-1`."""
    match = ID.fullmatch(written)
    if match is None:
        return written
    prefix, number = match[1].upper(), int(match[2])
    return f"{prefix}-{number:02d}{match[3]}" if prefix == "C" else f"{prefix}-{number}{match[3]}"


ROLES = (
    ("cable", "cable"), ("vendor", "vendor"), ("tested", "tested"), ("supported", "value"), ("present", "value"),
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
