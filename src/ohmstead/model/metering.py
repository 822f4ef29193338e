"""Meter values: what is sampled, and how samples travel (J01, J02)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from ohmstead.wire.messages import MeasurandEnum, MeterValue, ReadingContextEnum, SampledValue, UnitOfMeasure

ENERGY = MeasurandEnum.Energy_Active_Import_Register
UNITS = {
    ENERGY: "Wh",
    MeasurandEnum.Power_Active_Import: "W",
    MeasurandEnum.Voltage: "V",
    MeasurandEnum.Current_Import: "A",
    MeasurandEnum.SoC: "Percent",
}
"""What a reading can give, with its unit; Wh is the default and is left out on the wire."""
MOST_SAMPLES = 240


class Sample(msgspec.Struct, frozen=True):
    """The values of one instant."""

    at: datetime
    context: ReadingContextEnum
    values: tuple[tuple[MeasurandEnum, float], ...]


def take(
    reading: Mapping[MeasurandEnum, float], measurands: Iterable[str], at: datetime, context: ReadingContextEnum
) -> Sample | None:
    """Return the sample of the measurands that are both asked for and available, or None if there is none."""
    wanted = [MeasurandEnum(name) for name in measurands]
    values = tuple((measurand, reading[measurand]) for measurand in wanted if measurand in reading)
    return Sample(at, context, values) if values else None


def thinned(samples: tuple[Sample, ...]) -> tuple[Sample, ...]:
    """Drop every second intermediate sample once there are too many (E06.FR.13, J02.FR.20)."""
    if len(samples) <= MOST_SAMPLES:
        return samples
    return (samples[0], *samples[1:-1:2], samples[-1])


def meter_values(samples: Iterable[Sample]) -> tuple[MeterValue, ...]:
    """Return samples in the form in which they travel."""
    return tuple(
        MeterValue(
            timestamp=sample.at,
            sampled_value=tuple(_sampled(measurand, value, sample.context) for measurand, value in sample.values),
        )
        for sample in samples
    )


def _sampled(measurand: MeasurandEnum, value: float, context: ReadingContextEnum) -> SampledValue:
    unit = UNITS[measurand]
    return SampledValue(
        value=round(value, 1),
        context=context,
        measurand=measurand,
        unit_of_measure=None if unit == "Wh" else UnitOfMeasure(unit=unit),
    )
