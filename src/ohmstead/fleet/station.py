"""One station of a fleet: the station of `ohmstead run` on a simulated machine, with its memory in the process."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import msgspec

from ohmstead.blocks.context import Registration
from ohmstead.edge.client_keys import MemoryClientKeys
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.files import RemoteFiles
from ohmstead.edge.interfaces import Interfaces
from ohmstead.edge.restartable_dialer import RestartableDialer
from ohmstead.edge.simulator import SimulatedHand, Simulator
from ohmstead.edge.sources import real
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.websocket_dialer import WebSocketDialer
from ohmstead.fleet.plan import PlannedStation
from ohmstead.fleet.tally import EVENT
from ohmstead.ports.clock import Sources
from ohmstead.ports.hand_methods import Awaited, HandMethods
from ohmstead.ports.link import Link, SeverableDialer
from ohmstead.product.profile import Product
from ohmstead.rpc.call_statistics import CallStatistics, Tallies
from ohmstead.rpc.connection import Direction
from ohmstead.runtime.config import StationConfig
from ohmstead.runtime.counts import StationCounts
from ohmstead.site import Site, Surroundings


class FleetAccess(msgspec.Struct, frozen=True, kw_only=True):
    """How the stations reach their CSMS. Its repr hides the passwords."""

    url: str
    security_profile: int
    """0: profile 1 without a password."""
    roots: tuple[str, ...] = ()
    """PEM."""
    password: str = ""
    """Of every station that `passwords` does not name."""
    passwords: dict[str, str] = {}
    """By identity."""

    def __repr__(self) -> str:
        return f"FleetAccess(security_profile={self.security_profile})"

    def config(self, identity: str) -> StationConfig:
        """Return what one station is provisioned with."""
        without = self.security_profile == 0
        return StationConfig(
            identity=identity,
            csms_url=self.url,
            security_profile=max(self.security_profile, 1),
            password=None if without else self.passwords.get(identity, self.password),
            without_password=without,
            roots=self.roots,
        )


class FleetStation:
    """A station with its machine and its hand.

    Attributes:
        plan: what the fleet file says of it.
        product: what it is.
        hand: who touches it.
        simulator: its machine.
    """

    def __init__(
        self,
        plan: PlannedStation,
        product: Product,
        access: FleetAccess,
        *,
        seed: int,
        tallies: Tallies,
        folder: Path,
        dialer: Callable[[], SeverableDialer] | None = None,
    ) -> None:
        """Build it.

        Args:
            plan: what the fleet file says of it.
            product: what it is.
            access: how it reaches the CSMS.
            seed: of its cars.
            tallies: where its calls are counted, with those of others.
            folder: for files that it is told to fetch.
            dialer: makes its connections; None: WebSockets.
        """
        self.plan = plan
        self.product = product
        self.simulator = Simulator(product, random=Random(f"{seed}/{plan.identity}/machine"))
        self._interfaces = Interfaces(dict.fromkeys(product.interfaces))
        self._calls = CallStatistics(tallies=tallies)
        self._link: Link | None = None
        surroundings = Surroundings(
            clock=LoopClock(),
            store=MemoryStore(),
            dialer=RestartableDialer(dialer or self._dialer),
            sources=self._sources,
            files=lambda: RemoteFiles(folder / plan.identity),
            client_keys=MemoryClientKeys(),
        )
        self._site = Site(product, self.simulator, surroundings, access.config(plan.identity))
        self._site.frames.append(self._seen)
        self._host = self._site.host
        self._host.watch(self._look)
        self.hand: HandMethods[Awaited] = SimulatedHand(self.simulator.hand, self._host, self._interfaces)
        self._registers = self._read_registers()
        self._running: asyncio.Task[None] | None = None

    def _dialer(self) -> SeverableDialer:
        return WebSocketDialer(self._interfaces)

    @staticmethod
    def _sources(_boot: int) -> Sources:
        """Ids are the operating system's: a CSMS that has seen one run of a fleet must not see them again."""
        return real()

    def _seen(self, direction: Direction, text: str) -> None:
        sent = direction is Direction.Sent
        self._calls.seen("sent" if sent else "received", text, asyncio.get_running_loop().time())

    def _look(self) -> None:
        """Note the end of a connection: what waited for an answer gets none."""
        station = self._host.station
        link = None if station is None else station.connection.link
        if self._link is not None and link is not self._link:
            self._calls.disconnected()
        self._link = link

    def start(self) -> None:
        """Give it power."""
        self._running = asyncio.get_running_loop().create_task(self._host.run(), name=self.plan.identity)

    async def stop(self) -> None:
        """Take it away."""
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    # What can be seen of it

    @property
    def is_on(self) -> bool:
        """Say whether it was started."""
        return self._running is not None

    @property
    def counts(self) -> StationCounts:
        """What its host has counted."""
        return self._host.counts

    @property
    def accepted(self) -> bool:
        """Say whether it is connected and accepted."""
        station = self._host.station
        if station is None or station.connection.link is None:
            return False
        return station.csms.registration is Registration.Accepted

    @property
    def waiting(self) -> int:
        """TransactionEvents that wait in its outbox."""
        station = self._host.station
        return 0 if station is None else sum(entry.action == EVENT for entry in station.outbox.entries)

    @property
    def transactions(self) -> int:
        """How many run."""
        station = self._host.station
        return 0 if station is None else len(station.charging.sessions.with_transaction())

    def is_charged_at(self, evse_id: int) -> bool:
        """Say whether somebody is authorized at an EVSE."""
        station = self._host.station
        session = None if station is None else station.charging.sessions.at(evse_id)
        return session is not None and session.authorization is not None and session.transaction is not None

    @property
    def power_w(self) -> float:
        """What all EVSEs deliver."""
        return sum(evse.power_w for evse in self.simulator.snapshot().evses)

    @property
    def energy_wh(self) -> float:
        """What the meters have counted since the begin."""
        return self._read_registers() - self._registers

    def _read_registers(self) -> float:
        return sum(self.simulator.read(evse.id).energy_wh for evse in self.product.evses)

    def options(self) -> tuple[str, ...]:
        """Return the ids of what its display asks."""
        screen = self.simulator.screen
        return () if screen is None else tuple(option for option, _ in screen.options)
