"""The live stream: current, throttled, and patient with slow clients."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from ohmstead.edge.virtual_time import run
from ohmstead.web.feed import BATCH, Feed
from ohmstead.web.lease import HandLease
from tests.web.station import ADA, LOST, Station, running


@asynccontextmanager
async def feeding(station: Station) -> AsyncIterator[Feed]:
    feed = Feed(station.bench, station.csms, HandLease())
    task = asyncio.create_task(feed.run())
    try:
        yield feed
    finally:
        feed.close()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def collect(feed: Feed, trace: str, into: list[tuple[str, object]]) -> None:
    async for chunk in feed.stream(trace):
        lines = chunk.decode().strip().split("\n")
        if lines[0].startswith("event: "):
            into.append((lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: "))))


def test_a_stream_begins_with_state_csms_and_the_trace_so_far() -> None:
    async def look() -> None:
        async with running() as station, feeding(station) as feed:
            events: list[tuple[str, object]] = []
            task = asyncio.create_task(collect(feed, "station", events))
            await asyncio.sleep(0.1)
            assert [name for name, _ in events] == ["state", "csms", "trace"]
            feed.close()
            await task

    run(look())


def test_a_change_is_sent_soon_and_a_storm_is_throttled() -> None:
    async def storm() -> None:
        async with running() as station, feeding(station) as feed:
            events: list[tuple[str, object]] = []
            task = asyncio.create_task(collect(feed, "none", events))
            await asyncio.sleep(1.5)
            events.clear()
            for _ in range(1000):
                await station.hand.present(LOST)
                await asyncio.sleep(0.002)
            await asyncio.sleep(0.5)
            states = [data for name, data in events if name == "state"]
            assert 5 <= len(states) <= 14
            task.cancel()

    run(storm())


def test_a_slow_client_misses_states_but_no_trace_line() -> None:
    async def slow() -> None:
        async with running() as station, feeding(station) as feed:
            numbers: list[int] = []
            stream = feed.stream("station")
            for _ in range(2 * BATCH):
                await station.hand.present(LOST)
                await asyncio.sleep(0.05)
            async for chunk in stream:
                if chunk.startswith(b"event: trace"):
                    numbers += [line["number"] for line in json.loads(chunk.split(b"data: ")[1])]
                if numbers and numbers[-1] == len(station.bench.trace()):
                    break
                await asyncio.sleep(3)
            assert numbers == list(range(numbers[0], len(station.bench.trace()) + 1))
            assert len(numbers) >= BATCH

    run(slow())


def test_curves_have_a_point_a_second() -> None:
    async def charge() -> None:
        async with running() as station, feeding(station) as feed:
            await station.hand.plug(1)
            await station.hand.present(ADA)
            await station.charges()
            before = len(feed.curve(1))
            await asyncio.sleep(60)
            points = feed.curve(1)
            assert 55 <= len(points) - before <= 61
            assert points[-1].power_w > 0
            assert [point.at for point in points] == sorted(point.at for point in points)
            assert feed.curve(9) == ()

    run(charge())


def test_an_idle_stream_is_kept_open() -> None:
    async def idle() -> None:
        async with running() as station:
            feed = Feed(station.bench, None, HandLease())
            stream = feed.stream("none")
            chunks = [await anext(stream) for _ in range(3)]
            assert chunks[-1] == b": still here\n\n"

    run(idle())
