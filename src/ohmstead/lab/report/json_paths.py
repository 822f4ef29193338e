"""Places in a JSON payload: where a field is that a finding names, and the payload as lines with that place marked."""

import re
from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from ohmstead.lab.cases.value_words import words_of

Path: TypeAlias = tuple[str | int, ...]
AROUND = 7
"""Lines that are shown before and after the marked ones of a long payload."""
SHORT = 30
"""Lines of a payload that are shown whole."""
LONGEST = 160
"""Characters of a line."""


_NOTHING = object()


class ShownLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a frame."""

    text: str
    marked: bool = False


def steps_of(path: str) -> Path:
    """Return `evse.connectorId`, `eventData.0.trigger` as steps into a payload."""
    return tuple(int(step) if step.isdigit() else step for step in path.split(".") if step)


def key_of(place: Path) -> str:
    """Return a place as a report names it: `transactionInfo.chargingState`."""
    return ".".join(map(str, place))


def place_of(payload: object, path: str, got: str, *, rooted: bool = False) -> Path | None:
    """Return where a payload has a field, or would have it; None: nothing there is called so.

    Args:
        payload: of a frame.
        path: the field, from the payload or from an object in it; what follows a space does not count.
        got: the value in the words of a finding; of several fields of that name the one that has it is meant.
        rooted: the path begins at the payload, so that a field may be missing there.
    """
    steps = steps_of(path.split(" ")[0])
    if not steps:
        return None
    if _reaches(payload, steps) or (rooted and isinstance(value_at(payload, steps[:-1]), dict)):
        return steps
    ending = [(place, value) for place, value in _places(payload) if place[-len(steps) :] == steps]
    if not ending:
        named = [step for step in steps if isinstance(step, str)][-1:]
        ending = [(place, value) for place, value in _places(payload) if named and place[-1:] == tuple(named)]
    same = [place for place, value in ending if words_of(value) == got]
    return next(iter(same or [place for place, _ in ending]), None)


def value_at(payload: object, place: Path) -> object:
    """Return the value at a place; None where there is none."""
    return _step_into(payload, place)[1]


def _reaches(payload: object, steps: Path) -> bool:
    return _step_into(payload, steps)[0]


def _step_into(payload: object, steps: Path) -> tuple[bool, object]:
    for step in steps:
        below = payload.get(step, _NOTHING) if isinstance(payload, dict) else _NOTHING
        if isinstance(payload, list) and isinstance(step, int) and step < len(payload):
            below = payload[step]
        if below is _NOTHING:
            return False, None
        payload = below
    return True, payload


def _places(payload: object, above: Path = ()) -> Iterator[tuple[Path, object]]:
    parts: Iterator[tuple[str | int, object]] = iter(())
    if isinstance(payload, dict):
        parts = iter(payload.items())
    elif isinstance(payload, list):
        parts = iter(enumerate(payload))
    for step, value in parts:
        yield (*above, step), value
        yield from _places(value, (*above, step))


def json_lines(payload: object, place: Path | None) -> tuple[ShownLine, ...]:
    """Return a payload as indented lines, the field at `place` marked; where it is missing, a line says so.

    Of a long payload only the beginning and what is around the mark are there.
    """
    lines = list(_lines(payload, (), "", "", place, ""))
    if len(lines) <= SHORT:
        return tuple(lines)
    marks = [number for number, line in enumerate(lines) if line.marked] or [0]
    near = range(marks[0] - AROUND, marks[-1] + AROUND + 1)
    kept: list[ShownLine] = []
    for number, line in enumerate(lines):
        if number < 2 or number in near or number == len(lines) - 1:
            kept.append(line)
        elif kept[-1].text != "…":
            kept.append(ShownLine("…"))
    return tuple(kept)


def _lines(value: object, at: Path, indent: str, key: str, place: Path | None, end: str) -> Iterator[ShownLine]:
    marked = place is not None and at[: len(place)] == place and bool(place)
    if not isinstance(value, dict | list) or not value:
        yield ShownLine(_cut(f"{indent}{key}{msgspec.json.encode(value).decode()}{end}"), marked)
        return
    is_object = isinstance(value, dict)
    yield ShownLine(f"{indent}{key}{'{' if is_object else '['}", marked)
    parts = list(value.items() if isinstance(value, dict) else enumerate(value))
    for number, (step, part) in enumerate(parts, start=1):
        name = f"{msgspec.json.encode(step).decode()}: " if is_object else ""
        yield from _lines(part, (*at, step), f"{indent}  ", name, place, "," if number < len(parts) else "")
    missing = place is not None and len(place) > len(at) and place[: len(at)] == at
    if missing and place is not None and not _reaches(value, place[len(at) : len(at) + 1]):
        yield ShownLine(f"{indent}  ({key_of(place[len(at) :])} is missing here)", True)
    yield ShownLine(f"{indent}{'}' if is_object else ']'}{end}", marked)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def one_line(payload: object, longest: int) -> str:
    """Return a payload on one line, cut where it is too long."""
    text = re.sub(r"\s+", " ", msgspec.json.encode(payload).decode())
    return text if len(text) <= longest else f"{text[:longest]}…"


def merged(payload: object, right: object) -> object:
    """Return a payload with what is asked of it: null takes a field away, numbers are places of a list."""
    if not isinstance(right, dict):
        return right
    if isinstance(payload, list):
        return [merged(part, right[str(at)]) if str(at) in right else part for at, part in enumerate(payload)]
    whole = dict(payload) if isinstance(payload, dict) else {}
    for name, wanted in right.items():
        if wanted is None:
            whole.pop(name, None)
        elif not (isinstance(wanted, str) and wanted.startswith("(") and name in whole):
            # What only words ask for is as it came, where it came.
            whole[name] = merged(whole.get(name), wanted)
    if whole and all(name.isdigit() for name in whole):
        return list(whole.values())
    return whole
