"""Opens OCPP-J connections to a CSMS over WebSockets, with security profiles 1, 2 and 3 (A00, Part 4 chapter 3)."""

import asyncio
import re
import ssl
from collections.abc import Callable
from urllib.parse import quote, urlsplit

from websockets.asyncio.client import ClientConnection
from websockets.client import ClientProtocol
from websockets.datastructures import Headers
from websockets.exceptions import InvalidHandshake, InvalidHeader, InvalidStatus, InvalidURI, NegotiationError
from websockets.headers import build_authorization_basic
from websockets.typing import Subprotocol
from websockets.uri import WebSocketURI, parse_uri

from ohmstead.edge.connection_advice import Answered, advice
from ohmstead.edge.interfaces import InterfaceDown, Interfaces
from ohmstead.edge.tls import client_context, facts
from ohmstead.edge.tls_refusal import refused
from ohmstead.edge.websocket_link import CLOSE_TIMEOUT, SUBPROTOCOL, WebSocketLink, bound_unread, logger
from ohmstead.ports.link import Handshake, LinkRefused, Refusal, Target
from ohmstead.wire.secrets import redact_url

USER_AGENT = "Ohmstead"
_NO_POWER = "the station has no power"
_HEAD = 256
"""Bytes in which the status line of a response is looked for."""
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9])(?: ([^\r\n]*))?(?![0-9])")
_SCHEMES = {1: "ws", 2: "wss", 3: "wss"}


class WebSocketDialer:
    """Dialer on WebSockets: no redirects, no proxies, no compression, no pings of the library's own.

    permessage-deflate would cost 33 KiB a connection, and the station runs its own ping loop so that a change of
    WebSocketPingInterval acts at once.
    """

    def __init__(self, interfaces: Interfaces) -> None:
        self._interfaces = interfaces
        self._attempts: set[_Attempt] = set()
        self._dead = False

    async def dial(self, target: Target) -> WebSocketLink:
        """Open a connection. Raises LinkRefused with the reason."""
        if self._dead:
            raise LinkRefused(Refusal.Unreachable, _NO_POWER)
        attempt = _Attempt(target)
        try:
            source = self._interfaces.source(target.interface)
            detach = self._interfaces.attach(target.interface, attempt.sever)
        except InterfaceDown as down:
            raise LinkRefused(Refusal.Unreachable, str(down)) from None
        self._attempts.add(attempt)

        def forget() -> None:
            detach()
            self._attempts.discard(attempt)

        try:
            return await attempt.run(source, forget)
        except LinkRefused as refused:
            refused.advice = refused.advice or advice(target, refused, attempt.answered)
            raise
        finally:
            if not attempt.linked:
                forget()
                attempt.abort()

    def sever(self) -> None:
        """Cut the station off as a power cut does: its links drop without a word, it dials no more."""
        self._dead = True
        for attempt in tuple(self._attempts):
            attempt.sever(_NO_POWER)


class _DialedConnection(ClientConnection):
    """The library's connection, which also says when it has ended, and how the response to the upgrade begins.

    The library reads a response whole or not at all, and there are CSMSs that close the socket after the status line.
    """

    on_lost: Callable[[], None]
    head: bytes = b""
    """The first bytes that came."""

    def data_received(self, data: bytes) -> None:
        if len(self.head) < _HEAD:
            self.head += data[: _HEAD - len(self.head)]
        super().data_received(data)
        bound_unread(self)
        if self.protocol.handshake_exc is not None:  # what is no handshake is not listened to
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.on_lost()


