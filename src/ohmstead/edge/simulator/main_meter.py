"""The meter at the feed of a station: what its EVSEs take, as currents on the phases of the grid."""

from collections.abc import Sequence

from ohmstead.edge.simulator.ev import AC_VOLTAGE
from ohmstead.edge.simulator.evse import GRID_HZ
from ohmstead.ports.hardware import MeterReading, PhaseReading
from ohmstead.product.profile import Evse

RECTIFIER_PHASES = 3
"""A rectifier loads the phases of the grid evenly; what it loses is left out, as the registers of DC EVSEs leave it."""


def fed_by_grid(readings: Sequence[MeterReading], evses: Sequence[Evse]) -> MeterReading:
    """Return what flows at the feed while each EVSE reads this.

    Args:
        readings: of every EVSE, in order.
        evses: the same EVSEs, for how many phases their feed has.
    """
    wired = max(RECTIFIER_PHASES if evse.current == "DC" else max(evse.phases, 1) for evse in evses)
    currents = [sum(_current(reading, index) for reading in readings) for index in range(wired)]
    return MeterReading(
        energy_wh=sum(one.energy_wh for one in readings),
        exported_wh=0.0,
        power_w=sum(one.power_w for one in readings),
        one_circuit=False,
        frequency_hz=GRID_HZ,
        per_phase=tuple(
            PhaseReading(voltage_v=AC_VOLTAGE, current_a=current, power_w=current * AC_VOLTAGE) for current in currents
        ),
    )


def _current(reading: MeterReading, index: int) -> float:
    """Return the current that an EVSE draws from a phase."""
    if not reading.per_phase:
        return reading.power_w / (RECTIFIER_PHASES * AC_VOLTAGE) if index < RECTIFIER_PHASES else 0.0
    carried = reading.per_phase[index].current_a if index < len(reading.per_phase) else 0.0
    return carried or 0.0
