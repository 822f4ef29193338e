"""The transactions that one station told of: which events arrived, which are missing, energy and cost.

Kept in memory and bounded: the newest `KEPT` ended transactions of a station, and every running one.
"""

import zlib
from collections.abc import Iterable
from datetime import datetime

from ohmstead.csms.settings import Tariff
from ohmstead.ports.bench import CsmsTransaction, mask
from ohmstead.wire.codec import encode
from ohmstead.wire.messages import (
    EVSE,
    IdToken,
    IdTokenEnum,
    MeasurandEnum,
    MeterValue,
    SampledValue,
    TransactionEventEnum,
    TransactionEventRequest,
)

KEPT = 1000
"""Ended transactions kept for each station."""
SHOWN_MISSING = 100
"""Missing seqNos that a snapshot names."""

LARGEST_WH = 1e15
"""Readings beyond are nonsense; left in, they would end as a cost that JSON cannot say."""


class Record:
    """One transaction, as its events tell it.

    Attributes:
        since: the earliest event.
        gaps: inclusive ranges of seqNos below the highest one that have not arrived.
        conflicts: seqNos that came again with another content, which a station must never do.
    """

    def __init__(self, transaction_id: str, since: datetime) -> None:
        self.transaction_id = transaction_id
        self.since = since
        self.evse: EVSE | None = None
        self.id_token: IdToken | None = None
        self.first: int | None = None
        """seqNo of Started; it need not be 0 (Part 2, E 1.3.2.1)."""
        self.started_at: datetime | None = None
        self.ended_at: datetime | None = None
        self.charging_state: str | None = None
        self.stopped_reason: str | None = None
        self.conflicts: list[int] = []
        self.gaps: list[tuple[int, int]] = []
        self._seen: dict[int, int] = {}
        self._lowest: int | None = None
        self._highest: int | None = None
        self._registers: tuple[float, float] | None = None

    @property
    def energy_wh(self) -> float | None:
        """Energy between the lowest and the highest register reading, Wh; None: no reading came."""
        return None if self._registers is None else self._registers[1] - self._registers[0]

    @property
    def complete(self) -> bool:
        """Say whether every event from Started to Ended has arrived (Part 2, E 1.3.2)."""
        return self.first is not None and self.ended_at is not None and not self.gaps

    def take(self, request: TransactionEventRequest) -> bool:
        """Take one event; False: it was here already and changed nothing."""
        content = zlib.crc32(encode(request))
        known = self._seen.get(request.seq_no)
        if known is not None:
            if known != content:
                self.conflicts.append(request.seq_no)
            return False
        newest = self._highest is None or request.seq_no > self._highest
        self._seen[request.seq_no] = content
        self._place(request.seq_no)
        self._facts(request, newest=newest)
        self._meter(request.meter_value or ())
        return True

    def snapshot(self, station: str, tariff: Tariff) -> CsmsTransaction:
        """Return the frozen view of it."""
        energy = self.energy_wh
        hidden = self.id_token is not None and self.id_token.type is IdTokenEnum.KeyCode  # C04.FR.04
        return CsmsTransaction(
            station=station,
            transaction_id=self.transaction_id,
            evse_id=self.evse.id if self.evse else None,
            id_token=None if self.id_token is None or hidden else mask(self.id_token.id_token),
            started_at=self.started_at,
            ended_at=self.ended_at,
            energy_wh=energy or 0.0,
            charging_state=self.charging_state,
            stopped_reason=self.stopped_reason,
            events=len(self._seen),
            last_seq_no=self._highest,
            missing=tuple(self._missing()),
            cost=None if energy is None else tariff.cost(energy),
            currency=tariff.currency,
        )

    def _missing(self) -> Iterable[int]:
        left = SHOWN_MISSING
        if self.first is None and self._lowest:
            yield self._lowest - 1  # there was a Started, so at least one event comes before the lowest one
            left -= 1
        for low, high in self.gaps:
            for number in range(low, min(high, low + left - 1) + 1):
                yield number
                left -= 1
            if left <= 0:
                return

    def _place(self, number: int) -> None:
        if self._lowest is None or self._highest is None:
            self._lowest = self._highest = number
        elif number > self._highest:
            if number > self._highest + 1:
                self.gaps.append((self._highest + 1, number - 1))
            self._highest = number
        elif number < self._lowest:
            if number < self._lowest - 1:
                self.gaps.insert(0, (number + 1, self._lowest - 1))
            self._lowest = number
        else:
            self._fill(number)

    def _fill(self, number: int) -> None:
        for index, (low, high) in enumerate(self.gaps):
            if low <= number <= high:
                rest = [(low, number - 1), (number + 1, high)]
                self.gaps[index : index + 1] = [(start, end) for start, end in rest if start <= end]
                return

    def _facts(self, request: TransactionEventRequest, *, newest: bool) -> None:
        info = request.transaction_info
        self.since = min(self.since, request.timestamp)
        if request.event_type is TransactionEventEnum.Started:
            self.first = request.seq_no
            self.started_at = request.timestamp
        if request.event_type is TransactionEventEnum.Ended:
            self.ended_at = request.timestamp
            self.stopped_reason = info.stopped_reason or "Local"  # absent means Local (ReasonEnumType)
        if request.evse is not None:
            self.evse = request.evse
        if request.id_token is not None and self.id_token is None:
            self.id_token = request.id_token  # a later one is who stopped it (E07.FR.02)
        if info.charging_state is not None and newest:
            self.charging_state = info.charging_state

    def _meter(self, values: Iterable[MeterValue]) -> None:
        for value in values:
            for sample in value.sampled_value:
                reading = register_wh(sample)
                if reading is None:
                    continue
                low, high = self._registers or (reading, reading)
                self._registers = min(low, reading), max(high, reading)


