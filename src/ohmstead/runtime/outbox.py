"""The outbox: messages that reach the CSMS in order and survive a power cut (E04, E12, E13)."""

import asyncio
import logging
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable

import msgspec

from ohmstead.ports.store import Put, Write
from ohmstead.runtime.waiting import WaitingEvents
from ohmstead.wire.actions import ACTION_OF, ACTIONS
from ohmstead.wire.base import Request, Response
from ohmstead.wire.codec import decode, encode
from ohmstead.wire.identifiers import hold
from ohmstead.wire.messages import TransactionEventEnum, TransactionEventRequest
from ohmstead.wire.rows import from_row, to_row

KIND = "outbox"
LIMIT = 120_000
"""Messages, of about 1 kB of memory each, beyond which intermediate ones go (E04.FR.07, E04.FR.08)."""
FEW = 16
"""Entries that are taken out one by one; more of them in one go through all that wait."""

_log = logging.getLogger(__name__)


class OutboxEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One message that waits for its response."""

    number: int
    message_id: str
    action: str
    payload: str
    """JSON text of the request; the same bytes go again after a crash (decided case 8)."""
    attempts: int = 0
    """Attempts that failed; link loss is none (decided case 9)."""
    sent: bool = False
    transaction_id: str | None = None
    intermediate: bool = False
    """Whether it may go where there is no room: a TransactionEvent Updated (E04.FR.07)."""

    @property
    def key(self) -> str:
        """The key of its row; sorts in the order of posting."""
        return f"{self.number:012d}"

    def put(self) -> Put:
        """Return the row that keeps it."""
        return Put(KIND, self.key, to_row(self))

    def request(self) -> Request[Response]:
        """Return the message."""
        return decode(ACTIONS[self.action][0], self.payload)


class Outbox:
    """The waiting messages in memory, in step with their rows; nothing that is done per message goes through them all.

    Args:
        rows: the stored entries. An earlier run may have sent any of them, so they are frozen as if they all were.
        limit: messages beyond which intermediate ones go.

    Attributes:
        entries: oldest first; the first is the one that is being delivered.
        limit: see the argument.
        waiting: finds entries by their transactions and tokens.
    """

    def __init__(self, rows: Iterable[tuple[str, bytes]], limit: int = LIMIT) -> None:
        stored = (from_row(value, OutboxEntry) for _, value in rows)
        self.entries = deque(msgspec.structs.replace(entry, sent=True) for entry in stored)
        self._intermediate = {entry.number: entry for entry in self.entries if entry.intermediate}
        self.waiting = WaitingEvents(self.entries)
        self._online: dict[int, None] = {}
        """Numbers of events that were posted while the link was up and have not been sent."""
        self.limit = limit
        self._next = self.entries[-1].number + 1 if self.entries else 1
        self.in_flight: OutboxEntry | None = None
        self.wake = asyncio.Event()
        self.empty = asyncio.Event()
        self.note()

    def note(self) -> None:
        """Wake whoever waits for messages, or for none."""
        if self.entries:
            self.empty.clear()
            self.wake.set()
        else:
            self.empty.set()

    def prepare(self, request: Request[Response], message_id: str) -> tuple[OutboxEntry, list[Write]]:
        """Make the entry of a message and the rows that post it; `append` it after their commit.

        Raises InvalidMessage for one that could not travel: what waits goes out as it is, for a version that knew no
        better may have put it there.
        """
        hold(request)
        event = request if isinstance(request, TransactionEventRequest) else None
        entry = OutboxEntry(
            number=self._next,
            message_id=message_id,
            action=ACTION_OF[type(request)],
            payload=encode(request).decode(),
            transaction_id=None if event is None else event.transaction_info.transaction_id,
            intermediate=event is not None and event.event_type is TransactionEventEnum.Updated,
        )
        if event is not None and not event.offline:
            self._online[entry.number] = None
        self._next += 1
        return entry, [entry.put()]

    def append(self, entry: OutboxEntry) -> None:
        """Take a committed entry."""
        self.entries.append(entry)
        self.waiting.add(entry)
        if entry.intermediate:
            self._intermediate[entry.number] = entry
        self.note()

    def remove(self, entry: OutboxEntry) -> None:
        """Forget a settled or discarded entry."""
        self._take_out(entry.number)
        self.note()

    def replace(self, entry: OutboxEntry) -> None:
        """Put an amended entry in the place of the one with its number."""
        index = self._index(entry.number)
        if index is None:
            return
        self.waiting.remove(self.entries[index])
        self.entries[index] = entry
        self.waiting.add(entry)
        self._online.pop(entry.number, None)
        if entry.intermediate:
            self._intermediate[entry.number] = entry

    def _index(self, number: int) -> int | None:
        """Return where the entry with a number is; they lie in the order of their numbers."""
        index = bisect_left(self.entries, number, key=lambda entry: entry.number)
        return index if index < len(self.entries) and self.entries[index].number == number else None

    def _take_out(self, number: int) -> None:
        index = self._index(number)
        if index is not None:
            self._forget(self.entries[index])
            del self.entries[index]

    def _forget(self, entry: OutboxEntry) -> None:
        self.waiting.remove(entry)
        self._intermediate.pop(entry.number, None)
        self._online.pop(entry.number, None)

    def transactions(self) -> frozenset[str]:
        """Return the ids (lower case) of the transactions that waiting messages are about."""
        return frozenset(self.waiting.transactions)

    def plan_offline(self) -> list[OutboxEntry]:
        """Return the waiting events as they are to be once the link is lost: not yet sent means offline (E11.FR.07)."""
        changed = []
        for index in map(self._index, self._online):
            if index is None:
                continue
            entry = self.entries[index]
            request = decode(TransactionEventRequest, entry.payload)
            stamped = msgspec.structs.replace(request, offline=True)
            changed.append(msgspec.structs.replace(entry, payload=encode(stamped).decode()))
        return changed

    def plan_room(self) -> list[OutboxEntry]:
        """Return the entries to drop when there are too many: every second intermediate event (E04.FR.08)."""
        if len(self.entries) < self.limit:
            return []
        in_flight = None if self.in_flight is None else self.in_flight.number
        updated = [entry for number, entry in self._intermediate.items() if number != in_flight]
        dropped = updated[::2]
        if dropped:
            _log.warning("the outbox is full: %d intermediate events are dropped", len(dropped))
        return dropped

    def discard(self, dropped: Iterable[OutboxEntry]) -> None:
        """Forget entries whose rows have been deleted."""
        gone = {entry.number for entry in dropped}
        if len(gone) > FEW:
            before, self.entries = self.entries, deque(entry for entry in self.entries if entry.number not in gone)
            for entry in before:
                if entry.number in gone:
                    self._forget(entry)
        else:
            for number in gone:
                self._take_out(number)
        self.note()
