"""The network in memory: dialers, listeners that can misbehave, interfaces that can be cut, a log of attempts."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import msgspec

from ohmstead.edge.memory_handshake import (
    MemoryEndpoint,
    agree_tls,
    before_handshake,
    handshake,
    host,
    upgrade,
    with_identity,
)
from ohmstead.edge.memory_link import MemoryLink
from ohmstead.ports.link import Admit, Handshake, LinkLost, LinkRefused, Refusal, Serve, Target

ALL = ""
"""Stands for every interface among those that are cut."""

log = logging.getLogger(__name__)


class MemoryAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """One connection attempt, as the network saw it."""

    time: float
    """When it began, seconds of the loop."""
    ended: float
    """When its outcome was known, seconds of the loop."""
    url: str
    """With the identity."""
    interface: str
    security_profile: int
    outcome: str
    """`open`, `cancelled`, or the Refusal."""


class _Way:
    """One direction of a station's interface."""

    def __init__(self, network: "MemoryNetwork", interface: str, *, up: bool) -> None:
        self._network = network
        self._interface = interface
        self._up = up

    @property
    def passable(self) -> bool:
        return not self._network.is_cut(self._interface)

    @property
    def latency(self) -> float:
        return self._network.latency_up if self._up else self._network.latency_down


class MemoryListener(MemoryEndpoint):
    """The Listener port in memory; what it does with attempts (see `MemoryEndpoint`) can be changed at any time."""

    def __init__(self, network: "MemoryNetwork", url: str, admit: Admit, serve: Serve, max_size: int) -> None:
        super().__init__(url, admit, max_size)
        self._network = network
        self._serve = serve
        self._tasks: dict[asyncio.Task[None], MemoryLink] = {}

    @property
    def links(self) -> tuple[MemoryLink, ...]:
        """The listener's ends of open links, oldest first."""
        return tuple(link for link in self._tasks.values() if not link.ended)

    async def close(self) -> None:
        """Stop listening, close every link with 1001 and wait for whoever serves them to end."""
        self._network.forget(self)
        tasks = dict(self._tasks)
        for task, link in tasks.items():
            await link.close(1001, "going away")
            if task is not asyncio.current_task():
                task.cancel()
        others = [task for task in tasks if task is not asyncio.current_task()]
        await asyncio.gather(*others, return_exceptions=True)

    def start(self, link: MemoryLink) -> None:
        """Serve an accepted link in a task of its own."""
        task = asyncio.get_running_loop().create_task(self._run(link))
        self._tasks[task] = link
        task.add_done_callback(lambda done: self._tasks.pop(done, None))

    async def _run(self, link: MemoryLink) -> None:
        try:
            with suppress(LinkLost):
                await self._serve(link)
            await link.close()
        except Exception:
            log.exception("serving %s failed", link.handshake.url)
            await link.close(1011, "internal error")


class MemoryDialer:
    """The Dialer port in memory; one station's."""

    def __init__(self, network: "MemoryNetwork") -> None:
        self._network = network
        self._links: dict[MemoryLink, None] = {}
        self._dead = False

    async def dial(self, target: Target) -> MemoryLink:
        """Open a connection. Raises LinkRefused with the reason."""
        with self._network.logged(target):
            if self._dead:
                raise LinkRefused(Refusal.Unreachable, "the station has no power")
            try:
                async with asyncio.timeout(target.timeout):
                    near = await self._network.connect(target)
            except TimeoutError:
                raise LinkRefused(Refusal.TimedOut, f"{target.url} stayed silent for {target.timeout:g} s") from None
            if self._dead:
                near.drop()
                raise LinkRefused(Refusal.Unreachable, "the station has no power")
        self._links[near] = None
        near.on_end(lambda: self._links.pop(near, None))
        return near

    def sever(self) -> None:
        """Cut the station off as a power cut does: its links drop, it dials no more."""
        self._dead = True
        for link in tuple(self._links):
            link.drop()


