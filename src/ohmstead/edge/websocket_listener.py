"""Accepts OCPP-J connections over WebSockets, for the embedded CSMS and the lab."""

import asyncio
import functools
import ssl
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import ClassVar
from weakref import WeakKeyDictionary

from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as websocket_serve
from websockets.exceptions import InvalidHeader
from websockets.headers import parse_authorization_basic, parse_subprotocol
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from ohmstead.edge.tls import facts
from ohmstead.edge.websocket_link import CLOSE_TIMEOUT, SUBPROTOCOL, WebSocketLink, bound_unread, ending, logger
from ohmstead.ports.attempts import AttemptWatch
from ohmstead.ports.hosts import host_name
from ohmstead.ports.link import Admit, Handshake, LinkLost, Serve
from ohmstead.wire.printable import printable

OPEN_TIME = 10.0
"""Seconds for the TLS handshake, and for the HTTP request after it."""
LARGEST_MESSAGE = 1 << 20
"""Bytes of a message that are still read."""
MOST_LINKS = 500
"""Connections that a listener has at once, admitted or not; further ones are cut."""
LONGEST_HEAD = 1 << 14
"""Bytes of a request that are shown to who watches attempts."""
LONGEST_CLOSE = 131
"""Bytes of a close frame of a client (RFC 6455, 5.5.1); who sent no more has said nothing."""
LONGEST_REASON = 200
"""Characters of what is wrong with a request, which may quote it."""
_PHRASES = {
    401: "Who are you?",
    403: "You may not connect.",
    404: "Not a charging station that is known here.",
    503: "Come back later.",
}


