"""The memory rig: our station, its machine and its network in one process and in virtual time."""

import asyncio
import functools
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import UTC, datetime
from random import Random
from urllib.parse import urlsplit

import msgspec

from ohmstead.edge import memory_handshake as meeting
from ohmstead.edge.client_keys import KeyPool, MemoryClientKeys
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.files_memory import Behavior, MemoryFiles, MemoryFileServers
from ohmstead.edge.interfaces import Interfaces
from ohmstead.edge.memory_network import MemoryListener, MemoryNetwork
from ohmstead.edge.restartable_dialer import RestartableDialer
from ohmstead.edge.simulator import SimulatedHand, Simulator
from ohmstead.edge.sources import seeded
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.virtual_time import Deadlock, OutOfTime, run
from ohmstead.edge.websocket_dialer import WebSocketDialer
from ohmstead.lab.cases.case import Case
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.runner import run_case
from ohmstead.lab.rig import (
    Accept,
    Attempt,
    ConnectionPolicy,
    FirmwareImage,
    FirmwareKind,
    Hold,
    ListenEndpoint,
    Pretend,
    Provisioning,
    RefuseTcp,
    RejectUpgrade,
    ServerFault,
)
from ohmstead.lab.rigs.authorities import LabCertificates, station_key
from ohmstead.lab.rigs.file_protocol import file_protocol
from ohmstead.lab.rigs.firmware_images import ALWAYS, authority_of, born_with, firmware, image
from ohmstead.lab.rigs.own_endpoint import OwnStationEndpoint, open_endpoint
from ohmstead.lab.verdict import Result, Verdict
from ohmstead.ports.files import Reason
from ohmstead.ports.hand import Hand
from ohmstead.ports.hardware import Screen
from ohmstead.ports.link import Admit, Refusal, Serve, SeverableDialer
from ohmstead.product.profile import Product
from ohmstead.runtime.config import StationConfig
from ohmstead.site import Site, Surroundings
from ohmstead.wire.messages import InstallCertificateUseEnum

START = datetime(2026, 3, 2, 8, 30, 11, tzinfo=UTC)
"""A Monday morning, off every round number that an interval could be aligned to."""
SEED = 20201
KEYS = KeyPool()
"""Of the stations' own certificates."""

Mutate = Callable[[], AbstractContextManager[object]]
"""Makes the station wrong in one place for as long as the context lasts."""


class MemoryRigEndpoint:
    """One endpoint in memory."""

    def __init__(
        self, network: MemoryNetwork, listener: MemoryListener, root: str, next_root: Callable[[], str]
    ) -> None:
        self._network = network
        self._listener = listener
        self._root = root
        self._next_root = next_root

    @property
    def url(self) -> str:
        """What the station dials."""
        return self._listener.url

    @property
    def root(self) -> str:
        """PEM root of its certificate."""
        return self._root

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Attempts whose outcome is known."""
        return tuple(
            Attempt(at=attempt.time, outcome=attempt.outcome, url=attempt.url)
            for attempt in self._network.attempts
            if urlsplit(attempt.url).netloc == urlsplit(self.url).netloc
        )

    def set_policy(self, policy: ConnectionPolicy) -> None:
        """Treat connection attempts by this policy from now on."""
        match policy:
            case Accept(next_root, plain):
                self._listener.root = self._next_root() if next_root else self._root
                self._listener.plain = plain
                self._listener.behavior = meeting.AcceptHandshakes()
            case RefuseTcp():
                self._listener.behavior = meeting.Refuse(Refusal.Unreachable)
            case Hold():
                self._listener.behavior = meeting.HoldConnections()
            case RejectUpgrade(status):
                self._listener.behavior = meeting.Reject(status)
            case Pretend(ServerFault.Tls10 | ServerFault.Tls11):
                self._listener.behavior = meeting.Refuse(Refusal.InvalidTLSVersion)
            case Pretend():
                self._listener.behavior = meeting.Refuse(Refusal.InvalidCsmsCertificate)

    async def close(self) -> None:
        """Nothing is left open in memory."""


class MemoryFileServer:
    """The lab's file server in memory (`lab.rig.FileServer`)."""

    def __init__(self, protocol: str) -> None:
        self._address = f"{protocol.lower()}://files.example/"
        self.servers = MemoryFileServers()
        self._behavior = Behavior()

    def offer(self, path: str, content: bytes) -> str:
        """Let a file be downloaded."""
        self.servers.files[self._address + path] = content
        return self._address + path

    def place(self, path: str) -> str:
        """Take uploads."""
        url = f"{self._address}{path.strip('/')}/"
        self.servers.places.add(url)
        return url

    @property
    def uploads(self) -> tuple[tuple[str, bytes], ...]:
        """What arrived."""
        return tuple(self.servers.uploads)

    @property
    def attempts(self) -> tuple[str, ...]:
        """What was begun."""
        return tuple(transfer.url for transfer in self.servers.transfers)

    def hold(self, held: bool) -> None:
        """Stay silent, or answer again."""
        self._behave(msgspec.structs.replace(self._behavior, hold=held))

    def throttle(self, bytes_per_second: float) -> None:
        """Move no more than this."""
        self._behave(msgspec.structs.replace(self._behavior, rate=bytes_per_second))

    def refuse(self, refused: bool) -> None:
        """Answer "not found", or serve again."""
        self._behave(msgspec.structs.replace(self._behavior, refuse=Reason.NotFound if refused else None))

    def _behave(self, behavior: Behavior) -> None:
        self._behavior = behavior
        self.servers.behave(behavior)


