"""Hostile CSMSs meet a real dialer, connection and station: refused, told once where the specification says so."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from random import Random

import pytest
from msgspec.structs import replace

from ohmstead.edge.certificate_builder import Issued
from ohmstead.edge.client_keys import MemoryClientKeys
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.files_memory import MemoryFiles, MemoryFileServers
from ohmstead.edge.interfaces import Interfaces
from ohmstead.edge.simulator import SimulatedHand, Simulator
from ohmstead.edge.sources import seeded
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.websocket_dialer import WebSocketDialer
from ohmstead.ports.link import Link, LinkRefused, Refusal, Target
from ohmstead.product.load import load
from ohmstead.product.profile import VariableSetting
from ohmstead.runtime.config import StationConfig
from ohmstead.site import Site, Surroundings
from ohmstead.wire import messages as wire
from tests.edge.websocket_bench import (
    IDENTITY,
    PASSWORD,
    authority,
    by_password,
    listening,
    product_context,
    target,
)
from tests.hostile import peers
from tests.hostile.peers import Peer
from tests.runtime.site import ScriptedCsms

PATIENCE = 60.0
"""Seconds after which something did not come at all, on a loaded machine too."""
SILENCE = 0.5
"""Seconds for an attempt at somebody silent, who stays so for ever."""
AGAIN = 2
"""Times that each hostile peer is dialed at least: a fault that repeats is told once."""
EVENTS = frozenset({"InvalidCsmsCertificate", "InvalidTLSVersion", "InvalidTLSCipherSuite"})
TABLE: dict[Refusal, tuple[str | None, dict[str, Peer]]] = {
    Refusal.InvalidCsmsCertificate: ("InvalidCsmsCertificate", peers.CERTIFICATES),
    Refusal.InvalidTLSVersion: ("InvalidTLSVersion", peers.VERSIONS),
    Refusal.InvalidTLSCipherSuite: ("InvalidTLSCipherSuite", peers.SUITES),
    Refusal.Protocol: (None, {**peers.RAW, **peers.UPGRADE}),
    Refusal.TimedOut: (None, peers.SILENT),
    Refusal.Unauthorized: (None, peers.UNWELCOME),
    Refusal.HttpStatus: (None, peers.STATUS),
    Refusal.Subprotocol: (None, peers.SUBPROTOCOL),
}


class Road:
    """The station's real dialer, on a road that leads now to one server and now to another.

    Attributes:
        url: where it leads.
        patience: seconds for an attempt.
        refusals: of every attempt that failed.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.patience = PATIENCE
        self.refusals: list[Refusal] = []
        self._tried = asyncio.Event()
        self._dialer = WebSocketDialer(Interfaces())

    async def dial(self, target: Target) -> Link:
        """Open a connection. Raises LinkRefused."""
        try:
            return await self._dialer.dial(replace(target, url=self.url, timeout=self.patience))
        except LinkRefused as refused:
            self.refusals.append(refused.refusal)
            self._tried.set()
            raise

    def sever(self) -> None:
        """Cut every link off."""
        self._dialer.sever()

    async def refused(self, times: int) -> None:
        """Wait until so many attempts have failed."""
        async with asyncio.timeout(PATIENCE):
            while len(self.refusals) < times:
                self._tried.clear()
                await self._tried.wait()