def register_wh(sample: SampledValue) -> float | None:
    """Return the import register of the whole outlet in Wh, or None for any other sample."""
    measurand = sample.measurand or MeasurandEnum.Energy_Active_Import_Register
    if measurand is not MeasurandEnum.Energy_Active_Import_Register or sample.phase is not None:
        return None
    unit = sample.unit_of_measure
    factor = {"Wh": 1.0, "kWh": 1000.0}.get((unit and unit.unit) or "Wh")
    if factor is None:
        return None
    multiplier = (unit and unit.multiplier) or 0
    if not -12 <= multiplier <= 12:
        return None  # no meter counts in such units, and the power could overflow
    reading = float(sample.value * factor * 10.0**multiplier)
    return reading if abs(reading) <= LARGEST_WH else None


class Ledger:
    """The transactions of one station, oldest first."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}

    def take(self, request: TransactionEventRequest) -> tuple[Record, bool]:
        """File an event; the flag says whether it was new."""
        key = request.transaction_info.transaction_id.lower()
        record = self._records.get(key)
        if record is None:
            record = self._records[key] = Record(request.transaction_info.transaction_id, request.timestamp)
        fresh = record.take(request)
        if fresh and request.event_type is TransactionEventEnum.Ended:
            self._forget()
        return record, fresh

    def records(self) -> tuple[Record, ...]:
        """Return all of them, oldest first."""
        return tuple(self._records.values())

    def uses(self, id_token: IdToken, *, but: str) -> bool:
        """Say whether a running transaction other than `but` was started with a token."""
        return any(
            record.transaction_id != but
            and record.ended_at is None
            and record.id_token is not None
            and record.id_token.type is id_token.type
            and record.id_token.id_token.lower() == id_token.id_token.lower()
            for record in self._records.values()
        )

    def _forget(self) -> None:
        ended = [key for key, record in self._records.items() if record.ended_at is not None]
        for key in ended[: max(0, len(ended) - KEPT)]:
            del self._records[key]
