"""The other end of the measurements: a bare WebSocket server over TLS that answers with ready-made texts."""

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from ohmstead.edge.authority import Authority
from ohmstead.edge.tls import server_context

SUITES = ("TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_GCM_SHA384")
PASSWORD = "correct-horse-battery"
_ACCEPTED = {"status": "Accepted"}


class Arrival:
    """One CALL of a station: when it arrived (nanoseconds of the monotonic clock), and what it said."""

    def __init__(self, at: int, action: str, payload: dict[str, object]) -> None:
        self.at = at
        self.action = action
        self.payload = payload


class Connected:
    """One station that has connected."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._answer: asyncio.Future[str] | None = None
        self._number = 0
        self.arrivals: asyncio.Queue[Arrival] = asyncio.Queue()

    async def serve(self) -> None:
        """Answer whatever the station says, until it goes."""
        while True:
            try:
                text = await self._connection.recv(decode=True)
            except ConnectionClosed:
                return
            at = time.monotonic_ns()
            if text.startswith("[2,"):
                await self._serve(at, text)
            elif self._answer is not None:
                self._answer.set_result(text)

    async def _serve(self, at: int, text: str) -> None:
        _, message_id, action, payload = json.loads(text)
        self.arrivals.put_nowait(Arrival(at, action, payload))
        answer: dict[str, object] = {}
        if action in ("Authorize", "TransactionEvent") and "idToken" in payload:
            answer = {"idTokenInfo": _ACCEPTED}
        elif action == "BootNotification":
            answer = {**_ACCEPTED, "interval": 300, "currentTime": _now()}
        elif action == "Heartbeat":
            answer = {"currentTime": _now()}
        await self._connection.send(json.dumps([3, message_id, answer], separators=(",", ":")))

    async def call(self, action: str, payload: str) -> tuple[int, str]:
        """Send a CALL and return the nanoseconds until its answer, and the answer. Raises RuntimeError for an error."""
        self._number += 1
        text = f'[2,"b{self._number}","{action}",{payload}]'
        self._answer = asyncio.get_running_loop().create_future()
        begin = time.perf_counter_ns()
        await self._connection.send(text)
        answer = await self._answer
        took = time.perf_counter_ns() - begin
        self._answer = None
        if not answer.startswith("[3,"):
            raise RuntimeError(f"{action} was answered with {answer}")
        return took, answer

    async def arrival(self, action: str, seconds: float = 30.0) -> Arrival:
        """Return the next CALL of an action; the others are left out."""
        async with asyncio.timeout(seconds):
            while (seen := await self.arrivals.get()).action != action:
                pass
        return seen


class BenchCsms:
    """Accepts every station."""

    def __init__(self) -> None:
        self.url = ""
        self._connected: dict[str, Connected] = {}
        self._news = asyncio.Condition()

    async def serve(self, connection: ServerConnection) -> None:
        """Serve one connection."""
        request = connection.request
        assert request is not None
        connected = Connected(connection)
        async with self._news:
            self._connected[request.path.rpartition("/")[2]] = connected
            self._news.notify_all()
        await connected.serve()

    async def station(self, identity: str, seconds: float = 30.0) -> Connected:
        """Wait for a station and hand it out, once a connection."""
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(lambda: identity in self._connected)
            return self._connected.pop(identity)


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def tls(directory: Path) -> ssl.SSLContext:
    """Make an authority, write its root certificate to `root.pem`, and return the TLS of a CSMS."""
    authority = Authority.generate()
    (directory / "root.pem").write_text(authority.root)
    (directory / "password").write_text(PASSWORD)
    server = authority.issue_server(["localhost"], ["127.0.0.1"])
    return server_context(server.chain, server.key, cipher_suites=SUITES)


@asynccontextmanager
async def listening(directory: Path) -> AsyncIterator[BenchCsms]:
    """Run the CSMS on a free port of loopback; its root certificate and a password lie in the directory."""
    csms = BenchCsms()
    async with serve(
        csms.serve,
        "127.0.0.1",
        0,
        ssl=tls(directory),
        subprotocols=[Subprotocol("ocpp2.0.1")],
        compression=None,
        ping_interval=None,
        close_timeout=1,
    ) as server:
        csms.url = f"wss://localhost:{server.sockets[0].getsockname()[1]}/ocpp"
        yield csms