class _Attempt:
    """One connection attempt, which turns into a link."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._connection: _DialedConnection | None = None
        self._deadline: asyncio.Timeout | None = None
        self._link: WebSocketLink | None = None
        self._severed: str | None = None

    def sever(self, reason: str) -> None:
        """End the attempt, or the link that it has become, as a pulled cable does."""
        self._severed = reason
        if self._link is not None:
            self._link.sever(reason)
        elif self._deadline is not None and not self._deadline.expired():
            self._deadline.reschedule(asyncio.get_running_loop().time())

    @property
    def linked(self) -> bool:
        """Say whether it has turned into a link."""
        return self._link is not None

    @property
    def answered(self) -> Answered:
        """What the other side answered so far."""
        connection = self._connection
        if connection is None:
            return Answered()
        response = connection.response
        body = response.body if response is not None else None
        text = (connection.head + (body or b"")[:_HEAD]).decode("latin-1")
        if response is None:
            return Answered(text=text)
        return Answered(
            status=response.status_code, location=", ".join(response.headers.get_all("Location")), text=text
        )

    def abort(self) -> None:
        """Leave nothing of a failed attempt open."""
        if self._connection is not None and hasattr(self._connection, "transport"):
            self._connection.transport.abort()

    async def run(self, source: str | None, on_lost: Callable[[], None]) -> WebSocketLink:
        """Connect within the target's timeout. Raises LinkRefused."""
        try:
            async with asyncio.timeout(self._target.timeout) as self._deadline:
                self._link = await self._open(source, on_lost)
                return self._link
        except TimeoutError:
            if self._severed is not None:
                raise LinkRefused(Refusal.Unreachable, self._severed) from None
            if self._connection is not None and (said := _cut_status(self._connection)) is not None:
                raise said from None
            raise LinkRefused(Refusal.TimedOut, f"no answer within {self._target.timeout:g} s") from None

    async def _open(self, source: str | None, on_lost: Callable[[], None]) -> WebSocketLink:
        url, uri = _connection_url(self._target)
        headers = _authorization(self._target)
        protocol = ClientProtocol(
            uri, subprotocols=[Subprotocol(SUBPROTOCOL)], max_size=self._target.max_size, logger=logger
        )
        connection = self._connection = _DialedConnection(protocol, ping_interval=None, close_timeout=CLOSE_TIMEOUT)
        connection.on_lost = on_lost
        await self._connect(connection, uri, source)
        await _upgrade(connection, headers)
        handshake = Handshake(
            url=url,
            subprotocols=(SUBPROTOCOL,),
            user=self._target.identity if headers else None,
            tls=facts(connection.transport.get_extra_info("ssl_object")),
            interface=self._target.interface,
        )
        return WebSocketLink(connection, handshake)

    async def _connect(self, connection: _DialedConnection, uri: WebSocketURI, source: str | None) -> None:
        """Open the TCP connection and, for wss, TLS on it; the server's name is checked inside the TLS handshake."""
        try:
            context = client_context(self._target) if uri.secure else None
        except ValueError as error:
            raise LinkRefused(Refusal.Protocol, str(error)) from None
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: connection,
                _place(uri.host),
                uri.port,
                ssl=context,
                server_hostname=uri.host if context else None,
                # later than the attempt's own deadline, so that silence is TimedOut and nothing else
                ssl_handshake_timeout=self._target.timeout + 10 if context else None,
                ssl_shutdown_timeout=CLOSE_TIMEOUT if context else None,
                local_addr=(source, 0) if source else None,
            )
        except ssl.SSLError as error:
            failure = refused(error)
            raise LinkRefused(failure.refusal, failure.detail) from error
        except TimeoutError:
            raise
        except (ConnectionResetError, ConnectionAbortedError, BrokenPipeError) as error:
            raise LinkRefused(Refusal.Protocol, f"the other side ended the connection: {_said(error)}") from error
        except (OSError, ValueError) as error:  # ValueError: a name that no resolver takes
            raise LinkRefused(Refusal.Unreachable, f"{uri.host}:{uri.port}: {_said(error)}") from error


