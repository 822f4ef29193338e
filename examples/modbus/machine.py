"""A machine of MX-1 modules as `ports.hardware.Hardware`: what is wanted goes down, what has changed comes up.

The port is synchronous and a bus is not, so the driver goes round: each round writes what the station wants of every
EVSE, reads what its module says, and reports the difference. Commands only note what is wanted, and let the next round
begin at once.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable

import msgspec

from examples.modbus.bus import Bus, BusLost
from examples.modbus.registers import OPEN, SHUT, Inputs, Outputs, Status, WrongRegisters
from ohmstead.ports.hardware import (
    EmergencyStopChanged,
    EvseState,
    EvStopped,
    FaultChanged,
    Limit,
    LockResult,
    MeterReading,
    Observation,
    Observer,
    PlugIn,
    PlugOut,
    Screen,
    Supply,
    SupplyChanged,
    TokenPresented,
    UnlockResult,
)
from ohmstead.product.profile import Product

ROUND = 0.5
"""Seconds between two rounds; the module's watchdog wants one every 3 seconds."""
AGAIN = 2.0
"""Seconds until the next attempt to connect."""
LOCK_TIME = 3.0
"""Seconds that a lock may take."""
UNREACHABLE = "MachineUnreachable"
CONNECTOR = 1
"""Each module has one."""

_log = logging.getLogger(__name__)


class Module:
    """One EVSE: what is wanted of it, and what it said last."""

    def __init__(self, evse_id: int, reader: int | None, fixed: bool) -> None:
        self.evse_id = evse_id
        self.reader = reader
        self.fixed = fixed
        self.wanted = Outputs()
        self.inputs = Inputs()
        self.met = False
        """Whether it has answered in this process."""
        self.reachable = False
        self.turn: int | None = None
        """Where its lock is to be turned."""
        self.limit = Limit()
        self.limit_due = True
        self._supply_told = Supply.Off

    @property
    def supply(self) -> Supply:
        """What its power path does."""
        status = self.inputs.status
        if not (self.reachable and self.wanted.enable and Status.Connected in status):
            return Supply.Off
        if self.wanted.suspend or 0 in (self.limit.power_w, self.limit.current_a):
            return Supply.SuspendedEVSE
        if Status.Flowing in status:
            return Supply.Delivering
        return Supply.SuspendedEV if Status.Paused in status else Supply.Preparing

    @property
    def faults(self) -> frozenset[str]:
        """Codes of what is wrong with it."""
        return self.inputs.faults if self.reachable else self.inputs.faults | {UNREACHABLE}

    def has(self, status: Status) -> bool:
        """Say whether it is reachable and says so."""
        return self.reachable and status in self.inputs.status

    def seen(self, inputs: Inputs) -> list[Observation]:
        """Take in what it says now, and return what is new: cables before faults, for what is over may begin anew."""
        before, faults, was_reachable = self.inputs, self.faults, self.reachable
        self.inputs, self.reachable = inputs, True
        seen: list[Observation] = []
        connected = Status.Connected in inputs.status
        if connected is not (Status.Connected in before.status):
            seen.append((PlugIn if connected else PlugOut)(self.evse_id, CONNECTOR))
        seen += self._faults_changed(faults)
        if Status.Ended in inputs.status & ~before.status:
            seen.append(EvStopped(self.evse_id))
        if was_reachable and inputs.cards != before.cards:  # a card of the time before is nobody's any more
            seen.append(TokenPresented(inputs.card, "ISO14443", self.reader))
        self.met = True
        return seen + self._supply_changed()

    def lost(self) -> list[Observation]:
        """It is out of reach: nothing is allowed there until the station allows it anew."""
        faults, self.reachable = self.faults, False
        self.wanted, self.turn, self.limit_due = Outputs(), None, True
        return self._faults_changed(faults) + self._supply_changed()

    def _faults_changed(self, before: frozenset[str]) -> list[Observation]:
        now = self.faults
        return [FaultChanged(self.evse_id, 0, code, code in now) for code in sorted(before ^ now)]

    def _supply_changed(self) -> list[Observation]:
        if self.supply is self._supply_told:
            return []
        self._supply_told = self.supply
        return [SupplyChanged(self.evse_id, self.supply)]


