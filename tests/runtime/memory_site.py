"""What every station in memory is made of: a machine, a network, files, a clock, and the host that lets it live."""

from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Protocol

from ohmstead.edge.client_keys import MemoryClientKeys
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.files_memory import MemoryFiles, MemoryFileServers
from ohmstead.edge.lifelong_dialer import LifelongDialer
from ohmstead.edge.memory_network import MemoryNetwork
from ohmstead.edge.signatures import X509Signatures
from ohmstead.edge.simulator import Simulator
from ohmstead.edge.sources import seeded
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.x509 import X509Reader
from ohmstead.ports.client_keys import ClientKeys
from ohmstead.ports.clock import Sources
from ohmstead.ports.extensions import Installed
from ohmstead.ports.files import Files
from ohmstead.product.profile import Product
from ohmstead.rpc.connection import Direction
from ohmstead.runtime.config import StationConfig
from ohmstead.runtime.host import Host, Severable
from ohmstead.runtime.station import Outside


class Cables(Protocol):
    """What a hand pulls and puts back."""

    def cut(self, interface: str | None = None) -> None: ...
    def restore(self, interface: str | None = None) -> None: ...


class MemorySite:
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
    ) -> None:
        self.clock = LoopClock(start)
        self.network = network or MemoryNetwork()
        self.servers = MemoryFileServers()
        self.disk: dict[str, bytes] = {}
        self.files: Callable[[], Files] = self._memory_files
        self.client_keys: ClientKeys = MemoryClientKeys()
        self.extensions: tuple[Installed, ...] = ()
        self.on_frame: Callable[[Direction, str], None] | None = None
        self.simulator = machine(product, random=Random(seed))
        self._dialer = LifelongDialer(self.network.dialer)
        self.host = Host(
            product,
            config,
            store=store or MemoryStore(),
            hardware=self.simulator,
            touched=self.simulator.hand,
            dialer=self._dialer,
            cables=cables or self.network,
            outside=self._outside,
            sources=lambda boot: seeded(seed, boot),
        )

    def _outside(self, sources: Sources) -> Outside:
        return Outside(
            hardware=self.simulator,
            dialer=self._dialer,
            clock=self.clock,
            sources=sources,
            files=self.files(),
            signatures=X509Signatures(),
            certificates=X509Reader(),
            client_keys=self.client_keys,
            extensions=self.extensions,
            on_frame=self.on_frame,
        )

    def _memory_files(self) -> Files:
        return MemoryFiles(self.servers, self.disk, passable=lambda: not self.network.is_cut(None))