class MemoryNetwork:
    """Everything that stations and CSMSs in this process see of each other.

    Attributes:
        latency_up: seconds from station to CSMS.
        latency_down: seconds back.
        attempts: every connection attempt whose outcome is known, in the order of the outcomes.
    """

    def __init__(self, *, latency_up: float = 0.005, latency_down: float = 0.005) -> None:
        self.latency_up = latency_up
        self.latency_down = latency_down
        self.attempts: list[MemoryAttempt] = []
        self._listeners: dict[str, MemoryListener] = {}
        self._links: dict[MemoryLink, MemoryLink] = {}
        self._cut: dict[str, bool] = {}

    def listen(self, url: str, admit: Admit, serve: Serve, *, max_size: int = 1 << 20) -> MemoryListener:
        """Accept links at a URL (`ws://` or `wss://`; one listener for each host and port).

        Args:
            url: what stations dial, without an identity.
            admit: decides about each handshake.
            serve: serves each accepted link.
            max_size: bytes of a message that the listener's ends still read.

        Raises:
            OSError: somebody listens there already.
        """
        place = host(url)
        if place in self._listeners:
            raise OSError(f"{place} is in use")
        listener = self._listeners[place] = MemoryListener(self, url.rstrip("/"), admit, serve, max_size)
        return listener

    def dialer(self) -> MemoryDialer:
        """Return a dialer for one run of a station."""
        return MemoryDialer(self)

    def cut(self, interface: str | None = None, *, noticed: bool = True) -> None:
        """Pull the plug of a station's interface; None: of all, also those never heard of.

        Args:
            interface: its name.
            noticed: whether the station sees it: its links end at once, the far ends hear nothing. Otherwise the cut
                is somewhere behind, nobody notices, and what is sent waits until the network is restored.
        """
        self._cut[interface or ALL] = noticed
        if noticed:
            for near in [near for near in self._links if self.is_cut(near.handshake.interface)]:
                near.drop()

    def restore(self, interface: str | None = None) -> None:
        """Put the plug of an interface back; None: of all."""
        if interface is None:
            self._cut.clear()
        self._cut.pop(interface or ALL, None)
        for near, far in tuple(self._links.items()):
            if not self.is_cut(near.handshake.interface):
                near.resume()
                far.resume()

    def is_cut(self, interface: str | None) -> bool:
        """Say whether nothing gets through an interface."""
        return ALL in self._cut or interface in self._cut

    def forget(self, listener: MemoryListener) -> None:
        """Refuse further attempts at a listener; its links stay."""
        self._listeners = {place: one for place, one in self._listeners.items() if one is not listener}

    @contextmanager
    def logged(self, target: Target) -> Iterator[None]:
        """Write the outcome of the block, which is one attempt, into `attempts`."""
        begun = asyncio.get_running_loop().time()
        outcome = "cancelled"
        try:
            yield
            outcome = "open"
        except LinkRefused as refused:
            outcome = refused.refusal.value
            raise
        finally:
            attempt = MemoryAttempt(
                time=begun,
                ended=asyncio.get_running_loop().time(),
                url=with_identity(target),
                interface=target.interface,
                security_profile=target.security_profile,
                outcome=outcome,
            )
            self.attempts.append(attempt)

    async def connect(self, target: Target) -> MemoryLink:
        """Do one attempt; it may wait for ever. Raises LinkRefused."""
        if self._cut.get(target.interface) or self._cut.get(ALL):
            raise LinkRefused(Refusal.Unreachable, f"{target.interface} is down")
        await self._travel(self.latency_up, target.interface)
        listener = next((one for one in self._listeners.values() if host(one.url) == host(target.url)), None)
        try:
            if listener is None:
                raise LinkRefused(Refusal.Unreachable, f"nobody listens at {target.url}")
            await before_handshake(listener.behavior)
            tls = agree_tls(target, listener)
            await self._travel(self.latency_up + self.latency_down, target.interface)
            record = handshake(target, tls)
            upgrade(listener, record)
        except LinkRefused:
            await self._travel(self.latency_down, target.interface)
            raise
        return await self._open(record, listener, target)

    async def _open(self, record: Handshake, listener: MemoryListener, target: Target) -> MemoryLink:
        up, down = _Way(self, target.interface, up=True), _Way(self, target.interface, up=False)
        near, far = MemoryLink.pair(record, up, down, near_size=target.max_size, far_size=listener.max_size)
        self._links[near] = far
        near.on_end(lambda: self._part(near))
        far.on_end(lambda: self._part(near))
        listener.start(far)
        try:
            await self._travel(self.latency_down, target.interface)
        except asyncio.CancelledError:
            near.drop()
            raise
        return near

    def _part(self, near: MemoryLink) -> None:
        # An end that is still open may be owed a close frame that waits in a cut path.
        far = self._links.get(near)
        if far and near.ended and far.ended:
            del self._links[near]

    async def _travel(self, seconds: float, interface: str) -> None:
        await asyncio.sleep(seconds)
        if self.is_cut(interface):
            await asyncio.get_running_loop().create_future()
