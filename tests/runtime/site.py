"""A whole site in memory and virtual time: station, machine, network and a CSMS that answers as it is told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from ohmstead.edge.simulator import Simulator
from ohmstead.ports.clock import Clock
from ohmstead.ports.extensions import Installed
from ohmstead.ports.link import Handshake, Link, Serve
from ohmstead.ports.network_time import NetworkTime
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.rpc.connection import Direction, RpcConnection
from ohmstead.runtime.config import StationConfig
from ohmstead.runtime.host import Severable
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from tests.runtime.memory_site import MemorySite

START = datetime(2026, 1, 1, tzinfo=UTC)
URL = "wss://csms.example/ocpp"
CONFIG = StationConfig(identity="CS-001", csms_url=URL, password="correct-horse-battery")
R = TypeVar("R", bound=Response)
Q = TypeVar("Q", bound=Request[Response])
Answering = Callable[[Request[Response]], Response | None]


class ScriptedCsms:
    """Records what the station says, and answers: by `answers` first, else in the plainest way that accepts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.received: list[Request[Response]] = []
        self.answers: dict[type[Request[Response]], Answering] = {}
        self.frames: list[tuple[float, Direction, str]] = []
        """Every frame, seen from the CSMS, with the loop's time."""
        self.on_call: Callable[[str, str, str], None] | None = None
        """Hears message id, action and payload of every CALL, as text, in the order of arrival."""
        self.statuses: dict[tuple[int, int], wire.ConnectorStatusEnum] = {}
        """What was reported last of each connector."""
        self.instead: Serve | None = None
        """Serves the next connections instead of this class: for what a CSMS does wrong."""
        self.rpc: RpcConnection | None = None
        self.strict = True
        """Whether its own messages are held to the primitive types; read at each connection."""
        self._arrived = asyncio.Event()
        self._ids = iter(range(1, 1_000_000))

    def admit(self, _handshake: Handshake) -> int:
        """Everybody may come in."""
        return 101

    async def serve(self, link: Link) -> None:
        """Serve one connection."""
        if self.instead is not None:
            await self.instead(link)
            return
        rpc = RpcConnection(
            link,
            handler=self._answer,
            new_id=lambda: f"c{next(self._ids)}",
            message_timeout=lambda: 30.0,
            on_frame=self._frame,
            validate_outgoing=self.strict,
        )
        self.rpc = rpc
        await rpc.run()
        if self.rpc is rpc:
            self.rpc = None

    def _frame(self, direction: Direction, text: str) -> None:
        self.frames.append((asyncio.get_running_loop().time(), direction, text))
        if self.on_call is not None and direction is Direction.Received and text.startswith("[2,"):
            _, message_id, action, payload = msgspec.json.decode(text, type=tuple[int, str, str, msgspec.Raw])
            self.on_call(message_id, action, bytes(payload).decode())

    def _answer(self, request: Request[Response]) -> Response:
        self.received.append(request)
        self._arrived.set()
        if isinstance(request, wire.StatusNotificationRequest):
            self.statuses[request.evse_id, request.connector_id] = request.connector_status
        special = self.answers.get(type(request))
        response = special(request) if special is not None else None
        return response or self._plain(request)

    def _plain(self, request: Request[Response]) -> Response:
        accepted = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Accepted)
        now = self._clock.now()
        match request:
            case wire.BootNotificationRequest():
                return wire.BootNotificationResponse(
                    current_time=now, interval=300, status=wire.RegistrationStatusEnum.Accepted
                )
            case wire.AuthorizeRequest():
                return wire.AuthorizeResponse(id_token_info=accepted)
            case wire.HeartbeatRequest():
                return wire.HeartbeatResponse(current_time=now)
            case wire.TransactionEventRequest():
                return wire.TransactionEventResponse(id_token_info=accepted if request.id_token else None)
            case wire.StatusNotificationRequest():
                return wire.StatusNotificationResponse()
            case wire.SecurityEventNotificationRequest():
                return wire.SecurityEventNotificationResponse()
            case wire.LogStatusNotificationRequest():
                return wire.LogStatusNotificationResponse()
            case wire.FirmwareStatusNotificationRequest():
                return wire.FirmwareStatusNotificationResponse()
            case wire.MeterValuesRequest():
                return wire.MeterValuesResponse()
            case wire.NotifyReportRequest():
                return wire.NotifyReportResponse()
            case wire.NotifyEventRequest():
                return wire.NotifyEventResponse()
            case wire.DataTransferRequest():
                return wire.DataTransferResponse(status=wire.DataTransferStatusEnum.UnknownVendorId)
        raise AssertionError(f"the scripted CSMS does not expect {type(request).__name__}")

    async def call(self, request: Request[R]) -> R:
        """Ask the station."""
        assert self.rpc is not None, "the station is not connected"
        return await self.rpc.call(request)

    def of(self, kind: type[Q]) -> list[Q]:
        """Return the requests of one kind, oldest first."""
        return [request for request in self.received if isinstance(request, kind)]

    @property
    def events(self) -> list[wire.TransactionEventRequest]:
        """The TransactionEvents received."""
        return self.of(wire.TransactionEventRequest)

    async def until(self, condition: Callable[[], bool], seconds: float = 600.0) -> None:
        """Wait until a condition holds of what was received."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._arrived.clear()
                await self._arrived.wait()


class Site(MemorySite):
    """A station whose CSMS does as it is told."""

    def __init__(
        self,
        product: Product,
        store: Severable | None,
        seed: int,
        machine: type[Simulator] = Simulator,
        config: StationConfig = CONFIG,
        extensions: tuple[Installed, ...] = (),
    ) -> None:
        super().__init__(product, config, START, store=store, seed=seed, machine=machine)
        self.extensions = extensions
        self.csms = ScriptedCsms(self.clock)
        self.listener = self.network.listen(URL, self.csms.admit, self.csms.serve)
        self._background: set[asyncio.Task[None]] = set()

    def background(self, work: Coroutine[object, object, None]) -> None:
        """Run something beside the body of a test."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def set(self, component: str, variable: str, value: str) -> wire.SetVariableStatusEnum:
        """Set a variable over the wire and return its status."""
        data = wire.SetVariableData(
            attribute_value=value, component=wire.Component(name=component), variable=wire.Variable(name=variable)
        )
        response = await self.csms.call(wire.SetVariablesRequest(set_variable_data=(data,)))
        return response.set_variable_result[0].attribute_status


