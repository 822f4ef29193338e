"""A TCP relay that behaves like a mobile network: late, uneven, lossy, and narrow on the way up.

TCP hides loss from those who use it: what a lost segment leaves behind is a stall, in which everything behind it waits.
So the relay never loses or reorders a byte; it delivers each segment when TCP over such a network would have.
"""

import asyncio
import socket
import struct
from contextlib import suppress
from random import Random
from typing import TypeAlias

import msgspec

SEGMENT = 1400
"""Bytes that travel together at most."""
HEADERS = 52
"""Bytes of IP and TCP around each segment; they take their time on the line too."""
QUEUED = 64
"""Segments on their way at most, as in a socket's buffer; a sender that is faster has to wait."""
BACK_OFFS = 6
"""Times that the wait for an acknowledgement doubles at most (RFC 6298, 5.5)."""
RESET_AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER: closing sends RST."""
_Segments: TypeAlias = "asyncio.Queue[tuple[float, bytes]]"
"""When each arrives, and its bytes; none: the end."""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One direction of a network."""

    delay: float = 0.0
    """Seconds that a segment travels, on average."""
    jitter: float = 0.0
    """Seconds by which that varies to either side, evenly."""
    loss: float = 0.0
    """Share of the segments that are lost, 0 to less than 1; each costs a stall of `NetworkQuality.retransmission`."""
    rate: float | None = None
    """Bits a second, headers included; None: no limit. Shared by all connections."""

    def __post_init__(self) -> None:
        """Raise ValueError for what no network is like."""
        if not 0 <= self.jitter <= self.delay or not 0 <= self.loss < 1 or (self.rate is not None and self.rate <= 0):
            raise ValueError(f"there is no such way: {self}")


class NetworkQuality(msgspec.Struct, frozen=True, kw_only=True):
    """What a relay behaves like."""

    up: Way = Way()
    """From those who connect to the relay to the target."""
    down: Way = Way()
    retransmission: float = 0.6
    """Seconds after which a lost segment is sent again; doubled each time it is lost anew (RFC 6298)."""


MOBILE = NetworkQuality(
    up=Way(delay=0.15, jitter=0.05, loss=0.01, rate=64_000.0),
    down=Way(delay=0.15, jitter=0.05, loss=0.01),
)
"""A mobile network on a poor day. A round trip of 0.3 s that varies by 0.1 s makes TCP wait for about 0.6 s."""


class RelayDirection:
    """What all connections of one direction share: the rate, and the chance."""

    def __init__(self, way: Way, retransmission: float, random: Random) -> None:
        self.way = way
        self._retransmission = retransmission
        self._random = random
        self._free = 0.0

    def arrival(self, now: float, size: int) -> float:
        """Return when a segment that is sent now arrives, were there nothing before it in its own connection.

        Args:
            now: seconds of the loop.
            size: bytes, without headers.
        """
        wait = self._retransmission
        sent = self._leave(now, size)
        for _ in range(BACK_OFFS):
            if self._random.random() >= self.way.loss:
                break
            sent += wait
            wait *= 2
        return sent + self.way.delay + self._random.uniform(-self.way.jitter, self.way.jitter)

    def _leave(self, now: float, size: int) -> float:
        if self.way.rate is None:
            return now
        self._free = max(now, self._free) + (size + HEADERS) * 8 / self.way.rate
        return self._free


class Stream:
    """One direction of one connection: nothing arrives before what was sent before it."""

    def __init__(self, line: RelayDirection) -> None:
        self._line = line
        self._last = 0.0

    def arrival(self, now: float, size: int) -> float:
        """Return when a segment that is sent now reaches the other side, seconds of the loop."""
        self._last = max(self._last, self._line.arrival(now, size))
        return self._last


class Relay:
    """Listens on a port and passes on to another what a network would, when it would.

    Attributes:
        network: what it behaves like.
        port: on which it listens, once it is open.
    """

    def __init__(self, network: NetworkQuality, *, random: Random) -> None:
        """Make a relay that is not open yet.

        Args:
            network: what it behaves like.
            random: source of jitter and loss; seeded, two relays treat the same traffic alike.
        """
        self.network = network
        self.port = 0
        self._up = RelayDirection(network.up, network.retransmission, random)
        self._down = RelayDirection(network.down, network.retransmission, random)
        self._target = ("", 0)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, target: int, *, address: str = "127.0.0.1", target_address: str = "127.0.0.1") -> None:
        """Listen on a free port, and pass on to another."""
        self._target = (target_address, target)
        self._server = await asyncio.start_server(self._accept, address, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and end every connection at once."""
        if self._server is not None:
            self._server.close()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._connect(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on in both directions until both have ended."""
        inner: asyncio.StreamWriter | None = None
        try:
            # The kernel has agreed at once; on a real network that would have taken a round trip.
            await _until(self._round_trip())
            inner_reader, inner = await asyncio.open_connection(*self._target)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_pass_on(reader, inner, Stream(self._up)))
                tasks.create_task(_pass_on(inner_reader, writer, Stream(self._down)))
        except* OSError:
            _reset(writer)
            if inner is not None:
                _reset(inner)
        finally:
            writer.close()
            if inner is not None:
                inner.close()

    def _round_trip(self) -> float:
        now = asyncio.get_running_loop().time()
        return self._down.arrival(self._up.arrival(now, 0), 0)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stream: Stream) -> None:
    """Move segments until the sender has finished; then tell the receiver, in its turn. Raises OSError on a reset."""
    way: _Segments = asyncio.Queue(QUEUED)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_send(reader, way, stream))
        tasks.create_task(_deliver(way, writer))


async def _send(reader: asyncio.StreamReader, way: _Segments, stream: Stream) -> None:
    loop = asyncio.get_running_loop()
    while True:
        try:
            data = await reader.read(SEGMENT)
        except OSError:
            await _until(stream.arrival(loop.time(), 0))
            raise
        await way.put((stream.arrival(loop.time(), len(data)), data))
        if not data:
            return


async def _deliver(way: _Segments, writer: asyncio.StreamWriter) -> None:
    while True:
        arrival, data = await way.get()
        await _until(arrival)
        if not data:
            with suppress(OSError):
                writer.write_eof()
            return
        writer.write(data)
        await writer.drain()


async def _until(moment: float) -> None:
    await asyncio.sleep(moment - asyncio.get_running_loop().time())


def _reset(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
    writer.transport.abort()
