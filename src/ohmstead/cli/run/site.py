"""One station with everything that surrounds it: simulated machine, store, network, clock, bench."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from random import Random

from ohmstead.cli.run.data import DataFolder
from ohmstead.cli.run.options import RunRefused
from ohmstead.edge.client_keys import ClientKeyFiles
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.files import RemoteFiles
from ohmstead.edge.interfaces import Interfaces, interface_names
from ohmstead.edge.lifelong_dialer import LifelongDialer
from ohmstead.edge.signatures import X509Signatures
from ohmstead.edge.simulator import FAULTS, Simulator, Snapshot, StateFile, ev_models
from ohmstead.edge.sources import real, seeded
from ohmstead.edge.store_sqlite import SqliteStore, StoreInUse
from ohmstead.edge.websocket_dialer import WebSocketDialer
from ohmstead.edge.x509 import X509Reader
from ohmstead.ports.clock import Sources
from ohmstead.ports.extensions import Installed
from ohmstead.product.profile import Product
from ohmstead.rpc.connection import Direction
from ohmstead.runtime.bench import StationBench
from ohmstead.runtime.config import StationConfig
from ohmstead.runtime.host import Host
from ohmstead.runtime.station import Outside

Seen = Callable[[Direction, str], None]
TEND = 1.0
"""Seconds of metering that the end of the process costs at most."""

_log = logging.getLogger(__name__)


class Site:
    """A station on a simulated machine, kept in a data folder.

    Attributes:
        clock: the station's.
        host: runs the station and is its hand.
        frames: hear every frame of the station.
        interface: the network interface that is used first.
    """

    def __init__(
        self,
        product: Product,
        data: DataFolder,
        clock: LoopClock,
        seed: int | None,
        extensions: tuple[Installed, ...] = (),
    ) -> None:
        self.clock = clock
        self.frames: list[Seen] = []
        self._product = product
        self._seed = seed
        self._extensions = extensions
        self._state = StateFile(data.machine)
        self._store = _open_store(data)
        self._downloads = data.path / "files"
        self._keys = data.path / "keys"
        self._technologies = interface_names(product)
        self._interfaces = Interfaces(dict.fromkeys(self._technologies))
        self._dialer = LifelongDialer(lambda: WebSocketDialer(self._interfaces))
        self.simulator = self._simulator(data.machine)

    def _simulator(self, path: Path) -> Simulator:
        random = Random(self._seed)
        try:
            return Simulator(self._product, random=random, state=self._state.load(), journal=self._state.save)
        except ValueError as error:
            raise RunRefused(f"{path} does not fit ({error}): move it away, or use another --data folder") from None

    @property
    def interface(self) -> str:
        """The network interface that is used first."""
        return next(iter(self._technologies))

    def host(self, config: StationConfig) -> Host:
        """Return the caller of the station's lives; call it once."""
        return Host(
            self._product,
            config,
            store=self._store,
            hardware=self.simulator,
            touched=self.simulator.hand,
            dialer=self._dialer,
            cables=self._interfaces,
            outside=self._outside,
            sources=self._sources,
        )

    def bench(self, host: Host) -> StationBench:
        """Return the bench of the station, which sees its frames from now on."""
        bench = StationBench(
            host,
            clock=self.clock,
            look=self._look,
            plugs=self._interfaces,
            technologies=self._technologies,
            ev_models=ev_models(),
            fault_codes=FAULTS,
        )
        self.frames.append(bench.seen)
        return bench

    async def tend(self) -> None:
        """Keep the meters up to date on the disk while energy flows, whoever looks at them."""
        while True:
            await asyncio.sleep(TEND)
            self._read_meters()

    def _look(self) -> Snapshot:
        """Look at the machine; no meter that somebody has seen goes back when the process is killed."""
        self._read_meters()
        return self.simulator.snapshot()

    def _read_meters(self) -> None:
        for evse in self._product.evses:
            self.simulator.read(evse.id)

    def keep(self) -> None:
        """Write down the machine for the next process."""
        try:
            self._state.save(self.simulator.capture())
        except OSError as error:
            _log.error("the machine could not be written down: %s", error)

    def _outside(self, sources: Sources) -> Outside:
        return Outside(
            hardware=self.simulator,
            dialer=self._dialer,
            clock=self.clock,
            sources=sources,
            files=RemoteFiles(self._downloads),
            signatures=X509Signatures(),
            certificates=X509Reader(),
            client_keys=ClientKeyFiles(self._keys),
            extensions=self._extensions,
            on_frame=self._on_frame if self.frames else None,
        )

    def _on_frame(self, direction: Direction, text: str) -> None:
        for seen in self.frames:
            seen(direction, text)

    def _sources(self, boot: int) -> Sources:
        return real() if self._seed is None else seeded(self._seed, boot)


def _open_store(data: DataFolder) -> SqliteStore:
    try:
        return SqliteStore(data.store)
    except StoreInUse:
        raise RunRefused(
            f"another station runs in {data.path}: end that one, or give this one a folder of its own with --data"
        ) from None
