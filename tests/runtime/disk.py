"""A disk that fails at a chosen write: each commit, and each change of a file below a folder, is one.

Files are watched where Python tells of them (audit events: open for writing, rename, remove, mkdir, link) and at
`os.write` and `os.fsync`, so that nobody has to know who writes what.
"""

import errno
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ohmstead.edge.store_memory import MemoryStore
from ohmstead.ports.store import StoreFailed, Write

CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.link", "os.truncate", "os.rmdir")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Disk:
    """What lies under a store and a folder.

    Args:
        folder: files below it are on this disk; None: it has rows only.
        fails_at: the write, counted from 1, from which on nothing is taken; None: writes are only counted.
        error: which errno it is then.
        once: that write alone fails.
    """

    def __init__(self, folder: Path | None = None, fails_at: int | None = None, error: int = errno.ENOSPC) -> None:
        self.once = False
        self.folder = folder.resolve() if folder is not None else None
        self.fails_at = fails_at
        self.error = error
        self.writes = 0
        self.log: list[str] = []
        """What each write was."""
        self.full = False
        self.on_full: Callable[[], None] = lambda: None

    def write(self, what: str) -> None:
        """Count one write. Raises OSError if it fails."""
        self.writes += 1
        self.log.append(what)
        fails = self.writes == self.fails_at
        if fails:
            self.full = not self.once
            self.on_full()
        if self.full or fails:
            raise OSError(self.error, os.strerror(self.error), what)

    def mend(self) -> None:
        """Take writes again."""
        self.full = False

    def owns(self, path: object) -> bool:
        """Say whether a path, or an open file, is on this disk."""
        if self.folder is None:
            return False
        if isinstance(path, int):
            try:
                path = Path(f"/proc/self/fd/{path}").readlink()
            except OSError:
                return False
        return isinstance(path, str | bytes | os.PathLike) and os.fsdecode(path).startswith(str(self.folder))


class FailingStore(MemoryStore):
    """Rows on such a disk, also when they are opened again."""

    def __init__(self, disk: Disk) -> None:
        super().__init__()
        self.disk = disk

    def commit(self, writes: Sequence[Write]) -> None:
        """Commit unless the disk fails."""
        try:
            self.disk.write("commit")
        except OSError as error:
            raise StoreFailed(f"the store: {error.strerror}") from error
        super().commit(writes)

    def erase(self) -> None:
        """Erase unless the disk fails."""
        try:
            self.disk.write("erase the store")
        except OSError as error:
            raise StoreFailed(f"the store: {error.strerror}") from error
        super().erase()

    def reopen(self) -> "FailingStore":
        """Return the same rows, opened again; that writes too."""
        try:
            self.disk.write("open the store")
        except OSError as error:
            raise StoreFailed(f"the store: {error.strerror}") from error
        fresh = FailingStore(self.disk)
        fresh._rows = self._rows
        self.sever()
        return fresh


_watched: list[Disk] = []


def _hear(event: str, args: tuple[object, ...]) -> None:
    if not _watched:
        return
    disk = _watched[-1]
    if event == "open":
        path, mode, flags = args
        writes = (isinstance(flags, int) and flags & WRITING) or (isinstance(mode, str) and set(mode) & set("wax+"))
        if writes and disk.owns(path):
            disk.write(f"open {Path(os.fsdecode(str(path))).name}")
    elif event in CHANGES and disk.owns(args[0]):
        disk.write(f"{event} {Path(os.fsdecode(str(args[0]))).name}")


_installed: list[bool] = []


@contextmanager
def watched(disk: Disk) -> Iterator[None]:
    """Let a disk count, and fail, what is done to files below its folder."""
    if not _installed:  # for the life of the process: there is no way to take a hook out again
        sys.addaudithook(_hear)
        _installed.append(True)
    write, sync = os.write, os.fsync

    def counted_write(file: int, data: bytes) -> int:
        if disk.owns(file):
            disk.write("write")
        return write(file, data)

    def counted_sync(file: int) -> None:
        if disk.owns(file):
            disk.write("fsync")
        sync(file)

    _watched.append(disk)
    os.write, os.fsync = counted_write, counted_sync  # type: ignore[assignment]
    try:
        yield
    finally:
        os.write, os.fsync = write, sync
        _watched.pop()
