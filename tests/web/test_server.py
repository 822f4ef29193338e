"""The server inside a running loop: real sockets on loopback."""

import asyncio
import signal
import socket

import httpx
import pytest

from ohmstead.web.server import bind, create_app, serve
from tests.web.station import running


def test_it_serves_and_leaves_the_signals_alone() -> None:
    async def work() -> None:
        async with running() as station:
            before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
            served = await serve(create_app(station.bench, station.hand), port=0)
            assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
            async with httpx.AsyncClient(base_url=served.url) as client:
                assert (await client.get("/api/v1/health")).json()["powered"] is True
                page = await client.get("/")
                assert "<title>Ohmstead</title>" in page.text
                again = await client.get("/", headers={"If-None-Match": page.headers["etag"]})
                assert (again.status_code, again.content) == (304, b"")
            await served.stop()

    asyncio.run(work())


def test_stopping_ends_open_streams_and_frees_the_port() -> None:
    async def work() -> None:
        async with running() as station:
            served = await serve(create_app(station.bench, station.hand), port=0)
            port = int(served.url.rstrip("/").rsplit(":", 1)[1])
            async with (
                httpx.AsyncClient(base_url=served.url) as client,
                client.stream("GET", "/api/v1/events") as stream,
            ):
                chunks = stream.aiter_bytes()
                assert (await anext(chunks)).startswith(b"retry")
                async with asyncio.timeout(60):
                    await served.stop()
                    with pytest.raises((StopAsyncIteration, httpx.RemoteProtocolError)):
                        while True:
                            await anext(chunks)
            with socket.socket() as free:
                free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                free.bind(("127.0.0.1", port))

    asyncio.run(work())


def test_a_taken_port_is_an_error_of_the_operating_system() -> None:
    async def work() -> None:
        async with running() as station:
            served = await serve(create_app(station.bench, station.hand), port=0)
            port = int(served.url.rstrip("/").rsplit(":", 1)[1])
            with pytest.raises(OSError, match="in use"):
                await serve(create_app(station.bench, station.hand), port=port)
            await served.stop()

    asyncio.run(work())


def test_beyond_loopback_a_token_is_needed() -> None:
    async def work() -> None:
        async with running() as station:
            with pytest.raises(ValueError, match="needs a token"):
                await serve(create_app(station.bench, station.hand), host="0.0.0.0", port=0)
            served = await serve(create_app(station.bench, station.hand, token="secret"), host="0.0.0.0", port=0)
            async with httpx.AsyncClient(base_url=served.url) as client:
                assert (await client.get("/api/v1/health")).status_code == 401
            await served.stop()

    asyncio.run(work())


def test_the_event_loop_switches_nagles_delay_off() -> None:
    """It does so for sockets that name their protocol; an answer took 44 ms without."""

    async def work() -> None:
        accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        listening = bind("127.0.0.1", 0)

        def look(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = writer.get_extra_info("socket")
            accepted.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        async with await asyncio.start_server(look, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            assert await accepted
            writer.close()

    asyncio.run(work())
