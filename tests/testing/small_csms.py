"""A CSMS in a thread that accepts everything, or answers nothing, whoever tests it."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol

from ohmstead.testing.loop_thread import LoopThread
from ohmstead.wire import frames

NOW = "2026-03-14T09:26:53Z"
ACCEPTED = {"status": "Accepted"}


def _about_token(payload: Mapping[str, object]) -> object:
    return {"idTokenInfo": ACCEPTED} if "idToken" in payload else {}


def _nothing(_payload: Mapping[str, object]) -> object:
    return {}


ANSWERS: Mapping[str, Callable[[Mapping[str, object]], object]] = {
    "BootNotification": lambda _: {"currentTime": NOW, "interval": 300, **ACCEPTED},
    "Heartbeat": lambda _: {"currentTime": NOW},
    "Authorize": _about_token,
    "TransactionEvent": _about_token,
}


class SmallCsms:
    """Serves every station that comes.

    Attributes:
        mute: it answers nothing, and does not even close.
    """

    mute = False

    async def open(self) -> str:
        """Listen on a port that the system chooses; return the URL."""
        self._server: Server = await serve(
            self._serve, "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp2.0.1")], ping_interval=None, close_timeout=0.1
        )
        return f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/ocpp"

    async def _serve(self, connection: ServerConnection) -> None:
        if self.mute:
            connection.transport.pause_reading()
            await asyncio.Event().wait()
        async for text in connection:
            frame = frames.parse(text)
            if isinstance(frame, frames.Call):
                payload = msgspec.json.decode(frame.payload, type=dict[str, object])
                answer = ANSWERS.get(frame.action, _nothing)(payload)
                await connection.send(frames.call_result(frame.id, msgspec.Raw(msgspec.json.encode(answer))))

    async def close(self) -> None:
        """End it."""
        self._server.close()


@contextmanager
def small_csms(*, mute: bool = False) -> Iterator[str]:
    """Run one, and give its URL."""
    thread = LoopThread("small csms")
    csms = SmallCsms()
    csms.mute = mute
    try:
        yield thread.call(csms.open())
    finally:
        thread.call(csms.close())
        thread.close()
