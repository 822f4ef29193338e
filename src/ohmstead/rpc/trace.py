"""The trace of a wire: every frame as a readable line, without secrets, bounded; for station and CSMS alike."""

from collections import OrderedDict, deque
from datetime import datetime
from typing import Literal

import msgspec

from ohmstead.ports.bench import TraceLine
from ohmstead.wire import frames
from ohmstead.wire.secrets import Redactor, undecodable

KEPT = 5000
"""Lines kept; older ones are dropped, their numbers are not used again."""
KEPT_CHARACTERS = 16 << 20
"""Of all payloads kept: reports are long."""
_WAITING = 256
_LONGEST_ACTION = 64
"""Characters that are kept of what stands where an action should: a stranger's may be as long as a frame."""

Kind = Literal["CALL", "CALLRESULT", "CALLERROR", "unreadable"]
Direction = Literal["sent", "received"]


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
        self.redactor = Redactor()
        """Knows what secrets went by lately."""
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
            payload = _json({"error": type(error).__name__, "frame": undecodable(frame)})
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
            return "unreadable", "", error.id or "", _json({"error": str(error), "frame": undecodable(frame)}), None
        if isinstance(parsed, frames.Call):
            action = self.redactor.text(parsed.action[:_LONGEST_ACTION])
            self._calls[station, direction, parsed.id] = action, loop_time
            while len(self._calls) > _WAITING:
                self._calls.popitem(last=False)
            return "CALL", action, parsed.id, self._shown(parsed.payload), None
        asked: Direction = "received" if direction == "sent" else "sent"
        action, asked_at = self._calls.pop((station, asked, parsed.id), ("", None))
        latency = None if asked_at is None else loop_time - asked_at
        if isinstance(parsed, frames.CallResult):
            return "CALLRESULT", action, parsed.id, self._shown(parsed.payload), latency
        return "CALLERROR", action, parsed.id, self.redactor.payload(error_payload(parsed)), latency

    def _shown(self, payload: msgspec.Raw) -> str:
        return self.redactor.payload(bytes(payload).decode("utf-8", "replace"))


def error_payload(error: frames.CallErrorFrame) -> str:
    """Return what a CALLERROR says as one JSON object."""
    return _json({"errorCode": error.code, "errorDescription": error.description, "errorDetails": error.details})


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