class MemoryRig:
    """A fresh site for one case (`lab.rig.Rig`).

    Attributes:
        host: our station's host, for tests of the lab.
    """

    name = "memory"
    tolerance = 0.1
    patience = 60.0

    def __init__(self, product: Product, *, seed: int = SEED, tls: bool = False, protocol: str = "") -> None:
        """Make a site.

        Args:
            product: what the station is.
            seed: of cars, ids and jitter.
            tls: the network consists of sockets with TLS on loopback, still in virtual time.
            protocol: of file transfers; empty: the first one of the product.
        """
        self._product = product
        self._tls = tls
        self._interfaces = Interfaces(dict.fromkeys(product.interfaces))
        self._seed = seed
        self._network = MemoryNetwork()
        self._endpoints: list[MemoryRigEndpoint | OwnStationEndpoint] = []
        self._simulator = Simulator(product, random=Random(seed))
        self.clock = LoopClock(START)
        self.files = MemoryFileServer(protocol or product.file_protocols[0])
        self.certificates = LabCertificates(product)
        self._disk: dict[str, bytes] = {}
        self._task: asyncio.Task[None] | None = None
        self._site = Site(
            product,
            self._simulator,
            Surroundings(
                clock=LoopClock(START),
                store=MemoryStore(),
                dialer=RestartableDialer(self._dialer),
                sources=lambda boot: seeded(seed, boot),
                files=lambda: MemoryFiles(self.files.servers, self._disk, passable=self._is_passable),
                client_keys=MemoryClientKeys(generate=KEYS.site()),
            ),
        )
        self.host = self._site.host
        self._hand = SimulatedHand(self._simulator.hand, self.host, self._interfaces if tls else self._network)

    def _dialer(self) -> SeverableDialer:
        return WebSocketDialer(self._interfaces) if self._tls else self._network.dialer()

    def _is_passable(self) -> bool:
        if self._tls:
            return any(map(self._interfaces.is_up, self._interfaces.names))
        return not self._network.is_cut(None)

    @property
    def hand(self) -> Hand:
        """The hands at the simulated machine."""
        return self._hand

    async def open(self, number: int, admit: Admit, serve: Serve, *, own_root: bool = False) -> ListenEndpoint:
        """Open an endpoint."""
        if self._tls:
            socket_door = await open_endpoint(number, self._product, admit, serve, own_root=own_root)
            self._endpoints.append(socket_door)
            return socket_door
        listener = self._network.listen(f"wss://csms{number}.example/ocpp", admit, serve)
        root = listener.root = authority_of(number, self._product, own_root=own_root).root
        next_root = functools.partial(self.certificates.another_root, InstallCertificateUseEnum.CSMSRootCertificate)
        endpoint = MemoryRigEndpoint(self._network, listener, root, next_root)
        self._endpoints.append(endpoint)
        return endpoint

    async def start(self, provisioning: Provisioning) -> None:
        """Power the station up with an empty store."""
        shown = None
        if provisioning.security_profile == 3:
            name = self._product.identity.serial_number or provisioning.identity
            shown = born_with(self._product).issue_client(name, key=station_key(), validity=ALWAYS)
        self.host.config = StationConfig(
            identity=provisioning.identity,
            csms_url=self._endpoints[0].url,
            security_profile=provisioning.security_profile,
            password=provisioning.password,
            client_certificate=shown.chain if shown else None,
            client_key=shown.key if shown else None,
            roots=(self._endpoints[0].root,),
        )
        self._task = asyncio.create_task(self.host.run(), name="host")

    def firmware(self, kind: FirmwareKind) -> FirmwareImage:
        """Put a firmware image on the file server."""
        content = image(kind, self._product)
        return firmware(kind, self.files.offer(f"firmware/{kind.value}.bin", content), content)

    async def screens(self) -> tuple[Screen, ...]:
        """Return what the display shows."""
        screen = self._simulator.screen
        return () if screen is None else (screen,)

    async def close(self) -> None:
        """End the station."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        for endpoint in self._endpoints:
            await endpoint.close()


def run_in_memory(
    case: Case,
    product: Product,
    config: LabConfig,
    *,
    seed: int = SEED,
    mutate: Mutate = nullcontext,
    record: bool = False,
    key: str | None = None,
) -> Result:
    """Run one case on a fresh station in virtual time.

    Args:
        case: what to run.
        product: what the station is.
        config: of the lab.
        seed: of cars, ids and jitter.
        mutate: what to do to the station's code meanwhile (mutants); nothing by default.
        record: keep the evidence in the result.
        key: of the digests in it, see `run_case`.
    """

    async def on_a_rig() -> Result:
        rig = MemoryRig(product, seed=seed, tls=case.tls, protocol=file_protocol(product, config, case.id))
        try:
            return await run_case(case, rig, product, config, record=record, key=key)
        finally:
            await rig.close()

    with mutate():
        try:
            return run(on_a_rig(), limit=case.limit * 2)
        except (Deadlock, OutOfTime) as error:
            reason = f"the site stood still: {str(error).splitlines()[0]}"
            return Result(id=case.id, title=case.title, verdict=Verdict.INCONCLUSIVE, reason=reason)
