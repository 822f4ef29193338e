"""What is no HTTP, or asks for what there is not: a 4xx with one clear sentence, and the next one is served."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import msgspec
import pytest

from ohmstead.edge.file_servers.http import HttpFileServer
from ohmstead.edge.websocket_listener import listen
from ohmstead.ports.link import Link
from ohmstead.web.server import serve
from ohmstead.wire.printable import printable
from tests.hostile.malformed import (
    AT_A_LISTENER,
    AT_THE_CONTROL_API,
    BODIES,
    HEALTH,
    Requests,
    request,
    sending,
    upgrade,
)
from tests.hostile.talkers import PATIENCE, client
from tests.web.desk import desk

LENGTH = re.compile(rb"(?i)\r\ncontent-length: ([0-9]+)\r\n")
LONGEST = 200
"""Characters of a clear sentence."""


class Refusal(msgspec.Struct, forbid_unknown_fields=True):
    """What the control API answers."""

    error: str
    hint: str


async def answer(port: int, data: bytes) -> tuple[int, bytes]:
    """Return status and body; 0 where the connection ends without a word."""
    one = await client(port)
    talking = asyncio.ensure_future(one.say(data))
    try:
        async with asyncio.timeout(PATIENCE):
            head = await one.head()
            length = LENGTH.search(head)
            body = await one.reader.readexactly(int(length[1]) if length else 0)
            return int(head.split(b" ", 2)[1]), body
    except (asyncio.IncompleteReadError, ConnectionError):
        return 0, b""
    finally:
        await asyncio.gather(talking, return_exceptions=True)
        one.writer.transport.abort()


def wrong_with(status: int, body: bytes) -> str:
    """Say what an answer of the control API has that it should not have; nothing if it is right."""
    try:
        refusal = msgspec.json.decode(body, type=Refusal)
    except msgspec.MsgspecError as error:
        return f"{status} {body[:80]!r}: {error}"
    clear = 5 < len(refusal.error) <= LONGEST and "bytearray" not in refusal.error
    shown = printable(refusal.error + refusal.hint) == refusal.error + refusal.hint
    return "" if 400 <= status < 500 and clear and shown else f"{status} {refusal}"


@asynccontextmanager
async def control() -> AsyncIterator[int]:
    """Serve the page and the control API of a station; yields the port."""
    async with desk() as here:
        served = await serve(here.app, port=0)
        try:
            yield int(served.url.rsplit(":", 1)[1].strip("/"))
        finally:
            await served.stop()


async def refused_by_the_control_api(cells: Requests) -> None:
    """Ask everything of one server, and at the end what is right."""
    async with control() as port:
        wrong = {}
        for name, data in cells.items():
            if said := wrong_with(*await answer(port, data)):
                wrong[name] = said
        assert (await answer(port, request(HEALTH)))[0] == 200
    assert not wrong


@pytest.mark.parametrize("kind", AT_THE_CONTROL_API)
def test_the_control_api_refuses_what_is_no_request(kind: str) -> None:
    asyncio.run(refused_by_the_control_api(AT_THE_CONTROL_API[kind]))


async def _actions() -> list[tuple[str, str, bool]]:
    """Return of each operation that takes a body, from the API's own description: method, path, and whether it must."""
    async with desk() as here:
        paths: dict[str, dict[str, dict[str, dict[str, bool]]]]
        paths = (await here.client.get("/api/v1/openapi.json")).json()["paths"]
    return [
        (
            method.upper(),
            path.replace("{station}", "OHM-0001").replace("{action}", action),
            operation["requestBody"].get("required", False),
        )
        for path, methods in paths.items()
        for method, operation in methods.items()
        if "requestBody" in operation
        for action in (("Reset", "DataTransfer", "NoSuchAction") if "{action}" in path else ("",))
    ]


ACTIONS = asyncio.run(_actions())


@pytest.mark.parametrize(("method", "path", "required"), ACTIONS)
def test_each_action_refuses_a_body_that_is_none_of_its(method: str, path: str, required: bool) -> None:
    """Bodies of other shapes, encodings and depths; no body where one has to be."""
    bodies = {name: body for name, body in BODIES.items() if required or body}
    cells = {name: sending(path.encode(), body, method=method.encode()) for name, body in bodies.items()}
    asyncio.run(refused_by_the_control_api(cells))


def test_there_are_actions_to_try() -> None:
    assert len(ACTIONS) > 15


def test_what_is_odd_and_right_is_served() -> None:
    """The strict reading of Host takes nothing away."""

    async def ask() -> None:
        async with control() as port:
            for host in (b"localhost", b"LocalHost:1", b"localhost:", b"[::1]", b"[::1]:8080", b"127.0.0.1:65535"):
                assert (await answer(port, request(HEALTH, host=b"Host: " + host + b"\r\n")))[0] == 200, host

    asyncio.run(ask())


async def _silent(link: Link) -> None:
    await link.close(1000, "")


@asynccontextmanager
async def listener(status: int) -> AsyncIterator[int]:
    """Listen for stations as the embedded CSMS and the lab do; yields the port."""
    listening = await listen("127.0.0.1", 0, admit=lambda _: status, serve=_silent, path="/ocpp")
    try:
        yield int(httpx.URL(listening.url).port or 0)
    finally:
        await listening.close()


@pytest.mark.parametrize("status", [101, 401])
@pytest.mark.parametrize("kind", AT_A_LISTENER)
def test_a_listener_for_stations_refuses_what_is_no_handshake(kind: str, status: int) -> None:
    """What is not even HTTP may end without a word, as a WebSocket server has none for it."""

    async def ask() -> None:
        async with listener(status) as port:
            wrong = {}
            for name, data in AT_A_LISTENER[kind].items():
                said, body = await answer(port, data)
                if said not in (0, 400, 401, 404, 405, 414, 426, 431) or len(body) > 2 * LONGEST:
                    wrong[name] = f"{said} {body[:80]!r}"
            assert not wrong
            assert (await answer(port, upgrade()))[0] == status

    asyncio.run(ask())


@pytest.mark.parametrize("kind", AT_THE_CONTROL_API)
def test_the_file_server_of_the_lab_has_nothing_for_it(kind: str) -> None:
    """Nobody reads what it says: a 4xx, or the end."""

    async def ask() -> None:
        files = HttpFileServer("127.0.0.1")
        await files.open()
        try:
            said = {name: (await answer(files.port, data))[0] for name, data in AT_THE_CONTROL_API[kind].items()}
            assert {name: status for name, status in said.items() if status not in (0, 404, 413)} == {}
            files.offer("a", b"b")
            assert await answer(files.port, request(b"/a")) == (200, b"b")
        finally:
            await files.close()

    asyncio.run(ask())