class ModbusMachine:
    """Implements `Hardware`; `run` goes round until it is cancelled.

    Args:
        product: its EVSEs are devices 1, 2 ... of the bus.
        connect: returns a connection that is not open yet.
    """

    def __init__(self, product: Product, connect: Callable[[], Bus]) -> None:
        readers = product.hardware.rfid_readers
        self._modules = {
            evse.id: Module(
                evse.id, evse.id if readers == "PerEVSE" else None, all(one.cable == "Fixed" for one in evse.connectors)
            )
            for evse in product.evses
        }
        self._connect = connect
        self._observer: Observer | None = None
        self._pressed = False
        self._lost = False
        self._beat = 0
        self._hurry = asyncio.Event()
        self._round_over = asyncio.Event()

    # The bus

    async def run(self) -> None:
        """Talk to the machine. Raises WrongRegisters where it is another one from the first."""
        while True:
            bus = self._connect()
            try:
                await bus.open()
                await self._look(bus)  # before anything is written: who knows what answers there
                self._lost = False
                while True:
                    await self._go_round(bus)
            except BusLost as lost:
                self._lose(str(lost))
            except WrongRegisters as wrong:
                if not all(module.met for module in self._modules.values()):
                    raise
                self._lose(str(wrong))
            finally:
                with contextlib.suppress(BusLost, WrongRegisters):
                    await self._switch_off(bus)
                bus.close()
            await asyncio.sleep(AGAIN)

    async def _go_round(self, bus: Bus) -> None:
        self._hurry.clear()
        self._beat += 1
        for module in self._modules.values():
            await bus.write(module.evse_id, module.wanted, self._beat)
            if module.limit_due:
                module.limit_due = False
                await bus.limit(module.evse_id, module.limit.power_w, module.limit.current_a)
            if module.turn is not None:
                to, module.turn = module.turn, None
                await bus.turn_lock(module.evse_id, to)
        await self._look(bus)
        over, self._round_over = self._round_over, asyncio.Event()
        over.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ROUND):
                await self._hurry.wait()

    async def _look(self, bus: Bus) -> None:
        """Read every module, and report what is new. A machine is there once all of it is."""
        found = [(module, await bus.read(module.evse_id)) for module in self._modules.values()]
        for module, inputs in found:
            self._tell(module.seen(inputs))
        self._follow_emergency_stop()

    async def _switch_off(self, bus: Bus) -> None:
        """Leave no energy behind while the connection is good; where it is not, the watchdogs of the modules do it."""
        for module in self._modules.values():
            if module.reachable:
                await bus.write(module.evse_id, Outputs(), self._beat)

    def _lose(self, why: str) -> None:
        if not self._lost:
            self._lost = True
            _log.error("the machine is lost: %s; the next attempt in %g s", why, AGAIN)
        for module in self._modules.values():
            self._tell(module.lost())

    def _follow_emergency_stop(self) -> None:
        pressed = any(module.has(Status.EmergencyStop) for module in self._modules.values())
        if pressed is not self._pressed:
            self._pressed = pressed
            self._tell([EmergencyStopChanged(pressed)])

    def _tell(self, seen: list[Observation]) -> None:
        for observation in seen:
            if self._observer is not None:
                self._observer(observation)

    # The port

    def observe(self, observer: Observer | None) -> None:
        """Tell the observer from now on; whoever comes later asks for the state first."""
        self._observer = observer

    def state(self, evse_id: int) -> EvseState:
        """Return what the module said last; of one that is out of reach nobody knows what its contacts do."""
        module = self._modules[evse_id]
        return EvseState(
            connector_id=CONNECTOR if Status.Connected in module.inputs.status else None,
            supply=module.supply,
            closed=Status.Closed in module.inputs.status if module.reachable else None,
            commanded=Status.Commanded in module.inputs.status if module.reachable else None,
            locked=None if module.fixed or not module.reachable else Status.Locked in module.inputs.status,
            faults=frozenset((0, code) for code in module.faults),
        )

    def emergency_stop(self) -> bool:
        """Say whether any module sees it pressed."""
        return self._pressed

    def memory_fault(self) -> str | None:
        """The modules keep their registers themselves."""
        return None

    def read(self, evse_id: int) -> MeterReading:
        """Return the last reading; the register stands where it stood while the module is out of reach."""
        module = self._modules[evse_id]
        inputs = module.inputs
        if not module.reachable:
            return MeterReading(energy_wh=float(inputs.energy_wh))
        return MeterReading(
            energy_wh=float(inputs.energy_wh),
            power_w=float(inputs.power_w),
            voltage_v=inputs.voltage_v,
            current_a=inputs.current_a,
            offered_w=module.limit.power_w,
            offered_a=module.limit.current_a,
            phases=inputs.phases or None,
            soc_percent=inputs.soc_percent,
            temperature_c=inputs.temperature_c,
        )

    def enable(self, evse_id: int, enabled: bool) -> None:
        """Close or open the contactor, in a round that begins at once; out of reach nothing is noted for later."""
        module = self._modules[evse_id]
        if module.reachable and enabled is not module.wanted.enable:
            module.wanted = Outputs(enable=enabled)
            self._hurry.set()

    def suspend(self, evse_id: int, suspended: bool) -> None:
        """Hold energy back, or let it flow again."""
        module = self._modules[evse_id]
        if module.reachable and suspended is not module.wanted.suspend:
            module.wanted = msgspec.structs.replace(module.wanted, suspend=suspended)
            self._hurry.set()

    async def lock(self, evse_id: int, connector_id: int) -> LockResult:
        """Shut the lock, and see that it is shut."""
        return LockResult.Locked if await self._turned(evse_id, connector_id, SHUT) else LockResult.LockFailed

    async def unlock(self, evse_id: int, connector_id: int) -> UnlockResult:
        """Open the lock, and see that it has opened."""
        return UnlockResult.Unlocked if await self._turned(evse_id, connector_id, OPEN) else UnlockResult.UnlockFailed

    async def _turned(self, evse_id: int, connector_id: int, to: int) -> bool:
        module = self._modules[evse_id]
        if connector_id != CONNECTOR or module.fixed or not module.reachable:
            return False
        module.turn = to
        self._hurry.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOCK_TIME):
                await self._round_over.wait()
                while module.turn is not None or module.has(Status.Locked) is (to == OPEN):
                    await self._round_over.wait()
                return module.reachable
        return False

    def limit(self, evse_id: int, limit: Limit) -> None:
        """Write what the module may give, with the next round; a module that comes back is told again."""
        module = self._modules[evse_id]
        module.limit, module.limit_due = limit, True
        self._hurry.set()

    def show(self, screen: Screen) -> None:
        """There is no display."""
