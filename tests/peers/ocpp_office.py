"""A CSMS that is not ours: the PyPI package `ocpp`, its JSON-schema validation on, behind a TLS WebSocket server."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Literal

import msgspec
from ocpp.messages import Call, CallResult, _validate_payload, unpack
from ocpp.v201 import ChargePoint, call, call_result
from websockets.asyncio.server import ServerConnection, basic_auth, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

Json = dict[str, object]
ACCEPTED: Json = {"status": "Accepted"}
INSTANTS = frozenset({"timestamp", "currentTime", "generatedAt"})


class Frame(msgspec.Struct, frozen=True):
    """One OCPP-J frame as this CSMS saw it."""

    sender: Literal["station", "csms"]
    text: str


class Recorded:
    """A WebSocket connection that keeps what goes over it; what the package takes for its connection."""

    def __init__(self, connection: ServerConnection, frames: list[Frame]) -> None:
        self._connection = connection
        self._frames = frames
        self.mute = False
        """What is sent from now on is lost on the way."""

    async def recv(self) -> str:
        """Return the next frame of the station."""
        text = await self._connection.recv(decode=True)
        self._frames.append(Frame("station", text))
        return text

    async def send(self, text: str) -> None:
        """Send a frame to the station."""
        if self.mute:
            return
        self._frames.append(Frame("csms", text))
        await self._connection.send(text)


class OcppOffice:
    """Accepts every station and every card, and remembers.

    Attributes:
        url: what a station dials, without an identity.
        frames: everything that was said, oldest first.
        requests: (action, payload in the package's snake_case) of each CALL that passed the package's validation.
        connections: how often a station has connected.
        swallow: an action at which the way to the station falls silent, response included.
    """

    def __init__(self) -> None:
        self.url = ""
        self.frames: list[Frame] = []
        self.requests: list[tuple[str, Json]] = []
        self.connections = 0
        self.swallow: str | None = None
        self._point: ChargePoint | None = None
        self._news = asyncio.Event()

    async def serve(self, connection: ServerConnection) -> None:
        """Serve one connection with a ChargePoint of the package."""
        request = connection.request
        assert request is not None
        assert connection.subprotocol == "ocpp2.0.1"
        self._recorded = Recorded(connection, self.frames)
        point = ChargePoint(request.path.rpartition("/")[2], self._recorded)
        point.route_map = {
            action: {"_on_action": partial(self._on, action), "_skip_schema_validation": False} for action in ANSWERS
        }
        self._point = point
        self.connections += 1
        self._news.set()
        try:
            await point.start()
        except ConnectionClosed:
            if self._point is point:
                self._point = None

    def _on(self, action: str, /, **payload: object) -> object:
        self.requests.append((action, payload))
        self._news.set()
        if action == self.swallow:
            self._recorded.mute = True
        return getattr(call_result, action)(**ANSWERS[action](payload))

    async def call(self, action: str, **payload: object) -> Json:
        """Ask the station and return its response, validated; raises what the package raises for a CALLERROR."""
        await self.until(lambda: self._point is not None)
        assert self._point is not None
        response = await self._point.call(getattr(call, action)(**payload), suppress=False)
        return dict(vars(response))

    def of(self, action: str) -> list[Json]:
        """Return the payloads of one action, oldest first."""
        return [payload for name, payload in self.requests if name == action]

    @property
    def events(self) -> list[Json]:
        """The TransactionEvents."""
        return self.of("TransactionEvent")

    async def until(self, condition: Callable[[], bool], seconds: float = 60.0) -> None:
        """Wait until a condition holds; looked at whenever the station says something."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._news.clear()
                await self._news.wait()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: TID251 - this CSMS has a clock of its own


def _about_token(payload: Json) -> Json:
    return {"id_token_info": ACCEPTED} if payload.get("id_token") else {}


ANSWERS: Mapping[str, Callable[[Json], Json]] = {
    "Authorize": _about_token,
    "BootNotification": lambda _: {"current_time": _now(), "interval": 300, "status": "Accepted"},
    "Heartbeat": lambda _: {"current_time": _now()},
    "MeterValues": lambda _: {},
    "NotifyReport": lambda _: {},
    "SecurityEventNotification": lambda _: {},
    "StatusNotification": lambda _: {},
    "TransactionEvent": _about_token,
}


@asynccontextmanager
async def listening(context: ssl.SSLContext, password: str | None) -> AsyncIterator[OcppOffice]:
    """Run the CSMS on a free port of loopback.

    Args:
        context: its TLS; it asks for a client certificate in security profile 3.
        password: of Basic authentication, whoever comes; None asks for none.
    """
    office = OcppOffice()

    def knows(_user: str, given: str) -> bool:
        return given == password

    async with serve(
        office.serve,
        "127.0.0.1",
        0,
        ssl=context,
        subprotocols=[Subprotocol("ocpp2.0.1")],
        process_request=basic_auth("OCPP", check_credentials=knows) if password is not None else None,
        close_timeout=1,
    ) as server:
        office.url = f"wss://localhost:{server.sockets[0].getsockname()[1]}/ocpp"
        yield office


def check(frames: list[Frame]) -> int:
    """Hold every frame of both sides against the official schemas, with the package's validator; return how many.

    A CALLERROR, a response to nothing, a message id used for two messages, or an instant without a time zone fails.
    """
    calls: dict[tuple[str, str], str] = {}
    texts: dict[tuple[str, str], str] = {}
    for frame in frames:
        message = unpack(frame.text)
        if isinstance(message, Call):
            assert texts.setdefault((frame.sender, message.unique_id), frame.text) == frame.text
            calls[frame.sender, message.unique_id] = message.action
        else:
            assert isinstance(message, CallResult), frame
            message.action = calls["csms" if frame.sender == "station" else "station", message.unique_id]
        _validate_payload(message, "2.0.1")
        _check_instants(json.loads(frame.text))
    return len(frames)


def _check_instants(value: object) -> None:
    if isinstance(value, dict):
        for name, field in value.items():
            if name in INSTANTS:
                assert datetime.fromisoformat(field).tzinfo is not None, field
            _check_instants(field)
    elif isinstance(value, list):
        for item in value:
            _check_instants(item)
