"""The machine as the station sees it: commands go down, observations come up.

The simulator in `edge/` is one implementation; a vendor writes another for a real machine.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol, runtime_checkable

import msgspec


class PlugIn(msgspec.Struct, frozen=True):
    """A cable connects an EV to a connector; at a socket the cable lies in it before (`CableInserted`)."""

    evse_id: int
    connector_id: int


class PlugOut(msgspec.Struct, frozen=True):
    """The connection to the EV is gone."""

    evse_id: int
    connector_id: int


class CableInserted(msgspec.Struct, frozen=True):
    """A cable was put into a socket of the station; an EV may be at its other end, or not yet."""

    evse_id: int
    connector_id: int


class CableRemoved(msgspec.Struct, frozen=True):
    """A cable was taken out of a socket of the station."""

    evse_id: int
    connector_id: int


class BayOccupied(msgspec.Struct, frozen=True):
    """An EV stands in the parking bay of an EVSE, or has left it."""

    evse_id: int
    occupied: bool


class Supply(StrEnum):
    """What the power path of an EVSE does, once it is asked for energy."""

    Off = "Off"
    """Not asked for energy; contactors open."""
    Preparing = "Preparing"
    """Asked: cable check and precharge (DC), or waiting for the EV (AC)."""
    Delivering = "Delivering"
    """Energy flows."""
    SuspendedEV = "SuspendedEV"
    """The EV takes no energy although it could."""
    SuspendedEVSE = "SuspendedEVSE"
    """The EVSE gives no energy although the EV would take it."""


class SupplyChanged(msgspec.Struct, frozen=True):
    """The power path of an EVSE changed."""

    evse_id: int
    supply: Supply


class EvStopped(msgspec.Struct, frozen=True):
    """The EV ended its charging session for good (battery full, driver's wish); it will not resume by itself."""

    evse_id: int


class TokenPresented(msgspec.Struct, frozen=True):
    """A driver identified himself: by a card at a reader, a code at a keypad, the MAC address of the car, a button."""

    id_token: str
    """Empty where a button was pressed: of type Local the station makes the id itself, NoAuthorization has none."""
    type: str
    """IdTokenEnumType: `ISO14443` ..."""
    evse_id: int | None = None
    """The EVSE that reader, keypad, car or button belongs to; None: one of them serves the whole station."""


class DisplayChosen(msgspec.Struct, frozen=True):
    """The person at the display chose one of the options shown, by its id."""

    option: str


class CertificateRemoved(msgspec.Struct, frozen=True):
    """Somebody has removed the charging station certificate by the maker's tool, with its key (AQ-3)."""


class FaultChanged(msgspec.Struct, frozen=True):
    """A fault of a connector (or of the whole EVSE: connector_id 0) appeared or was cleared."""

    evse_id: int
    connector_id: int
    code: str
    """A short name, for the log and the display: `OverTemperature`, `GroundFailure` ..."""
    active: bool


POWER_SWITCH_FAILURE = "PowerSwitchFailure"
"""A contactor that does not do what it is told: it stays closed, or open (the name is that of OCPP 1.6).

The station finds it by the feedback, and it lasts until the contactor opens; of one that does not close, until the
machine says that the fault is over, its EVSE is reset or the station restarts.
"""
CONNECTOR_LOCK_FAILURE = "ConnectorLockFailure"
"""A lock that does not answer, or is open while energy flows (the name is that of OCPP 1.6). Lasts as long."""


class EmergencyStopChanged(msgspec.Struct, frozen=True):
    """The emergency stop was pressed, or released again."""

    pressed: bool


class MemoryFaultChanged(msgspec.Struct, frozen=True):
    """The machine cannot write down any more what it has to keep (meters, cables), or it can again.

    It opens its contactors by itself meanwhile, so that no meter counts what a restart would forget.
    """

    fault: str | None
    """Why not, in one line; None: it can again."""


Observation = (
    PlugIn
    | PlugOut
    | CableInserted
    | CableRemoved
    | BayOccupied
    | SupplyChanged
    | EvStopped
    | TokenPresented
    | DisplayChosen
    | CertificateRemoved
    | FaultChanged
    | EmergencyStopChanged
    | MemoryFaultChanged
)
Observer = Callable[[Observation], None]


class PhaseReading(msgspec.Struct, frozen=True, kw_only=True):
    """What the meter says of one phase; None: it does not tell."""

    voltage_v: float | None = None
    """To neutral."""
    current_a: float | None = None
    """Negative where the EV gives energy back, and so is the power."""
    power_w: float | None = None


class MeterReading(msgspec.Struct, frozen=True, kw_only=True):
    """One instant of an EVSE's meter; sums are monotonic for the life of the machine."""

    energy_wh: float
    """Energy.Active.Import.Register, Wh; the integral of power."""
    exported_wh: float | None = None
    """Energy.Active.Export.Register, Wh; None: the meter has none."""
    power_w: float = 0.0
    """Negative where the EV gives energy back: nothing is imported then."""
    voltage_v: float = 0.0
    current_a: float = 0.0
    """Of one phase; its sign is that of the power."""
    one_circuit: bool = True
    """Whether these two mean something: a sum of several EVSEs has no voltage and no current of its own."""
    per_phase: tuple[PhaseReading, ...] = ()
    """L1, L2, L3, as many as are wired; none: DC, or the meter does not tell them apart."""
    frequency_hz: float | None = None
    """Of the grid."""
    offered_w: float | None = None
    """The most that the EV may take now (Power.Offered); None: the machine does not tell."""
    offered_a: float | None = None
    """Current.Offered, of one phase."""
    phases: int | None = None
    """How many phases carry current; None: the machine does not tell, and the product does."""
    soc_percent: float | None = None
    """State of charge of the EV, where it tells."""
    temperature_c: float | None = None


class PilotState(StrEnum):
    """What the control pilot of an AC connector says (IEC 61851-1)."""

    A = "A"
    """No EV."""
    B = "B"
    """An EV that takes no energy."""
    C = "C"
    """An EV that takes energy."""
    D = "D"
    """An EV that takes energy and needs ventilation."""
    E = "E"
    """No power, or a short circuit."""
    F = "F"
    """The EVSE is out of order."""

    @property
    def volts(self) -> float:
        """The voltage of the pilot, the upper one where it pulses."""
        return {"A": 12.0, "B": 9.0, "C": 6.0, "D": 3.0, "E": 0.0, "F": -12.0}[self.value]


class ControlPilot(msgspec.Struct, frozen=True, kw_only=True):
    """The control pilot of the connector that an EV is at, or could be."""

    state: PilotState
    duty_percent: float
    """Offers a current; 100: steady, none is offered."""


class EvseState(msgspec.Struct, frozen=True, kw_only=True):
    """What the machine finds at an EVSE, for comparison with the stored facts (decided case 5)."""

    connector_id: int | None = None
    """The connector that an EV is connected to, or None."""
    cable: int | None = None
    """The socket that a cable lies in, with an EV at its other end or without; None: there is none."""
    occupied: bool = False
    supply: Supply = Supply.Off
    closed: bool | None = None
    """Whether the contactor is closed, as its feedback contact says; None: it has none, and `supply` has to do."""
    commanded: bool | None = None
    """Whether the machine has told it to close; None: it does not tell, and the contactor is to be closed while energy
    flows."""
    locked: bool | None = None
    """Whether the cable is locked in that socket, as its feedback says; None: it has no lock, or does not tell."""
    protected: bool | None = None
    """Whether a lock or shutter keeps its cables and sockets from people (AQ-2); None: it has none, does not tell."""
    pilot: ControlPilot | None = None
    """Its control pilot; None: it has none, or does not tell."""
    faults: frozenset[tuple[int, str]] = frozenset()
    """(connector_id, code) of every active fault; connector 0 is the EVSE."""

    @property
    def used(self) -> int | None:
        """The connector that a cable lies in, or an EV is connected to."""
        return self.cable if self.cable is not None else self.connector_id

    @property
    def conducts(self) -> bool:
        """Say whether the power path is closed, as far as the machine can tell."""
        return self.closed if self.closed is not None else self.supply is Supply.Delivering

    @property
    def disobeys(self) -> bool:
        """Say whether the contactor is not where the machine wants it, as far as both are known."""
        if self.closed is None:
            return False
        if self.commanded is None:
            return self.supply is Supply.Delivering and not self.closed
        return self.closed is not self.commanded


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """The most that an EVSE may give; below what it can give at all it gives nothing (SuspendedEVSE)."""

    power_w: float | None = None
    """None: as much as the machine has."""
    current_a: float | None = None
    """Of one phase."""
    asked_by: tuple[str, ...] = ()
    """Whose limits these are, sorted: `product`, the vendorId of an extension."""


class Screen(msgspec.Struct, frozen=True, kw_only=True):
    """What one display shows: a headline, lines below it, and options that the person may choose."""

    headline: str
    lines: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    """(id, text) of each option."""


class LockResult(StrEnum):
    """What became of an attempt to lock a cable in its socket."""

    Locked = "Locked"
    LockFailed = "LockFailed"


class UnlockResult(StrEnum):
    """What became of an attempt to unlock a connector (UnlockStatusEnumType without the cases the station knows)."""

    Unlocked = "Unlocked"
    UnlockFailed = "UnlockFailed"


class Hardware(Protocol):
    """A machine with EVSEs, readers and displays. Synchronous: a command returns at once, its effect is observed."""

    def observe(self, observer: Observer | None) -> None:
        """Send observations to the observer from now on, in order, from the event loop; None: to nobody."""
        ...

    def state(self, evse_id: int) -> EvseState:
        """Return what the machine finds at an EVSE now."""
        ...

    def emergency_stop(self) -> bool:
        """Say whether the emergency stop is pressed."""
        ...

    def memory_fault(self) -> str | None:
        """Try to write down what the machine has to keep, and return why that fails; None: it is kept."""
        ...

    def read(self, evse_id: int) -> MeterReading:
        """Read the meter of an EVSE."""
        ...

    def enable(self, evse_id: int, enabled: bool) -> None:
        """Allow or forbid energy at an EVSE; forbidding opens its contactors at once.

        The station looks a few seconds later whether they have opened (`EvseState.conducts`): a stuck one is a fault.
        """
        ...

    def suspend(self, evse_id: int, suspended: bool) -> None:
        """Hold back energy at an enabled EVSE (SuspendedEVSE), or let it flow again."""
        ...

    async def lock(self, evse_id: int, connector_id: int) -> LockResult:
        """Lock the cable in a socket, once, and say what the feedback contact says then; asked only where a lock is."""
        ...

    async def unlock(self, evse_id: int, connector_id: int) -> UnlockResult:
        """Unlock a connector; fixed cables have no lock and fail."""
        ...

    def show(self, screen: Screen) -> None:
        """Put a screen on the display; without a display it does nothing."""
        ...


@runtime_checkable
class LimitedHardware(Hardware, Protocol):
    """A machine that can be told to give less than it could."""

    def limit(self, evse_id: int, limit: Limit) -> None:
        """Keep to a limit from now on, whatever flows; each limit replaces the last one.

        The station tells each EVSE at every boot. A machine that lost its memory or its mains keeps to its own most.
        """
        ...


@runtime_checkable
class IdentifyingHardware(Hardware, Protocol):
    """A machine that can ask a car that is plugged in for its MAC address (C-34)."""

    def identify(self, evse_id: int) -> None:
        """Ask the car at an EVSE once more; `TokenPresented` follows if it answers.

        The station asks after a boot, for a car that came or told its address while nobody was there to hear it.
        """
        ...


@runtime_checkable
class MainMeteredHardware(Hardware, Protocol):
    """A machine with a meter at its feed from the grid; without one the station adds up the meters of its EVSEs."""

    def read_main(self) -> MeterReading:
        """Read the main meter: what the whole station takes (evseId 0 of MeterValues)."""
        ...


@runtime_checkable
class ProtectedHardware(Hardware, Protocol):
    """A machine that keeps cables in their holders, and shutters before its sockets, until somebody may charge."""

    def protect(self, evse_id: int, protected: bool) -> None:
        """Keep the cables and sockets of an EVSE from people, or let one of them be used (ConnectorProtectionRelease).

        The station tells each EVSE at every boot. A holder whose cable is out shuts once it has come back. A machine
        that has lost its mains keeps them.
        """
        ...
