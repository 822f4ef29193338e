"""One address at which the lab waits for the station, and what it does with those who come."""

import asyncio
from collections.abc import Awaitable, Callable

from ohmstead.lab.cases.exchange import Exchange
from ohmstead.lab.rig import (
    Accept,
    Attempt,
    ConnectionPolicy,
    Hold,
    ListenEndpoint,
    Pretend,
    RefuseTcp,
    RejectUpgrade,
    ServerFault,
)
from ohmstead.ports.link import Handshake, Link


class Endpoint:
    """An endpoint of the tester; made by `Tester.endpoint`.

    Attributes:
        number: 1 is the one that the station is provisioned for.
        handshakes: of every attempt that got that far, oldest first.
        exchange: the present connection, if any.
    """

    def __init__(self, number: int, log: Callable[[str], None], serve: Callable[[int, Link], Awaitable[None]]) -> None:
        self.number = number
        self.handshakes: list[Handshake] = []
        self.exchange: Exchange | None = None
        self.status = 101
        """HTTP status with which handshakes are answered."""
        self._listening: ListenEndpoint | None = None
        self._plain = False
        self._log = log
        self._serve = serve
        self.changed = asyncio.Event()

    def opened(self, endpoint: ListenEndpoint) -> None:
        """The rig has opened it."""
        self._listening = endpoint

    @property
    def listening(self) -> ListenEndpoint:
        """What the rig offers."""
        if self._listening is None:
            raise RuntimeError(f"endpoint {self.number} is not open yet")
        return self._listening

    @property
    def url(self) -> str:
        """What a station dials, without an identity."""
        return self.listening.url

    @property
    def root(self) -> str:
        """PEM root of its certificate."""
        return self.listening.root

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Connection attempts so far, each with the loop's time at which it began."""
        return self.listening.attempts

    @property
    def connected(self) -> bool:
        """Say whether the station has a connection here now."""
        return self.exchange is not None and self.exchange.open

    # The connection policy

    def accept(self) -> None:
        """Let the station in again."""
        self.status = 101
        self._set_policy(Accept(plain=self._plain))

    def succeed(self) -> None:
        """Let the station in, with a certificate from the CSMS root that follows (`Certificates.another_root`)."""
        self.status = 101
        self._set_policy(Accept(next_root=True))

    def plain(self) -> None:
        """Let the station in without TLS, and call it `ws://` from now on."""
        self._plain = True
        self.accept()

    def refuse(self) -> None:
        """Refuse the TCP connection from now on."""
        self._set_policy(RefuseTcp())

    def hold(self) -> None:
        """Take TCP connections and stay silent."""
        self._set_policy(Hold())

    def reject(self, status: int = 503) -> None:
        """Answer the HTTP upgrade with a status."""
        self._set_policy(RejectUpgrade(status))

    def pretend(self, fault: ServerFault) -> None:
        """Go through TLS handshakes with a fault."""
        self._set_policy(Pretend(fault))

    def _set_policy(self, policy: ConnectionPolicy) -> None:
        self._log(f"endpoint {self.number}: {_in_words(policy)}")
        self.listening.set_policy(policy)

    async def drop(self, code: int = 1000, reason: str = "") -> None:
        """Close the present connection in good order, with a WebSocket close code."""
        if self.exchange is not None:
            self._log(f"endpoint {self.number}: closed by the lab with {code}")
            await self.exchange.link.close(code, reason)
            await self._wait(lambda: not self.connected, 30)

    async def wait_connected(self, within: float) -> bool:
        """Wait for a connection; say whether it came."""
        return await self._wait(lambda: self.connected, within)

    async def wait_disconnected(self, within: float) -> bool:
        """Wait for the end of the present connection; say whether it came."""
        return await self._wait(lambda: not self.connected, within)

    async def wait_anew(self, before: Exchange | None, within: float) -> bool:
        """Wait for a connection that is another one than before; say whether it came."""
        return await self._wait(lambda: self.connected and self.exchange is not before, within)

    async def _wait(self, condition: Callable[[], bool], within: float) -> bool:
        try:
            async with asyncio.timeout(within):
                while not condition():
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            return condition()
        return True

    # What the rig calls

    def admit(self, handshake: Handshake) -> int:
        """Decide about a handshake."""
        self.handshakes.append(handshake)
        self._log(f"endpoint {self.number}: handshake {handshake.url} as {handshake.user or 'nobody'}: {self.status}")
        return self.status

    async def serve(self, link: Link) -> None:
        """Serve an accepted link."""
        await self._serve(self.number, link)


def _in_words(policy: ConnectionPolicy) -> str:
    """Return what the lab does with connection attempts from now on."""
    match policy:
        case RefuseTcp():
            return "connections are refused (TCP)"
        case Hold():
            return "connections are taken and left silent"
        case RejectUpgrade(status=status):
            return f"HTTP upgrades are answered with {status}"
        case Accept(next_root=next_root, plain=plain):
            root = ", with a certificate of the root that follows" if next_root else ""
            return f"connections are let in{root}{', without TLS' if plain else ''}"
        case Pretend(fault=fault):
            return f"connections meet a server that is not right: {fault.value}"
