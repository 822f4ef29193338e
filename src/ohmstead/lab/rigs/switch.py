"""A TCP relay in front of an endpoint of the wire rig, which treats connection attempts as a case wants."""

import asyncio
import logging
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress

import msgspec

from ohmstead.lab.client_hello import HEADER, RANDOM, content_length, parse
from ohmstead.lab.rig import (
    Accept,
    Attempt,
    ConnectionPolicy,
    Hold,
    Pretend,
    RefuseTcp,
    RejectUpgrade,
)
from ohmstead.lab.rigs.attempt_watch import AttemptWatchers, OpenAttempt
from ohmstead.lab.rigs.listen_address import LOOPBACK

_log = logging.getLogger(__name__)

PIECE = 1 << 16
LARGEST_HELLO = HEADER + 0xFFFF
"""Bytes of a first record; what comes before it is whole is kept."""
HELLO_TIME = 10.0
"""Seconds in which a connection must begin with a record, or with as many other bytes."""
MOST_CONNECTIONS = 200
"""Open at once, both ways; further ones are cut."""
RESET_AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER: closing sends RST."""


class Switch:
    """Listens where the station dials.

    A refused attempt is reset as soon as it is accepted: to the station that is a connection that does not come about,
    and the lab still sees when it was tried.

    Attributes:
        policy: for attempts from now on.
        attempts: with the loop's time, oldest first.
        port: that it listens on.
    """

    def __init__(
        self,
        address: str,
        others: Callable[[Accept | Pretend | RejectUpgrade], Awaitable[int]],
        *,
        hello_time: float = HELLO_TIME,
        most: int = MOST_CONNECTIONS,
        watch: AttemptWatchers | None = None,
    ) -> None:
        """Make a switch that is not open yet.

        Args:
            address: to listen on.
            others: returns the port of the listener that does not what the first one does.
            hello_time: seconds in which a connection must begin.
            most: connections at once, both ways.
            watch: hears of every attempt that the policy lets through.
        """
        self.policy: ConnectionPolicy = Accept()
        self.attempts: list[Attempt] = []
        self.port = 0
        self._address = address
        self._hello_time, self._most = hello_time, most
        self._others = others
        self._watch = watch or AttemptWatchers()
        self._target = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def open(self, target: int, port: int = 0) -> None:
        """Listen on a port (0: a free one), and relay to another. Raises OSError when the port cannot be had."""
        self._target = target
        self._server = await asyncio.start_server(self._accept, self._address, port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and end everything that is open."""
        if self._server is not None:
            self._server.close()
        for writer in tuple(self._open):
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) >= self._most:
            _log.warning("there are %d connections: another one is cut", len(self._open))
            writer.transport.abort()
            return
        policy = self.policy
        outcome = type(policy).__name__
        number = len(self.attempts)
        self.attempts.append(Attempt(at=asyncio.get_running_loop().time(), outcome=outcome))
        self._open.add(writer)
        try:
            match policy:
                case Accept(next_root=False, plain=False):
                    await self._relay(reader, writer, self._target, number)
                case Accept() | Pretend() | RejectUpgrade():
                    await self._relay(reader, writer, await self._others(policy), number)
                case Hold():
                    while await reader.read(PIECE):  # and forget it
                        pass
                case RefuseTcp():
                    sock = writer.get_extra_info("socket")
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
                    writer.transport.abort()
        except OSError:
            pass
        finally:
            self._open.discard(writer)
            with suppress(OSError):
                writer.close()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, number: int) -> None:
        usual = self.policy in (Accept(), Accept(next_root=True))
        attempt = self._watch.begin(str(writer.get_extra_info("peername")[0]), usual=usual)
        # The listeners are on loopback, wherever the switch listens.
        inner_reader, inner_writer = await asyncio.open_connection(LOOPBACK, port)
        attempt.behind(inner_writer.get_extra_info("sockname")[1])
        self._open.add(inner_writer)
        try:
            inner_writer.write(await self._hello(reader, number, attempt))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_pump(reader, inner_writer, attempt.went_on))
                tasks.create_task(_pump(inner_reader, writer))
        finally:
            attempt.over()
            self._open.discard(inner_writer)
            with suppress(OSError):
                inner_writer.close()

    async def _hello(self, reader: asyncio.StreamReader, number: int, attempt: OpenAttempt) -> bytes:
        """Take the first record of a connection, note what it offers, and return it to be passed on."""
        taken = b""
        try:
            async with asyncio.timeout(self._hello_time):
                taken = await reader.readexactly(HEADER)
                attempt.began_with(taken)
                length = content_length(taken)
                if length is None:
                    return taken
                content = await reader.readexactly(length)
            taken += content
            hello = parse(content)
            attempt.began_with(taken[:HEADER], content[RANDOM], hello)
            self.attempts[number] = msgspec.structs.replace(self.attempts[number], hello=hello)
        except asyncio.IncompleteReadError as early:
            attempt.began_with(taken + early.partial)
            return taken + early.partial
        except TimeoutError:
            attempt.note(waited=True)
            raise
        except ValueError as odd:
            _log.info("no ClientHello: %s", odd)
        return taken


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, first: Callable[[bytes], None] | None = None
) -> None:
    """Move bytes until one side ends; then the other side is told. Who wants to sees the first ones."""
    with suppress(OSError):
        while data := await reader.read(PIECE):
            if first is not None:
                first(data)
                first = None
            writer.write(data)
            await writer.drain()
    with suppress(OSError):
        writer.close()
