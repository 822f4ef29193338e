"""From the reading of a meter to the measurands of the specification (MeasurandEnumType), phase by phase."""

from collections.abc import Mapping

from ohmstead.ports.hardware import MeterReading, PhaseReading
from ohmstead.wire.messages import MeasurandEnum, PhaseEnum

Measured = Mapping[MeasurandEnum, Mapping[PhaseEnum | None, float]]
"""Measurand -> phase -> value; the phase None is the value of all of them."""

LINES = (PhaseEnum.L1, PhaseEnum.L2, PhaseEnum.L3)
TO_NEUTRAL = (PhaseEnum.L1_N, PhaseEnum.L2_N, PhaseEnum.L3_N)


def measurands_of(reading: MeterReading) -> Measured:
    """Return a reading by measurand; what the machine does not tell is absent (J01.FR.10, J01.FR.14).

    Registers and powers are told of the whole; voltages and currents have no whole where phases are told.
    """
    whole: dict[MeasurandEnum, float | None] = {
        MeasurandEnum.Energy_Active_Import_Register: reading.energy_wh,
        MeasurandEnum.Energy_Active_Export_Register: reading.exported_wh,
        MeasurandEnum.Power_Active_Import: _imported(reading.power_w),
        MeasurandEnum.Power_Active_Export: _exported(reading.power_w),
        MeasurandEnum.Frequency: reading.frequency_hz,
        MeasurandEnum.Power_Offered: reading.offered_w,
        MeasurandEnum.Current_Offered: reading.offered_a,
        MeasurandEnum.SoC: reading.soc_percent,
    }
    if not reading.per_phase and reading.one_circuit:
        whole[MeasurandEnum.Voltage] = reading.voltage_v
        whole[MeasurandEnum.Current_Import] = _imported(reading.current_a)
        whole[MeasurandEnum.Current_Export] = _exported(reading.current_a)
    found: dict[MeasurandEnum, dict[PhaseEnum | None, float]] = {
        measurand: {None: value} for measurand, value in whole.items() if value is not None
    }
    for phase, line, to_neutral in zip(reading.per_phase, LINES, TO_NEUTRAL, strict=False):
        for measurand, at, value in _of_phase(phase, line, to_neutral):
            if value is not None:
                found.setdefault(measurand, {})[at] = value
    return found


def _of_phase(
    phase: PhaseReading, line: PhaseEnum, to_neutral: PhaseEnum
) -> tuple[tuple[MeasurandEnum, PhaseEnum, float | None], ...]:
    current, power = phase.current_a, phase.power_w
    return (
        (MeasurandEnum.Voltage, to_neutral, phase.voltage_v),
        (MeasurandEnum.Current_Import, line, _imported(current)),
        (MeasurandEnum.Current_Export, line, _exported(current)),
        (MeasurandEnum.Power_Active_Import, line, _imported(power)),
        (MeasurandEnum.Power_Active_Export, line, _exported(power)),
    )


def _imported(value: float | None) -> float | None:
    return None if value is None else max(value, 0.0)


def _exported(value: float | None) -> float | None:
    return None if value is None else max(-value, 0.0)


def added(readings: tuple[MeterReading, ...]) -> MeterReading:
    """Return the sum of the meters of a station, as its main meter would tell it (J01.FR.04).

    Phases are told where every EVSE tells them; voltage and frequency are those of the grid, the same everywhere.
    Where one does not, as with DC, nobody knows the voltage and the currents at the feed: they are not told.
    """
    exported = [one.exported_wh for one in readings if one.exported_wh is not None]
    frequencies = [one.frequency_hz for one in readings if one.frequency_hz is not None]
    every = all(one.per_phase for one in readings)
    wired = max((len(one.per_phase) for one in readings), default=0) if every else 0
    return MeterReading(
        energy_wh=sum(one.energy_wh for one in readings),
        exported_wh=sum(exported) if exported and len(exported) == len(readings) else None,
        power_w=sum(one.power_w for one in readings),
        one_circuit=False,
        frequency_hz=frequencies[0] if frequencies else None,
        per_phase=tuple(
            _added_phase([one.per_phase[index] for one in readings if index < len(one.per_phase)])
            for index in range(wired)
        ),
    )


def _added_phase(phases: list[PhaseReading]) -> PhaseReading:
    voltages = [one.voltage_v for one in phases if one.voltage_v is not None]
    currents = [one.current_a for one in phases if one.current_a is not None]
    powers = [one.power_w for one in phases if one.power_w is not None]
    return PhaseReading(
        voltage_v=voltages[0] if voltages else None,
        current_a=sum(currents) if len(currents) == len(phases) else None,
        power_w=sum(powers) if len(powers) == len(phases) else None,
    )
