"""A CSMS that is not ours and looks closely: a server of `websockets`, with the validator of the package `ocpp`."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
from ocpp.exceptions import OCPPError
from ocpp.messages import Call, CallError, CallResult, _validate_payload, unpack
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

NOW = "2026-01-01T00:00:00Z"
ACCEPTED = {"idTokenInfo": {"status": "Accepted"}}
ANSWERS: dict[str, object] = {
    "BootNotification": {"currentTime": NOW, "interval": 300, "status": "Accepted"},
    "Heartbeat": {"currentTime": NOW},
    "Authorize": ACCEPTED,
}


class Arrival(msgspec.Struct, frozen=True):
    """One frame as this CSMS got it."""

    at: float
    text: str
    action: str = ""
    """Of a CALL that can be read."""
    wrong: str = ""
    """What the package has against it."""

    @property
    def elements(self) -> list[object]:
        """Return the frame as JSON."""
        elements: list[object] = json.loads(self.text)
        return elements


class WatchfulCsms:
    """Accepts every station and every card; refuses what is wrong with a CALLERROR, where it can be read so far."""

    def __init__(self) -> None:
        self.url = ""
        self.frames: list[Arrival] = []
        self.closed: list[int] = []
        """Code with which each connection of the past was closed by this side."""
        self._connection: ServerConnection | None = None
        self._asked: dict[str, str] = {}
        self._news = asyncio.Event()

    async def serve(self, connection: ServerConnection) -> None:
        """Serve one connection."""
        self._connection = connection
        try:
            while True:
                await self._take(await connection.recv(decode=True))
        except ConnectionClosed as closed:
            if closed.sent is not None:
                self.closed.append(closed.sent.code)
            self._news.set()

    async def ask(self, action: str, **payload: object) -> str:
        """Send a CALL and return its message id; whatever comes back is among `frames`."""
        assert self._connection is not None
        message_id = f"csms-{len(self._asked) + 1}"
        self._asked[message_id] = action
        await self._connection.send(json.dumps([2, message_id, action, payload]))
        return message_id

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return once something holds that changes with what comes."""
        while not holds():
            self._news.clear()
            await self._news.wait()

    def calls(self, action: str) -> list[Arrival]:
        """Return the CALLs of an action that can be read, oldest first."""
        return [frame for frame in self.frames if frame.action == action]

    def answers(self, message_id: str) -> list[Arrival]:
        """Return whatever came with that message id."""
        return [frame for frame in self.frames if not frame.action and f'"{message_id}"' in frame.text]

    async def _take(self, text: str) -> None:
        frame, answer = self._judge(text)
        self.frames.append(frame)
        self._news.set()
        if answer is not None and self._connection is not None:
            await self._connection.send(json.dumps(answer))

    def _judge(self, text: str) -> tuple[Arrival, list[object] | None]:
        at = asyncio.get_running_loop().time()
        try:
            message = unpack(text)
        except OCPPError as error:
            return Arrival(at, text, wrong=error.code), None
        if isinstance(message, CallError):
            return Arrival(at, text), None
        if isinstance(message, CallResult):
            message.action = self._asked.get(message.unique_id, "")
            if not message.action:
                return Arrival(at, text, wrong="nobody asked"), None
        action = message.action if isinstance(message, Call) else ""
        try:
            _validate_payload(message, "2.0.1")
        except OCPPError as error:
            refusal = [4, message.unique_id, error.code, "", {}]
            return Arrival(at, text, action, wrong=error.code), refusal if action else None
        return Arrival(at, text, action), [3, message.unique_id, ANSWERS.get(action, {})] if action else None


@asynccontextmanager
async def watching() -> AsyncIterator[WatchfulCsms]:
    """Run the CSMS on a free port of loopback, without TLS."""
    csms = WatchfulCsms()
    async with serve(
        csms.serve, "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp2.0.1")], close_timeout=1, ping_interval=None
    ) as server:
        csms.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield csms
