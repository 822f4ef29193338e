"""The same station for a test that blocks: its event loop runs in a thread, and every method waits."""

from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar, overload

from ohmstead.ports.bench import StationView
from ohmstead.ports.hand import Action
from ohmstead.ports.hand_methods import HandMethods
from ohmstead.ports.protocol_faults import ActiveFault, ProtocolFault, ProtocolFaults
from ohmstead.testing.loop_thread import LoopThread
from ohmstead.testing.setup import StationSetup
from ohmstead.testing.station import ACCEPTED_WITHIN, AsyncNetwork, AsyncPower, AsyncStation, Where
from ohmstead.testing.wire import Sender, Wire, WireMessage
from ohmstead.wire.base import Request, Response

Q = TypeVar("Q", bound=Request[Response])


class BlockingHand(HandMethods[None]):
    """Does at the station what a person does: `hand.plug(1)`; each action raises HandRefused."""

    def __init__(self, perform: Callable[[Action], None]) -> None:
        self._perform = perform

    def perform(self, action: Action) -> None:
        """Do it. Raises HandRefused when it is impossible now."""
        self._perform(action)


class BlockingNetwork:
    """The network of the station (`AsyncNetwork`)."""

    def __init__(self, network: AsyncNetwork, thread: LoopThread) -> None:
        self._network = network
        self._thread = thread

    def cut(self, interface: str | None = None) -> None:
        """Pull the plug of an interface (`Wired0`, `Wireless0`); None: of all."""
        self._thread.call(self._network.cut(interface))

    def restore(self, interface: str | None = None) -> None:
        """Put it back; the station reconnects when its back-off is over."""
        self._thread.call(self._network.restore(interface))

    def delay(self, seconds: float, down: float | None = None) -> None:
        """Let each message travel so long to the CSMS, and as long (or `down`) back; 0: no delay any more."""
        self._thread.call(self._network.delay(seconds, down))


class BlockingPower:
    """The mains of the station (`AsyncPower`)."""

    def __init__(self, power: AsyncPower, thread: LoopThread) -> None:
        self._power = power
        self._thread = thread

    def cut(self) -> None:
        """Take the mains away, between any two instructions."""
        self._thread.call(self._power.cut())

    def restore(self) -> None:
        """Give the mains back; the station boots from what it has kept."""
        self._thread.call(self._power.restore())


class BlockingWire:
    """What a station and its CSMS have said to each other (`Wire`)."""

    def __init__(self, wire: Wire, thread: LoopThread) -> None:
        self._wire = wire
        self._thread = thread
        self.station = wire.station

    @property
    def messages(self) -> tuple[WireMessage, ...]:
        """Every frame so far, oldest first."""
        return self._wire.messages

    def calls(self, action: str | None = None, *, sender: Sender = "station") -> tuple[WireMessage, ...]:
        """Return every CALL of one side so far, oldest first; of one action, if it is named."""
        return self._wire.calls(action, sender=sender)

    def answer_to(self, call: WireMessage) -> WireMessage | None:
        """Return the CALLRESULT or CALLERROR that a CALL got; None: none so far."""
        return self._wire.answer_to(call)

    def text(self, last: int | None = None) -> str:
        """Return the frames (the last of them) as lines for people, without secrets."""
        return self._wire.text(last)

    def clear(self) -> None:
        """Let `expect` look only at what comes from now on; `messages` keeps everything."""
        self._wire.clear()

    @overload
    def expect(
        self, message: type[Q], /, *, within: float | None = None, sender: Sender = "station", **fields: object
    ) -> Q: ...

    @overload
    def expect(
        self, message: str, /, *, within: float | None = None, sender: Sender = "station", **fields: object
    ) -> WireMessage: ...

    def expect(
        self, message: str | type[Q], /, *, within: float | None = None, sender: Sender = "station", **fields: object
    ) -> WireMessage | Q:
        """Return the next CALL of an action with these fields; wait for it if it has not come (`Wire.expect`)."""
        __tracebackhide__ = True
        if isinstance(message, str):
            return self._thread.call(self._wire.expect(message, within=within, sender=sender, **fields))
        return self._thread.call(self._wire.expect(message, within=within, sender=sender, **fields))

    def expect_none(
        self, message: str | type[Request[Response]], /, *, seconds: float, sender: Sender = "station", **fields: object
    ) -> None:
        """Wait some seconds, in which no such CALL may come (`Wire.expect_none`)."""
        __tracebackhide__ = True
        self._thread.call(self._wire.expect_none(message, seconds=seconds, sender=sender, **fields))

    def until(self, holds: Callable[[Wire], bool], *, within: float | None = None) -> None:
        """Wait until a condition holds, looked at with every frame. Raises AssertionError."""
        __tracebackhide__ = True
        self._thread.call(self._wire.until(holds, within=within))


