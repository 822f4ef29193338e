"""The simulated machine as the station and its owner see it; `Simulator.hand` is what a person does at it.

What is observed comes in the order of cause and effect: `FaultChanged`, `EmergencyStopChanged` and an `EvStopped` by
hand before the `SupplyChanged` that follows. `PlugOut` is never followed by one: the contactors opened with it. A DC
car that is full suspends (SuspendedEV) and ends its session seconds later (EvStopped); an AC car only suspends.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random

import msgspec

from ohmstead.edge.simulator.drive import Drive
from ohmstead.edge.simulator.evse import SimulatedEvse
from ohmstead.edge.simulator.machine import SimulatedCabinet
from ohmstead.edge.simulator.main_meter import fed_by_grid
from ohmstead.edge.simulator.operator_actions import OperatorActions
from ohmstead.edge.simulator.pilot import pilot_of
from ohmstead.edge.simulator.signing_meter import KEY_BITS
from ohmstead.edge.simulator.views import CurvePoint, SimulatorState, Snapshot
from ohmstead.ports.hardware import (
    ControlPilot,
    EvseState,
    Limit,
    LockResult,
    MeterReading,
    Observer,
    Screen,
    TokenPresented,
    UnlockResult,
)
from ohmstead.ports.signing_meter import SignedReading
from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import Product
from ohmstead.wire.messages import ReadingContextEnum

LOCK_S = 0.3
"""How long the motor of a lock runs."""


class Simulator:
    """A station's machine (`ports.hardware.Hardware`): the same seed and actions at the same times give the same run.

    It outlives the station's reboots and power cuts, and belongs to one event loop for its life. What outlives the
    process is in `capture`. Commands raise KeyError for an EVSE that the product does not have.

    Args:
        product: what to be.
        random: where the cars come from; better nobody else draws from it.
        meters: EVSE id -> Wh that its register starts from.
        state: what an earlier process captured. Raises ValueError where it does not fit the product.
        journal: called with the state after each action and event, and before a reading of a meter that moves is
            returned. If it saves, no reading that anybody has seen goes back when the process is killed. While it
            raises OSError, no energy flows, and meters say what was saved last.

    Attributes:
        hand: does the actions of `ports.hand` that are done at a machine, without await.
    """

    def __init__(
        self,
        product: Product,
        *,
        random: Random,
        meters: Mapping[int, float] | None = None,
        state: SimulatorState | None = None,
        journal: Callable[[SimulatorState], None] | None = None,
    ) -> None:
        self._machine = SimulatedCabinet(product, meters or {})
        if state:
            self._machine.restore(state)
        self._drive = Drive(self._machine, journal)
        self._product = product
        if product.has(Feature.SIGNED_METER_VALUES):
            for outlet in self._machine.outlets.values():
                outlet.fit_signer(random.getrandbits(KEY_BITS) or 1)
        self.hand = OperatorActions(product, self._drive, random)

    def observe(self, observer: Observer | None) -> None:
        """Send observations to the observer from now on; what is still under way to an earlier one is dropped."""
        self._drive.observe(observer)

    def state(self, evse_id: int) -> EvseState:
        """Return what the machine finds at an EVSE now."""
        self._drive.catch_up()
        outlet = self._machine.outlets[evse_id]
        return EvseState(
            connector_id=outlet.connector.id if outlet.connector else None,
            occupied=outlet.occupied and self._machine.bay_sensor,
            supply=outlet.supply,
            closed=outlet.contactor.closed,
            commanded=outlet.contactor.commanded,
            cable=outlet.sockets.cable,
            locked=outlet.locked if outlet.sockets.motor(outlet.sockets.cable) else None,
            protected=outlet.protected,
            pilot=self._pilot(outlet),
            faults=frozenset(outlet.faults),
        )

    def _pilot(self, outlet: SimulatedEvse) -> ControlPilot | None:
        if outlet.direct or not self._product.has(Feature.IEC61851_MODE_3):
            return None
        return pilot_of(outlet, mains=self._machine.mains, stopped=self._machine.emergency_stop)

    def emergency_stop(self) -> bool:
        """Say whether the emergency stop is pressed."""
        return self._machine.emergency_stop

    def memory_fault(self) -> str | None:
        """Try to write the machine down; return why that fails."""
        self._drive.write_down(self._drive.catch_up())
        return self._machine.memory_fault

    def read(self, evse_id: int) -> MeterReading:
        """Read the meter of an EVSE; also without mains, for its register keeps."""
        outlet = self._machine.outlets[evse_id]
        now = self._drive.catch_up()
        if outlet.power_w:
            self._drive.write_down(now)
        reading = outlet.read(now)
        if self._machine.memory_fault is not None:
            return msgspec.structs.replace(reading, energy_wh=self._drive.written_wh(evse_id))
        return reading

    def read_main(self) -> MeterReading:
        """Read the meter at the feed: DC is rectified from three phases of the grid, evenly and without loss."""
        readings = [self.read(evse_id) for evse_id in self._machine.outlets]
        return fed_by_grid(readings, [outlet.evse for outlet in self._machine.outlets.values()])

    def sign(self, evse_id: int, at: datetime, context: ReadingContextEnum) -> SignedReading | None:
        """Read the register of an EVSE and sign it; None: no meter signs here, or it gives no answer."""
        outlet = self._machine.outlets[evse_id]
        if outlet.signer is None or outlet.signer_silent or not self._machine.mains:
            return None
        signed = outlet.signer.sign(self.read(evse_id).energy_wh, at, context)
        self._drive.write_down(self._drive.catch_up())
        return signed

    def enable(self, evse_id: int, enabled: bool) -> None:
        """Allow or forbid energy at an EVSE; forbidding opens its contactors at once and forgets a suspension.

        It stays allowed while cars come and go, and through faults and the emergency stop: once these are over, energy
        flows again unless the station has forbidden it meanwhile.
        """
        outlet = self._machine.outlets[evse_id]
        if self._machine.mains and enabled is not outlet.enabled:
            with self._drive.acting():
                outlet.enable(enabled)

    def identify(self, evse_id: int) -> None:
        """Ask the car at an EVSE for its MAC address again; one that has never told it stays silent."""
        outlet = self._machine.outlets[evse_id]
        if self._machine.mains and outlet.ev is not None and outlet.ev.mac:
            self._drive.emit([TokenPresented(outlet.ev.mac, "MacAddress", evse_id)])

    def suspend(self, evse_id: int, suspended: bool) -> None:
        """Hold back energy at an EVSE (SuspendedEVSE), or let it flow again."""
        outlet = self._machine.outlets[evse_id]
        if self._machine.mains and suspended is not outlet.suspended:
            with self._drive.acting():
                outlet.suspended = suspended

    def limit(self, evse_id: int, limit: Limit) -> None:
        """Keep to a limit, until another one comes or the mains go."""
        outlet = self._machine.outlets[evse_id]
        if self._machine.mains and limit != outlet.allowance.limit:
            with self._drive.acting():
                outlet.allowance.limit = limit

    def protect(self, evse_id: int, protected: bool) -> None:
        """Keep the cables of an EVSE in their holders and its sockets shut, or let one of them be used."""
        outlet = self._machine.outlets[evse_id]
        if self._machine.mains and outlet.protected not in (None, protected):
            with self._drive.acting():
                outlet.protect(protected)

    async def lock(self, evse_id: int, connector_id: int) -> LockResult:
        """Lock the cable in a socket; a stuck lock, no socket, no cable or the loss of the mains meanwhile fail."""
        sockets = self._machine.outlets[evse_id].sockets
        await asyncio.sleep(LOCK_S)
        if sockets.cable != connector_id or not self._machine.mains:
            return LockResult.LockFailed
        with self._drive.acting():
            moved = sockets.move_lock(connector_id, shut=True)
        return LockResult.Locked if moved else LockResult.LockFailed

    async def unlock(self, evse_id: int, connector_id: int) -> UnlockResult:
        """Unlock a socket; energy stops before the lock opens, until it is allowed anew.

        A fixed cable, a stuck lock, an unknown connector or the loss of the mains meanwhile: UnlockFailed.
        """
        outlet = self._machine.outlets[evse_id]
        if not outlet.sockets.motor(connector_id):
            return UnlockResult.UnlockFailed
        await asyncio.sleep(LOCK_S)
        if connector_id in outlet.sockets.jammed or not self._machine.mains:
            return UnlockResult.UnlockFailed
        with self._drive.acting():
            if outlet.connector is not None and outlet.connector.id == connector_id:
                outlet.released = True
            outlet.sockets.move_lock(connector_id, shut=False)
        return UnlockResult.Unlocked

    def show(self, screen: Screen) -> None:
        """Put a screen on the display; without mains nothing happens.

        Without a display the options are buttons beside the EVSEs, where the product has them (AQ-8), else there are
        none.
        """
        if self._machine.mains and (self._product.hardware.displays or self._product.chooses_evse):
            self._machine.screen = screen

    @property
    def screen(self) -> Screen | None:
        """What the display shows; None: nothing."""
        return self._machine.screen

    def snapshot(self) -> Snapshot:
        """Look at everything, cars included."""
        now = self._drive.catch_up()
        machine = self._machine
        return Snapshot(
            mains=machine.mains,
            emergency_stop=machine.emergency_stop,
            screen=machine.screen,
            max_power_w=machine.limit_w,
            evses=tuple(outlet.snapshot(now) for outlet in machine.outlets.values()),
        )

    def history(self, evse_id: int) -> tuple[CurvePoint, ...]:
        """Return the curve of the charge that runs at an EVSE, or of the last one; at most about 600 points."""
        now = self._drive.catch_up()
        return self._machine.outlets[evse_id].history(now)

    def registers(self) -> dict[int, float]:
        """Return the meter registers in Wh by EVSE id, now."""
        return {outlet.evse_id: outlet.register_wh for outlet in self.capture().outlets}

    def capture(self) -> SimulatorState:
        """Return what outlives the process; msgspec encodes it. Pass it to the next Simulator as `state`."""
        return self._machine.capture(self._drive.catch_up())
