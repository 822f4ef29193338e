"""Contactors and locks that do not do what they are told: welded, stuck open, silent, not shut."""

import asyncio
from collections.abc import Callable

import msgspec
import pytest

from ohmstead.edge.simulator import Simulator
from ohmstead.edge.virtual_time import run
from ohmstead.ports.hardware import EvseState, FaultChanged, Supply, UnlockResult
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire
from tests.runtime.site import Site, site

Status = wire.ConnectorStatusEnum
CARD = "04A1"


def _detachable(current: str = "AC") -> Product:
    product = load("sec1000-240y")
    evses = tuple(
        msgspec.structs.replace(
            evse,
            current=current,
            phases=3,
            connectors=tuple(
                msgspec.structs.replace(one, type="sType2", cable="Detachable") for one in evse.connectors
            ),
        )
        for evse in product.evses
    )
    return msgspec.structs.replace(product, evses=evses)


def _status(here: Site, evse_id: int = 1) -> Status:
    return here.csms.statuses[evse_id, 1]


def _faults(here: Site) -> set[tuple[int, int, str]]:
    station = here.host.station
    assert station is not None
    return {(one.scope.evse_id, one.scope.connector_id, one.code) for one in station.charging.faults}


async def _begin(here: Site) -> None:
    await here.hand.plug(1)
    await here.hand.present(CARD)
    await asyncio.sleep(60)


@pytest.mark.parametrize("make", [lambda: load("sec1000-240y"), _detachable], ids=["DC", "AC"])
def test_a_contactor_that_never_closes_is_a_fault_until_it_is_repaired(make: Callable[[], Product]) -> None:
    async def live() -> None:
        async with site(product=make()) as here:
            await here.hand.fault(1, 0, "StuckOpen")
            await asyncio.sleep(30)
            assert _status(here) is Status.Available
            await _begin(here)
            assert _faults(here) == {(1, 0, "PowerSwitchFailure")}
            assert _status(here) is Status.Faulted
            assert _status(here, 2) is Status.Available
            last = here.csms.events[-1]
            assert last.event_type is wire.TransactionEventEnum.Ended
            assert last.transaction_info.stopped_reason is wire.ReasonEnum.Other
            assert here.simulator.read(1).energy_wh == 0
            await here.hand.unplug(1)
            await asyncio.sleep(600)
            assert _status(here) is Status.Faulted  # nobody can try it without energy: it stays until it is repaired
            await here.hand.clear(1, 0)
            await asyncio.sleep(10)
            assert _status(here) is Status.Available
            await _begin(here)
            assert _status(here) is Status.Occupied
            assert here.simulator.state(1).supply is Supply.Delivering

    run(live(), limit=7200)


def test_one_that_drops_out_under_power_and_does_not_come_back_is_one_too() -> None:
    async def live() -> None:
        async with site() as here:
            await _begin(here)
            await here.hand.suspend(1)
            await asyncio.sleep(10)
            await here.hand.fault(1, 0, "StuckOpen")
            await asyncio.sleep(60)
            assert _status(here) is Status.Occupied
            await here.hand.resume(1)
            await asyncio.sleep(20)
            assert _status(here) is Status.Faulted

    run(live(), limit=7200)


@pytest.mark.parametrize("how", ["reset of the EVSE", "reset of the station"])
def test_a_reset_lets_a_stuck_contactor_be_tried_again(how: str) -> None:
    async def live() -> None:
        async with site() as here:
            await here.hand.fault(1, 0, "StuckOpen")
            await _begin(here)
            assert _status(here) is Status.Faulted
            await here.hand.unplug(1)
            evse_id = 1 if how == "reset of the EVSE" else None
            await here.csms.call(wire.ResetRequest(type=wire.ResetEnum.Immediate, evse_id=evse_id))
            await asyncio.sleep(120)
            assert _status(here) is Status.Available
            await _begin(here)
            assert _status(here) is Status.Faulted

    run(live(), limit=7200)


