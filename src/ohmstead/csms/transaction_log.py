"""The transactions that one station told of, kept across restarts of the CSMS.

Bounded: the newest `KEPT` ended transactions of a station and the newest `KEPT_RUNNING` that have not ended. An event
is written down before it is answered; what a full disk refuses stays in memory and is written with the next one.
"""

import itertools
import logging
from collections.abc import Callable, Iterable
from urllib.parse import quote

import msgspec

from ohmstead.csms.transaction_record import PresentedToken, TransactionRecord, TransactionRow
from ohmstead.ports.store import Delete, Put, Store, StoreFailed, Write
from ohmstead.wire.identifiers import folded
from ohmstead.wire.messages import TransactionEventRequest
from ohmstead.wire.rows import from_row, to_row

KIND = "csms-transaction"
"""Kind of the rows in the store; the key is the station's identity and the transactionId."""
KEPT = 1000
"""Ended transactions kept for each station."""
KEPT_RUNNING = 200
"""Transactions without an end kept for each station: more than it has EVSEs, for an Ended can be lost."""

_log = logging.getLogger(__name__)


class Filed(msgspec.Struct, frozen=True):
    """What became of one event."""

    record: TransactionRecord
    fresh: bool
    """False: it changed nothing."""
    faults: tuple[str, ...]
    """What it brought to light, one line each."""


class TransactionLog:
    """The transactions of one station, oldest first."""

    def __init__(self, identity: str = "", store: Store | None = None, number: Callable[[], int] | None = None) -> None:
        """Read what is kept.

        Args:
            identity: of the station.
            store: None: transactions are forgotten with the process.
            number: counts over all ledgers of a CSMS; None: this one counts for itself.
        """
        self._prefix = quote(identity, safe="") + "/"
        self._store = store
        self._number = number or itertools.count(1).__next__
        self._records: dict[str, TransactionRecord] = {}
        self._unwritten: dict[str, None] = {}
        if store is not None:
            self._records = _read(store, self._prefix)

    def take(self, request: TransactionEventRequest) -> Filed:
        """File an event."""
        key = folded(request.transaction_info.transaction_id)
        record = self._records.get(key)
        if record is None:
            record = self._records[key] = TransactionRecord(request.transaction_info.transaction_id, request.timestamp)
        before = len(record.row.faults)
        fresh = record.take(request)
        if record.row.claim is None and record.id_token is not None:
            record.row.claim = self._number()
        faults = tuple(record.row.faults[before:])
        if fresh or faults:
            self._unwritten[key] = None
            self._write(self._forget())
        return Filed(record, fresh, faults)

    def records(self) -> tuple[TransactionRecord, ...]:
        """Return all of them, oldest first."""
        return tuple(self._records.values())

    def clear(self) -> None:
        """Forget all of them."""
        gone = [Delete(KIND, self._key(key)) for key in self._records]
        self._records.clear()
        self._unwritten.clear()
        self._write([*gone])

    def _forget(self) -> list[Write]:
        ended = [key for key, record in self._records.items() if not record.running]
        running = [key for key, record in self._records.items() if record.running]
        gone = ended[: max(0, len(ended) - KEPT)] + running[: max(0, len(running) - KEPT_RUNNING)]
        for key in gone:
            del self._records[key]
            self._unwritten.pop(key, None)
        return [Delete(KIND, self._key(key)) for key in gone]

    def _write(self, writes: list[Write]) -> None:
        if self._store is None:
            return
        rows = {key: to_row(self._records[key].row) for key in self._unwritten}
        try:
            self._store.commit([*writes, *(Put(KIND, self._key(key), row) for key, row in rows.items())])
        except StoreFailed as error:
            _log.error("%d transactions are not written down: %s", len(rows), error)
        else:
            self._unwritten.clear()

    def _key(self, key: str) -> str:
        return self._prefix + quote(key, safe="")


def claimed(record: TransactionRecord, ledgers: Iterable[TransactionLog]) -> bool:
    """Say whether the token of a transaction was in use when it was shown, at whatever station, and still is.

    The transaction that showed it first is the one that may go on.
    """
    token, claim = record.id_token, record.row.claim
    if token is None or claim is None:
        return False
    return any(
        other.running
        and (other.row.claim or claim) < claim
        and other.id_token is not None
        and other.id_token.same(token)
        for ledger in ledgers
        for other in ledger.records()
    )


def last_claim(ledgers: Iterable[TransactionLog]) -> int:
    """Return the highest number that was given to a token's first showing."""
    return max((record.row.claim or 0 for ledger in ledgers for record in ledger.records()), default=0)


def _read(store: Store, prefix: str) -> dict[str, TransactionRecord]:
    found: list[TransactionRecord] = []
    for key, value in store.rows(KIND):
        if not key.startswith(prefix):
            continue
        try:
            row = from_row(value, TransactionRow)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            _log.error("the transaction %s cannot be read and is left out: %s", key, error)
            continue
        found.append(TransactionRecord(row.transaction_id, row.since, row))
    found.sort(key=lambda record: record.since)
    return {folded(record.transaction_id): record for record in found}


def shows(record: TransactionRecord, token: PresentedToken | None) -> bool:
    """Say whether a token is the one that authorized a transaction."""
    return token is not None and record.id_token is not None and record.id_token.same(token)
