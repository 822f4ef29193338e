"""A file in which the simulated machine survives its process."""

import os
from pathlib import Path

import msgspec

from ohmstead.edge.simulator.views import SimulatorState

LARGEST = 1 << 20
"""Bytes of the file beyond which it begins anew."""


class StateFile:
    """Holds the last SimulatorState as the last line of a file; `save` is a journal for the Simulator.

    A save appends a line, because replacing a file costs the station's next commit milliseconds: on file systems with
    a journal a synced write waits for the renaming too. A process that is killed leaves the state before or after. It
    is not synced to the disk: what it guards against is the end of the process, not that of the computer.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._beside = path.with_name(path.name + ".new")
        self._file: int | None = None
        self._size = 0

    def __del__(self) -> None:
        self._close()

    def load(self) -> SimulatorState | None:
        """Return the saved state; None: there is none. Raises ValueError with the path if the file is damaged."""
        try:
            lines = self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return None
        damage: msgspec.DecodeError | None = None
        for line in lines[:-3:-1]:  # the last one may have been cut off
            try:
                return msgspec.json.decode(line, type=SimulatorState)
            except msgspec.DecodeError as error:
                damage = damage or error
        raise ValueError(f"{self._path}: {damage or 'the file is empty'}")

    def save(self, state: SimulatorState) -> None:
        """Write the state. Raises OSError where the file cannot be written."""
        line = msgspec.json.encode(state) + b"\n"
        if self._file is None or self._size + len(line) > LARGEST:
            self._begin(line)
        elif os.write(self._file, line) < len(line):
            self._close()
            raise OSError(f"{self._path}: the disk is full")
        else:
            self._size += len(line)

    def _begin(self, line: bytes) -> None:
        """Replace the file by one with this line only."""
        self._close()
        self._beside.write_bytes(line)
        self._beside.replace(self._path)
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        self._size = len(line)

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