@pytest.mark.parametrize("ending", ["a card", "the EV"])
def test_a_weld_is_found_when_the_contactor_should_open(ending: str) -> None:
    async def live() -> None:
        async with site(product=_detachable()) as here:
            await _begin(here)
            await here.hand.fault(1, 0, "Welded")
            await asyncio.sleep(60)
            assert _status(here) is Status.Occupied
            assert here.simulator.state(1).closed is True
            await (here.hand.present(CARD) if ending == "a card" else here.hand.suspend(1))
            await asyncio.sleep(12)
            assert _status(here) is Status.Faulted
            assert _faults(here) == {(1, 0, "PowerSwitchFailure")}
            await here.hand.unplug(1)
            await here.hand.reboot()
            await asyncio.sleep(120)
            assert _status(here) is Status.Faulted
            await here.hand.clear(1, 0)
            await asyncio.sleep(12)
            assert _status(here) is Status.Available

    run(live(), limit=7200)


def test_a_contactor_that_closes_while_nobody_charges_is_found_with_the_next_cable() -> None:
    class Closed(Simulator):
        closed = False

        def state(self, evse_id: int) -> EvseState:
            return msgspec.structs.replace(super().state(evse_id), closed=self.closed)

    async def live() -> None:
        async with site(machine=Closed) as here:
            await asyncio.sleep(60)
            assert isinstance(here.simulator, Closed)
            here.simulator.closed = True
            await here.hand.plug(1)
            await asyncio.sleep(12)
            assert _status(here) is Status.Faulted

    run(live(), limit=7200)


def test_a_machine_that_has_no_feedback_has_no_such_fault() -> None:
    class Blind(Simulator):
        def state(self, evse_id: int) -> EvseState:
            return msgspec.structs.replace(super().state(evse_id), closed=None, commanded=None)

    async def live() -> None:
        async with site(machine=Blind) as here:
            await here.hand.fault(1, 0, "StuckOpen")
            await _begin(here)
            assert _status(here) is Status.Occupied

    run(live(), limit=7200)


def test_an_ev_that_lets_the_machine_wait_is_no_fault() -> None:
    async def live() -> None:
        async with site(product=_detachable()) as here:
            await here.hand.plug(1)
            await here.hand.suspend(1)
            await here.hand.present(CARD)
            await asyncio.sleep(3600)
            assert _status(here) is Status.Occupied
            assert _faults(here) == set()

    run(live(), limit=7200)


class Silent(Simulator):
    """A machine whose locks can be made to say nothing, or to stay open."""

    silent = False
    open = False

    async def unlock(self, evse_id: int, connector_id: int) -> UnlockResult:
        """Run the motor, which may never come back."""
        if self.silent:
            await asyncio.sleep(3600)
        return await super().unlock(evse_id, connector_id)

    def state(self, evse_id: int) -> EvseState:
        """Say what the feedback of the lock says."""
        found = super().state(evse_id)
        return msgspec.structs.replace(found, locked=False) if self.open else found

    def tell(self, seen: FaultChanged) -> None:
        """Observe something of the machine's own."""
        self._drive.emit([seen])


async def _unlock(here: Site) -> wire.UnlockConnectorResponse:
    return await here.csms.call(wire.UnlockConnectorRequest(evse_id=1, connector_id=1))


