"""The wire as JSON lines in a file, secrets replaced."""

import asyncio
import os
from pathlib import Path
from typing import Literal

import msgspec

from ohmstead.cli.run.options import RunRefused
from ohmstead.ports.clock import Clock
from ohmstead.rpc.connection import Direction
from ohmstead.rpc.trace import Trace


class WireLog:
    """Appends every frame to a file (0600): number, at, direction, station, kind, action, message_id, payload, latency.

    A line is written before the frame leaves, so that the log of a process that was killed ends with what it tried.
    """

    def __init__(self, path: Path, station: str, clock: Clock, max_frame: int) -> None:
        """Open the file. Raises RunRefused."""
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise RunRefused(f"--log-wire {path}: {error.strerror or error}") from None
        self._station = station
        self._clock = clock
        self._trace = Trace(kept=1, limit=max_frame)

    def seen(self, direction: Direction, text: str) -> None:
        """Append one frame."""
        way: Literal["sent", "received"] = "sent" if direction is Direction.Sent else "received"
        self._trace.add(self._station, way, text, self._clock.now(), asyncio.get_running_loop().time())
        (line,) = self._trace.since(0)
        fields = msgspec.structs.asdict(line) | {"payload": msgspec.Raw(line.payload.encode())}
        os.write(self._file, msgspec.json.encode(fields) + b"\n")

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
