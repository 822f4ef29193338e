"""The station as it is sold, but for its machine: SQLite store, TLS WebSocket, simulator, real time."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from random import Random

from ohmstead.edge.authority import Authority
from ohmstead.edge.certificates import Issued
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.files import RemoteFiles
from ohmstead.edge.interfaces import Interfaces
from ohmstead.edge.signatures import X509Signatures
from ohmstead.edge.simulator import Simulator
from ohmstead.edge.simulator.ev import MODELS, EvModel
from ohmstead.edge.sources import real
from ohmstead.edge.store_sqlite import SqliteStore
from ohmstead.edge.tls import server_context
from ohmstead.edge.websocket_dialer import WebSocketDialer
from ohmstead.ports.clock import Sources
from ohmstead.ports.link import Link, Target
from ohmstead.product.load import load
from ohmstead.runtime.config import StationConfig
from ohmstead.runtime.host import Host
from ohmstead.runtime.station import Outside

IDENTITY = "CS-0815"
PASSWORD = "correct-horse-battery"
QUICK = EvModel(
    name="quick",
    label="Ready in an instant",
    battery_wh=100_000,
    curve=((0.0, 180_000.0), (100.0, 180_000.0)),
    voltage=(600, 790),
    max_current_a=500,
    start_soc=(20.0, 20.0),
    cable_check_s=(0.05, 0.05),
    precharge_s=(0.05, 0.05),
)
"""A car that takes 180 kW a tenth of a second after the station offers it."""


@cache
def authority() -> Authority:
    """The authority that both sides trust."""
    return Authority.generate()


@cache
def _server() -> Issued:
    return authority().issue_server(["localhost"], ["127.0.0.1"])


def csms_context(profile: int) -> ssl.SSLContext:
    """Return the TLS of a CSMS that speaks the product's two suites; profile 3 asks for a client certificate."""
    return server_context(
        _server().chain,
        _server().key,
        cipher_suites=load("sec1000-240y").security.cipher_suites,
        client_roots=(authority().root,) if profile == 3 else (),
        client_required=profile == 3,
    )


def provisioning(url: str, profile: int) -> StationConfig:
    """Return what the station is given at birth."""
    own = authority().issue_client(IDENTITY) if profile == 3 else None
    return StationConfig(
        identity=IDENTITY,
        csms_url=url,
        security_profile=profile,
        password=None if own else PASSWORD,
        client_certificate=own.chain if own else None,
        client_key=own.key if own else None,
        roots=(authority().root,),
    )


class Dialing:
    """One dialer for each life; a power cut reaches the present one."""

    def __init__(self, interfaces: Interfaces) -> None:
        self._interfaces = interfaces
        self._present = WebSocketDialer(interfaces)

    def renew(self) -> "Dialing":
        """Take a dialer for the next life."""
        self._present = WebSocketDialer(self._interfaces)
        return self

    async def dial(self, target: Target) -> Link:
        """Open a connection."""
        return await self._present.dial(target)

    def sever(self) -> None:
        """Drop every link."""
        self._present.sever()


class RealStation:
    """A host with a station, and its machine."""

    def __init__(self, config: StationConfig, directory: Path) -> None:
        product = load("sec1000-240y")
        interfaces = Interfaces()
        dialing, clock = Dialing(interfaces), LoopClock()
        self.simulator = simulator = Simulator(product, random=Random(7), meters={1: 12_000.0, 2: 0.0})

        def outside(sources: Sources) -> Outside:
            return Outside(
                hardware=simulator,
                dialer=dialing.renew(),
                clock=clock,
                sources=sources,
                files=RemoteFiles(directory / "files"),
                signatures=X509Signatures(),
            )

        self.store = SqliteStore(directory / "station.db")
        self.host = Host(
            product,
            config,
            store=self.store,
            hardware=simulator,
            touched=simulator.hand,
            dialer=dialing,
            cables=interfaces,
            outside=outside,
            sources=lambda _boot: real(),
        )

    @property
    def waiting(self) -> int:
        """How many messages wait in the outbox."""
        assert self.host.station is not None
        return len(self.host.station.outbox.entries)

    async def until(self, condition: Callable[[], bool], seconds: float = 20.0) -> None:
        """Wait until a condition holds; looked at whenever something in the station may have changed."""
        changed = asyncio.Event()
        self.host.watch(changed.set)
        async with asyncio.timeout(seconds):
            while not condition():
                changed.clear()
                await changed.wait()


@asynccontextmanager
async def running(config: StationConfig, directory: Path) -> AsyncIterator[RealStation]:
    """Run a station; the car `quick` can be plugged in."""
    MODELS[QUICK.name] = QUICK
    station = RealStation(config, directory)
    task = asyncio.create_task(station.host.run(), name="host")
    try:
        yield station
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        station.store.close()
        del MODELS[QUICK.name]
