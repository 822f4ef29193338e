"""What a failed expectation prints: what was wanted, what came instead and how it differs, and the wire around it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from ohmstead.lab.verdict import Finding
from ohmstead.testing.fields import WantedField
from ohmstead.wire.printable import printable

if TYPE_CHECKING:
    from ohmstead.testing.wire import WireMessage

SHOWN = 12
"""Frames that stand under a failure; the report section of the station has all of them."""
_CANDIDATES = 5
_WIDEST = 160
"""Characters of a payload in a line."""
_LONGEST = 70
"""Characters of a field in a payload that is too wide."""
_SIDES = {"station": "the station", "csms": "the CSMS"}


def missing(
    action: str,
    sender: str,
    wanted: Sequence[WantedField],
    limit: float,
    candidates: Sequence["WireMessage"],
    passed: bool,
    state: str,
    wire: str,
) -> str:
    """Return why an expected message has not come."""
    parts = [f"no {action} of {_SIDES[sender]}{_with(wanted)} within {limit:g} s"]
    if candidates:
        parts.append(f"these came instead{_left_out(candidates)}:")
        parts += [_compared(one, wanted) for one in candidates[-_CANDIDATES:]]
    else:
        parts.append(f"no {action} has come at all{' since the one that was expected before' if passed else ''}")
    return "\n".join([*parts, *_around(state, wire)])


def unwanted(found: "WireMessage", wanted: Sequence[WantedField], wire: str) -> str:
    """Return that a message came which should not."""
    came = f"a {found.action} of {_SIDES[found.sender]}{_with(wanted)} came, and none should:"
    return "\n".join([came, f"  {line(found)}", *_around("", wire)])


def not_yet(what: str, limit: float, state: str, wire: str) -> str:
    """Return that something has not happened in time."""
    return "\n".join([f"{what} within {limit:g} s", *_around(state, wire)])


def lines(messages: Sequence["WireMessage"]) -> str:
    """Return frames as lines, oldest first."""
    return "\n".join(map(line, messages))


def line(message: "WireMessage") -> str:
    """Return one frame as a line: when, which way, what."""
    way = "station → csms" if message.sender == "station" else "station ← csms"
    what = message.action if message.kind == "CALL" else f"  {message.kind} {message.action}"
    payload = _short(message.shown)
    return printable(f"{message.at:%H:%M:%S}.{message.at.microsecond // 1000:03d}  {way}  {what} {payload}")


def _short(payload: str) -> str:
    """Return a payload that fits into a line: long lists and objects in it are left out first."""
    if len(payload) <= _WIDEST:
        return payload
    fields = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
    texts = {name: bytes(value).decode() for name, value in fields.items()}
    short = {name: text if len(text) <= _LONGEST else f"{text[0]}…{text[-1]}" for name, text in texts.items()}
    said = ",".join(f'"{name}":{text}' for name, text in short.items())
    return f"{{{said}}}" if len(said) <= 2 * _WIDEST else f"{{{said[: 2 * _WIDEST]}…"


def _with(wanted: Sequence[WantedField]) -> str:
    return f" with {' and '.join(field.words() for field in wanted)}" if wanted else ""


def _left_out(candidates: Sequence["WireMessage"]) -> str:
    left_out = len(candidates) - _CANDIDATES
    return f" (the last {_CANDIDATES} of {len(candidates)})" if left_out > 0 else ""


def _compared(message: "WireMessage", wanted: Sequence[WantedField]) -> str:
    differences = [field.difference(message.payload) for field in wanted if not field.is_met(message.payload)]
    return printable(f"  {message.at:%H:%M:%S}  {message.action}: {'; '.join(differences)}")


def _around(state: str, wire: str) -> list[str]:
    said = ["", f"the last {SHOWN} frames:", *(f"  {one}" for one in wire.splitlines())]
    return [*(["", state] if state else []), *(said if wire else ["", "nothing has been said on the wire"])]


def breach(finding: Finding, wire: str) -> str:
    """Return what a station has done against the rules."""
    cited = f" ({', '.join(finding.requirements)})" if finding.requirements else ""
    said = f"{finding.field}: wanted {finding.wanted}, got {finding.got}{cited}"
    return "\n".join([printable(said), *_around("", wire)])
