"""A CSMS over real TLS with client certificates: it accepts everything and has errands at the station."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count

from ohmstead.edge.authority import Authority
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.tls import server_context
from ohmstead.edge.websocket_listener import listen
from ohmstead.ports.link import Handshake, Link, LinkLost
from ohmstead.product.load import load
from ohmstead.rpc.connection import RpcConnection
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response

PRODUCT = load("sec1000-240y")


class Office:
    """A CSMS that accepts everything and has errands at the station.

    Attributes:
        statuses_of_interest: each is a moment to be killed at.
        life: the process that runs, counted from 1.
        enough: begin nothing new any more.
        done: nothing is open any more; set only after `enough`.
    """

    statuses_of_interest: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.life = 0
        self.enough = False
        self.done = asyncio.Event()
        self._clock = LoopClock()
        self._ids = count(1)
        self._registered = asyncio.Event()
        self._moved = asyncio.Event()
        self._latest = ""

    def born(self) -> None:
        """A new process begins."""
        self.life += 1
        self._registered.clear()
        self.done.clear()

    async def moved(self, status: str | None = None) -> None:
        """Wait for the next thing that happens on the way, or for a status."""
        while True:
            self._moved.clear()
            await self._moved.wait()
            if status in (None, self._latest):
                return

    def waits(self) -> list[str]:
        """What has been waited for in vain, or is being waited for, for whoever reads that a life does not get on."""
        return []

    async def registered(self) -> None:
        """Wait until this process has been accepted."""
        await self._registered.wait()

    def _note(self, status: str = "") -> None:
        self._latest = status
        self._moved.set()

    async def serve(self, link: Link) -> None:
        """Serve one connection."""
        self.connected(link.handshake)
        rpc = RpcConnection(
            link, handler=self._answer, new_id=lambda: f"c{next(self._ids)}", message_timeout=lambda: 30.0
        )
        errands = asyncio.create_task(self._go(rpc))
        try:
            await rpc.run()
        finally:
            errands.cancel()

    async def _go(self, rpc: RpcConnection) -> None:
        await self._registered.wait()
        await asyncio.sleep(0.05)  # the answer to BootNotification goes first
        with suppress(LinkLost):
            await self.errands(rpc)

    def admit(self, _handshake: Handshake) -> int:
        """Decide about a handshake: the status of HTTP."""
        return 101

    def connected(self, handshake: Handshake) -> None:
        """Look at the handshake of a new connection."""

    async def errands(self, rpc: RpcConnection) -> None:
        """Do what there is to do on a connection."""
        raise NotImplementedError

    def hear(self, request: Request[Response]) -> Response | None:
        """Answer what is of interest."""
        raise NotImplementedError

    async def _answer(self, request: Request[Response]) -> Response:
        now = self._clock.now()
        heard = self.hear(request)
        match request:
            case wire.BootNotificationRequest():
                self._registered.set()
                self._note()
                accepted = wire.RegistrationStatusEnum.Accepted
                return wire.BootNotificationResponse(current_time=now, interval=300, status=accepted)
            case wire.HeartbeatRequest():
                return wire.HeartbeatResponse(current_time=now)
            case wire.StatusNotificationRequest():
                return wire.StatusNotificationResponse()
            case wire.SecurityEventNotificationRequest():
                return wire.SecurityEventNotificationResponse()
        assert heard is not None, f"not expected: {request!r}"
        return heard


@asynccontextmanager
async def open_csms(office: Office, authority: Authority, *, certificates: bool = True) -> AsyncIterator[str]:
    """Listen with TLS on loopback, for clients with a certificate only (security profile 3) or any; yields the URL."""
    server = authority.issue_server(["localhost"], ["127.0.0.1"])
    context = server_context(
        server.chain,
        server.key,
        cipher_suites=PRODUCT.security.cipher_suites,
        client_roots=(authority.root,) if certificates else (),
        client_required=certificates,
    )
    listener = await listen(
        "127.0.0.1", 0, admit=office.admit, serve=office.serve, ssl_context=context, path="/ocpp", name="localhost"
    )
    try:
        yield listener.url
    finally:
        await listener.close()
