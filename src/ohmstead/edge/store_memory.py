"""Stores without a disk: a plain one for fleets and virtual time, and two that fail on purpose, for tests."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from ohmstead.ports.store import Put, Store, StoreSevered, Write

Table = dict[str, dict[str, bytes]]
"""kind -> key -> value."""


class PowerCut(BaseException):
    """The power went at a commit. Not an Exception: nothing that contains errors may survive it."""


class Reopenable(Store, Protocol):
    """A store that a power cut can hit, and that a later boot opens again."""

    def sever(self) -> None:
        """Cut the store off as a power cut does: nothing is tidied up, later use raises StoreSevered."""
        ...

    def reopen(self) -> "Reopenable":
        """Return a fresh store on what this one made durable; this one must have been severed or closed."""
        ...

    def erase(self) -> None:
        """Remove every row, or none."""
        ...


class MemoryStore:
    """Rows in dictionaries; durable as long as the process lives, which is to say that `reopen()` finds them."""

    def __init__(self) -> None:
        self._rows: Table = {}
        self._severed = False

    def get(self, kind: str, key: str) -> bytes | None:
        """Return a committed row, or None."""
        self._check()
        return self._rows.get(kind, {}).get(key)

    def rows(self, kind: str) -> list[tuple[str, bytes]]:
        """Return the committed rows of a kind, sorted by key."""
        self._check()
        return sorted(self._rows.get(kind, {}).items())

    def commit(self, writes: Sequence[Write]) -> None:
        """Apply all the writes, in order."""
        self._check()
        _apply(self._rows, writes)

    def close(self) -> None:
        """Release the store; later use raises StoreSevered."""
        self._severed = True

    def sever(self) -> None:
        """Do the same as `close()`: there is nothing to tidy up."""
        self._severed = True

    def reopen(self) -> "MemoryStore":
        """Return a store on the same rows; this one is severed."""
        self._severed = True
        fresh = MemoryStore()
        fresh._rows = self._rows
        return fresh

    def erase(self) -> None:
        """Remove every row."""
        self._check()
        self._rows.clear()

    def _check(self) -> None:
        if self._severed:
            raise StoreSevered("the memory store was closed or severed")


class CrashingStore:
    """A store whose power fails at a chosen commit: PowerCut is raised and the store underneath is severed.

    Args:
        inner: the store that keeps the rows.
        crash_at: the commit that fails, counted from 1; None: none, commits are only counted.
        when: whether that commit is still made durable.
        on_crash: called once at the crash, before PowerCut is raised: cuts the rest of the station's world.
    """

    def __init__(
        self,
        inner: Reopenable,
        crash_at: int | None = None,
        when: Literal["before", "after"] = "before",
        on_crash: Callable[[], None] | None = None,
    ) -> None:
        self._inner = inner
        self.crash_at = crash_at
        """May be set later, counted from 1 all the same."""
        self._when = when
        self._on_crash = on_crash
        self.commits = 0
        """Commits asked for so far, the failing one included."""
        self.crashed = False

    def get(self, kind: str, key: str) -> bytes | None:
        """Return a committed row, or None."""
        return self._inner.get(kind, key)

    def rows(self, kind: str) -> list[tuple[str, bytes]]:
        """Return the committed rows of a kind, sorted by key."""
        return self._inner.rows(kind)

    def commit(self, writes: Sequence[Write]) -> None:
        """Commit, or crash just before or just after it."""
        self.commits += 1
        crash = self.commits == self.crash_at
        if not crash or self._when == "after":
            self._inner.commit(writes)
        if crash:
            self.crashed = True
            self._inner.sever()
            if self._on_crash:
                self._on_crash()
            raise PowerCut(f"power cut {self._when} commit {self.commits}")

    def close(self) -> None:
        """Release the store."""
        self._inner.close()

    def sever(self) -> None:
        """Sever the store underneath."""
        self._inner.sever()

    def reopen(self) -> Reopenable:
        """Return the store underneath, opened again; it crashes no more."""
        return self._inner.reopen()

    def erase(self) -> None:
        """Erase the store underneath."""
        self._inner.erase()


class ForgetfulStore:
    """A store on a disk that caches commits, and forgets at a power cut what was not synced (decided case 20).

    Args:
        sync_every: commits between two syncs. 1 is a disk that keeps its word, as synchronous=FULL asks for; 0 never
            syncs by itself.
    """

    def __init__(self, sync_every: int = 1) -> None:
        self._durable: Table = {}
        self._cached: Table = {}
        self._sync_every = sync_every
        self._unsynced = 0
        self._severed = False

    def get(self, kind: str, key: str) -> bytes | None:
        """Return a committed row, or None; synced or not."""
        self._check()
        return self._cached.get(kind, {}).get(key)

    def rows(self, kind: str) -> list[tuple[str, bytes]]:
        """Return the committed rows of a kind, sorted by key; synced or not."""
        self._check()
        return sorted(self._cached.get(kind, {}).items())

    def commit(self, writes: Sequence[Write]) -> None:
        """Apply the writes to the cache, and sync if it is time to."""
        self._check()
        _apply(self._cached, writes)
        self._unsynced += 1
        if self._unsynced == self._sync_every:
            self.sync()

    def sync(self) -> None:
        """Make everything committed so far durable."""
        self._check()
        self._durable = _copy(self._cached)
        self._unsynced = 0

    def close(self) -> None:
        """Sync and release the store, as a shutdown in good order does."""
        if not self._severed:
            self.sync()
        self._severed = True

    def sever(self) -> None:
        """Forget what was not synced; later use raises StoreSevered."""
        self._severed = True

    def reopen(self) -> "ForgetfulStore":
        """Return a store on what was synced; this one is severed."""
        self._severed = True
        fresh = ForgetfulStore(self._sync_every)
        fresh._durable, fresh._cached = self._durable, _copy(self._durable)
        return fresh

    def erase(self) -> None:
        """Remove every row, on the disk too."""
        self._check()
        self._cached.clear()
        self.sync()

    def _check(self) -> None:
        if self._severed:
            raise StoreSevered("the forgetful store was closed or severed")


def _apply(table: Table, writes: Sequence[Write]) -> None:
    for write in writes:
        if isinstance(write, Put):
            table.setdefault(write.kind, {})[write.key] = bytes(write.value)
        else:
            table.get(write.kind, {}).pop(write.key, None)


def _copy(table: Table) -> Table:
    return {kind: dict(rows) for kind, rows in table.items()}
