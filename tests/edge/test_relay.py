"""The relay that behaves like a mobile network: delays, rate, stalls, order, and how connections end."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmstead.edge.relay import (
    HEADERS,
    MOBILE,
    RESET_AT_ONCE,
    SEGMENT,
    NetworkQuality,
    Relay,
    RelayDirection,
    Stream,
    Way,
)
from ohmstead.edge.virtual_time import run

LIMIT = 3600.0


def line(way: Way, *, seed: int = 1, retransmission: float = 0.6) -> RelayDirection:
    return RelayDirection(way, retransmission, Random(seed))


def test_delays_are_spread_evenly_about_their_mean() -> None:
    """150 +- 50 ms."""
    alone = line(Way(delay=0.15, jitter=0.05))
    delays = [alone.arrival(at, 100) - at for at in map(float, range(4000))]
    assert [min(delays), max(delays)] == pytest.approx([0.1, 0.2], abs=0.001)
    assert mean(delays) == pytest.approx(0.15, abs=0.002)
    quarters = [sum(low <= delay - 0.1 < low + 0.025 for delay in delays) for low in (0.0, 0.025, 0.05, 0.075)]
    assert all(900 < quarter < 1100 for quarter in quarters), quarters


def test_a_lost_segment_is_a_stall() -> None:
    """One in a hundred waits for its retransmission, and some of those for a second one, twice as long."""
    lossy = line(Way(delay=0.15, loss=0.01))
    stalls = [round(lossy.arrival(at, 100) - at - 0.15, 6) for at in map(float, range(50_000))]
    assert set(stalls) == {0.0, 0.6, 1.8}
    assert 0.008 < sum(stall > 0 for stall in stalls) / len(stalls) < 0.012


def test_a_narrow_way_is_shared_by_its_connections() -> None:
    """64 kbit/s: two segments at once from two connections leave one after the other."""
    narrow = line(Way(rate=64_000.0))
    one, two = Stream(narrow), Stream(narrow)
    each = (SEGMENT + HEADERS) * 8 / 64_000.0
    assert [one.arrival(0.0, SEGMENT), two.arrival(0.0, SEGMENT)] == pytest.approx([each, 2 * each])
    assert one.arrival(10.0, SEGMENT) == pytest.approx(10.0 + each)


ways = st.builds(
    Way,
    delay=st.floats(0.1, 5),
    jitter=st.floats(0, 0.1),
    loss=st.floats(0, 0.9),
    rate=st.none() | st.floats(1000, 1e9),
)


@given(ways, st.integers(), st.lists(st.tuples(st.floats(0, 10), st.integers(0, SEGMENT)), max_size=50))
def test_nothing_overtakes_and_nothing_comes_too_early(way: Way, seed: int, sendings: list[tuple[float, int]]) -> None:
    stream, now, last = Stream(line(way, seed=seed)), 0.0, 0.0
    for pause, size in sendings:
        now += pause
        arrival = stream.arrival(now, size)
        assert arrival >= max(last, now + way.delay - way.jitter - 1e-9)
        last = arrival


@pytest.mark.parametrize(
    "fields", [{"delay": 0.1, "jitter": 0.2}, {"loss": 1.0}, {"loss": -0.1}, {"rate": 0.0}, {"delay": -1.0}]
)
def test_there_is_no_such_way(fields: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="no such way"):
        Way(**fields)


# Over sockets, in virtual time

Serving = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def relayed(
    network: NetworkQuality, serve: Serving, *, seed: int = 1
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Give a connection to a server behind a relay."""

    async def serving(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serving, "127.0.0.1", 0)
    relay = Relay(network, random=Random(seed))
    await relay.open(server.sockets[0].getsockname()[1])
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await relay.close()
        server.close()


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)


def test_an_exchange_takes_both_delays() -> None:
    """And the first one the opening of the connection as well."""
    network = NetworkQuality(up=Way(delay=0.15), down=Way(delay=0.1))

    async def main() -> list[float]:
        loop, durations = asyncio.get_running_loop(), []
        async with relayed(network, echo) as (reader, writer):
            for _ in range(3):
                begun = loop.time()
                writer.write(b"x" * 100)
                await reader.readexactly(100)
                durations.append(loop.time() - begun)
        return durations

    first, *others = run(main(), limit=LIMIT)
    assert first == pytest.approx(0.5, abs=0.005)
    assert others == [pytest.approx(0.25, abs=0.005)] * 2


def test_much_arrives_whole_in_order_and_at_the_rate() -> None:
    """300 kB up over the mobile network take at least as long as 64 kbit/s say, and little more."""
    content = bytes(Random(7).randbytes(300_000))
    took: list[float] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        assert await reader.readexactly(len(content)) == content
        took.append(loop.time() - begun)
        writer.write(b"!")

    async def main() -> None:
        async with relayed(MOBILE, serve) as (reader, writer):
            writer.write(content)
            assert await reader.read() == b"!"

    run(main(), limit=LIMIT)
    alone = len(content) * 8 / 64_000
    assert alone < took[0] < alone * 1.15


def test_the_same_seed_gives_the_same_times() -> None:
    async def main() -> list[float]:
        loop, times = asyncio.get_running_loop(), []
        async with relayed(MOBILE, echo, seed=5) as (reader, writer):
            for _ in range(50):
                writer.write(b"x" * 200)
                await reader.readexactly(200)
                times.append(round(loop.time(), 3))
        return times

    assert run(main(), limit=LIMIT) == pytest.approx(run(main(), limit=LIMIT), abs=0.05)


def test_the_end_of_one_way_leaves_the_other_open() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"all of " + await reader.read())

    async def main() -> bytes:
        async with relayed(MOBILE, serve) as (reader, writer):
            writer.write(b"it")
            writer.write_eof()
            return await reader.read()

    assert run(main(), limit=LIMIT) == b"all of it"


def test_a_reset_goes_through() -> None:
    """Later than it happened, as everything is."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
        writer.transport.abort()

    async def main() -> float:
        async with relayed(NetworkQuality(down=Way(delay=2.0)), serve) as (reader, writer):
            writer.write(b"?")
            with pytest.raises(ConnectionResetError):
                await reader.read()
            return asyncio.get_running_loop().time()

    assert run(main(), limit=LIMIT) == pytest.approx(4.0, abs=0.05)


def test_nobody_behind_it_is_a_reset() -> None:
    async def main() -> None:
        relay = Relay(NetworkQuality(), random=Random(1))
        await relay.open(1)
        reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
        with pytest.raises(ConnectionError):
            await reader.readexactly(1)
        writer.close()
        await relay.close()

    run(main(), limit=LIMIT)
