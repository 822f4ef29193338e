"""Clients of the page and the control API that overdo it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import msgspec

from ohmstead.web.limits import MOST_CONNECTIONS, Patience
from ohmstead.web.server import Served, serve
from tests.hostile.overdone.table import ALL, BESIDES, BETWEEN, BYTES, OFTEN, SHORT, overdo
from tests.hostile.talkers import Talker, client, cut
from tests.web.desk import desk


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