async def _upgrade(connection: _DialedConnection, headers: Headers) -> None:
    """Make a WebSocket of the connection. Raises LinkRefused."""
    try:
        await connection.handshake(headers, USER_AGENT)
    except InvalidStatus as error:
        raise _status_refused(error.response.status_code, error.response.reason_phrase) from error
    except InvalidHandshake as error:
        # TLS 1.3: a server refuses the client's certificate only when the client takes itself to be connected
        if isinstance(connection.connection_exc, ssl.SSLError):
            failure = refused(connection.connection_exc)
            raise LinkRefused(failure.refusal, failure.detail) from error
        raise (_cut_status(connection) or LinkRefused(*_upgrade_fault(error))) from error
    if connection.subprotocol != SUBPROTOCOL:
        await connection.close(1002, f"{SUBPROTOCOL} was not chosen")
        raise LinkRefused(Refusal.Subprotocol, f"the server did not choose {SUBPROTOCOL}")


def _status_refused(status: int, phrase: str) -> LinkRefused:
    refusal = Refusal.Unauthorized if status in (401, 403) else Refusal.HttpStatus
    note = " (redirects are not followed)" if 300 <= status < 400 else ""
    return LinkRefused(refusal, f"HTTP {status} {phrase}".rstrip() + note)


def _cut_status(connection: _DialedConnection) -> LinkRefused | None:
    """Return what the status line of a response says that did not come whole; None: there is none, or no refusal."""
    found = _STATUS_LINE.match(connection.head)
    if found is None or found[1].startswith(b"1"):
        return None
    phrase = "".join(c for c in (found[2] or b"").decode("ascii", "replace") if c.isprintable())
    refused = _status_refused(int(found[1]), phrase)
    return LinkRefused(refused.refusal, f"{refused.detail}; the response breaks off or cannot be read")


def _upgrade_fault(error: InvalidHandshake) -> tuple[Refusal, str]:
    about_subprotocol = (isinstance(error, NegotiationError) and "subprotocol" in str(error)) or (
        isinstance(error, InvalidHeader) and error.name == "Sec-WebSocket-Protocol"
    )
    cause = f": {error.__cause__}" if error.__cause__ is not None else ""
    return (Refusal.Subprotocol if about_subprotocol else Refusal.Protocol), f"{error}{cause}"


def _said(error: Exception) -> str:
    """Return what an error says, or what it is where it says nothing."""
    return str(error) or type(error).__name__


def _place(host: str) -> str:
    """Return the name to resolve: what is below `localhost` is this machine too, which not every resolver knows.

    RFC 6761, 6.3.
    """
    return "localhost" if host.rstrip(".").lower().endswith(".localhost") else host


def _connection_url(target: Target) -> tuple[str, WebSocketURI]:
    """Derive the connection URL from the endpoint's (Part 4, 3.1.1). Raises LinkRefused for one that cannot be used."""
    try:
        parts = urlsplit(target.url)
        path = f"{parts.path.rstrip('/')}/{quote(target.identity, safe='')}"
        url = parts._replace(path=path).geturl()
        uri = parse_uri(url)
    except (InvalidURI, ValueError):
        raise LinkRefused(Refusal.Protocol, "the URL of the CSMS is not a WebSocket URL") from None
    if uri.user_info is not None:
        raise LinkRefused(Refusal.Protocol, "the URL of the CSMS must not contain a user or password")
    wanted = _SCHEMES.get(target.security_profile)
    if wanted is None:
        raise LinkRefused(Refusal.Protocol, f"there is no security profile {target.security_profile}")
    if wanted != ("wss" if uri.secure else "ws"):
        detail = f"security profile {target.security_profile} needs a {wanted}:// URL, not {redact_url(target.url)}"
        raise LinkRefused(Refusal.Protocol, detail)
    return url, uri


def _authorization(target: Target) -> Headers:
    """Return the HTTP header of security profiles 1 and 2 (A00.FR.204, A00.FR.302); profile 3 sends none."""
    if target.security_profile == 3:
        return Headers()
    if target.without_password and target.security_profile == 1 and target.credentials.password is None:
        return Headers()
    if target.credentials.password is None:
        raise LinkRefused(Refusal.Protocol, f"security profile {target.security_profile} needs a password")
    if ":" in target.identity:
        raise LinkRefused(Refusal.Protocol, "an identity with a colon cannot be the user of Basic authentication")
    return Headers(Authorization=build_authorization_basic(target.identity, target.credentials.password))
