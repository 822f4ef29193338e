"""Frozen pictures of the simulated machine: for pages, for live curves, and for a memory that survives the process."""

import msgspec

from ohmstead.edge.simulator.ev import MODELS, EvState
from ohmstead.edge.simulator.sockets import CABLE_A
from ohmstead.ports import bench
from ohmstead.ports.hardware import Screen, Supply


class CurvePoint(msgspec.Struct, frozen=True):
    """One point of a live curve."""

    time_s: float
    """Seconds since the EV was plugged in."""
    power_w: float
    """Power from this moment until the next point."""
    soc_percent: float


class EvseSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """One EVSE as somebody sees it who looks into the cabinet and into the car."""

    evse_id: int
    supply: Supply
    connector_id: int | None = None
    """The connector that an EV is plugged into."""
    ev: str | None = None
    """Name of the EV's model."""
    soc_percent: float | None = None
    """What the car displays, whether or not it tells the station."""
    target_soc_percent: float | None = None
    paused: bool = False
    """The EV is told to take nothing."""
    ended: bool = False
    """The EV ended its session for good."""
    occupied: bool = False
    """An EV stands in the bay, whether or not the station has a sensor for it."""
    enabled: bool = False
    suspended: bool = False
    cable: int | None = None
    """The socket that a cable lies in, whether or not an EV is at its other end."""
    locked: bool = False
    """It is held there."""
    protected: bool = False
    """Its cables are locked in their holders, its sockets shut, until somebody may charge."""
    power_w: float = 0.0
    max_power_w: float = 0.0
    """What the EVSE gives when it is alone."""
    voltage_v: float = 0.0
    current_a: float = 0.0
    energy_wh: float = 0.0
    """The meter's register."""
    session_wh: float = 0.0
    """Energy since the EV was plugged in."""
    temperature_c: float = 0.0
    """Of the connector's contacts."""
    faults: tuple[tuple[int, str], ...] = ()
    """(connector_id, code)."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The whole machine at one instant."""

    mains: bool
    emergency_stop: bool
    screen: Screen | None
    max_power_w: float
    evses: tuple[EvseSnapshot, ...]


class SimulatedEvseState(msgspec.Struct, frozen=True, kw_only=True):
    """What an EVSE keeps without power: its meter, and what somebody did to it."""

    evse_id: int
    register_wh: float
    session_wh: float = 0.0
    connector_id: int | None = None
    ev: EvState | None = None
    occupied: bool = False
    not_ready: bool = False
    """The EV in the bay will take no energy when it is plugged in."""
    faults: tuple[tuple[int, str], ...] = ()
    jammed: tuple[int, ...] = ()
    """Connectors whose lock is stuck."""
    signer_silent: bool = False
    """The meter signs nothing now."""
    meter_key: str = ""
    """The private key of a meter that signs, in hexadecimal digits; it guards nothing but this simulation."""
    meter_pages: int = 0
    """Records that this meter has signed."""
    welded: bool = False
    stuck: bool = False
    """The contactor does not close."""
    closed: bool = False
    """It is welded, and closed."""
    shut: tuple[int, ...] = ()
    """Connectors whose lock is shut."""
    cable: int | None = None
    """The socket that a cable lies in."""
    cable_a: float = CABLE_A
    """What that cable carries."""


class SimulatorState(msgspec.Struct, frozen=True, kw_only=True):
    """What outlives the process: see `Simulator.capture`."""

    outlets: tuple[SimulatedEvseState, ...]
    emergency_stop: bool = False


def ev_models() -> tuple[bench.EvModel, ...]:
    """Return the EVs that can be plugged in, as a page shows them."""
    return tuple(
        bench.EvModel(
            name=model.name,
            label=model.label,
            battery_kwh=round(model.usable_wh / 1000, 1),
            max_power_w=max(power for _, power in model.curve),
        )
        for model in MODELS.values()
    )
