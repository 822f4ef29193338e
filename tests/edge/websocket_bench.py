"""What the tests of TLS and WebSockets share: an authority, a CSMS on loopback, and targets that fit it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache

from msgspec.structs import replace

from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import Issued
from ohmstead.edge.interfaces import Interfaces
from ohmstead.edge.tls import server_context
from ohmstead.edge.websocket_dialer import WebSocketDialer
from ohmstead.edge.websocket_listener import WebSocketListener, listen
from ohmstead.ports.link import Admit, Credentials, Handshake, Link, LinkLost, LinkRefused, Serve, Target

PRODUCT_SUITES = ("TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_GCM_SHA384")
PASSWORD = "correct-horse-battery-staple"
IDENTITY = "CS 001"
PATIENCE = 60.0
"""Seconds, of virtual time where both ends are on the loop; what is silent stays silent for ever."""


@cache
def authority() -> Authority:
    return Authority.generate()


@cache
def stranger() -> Authority:
    return Authority.generate("Somebody Else's Root CA")


@cache
def csms() -> Issued:
    return authority().issue_server(["localhost"], ["127.0.0.1"])


@cache
def station() -> Issued:
    return authority().issue_client("SN-0815")


def product_context() -> ssl.SSLContext:
    return server_context(csms().chain, csms().key, cipher_suites=PRODUCT_SUITES)


def target(url: str, profile: int = 2) -> Target:
    credentials = Credentials(password=PASSWORD)
    if profile == 3:
        credentials = Credentials(client_certificate=station().chain, client_key=station().key)
    return Target(
        url=url,
        identity=IDENTITY,
        security_profile=profile,
        credentials=credentials,
        roots=(authority().root,),
        cipher_suites=PRODUCT_SUITES,
        timeout=PATIENCE,
    )


def by_password(handshake: Handshake) -> int:
    return 101 if (handshake.user, handshake.password) == (IDENTITY, PASSWORD) else 401


def anybody(_: Handshake) -> int:
    return 101


async def echo(link: Link) -> None:
    while True:
        message = await link.receive()
        await link.send(message if isinstance(message, str) else f"{len(message)} bytes")


@asynccontextmanager
async def listening(
    context: ssl.SSLContext | None,
    admit: Admit = by_password,
    serve: Serve = echo,
    *,
    subprotocol: str | None = "ocpp2.0.1",
) -> AsyncIterator[WebSocketListener]:
    listener = await listen(
        "127.0.0.1",
        0,
        admit=admit,
        serve=serve,
        ssl_context=context,
        path="/ocpp",
        name="localhost",
        subprotocol=subprotocol,
    )
    try:
        yield listener
    finally:
        await listener.close()


Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_server(answer: Answer, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve a TCP port by hand; yields the port."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def refusal(attempt: Target) -> LinkRefused:
    """Dial and return the refusal that is expected."""
    try:
        link = await WebSocketDialer(Interfaces()).dial(attempt)
    except LinkRefused as refused:
        return refused
    await link.close()
    raise AssertionError(f"connected: {link.handshake!r}")


async def refusal_by(context: ssl.SSLContext, **changes: object) -> LinkRefused:
    """Dial a CSMS with this TLS context and return the refusal that is expected."""
    async with listening(context) as listener:
        return await refusal(replace(target(listener.url), **changes))


async def lost(link: Link) -> str:
    """Wait for the end of a link and return how it ended."""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                await link.receive()
    except LinkLost as loss:
        return str(loss)
