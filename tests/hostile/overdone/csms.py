"""A CSMS that overdoes it, at the station's own connection."""

import asyncio
from pathlib import Path
from unittest.mock import patch

import pytest

from ohmstead.edge.interfaces import Interfaces
from ohmstead.edge.virtual_time import run
from ohmstead.edge.websocket_dialer import WebSocketDialer
from ohmstead.edge.websocket_link import WebSocketLink
from ohmstead.ports.link import Credentials, LinkLost, LinkRefused, Refusal, Target
from tests.hostile.overdone.table import ALL, BESIDES, BETWEEN, BYTES, SHORT, overdo
from tests.hostile.talkers import Talk, Talker, server
from tests.runtime.site import site


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
