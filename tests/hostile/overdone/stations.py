"""Stations, and strangers, that overdo it at the embedded CSMS."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest

from ohmstead.csms.jobs import watch
from ohmstead.edge.websocket_listener import WebSocketListener, listen
from ohmstead.ports.link import Link
from tests.hostile.overdone.table import ALL, BESIDES, BETWEEN, BYTES, MUCH, OFTEN, SHORT, overdo
from tests.hostile.talkers import Talker, client, cut


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
