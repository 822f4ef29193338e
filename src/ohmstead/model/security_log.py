"""The security log: a chain of hashes, so that nobody takes an entry out or changes one unnoticed (A04.FR.04)."""

import hashlib
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from ohmstead.wire.instants import utc
from ohmstead.wire.rows import from_row, to_row

KIND = "security"
"""The kind of the stored rows; the key is the entry's number."""
MOST = 500
"""Entries that are kept; the oldest go (a rolling log)."""
NOTHING = "0" * 64
"""What the first entry of all follows."""


class SecurityLogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One security event."""

    number: int
    """Counts from 1, without a gap, for the life of the station."""
    at: datetime
    type: str
    tech_info: str | None = None
    previous: str = NOTHING
    """Hash of the entry before."""
    hash: str = ""
    """SHA-256 of everything else, hexadecimal."""

    @property
    def key(self) -> str:
        """The key of its row; sorts by number."""
        return f"{self.number:010d}"

    def computed(self) -> str:
        """Return the hash that the entry should have."""
        content = [self.number, utc(self.at).isoformat(), self.type, self.tech_info, self.previous]
        return hashlib.sha256(to_row(content)).hexdigest()


def entries(rows: Iterable[tuple[str, bytes]]) -> list[SecurityLogEntry]:
    """Return the entries of stored rows, oldest first."""
    return [from_row(value, SecurityLogEntry) for _, value in rows]


class Chain:
    """The end of the log, where entries are added, and the keys of those that are kept."""

    def __init__(self, rows: Iterable[tuple[str, bytes]]) -> None:
        stored = list(rows)
        self._keys = deque(key for key, _ in stored)
        self._last = from_row(stored[-1][1], SecurityLogEntry) if stored else None

    def add(self, at: datetime, kind: str, tech_info: str | None) -> tuple[SecurityLogEntry, list[str]]:
        """Return the entry that follows the last one, and the keys of those that have to go for it."""
        last = self._last
        entry = SecurityLogEntry(
            number=last.number + 1 if last else 1,
            at=at,
            type=kind,
            tech_info=tech_info,
            previous=last.hash if last else NOTHING,
        )
        entry = self._last = msgspec.structs.replace(entry, hash=entry.computed())
        self._keys.append(entry.key)
        return entry, [self._keys.popleft() for _ in range(len(self._keys) - MOST)]

    def take_back(self, last: SecurityLogEntry | None, gone: Iterable[str] = ()) -> None:
        """Return to an earlier end: what was added after it has not been committed, and `gone` has not gone for it."""
        self._last = last
        while self._keys and (last is None or self._keys[-1] > last.key):
            self._keys.pop()
        self._keys.extendleft(reversed(list(gone)))

    @property
    def last(self) -> SecurityLogEntry | None:
        """The newest entry."""
        return self._last


def broken(log: Sequence[SecurityLogEntry]) -> int | None:
    """Return the number of the first entry that is not what was written, or None if the chain holds.

    The first entry kept vouches for where it follows on: entries before it may have been rolled out.
    """
    before: SecurityLogEntry | None = None
    for entry in log:
        follows = before is None or (entry.number == before.number + 1 and entry.previous == before.hash)
        if entry.hash != entry.computed() or not follows:
            return entry.number
        before = entry
    return None
