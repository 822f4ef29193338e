"""One station with everything that surrounds it, kept in a data folder."""

from collections.abc import Callable

from ohmstead.cli.run.data import DataFolder
from ohmstead.cli.run.machines import RealMachine, RunMachine, SimulatedMachine
from ohmstead.cli.run.options import RunRefused
from ohmstead.edge.client_keys import ClientKeyFiles
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.files import RemoteFiles
from ohmstead.edge.interfaces import Interfaces
from ohmstead.edge.ntp import NtpClient
from ohmstead.edge.restartable_dialer import RestartableDialer
from ohmstead.edge.sources import real, seeded
from ohmstead.edge.store_sqlite import SqliteStore, StoreInUse
from ohmstead.edge.websocket_dialer import WebSocketDialer
from ohmstead.ports.clock import Sources, StationClock
from ohmstead.ports.extensions import Installed
from ohmstead.ports.machine import Machine
from ohmstead.product.profile import Product
from ohmstead.rpc.fault_table import FaultTable
from ohmstead.runtime.bench import StationBench
from ohmstead.site import Site, Surroundings
from ohmstead.site.noted_hand import NotedHand


class RunSite(Site):
    """A station of `ohmstead run`: its `host.config` is assigned before it runs.

    Attributes:
        machine: simulated, or a vendor's.
        hand: who touches it; None where only people can.
        interface: the network interface that is used first.
    """

    def __init__(
        self,
        product: Product,
        data: DataFolder,
        clock: StationClock | None = None,
        seed: int | None = None,
        make: Callable[[], Machine] | None = None,
        extensions: tuple[Installed, ...] = (),
        faults: FaultTable | None = None,
    ) -> None:
        """Build it.

        Args:
            product: what it is.
            data: where it is kept.
            clock: None: the machine's, or else the computer's.
            seed: of cars, ids and jitter; None: nobody knows.
            make: makes the machine; None: it is simulated. Called once the folder is known to be nobody else's.
            extensions: what vendors have added to it.
            faults: of its protocol, on purpose; None: there can be none.
        """
        self._seed = seed
        self._technologies = product.interfaces
        self._interfaces = Interfaces(dict.fromkeys(self._technologies))
        self.interface = next(iter(self._technologies))
        store = _open_store(data)
        machine = make() if make is not None else None
        self.machine: RunMachine = (
            RealMachine(product, machine) if machine is not None else SimulatedMachine(product, data.machine, seed)
        )
        surroundings = Surroundings(
            clock=clock or (machine.clock if machine is not None else None) or LoopClock(),
            store=store,
            dialer=RestartableDialer(lambda: WebSocketDialer(self._interfaces)),
            sources=self._sources,
            files=lambda: RemoteFiles(data.path / "files"),
            client_keys=ClientKeyFiles(data.path / "keys"),
            network_time=NtpClient(),
        )
        super().__init__(
            product,
            self.machine.hardware,
            surroundings,
            extensions=extensions,
            firmware=machine.firmware if machine is not None else None,
            log=machine.log if machine is not None else None,
            reboot=machine.reboot if machine is not None else None,
            faults=faults,
        )
        hand = self.machine.hand(self.host, self._interfaces)
        self.hand = NotedHand(hand) if hand is not None else None

    def bench(self) -> StationBench:
        """Return the bench of the station, which sees its frames from now on."""
        bench = StationBench(
            self.host,
            clock=self.clock,
            forget=self.forget,
            look=self.machine.look,
            plugs=self._interfaces,
            technologies=self._technologies,
            ev_models=self.machine.ev_models,
            fault_codes=self.machine.fault_codes,
            hand=self.hand is not None,
            faults=self.faults,
        )
        self.frames.append(bench.seen)
        return bench

    def _sources(self, boot: int) -> Sources:
        return real() if self._seed is None else seeded(self._seed, boot)


def _open_store(data: DataFolder) -> SqliteStore:
    try:
        return SqliteStore(data.store)
    except StoreInUse:
        raise RunRefused(
            f"another station runs in {data.path}: end that one, or give this one a folder of its own with --data"
        ) from None
