"""A contactor that does not open although energy was taken away, and a lock whose feedback says that it is shut."""

import asyncio
from random import Random

import pytest

from ohmstead.edge.simulator import Simulator
from ohmstead.edge.virtual_time import run
from ohmstead.ports.hardware import EvseState, Supply, UnlockResult
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire
from tests.runtime.site import Site, site

Status = wire.ConnectorStatusEnum
CARD = "04A1"


class Stuck(Simulator):
    """A machine whose contactors and locks can be made to stay where they are.

    Attributes:
        welded: EVSEs whose power path stays closed.
        feedback: whether a contact tells of it; else the machine says that energy flows.
        shut: EVSEs whose lock says that it is shut.
    """

    def __init__(self, product: Product, *, random: Random) -> None:
        super().__init__(product, random=random)
        self.welded: set[int] = set()
        self.feedback = True
        self.shut: set[int] = set()

    def state(self, evse_id: int) -> EvseState:
        """Say what the contacts say."""
        found = super().state(evse_id)
        conducts = found.supply is Supply.Delivering or evse_id in self.welded
        return EvseState(
            connector_id=found.connector_id,
            occupied=found.occupied,
            supply=Supply.Delivering if conducts and not self.feedback else found.supply,
            closed=conducts if self.feedback else None,
            faults=found.faults,
            locked=evse_id in self.shut or None,
        )

    async def unlock(self, evse_id: int, connector_id: int) -> UnlockResult:
        """Run the motor, which believes that it has done it."""
        del evse_id, connector_id
        return UnlockResult.Unlocked


async def _charging(here: Site) -> Stuck:
    machine = here.simulator
    assert isinstance(machine, Stuck)
    await here.hand.plug(1)
    await here.hand.present(CARD)
    await asyncio.sleep(60)
    assert machine.state(1).supply is Supply.Delivering
    return machine


def _status(here: Site, evse_id: int) -> Status:
    return here.csms.statuses[evse_id, 1]


@pytest.mark.parametrize("feedback", [True, False], ids=["by a contact", "by what flows"])
def test_a_welded_contactor_is_a_fault_until_it_opens(feedback: bool) -> None:
    async def live() -> None:
        async with site(machine=Stuck) as here:
            machine = await _charging(here)
            machine.feedback = feedback
            machine.welded.add(1)
            await here.hand.present(CARD)
            await asyncio.sleep(4)
            assert _status(here, 1) is Status.Occupied
            await asyncio.sleep(4)
            assert _status(here, 1) is Status.Faulted
            assert _status(here, 2) is Status.Available
            station = here.host.station
            assert station is not None
            assert [fault.code for fault in station.charging.faults] == ["PowerSwitchFailure"]
            assert here.csms.events[-1].event_type is wire.TransactionEventEnum.Ended
            await asyncio.sleep(60)
            assert _status(here, 1) is Status.Faulted
            machine.welded.clear()
            await asyncio.sleep(10)
            assert _status(here, 1) is Status.Occupied
            await here.hand.unplug(1)
            await asyncio.sleep(1)
            assert _status(here, 1) is Status.Available

    run(live(), limit=7200)


def test_a_contactor_that_opens_in_time_is_none() -> None:
    async def live() -> None:
        async with site(machine=Stuck) as here:
            machine = await _charging(here)
            machine.welded.add(1)
            await here.hand.present(CARD)
            await asyncio.sleep(3)
            machine.welded.clear()
            await asyncio.sleep(60)
            assert _status(here, 1) is Status.Occupied

    run(live(), limit=7200)


def test_one_that_was_welded_before_the_station_booted_is_found() -> None:
    async def live() -> None:
        async with site(machine=Stuck) as here:
            machine = here.simulator
            assert isinstance(machine, Stuck)
            machine.welded.add(2)
            await here.hand.reboot()
            await asyncio.sleep(60)
            assert _status(here, 2) is Status.Faulted
            assert _status(here, 1) is Status.Available

    run(live(), limit=7200)


def test_energy_that_flows_because_it_may_is_no_fault() -> None:
    async def live() -> None:
        async with site(machine=Stuck) as here:
            await here.hand.present(CARD)
            await here.hand.present(CARD)  # taken back: energy is forbidden, and looked after
            await _charging(here)
            await asyncio.sleep(60)
            assert _status(here, 1) is Status.Occupied

    run(live(), limit=7200)


def test_an_unlock_that_the_lock_itself_denies_has_failed() -> None:
    async def live() -> None:
        async with site(machine=Stuck) as here:
            machine = here.simulator
            assert isinstance(machine, Stuck)
            await here.hand.plug(1)
            ask = wire.UnlockConnectorRequest(evse_id=1, connector_id=1)
            assert (await here.csms.call(ask)).status is wire.UnlockStatusEnum.Unlocked
            machine.shut.add(1)
            assert (await here.csms.call(ask)).status is wire.UnlockStatusEnum.UnlockFailed

    run(live(), limit=7200)


class Forgetful(Simulator):
    """A machine whose observations can get lost."""

    def repaired(self) -> None:
        """Repair every fault without telling anybody."""
        for outlet in self._machine.outlets.values():
            outlet.faults.clear()
        self._machine.emergency_stop = False


def test_what_the_machine_does_not_find_any_more_is_over() -> None:
    """Faults are sets: the comparison with the machine adds what is new and takes away what is gone."""

    async def live() -> None:
        async with site(product=load("sec1000-240y"), machine=Forgetful) as here:
            machine = here.simulator
            assert isinstance(machine, Forgetful)
            await here.hand.fault(1, 1, "GroundFailure")
            await here.hand.fault(1, 0, "OverTemperature")
            await here.hand.emergency_stop(True)
            await asyncio.sleep(1)
            assert _status(here, 1) is Status.Faulted
            machine.repaired()
            station = here.host.station
            assert station is not None
            station.blocks.transactions.start()
            assert station.charging.faults == frozenset()

    run(live(), limit=7200)
