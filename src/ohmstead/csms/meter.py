"""The import register in a transaction's meter values, and what a run of events says of it. Exact: decimals only."""

import itertools
from collections.abc import Iterable
from decimal import Decimal

import msgspec

from ohmstead.wire.messages import LocationEnum, MeasurandEnum, MeterValue, ReadingContextEnum, SampledValue

LARGEST_WH = Decimal(10) ** 15
"""Readings beyond are nonsense; left in, they would end as a cost that JSON cannot say."""

_UNITS = {"Wh": Decimal(1), "kWh": Decimal(1000)}
_PLACES = {ReadingContextEnum.Transaction_Begin: 0, ReadingContextEnum.Transaction_End: 2}


class Readings(msgspec.Struct, frozen=True, kw_only=True):
    """What events that follow one another say of the register, Wh; None: they say nothing."""

    first: Decimal | None = None
    """The first reading of all."""
    head: Decimal | None = None
    """The register when the first of the events that say something occurred."""
    last: Decimal | None = None
    """The register when the last of them occurred."""
    fell: bool = False
    """Whether a later reading is lower than an earlier one, which a register never is (it was reset or exchanged)."""

    def then(self, later: "Readings") -> "Readings":
        """Return both as one: this one's events come before those of the other."""
        dropped = self.last is not None and later.head is not None and later.head < self.last
        return Readings(
            first=later.first if self.first is None else self.first,
            head=later.head if self.head is None else self.head,
            last=self.last if later.last is None else later.last,
            fell=self.fell or later.fell or dropped,
        )


def readings_of(values: Iterable[MeterValue]) -> Readings:
    """Return what one event says of the register: its readings in the order in which they were taken."""
    taken = [
        (value.timestamp, _PLACES.get(_context(sample), 1), reading)
        for value in values
        for sample in value.sampled_value
        if (reading := register_wh(sample)) is not None
    ]
    if not taken:
        return Readings()
    taken.sort(key=lambda each: each[:2])  # an Ended may carry the whole history (J02.FR.03)
    numbers = [reading for _, _, reading in taken]
    fell = any(after < before for before, after in itertools.pairwise(numbers))
    return Readings(first=numbers[0], head=numbers[-1], last=numbers[-1], fell=fell)


def reading_at(context: ReadingContextEnum, values: Iterable[MeterValue]) -> Decimal | None:
    """Return the register at the beginning or end of a transaction, where an event says so (J02.FR.01)."""
    for value in values:
        for sample in value.sampled_value:
            if sample.context is context and (reading := register_wh(sample)) is not None:
                return reading
    return None


def register_wh(sample: SampledValue) -> Decimal | None:
    """Return the import register of the whole outlet in Wh, or None for any other sample.

    Absent fields have the defaults of SampledValueType: this register, at the outlet, in Wh.
    """
    measurand = sample.measurand or MeasurandEnum.Energy_Active_Import_Register
    location = sample.location or LocationEnum.Outlet
    if measurand is not MeasurandEnum.Energy_Active_Import_Register or location is not LocationEnum.Outlet:
        return None
    unit = sample.unit_of_measure
    factor = _UNITS.get((unit and unit.unit) or "Wh")
    multiplier = (unit and unit.multiplier) or 0
    if sample.phase is not None or factor is None or not -12 <= multiplier <= 12:
        return None  # one phase of several; no unit of energy; no meter counts in such powers
    reading = Decimal(repr(sample.value)).scaleb(multiplier) * factor
    return reading if abs(reading) <= LARGEST_WH else None


def _context(sample: SampledValue) -> ReadingContextEnum:
    return sample.context or ReadingContextEnum.Sample_Periodic
