"""A whole station from Python: simulated machine, hand, and a network that is real or in memory; nothing on a disk."""

from collections.abc import Callable
from pathlib import Path
from random import Random

from ohmstead.edge.client_keys import MemoryClientKeys
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.delayed_link import DelayedDialer, NetworkDelay
from ohmstead.edge.files import RemoteFiles
from ohmstead.edge.interfaces import Interfaces
from ohmstead.edge.ntp import NtpClient
from ohmstead.edge.restartable_dialer import RestartableDialer
from ohmstead.edge.simulator import FAULTS, SimulatedHand, Simulator, ev_models
from ohmstead.edge.sources import real, seeded
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.websocket_dialer import WebSocketDialer
from ohmstead.ports.clock import Sources
from ohmstead.product.profile import Product
from ohmstead.rpc.fault_table import FaultTable
from ohmstead.runtime.bench import StationBench
from ohmstead.runtime.config import StationConfig
from ohmstead.site.site import Site, Surroundings


class SimulatedSite(Site):
    """One station that dials over the network of this computer; `await site.host.run()` is its life.

    What it remembers lasts as long as the object, over every reboot and power cut.

    Attributes:
        hand: who touches it.
        interfaces: its network plugs.
        delay: of its network.
    """

    def __init__(
        self,
        product: Product,
        config: StationConfig,
        folder: Callable[[], Path],
        *,
        seed: int | None = None,
        faults: FaultTable | None = None,
    ) -> None:
        """Build it; it belongs to the event loop in which it runs.

        Args:
            product: what it is.
            config: who it is, and how it reaches its CSMS.
            folder: returns where it keeps files on their way, firmware and logs; called at each boot.
            seed: of cars, ids and jitter; None: nobody knows.
            faults: of its protocol, on purpose; None: there can be none.
        """
        self.interfaces = Interfaces(dict.fromkeys(product.interfaces))
        self.delay = NetworkDelay()
        self._technologies = dict(product.interfaces)
        self._seed = seed
        self._simulator = Simulator(product, random=Random(seed))
        surroundings = Surroundings(
            clock=LoopClock(),
            store=MemoryStore(),
            dialer=DelayedDialer(RestartableDialer(lambda: WebSocketDialer(self.interfaces)), self.delay),
            sources=self._sources,
            files=lambda: RemoteFiles(folder()),
            client_keys=MemoryClientKeys(),
            network_time=NtpClient(),
        )
        super().__init__(product, self._simulator, surroundings, config, faults=faults)
        self.hand = SimulatedHand(self._simulator.hand, self.host, self.interfaces)

    def bench(self) -> StationBench:
        """Return the bench of the station, which sees its frames from now on."""
        bench = StationBench(
            self.host,
            clock=self.clock,
            forget=self.forget,
            look=self._simulator.snapshot,
            plugs=self.interfaces,
            technologies=self._technologies,
            ev_models=ev_models(),
            fault_codes=FAULTS,
            faults=self.faults,
        )
        self.frames.append(bench.seen)
        return bench

    def _sources(self, boot: int) -> Sources:
        return real() if self._seed is None else seeded(self._seed, boot)
