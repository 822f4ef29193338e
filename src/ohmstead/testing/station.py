"""A charging station under the control of a test: its hand, its wire, its network and its power."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Literal, Self

from ohmstead.ports.bench import StationView
from ohmstead.ports.hand import Action, CutNetwork, CutPower, RestoreNetwork, RestorePower
from ohmstead.ports.hand_methods import Awaited, HandMethods
from ohmstead.ports.protocol_faults import ProtocolFaults
from ohmstead.testing.backend import StationBackend
from ohmstead.testing.in_loop import StationInLoop
from ohmstead.testing.own_process import StationOfItsOwn
from ohmstead.testing.setup import StationSetup
from ohmstead.testing.wire import Wire

LOOKED_AT = 0.05
"""Seconds between two looks at a station that is waited for."""
ACCEPTED_WITHIN = 30.0
"""Seconds in which a CSMS accepts a station."""
Where = Literal["loop", "process"]
BACKENDS: dict[Where, Callable[[StationSetup], StationBackend]] = {"loop": StationInLoop, "process": StationOfItsOwn}
"""Where a station can live: in the event loop of the test, or as a process of its own."""


class AsyncHand(HandMethods[Awaited]):
    """Does at the station what a person does: `await hand.plug(1)`; each action raises HandRefused."""

    def __init__(self, perform: Callable[[Action], Awaited]) -> None:
        self._perform = perform

    def perform(self, action: Action) -> Awaited:
        """Do it. Raises HandRefused when it is impossible now."""
        return self._perform(action)


class AsyncNetwork:
    """The network of the station."""

    def __init__(self, backend: Callable[[], StationBackend]) -> None:
        self._backend = backend

    async def cut(self, interface: str | None = None) -> None:
        """Pull the plug of an interface (`Wired0`, `Wireless0`); None: of all."""
        await self._backend().perform(CutNetwork(interface))

    async def restore(self, interface: str | None = None) -> None:
        """Put it back; the station reconnects when its back-off is over."""
        await self._backend().perform(RestoreNetwork(interface))

    async def delay(self, seconds: float, down: float | None = None) -> None:
        """Let each message travel so long to the CSMS, and as long (or `down`) back; 0: no delay any more.

        Raises NotImplementedError for a station in a process of its own.
        """
        self._backend().delay(seconds, seconds if down is None else down)


class AsyncPower:
    """The mains of the station."""

    def __init__(self, backend: Callable[[], StationBackend]) -> None:
        self._backend = backend

    async def cut(self) -> None:
        """Take the mains away, between any two instructions."""
        await self._backend().perform(CutPower())

    async def restore(self) -> None:
        """Give the mains back; the station boots from what it has kept."""
        await self._backend().perform(RestorePower())


class AsyncStation:
    """A whole charging station, driven from an event loop.

        async with AsyncStation(StationSetup(csms_url="ws://127.0.0.1:9000")) as station:
            await station.hand.plug(1)
            await station.wire.expect("TransactionEvent", eventType="Started")

    Attributes:
        setup: what it is.
        hand: what a person does at it.
        wire: what it and its CSMS say to each other.
        network: its network.
        power: its mains.
    """

    def __init__(self, setup: StationSetup, *, where: Where = "loop") -> None:
        """Check what is wanted; nothing runs yet. Raises SetupError, ProductError."""
        self.setup = setup
        self._backend: StationBackend = BACKENDS[where](setup)
        self.wire: Wire = self._backend.wire
        self.hand = AsyncHand(self._backend_perform)
        self.network = AsyncNetwork(lambda: self._backend)
        self.power = AsyncPower(lambda: self._backend)

    @property
    def faults(self) -> ProtocolFaults:
        """What it does wrong on the wire because the test wants it to: `faults.add(DropFrame(action="Heartbeat"))`.

        Raises NotImplementedError for a station in a process of its own.
        """
        return self._backend.faults

    async def _backend_perform(self, action: Action) -> None:
        await self._backend.perform(action)

    async def start(self) -> Self:
        """Give it its power; it boots and connects from now on."""
        await self._backend.start()
        return self

    async def accepted(self, within: float = ACCEPTED_WITHIN) -> Self:
        """Wait until the CSMS has accepted its BootNotification. Raises AssertionError with what came instead."""
        __tracebackhide__ = True
        try:
            async with asyncio.timeout(within):
                # Of a process there is no event to wait for.
                while (await self.view()).connection.boot_status != "Accepted":  # noqa: ASYNC110
                    await asyncio.sleep(LOOKED_AT)
        except TimeoutError:
            raise AssertionError(self.wire.not_yet("the CSMS has not accepted the station", within)) from None
        return self

    async def view(self) -> StationView:
        """Return a snapshot: connection, EVSEs, connectors, transactions, queue, screens (docs/api.md, `station`)."""
        return await self._backend.view()

    async def close(self) -> None:
        """End it, in good order if that takes no longer than a moment. Nothing of it is left then."""
        await self._backend.close()

    async def __aenter__(self) -> Self:
        """Start it, and wait until its CSMS has accepted it."""
        await self.start()
        try:
            return await self.accepted()
        except BaseException:
            await self.close()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
