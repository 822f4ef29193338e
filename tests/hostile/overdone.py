"""For each cell of docs/limits.md a peer that overdoes it: (edge, column) -> what it does, with small limits."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest

from ohmstead.cli.benches.file_server import HttpFileServer
from ohmstead.cli.benches.switch import Switch
from ohmstead.cli.run.data import read_text
from ohmstead.cli.run.options import RunRefused
from ohmstead.csms.jobs import watch
from ohmstead.csms.settings import SettingsError, load_settings
from ohmstead.edge.files import RemoteFiles
from ohmstead.edge.interfaces import Interfaces
from ohmstead.edge.virtual_time import run
from ohmstead.edge.websocket_dialer import WebSocketDialer
from ohmstead.edge.websocket_link import WebSocketLink
from ohmstead.edge.websocket_listener import WebSocketListener, listen
from ohmstead.lab.bench import Hold
from ohmstead.lab.config import ConfigError
from ohmstead.lab.config import load as load_lab
from ohmstead.ports.files import Reason, Terms, TransferFailed
from ohmstead.ports.link import Credentials, Link, LinkLost, LinkRefused, Refusal, Target
from ohmstead.product.load import ProductError
from ohmstead.product.load import load as load_product
from ohmstead.web.limits import MOST_CONNECTIONS, Patience
from ohmstead.web.server import Served, serve
from tests.hostile.talkers import Talk, Talker, client, cut, server
from tests.runtime.site import site
from tests.web.desk import desk

Overdone = Callable[[Path], Awaitable[None]]
OVERDONE: dict[tuple[str, str], Overdone] = {}
BYTES, BETWEEN, ALL, BESIDES = "Bytes", "Between two bytes", "In all", "Besides"
SHORT = 0.3
"""Seconds of a limit that a test waits for."""
OFTEN = 0.02
"""Seconds between two bytes of somebody who is never silent."""
MUCH = 12 << 20
"""Bytes that an endless talker cannot get rid of: the buffers of both ends, and what is read, are smaller."""


def overdo(edge: str, column: str) -> Callable[[Overdone], Overdone]:
    """Register what overdoes a cell."""

    def register(peer: Overdone) -> Overdone:
        OVERDONE[edge, column] = peer
        return peer

    return register


# The station and its CSMS


def target(port: int, timeout: float = 20.0, size: int = 1 << 20) -> Target:
    return Target(
        url=f"ws://127.0.0.1:{port}/ocpp",
        identity="CS-1",
        security_profile=1,
        credentials=Credentials(password="correct-horse-battery"),
        timeout=timeout,
        max_size=size,
    )


async def refusal(talk: Talk, timeout: float = 20.0) -> Refusal:
    async with server(talk) as (port, _served):
        with pytest.raises(LinkRefused) as caught:
            await WebSocketDialer(Interfaces()).dial(target(port, timeout))
        return caught.value.refusal


@overdo("CSMS: opening", BYTES)
async def _(_: Path) -> None:
    async def talk(one: Talker) -> None:
        await one.head()
        await one.say(b"HTTP/1.1 101 Switching Protocols\r\nX: ")
        await one.endlessly(b"x")

    assert await refusal(talk) is Refusal.Protocol


async def _drip_upgrade(one: Talker) -> None:
    await one.head()
    await one.say(b"HTTP/1.1 101 Switching Protocols\r\n")
    await one.endlessly(b"X: y\r\n", every=0.1)


@overdo("CSMS: opening", BETWEEN)
async def _(_: Path) -> None:
    assert await refusal(Talker.silently, SHORT) is Refusal.TimedOut


@overdo("CSMS: opening", ALL)
async def _(_: Path) -> None:
    assert await refusal(_drip_upgrade, SHORT) is Refusal.TimedOut


@overdo("CSMS: messages", BYTES)
async def _(_: Path) -> None:
    async def talk(one: Talker) -> None:
        await one.upgraded()
        await one.say(b"\x01\x7f" + (1 << 40).to_bytes(8, "big"))  # a text frame that says how long it is
        await one.silently()

    async with server(talk) as (port, _served):
        link = await WebSocketDialer(Interfaces()).dial(target(port))
        with pytest.raises(LinkLost, match="1009"):
            await link.receive()


@overdo("CSMS: messages", BETWEEN)
async def _(_: Path) -> None:
    async def live() -> None:
        async with site() as here:
            assert await here.set("OCPPCommCtrlr", "WebSocketPingInterval", "60") == "Accepted"
            here.network.cut(noticed=False)
            await asyncio.sleep(100)
            assert here.host.station is not None
            assert not here.host.station.calls.online

    await asyncio.to_thread(run, live(), limit=3600)


@overdo("CSMS: messages", BESIDES)
async def _(_: Path) -> None:
    async def talk(one: Talker) -> None:
        await one.upgraded()
        await one.endlessly(b"\x89\x7d" + b"p" * 125)  # pings; nobody here reads a pong

    with patch("ohmstead.edge.websocket_link.MOST_UNREAD", 1 << 14):
        async with server(talk) as (port, _served):
            link = await WebSocketDialer(Interfaces()).dial(target(port))
            with pytest.raises(LinkLost):
                await link.receive()


@overdo("CSMS: sending to it", BETWEEN)
async def _(_: Path) -> None:
    async def talk(one: Talker) -> None:
        await one.upgraded()
        await asyncio.sleep(100)

    async with server(talk) as (port, _served):
        link = await WebSocketDialer(Interfaces()).dial(target(port))
        hasty = WebSocketLink(link._connection, link.handshake, send_time=SHORT)
        with pytest.raises(LinkLost, match="takes nothing"):
            while True:
                await hasty.send("x" * (1 << 20))


# File servers


async def _failure(folder: Path, scheme: str, talk: Talk, terms: Terms, kind: str) -> Reason:
    files = RemoteFiles(folder / "files")
    async with server(talk) as (port, served):
        url = f"{scheme}://station:p@127.0.0.1:{port}/file"
        with pytest.raises(TransferFailed) as caught:
            if kind == "upload":
                await files.upload(url, "a.log", [b"x" * 1000], terms)
            else:
                await files.download(url, "file", terms)
        assert all(one.sent < MUCH for one in served)
    return caught.value.reason


def _terms(**limits: float) -> Terms:
    return msgspec.structs.replace(Terms(silence=20.0, answer=20.0, whole=40.0), **limits)


@overdo("HTTP server: answer", BYTES)
async def _(folder: Path) -> None:
    for kind in ("upload", "download"):
        for piece in (b"HTTP/1.1 100 Continue\r\n\r\n", b"X-Field: of many\r\n", b"x"):

            async def talk(one: Talker, piece: bytes = piece) -> None:
                await one.head()
                if b"100" not in piece:
                    await one.say(b"HTTP/1.1 200 OK\r\nX: ")
                await one.endlessly(piece)

            assert await _failure(folder, "http", talk, _terms(), kind) is Reason.BadMessage, (kind, piece)


@overdo("HTTP server: answer", BETWEEN)
async def _(folder: Path) -> None:
    for kind in ("upload", "download"):
        assert await _failure(folder, "http", Talker.silently, _terms(silence=SHORT), kind) is Reason.TimedOut


@overdo("HTTP server: answer", ALL)
async def _(folder: Path) -> None:
    async def talk(one: Talker) -> None:
        await one.head()
        await one.endlessly(b"HTTP/1.1 100 Continue\r\n\r\n", every=OFTEN)

    for kind in ("upload", "download"):
        assert await _failure(folder, "http", talk, _terms(answer=SHORT), kind) is Reason.TimedOut


@overdo("HTTP server: answer", BESIDES)
async def _(folder: Path) -> None:
    async def talk(one: Talker) -> None:
        await one.head()
        await one.say(b"HTTP/1.1 307 .\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    for kind in ("upload", "download"):
        assert await _failure(folder, "http", talk, _terms(), kind) is Reason.Redirects


async def _chunks(one: Talker, every: float = 0.0) -> None:
    await one.head()
    await one.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    await one.endlessly(b"100\r\n" + b"x" * 256 + b"\r\n", every)


@overdo("HTTP server: file", BYTES)
async def _(folder: Path) -> None:
    assert await _failure(folder, "http", _chunks, _terms(limit=100_000), "download") is Reason.TooLarge


@overdo("HTTP server: file", BETWEEN)
async def _(folder: Path) -> None:
    async def talk(one: Talker) -> None:
        await one.head()
        await one.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
        await one.silently()

    assert await _failure(folder, "http", talk, _terms(silence=SHORT), "download") is Reason.TimedOut


@overdo("HTTP server: file", ALL)
async def _(folder: Path) -> None:
    drip = partial(_chunks, every=OFTEN)
    assert await _failure(folder, "http", drip, _terms(whole=SHORT), "download") is Reason.TimedOut


@overdo("FTP server: replies", BYTES)
async def _(folder: Path) -> None:
    for kind in ("upload", "download"):
        for piece in (b"220-Gr\xfc\xdfe\r\n", b"220-x"):
            endless = partial(Talker.endlessly, piece=piece)
            assert await _failure(folder, "ftp", endless, _terms(), kind) is Reason.BadMessage, (kind, piece)


@overdo("FTP server: replies", BETWEEN)
async def _(folder: Path) -> None:
    for kind in ("upload", "download"):
        assert await _failure(folder, "ftp", Talker.silently, _terms(silence=SHORT), kind) is Reason.TimedOut


@overdo("FTP server: replies", ALL)
async def _(folder: Path) -> None:
    for kind in ("upload", "download"):
        drip = partial(Talker.endlessly, piece=b"220-\r\n", every=OFTEN)
        assert await _failure(folder, "ftp", drip, _terms(answer=SHORT), kind) is Reason.TimedOut


def ftp_server(data: int) -> Talk:
    """An FTP server that offers one file at a data port, and has a Latin-1 greeting."""
    replies = {
        "USER": "331 .",
        "PASS": "230 .",
        "TYPE": "200 .",
        "SIZE": "502 .",
        "MDTM": "502 .",
        "RETR": "150 .",
        "PASV": f"227 ok (127,0,0,1,{data >> 8},{data & 255})",
    }

    async def talk(one: Talker) -> None:
        await one.say("220 Grüße\r\n".encode("latin-1"))
        while line := await one.reader.readline():
            await one.say(f"{replies.get(line.decode().split()[0], '502 .')}\r\n".encode())

    return talk


async def _ftp_failure(folder: Path, data: Talk, terms: Terms) -> Reason:
    async with server(data) as (port, _served):
        return await _failure(folder, "ftp", ftp_server(port), terms, "download")


@overdo("FTP server: file", BYTES)
async def _(folder: Path) -> None:
    endless = partial(Talker.endlessly, piece=b"x")
    assert await _ftp_failure(folder, endless, _terms(limit=100_000)) is Reason.TooLarge


@overdo("FTP server: file", BETWEEN)
async def _(folder: Path) -> None:
    assert await _ftp_failure(folder, Talker.silently, _terms(silence=SHORT)) is Reason.TimedOut


@overdo("FTP server: file", ALL)
async def _(folder: Path) -> None:
    drip = partial(Talker.endlessly, piece=b"x", every=OFTEN)
    assert await _ftp_failure(folder, drip, _terms(whole=SHORT)) is Reason.TimedOut


# Listeners for stations


@asynccontextmanager
async def listening(
    serving: Callable[[Link], Awaitable[None]], *, size: int = 1 << 16, time: float = 20.0, most: int = 10
) -> AsyncIterator[int]:
    listener: WebSocketListener = await listen(
        "127.0.0.1", 0, admit=lambda _: 101, serve=serving, max_size=size, open_timeout=time, most_links=most
    )
    try:
        yield int(listener.url.rsplit(":", 1)[1])
    finally:
        await listener.close()


async def _receive(link: Link) -> None:
    while True:
        await link.receive()


UPGRADE = (
    b"GET /CS-1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: ocpp2.0.1\r\n\r\n"
)


@overdo("Embedded CSMS: opening", BYTES)
async def _(_: Path) -> None:
    async with listening(_receive) as port:
        one = await client(port)
        await one.say(b"GET /CS-1 HTTP/1.1\r\nX: ")
        await cut(one, partial(Talker.endlessly, piece=b"x"))
        assert one.sent < MUCH


@overdo("Embedded CSMS: opening", BETWEEN)
async def _(_: Path) -> None:
    async with listening(_receive, time=SHORT) as port:
        await cut(await client(port), Talker.silently_waiting)


@overdo("Embedded CSMS: opening", ALL)
async def _(_: Path) -> None:
    async with listening(_receive, time=SHORT) as port:
        await cut(await client(port), partial(Talker.endlessly, piece=b"G", every=OFTEN))


@overdo("Embedded CSMS: opening", BESIDES)
async def _(_: Path) -> None:
    async with listening(_receive, most=2) as port:
        kept = [await client(port), await client(port)]
        await asyncio.sleep(0.1)
        assert await cut(await client(port), partial(Talker.say, data=UPGRADE)) == b""
        kept[0].writer.transport.abort()
        await asyncio.sleep(0.1)
        again = await client(port)
        await again.say(UPGRADE)
        assert b" 101 " in await again.head()
        for one in (*kept, again):
            one.writer.transport.abort()


@overdo("Embedded CSMS: messages", BYTES)
async def _(_: Path) -> None:
    async with listening(_receive) as port:
        one = await client(port)
        await one.say(UPGRADE)
        await cut(one, partial(Talker.say, data=b"\x81\xff" + (1 << 40).to_bytes(8, "big") + b"mask"))


@overdo("Embedded CSMS: messages", BETWEEN)
async def _(_: Path) -> None:
    async def serving(link: Link) -> None:
        await asyncio.gather(watch(link, SHORT), _receive(link))

    async with listening(serving) as port:
        one = await client(port)
        await one.say(UPGRADE)
        await cut(one, partial(Talker.say, data=b"\x81\xfe\x10"))  # the beginning of a frame


@overdo("Embedded CSMS: messages", BESIDES)
async def _(_: Path) -> None:
    with patch("ohmstead.edge.websocket_link.MOST_UNREAD", 1 << 14):
        async with listening(_receive) as port:
            one = await client(port)
            await one.say(UPGRADE)
            with pytest.raises(OSError):
                await one.endlessly(b"\x89\xfdmask" + b"p" * 125)


# The lab


@asynccontextmanager
async def endpoint(talk: Talk = Talker.silently, *, time: float = 20.0, most: int = 10) -> AsyncIterator[Switch]:
    async with server(talk) as (port, _served):

        async def others(_: object) -> int:
            return port

        switch = Switch("127.0.0.1", others, hello_time=time, most=most)
        await switch.open(port)
        try:
            yield switch
        finally:
            await switch.close()


@overdo("Lab: endpoints", BYTES)
async def _(_: Path) -> None:
    """A record that is as long as can be, and no ClientHello: it is passed on as it came."""

    async def behind(one: Talker) -> None:
        assert len(await one.reader.readexactly(65540)) == 65540

    async with endpoint(behind) as switch:
        await cut(await client(switch.port), partial(Talker.say, data=b"\x16\x03\x01\xff\xff" + b"x" * 65535))
        switch.how = Hold()
        one = await client(switch.port)
        await one.say(b"x" * (8 << 20))  # nobody keeps it
        one.writer.transport.abort()


@overdo("Lab: endpoints", BETWEEN)
async def _(_: Path) -> None:
    async with endpoint(time=SHORT) as switch:
        await cut(await client(switch.port), Talker.silently_waiting)


@overdo("Lab: endpoints", ALL)
async def _(_: Path) -> None:
    async with endpoint(time=SHORT) as switch:
        one = await client(switch.port)
        await one.say(b"\x16\x03\x01\xff\xff")
        await cut(one, partial(Talker.endlessly, piece=b"x", every=OFTEN))


@overdo("Lab: endpoints", BESIDES)
async def _(_: Path) -> None:
    async with endpoint(most=2) as switch:
        kept = await client(switch.port)
        await asyncio.sleep(0.1)
        await cut(await client(switch.port), Talker.silently_waiting)
        kept.writer.transport.abort()


@asynccontextmanager
async def lab_files(**limits: float) -> AsyncIterator[HttpFileServer]:
    files = HttpFileServer("127.0.0.1", **limits)  # type: ignore[arg-type]
    await files.open()
    files.place("logs")
    try:
        yield files
    finally:
        await files.close()


PUT = b"PUT /logs/a HTTP/1.1\r\n"


@overdo("Lab: file server, request", BYTES)
async def _(_: Path) -> None:
    async with lab_files() as files:
        one = await client(files.port)
        await cut(one, partial(Talker.endlessly, piece=b"X: y\r\n"))
        assert one.sent < MUCH


@overdo("Lab: file server, request", BETWEEN)
async def _(_: Path) -> None:
    async with lab_files(head=SHORT) as files:
        await cut(await client(files.port), Talker.silently_waiting)


@overdo("Lab: file server, request", ALL)
async def _(_: Path) -> None:
    async with lab_files(head=SHORT) as files:
        await cut(await client(files.port), partial(Talker.endlessly, piece=b"X: y\r\n", every=OFTEN))


@overdo("Lab: file server, request", BESIDES)
async def _(_: Path) -> None:
    with patch("ohmstead.cli.benches.file_server.MOST_CONNECTIONS", 1):
        async with lab_files() as files:
            kept = await client(files.port)
            await asyncio.sleep(0.1)
            await cut(await client(files.port), Talker.silently_waiting)
            kept.writer.transport.abort()


@overdo("Lab: file server, upload", BYTES)
async def _(_: Path) -> None:
    async with lab_files(largest=1000) as files:
        said = await cut(
            await client(files.port), partial(Talker.say, data=PUT + b"Content-Length: 99999999999\r\n\r\n")
        )
        assert b" 413 " in said
        one = await client(files.port)
        await one.say(PUT + b"Transfer-Encoding: chunked\r\n\r\n")
        await cut(one, partial(Talker.endlessly, piece=b"100\r\n" + b"x" * 256 + b"\r\n"))
        assert files.uploads == ()


@overdo("Lab: file server, upload", BETWEEN)
async def _(_: Path) -> None:
    async with lab_files(silence=SHORT) as files:
        await cut(await client(files.port), partial(Talker.say, data=PUT + b"Content-Length: 5000\r\n\r\nhalf"))


@overdo("Lab: file server, upload", ALL)
async def _(_: Path) -> None:
    async with lab_files(whole=SHORT) as files:
        one = await client(files.port)
        await one.say(PUT + b"Transfer-Encoding: chunked\r\n\r\n")
        await cut(one, partial(Talker.endlessly, piece=b"1\r\nx\r\n", every=OFTEN))


# The control API


@asynccontextmanager
async def control(**patience: float) -> AsyncIterator[int]:
    times = msgspec.structs.replace(Patience(head=20.0, silence=20.0, body=20.0, stall=20.0), **patience)
    async with desk(patience=times) as here:
        served: Served = await serve(here.app, port=0, patience=times)
        try:
            yield int(served.url.rsplit(":", 1)[1].strip("/"))
        finally:
            await served.stop()


POST = b"POST /api/v1/hand/plug HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@overdo("Control API: head", BYTES)
async def _(_: Path) -> None:
    async with control() as port:
        one = await client(port)
        await one.say(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        said = await cut(one, partial(Talker.say, data=b"X-Field: of many\r\n" * 3000))
        assert b" 431 " in said


@overdo("Control API: head", BETWEEN)
async def _(_: Path) -> None:
    async with control(head=SHORT) as port:
        assert b" 408 " in await cut(await client(port), partial(Talker.say, data=b"GET / HT"))


@overdo("Control API: head", ALL)
async def _(_: Path) -> None:
    async with control(head=SHORT) as port:
        one = await client(port)
        await one.say(b"GET / HTTP/1.1\r\n")
        assert b" 408 " in await cut(one, partial(Talker.endlessly, piece=b"X: y\r\n", every=OFTEN))


@overdo("Control API: head", BESIDES)
async def _(_: Path) -> None:
    async with control() as port:
        kept = [await client(port) for _ in range(MOST_CONNECTIONS)]
        await asyncio.sleep(0.1)
        one = await client(port)
        await one.say(b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b" 503 " in await one.head()
        for other in (*kept, one):
            other.writer.transport.abort()


@overdo("Control API: body", BYTES)
async def _(_: Path) -> None:
    async with control() as port:
        one = await client(port)
        await one.say(POST + b"Content-Length: 300000\r\n\r\n" + b"x" * 300000)
        assert b" 413 " in await one.head()
        one.writer.transport.abort()
        one = await client(port)
        with suppress(OSError):
            await one.say(POST + b"Transfer-Encoding: chunked\r\n\r\n" + (b"1000\r\n" + b"x" * 4096 + b"\r\n") * 100)
        assert b" 413 " in await one.head()
        one.writer.transport.abort()


@overdo("Control API: body", BETWEEN)
async def _(_: Path) -> None:
    async with control(silence=SHORT) as port:
        one = await client(port)
        await one.say(POST + b"Content-Length: 100\r\n\r\n{")
        assert b" 408 " in await one.head()
        one.writer.transport.abort()


@overdo("Control API: body", ALL)
async def _(_: Path) -> None:
    async with control(body=SHORT) as port:
        one = await client(port)
        await one.say(POST + b"Content-Length: 100000\r\n\r\n")
        drip = asyncio.ensure_future(one.endlessly(b" ", every=OFTEN))
        assert b" 408 " in await one.head()
        drip.cancel()
        one.writer.transport.abort()


@overdo("Control API: answers and events", BETWEEN)
async def _(_: Path) -> None:
    """A thousand answers are asked for, and none is read: the connection is cut, and with it what waits."""
    async with control(stall=SHORT) as port:
        one = await client(port)
        one.writer.transport.pause_reading()  # type: ignore[attr-defined]
        ask = b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
        with suppress(OSError):
            async with asyncio.timeout(20):
                while not one.writer.transport.is_closing():
                    one.writer.write(ask * 10)
                    await asyncio.sleep(OFTEN)
        assert one.writer.transport.is_closing()


# The command line


@overdo("Files named on the command line", BYTES)
async def _(_: Path) -> None:
    endless = Path("/dev/zero")
    refusals: list[tuple[Callable[[Path], object], type[Exception]]] = [
        (read_text, RunRefused),
        (load_settings, SettingsError),
        (load_lab, ConfigError),
        (load_product, ProductError),
    ]
    for reads, refused in refusals:
        with pytest.raises(refused, match="larger than") as caught:
            reads(endless)
        assert "\n" not in str(caught.value)
