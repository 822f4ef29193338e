"""What bounds a client of the page and the control API: bytes, time between them, time in all, connections."""

import asyncio
import sys

import h11
import msgspec
from litestar.types import Receive, ReceiveMessage
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

LARGEST_HEAD = 32 << 10
"""Bytes of a request line with its headers."""
PIECE = 4 << 10
"""Bytes that are looked at at once."""
LARGEST_BODY = 256 << 10
"""Bytes of a request body that are still read; certificates and local lists fit."""
HEAD_TIME = 10.0
"""Seconds in all from the first byte of a connection, or of a further request on it, to the end of the headers."""
IDLE_TIME = 5
"""Seconds between two requests on one connection."""
BODY_SILENCE = 10.0
"""Seconds between two pieces of a body."""
BODY_TIME = 60.0
"""Seconds in all for a body."""
STALL = 60.0
"""Seconds in which a client must take what it is sent, a stream of events too."""
MOST_CONNECTIONS = 100
"""Open at once; further ones are answered 503."""


class RequestLate(Exception):
    """The body of a request does not come."""


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """Times in seconds; tests have less of them."""

    head: float = HEAD_TIME
    silence: float = BODY_SILENCE
    body: float = BODY_TIME
    stall: float = STALL


PATIENCE = Patience()


def in_time(receive: Receive, patience: Patience) -> Receive:
    """Bound the time of a body and of its pieces: RequestLate."""
    loop = asyncio.get_running_loop()
    end = loop.time() + patience.body
    more = True

    async def receive_in_time() -> ReceiveMessage:
        nonlocal more
        if not more:
            return await receive()  # only the end of the connection is still to come
        try:
            async with asyncio.timeout_at(min(end, loop.time() + patience.silence)):
                message = await receive()
        except TimeoutError:
            wanted = f"{patience.silence:g} s a piece, {patience.body:g} s in all"
            raise RequestLate(f"the body of the request does not come in time: {wanted}") from None
        more = message["type"] == "http.request" and message["more_body"]
        return message

    return receive_in_time


class BoundedProtocol(H11Protocol):
    """HTTP of uvicorn, with a time for the head of a request and the right status for what is none."""

    patience = PATIENCE

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._head_due: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn narrows it too
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._head_here()
        self._moves()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; while they are no whole head, its time goes on."""
        for at in range(0, len(data), PIECE):  # h11 bounds what is no whole head yet, not one that comes in one piece
            if not self.transport.is_closing():
                super().data_received(data[at : at + PIECE])
        if self.conn.their_state is not h11.IDLE:
            self._head_here()
        elif self._head_due is None:
            self._expect_head()

    def pause_writing(self) -> None:
        """The client does not take what it is sent: it has some time left."""
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(self.patience.stall, self.transport.abort)

    def resume_writing(self) -> None:
        """It took it."""
        self._moves()
        super().resume_writing()

    def _moves(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request, with the status that h11 suggests: 431 for endless headers.

        Its text without the bytes that it quotes: they may be long, and a secret. A coding that is not known is 501 to
        h11 and RFC 9112 (6.1), and yet no failure of this server.
        """
        error = sys.exc_info()[1]
        hint = error.error_status_hint if isinstance(error, h11.RemoteProtocolError) else 400
        reason = str(error).partition(": bytearray(")[0] if error is not None else msg
        self._refuse(hint if hint < 500 else 400, reason)

    def _expect_head(self) -> None:
        self._head_due = self.loop.call_later(self.patience.head, self._head_late)

    def _head_here(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    def _head_late(self) -> None:
        self._head_due = None
        if self.conn.our_state is h11.IDLE and not self.transport.is_closing():
            self._refuse(408, f"no whole request came within {self.patience.head:g} s")

    def _refuse(self, status: int, reason: str) -> None:
        body = msgspec.json.encode({"error": reason, "hint": ""})
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            for event in (h11.Response(status_code=status, headers=headers), h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
