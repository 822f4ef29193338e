"""Our own failures: a store that cannot write, a block that stumbles, a run that is over (decided cases 18 and 19)."""

import asyncio

import pytest

from ohmstead.blocks.c_cache import CCache
from ohmstead.blocks.g_heartbeat import GHeartbeat
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.virtual_time import run
from ohmstead.model.events import Online, TransactionEventDelivered
from ohmstead.ports.hand import NotKept
from ohmstead.ports.hardware import Supply
from ohmstead.runtime.unit import Units
from ohmstead.runtime.work import StationWork
from ohmstead.wire import messages as wire
from tests.runtime.disk import Disk, FailingStore
from tests.runtime.site import Site, site
from tests.runtime.witness import Witness, no_errors

CARD = "04A1B2C3"


async def _charging(here: Site) -> None:
    await here.hand.plug(1)
    await here.hand.present(CARD)
    await asyncio.sleep(20)
    assert here.simulator.state(1).supply is Supply.Delivering


def test_a_full_disk_stops_the_energy_and_the_charge_goes_on_afterwards() -> None:
    """Decided case 19: energy off, Faulted, no new session; then a new run on what was kept."""

    async def live() -> None:
        disk = Disk()
        async with site(store=FailingStore(disk)) as here:
            witness = Witness(here)
            assert await here.set("SampledDataCtrlr", "TxUpdatedInterval", "30") == "Accepted"
            await _charging(here)
            disk.full = True
            await asyncio.sleep(40)
            assert here.simulator.state(1).supply is Supply.Off
            assert here.csms.statuses == {(1, 1): "Faulted", (2, 1): "Faulted"}
            await here.hand.plug(2)
            with pytest.raises(NotKept, match="No space left"):
                await here.hand.present("04ANOTHER")
            await asyncio.sleep(100)
            assert here.simulator.state(2).supply is Supply.Off
            disk.full = False
            await asyncio.sleep(100)
            assert here.host.runs == 2
            assert here.simulator.state(1).supply is Supply.Delivering
            await here.hand.unplug(1)
            await here.hand.unplug(2)
            await asyncio.sleep(10)
            witness.check()

    with no_errors(but="store"):
        run(live(), limit=3600)


@pytest.mark.parametrize("cut_for", [5, 100])
def test_a_full_disk_while_the_link_comes_and_goes(cut_for: int) -> None:
    """Whatever asks for the commit: the station neither ends nor stays offline."""

    async def live() -> None:
        disk = Disk()
        async with site(store=FailingStore(disk)) as here:
            witness = Witness(here)
            await _charging(here)
            disk.full = True
            await here.hand.cut_network()
            await here.hand.unplug(1)
            await asyncio.sleep(cut_for)
            await here.hand.restore_network()
            await asyncio.sleep(200)
            disk.full = False
            await here.csms.until(lambda: bool(here.csms.events) and here.csms.events[-1].event_type == "Ended")
            await asyncio.sleep(30)
            witness.check()

    with no_errors(but="store"):
        run(live(), limit=3600)


def test_what_a_full_disk_does_not_take_is_rejected() -> None:
    """B05.FR.09: the value stays as it was, and the CSMS is told so."""

    async def live() -> None:
        disk = Disk()
        async with site(store=FailingStore(disk)) as here:
            assert await here.set("SampledDataCtrlr", "TxUpdatedInterval", "30") == "Accepted"
            disk.full = True
            assert await here.set("SampledDataCtrlr", "TxUpdatedInterval", "40") == "Rejected"
            disk.full = False
            await asyncio.sleep(100)
            data = wire.GetVariableData(
                component=wire.Component(name="SampledDataCtrlr"), variable=wire.Variable(name="TxUpdatedInterval")
            )
            response = await here.csms.call(wire.GetVariablesRequest(get_variable_data=(data,)))
            assert response.get_variable_result[0].attribute_value == "30"

    with no_errors(but="store"):
        run(live(), limit=3600)


def test_a_full_disk_at_boot_is_waited_for() -> None:
    """No count of the boot, no boot; the process lives on and tries again."""

    async def live() -> None:
        disk = Disk()
        async with site(store=FailingStore(disk)) as here:
            await _charging(here)
            disk.full = True
            await here.hand.cut_power()
            await here.hand.restore_power()
            await asyncio.sleep(60)
            assert here.csms.of(wire.BootNotificationRequest) == []
            disk.full = False
            await here.csms.until(lambda: bool(here.csms.of(wire.BootNotificationRequest)))
            await asyncio.sleep(20)
            assert here.simulator.state(1).supply is Supply.Delivering

    with no_errors(but="does not boot"):
        run(live(), limit=3600)


def test_a_block_that_stumbles_over_an_answer_does_not_stop_delivery(monkeypatch: pytest.MonkeyPatch) -> None:
    """The event was acknowledged: it is not sent again, and the next one goes."""

    def stumble(_self: CCache, _delivered: TransactionEventDelivered) -> None:
        raise RuntimeError("a mistake of ours")

    async def live() -> None:
        async with site() as here:
            witness = Witness(here)
            monkeypatch.setattr(CCache, "when_transaction_event_delivered", stumble)
            await _charging(here)
            await here.hand.unplug(1)
            await asyncio.sleep(10)
            assert len(witness.heard) == len({heard.message_id for heard in witness.heard}) == len(here.csms.events)
            witness.check()

    with no_errors(but="a mistake of ours"):
        run(live(), limit=3600)


def test_a_block_that_stumbles_over_the_connection_does_not_cost_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The station comes back, and the events of the outage arrive."""
    mistakes = iter([RuntimeError("a mistake of ours")])
    right = GHeartbeat.when_online

    def stumble(block: GHeartbeat, online: Online) -> None:
        for mistake in mistakes:
            raise mistake
        right(block, online)

    async def live() -> None:
        async with site() as here:
            witness = Witness(here)
            monkeypatch.setattr(GHeartbeat, "when_online", stumble)
            await _charging(here)
            await here.hand.cut_network()
            await here.hand.unplug(1)
            await asyncio.sleep(30)
            await here.hand.restore_network()
            await here.csms.until(lambda: here.csms.events[-1].event_type == "Ended")
            await asyncio.sleep(10)
            witness.check()

    with no_errors(but="a mistake of ours"):
        run(live(), limit=3600)


def test_a_life_that_is_over_does_nothing_any_more() -> None:
    """What a task sets off while it is being cancelled belongs to no life: neither timer nor task begins."""

    async def live() -> None:
        log: list[str] = []
        work = StationWork(Units(MemoryStore(), lambda _event: None), lambda: None)

        async def late() -> None:
            log.append("late task")

        async def dying() -> None:
            try:
                await asyncio.sleep(1000)
            finally:
                work.later(1, lambda: log.append("late timer"))
                work.spawn("late", late)

        work.later(5, lambda: log.append("timer"))
        work.spawn("dying", dying)
        await asyncio.sleep(1)
        await work.end()
        await asyncio.sleep(100)
        assert log == []

    run(live(), limit=3600)


def test_a_reboot_leaves_the_display_to_the_next_life() -> None:
    """Also where the reboot falls into an outage and a question on the display."""

    async def live() -> None:
        async with site() as here:
            await here.hand.plug(1)
            await here.hand.plug(2)
            await here.hand.present(CARD)
            await asyncio.sleep(1)
            assert here.simulator.screen is not None
            assert here.simulator.screen.options
            await here.hand.reboot()
            await asyncio.sleep(100)
            assert here.simulator.screen is not None
            assert not here.simulator.screen.options

    with no_errors():
        run(live(), limit=3600)
