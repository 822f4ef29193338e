"""What every station in memory is made of: a simulated machine with its hand, a network, files and a clock."""

from datetime import datetime
from random import Random

from ohmstead.edge.client_keys import MemoryClientKeys
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.files_memory import MemoryFiles, MemoryFileServers
from ohmstead.edge.memory_network import MemoryNetwork
from ohmstead.edge.restartable_dialer import RestartableDialer
from ohmstead.edge.simulator import SimulatedHand, Simulator
from ohmstead.edge.simulator.hand import Cables
from ohmstead.edge.sources import seeded
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.ports.files import Files
from ohmstead.product.profile import Product
from ohmstead.rpc.fault_table import FaultTable
from ohmstead.runtime.config import StationConfig
from ohmstead.runtime.host import Severable
from ohmstead.site import Site, Surroundings


class MemorySite(Site):
    """The pieces, by name; whoever is at the other end of the network comes with a subclass."""

    def __init__(
        self,
        product: Product,
        config: StationConfig,
        start: datetime,
        *,
        store: Severable | None = None,
        seed: int = 1,
        machine: type[Simulator] = Simulator,
        network: MemoryNetwork | None = None,
        cables: Cables | None = None,
        faults: FaultTable | None = None,
    ) -> None:
        self.network = network or MemoryNetwork()
        self.servers = MemoryFileServers()
        self.disk: dict[str, bytes] = {}
        self.simulator = machine(product, random=Random(seed))
        surroundings = Surroundings(
            clock=LoopClock(start),
            store=store or MemoryStore(),
            dialer=RestartableDialer(self.network.dialer),
            sources=lambda boot: seeded(seed, boot),
            files=self._memory_files,
            client_keys=MemoryClientKeys(),
        )
        super().__init__(product, self.simulator, surroundings, config, faults=faults)
        self.hand = SimulatedHand(self.simulator.hand, self.host, cables or self.network)

    def _memory_files(self) -> Files:
        return MemoryFiles(self.servers, self.disk, passable=lambda: not self.network.is_cut(None))
