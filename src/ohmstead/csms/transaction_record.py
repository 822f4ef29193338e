"""One transaction as its events tell it, in whatever order they arrive: which are missing, energy, and what is wrong.

Events that follow one another without a gap are kept as one `SeqNoRange`, so that a transaction is as large as its gaps
are many, and a fact does not depend on the order of arrival.
"""

import itertools
import zlib
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

import msgspec

from ohmstead.csms.meter import Readings, reading_at, readings_of
from ohmstead.csms.settings import Tariff
from ohmstead.ports.bench import CsmsTransaction, mask
from ohmstead.wire.codec import encode
from ohmstead.wire.identifiers import folded
from ohmstead.wire.messages import (
    IdToken,
    IdTokenEnum,
    ReadingContextEnum,
    TransactionEventEnum,
    TransactionEventRequest,
)

SHOWN_MISSING = 100
"""Missing seqNos that a snapshot names."""
MAX_STRETCHES = 500
"""Of one transaction; a station that leaves more gaps than that has its oldest ones taken for lost."""
MAX_FAULTS = 20
"""Lines kept of what is wrong with one transaction."""
_CHECKED = 64
"""Newest events whose repetitions are compared with them."""


class PresentedToken(msgspec.Struct, frozen=True):
    """A token that was shown."""

    id_token: str
    type: IdTokenEnum

    @classmethod
    def of(cls, token: IdToken | None) -> "PresentedToken | None":
        """Return it without what does not identify it."""
        return None if token is None else cls(token.id_token, token.type)

    def same(self, other: "PresentedToken") -> bool:
        """Compare as identifiers are: without regard to case."""
        return self.type is other.type and folded(self.id_token) == folded(other.id_token)


class SeqNoRange(msgspec.Struct, frozen=True, kw_only=True):
    """Events that follow one another without a gap."""

    low: int
    high: int
    readings: Readings = Readings()
    charging_state: str | None = None
    """The last one."""
    evse_id: int | None = None
    """The last one."""
    id_token: PresentedToken | None = None
    """The first one; a later one is who stopped it (E07.FR.02)."""

    def then(self, later: "SeqNoRange") -> "SeqNoRange":
        """Return both as one."""
        return SeqNoRange(
            low=self.low,
            high=later.high,
            readings=self.readings.then(later.readings),
            charging_state=later.charging_state or self.charging_state,
            evse_id=self.evse_id if later.evse_id is None else later.evse_id,
            id_token=self.id_token or later.id_token,
        )


