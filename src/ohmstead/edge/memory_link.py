"""OCPP-J connections in memory: a link of two ends with latency, loss and close codes, as a socket would have them.

`memory_network` dials and listens; this file is what an open connection does.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

from ohmstead.ports.link import Handshake, LinkLost

ABNORMAL = 1006
"""What RFC 6455 calls a connection that ended without a close frame."""
TOO_BIG = 1009


class Path(Protocol):
    """The way between two ends, as the network sees it now."""

    @property
    def passable(self) -> bool:
        """Say whether anything gets through."""
        ...

    @property
    def latency(self) -> float:
        """Return the seconds that one direction takes."""
        ...


class MemoryLink:
    """One end of a connection in memory (the Link port). `pair` makes two.

    A link ends by `close`, of which the peer learns after the latency, or by `drop`: then this end is dead at once, and
    the peer hears nothing and finds out by its own pings. While the path is cut, messages wait in it, as TCP's do, and
    go on when it is restored.
    """

    def __init__(self, handshake: Handshake, path: Path, max_size: int) -> None:
        self._handshake = handshake
        self._path = path
        self._max_size = max_size
        self._loop = asyncio.get_running_loop()
        self._peer: MemoryLink = self
        self._inbox: deque[str | bytes] = deque()
        self._reader: asyncio.Future[None] | None = None
        self._pings: dict[asyncio.Future[None], None] = {}
        self._stuck: deque[Callable[[], None]] = deque()
        self._clear_at = 0.0
        self._ended: str | None = None
        self._dropped = False
        self._on_end: list[Callable[[], None]] = []
        self.close_code: int | None = None
        """How the link ended: the code of RFC 6455; None while it is open."""
        self.close_reason = ""

    @staticmethod
    def pair(
        handshake: Handshake, up: Path, down: Path, *, near_size: int = 1 << 20, far_size: int = 1 << 20
    ) -> tuple["MemoryLink", "MemoryLink"]:
        """Return the dialler's and the listener's end.

        Args:
            handshake: how the connection was opened.
            up: the way from dialler to listener.
            down: the way back.
            near_size: bytes of a message that the dialler's end still reads.
            far_size: the same of the listener's end.
        """
        near, far = MemoryLink(handshake, up, near_size), MemoryLink(handshake, down, far_size)
        near._peer, far._peer = far, near
        return near, far

    @property
    def handshake(self) -> Handshake:
        """How the connection was opened."""
        return self._handshake

    @property
    def ended(self) -> bool:
        """Say whether this end is dead."""
        return self._ended is not None

    async def send(self, text: str) -> None:
        """Hand one text message to the path. Raises LinkLost."""
        self._put(text)

    async def send_bytes(self, data: bytes) -> None:
        """Hand one binary frame to the path, which OCPP-J never does: for testers. Raises LinkLost."""
        self._put(data)

    async def receive(self) -> str | bytes:
        """Return the next message; what arrived before the end is still returned. Raises LinkLost after that."""
        while not self._inbox:
            self._check()
            self._reader = self._loop.create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        return self._inbox.popleft()

    async def ping(self) -> None:
        """Return after one round trip; waits for ever while the peer or the path is dead. Raises LinkLost."""
        self._check()
        pong: asyncio.Future[None] = self._loop.create_future()
        self._pings[pong] = None
        self._carry(lambda: self._peer._answer(pong))
        try:
            await pong
        finally:
            self._pings.pop(pong, None)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End the link in good order and return after the round trip that this takes; never raises."""
        if self.ended:
            return
        self.finish(code, reason, f"closed by this end with {code} {reason}".rstrip())
        self._carry(lambda: self._peer.finish(code, reason, f"closed by the peer with {code} {reason}".rstrip()))
        await asyncio.sleep(self._path.latency + self._peer._path.latency)

    def drop(self) -> None:
        """End this end as a power cut does: the peer is not told, and what waits in the path is lost."""
        self._dropped = True
        self._stuck.clear()
        self.finish(ABNORMAL, "", "dropped without a close")

    def finish(self, code: int, reason: str, story: str) -> None:
        """Mark this end as ended and wake whoever waits on it; the first story told stays."""
        if self.ended:
            return
        self._ended = story
        self.close_code, self.close_reason = code, reason
        self._wake_reader()
        for pong in self._pings:
            if not pong.done():
                pong.set_exception(LinkLost(story))
        for callback in self._on_end:
            callback()

    def on_end(self, callback: Callable[[], None]) -> None:
        """Call back once, when this end has ended."""
        if self.ended:
            callback()
        else:
            self._on_end.append(callback)

    def resume(self) -> None:
        """Deliver what waited in the path; the network calls it when the path is passable again."""
        # At once, so that nothing sent since can overtake it.
        stuck, self._stuck = self._stuck, deque()
        for event in stuck:
            event()

    def _put(self, message: str | bytes) -> None:
        self._check()
        self._carry(lambda: self._peer._deliver(message))

    def _carry(self, event: Callable[[], None]) -> None:
        # Never overtaken by what was sent later, also if the latency shrinks meanwhile.
        self._clear_at = max(self._clear_at, self._loop.time() + self._path.latency)
        self._loop.call_at(self._clear_at, self._arrive, event)

    def _arrive(self, event: Callable[[], None]) -> None:
        if self._path.passable:
            event()
        elif not self._dropped:
            self._stuck.append(event)

    def _deliver(self, message: str | bytes) -> None:
        if self.ended:
            return
        if len(message) > self._max_size or (isinstance(message, str) and len(message.encode()) > self._max_size):
            self.finish(TOO_BIG, "", f"a message of more than {self._max_size} bytes")
            self._carry(lambda: self._peer.finish(TOO_BIG, "", f"closed by the peer with {TOO_BIG}: message too big"))
        else:
            self._inbox.append(message)
            self._wake_reader()

    def _answer(self, pong: asyncio.Future[None]) -> None:
        if not self.ended:
            self._carry(lambda: None if pong.done() else pong.set_result(None))

    def _wake_reader(self) -> None:
        if self._reader and not self._reader.done():
            self._reader.set_result(None)

    def _check(self) -> None:
        if self._ended is not None:
            raise LinkLost(self._ended)
