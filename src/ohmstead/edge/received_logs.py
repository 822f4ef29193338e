"""A folder of logs that have come, for its owner only, bounded in number and bytes: the oldest make room.

A log lies under its number, so that no name of a peer's is ever a path; what it is called is in the index.
"""

import logging
from contextlib import suppress
from pathlib import Path

import msgspec

from ohmstead.edge.private_files import private_directory, sweep, write_private
from ohmstead.ports.file_service import ReceivedLog, UnknownLog
from ohmstead.wire.printable import printable

MOST_LOGS = 50
ROOM = 256 << 20
"""Bytes of all logs together."""
LONGEST_NAME = 255
INDEX = "index.json"

_log = logging.getLogger(__name__)


class LogFolder:
    """Made when it is first written to.

    Args:
        path: the folder.
        most: logs in it.
        room: bytes of all of them; a larger log is not taken.
    """

    def __init__(self, path: Path, *, most: int = MOST_LOGS, room: int = ROOM) -> None:
        self._path = path
        self._most = most
        self._room = room
        self._logs = self._read()
        self._last = max((one.id for one in self._logs), default=0)

    def logs(self) -> tuple[ReceivedLog, ...]:
        """Return what is there, newest first."""
        return tuple(reversed(self._logs))

    def add(self, log: ReceivedLog, content: bytes) -> ReceivedLog:
        """Keep a log under a number of its own. Raises OSError where the disk does not take it."""
        if len(content) > self._room:
            raise OSError(f"a log of {len(content)} bytes is more than all that is kept, {self._room}")
        private_directory(self._path)
        self._last += 1
        kept = msgspec.structs.replace(log, id=self._last, size=len(content), name=_name(log.name))
        logs = [*self._logs, kept]
        while len(logs) > self._most or sum(one.size for one in logs) > self._room:
            logs.pop(0)
        write_private(self._file(kept.id), content)
        try:
            self._keep(logs)
        except OSError:
            self._remove(kept.id)
            raise
        return kept

    def know(self, log: ReceivedLog) -> None:
        """Replace what is known of a log. Raises OSError where the disk does not take it."""
        self._keep([log if one.id == log.id else one for one in self._logs])

    def content(self, number: int) -> bytes:
        """Return a log. Raises UnknownLog."""
        self._known(number)
        try:
            return self._file(number).read_bytes()
        except OSError as error:
            raise UnknownLog(f"log {number} cannot be read: {error.strerror or error}") from None

    def remove(self, number: int) -> None:
        """Remove a log. Raises UnknownLog."""
        self._known(number)
        with suppress(OSError):  # a full disk: the log is gone all the same, and an index without its file is no log
            self._keep([one for one in self._logs if one.id != number])

    def _known(self, number: int) -> None:
        if all(one.id != number for one in self._logs):
            raise UnknownLog(f"there is no log {number}")

    def _file(self, number: int) -> Path:
        return self._path / f"{number}.log"

    def _keep(self, logs: list[ReceivedLog]) -> None:
        gone = {one.id for one in self._logs} - {one.id for one in logs}
        for number in gone:
            self._remove(number)
        self._logs = [one for one in self._logs if one.id not in gone]
        write_private(self._path / INDEX, msgspec.json.encode(logs))
        self._logs = logs

    def _remove(self, number: int) -> None:
        with suppress(OSError):
            self._file(number).unlink(missing_ok=True)

    def _read(self) -> list[ReceivedLog]:
        try:
            logs = msgspec.json.decode((self._path / INDEX).read_bytes(), type=list[ReceivedLog])
        except FileNotFoundError:
            logs = []
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            _log.warning("%s cannot be read, its logs are gone: %s", self._path / INDEX, error)
            logs = []
        sweep(self._path)
        known = {self._file(one.id) for one in logs}
        for file in self._path.glob("*.log"):
            if file not in known:
                with suppress(OSError):
                    file.unlink()
        return [one for one in logs if self._file(one.id).is_file()]


def _name(name: str) -> str:
    return printable(name.replace("/", "_").replace("\\", "_"))[:LONGEST_NAME] or "log"
