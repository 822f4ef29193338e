"""What builds a station on a machine, whichever that is, and with an outside, wherever that lives."""

from collections.abc import Awaitable, Callable

import msgspec

from ohmstead.edge.signatures import X509Signatures
from ohmstead.edge.x509 import X509Reader
from ohmstead.ports.client_keys import ClientKeys
from ohmstead.ports.clock import Sources, StationClock
from ohmstead.ports.extensions import Installed
from ohmstead.ports.files import Files
from ohmstead.ports.firmware import MachineFirmware
from ohmstead.ports.hardware import Hardware
from ohmstead.ports.link import SeverableDialer
from ohmstead.ports.machine_log import MachineLog
from ohmstead.ports.network_time import NetworkTime, NoNetworkTime
from ohmstead.product.profile import Product
from ohmstead.rpc.connection import Direction
from ohmstead.rpc.fault_table import FaultTable
from ohmstead.rpc.faulty_link import FaultyDialer
from ohmstead.runtime.config import StationConfig
from ohmstead.runtime.host import Host, Severable
from ohmstead.runtime.station import Outside
from ohmstead.wire.messages import BootReasonEnum

UNPROVISIONED = StationConfig(identity="unprovisioned", csms_url="wss://nowhere.example")
"""Of a station that is told later where to dial: assign `host.config` before it runs."""


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between a station in memory and one on a disk: both are the same station."""

    clock: StationClock
    store: Severable
    dialer: SeverableDialer
    sources: Callable[[int], Sources]
    """Randomness and ids of the n-th life."""
    files: Callable[[], Files]
    """Called once a life: a power cut severs what the last one had."""
    client_keys: ClientKeys
    network_time: NetworkTime = NoNetworkTime()


class Site:
    """One station with what surrounds it, run after run.

    Attributes:
        host: runs it.
        hardware: its machine.
        clock: its own.
        network_time: of the next life.
        frames: hear every frame of every later life.
        files: makes the files of the next run.
        client_keys: of the next run.
        extensions: of the next run: what vendors have added.
        firmware: of the next run: that of a machine that brings its own.
        log: of the next run: what the machine writes down of itself.
        faults: of its protocol, on purpose; None: nothing can be made wrong on its wire.
    """

    def __init__(
        self,
        product: Product,
        hardware: Hardware,
        surroundings: Surroundings,
        config: StationConfig = UNPROVISIONED,
        *,
        extensions: tuple[Installed, ...] = (),
        firmware: MachineFirmware | None = None,
        log: MachineLog | None = None,
        reboot: Callable[[BootReasonEnum], Awaitable[None]] | None = None,
        faults: FaultTable | None = None,
    ) -> None:
        self.hardware = hardware
        self.clock = surroundings.clock
        self.files = surroundings.files
        self.client_keys = surroundings.client_keys
        self.network_time = surroundings.network_time
        self.extensions = extensions
        self.firmware = firmware
        self.log = log
        self.frames: list[Callable[[Direction, str], None]] = []
        self.faults = faults
        self._faulty = None if faults is None else FaultyDialer(surroundings.dialer, faults, self._left_faulty)
        self._dialer: SeverableDialer = self._faulty or surroundings.dialer
        self.host = Host(
            product,
            config,
            store=surroundings.store,
            hardware=hardware,
            dialer=self._dialer,
            outside=self._outside,
            sources=surroundings.sources,
            reboot=reboot,
        )

    async def forget(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Lose the power, and boot with an empty store and no keys; `meanwhile` is called between.

        Raises StoreFailed: the store cannot be emptied, and everything is as it was.
        """

        def without_power() -> None:
            for name in self.client_keys.names():
                self.client_keys.discard(name)
            meanwhile()

        await self.host.forget(without_power)

    def _outside(self, sources: Sources) -> Outside:
        return Outside(
            hardware=self.hardware,
            dialer=self._dialer,
            clock=self.clock,
            network_time=self.network_time,
            sources=sources,
            files=self.files(),
            signatures=X509Signatures(),
            certificates=X509Reader(),
            client_keys=self.client_keys,
            firmware=self.firmware,
            log=self.log,
            extensions=self.extensions,
            on_frame=self._on_frame if self.frames or self.faults is not None else None,
        )

    def _on_frame(self, direction: Direction, text: str) -> None:
        if self.faults is not None and self._faulty is not None:
            self.faults.seen(direction, text)
            link = self._faulty.link
            if direction is Direction.Sent and link is not None and link.acts:
                return  # what leaves instead is told by the link
        self._tell(direction, text)

    def _left_faulty(self, text: str) -> None:
        self._tell(Direction.Sent, text)

    def _tell(self, direction: Direction, text: str) -> None:
        for seen in self.frames:
            seen(direction, text)