class _AcceptedConnection(ServerConnection):
    """The library's connection, whose other side must read, and which is one of so many at most."""

    others: ClassVar[set[ServerConnection]]
    most: ClassVar[int]
    watch: ClassVar[AttemptWatch | None]
    head: bytes = b""
    port: int = 0
    said: int = 0
    """Bytes that came after the handshake."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self.watch is not None:
            self.port = transport.get_extra_info("peername")[1]
            self.watch.opened(self.port, facts(transport.get_extra_info("ssl_object")))
        if len(self.others) >= self.most:
            logger.warning("there are %d connections: another one is cut", self.most)
            self.transport.abort()
        self.others.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.others.discard(self)
        super().connection_lost(exc)
        if self.watch is not None:
            self.watch.ended(self.port, self.head, self._ending())

    def _ending(self) -> str:
        """Say how the other side ended a connection without having said anything; empty: it was otherwise."""
        if self.response is None or self.response.status_code != 101 or self.said > LONGEST_CLOSE:
            return ""
        closed = self.protocol.close_exc
        by_us = closed.sent is not None and not closed.rcvd_then_sent
        return "" if by_us else ending(closed)

    def data_received(self, data: bytes) -> None:
        if self.response is not None:
            self.said += len(data)
        elif self.watch is not None and len(self.head) < LONGEST_HEAD:
            self.head += data[: LONGEST_HEAD - len(self.head)]
        super().data_received(data)
        bound_unread(self)


def _connections(most: int, watch: AttemptWatch | None) -> type[_AcceptedConnection]:
    """Return the class of the connections of one listener."""
    return type("Counted", (_AcceptedConnection,), {"others": set(), "most": most, "watch": watch})


class WebSocketListener:
    """Listener on a TCP port; made by `listen`."""

    def __init__(self, server: Server, url: str) -> None:
        self._server = server
        self._url = url

    @property
    def url(self) -> str:
        """The URL that a station dials, without an identity."""
        return self._url

    async def close(self) -> None:
        """Stop listening and end every open link."""
        self._server.close()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._server.wait_closed()
        except TimeoutError:  # someone serves a link without looking at it, or a handshake stays silent
            for task in self._server.handler_tasks:
                task.cancel()
            await self._server.wait_closed()


async def listen(
    host: str,
    port: int,
    *,
    admit: Admit,
    serve: Serve,
    ssl_context: ssl.SSLContext | None = None,
    path: str = "",
    name: str | None = None,
    subprotocol: str | None = SUBPROTOCOL,
    max_size: int = LARGEST_MESSAGE,
    open_timeout: float = OPEN_TIME,
    most_links: int = MOST_LINKS,
    watch: AttemptWatch | None = None,
) -> WebSocketListener:
    """Listen on a port and serve every link that is admitted.

    Args:
        host: the address to bind.
        port: 0 takes a free one; `url` tells which.
        admit: returns the HTTP status for a handshake on the right path, 101 to accept it.
        serve: is awaited with each accepted link.
        ssl_context: makes it `wss://`.
        path: what stands before the identity in the URL, such as `/ocpp`; other paths are answered with 404.
        name: the host name in `url`; None: `host`.
        subprotocol: what is chosen if the station offers it; None chooses nothing, as only a faulty CSMS does.
        max_size: bytes of a message that are still read.
        open_timeout: seconds for the TLS handshake, and for the HTTP request after it.
        most_links: connections at once, admitted or not.
        watch: hears of every attempt.

    Raises OSError when the port cannot be had.
    """
    handshakes = _Handshakes("wss" if ssl_context else "ws", path.rstrip("/"), admit)

    async def handle(connection: ServerConnection) -> None:
        if connection.subprotocol is None and subprotocol is not None:
            await connection.close(1002, f"{subprotocol} was not offered")  # Part 4, 3.2
            return
        with suppress(LinkLost):
            await serve(WebSocketLink(connection, handshakes.of(connection)))

    server = await websocket_serve(
        handle,
        host,
        port,
        select_subprotocol=_chooser(subprotocol),
        compression=None,
        process_request=handshakes.answer,
        process_response=functools.partial(_tell, watch) if watch is not None else None,
        server_header="Ohmstead",
        open_timeout=open_timeout,
        ping_interval=None,
        close_timeout=CLOSE_TIMEOUT,
        max_size=max_size,
        create_connection=_connections(most_links, watch),
        logger=logger,
        ssl=ssl_context,
    )
    return WebSocketListener(server, handshakes.url(name or host, server.sockets[0].getsockname()[1]))


def _tell(watch: AttemptWatch, connection: ServerConnection, _request: Request, response: Response) -> None:
    """Tell who watches how a request is answered."""
    assert isinstance(connection, _AcceptedConnection)
    watch.answered(connection.port, connection.head, response.status_code)


class _Handshakes:
    """Answers HTTP requests, and keeps the record of each until its link is served."""

    def __init__(self, scheme: str, path: str, admit: Admit) -> None:
        self._scheme = scheme
        self._path = path
        self._admit = admit
        # weak: of a request that turns out to be no WebSocket nothing is served, and nothing must be kept
        self._open: WeakKeyDictionary[ServerConnection, Handshake] = WeakKeyDictionary()

    def url(self, host: str, port: int) -> str:
        """Return what a station dials, without an identity."""
        return f"{self._scheme}://{_bracketed(host)}:{port}{self._path}"

    def of(self, connection: ServerConnection) -> Handshake:
        """Hand out the record of a connection, once."""
        return self._open.pop(connection)

    def answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """Return the response that refuses a request, or None to go on."""
        path = request.path.partition("?")[0]
        base, _, identity = path.rpartition("/")
        if base != self._path or not identity:
            return connection.respond(HTTPStatus.NOT_FOUND, f"{_PHRASES[404]}\n")
        try:
            handshake = _record(self._scheme, connection, request)
        except (InvalidHeader, ValueError) as error:
            return connection.respond(HTTPStatus.BAD_REQUEST, f"{printable(str(error))[:LONGEST_REASON]}\n")
        status = self._admit(handshake)
        if status == 101:
            self._open[connection] = handshake
            return None
        response = connection.respond(HTTPStatus(status), f"{_PHRASES.get(status, 'No.')}\n")
        if status == 401:
            response.headers["WWW-Authenticate"] = 'Basic realm="OCPP", charset="UTF-8"'
        return response


def _record(scheme: str, connection: ServerConnection, request: Request) -> Handshake:
    user, password = _basic(request)
    hosts = request.headers.get_all("Host")
    if len(hosts) != 1:
        raise ValueError(f"{len(hosts)} headers Host, where one is needed")  # RFC 9112, 3.2
    try:
        host_name(hosts[0])
    except ValueError as error:
        raise ValueError(f"the header Host names no place: {error}") from None
    offered = (parse_subprotocol(value) for value in request.headers.get_all("Sec-WebSocket-Protocol"))
    return Handshake(
        url=f"{scheme}://{hosts[0]}{request.path}",
        subprotocols=tuple(name for names in offered for name in names),
        user=user,
        password=password,
        authorization=", ".join(request.headers.get_all("Authorization")) or None,
        tls=facts(connection.transport.get_extra_info("ssl_object")),
    )


def _basic(request: Request) -> tuple[str | None, str | None]:
    """Return user and password of Basic authentication; both None if there is none, or one that cannot be read."""
    values = request.headers.get_all("Authorization")
    if len(values) != 1:
        return None, None
    try:
        return parse_authorization_basic(values[0])
    except (InvalidHeader, ValueError):
        return None, None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _chooser(subprotocol: str | None) -> Callable[[ServerConnection, object], Subprotocol | None]:
    """Return what chooses a subprotocol if the station offers it; None chooses nothing."""

    def choose(_: ServerConnection, offered: object) -> Subprotocol | None:
        names = tuple(offered) if isinstance(offered, list | tuple) else ()
        return Subprotocol(subprotocol) if subprotocol is not None and subprotocol in names else None

    return choose