class BlockingFaults:
    """The faults of the protocol of a station, on purpose (`ohmstead.ports.protocol_faults.ProtocolFaults`)."""

    def __init__(self, faults: Callable[[], ProtocolFaults], thread: LoopThread) -> None:
        self._faults = faults
        self._thread = thread

    @property
    def active(self) -> tuple[ActiveFault, ...]:
        """Those that act, in the order in which they were added."""
        return self._faults().active

    @property
    def spent(self) -> tuple[ActiveFault, ...]:
        """Those that have ended, the last one first."""
        return self._faults().spent

    def add(self, fault: ProtocolFault) -> ActiveFault:
        """Let a fault act from now on. Raises FaultNotTaken."""

        async def add() -> ActiveFault:
            return self._faults().add(fault)

        return self._thread.call(add())

    def clear(self, number: int | None = None) -> None:
        """End one fault, or all of them. Raises NoSuchFault."""

        async def clear() -> None:
            self._faults().clear(number)

        self._thread.call(clear())


class BlockingStation:
    """A whole charging station for a test that blocks.

        with BlockingStation(StationSetup(csms_url="ws://127.0.0.1:9000")) as station:
            station.hand.plug(1)
            station.wire.expect("TransactionEvent", eventType="Started")

    Attributes:
        setup: what it is.
        hand: what a person does at it.
        wire: what it and its CSMS say to each other.
        network: its network.
        power: its mains.
        faults: what it does wrong on the wire because the test wants it to (`AsyncStation.faults`).
    """

    def __init__(self, setup: StationSetup, *, where: Where = "loop") -> None:
        """Check what is wanted; nothing runs yet. Raises SetupError, ProductError."""
        self.setup = setup
        station = AsyncStation(setup, where=where)
        self._station = station
        thread = self._thread = LoopThread(f"station {setup.identity}")
        self.hand = BlockingHand(lambda action: thread.call(station.hand.perform(action)))
        self.wire = BlockingWire(station.wire, thread)
        self.network = BlockingNetwork(station.network, thread)
        self.power = BlockingPower(station.power, thread)
        self.faults = BlockingFaults(lambda: station.faults, thread)

    def start(self) -> Self:
        """Give it its power; it boots and connects from now on."""
        self._thread.call(self._station.start())
        return self

    def accepted(self, within: float = ACCEPTED_WITHIN) -> Self:
        """Wait until the CSMS has accepted its BootNotification. Raises AssertionError with what came instead."""
        __tracebackhide__ = True
        self._thread.call(self._station.accepted(within))
        return self

    def view(self) -> StationView:
        """Return a snapshot: connection, EVSEs, connectors, transactions, queue, screens (docs/api.md, `station`)."""
        return self._thread.call(self._station.view())

    def close(self) -> None:
        """End it, in good order if that takes no longer than a moment. Nothing of it is left then."""
        try:
            self._thread.call(self._station.close())
        finally:
            self._thread.close()

    def __enter__(self) -> Self:
        """Start it, and wait until its CSMS has accepted it."""
        try:
            return self.start().accepted()
        except BaseException:
            self.close()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
