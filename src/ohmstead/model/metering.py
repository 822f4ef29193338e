"""Meter values: what is sampled, and how samples travel (J01, J02)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from ohmstead.wire.messages import (
    MeasurandEnum,
    MeterValue,
    PhaseEnum,
    ReadingContextEnum,
    SampledValue,
    SignedMeterValue,
    UnitOfMeasure,
)

ENERGY = MeasurandEnum.Energy_Active_Import_Register
UNITS = {
    ENERGY: "Wh",
    MeasurandEnum.Energy_Active_Export_Register: "Wh",
    MeasurandEnum.Power_Active_Import: "W",
    MeasurandEnum.Power_Active_Export: "W",
    MeasurandEnum.Power_Offered: "W",
    MeasurandEnum.Voltage: "V",
    MeasurandEnum.Current_Import: "A",
    MeasurandEnum.Current_Export: "A",
    MeasurandEnum.Current_Offered: "A",
    MeasurandEnum.Frequency: "Hz",
    MeasurandEnum.SoC: "Percent",
}
"""What a reading can give, with its unit; Wh is the default and is left out on the wire."""
DECIMALS = {MeasurandEnum.Frequency: 2}
"""Of all others one is told."""
MOST_SAMPLES = 240


class Measurement(msgspec.Struct, frozen=True, array_like=True):
    """One value. In stored rows it is an array; earlier versions wrote it without a phase, which is read as well."""

    measurand: MeasurandEnum
    value: float
    phase: PhaseEnum | None = None
    """None: of all phases."""


class Sample(msgspec.Struct, frozen=True):
    """The values of one instant."""

    at: datetime
    context: ReadingContextEnum
    values: tuple[Measurement, ...]
    signed: SignedMeterValue | None = None
    """What the meter has signed of the register among the values, with its public key."""


def take(
    reading: Mapping[MeasurandEnum, Mapping[PhaseEnum | None, float]],
    measurands: Iterable[str],
    at: datetime,
    context: ReadingContextEnum,
    signed: SignedMeterValue | None = None,
) -> Sample | None:
    """Return the sample of the measurands that are both asked for and available, or None if there is none."""
    values = tuple(
        Measurement(measurand, value, phase)
        for measurand in map(MeasurandEnum, measurands)
        for phase, value in reading.get(measurand, {}).items()
    )
    return Sample(at, context, values, signed) if values else None


def thinned(samples: tuple[Sample, ...]) -> tuple[Sample, ...]:
    """Drop every second intermediate sample once there are too many (E06.FR.13, J02.FR.20)."""
    if len(samples) <= MOST_SAMPLES:
        return samples
    return (samples[0], *samples[1:-1:2], samples[-1])


def with_keys(samples: Iterable[Sample], rule: str, sent: bool) -> tuple[tuple[Sample, ...], bool]:
    """Return signed samples with the public key where PublicKeyWithSignedMeterValue wants it, else with "" (2.7.17).

    Args:
        samples: with their keys.
        rule: Never, OncePerTransaction or EveryMeterValue.
        sent: whether the transaction has told the key before; True where there is none.

    Returns:
        The samples, and whether the key has been told now.
    """
    shown = []
    for sample in samples:
        tells = rule == "EveryMeterValue" or (rule == "OncePerTransaction" and not sent)
        if sample.signed is None or tells:
            shown.append(sample)
        else:
            signed = msgspec.structs.replace(sample.signed, public_key="")
            shown.append(msgspec.structs.replace(sample, signed=signed))
        sent = sent or (sample.signed is not None and tells)
    return tuple(shown), sent


def meter_values(samples: Iterable[Sample]) -> tuple[MeterValue, ...]:
    """Return samples in the form in which they travel."""
    return tuple(
        MeterValue(
            timestamp=sample.at,
            sampled_value=tuple(_sampled(measured, sample) for measured in sample.values),
        )
        for sample in samples
    )


def _sampled(measured: Measurement, sample: Sample) -> SampledValue:
    unit = UNITS[measured.measurand]
    total = measured.measurand is ENERGY and measured.phase is None
    return SampledValue(
        value=round(measured.value, DECIMALS.get(measured.measurand, 1)),
        context=sample.context,
        measurand=measured.measurand,
        phase=measured.phase,
        signed_meter_value=sample.signed if total else None,
        unit_of_measure=None if unit == "Wh" else UnitOfMeasure(unit=unit),
    )
