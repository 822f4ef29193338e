"""A network that is slow: every message arrives later than it was sent, in the order in which it was sent."""

import asyncio
from contextlib import suppress
from typing import TypeAlias

from ohmstead.ports.link import Handshake, Link, LinkLost, SeverableDialer, Target


class NetworkDelay:
    """How long a message travels, changed at any time.

    Attributes:
        up: seconds from the station to the CSMS.
        down: seconds from the CSMS to the station.
    """

    def __init__(self, up: float = 0.0, down: float = 0.0) -> None:
        self.set(up, down)

    def set(self, up: float, down: float) -> None:
        """Let messages that are sent from now on travel so long. Raises ValueError for less than nothing."""
        if up < 0 or down < 0:
            raise ValueError(f"a message cannot arrive {-min(up, down):g} s before it was sent: 0 is no delay")
        self.up, self.down = up, down


_Incoming: TypeAlias = "asyncio.Queue[tuple[float, str | bytes | LinkLost]]"
"""When each message arrives, and the message, or how the connection ended."""


class DelayedLink:
    """A link (`ports.link.Link`) over a slow network."""

    def __init__(self, below: Link, delay: NetworkDelay) -> None:
        self._below = below
        self._delay = delay
        self._leaving = asyncio.Lock()
        self._incoming: _Incoming = asyncio.Queue()
        self._reading = asyncio.get_running_loop().create_task(self._read(), name="delayed link")

    @property
    def handshake(self) -> Handshake:
        """How the connection was opened."""
        return self._below.handshake

    async def send(self, text: str) -> None:
        """Write one text message once it would have arrived. Raises LinkLost."""
        arrival = _now() + self._delay.up
        async with self._leaving:
            await _until(arrival)
            await self._below.send(text)

    async def receive(self) -> str | bytes:
        """Return the next message. Raises LinkLost when the connection has ended."""
        arrival, message = await self._incoming.get()
        if isinstance(message, LinkLost):
            self._incoming.put_nowait((arrival, message))
            raise message
        await _until(arrival)
        return message

    async def ping(self) -> None:
        """Send a ping and return once its pong is here. Raises LinkLost."""
        await asyncio.sleep(self._delay.up)
        await self._below.ping()
        await asyncio.sleep(self._delay.down)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection in good order."""
        await self._below.close(code, reason)
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading
        self._incoming.put_nowait((_now(), LinkLost("closed")))

    async def _read(self) -> None:
        while True:
            try:
                message = await self._below.receive()
            except LinkLost as lost:
                self._incoming.put_nowait((_now(), lost))
                return
            self._incoming.put_nowait((_now() + self._delay.down, message))


class DelayedDialer:
    """A dialer (`ports.link.SeverableDialer`) whose links are slow, and cost nothing more while there is no delay."""

    def __init__(self, below: SeverableDialer, delay: NetworkDelay) -> None:
        self._below = below
        self._delay = delay

    async def dial(self, target: Target) -> Link:
        """Open a connection, which takes a round trip more. Raises LinkRefused with the reason."""
        await asyncio.sleep(self._delay.up + self._delay.down)
        return DelayedLink(await self._below.dial(target), self._delay)

    def sever(self) -> None:
        """End every open link and attempt at once."""
        self._below.sever()


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _until(moment: float) -> None:
    left = moment - _now()
    if left > 0:
        await asyncio.sleep(left)
