"""The wire log of a case, read: frames with action and payload, and which of them a finding is about."""

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import msgspec

from ohmstead.lab.cases.value_words import words_of
from ohmstead.lab.report.json_paths import Path, key_of, place_of, value_at
from ohmstead.lab.verdict import Finding, LogEntry
from ohmstead.wire.actions import ACTIONS

Json: TypeAlias = object
CALL, RESULT, ERROR = 2, 3, 4
OF_VALUES = ("sampledValue",)
"""Heads of fields that are in more than one message."""
VALUES = "MeterValuesRequest or TransactionEventRequest"


class WireLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the log."""

    at: float
    way: str
    text: str
    kind: int = 0
    """2 CALL, 3 CALLRESULT, 4 CALLERROR; 0: a remark, or what is no frame."""
    id: str = ""
    message: str = ""
    """`TransactionEventRequest`, `ResetResponse`; of an error the response in whose place it came."""
    payload: Json = None
    began: bool = False
    """The case begins behind it: what was before is its preparation."""


def wire_lines(log: Sequence[LogEntry]) -> tuple[WireLine, ...]:
    """Read a log."""
    return tuple(_lines(log))


def _lines(log: Sequence[LogEntry]) -> Iterator[WireLine]:
    actions: dict[tuple[str, str], str] = {}
    for entry in log:
        line = WireLine(at=entry.at, way=entry.way, text=entry.text, began=_begins(entry))
        frame = _frame(entry.text) if entry.way in "<>" else None
        match frame:
            case [2, str(identifier), str(action), payload]:
                actions[entry.way, identifier] = action
                yield msgspec.structs.replace(
                    line, kind=CALL, id=identifier, message=f"{action}Request", payload=payload
                )
            case [3 | 4 as kind, str(identifier), *rest]:
                action = actions.get(("<" if entry.way == ">" else ">", identifier), "")
                payload = rest[0] if kind == RESULT and rest else rest
                name = f"{action}Response" if action else ""
                yield msgspec.structs.replace(line, kind=kind, id=identifier, message=name, payload=payload)
            case _:
                yield line


def _begins(entry: LogEntry) -> bool:
    return entry.way == "." and re.fullmatch(r"\w+ begins", entry.text) is not None


def _frame(text: str) -> Json:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError):
        return None


def is_message(name: str) -> bool:
    """Say whether this is the name of a request or a response of OCPP."""
    return re.sub(r"(Request|Response)$", "", name) in ACTIONS and name.endswith(("Request", "Response"))


def nothing_came(finding: Finding) -> bool:
    """Say whether a finding is that a message was missing."""
    if finding.got != "none":
        return finding.got.startswith("none; ")
    return is_message(parted(finding)[0]) or finding.wanted.startswith("one within")


def parted(finding: Finding) -> tuple[str, str]:
    """Return the message, or the place on the wire, that a finding names, and the field or the words behind it."""
    head, _, rest = re.sub(r"^([^.:]+)[.:]\s*", r"\1\0", finding.field).partition("\0")
    return head, rest


def frame_of(finding: Finding, lines: Sequence[WireLine]) -> int | None:
    """Return the number of the frame that a finding is about; None where none came."""
    sent = [number for number, line in enumerate(lines) if line.way == "<" and line.kind]
    if finding.frame:
        return next((number for number in reversed(sent) if lines[number].id == finding.frame), None)
    if nothing_came(finding):
        return None
    head, rest = parted(finding)
    if is_message(head):
        named = [number for number in reversed(sent) if lines[number].message == head]
        variable = [number for number in named if _variable_in(lines[number].payload, rest) is not None]
        if finding.got == "nothing" and named and _filled(lines[named[0]], rest):
            return None
        return next(iter(variable or _having(lines, named, finding) or named), None)
    holding = [number for number in sent if place_of(lines[number].payload, finding.field, finding.got) is not None]
    return holding[-1] if holding else None


def _filled(line: WireLine, rest: str) -> bool:
    """Say whether a frame has the field that was not found: then it is another frame that did not come."""
    path = re.split(r"[: ]", rest, maxsplit=1)[0]
    place = place_of(line.payload, path, "nothing", rooted=True)
    return place is not None and value_at(line.payload, place) not in (None, "", [])


def _having(lines: Sequence[WireLine], numbers: Sequence[int], finding: Finding) -> list[int]:
    """Return those of some frames that have what was found in the field."""
    _, rest = parted(finding)
    path = re.split(r"[: ]", rest, maxsplit=1)[0]
    places = [(number, place_of(lines[number].payload, path, finding.got, rooted=True)) for number in numbers]
    return [
        number
        for number, place in places
        if place is not None and words_of(value_at(lines[number].payload, place)) == finding.got
    ]


def message_of(finding: Finding, lines: Sequence[WireLine], number: int | None) -> str:
    """Return the message, or what else of the wire, that a finding is about."""
    head, rest = parted(finding)
    if is_message(head) or (rest and head not in OF_VALUES):
        return head
    if number is not None and lines[number].message:
        return lines[number].message
    return VALUES if head in OF_VALUES else head


def place_in(finding: Finding, line: WireLine) -> Path | None:
    """Return where in a frame the field is; None: the finding is about the message as a whole."""
    head, rest = parted(finding)
    if not is_message(head):
        return place_of(line.payload, finding.field, finding.got)
    path = re.split(r"[: ]", rest, maxsplit=1)[0]
    if (variable := _variable_in(line.payload, rest)) is not None:
        return variable
    worded = finding.field[len(head) : len(head) + 1] == ":"
    return None if worded or not path else place_of(line.payload, path, finding.got, rooted=True)


def field_of(finding: Finding, message: str, place: Path | None) -> str:
    """Return the name of the field: its path, or what the case calls it."""
    head, rest = parted(finding)
    if head == message:
        return rest
    return key_of(place) if place and " " not in finding.field else finding.field


def _variable_in(payload: Json, name: str) -> Path | None:
    """Return where a report or an answer tells of a variable: `OCPPCommCtrlr.OfflineThreshold`."""
    match = re.match(r"(\w+)(?:\[[^\]]*\])?(?:#(\d+)(?:/(\d+))?)?\.(\w+)", name)
    if match is None or not isinstance(payload, dict):
        return None
    for field in ("reportData", "getVariableResult", "setVariableResult"):
        told = payload.get(field)
        for number, one in enumerate(told if isinstance(told, list) else ()):
            names = [_named(one, part) for part in ("component", "variable")]
            if names == [match[1].lower(), match[4].lower()]:
                return field, number
    return None


def _named(one: Json, part: str) -> str:
    inner = one.get(part) if isinstance(one, dict) else None
    return str(inner.get("name", "")).lower() if isinstance(inner, dict) else ""
