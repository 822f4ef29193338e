"""A machine as a page shows it that knows nothing but the port."""

import msgspec

from ohmstead.ports.hardware import Hardware, Screen, Supply
from ohmstead.product.profile import Product


class ReportedEvse(msgspec.Struct, frozen=True, kw_only=True):
    """One EVSE, as its machine tells of it (`runtime.bench.EvseLook`)."""

    evse_id: int
    supply: Supply
    connector_id: int | None
    cable: int | None
    locked: bool
    protected: bool
    ev: str | None = None
    soc_percent: float | None
    occupied: bool
    power_w: float
    max_power_w: float
    voltage_v: float
    current_a: float
    energy_wh: float
    faults: tuple[tuple[int, str], ...]


class ReportedMachine(msgspec.Struct, frozen=True, kw_only=True):
    """The whole machine (`runtime.bench.MachineLook`)."""

    emergency_stop: bool
    screen: Screen | None = None
    max_power_w: float
    evses: tuple[ReportedEvse, ...]


def look_at(product: Product, hardware: Hardware) -> ReportedMachine:
    """Ask the machine for everything that it can tell."""
    evses = tuple(_look_at_evse(product, hardware, evse.id, evse.max_power_w) for evse in product.evses)
    most = product.hardware.max_power_w or sum(evse.max_power_w for evse in evses)
    return ReportedMachine(emergency_stop=hardware.emergency_stop(), max_power_w=most, evses=evses)


def _look_at_evse(product: Product, hardware: Hardware, evse_id: int, max_power_w: float | None) -> ReportedEvse:
    state, reading = hardware.state(evse_id), hardware.read(evse_id)
    return ReportedEvse(
        evse_id=evse_id,
        supply=state.supply,
        connector_id=state.connector_id,
        cable=state.cable,
        locked=state.locked is True,
        protected=state.protected is True,
        soc_percent=reading.soc_percent,
        occupied=state.occupied,
        power_w=reading.power_w,
        max_power_w=max_power_w or product.hardware.max_power_w or 0.0,
        voltage_v=reading.voltage_v,
        current_a=reading.current_a,
        energy_wh=reading.energy_wh,
        faults=tuple(sorted(state.faults)),
    )
