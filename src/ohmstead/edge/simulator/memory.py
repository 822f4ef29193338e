"""A file in which the simulated machine survives its process."""

from pathlib import Path

import msgspec

from ohmstead.edge.simulator.views import SimulatorState


class StateFile:
    """Holds one SimulatorState; `save` is a journal for the Simulator.

    A save replaces the file as a whole, so a process that is killed leaves the old state or the new one. It is not
    synced to the disk: what it guards against is the end of the process, not that of the computer.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._beside = path.with_name(path.name + ".new")

    def load(self) -> SimulatorState | None:
        """Return the saved state; None: there is none. Raises ValueError with the path if the file is damaged."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            return msgspec.json.decode(data, type=SimulatorState)
        except msgspec.DecodeError as error:
            raise ValueError(f"{self._path}: {error}") from error

    def save(self, state: SimulatorState) -> None:
        """Write the state. Raises OSError where the file cannot be written."""
        self._beside.write_bytes(msgspec.json.encode(state))
        self._beside.replace(self._path)
