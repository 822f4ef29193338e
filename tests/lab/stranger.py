"""A station that is none of ours: it says what a test tells it to say, over a link in memory."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from ohmstead.edge.clock import LoopClock
from ohmstead.edge.memory_network import MemoryNetwork
from ohmstead.edge.virtual_time import run
from ohmstead.lab.cases.case import Case
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.runner import run_case
from ohmstead.lab.rig import (
    Attempt,
    Certificates,
    ConnectionPolicy,
    FileServer,
    FirmwareImage,
    FirmwareKind,
    Provisioning,
)
from ohmstead.lab.verdict import Result
from ohmstead.ports.hand import Action, Hand
from ohmstead.ports.hardware import Screen
from ohmstead.ports.link import Admit, Credentials, Link, Serve, Target
from ohmstead.product.load import load

START = datetime(2026, 1, 1, tzinfo=UTC)
URL = "ws://lab.example/ocpp"
Script = Callable[[Link], Awaitable[None]]


class NoHands:
    """A hand that does nothing at all."""

    async def perform(self, action: Action) -> None:
        """Nobody is there."""


class StrangeEndpoint:
    """The only endpoint."""

    url = URL
    root = ""
    attempts: tuple[Attempt, ...] = ()

    def set_policy(self, policy: ConnectionPolicy) -> None:
        """Whatever."""


class StrangeRig:
    """A rig whose station is a script."""

    name = "stranger"
    tolerance = 0.1
    patience = 5.0

    def __init__(self, script: Script) -> None:
        self.clock = LoopClock(START)
        self._network = MemoryNetwork(latency_up=0, latency_down=0)
        self._script = script
        self._task: asyncio.Future[None] | None = None

    @property
    def hand(self) -> Hand:
        """Nobody's."""
        return NoHands()

    @property
    def files(self) -> FileServer:
        """None."""
        return None  # type: ignore[return-value]  # no test here transfers files

    @property
    def certificates(self) -> Certificates:
        """None."""
        return None  # type: ignore[return-value]  # no test here installs certificates

    async def open(self, number: int, admit: Admit, serve: Serve, *, own_root: bool = False) -> StrangeEndpoint:
        """Open the endpoint."""
        assert number == 1
        assert not own_root
        self._network.listen(URL, admit, serve)
        return StrangeEndpoint()

    async def start(self, provisioning: Provisioning) -> None:
        """Dial, and follow the script."""
        target = Target(url=URL, identity=provisioning.identity, security_profile=1, credentials=Credentials())
        link = await self._network.dialer().dial(target)
        self._task = asyncio.ensure_future(self._script(link))

    def firmware(self, kind: FirmwareKind) -> FirmwareImage:
        """None."""
        raise NotImplementedError(kind)

    async def screens(self) -> tuple[Screen, ...]:
        """None."""
        return ()


def judge(script: Script, case: Case) -> Result:
    """Run a case on a station that follows a script."""

    async def on_the_rig() -> Result:
        return await run_case(case, StrangeRig(script), load("sec1000-240y"), LabConfig())

    return run(on_the_rig(), limit=4000)
