"""CSMSs that are not ours and with which something is wrong: the package `websockets`, OpenSSL, Node, bare sockets."""

import asyncio
import json
import shutil
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path

from websockets.asyncio.server import ServerConnection, basic_auth, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import Issued
from ohmstead.web.server import bind
from tests.edge.websocket_bench import authority, csms

Foreign = Callable[[Path], AbstractAsyncContextManager[str]]
"""Runs a CSMS, with a folder for its files; yields the URL that a station is given."""
UP = 30.0
"""Seconds in which a program has to listen."""


def tls(shown: Issued, folder: Path) -> ssl.SSLContext:
    """Return the TLS of a server as Python has it, with a suite of the product."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("AES128-GCM-SHA256:AES256-GCM-SHA384")
    context.load_cert_chain(files(shown, folder))
    return context


def files(shown: Issued, folder: Path) -> Path:
    """Write certificate and key into a file."""
    path = folder / "server.pem"
    path.write_text(shown.key + shown.chain)
    return path


@cache
def another() -> Authority:
    """An authority that no station trusts."""
    return Authority.generate("Another Root CA")


def websockets(
    *,
    status: int = 0,
    headers: Mapping[str, str] | None = None,
    body: str = "",
    subprotocols: tuple[str, ...] = ("ocpp2.0.1",),
    certificate: Callable[[], Issued] | None = csms,
    password: str | None = None,
) -> Foreign:
    """Return a CSMS on the package `websockets`, as one writes a first one.

    Args:
        status: with which every request is answered; 0: it accepts.
        headers: of that answer.
        body: of that answer.
        subprotocols: that it speaks; none: it chooses none.
        certificate: returns what it shows; None: no TLS.
        password: of every station; None: it asks for none.
    """

    def answer(connection: ServerConnection, _request: Request) -> Response:
        response = connection.respond(HTTPStatus(status), body or f"{status}\n")
        response.headers.update(headers or {})
        return response

    async def stay(connection: ServerConnection) -> None:
        await connection.wait_closed()

    @asynccontextmanager
    async def run(folder: Path) -> AsyncIterator[str]:
        check = basic_auth("OCPP", check_credentials=lambda _user, given: given == password) if password else None
        async with serve(
            stay,
            "127.0.0.1",
            0,
            ssl=tls(certificate(), folder) if certificate else None,
            subprotocols=[Subprotocol(one) for one in subprotocols] or None,
            process_request=answer if status else check,
            close_timeout=1,
        ) as server:
            port = server.sockets[0].getsockname()[1]
            yield f"{'wss' if certificate else 'ws'}://localhost:{port}/ocpp"

    return run


def openssl(certificate: Callable[[], Issued], *arguments: str, scheme: str = "wss") -> Foreign:
    """Return `openssl s_server`, which answers no request."""

    @asynccontextmanager
    async def run(folder: Path) -> AsyncIterator[str]:
        roots = folder / "roots.pem"
        roots.write_text(authority().root)
        filled = [one.replace("{roots}", str(roots)) for one in arguments]
        certified = ["-cert", str(files(certificate(), folder)), "-key", str(folder / "server.pem")]
        async with program(
            lambda port: ["openssl", "s_server", "-quiet", "-accept", str(port), *certified, *filled]
        ) as port:
            yield f"{scheme}://localhost:{port}/ocpp"

    return run


NODE = """
import http from "node:http";
import https from "node:https";
import fs from "node:fs";
const [port, pem, status] = process.argv.slice(2);
const answer = (request, response) => {
  response.writeHead(Number(status), {Location: "/login"});
  response.end("<html>");
};
const shown = pem ? {key: fs.readFileSync(pem), cert: fs.readFileSync(pem)} : {};
const server = pem ? https.createServer(shown, answer) : http.createServer(answer);
server.listen(Number(port), "127.0.0.1");
"""


def node(status: int, *, certificate: Callable[[], Issued] | None = csms, scheme: str = "") -> Foreign:
    """Return a web server of Node, which knows no WebSocket."""

    @asynccontextmanager
    async def run(folder: Path) -> AsyncIterator[str]:
        script = folder / "server.mjs"
        script.write_text(NODE)
        pem = str(files(certificate(), folder)) if certificate else ""
        async with program(lambda port: ["node", str(script), str(port), pem, str(status)]) as port:
            yield f"{scheme or ('wss' if certificate else 'ws')}://localhost:{port}/ocpp"

    return run


def raw(data: bytes | None, *, first: bool = False, scheme: str = "ws") -> Foreign:
    """Return a socket that says some bytes once it was spoken to (or first) and closes; None: it stays silent."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            if not first:
                await reader.read(1000)
            while data is None and await reader.read(1000):
                pass
            writer.write(data or b"")
            await writer.drain()
        writer.close()

    @asynccontextmanager
    async def run(_folder: Path) -> AsyncIterator[str]:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        try:
            yield f"{scheme}://localhost:{server.sockets[0].getsockname()[1]}/ocpp"
        finally:
            server.close()

    return run


def nobody(host: str = "localhost") -> Foreign:
    """Return a place where nobody listens."""

    @asynccontextmanager
    async def run(_folder: Path) -> AsyncIterator[str]:
        yield f"wss://{host}:{_free()}/ocpp"

    return run


def _free() -> int:
    with bind("127.0.0.1", 0) as found:
        port: int = found.getsockname()[1]
        return port


@asynccontextmanager
async def program(command: Callable[[int], list[str]]) -> AsyncIterator[int]:
    """Run a server on a free port, and yield the port once it listens."""
    port = _free()
    line = command(port)
    path = shutil.which(line[0])
    assert path is not None
    process = await asyncio.create_subprocess_exec(
        path,
        *line[1:],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(UP):
            while not await _listens(port):  # noqa: ASYNC110 - a program that is not ours does not say that it listens
                await asyncio.sleep(0.05)
        yield port
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


Answer = Callable[[str], str | None]
"""Returns the text that answers a BootNotification with this message id; None: it is left alone."""


def now() -> str:
    """Return an instant."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: TID251 - this CSMS has a clock of its own


def boot(**changes: object) -> Answer:
    """Return an answer to BootNotification with some fields changed; a field that is None is left out."""

    def answer(message_id: str) -> str:
        fields = {"currentTime": now(), "interval": 300, "status": "Accepted", **changes}
        return json.dumps([3, message_id, {name: value for name, value in fields.items() if value is not None}])

    return answer


def answering(answer: Answer, *, close: bool = False) -> Foreign:
    """Return a CSMS that answers BootNotification in its own way, and all else with nothing in it."""

    async def talk(connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            async for text in connection:
                kind, message_id, action = json.loads(text)[:3]
                if kind != 2:
                    continue
                if action != "BootNotification":
                    await connection.send(json.dumps([3, message_id, {}]))
                    continue
                said = answer(message_id)
                if said is not None:
                    await connection.send(said)
                if close:
                    await connection.close(1011, "out of order")

    @asynccontextmanager
    async def run(_folder: Path) -> AsyncIterator[str]:
        async with serve(talk, "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp2.0.1")], close_timeout=1) as server:
            yield f"ws://localhost:{server.sockets[0].getsockname()[1]}/ocpp"

    return run
