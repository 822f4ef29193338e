"""The wire as JSON lines in a file, secrets replaced."""

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from ohmstead.cli.run.options import RunRefused
from ohmstead.ports.bench import HandLine
from ohmstead.ports.clock import Clock
from ohmstead.ports.hand import Action
from ohmstead.rpc.connection import Direction
from ohmstead.rpc.trace import Trace
from ohmstead.site.noted_hand import hand_line
from ohmstead.wire.printable import json_line

_log = logging.getLogger(__name__)


class WireLog:
    """Appends every frame to a file (0600): number, at, direction, station, kind, action, message_id, payload, latency.

    What a hand did is a line too, with direction `hand`; `after` is the number of the last frame before it.
    A line is written before the frame leaves, so that the log of a process that was killed ends with what it tried.
    While the disk is full lines are missing, which their numbers show; the station goes on.
    """

    def __init__(self, path: Path, station: str, clock: Clock, max_frame: int) -> None:
        """Open the file. Raises RunRefused."""
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise RunRefused(f"--log-wire {path}: {error.strerror or error}") from None
        self._path = path
        self._fails = False
        self._station = station
        self._clock = clock
        self._trace = Trace(kept=1, limit=max_frame)
        self._number = 0

    def seen(self, direction: Direction, text: str) -> None:
        """Append one frame."""
        way: Literal["sent", "received"] = "sent" if direction is Direction.Sent else "received"
        self._trace.add(self._station, way, text, self._clock.now(), asyncio.get_running_loop().time())
        (line,) = self._trace.since(0)
        self._number = line.number
        fields = msgspec.structs.asdict(line) | {"payload": msgspec.Raw(line.payload.encode())}
        self._append(json_line(msgspec.json.encode(fields)) + b"\n")

    def doing(self, action: Action) -> Callable[[], None]:
        """Return what appends an action of the hand, once it has been done."""
        line = hand_line(action, self._station, self._clock.now(), self._number)
        return lambda: self._append(json_line(msgspec.json.encode(line)) + b"\n")

    def done(self, action: str, arguments: dict[str, object]) -> None:
        """Append something else that somebody did: its name and arguments (`site.noted_faults`)."""
        line = HandLine(
            after=self._number, at=self._clock.now(), station=self._station, action=action, payload=arguments
        )
        self._append(json_line(msgspec.json.encode(line)) + b"\n")

    def _append(self, line: bytes) -> None:
        # What was torn by a full disk must not run into the next line.
        whole = b"\n" + line if self._fails else line
        try:
            reason = "" if os.write(self._file, whole) == len(whole) else "No space left on device"
        except OSError as error:
            reason = error.strerror or str(error)
        if reason and not self._fails:
            _log.error("--log-wire %s: %s; frames are missing from now on", self._path, reason)
        self._fails = bool(reason)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
