"""ResetRetries: a reset that fails is repeated, and given up in the end."""

import asyncio
from collections.abc import Sequence

import pytest

from ohmstead.edge.simulator import Simulator
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.virtual_time import run
from ohmstead.ports.hardware import EvseState, Supply
from ohmstead.ports.store import StoreFailed, Write
from ohmstead.wire import messages as wire
from tests.requirements.charging import kinds
from tests.runtime.site import Site, site


class FullStore(MemoryStore):
    """A store whose disk is full for a number of commits."""

    def __init__(self) -> None:
        super().__init__()
        self.failures = 0

    def commit(self, writes: Sequence[Write]) -> None:
        """Fail while there are failures left."""
        if self.failures > 0:
            self.failures -= 1
            raise StoreFailed("the disk is full")
        super().commit(writes)


FOREVER = 1_000_000
"""Looks: whoever looks, and however often, the contactor stays as it is until the test opens it."""


class Welded(Simulator):
    """A machine whose contactors stay closed, as it says, for a number of looks."""

    looks = 0

    def state(self, evse_id: int) -> EvseState:
        """Tell of a closed power path while there are looks left."""
        if self.looks > 0:
            self.looks -= 1
            return EvseState(supply=Supply.Delivering)
        return super().state(evse_id)


async def _charge(here: Site) -> None:
    await here.hand.plug(1)
    await here.hand.present("04A1B2C3")
    await here.csms.until(lambda: any(e.transaction_info.charging_state == "Charging" for e in here.csms.events))
    await asyncio.sleep(1)


async def _reset(here: Site, evse_id: int | None = None) -> wire.ResetStatusEnum:
    response = await here.csms.call(wire.ResetRequest(type=wire.ResetEnum.Immediate, evse_id=evse_id))
    return response.status


def _boots(here: Site) -> list[str]:
    return [boot.reason.value for boot in here.csms.of(wire.BootNotificationRequest)]


def test_a_reset_of_the_station_is_repeated_until_the_power_path_is_open() -> None:
    """The transaction has ended with the first attempt, and ends only once."""

    async def scenario() -> None:
        async with site(machine=Welded) as here:
            assert isinstance(here.simulator, Welded)
            await _charge(here)
            here.simulator.looks = FOREVER
            assert await _reset(here) == "Accepted"
            await asyncio.sleep(5)
            assert _boots(here) == []
            here.simulator.looks = 0
            await asyncio.sleep(60)
            assert _boots(here) == ["RemoteReset"]
            ended = [event for event in here.csms.events if event.event_type == "Ended"]
            assert [event.transaction_info.stopped_reason for event in ended] == ["ImmediateReset"]

    run(scenario(), limit=3600)


def test_a_reset_that_could_not_be_written_down_is_repeated() -> None:
    """The first attempt fails, the second one ends the transaction and reboots; meanwhile no energy flows."""

    async def scenario() -> None:
        store = FullStore()
        async with site(store=store) as here:
            await _charge(here)
            store.failures = 1
            assert await _reset(here) == "Accepted"
            await asyncio.sleep(1)
            assert here.simulator.state(1).supply is Supply.Off
            await asyncio.sleep(60)
            assert _boots(here) == ["RemoteReset"]
            assert [event.event_type.value for event in here.csms.events].count("Ended") == 1

    run(scenario(), limit=3600)


def test_without_retries_the_first_failure_is_the_last() -> None:
    async def scenario() -> None:
        async with site(machine=Welded) as here:
            assert isinstance(here.simulator, Welded)
            assert await here.set("OCPPCommCtrlr", "ResetRetries", "0") == "Accepted"
            here.simulator.looks = 2
            assert await _reset(here) == "Accepted"
            await asyncio.sleep(60)
            assert _boots(here) == []
            assert _takes_sessions(here)

    run(scenario(), limit=3600)


def test_an_evse_whose_power_path_stays_closed_is_reset_again() -> None:
    async def scenario() -> None:
        async with site(machine=Welded) as here:
            assert isinstance(here.simulator, Welded)
            here.simulator.looks = 2
            assert await _reset(here, evse_id=1) == "Accepted"
            await asyncio.sleep(1)
            assert not _takes_sessions(here)
            await asyncio.sleep(20)
            assert _takes_sessions(here)

    run(scenario(), limit=3600)


def test_a_reset_that_is_given_up_leaves_the_evse_open() -> None:
    async def scenario() -> None:
        async with site(machine=Welded) as here:
            assert isinstance(here.simulator, Welded)
            here.simulator.looks = 2
            assert await _reset(here, evse_id=1) == "Accepted"
            await asyncio.sleep(60)
            assert here.simulator.looks == 0
            assert _takes_sessions(here)

    run(scenario(), limit=3600)


def _takes_sessions(here: Site) -> bool:
    assert here.host.station is not None
    return here.host.station.charging.standing.obstacle(1) is None


def test_a_reset_that_waited_begins_once_whatever_ends_meanwhile(caplog: pytest.LogCaptureFixture) -> None:
    """B12.FR.07: another transaction that ends between two attempts begins no second reset beside the first."""

    async def scenario() -> None:
        async with site(machine=Welded) as here:
            assert isinstance(here.simulator, Welded)
            assert await here.set("OCPPCommCtrlr", "ResetRetries", "2") == "Accepted"
            for evse_id, card in ((1, "04A1B2C3"), (2, "04D4E5F6")):
                await here.hand.plug(evse_id)
                await here.hand.present(card)
                await asyncio.sleep(60)
            request = wire.ResetRequest(type=wire.ResetEnum.OnIdle, evse_id=1)
            assert (await here.csms.call(request)).status == "Scheduled"
            here.simulator.looks = FOREVER
            await here.hand.present("04A1B2C3")
            await asyncio.sleep(5)
            await here.hand.present("04D4E5F6")
            await asyncio.sleep(300)
            assert kinds(here.csms.events).count("Ended") == 2

    run(scenario(), limit=3600)
    assert [one.getMessage().split(":")[0] for one in caplog.records if "reset of" in one.getMessage()] == [
        "the reset of EVSE 1 failed"
    ] * 3
