"""A scenario's stations in memory and in virtual time, with the embedded CSMS."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import msgspec

from ohmstead.cli.scenario.switched_on import switched_on
from ohmstead.csms.backoffice import EmbeddedCsms
from ohmstead.csms.settings import CsmsSettings, KnownStation, SettingsError, check
from ohmstead.edge.client_keys import KeyPool, MemoryClientKeys
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.files_memory import MemoryFiles, MemoryFileServers
from ohmstead.edge.interfaces import Interfaces
from ohmstead.edge.memory_network import MemoryNetwork
from ohmstead.edge.restartable_dialer import RestartableDialer
from ohmstead.edge.simulator import FAULTS, SimulatedHand, Simulator, ev_models
from ohmstead.edge.sources import seeded
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.product.profile import Product
from ohmstead.rpc.fault_table import FaultTable
from ohmstead.runtime.bench import StationBench
from ohmstead.runtime.config import StationConfig
from ohmstead.scenario.document import Scenario, ScenarioError
from ohmstead.site import Site, Surroundings
from ohmstead.site.noted_hand import NotedHand

START = datetime(2026, 3, 2, 6, 0, 0, tzinfo=UTC)
"""A Monday morning, when a scenario in virtual time begins."""
URL = "wss://csms.example/ocpp"
PASSWORD = "scenario-in-memory"
BOOT = 300.0
"""Virtual seconds in which every station has to be accepted."""
KEYS = KeyPool()


class MemoryStage:
    """The stations of a scenario and their CSMS (`scenario.stage.Stage`)."""

    def __init__(self, stations: Mapping[str, "MemoryStation"], csms: EmbeddedCsms) -> None:
        self.stations = stations
        self.csms = csms


class MemoryStation(Site):
    """One station whose network is its own, so that it can be cut alone."""

    def __init__(self, product: Product, identity: str, seed: int) -> None:
        self.network = MemoryNetwork()
        self._plugs = Interfaces(dict.fromkeys(product.interfaces))
        simulator = Simulator(product, random=Random(seed))
        servers, disk = MemoryFileServers(), dict[str, bytes]()
        surroundings = Surroundings(
            clock=LoopClock(START),
            store=MemoryStore(),
            dialer=RestartableDialer(self.network.dialer),
            sources=lambda boot: seeded(seed, boot),
            files=lambda: MemoryFiles(servers, disk, passable=lambda: not self.network.is_cut(None)),
            client_keys=MemoryClientKeys(generate=KEYS.site()),
        )
        table = FaultTable()
        config = StationConfig(
            identity=identity,
            csms_url=URL,
            security_profile=max(profile for profile in product.security.profiles if profile < 3),
            password=PASSWORD,
        )
        super().__init__(product, simulator, surroundings, config, faults=table)
        self.hand = NotedHand(SimulatedHand(simulator.hand, self.host, self))
        self.bench = StationBench(
            self.host,
            clock=self.clock,
            forget=self.forget,
            look=simulator.snapshot,
            plugs=self._plugs,
            technologies=product.interfaces,
            ev_models=ev_models(),
            fault_codes=FAULTS,
            faults=table,
        )
        self.frames.append(self.bench.seen)

    @property
    def site(self) -> Site:
        """Return itself: it has what surrounds it."""
        return self

    def cut(self, interface: str | None = None) -> None:
        """Pull a network plug; None: all. Raises KeyError."""
        self._plugs.cut(interface)
        self.network.cut(interface)

    def restore(self, interface: str | None = None) -> None:
        """Put it back; None: all. Raises KeyError."""
        self._plugs.restore(interface)
        self.network.restore(interface)


@asynccontextmanager
async def memory_stage(
    scenario: Scenario, products: Mapping[str, Product], *, log_wire: Path | None = None
) -> AsyncIterator[MemoryStage]:
    """Switch the stations of a scenario on; all of them have been accepted when the body begins.

    Raises:
        ScenarioError: the settings of the CSMS are wrong, or a station is not accepted.
        RunRefused: the file for the frames cannot be written.
    """
    csms = EmbeddedCsms(_settings(scenario), clock=LoopClock(START), sources=seeded(scenario.seed, 0))
    csms.listens_at(URL)
    stations = {}
    for number, (identity, plan) in enumerate(scenario.stations.items()):
        seed = plan.seed if plan.seed is not None else scenario.seed + number
        station = stations[identity] = MemoryStation(products[identity], identity, seed)
        station.network.listen(URL, csms.admit, csms.serve)
    async with switched_on(scenario, stations, BOOT, log_wire):
        yield MemoryStage(stations, csms)


def _settings(scenario: Scenario) -> CsmsSettings:
    known = tuple(KnownStation(identity=identity, password=PASSWORD) for identity in scenario.stations)
    try:
        settings = msgspec.convert(dict(scenario.csms), CsmsSettings)
        if settings.stations:
            raise SettingsError("stations: those of the scenario are known by themselves")
        settings = msgspec.structs.replace(settings, stations=known)
        check(settings)
    except (msgspec.ValidationError, SettingsError) as error:
        raise ScenarioError(f"{scenario.source}: csms: {error}") from None
    return settings
