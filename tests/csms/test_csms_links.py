"""Two links of one station: the newer one is served at once, the older one no longer."""

import asyncio
from contextlib import suppress

import pytest

from ohmstead.edge.memory_link import MemoryLink
from ohmstead.ports.link import LinkLost
from ohmstead.rpc.connection import RpcConnection
from ohmstead.wire import messages as m
from tests.csms.office import START, World, event, refuse, run, token, with_settings

HEARTBEAT = '[2,"{}","Heartbeat",{{}}]'


class HalfDead(MemoryLink):
    """A link whose far side is gone without a word: closing it takes its time, as it does with TCP."""

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await asyncio.sleep(10.0)
        await super().close(code, reason)


async def heartbeats(link: MemoryLink) -> list[str]:
    """Return what comes until the link ends."""
    seen = []
    with suppress(LinkLost):
        while True:
            seen.append(str(await link.receive()))
    return seen


def test_a_link_that_takes_long_to_close_keeps_no_station_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        world = World()
        await world.dial()
        (older,) = world.listener.links
        monkeypatch.setattr(older, "__class__", HalfDead)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        async with world.station() as station:
            await station.boot()
            await station.call(event(0, m.TransactionEventEnum.Started, id_token=token("04A1B2C3")))
            assert loop.time() - begun < 0.2

    run(main)


def test_the_older_link_is_not_answered_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        world = World()
        first = await world.dial()
        listening = asyncio.create_task(heartbeats(first))
        await first.send(HEARTBEAT.format("before"))
        await asyncio.sleep(1)
        (older,) = world.listener.links
        monkeypatch.setattr(older, "__class__", HalfDead)
        async with world.station() as station:
            for number in range(3):
                await first.send(HEARTBEAT.format(number))
                await asyncio.sleep(1)
            assert world.csms.stations()[0].connected
            await station.call(m.HeartbeatRequest())
            answered = await listening
            assert [text.split('"')[1] for text in answered] == ["before"]
            assert first.close_code == 1000
            assert first.close_reason == "the station connected again"
            await station.call(m.HeartbeatRequest())
            assert world.csms.stations()[0].connected

    run(main)


@pytest.mark.parametrize("milliseconds", range(0, 36, 5))
def test_what_arrives_on_the_older_link_meanwhile_is_answered_or_changes_nothing(milliseconds: int) -> None:
    async def main() -> None:
        world = World()
        older = RpcConnection(await world.dial(), handler=refuse, new_id=lambda: "older", message_timeout=lambda: 30.0)
        running = asyncio.create_task(older.run())
        dialling = asyncio.create_task(world.dial())
        await asyncio.sleep(milliseconds / 1000)
        answered = True
        try:
            await older.call(event(0, m.TransactionEventEnum.Started))
        except LinkLost:
            answered = False
        assert len(world.csms.transactions()) == answered
        await running
        await (await dialling).close()

    run(main)


def test_a_command_that_waits_on_the_older_link_is_told_that_it_is_lost() -> None:
    async def main() -> None:
        world = World(with_settings(master_pass_group=""))
        first = await world.dial()
        asked = asyncio.create_task(world.csms.send("CP1", "ClearCache", {}))
        await first.receive()
        async with world.station():
            assert (await asked).kind == "LinkLost"

    run(main)


def test_many_links_at_once_leave_the_last_one() -> None:
    async def main() -> None:
        world = World()
        links = [await world.dial() for _ in range(20)]
        await asyncio.sleep(1)
        assert [link.ended for link in links] == [True] * 19 + [False]
        connection = RpcConnection(links[-1], handler=refuse, new_id=lambda: "a", message_timeout=lambda: 30.0)
        running = asyncio.create_task(connection.run())
        assert (await connection.call(m.HeartbeatRequest())).current_time >= START
        assert len(world.listener.links) == 1
        await links[-1].close()
        await running
        await asyncio.sleep(1)
        assert not world.csms.stations()[0].connected

    run(main)
