"""Stations, and strangers, that overdo it at the lab's endpoints and its file server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from unittest.mock import patch

from ohmstead.edge.file_servers.http import HttpFileServer
from ohmstead.lab.rig import Hold
from ohmstead.lab.rigs.switch import Switch
from tests.hostile.overdone.table import ALL, BESIDES, BETWEEN, BYTES, MUCH, OFTEN, SHORT, overdo
from tests.hostile.talkers import Talk, Talker, client, cut, server


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
        switch.policy = Hold()
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


@overdo("Lab and `run`: file server, request", BYTES)
async def _(_: Path) -> None:
    async with lab_files() as files:
        one = await client(files.port)
        await cut(one, partial(Talker.endlessly, piece=b"X: y\r\n"))
        assert one.sent < MUCH


@overdo("Lab and `run`: file server, request", BETWEEN)
async def _(_: Path) -> None:
    async with lab_files(head=SHORT) as files:
        await cut(await client(files.port), Talker.silently_waiting)


@overdo("Lab and `run`: file server, request", ALL)
async def _(_: Path) -> None:
    async with lab_files(head=SHORT) as files:
        await cut(await client(files.port), partial(Talker.endlessly, piece=b"X: y\r\n", every=OFTEN))


@overdo("Lab and `run`: file server, request", BESIDES)
async def _(_: Path) -> None:
    with patch("ohmstead.edge.file_servers.http.MOST_CONNECTIONS", 1):
        async with lab_files() as files:
            kept = await client(files.port)
            await asyncio.sleep(0.1)
            await cut(await client(files.port), Talker.silently_waiting)
            kept.writer.transport.abort()


@overdo("Lab and `run`: file server, upload", BYTES)
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


@overdo("Lab and `run`: file server, upload", BETWEEN)
async def _(_: Path) -> None:
    async with lab_files(silence=SHORT) as files:
        await cut(await client(files.port), partial(Talker.say, data=PUT + b"Content-Length: 5000\r\n\r\nhalf"))


@overdo("Lab and `run`: file server, upload", ALL)
async def _(_: Path) -> None:
    async with lab_files(whole=SHORT) as files:
        one = await client(files.port)
        await one.say(PUT + b"Transfer-Encoding: chunked\r\n\r\n")
        await cut(one, partial(Talker.endlessly, piece=b"1\r\nx\r\n", every=OFTEN))
