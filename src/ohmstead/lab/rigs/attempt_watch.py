"""Watches connection attempts at an endpoint from both sides, and tells each one as soon as it is known what it was.

The switch sees address and first bytes, the listener behind it TLS and the request; what they see is brought together
by the port between them, or by the random of the ClientHello where there is no connection yet.
"""

import asyncio
from collections.abc import Callable

import msgspec

from ohmstead.lab.client_hello import ClientHello
from ohmstead.lab.waiting.request_head import read_head
from ohmstead.lab.waiting.seen_attempt import SeenAttempt
from ohmstead.ports.link import TlsFacts

LAST_WORDS = 0.3
"""Seconds between the end of a connection and the telling of it: what lies behind the switch hears of the end later."""
LONGEST_HEAD = 1 << 14
"""Bytes that are kept of what is no TLS."""
AT_ONCE = 5.0
"""Seconds within which a connection that was let in has ended at once."""

Told = Callable[[SeenAttempt], None]


class OpenAttempt:
    """One attempt that goes on; the switch fills it in."""

    def __init__(self, watch: "AttemptWatchers", address: str, *, usual: bool) -> None:
        self._watch = watch
        self.seen = SeenAttempt(address=address)
        self.began = asyncio.get_running_loop().time()
        self.usual = usual
        self.told = not usual
        self.port = 0
        self.random = b""

    def note(self, **changes: object) -> None:
        """Take note of what was seen."""
        self.seen = msgspec.structs.replace(self.seen, **changes)

    def behind(self, port: int) -> None:
        """The connection behind the switch comes from this port."""
        self.port = port
        self._watch.by_port[port] = self

    def began_with(self, first: bytes, random: bytes = b"", hello: ClientHello | None = None) -> None:
        """The first bytes have come."""
        self.note(first=first, hello=hello)
        if random:
            self.random = random
            self._watch.by_random[random] = self

    def went_on(self, data: bytes) -> None:
        """The first bytes after those have come."""
        if self.seen.hello is None:
            first = self.seen.first + data[:LONGEST_HEAD]
            self.note(first=first, request=read_head(first))
            if self._watch.tls:
                # No TLS will come of it, and the station may wait long for an answer.
                self.over()

    def over(self) -> None:
        """The connection has ended; it is told a moment later, unless that was done."""
        asyncio.get_running_loop().call_later(LAST_WORDS, self._watch.close, self)


class AttemptWatchers:
    """Implements `ports.attempts.AttemptWatch` for the listeners behind a switch.

    Attributes:
        tell: told every attempt once, and once more when it was let in and ended at once.
        by_port: attempts that are open, by the port between switch and listener.
        by_random: the same by the random of their ClientHello.
        tls: whether the endpoint speaks it.
    """

    def __init__(self, *, tls: bool = False) -> None:
        self.tls = tls
        self.tell: Told = lambda _seen: None
        self.by_port: dict[int, OpenAttempt] = {}
        self.by_random: dict[bytes, OpenAttempt] = {}

    def begin(self, address: str, *, usual: bool = True) -> OpenAttempt:
        """Take note of a TCP connection; one that is not treated as usual is not told."""
        return OpenAttempt(self, address, usual=usual)

    # What the listener tells

    def tls_failed(self, random: bytes, reason: str) -> None:
        """A TLS handshake failed."""
        attempt = self.by_random.get(random)
        if attempt is not None and not attempt.told:
            attempt.note(fault=reason)
            self._tell(attempt)

    def opened(self, port: int, tls: TlsFacts | None) -> None:
        """The way is open for a request."""
        if port in self.by_port:
            self.by_port[port].note(opened=True, tls=tls)

    def answered(self, port: int, head: bytes, status: int) -> None:
        """A request was answered."""
        attempt = self.by_port.get(port)
        if attempt is not None and not attempt.told:
            attempt.note(head=head, request=read_head(head), status=status)
            self._tell(attempt)

    def ended(self, port: int, head: bytes, how: str) -> None:
        """The connection is over."""
        attempt = self.by_port.get(port)
        if attempt is None:
            return
        if not attempt.told:
            attempt.note(head=head, request=read_head(head))
        elif how and attempt.usual and asyncio.get_running_loop().time() - attempt.began < AT_ONCE:
            attempt.note(ending=how)
            self._tell(attempt)

    # What becomes of it

    def close(self, attempt: OpenAttempt) -> None:
        """Forget an attempt; one of which nothing was told yet is told now."""
        self.by_port.pop(attempt.port, None)
        self.by_random.pop(attempt.random, None)
        if not attempt.told:
            self._tell(attempt)

    def _tell(self, attempt: OpenAttempt) -> None:
        attempt.told = True
        self.tell(attempt.seen)