@pytest.mark.parametrize("repair", ["it answers", "the machine says so", "reset", "boot"])
def test_a_lock_that_does_not_answer_is_a_fault(repair: str) -> None:
    async def live() -> None:
        async with site(product=_detachable(), machine=Silent) as here:
            machine = here.simulator
            assert isinstance(machine, Silent)
            machine.silent = True
            answer = await _unlock(here)
            assert answer.status is wire.UnlockStatusEnum.UnlockFailed
            await asyncio.sleep(5)
            assert _faults(here) == {(1, 1, "ConnectorLockFailure")}
            assert _status(here) is Status.Faulted
            assert _status(here, 2) is Status.Available
            await asyncio.sleep(600)
            assert _status(here) is Status.Faulted
            machine.silent = False
            match repair:
                case "it answers":
                    assert (await _unlock(here)).status is wire.UnlockStatusEnum.Unlocked
                case "the machine says so":
                    machine.tell(FaultChanged(1, 1, "ConnectorLockFailure", active=False))
                case "reset":
                    await here.csms.call(wire.ResetRequest(type=wire.ResetEnum.Immediate, evse_id=1))
                case _:
                    await here.hand.reboot()
            await asyncio.sleep(60)
            assert _faults(here) == set()
            assert _status(here) is Status.Available

    run(live(), limit=7200)


def test_a_lock_that_is_jammed_and_says_so_has_answered() -> None:
    async def live() -> None:
        async with site(product=_detachable()) as here:
            await here.hand.plug(1)
            await here.hand.fault(1, 1, "Jammed")
            assert (await _unlock(here)).status is wire.UnlockStatusEnum.UnlockFailed
            await asyncio.sleep(10)
            assert _faults(here) == set()

    run(live(), limit=7200)


def test_energy_flows_only_through_a_cable_that_is_locked() -> None:
    async def live() -> None:
        async with site(product=_detachable(), machine=Silent) as here:
            assert isinstance(here.simulator, Silent)
            here.simulator.open = True
            await _begin(here)
            assert _faults(here) == {(1, 1, "ConnectorLockFailure")}
            assert here.simulator.state(1).supply is Supply.Off
            assert here.csms.events[-1].event_type is wire.TransactionEventEnum.Ended

    run(live(), limit=7200)


def test_a_machine_may_shut_its_lock_by_itself() -> None:
    class ByItself(Simulator):
        """Shuts its lock with the contactor."""

        def state(self, evse_id: int) -> EvseState:
            found = super().state(evse_id)
            return msgspec.structs.replace(found, locked=found.supply is Supply.Delivering)

    async def live() -> None:
        async with site(product=_detachable(), machine=ByItself) as here:
            await _begin(here)
            await asyncio.sleep(60)
            assert _faults(here) == set()
            assert here.simulator.state(1).supply is Supply.Delivering

    run(live(), limit=7200)


def test_a_contactor_that_is_said_to_be_repaired_is_looked_at() -> None:
    """What its machine says is not what its contact shows."""

    class Closed(Silent):
        closed = False

        def state(self, evse_id: int) -> EvseState:
            return msgspec.structs.replace(super().state(evse_id), closed=self.closed)

    async def live() -> None:
        async with site(machine=Closed) as here:
            machine = here.simulator
            assert isinstance(machine, Closed)
            await asyncio.sleep(60)
            machine.closed = True
            machine.tell(FaultChanged(1, 0, "PowerSwitchFailure", active=True))
            await asyncio.sleep(60)
            machine.tell(FaultChanged(1, 0, "PowerSwitchFailure", active=False))
            await asyncio.sleep(3)
            assert _status(here) is Status.Available
            await asyncio.sleep(12)
            assert _status(here) is Status.Faulted

    run(live(), limit=7200)


def test_a_fixed_cable_whose_lock_does_not_answer_is_a_fault_until_it_does() -> None:
    """F05: its lock is the machine's own matter, and the station hears of it by the request alone."""

    async def live() -> None:
        async with site(machine=Silent) as here:
            machine = here.simulator
            assert isinstance(machine, Silent)
            machine.silent = True
            assert (await _unlock(here)).status is wire.UnlockStatusEnum.UnlockFailed
            await asyncio.sleep(5)
            assert _faults(here) == {(1, 1, "ConnectorLockFailure")}
            machine.silent = False
            await _unlock(here)
            await asyncio.sleep(5)
            assert _faults(here) == set()

    run(live(), limit=7200)
