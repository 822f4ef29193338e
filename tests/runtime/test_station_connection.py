"""The connection comes back with a growing wait, keeps itself alive with pings, and notices when nobody is there."""

import asyncio
from itertools import pairwise

from ohmstead.edge.memory_network import MemoryNetwork
from ohmstead.edge.virtual_time import run
from ohmstead.model.device import OCPPCommCtrlr
from ohmstead.wire import messages as wire
from tests.runtime.site import Site, site


async def _back_off(here: Site, minimum: int, repeats: int, spread: int) -> None:
    for variable, value in (
        ("RetryBackOffWaitMinimum", minimum),
        ("RetryBackOffRepeatTimes", repeats),
        ("RetryBackOffRandomRange", spread),
    ):
        assert await here.set("OCPPCommCtrlr", variable, str(value)) == "Accepted"


async def _noticed(here: Site) -> None:
    """Wait until the station knows that it is offline."""
    station = here.host.station
    assert station is not None
    changed = asyncio.Event()
    here.host.watch(changed.set)
    while station.calls.online:
        changed.clear()
        await changed.wait()


def _waits(network: MemoryNetwork) -> list[float]:
    """Return the seconds between the end of an attempt and the next one."""
    return [later.time - earlier.ended for earlier, later in pairwise(network.attempts)]


def test_the_wait_doubles_so_many_times_and_then_stays() -> None:
    """Part 4, 5.3: the first wait is the minimum, RetryBackOffRepeatTimes doublings follow."""

    async def live() -> None:
        async with site() as here:
            await _back_off(here, 10, 3, 0)
            here.network.attempts.clear()
            await here.hand.cut_network()
            lost = asyncio.get_running_loop().time()
            await asyncio.sleep(400)
            assert round(here.network.attempts[0].time - lost) == 10
            assert [round(wait) for wait in _waits(here.network)] == [20, 40, 80, 80, 80, 80]

    run(live(), limit=3600)


def test_every_wait_has_a_random_part_of_its_own() -> None:
    """Part 4, 5.3: up to RetryBackOffRandomRange seconds on top, so that a fleet does not come back at once."""

    async def live() -> None:
        async with site() as here:
            await _back_off(here, 10, 0, 5)
            here.network.attempts.clear()
            await here.hand.cut_network()
            await asyncio.sleep(300)
            waits = _waits(here.network)
            assert all(10 <= wait <= 15 for wait in waits)
            assert len({round(wait, 3) for wait in waits}) == len(waits)

    run(live(), limit=3600)


def test_a_network_that_is_back_does_not_cut_the_wait_short() -> None:
    """Part 4, 5.3: until it has reconnected. A street whose power comes back would dial as one."""

    async def live() -> None:
        async with site() as here:
            await _back_off(here, 100, 2, 0)
            here.network.attempts.clear()
            await here.hand.cut_network()
            await asyncio.sleep(350)  # the second attempt was at 300 s, the third follows 400 s after it
            for interface in (None, "Wired0"):
                await here.hand.restore_network(interface)
            await asyncio.sleep(400)
            assert [round(wait) for wait in _waits(here.network)] == [200, 400]
            assert here.host.station is not None
            assert here.host.station.calls.online

    run(live(), limit=3600)


def test_a_success_resets_the_wait() -> None:
    """The next outage begins with the minimum again."""

    async def live() -> None:
        async with site() as here:
            await _back_off(here, 10, 3, 0)
            await here.hand.cut_network()
            await asyncio.sleep(200)
            await here.hand.restore_network()
            await asyncio.sleep(200)
            here.network.attempts.clear()
            await here.hand.cut_network()
            lost = asyncio.get_running_loop().time()
            await asyncio.sleep(35)
            assert [round(attempt.time - lost) for attempt in here.network.attempts] == [10, 30]

    run(live(), limit=3600)


def test_a_setting_that_changes_restarts_the_wait() -> None:
    """Somebody at the bench shortens a long wait: it counts from now."""

    async def live() -> None:
        async with site() as here:
            await _back_off(here, 1000, 0, 0)
            here.network.attempts.clear()
            await here.hand.cut_network()
            await asyncio.sleep(100)
            station = here.host.station
            assert station is not None
            station.settings.assign(OCPPCommCtrlr.retry_back_off_wait_minimum, 20)
            changed = asyncio.get_running_loop().time()
            await asyncio.sleep(50)
            assert [round(attempt.time - changed) for attempt in here.network.attempts] == [20, 40]

    run(live(), limit=3600)


def test_a_silent_link_is_noticed_by_its_ping() -> None:
    """WebSocketPingInterval and the message timeout: 60 + 30 s after the path broke, nobody having said anything."""

    async def live() -> None:
        async with site() as here:
            assert await here.set("OCPPCommCtrlr", "WebSocketPingInterval", "60") == "Accepted"
            begun = asyncio.get_running_loop().time()
            here.network.cut(noticed=False)
            await _noticed(here)
            assert 80 < asyncio.get_running_loop().time() - begun < 95

    run(live(), limit=3600)


def test_the_ping_interval_acts_at_once() -> None:
    """Changed at run time, also while a longer one is running."""

    async def live() -> None:
        async with site() as here:
            assert await here.set("OCPPCommCtrlr", "WebSocketPingInterval", "120") == "Accepted"
            await asyncio.sleep(10)
            assert await here.set("OCPPCommCtrlr", "WebSocketPingInterval", "5") == "Accepted"
            begun = asyncio.get_running_loop().time()
            here.network.cut(noticed=False)
            await _noticed(here)
            assert asyncio.get_running_loop().time() - begun < 37

    run(live(), limit=3600)


def test_an_event_on_a_silent_link_arrives_after_all() -> None:
    """Sent into the void, timed out, the link given up, sent again: once each, in order."""

    async def live() -> None:
        async with site() as here:
            assert await here.set("TxCtrlr", "TxStartPoint", "EVConnected") == "Accepted"
            assert await here.set("OCPPCommCtrlr", "WebSocketPingInterval", "20") == "Accepted"
            here.network.cut(noticed=False)
            await here.hand.plug(1)
            await asyncio.sleep(200)
            await here.hand.unplug(1)
            await asyncio.sleep(5)
            here.network.restore()
            await here.csms.until(lambda: bool(here.csms.events) and here.csms.events[-1].event_type == "Ended")
            await asyncio.sleep(100)
            assert here.host.station is not None
            assert not here.host.station.outbox.entries
            numbers = [event.seq_no for event in here.csms.events]
            assert sorted(set(numbers)) == list(range(max(numbers) + 1))

    run(live(), limit=3600)


def test_a_station_that_was_accepted_does_not_boot_again_after_an_outage() -> None:
    """B01: a new connection is no new boot."""

    async def live() -> None:
        async with site() as here:
            await here.hand.cut_network()
            await asyncio.sleep(100)
            await here.hand.restore_network()
            await asyncio.sleep(300)
            assert here.csms.of(wire.BootNotificationRequest) == []
            assert here.csms.rpc is not None

    run(live(), limit=3600)
