"""The journal: what happened, in lines without tokens and secrets, bounded by bytes and kept by worth."""

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum

import msgspec

from ohmstead.wire.printable import printable
from ohmstead.wire.rows import from_row, to_row
from ohmstead.wire.secrets import redact_text

KIND = "journal"
"""The kind of the stored rows; the key is the line's number."""
LONGEST = 400
"""Characters of a line; what is longer is cut. A machine, a CSMS or a firmware may say what it likes."""


class Topic(StrEnum):
    """What a line is about, in the order of its worth, the least first."""

    Reading = "Reading"
    """A value that comes anyway: the next one comes in a minute."""
    Charging = "Charging"
    """A transaction began, went on or ended; a connector is in use or free."""
    Link = "Link"
    """The connection to the CSMS, and the clock that it sets."""
    Unknown = ""
    """Written by a version that had other topics, or none."""
    Setting = "Setting"
    """A variable, an availability, a network profile, a certificate or the firmware is another one."""
    Security = "Security"
    Fault = "Fault"
    Boot = "Boot"


SHARES: dict[Topic, int] = {
    Topic.Reading: 128 << 10,
    Topic.Charging: 256 << 10,
    Topic.Link: 96 << 10,
    Topic.Unknown: 32 << 10,
    Topic.Setting: 128 << 10,
    Topic.Security: 128 << 10,
    Topic.Fault: 160 << 10,
    Topic.Boot: 96 << 10,
}
"""Bytes that the lines of a topic may fill whatever happens to the others; more only while all the others leave it."""
MOST_BYTES = sum(SHARES.values())
"""Bytes of all rows, their kinds and keys included."""


class JournalLine(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened."""

    number: int
    at: datetime
    text: str
    topic: str = Topic.Unknown
    """A Topic; a text, because a later version may know more of them (decided case 17)."""

    @property
    def key(self) -> str:
        """The key of its row; sorts by number."""
        return f"{self.number:010d}"


class JournalRow(msgspec.Struct, frozen=True):
    """A row of the journal as it is counted."""

    topic: Topic
    key: str
    size: int


class Added(msgspec.Struct, frozen=True):
    """What a new line comes to: its row, and the rows that have to go for it."""

    kept: JournalRow
    value: bytes
    gone: tuple[JournalRow, ...]


class _About(msgspec.Struct):
    """What counts here of a stored line."""

    topic: str = Topic.Unknown


class Journal:
    """Where lines are added, and what each topic fills; a line costs the same however many there are.

    While the rows fill more than MOST_BYTES, the oldest line goes of the least worthy topic that has more than its
    share. So nothing that comes often can push out what comes seldom.
    """

    def __init__(self, rows: Iterable[tuple[str, bytes]]) -> None:
        self._rows: dict[Topic, deque[JournalRow]] = {topic: deque() for topic in Topic}
        self._bytes = dict.fromkeys(Topic, 0)
        self._number = 0
        for key, value in rows:
            self._count(JournalRow(_topic(value), key, _size(key, value)))
            self._number = int(key)

    def add(self, at: datetime, topic: Topic, text: str) -> Added:
        """Take a new line, which follows all others."""
        self._number += 1
        line = JournalLine(number=self._number, at=at, text=cut(text), topic=topic)
        value = to_row(line)
        kept = JournalRow(topic, line.key, _size(line.key, value))
        self._count(kept)
        return Added(kept, value, tuple(self._make_room()))

    def take_back(self, added: Added) -> None:
        """Count as before a line was added: its row has not been committed.

        Others may have come after it (the failure itself is worth a line), so its number is not given again.
        """
        self._rows[added.kept.topic].remove(added.kept)
        self._bytes[added.kept.topic] -= added.kept.size
        for kept in reversed(added.gone):
            self._rows[kept.topic].appendleft(kept)
            self._bytes[kept.topic] += kept.size

    def _count(self, kept: JournalRow) -> None:
        self._rows[kept.topic].append(kept)
        self._bytes[kept.topic] += kept.size

    def _make_room(self) -> Iterator[JournalRow]:
        while sum(self._bytes.values()) > MOST_BYTES:
            topic = next(topic for topic in Topic if self._bytes[topic] > SHARES[topic])
            gone = self._rows[topic].popleft()
            self._bytes[topic] -= gone.size
            yield gone


def cut(text: str) -> str:
    """Return a text as a line holds it: without secrets, printable, and not longer than LONGEST.

    Done where it is written: a journal of thousands of lines would hold up a GetLog for a fifth of a second. The cut
    comes last, for half of a URL no longer shows that it has a password in it.
    """
    text = printable(redact_text(text))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _size(key: str, value: bytes) -> int:
    return len(KIND) + len(key) + len(value)


def _topic(value: bytes) -> Topic:
    try:
        return Topic(from_row(value, _About).topic)
    except (ValueError, msgspec.DecodeError):
        # A topic of another version, or a row that cannot be read: it is counted, and goes in its turn.
        return Topic.Unknown
