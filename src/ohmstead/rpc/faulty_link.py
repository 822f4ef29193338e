"""A link that lets the faults of a table act on what leaves. While none is active, no frame comes past it."""

import asyncio
import itertools
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Protocol

import msgspec

from ohmstead.ports.link import Handshake, Link, LinkLost, SeverableDialer, Target
from ohmstead.rpc.fault_table import FaultTable

_log = logging.getLogger(__name__)

Told = Callable[[str], None]
"""Hears each frame that leaves by way of a fault's link."""


class _Send(Protocol):
    async def __call__(self, text: str) -> None: ...


class _Overtaken(msgspec.Struct, frozen=True):
    text: str
    timer: asyncio.TimerHandle


class FaultyLink:
    """A link (`ports.link.Link`) whose `send` is that of the link below as long as no fault is active."""

    def __init__(self, below: Link, table: FaultTable, told: Told) -> None:
        self._below = below
        self._table = table
        self._told = told
        self._held: dict[int, _Overtaken] = {}
        self._numbers = itertools.count()
        self._under_way: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self.receive = below.receive
        self.ping = below.ping

    @property
    def handshake(self) -> Handshake:
        """How the connection was opened."""
        return self._below.handshake

    @property
    def send(self) -> _Send:
        """What writes one text message."""
        return self._send if self.acts else self._below.send

    @property
    def acts(self) -> bool:
        """Whether the next frame goes by way of this link, and `told` hears of it."""
        return bool(self._table.active or self._held)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection; what waits is forgotten."""
        for timer in (*self._timers, *(held.timer for held in self._held.values())):
            timer.cancel()
        self._held.clear()
        for task in self._under_way:
            task.cancel()
        await self._below.close(code, reason)

    async def _send(self, text: str) -> None:
        waiting = tuple(self._held)
        left = False
        for departure in self._table.depart(text):
            if departure.overtaken is not None:
                self._hold(departure.text, departure.overtaken)
            elif departure.delay > 0:
                self._leave_later(departure.text, departure.delay)
            else:
                await self._leave(departure.text)
                left = True
        for number in waiting if left else ():
            await self._let_go(number)

    async def _leave(self, text: str) -> None:
        self._told(text)
        await self._below.send(text)

    def _hold(self, text: str, seconds: float) -> None:
        number = next(self._numbers)
        timer = asyncio.get_running_loop().call_later(seconds, lambda: self._spawn(self._let_go(number)))
        self._held[number] = _Overtaken(text, timer)

    async def _let_go(self, number: int) -> None:
        held = self._held.pop(number, None)
        if held is not None:
            held.timer.cancel()
            await self._leave(held.text)

    def _leave_later(self, text: str, seconds: float) -> None:
        def leave() -> None:
            self._timers.discard(timer)
            self._spawn(self._leave(text))

        timer = asyncio.get_running_loop().call_later(seconds, leave)
        self._timers.add(timer)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        async def without_link() -> None:
            with suppress(LinkLost):
                await work

        task = asyncio.get_running_loop().create_task(without_link(), name="protocol fault")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)


class FaultyDialer:
    """A dialer (`ports.link.SeverableDialer`) whose links the faults of a table act on.

    Attributes:
        link: the one that was opened last.
    """

    def __init__(self, below: SeverableDialer, table: FaultTable, told: Told) -> None:
        self._below = below
        self._table = table
        self._told = told
        self.link: FaultyLink | None = None

    async def dial(self, target: Target) -> Link:
        """Open a connection. Raises LinkRefused with the reason."""
        link = await self._below.dial(target)
        for one in self._table.active:
            _log.warning("connected with protocol fault %d active: %s", one.number, one.label())
        self.link = FaultyLink(link, self._table, self._told)
        return self.link

    def sever(self) -> None:
        """End every open link and attempt at once."""
        self._below.sever()
