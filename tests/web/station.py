"""The real station in memory, with the embedded CSMS: what `ohmstead run` puts together, without disk and sockets."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime

import msgspec

from ohmstead.csms.backoffice import EmbeddedCsms
from ohmstead.csms.settings import CsmsSettings, KnownStation
from ohmstead.edge.interfaces import Interfaces
from ohmstead.edge.memory_network import MemoryNetwork
from ohmstead.edge.simulator import FAULTS, MODELS, ev_models
from ohmstead.edge.sources import seeded
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.rpc.fault_table import FaultTable
from ohmstead.runtime.bench import StationBench
from ohmstead.runtime.config import StationConfig
from tests.runtime.memory_site import MemorySite

IDENTITY = "OHM-0001"
PASSWORD = "correct-horse-battery"
URL = "wss://localhost:9443/ocpp"
START = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
ADA, LOST = "04A1B2C3", "04B10C4ED0C0DE"
"""A card that the CSMS accepts, and one that is blocked."""
TECHNOLOGIES = {"Wired0": "Ethernet", "Wireless0": "Mobile network"}


class Cables:
    """The network of the station and the plugs that its bench shows, pulled together."""

    def __init__(self) -> None:
        self.network = MemoryNetwork()
        self.plugs = Interfaces(dict.fromkeys(TECHNOLOGIES))

    def cut(self, interface: str | None = None) -> None:
        """Pull a plug; None: all."""
        self.plugs.cut(interface)
        self.network.cut(interface)

    def restore(self, interface: str | None = None) -> None:
        """Put it back; None: all."""
        self.plugs.restore(interface)
        self.network.restore(interface)


class Station(MemorySite):
    """A station, its machine and its CSMS."""

    def __init__(self, product: Product, hand: bool = True) -> None:
        cables = Cables()
        config = StationConfig(identity=IDENTITY, csms_url=URL, password=PASSWORD)
        super().__init__(product, config, START, network=cables.network, cables=cables, faults=FaultTable())
        known = KnownStation(identity=IDENTITY, password=PASSWORD)
        settings = CsmsSettings(stations=(known,), master_pass_group="")
        self.csms = EmbeddedCsms(settings, clock=self.clock, sources=seeded(1, 0))
        self.network.listen(URL, self.csms.admit, self.csms.serve)
        self.csms.listens_at(URL)
        self.bench = StationBench(
            self.host,
            clock=self.clock,
            forget=self.forget,
            look=self.simulator.snapshot,
            plugs=cables.plugs,
            technologies=TECHNOLOGIES,
            ev_models=ev_models(),
            fault_codes=FAULTS,
            hand=hand,
            faults=self.faults,
        )
        self.frames.append(self.bench.seen)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return once something holds that changes with the bench."""
        while not holds():
            await self.bench.wait_changed(self.bench.view().version)

    async def charges(self, evse_id: int = 1) -> None:
        """Return once energy flows and the CSMS has been told."""

        def told() -> bool:
            view = self.bench.view()
            states = [one.charging_state for one in self.csms.transactions() if one.evse_id == evse_id]
            return view.evses[evse_id - 1].supply == "Delivering" and states[:1] == ["Charging"] and not view.queue

        await self.until(told)

    async def online(self) -> None:
        """Return once every connector has been reported."""
        connectors = sum(len(evse.connectors) for evse in self.host.product.evses)
        version = -1
        while len(self.csms.stations()[0].connectors) < connectors or self.bench.view().connection.state != "Connected":
            version = await self.csms.wait_changed(version)


@asynccontextmanager
async def running(evses: int = 2, hand: bool = True, product: str | None = None) -> AsyncIterator[Station]:
    """Run a station; it has booted and reported its connectors when the body begins."""
    station = Station(load(product) if product else _with_evses(load("sec1000-240y"), evses), hand)
    task = asyncio.create_task(station.host.run(), name="host")
    try:
        await station.online()
        yield station
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@contextmanager
def eager_cars() -> Iterator[None]:
    """Let cars take energy at once: for tests in real time, which would wait for cable check and precharge."""
    before = dict(MODELS)
    for name, model in before.items():
        MODELS[name] = msgspec.structs.replace(model, cable_check_s=(0.1, 0.1), precharge_s=(0.1, 0.1))
    try:
        yield
    finally:
        MODELS.update(before)


def _with_evses(product: Product, count: int) -> Product:
    first = product.evses[0]
    evses = tuple(msgspec.structs.replace(first, id=number) for number in range(1, count + 1))
    return product if count == len(product.evses) else msgspec.structs.replace(product, evses=evses)
