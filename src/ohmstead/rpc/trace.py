"""The trace of a wire: every frame as a readable line, without secrets, bounded; for station and CSMS alike."""

import re
from collections import OrderedDict, deque
from datetime import datetime
from typing import Literal

import msgspec

from ohmstead.ports.bench import TraceLine
from ohmstead.wire import frames

KEPT = 5000
"""Lines kept; older ones are dropped, their numbers are not used again."""
KEPT_CHARACTERS = 16 << 20
"""Of all payloads kept: reports are long."""
_WAITING = 256
HIDDEN = "•••"

Kind = Literal["CALL", "CALLRESULT", "CALLERROR", "unreadable"]
Direction = Literal["sent", "received"]

_SUSPECT = re.compile(r"password|keycode|simpin|private key|vpn|://[^/\s\"]*@", re.IGNORECASE)
_USERINFO = re.compile(r"(?<=://)[^/\s@]*(?=@)")
_PRIVATE_KEY = re.compile(r"-----BEGIN ([A-Z ]*)PRIVATE KEY-----.*?-----END \1PRIVATE KEY-----", re.DOTALL)


class Trace:
    """The frames that one side sent and received, newest last."""

    def __init__(self, kept: int = KEPT, characters: int = KEPT_CHARACTERS, limit: int = frames.DEFAULT_LIMIT) -> None:
        """Start empty.

        Args:
            kept: lines.
            characters: of all payloads together.
            limit: bytes of the largest frame that is looked into.
        """
        self._kept = kept
        self._characters = characters
        self._limit = limit
        self._lines: deque[TraceLine] = deque()
        self._held = 0
        self._number = 0
        self._calls: OrderedDict[tuple[str, Direction, str], tuple[str, float]] = OrderedDict()

    def since(self, number: int) -> tuple[TraceLine, ...]:
        """Return the lines still kept whose number is greater, oldest first."""
        if not self._lines or self._lines[-1].number <= number:
            return ()
        skip = max(0, number + 1 - self._lines[0].number)
        return tuple(line for index, line in enumerate(self._lines) if index >= skip)

    def add(self, station: str, direction: Direction, frame: str | bytes, at: datetime, loop_time: float) -> None:
        """Add one frame; `loop_time` (seconds of the loop) gives the latency of responses. Never raises for a frame."""
        try:
            kind, action, message_id, payload, latency = self._read(station, direction, frame, loop_time)
        except (RecursionError, ValueError) as error:  # nested too deeply, text that is no Unicode
            kind, action, message_id, latency = "unreadable", "", "", None
            payload = _json({"error": type(error).__name__})
        self._number += 1
        line = TraceLine(
            number=self._number,
            at=at,
            direction=direction,
            station=station,
            kind=kind,
            action=action,
            message_id=message_id,
            payload=payload,
            latency=latency,
        )
        self._lines.append(line)
        self._held += len(payload)
        while len(self._lines) > self._kept or (self._held > self._characters and len(self._lines) > 1):
            self._held -= len(self._lines.popleft().payload)

    def _read(
        self, station: str, direction: Direction, frame: str | bytes, loop_time: float
    ) -> tuple[Kind, str, str, str, float | None]:
        try:
            parsed = frames.parse(frame, self._limit)
        except frames.FrameError as error:
            return "unreadable", "", error.id or "", _json({"error": str(error), "frame": _start_of(frame)}), None
        if isinstance(parsed, frames.Call):
            self._calls[station, direction, parsed.id] = parsed.action, loop_time
            while len(self._calls) > _WAITING:
                self._calls.popitem(last=False)
            return "CALL", parsed.action, parsed.id, redact(bytes(parsed.payload).decode("utf-8", "replace")), None
        asked: Direction = "received" if direction == "sent" else "sent"
        action, asked_at = self._calls.pop((station, asked, parsed.id), ("", None))
        latency = None if asked_at is None else loop_time - asked_at
        if isinstance(parsed, frames.CallResult):
            return "CALLRESULT", action, parsed.id, redact(bytes(parsed.payload).decode("utf-8", "replace")), latency
        return "CALLERROR", action, parsed.id, redact(error_payload(parsed)), latency


def error_payload(error: frames.CallErrorFrame) -> str:
    """Return what a CALLERROR says as one JSON object."""
    return _json({"errorCode": error.code, "errorDescription": error.description, "errorDetails": error.details})


def redact(payload: str) -> str:
    """Return a payload with its secrets replaced: passwords, PINs, private keys, key codes (A01.FR.09, C04.FR.04).

    Most payloads hold none and come back as they are.
    """
    if not _SUSPECT.search(payload):
        return payload
    try:
        return _json(_clean(msgspec.json.decode(payload)))
    except (RecursionError, ValueError):
        return _json(HIDDEN)


def _clean(value: object) -> object:
    if isinstance(value, dict):
        return {name: HIDDEN if _is_secret(name, value) else _clean(field) for name, field in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, str):
        return _PRIVATE_KEY.sub(HIDDEN, _USERINFO.sub(HIDDEN, value))
    return value


def _is_secret(name: str, owner: dict[str, object]) -> bool:
    lower = name.lower()
    if "password" in lower or lower == "simpin":
        return True
    if lower == "key":
        return "server" in owner  # VPNType has both
    if lower == "idtoken":
        return owner.get("type") == "KeyCode"
    if lower in ("attributevalue", "variableattribute"):
        variable = owner.get("variable")
        return isinstance(variable, dict) and "password" in str(variable.get("name", "")).lower()
    return False


def _start_of(frame: str | bytes) -> str:
    if isinstance(frame, bytes):
        return f"{len(frame)} bytes of binary data"
    return (
        "hidden, for it may hold a secret"
        if _SUSPECT.search(frame)
        else frame[:1000].encode("utf-8", "replace").decode()
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
