"""An open OCPP-J connection over a WebSocket, the same for both ends."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from websockets.asyncio.connection import Connection
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close

from ohmstead.ports.link import Handshake, LinkLost

SUBPROTOCOL = "ocpp2.0.1"
"""Part 4, 3.1.2."""
CLOSE_TIMEOUT = 1.0
"""Seconds; the library's ten would be added to the time in which a dead link is noticed."""
SEND_TIME = 30.0
"""Seconds in which the other side must take a message; it is not read any more, or only for show, beyond that."""
MOST_UNREAD = 1 << 20
"""Bytes that wait for the other side to read them; whoever sends pings without end and reads no pong gets there."""

logger = logging.getLogger("ohmstead.websocket")
# At DEBUG the library writes every header of the handshake, Authorization included.
logger.setLevel(logging.INFO)


class WebSocketLink:
    """Link on a WebSocket; `receive` is called by one task at a time."""

    def __init__(self, connection: Connection, handshake: Handshake, send_time: float = SEND_TIME) -> None:
        self._connection = connection
        self._handshake = handshake
        self._severed: str | None = None
        self._send_time = send_time

    @property
    def handshake(self) -> Handshake:
        """How the connection was opened."""
        return self._handshake

    async def send(self, text: str) -> None:
        """Write one text message; returns when it has been handed to the transport. Raises LinkLost."""
        with self._losing():
            try:
                async with asyncio.timeout(self._send_time):
                    await self._connection.send(text)
            except TimeoutError:
                self.sever(f"the other side takes nothing for {self._send_time:g} s")
                raise LinkLost(self._severed or "") from None

    async def receive(self) -> str | bytes:
        """Return the next message (bytes: a binary frame). Raises LinkLost when the connection has ended."""
        with self._losing():
            return await self._connection.recv()

    async def ping(self) -> None:
        """Send a WebSocket ping and return once its pong is here. Raises LinkLost."""
        with self._losing():
            await (await self._connection.ping())

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection in good order, within a short time; never raises."""
        while len(reason.encode()) > 123:  # what a close frame can carry (RFC 6455, 5.5.1)
            reason = reason[:-1]
        try:
            await self._connection.close(code, reason)
        except Exception as error:  # a code that may not be sent, a transport in an odd state
            logger.info("closing with %s %r failed (%s), aborting", code, reason, error)
            self.sever("closed")

    def sever(self, reason: str) -> None:
        """End the connection without a closing handshake, as a pulled cable does: this end knows the reason at once."""
        self._severed = reason
        self._connection.transport.abort()

    async def wait_closed(self) -> None:
        """Return once the connection has ended."""
        await self._connection.wait_closed()

    @contextmanager
    def _losing(self) -> Iterator[None]:
        if self._severed is not None:
            raise LinkLost(self._severed)
        try:
            yield
        except ConnectionClosed as closed:
            raise LinkLost(self._severed or ending(closed)) from closed


def bound_unread(connection: Connection) -> None:
    """End a connection whose other side does not read what it makes this side say. Call it when data has come."""
    if connection.transport.get_write_buffer_size() > MOST_UNREAD:
        logger.warning("the other side sends and does not read: the connection is cut")
        connection.transport.abort()
    elif connection.protocol.close_expected():  # whoever is told to go, and stays, is left
        asyncio.get_running_loop().call_later(CLOSE_TIMEOUT, connection.transport.abort)


def ending(closed: ConnectionClosed) -> str:
    """Say in one line how a WebSocket ended: who closed it, with which code and reason."""
    if closed.rcvd is not None and (closed.sent is None or closed.rcvd_then_sent):
        return f"closed by the other side: {_frame(closed.rcvd)}"
    if closed.sent is not None:
        return f"closed by this side: {_frame(closed.sent)}"
    cause = f" ({closed.__cause__})" if closed.__cause__ is not None else ""
    return f"lost without a close frame: 1006{cause}"


def _frame(close: Close) -> str:
    return f"{close.code} {close.reason}".rstrip()
