"""The station of `ohmstead run`: SQLite store, TLS WebSocket, simulated machine, real time."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path

from ohmstead.cli.run.data import open_folder
from ohmstead.cli.run.machines import SimulatedMachine
from ohmstead.cli.run.site import RunSite
from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import Issued
from ohmstead.edge.simulator.ev import MODELS, SimulatedEvModel
from ohmstead.edge.tls import server_context
from ohmstead.product.load import load
from ohmstead.runtime.config import StationConfig

PRODUCT = "sec1000-240y"
IDENTITY = "CS-0815"
PASSWORD = "correct-horse-battery"
QUICK = SimulatedEvModel(
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
"""A car that takes energy a tenth of a second after the station offers it."""


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
        cipher_suites=load(PRODUCT).security.cipher_suites,
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


class RealStation:
    """A station, its machine, and everything that surrounds it, in a folder of its own."""

    def __init__(self, config: StationConfig, directory: Path) -> None:
        site = RunSite(load(PRODUCT), open_folder(directory / "station", PRODUCT))
        assert isinstance(site.machine, SimulatedMachine) and site.hand is not None
        self.simulator = site.machine.simulator
        self.hand = site.hand
        self.host = site.host
        self.host.config = config

    @property
    def waiting(self) -> int:
        """How many messages wait in the outbox."""
        assert self.host.station is not None
        return len(self.host.station.outbox.entries)

    async def until(self, condition: Callable[[], bool], seconds: float = 60.0) -> None:
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
        del MODELS[QUICK.name]