class TransactionRow(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is kept of a transaction."""

    transaction_id: str
    since: datetime
    """Of the earliest event."""
    first: int | None = None
    """seqNo of Started; it need not be 0 (Part 2, E 1.3.2.1)."""
    started_at: datetime | None = None
    ended: int | None = None
    """seqNo of Ended."""
    ended_at: datetime | None = None
    stopped_reason: str | None = None
    begin: tuple[int, Decimal] | None = None
    """seqNo of the event that said what the register read at the beginning, and that, Wh."""
    end: Decimal | None = None
    final: Decimal | None = None
    """Energy as it was known first once the transaction had ended, Wh: what a driver was told does not change."""
    stretches: list[SeqNoRange] = []
    events: int = 0
    sums: dict[int, int] = {}
    """seqNo -> checksum, of the newest events."""
    unnumbered: SeqNoRange | None = None
    """What events with a negative seqNo told; their readings have no place in the order."""
    claim: int | None = None
    """Counts over all transactions of the CSMS: when its token was first shown."""
    faults: list[str] = []


class TransactionRecord:
    """One transaction; `row` is what is kept of it."""

    def __init__(self, transaction_id: str, since: datetime, row: TransactionRow | None = None) -> None:
        self.row = row or TransactionRow(transaction_id=transaction_id, since=since)

    @property
    def transaction_id(self) -> str:
        """As the station wrote it first."""
        return self.row.transaction_id

    @property
    def since(self) -> datetime:
        """The earliest event."""
        return self.row.since

    @property
    def running(self) -> bool:
        """Say whether no Ended has arrived."""
        return self.row.ended_at is None

    @property
    def complete(self) -> bool:
        """Say whether every event from Started to Ended has arrived (Part 2, E 1.3.2)."""
        row = self.row
        return row.first is not None and row.ended is not None and len(row.stretches) == 1

    @property
    def id_token(self) -> PresentedToken | None:
        """The token that it was authorized with: the first one shown."""
        return next((each.id_token for each in self._told() if each.id_token is not None), None)

    @property
    def evse_id(self) -> int | None:
        """The EVSE that was told last."""
        return next((each.evse_id for each in reversed(self._told()) if each.evse_id is not None), None)

    @property
    def energy_wh(self) -> Decimal | None:
        """Energy from the beginning to the end, or so far; None: it cannot be known.

        It is not known before Started is, unless the station says what its meter read at the beginning, nor if the
        register fell. Events that are missing between beginning and end make no difference, nor do they if they come
        when it is known.
        """
        if self.row.final is not None:
            return self.row.final
        begin, end = self._begin(), self._end()
        if begin is None or end is None or end < begin or self._readings().fell:
            return None
        return end - begin

    def take(self, request: TransactionEventRequest) -> bool:
        """Take one event; False: it changed nothing, for it was here already or comes after the end."""
        checksum = zlib.crc32(encode(request))
        number = request.seq_no
        same = self.row.sums.get(number, checksum) == checksum
        if self._known(number) and (same or number >= 0):
            if not same:
                self._fault(f"seqNo {number} came again with another content")
            return False
        if not self.running and (self.row.ended is None or number > self.row.ended):
            self._fault(f"seqNo {number} comes after the end")
            return False
        self.row.events += 1
        self.row.sums[number] = checksum
        while len(self.row.sums) > _CHECKED:
            del self.row.sums[next(iter(self.row.sums))]
        fell = self._readings().fell
        self._facts(request)
        if number < 0:
            self._fault(f"seqNo {number} is no number of an event")
            event = msgspec.structs.replace(_stretch(request), readings=Readings())
            self.row.unnumbered = self.row.unnumbered.then(event) if self.row.unnumbered else event
        else:
            self._place(_stretch(request))
        if self._readings().fell and not fell:
            self._fault("the register fell, so that nobody can say how much energy there was")
        if not self.running:
            self.row.final = self.energy_wh
        return True

    def snapshot(self, station: str, tariff: Tariff) -> CsmsTransaction:
        """Return the frozen view of it."""
        row, energy, token = self.row, self.energy_wh, self.id_token
        hidden = token is not None and token.type is IdTokenEnum.KeyCode  # C04.FR.04
        states = [each.charging_state for each in self._told() if each.charging_state is not None]
        return CsmsTransaction(
            station=station,
            transaction_id=row.transaction_id,
            evse_id=self.evse_id,
            id_token=None if token is None or hidden else mask(token.id_token),
            started_at=row.started_at,
            ended_at=row.ended_at,
            energy_wh=float(self._seen_wh() if energy is None else energy),
            charging_state=states[-1] if states else None,
            stopped_reason=row.stopped_reason,
            events=row.events,
            last_seq_no=row.stretches[-1].high if row.stretches else None,
            missing=tuple(self._missing()),
            cost=None if energy is None else tariff.cost(energy),
            currency=tariff.currency,
            faults=tuple(row.faults),
        )

    def _begin(self) -> Decimal | None:
        if self.row.begin is not None:
            return self.row.begin[1]
        first = self.row.first
        if first is None:
            return None
        return next((each.readings.first for each in self.row.stretches if each.low <= first <= each.high), None)

    def _end(self) -> Decimal | None:
        if self.running:
            return self._readings().last
        if self.row.end is not None:
            return self.row.end
        ended = self.row.ended
        return next((each.readings.last for each in self.row.stretches if each.high == ended), None)

    def _seen_wh(self) -> Decimal:
        """Return the energy between the first and the last reading that are here, which may be less than all."""
        seen = self._readings()
        if seen.fell or seen.first is None or seen.last is None:
            return Decimal(0)
        return max(seen.last - seen.first, Decimal(0))

    def _told(self) -> list[SeqNoRange]:
        return self.row.stretches if self.row.unnumbered is None else [self.row.unnumbered, *self.row.stretches]

    def _readings(self) -> Readings:
        whole = Readings()
        for each in self.row.stretches:
            whole = whole.then(each.readings)
        return whole

    def _missing(self) -> Iterable[int]:
        row, left = self.row, SHOWN_MISSING
        if row.first is None and row.stretches and row.stretches[0].low > 0:
            yield row.stretches[0].low - 1  # there was a Started, so at least one event comes before the lowest one
            left -= 1
        for before, after in itertools.pairwise(row.stretches):
            for number in range(before.high + 1, min(after.low, before.high + 1 + left)):
                yield number
                left -= 1
            if left <= 0:
                return

    def _known(self, number: int) -> bool:
        return number in self.row.sums or any(each.low <= number <= each.high for each in self.row.stretches)

    def _facts(self, request: TransactionEventRequest) -> None:
        row, number, values = self.row, request.seq_no, request.meter_value or ()
        row.since = min(row.since, request.timestamp)
        begin = reading_at(ReadingContextEnum.Transaction_Begin, values)
        if begin is not None and (row.begin is None or number < row.begin[0]):
            row.begin = number, begin
        if request.event_type is TransactionEventEnum.Started:
            self._start(request)
        if request.event_type is TransactionEventEnum.Ended:
            self._stop(request)

    def _start(self, request: TransactionEventRequest) -> None:
        row = self.row
        if row.started_at is not None:
            self._fault(f"a second Started came, with seqNo {request.seq_no}")
            return
        row.started_at = request.timestamp
        row.first = request.seq_no if request.seq_no >= 0 else None

    def _stop(self, request: TransactionEventRequest) -> None:
        row = self.row
        if not self.running:
            self._fault(f"a second Ended came, with seqNo {request.seq_no}")
            return
        row.ended_at = request.timestamp
        row.stopped_reason = request.transaction_info.stopped_reason or "Local"  # absent means Local (ReasonEnumType)
        row.end = reading_at(ReadingContextEnum.Transaction_End, request.meter_value or ())
        if request.seq_no < 0:
            return
        row.ended = request.seq_no
        beyond = [each for each in row.stretches if each.low > request.seq_no]
        if beyond:
            row.stretches = [each for each in row.stretches if each not in beyond]
            self._fault(f"seqNo {beyond[0].low} comes after the end")

    def _place(self, event: SeqNoRange) -> None:
        stretches = self.row.stretches
        index = next((i for i, each in enumerate(stretches) if each.low > event.low), len(stretches))
        if index < len(stretches) and stretches[index].low == event.high + 1:
            event = event.then(stretches.pop(index))
        if index and stretches[index - 1].high == event.low - 1:
            index -= 1
            event = stretches.pop(index).then(event)
        stretches.insert(index, event)
        if len(stretches) > MAX_STRETCHES:
            self._fault("too many events are missing: the oldest ones count as lost")
            stretches[0:2] = [stretches[0].then(stretches[1])]

    def _fault(self, text: str) -> None:
        if text not in self.row.faults and len(self.row.faults) < MAX_FAULTS:
            self.row.faults.append(text)


def _stretch(request: TransactionEventRequest) -> SeqNoRange:
    state = request.transaction_info.charging_state
    return SeqNoRange(
        low=request.seq_no,
        high=request.seq_no,
        readings=readings_of(request.meter_value or ()),
        charging_state=None if state is None else str(state),
        evse_id=None if request.evse is None else request.evse.id,
        id_token=PresentedToken.of(request.id_token),
    )