@asynccontextmanager
async def site(
    *,
    product: Product | None = None,
    store: Severable | None = None,
    seed: int = 1,
    machine: type[Simulator] = Simulator,
    config: StationConfig = CONFIG,
    extensions: tuple[Installed, ...] = (),
    network_time: NetworkTime | None = None,
) -> AsyncIterator[Site]:
    """Run a site; the station has booted and reported its connectors when the body begins."""
    built = Site(product or load("sec1000-240y"), store, seed, machine, config, extensions)
    built.network_time = network_time or built.network_time
    task = asyncio.create_task(built.host.run(), name="host")
    try:
        connectors = sum(len(evse.connectors) for evse in built.host.product.evses)
        await built.csms.until(lambda: len(built.csms.of(wire.StatusNotificationRequest)) >= connectors)
        built.csms.received.clear()
        yield built
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def said(event: wire.TransactionEventRequest) -> tuple[str, str, str | None]:
    """Return what a TransactionEvent says, in short: kind, trigger and charging state."""
    info = event.transaction_info
    return event.event_type.value, event.trigger_reason.value, info.charging_state and info.charging_state.value


def wire_json(message: msgspec.Struct) -> str:
    """Return a message as JSON, for messages of failed tests."""
    return msgspec.json.encode(message).decode()