class Place:
    """A station that dials again at once, its CSMS behind good TLS, and the road between them."""

    def __init__(self, url: str, csms: ScriptedCsms) -> None:
        self.good, self.csms, self.road = url, csms, Road(url)
        plain = load("sec1000-240y")
        at_once = {
            f"OCPPCommCtrlr.{name}": VariableSetting(value=0)
            for name in ("RetryBackOffWaitMinimum", "RetryBackOffRandomRange")
        }
        product = replace(plain, variables={**plain.variables, **at_once})
        self.simulator = Simulator(product, random=Random(1))
        surroundings = Surroundings(
            clock=LoopClock(),
            store=MemoryStore(),
            dialer=self.road,
            sources=lambda boot: seeded(1, boot),
            files=lambda: MemoryFiles(MemoryFileServers(), {}),
            client_keys=MemoryClientKeys(),
        )
        config = StationConfig(identity=IDENTITY, csms_url=url, password=PASSWORD, roots=(authority().root,))
        self.host = Site(product, self.simulator, surroundings, config).host
        self.hand = SimulatedHand(self.simulator.hand, self.host, Interfaces())
        self._changed = asyncio.Event()
        self.host.watch(self._changed.set)

    async def meet(self, peer: Peer) -> tuple[set[Refusal], dict[str, int]]:
        """Send the station to a hostile peer, and back; return why it was refused there, and what it told of it."""
        async with peer() as url:
            self.road.url = url
            self.road.patience = SILENCE if peer in peers.SILENT.values() else PATIENCE
            self.road.refusals.clear()
            self.csms.received.clear()
            await self.leave()
            await self.road.refused(AGAIN)
        refusals = set(self.road.refusals[:AGAIN])
        self.road.url, self.road.patience = self.good, PATIENCE
        await self.home()
        events = Counter(event.type for event in self.csms.of(wire.SecurityEventNotificationRequest))
        return refusals, {kind: count for kind, count in events.items() if kind in EVENTS}

    async def leave(self) -> None:
        """End the link from the side of the CSMS."""
        station = self.host.station
        assert station is not None and station.connection.link is not None
        await station.connection.link.close(1000, "the road leads elsewhere now")

    async def home(self) -> None:
        """Wait until the station is connected to its CSMS, and has said everything."""
        station = self.host.station
        assert station is not None
        async with asyncio.timeout(PATIENCE):
            while station.connection.link is None:
                self._changed.clear()
                await self._changed.wait()
            await station.outbox.empty.wait()

    async def charge(self) -> None:
        """Let somebody charge, as a sign of life."""
        await self.hand.present("04A1B2C3")
        await self.csms.until(lambda: bool(self.csms.of(wire.AuthorizeRequest)), 10)
        await self.hand.plug(1)
        await self.csms.until(lambda: bool(self.csms.events), 10)


@asynccontextmanager
async def place() -> AsyncIterator[Place]:
    """Run a station that has booted."""
    csms = ScriptedCsms(LoopClock())
    async with listening(product_context(), by_password, csms.serve) as listener:
        built = Place(listener.url, csms)
        life = asyncio.create_task(built.host.run(), name="host")
        try:
            await csms.until(lambda: len(csms.of(wire.StatusNotificationRequest)) >= 2, 10)
            await built.home()
            yield built
        finally:
            life.cancel()
            with suppress(asyncio.CancelledError):
                await life


@pytest.mark.parametrize("refusal", TABLE, ids=lambda refusal: refusal.value)
def test_hostile_peers_are_refused_told_once_and_survived(refusal: Refusal) -> None:
    """A00.FR.308 to A00.FR.323, A00.FR.411: one station meets one after the other, and between them its own CSMS."""
    event, hostile = TABLE[refusal]

    async def scene() -> None:
        async with place() as here:
            met = {what: await here.meet(peer) for what, peer in hostile.items()}
            assert met == dict.fromkeys(hostile, ({refusal}, {} if event is None else {event: 1}))
            await here.charge()

    asyncio.run(scene())


def test_the_table_has_twenty_rows_with_an_event_and_twenty_without() -> None:
    told = sum(len(hostile) for event, hostile in TABLE.values() if event is not None)
    untold = sum(len(hostile) for event, hostile in TABLE.values() if event is None)
    assert told >= 20
    assert untold >= 20


@pytest.mark.parametrize(
    "issued",
    [lambda: peers.served(peers.server()), lambda: peers.served(peers.server(peers.MIDDLE), peers.middle())],
    ids=["alone", "through one between"],
)
def test_what_the_table_bends_is_good_unbent(issued: Callable[[], Issued]) -> None:
    """So each certificate of the table is refused for the one reason that its name says."""

    async def scene() -> None:
        async with peers.showing(issued)() as url:
            link = await WebSocketDialer(Interfaces()).dial(target(url))
            await link.close()

    asyncio.run(scene())
