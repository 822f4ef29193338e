"""One OCPP-J connection, whatever carries it: a WebSocket over TLS, or memory in virtual time."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Protocol

import msgspec


class LinkLost(Exception):
    """The connection has ended; the text says how. Raised by every use of a link after that."""


class Refusal(StrEnum):
    """Why a connection did not come about; the security event that follows from it is decided by block A."""

    Unreachable = "Unreachable"
    """No route, refused, name not found, interface down."""
    TimedOut = "TimedOut"
    """Nothing answered within the time allowed."""
    Unauthorized = "Unauthorized"
    """HTTP 401 or 403."""
    HttpStatus = "HttpStatus"
    """The upgrade was answered with another HTTP status."""
    Subprotocol = "Subprotocol"
    """The server did not choose `ocpp2.0.1` (Part 4, 3.2)."""
    InvalidCsmsCertificate = "InvalidCsmsCertificate"
    """Chain, dates or name of the server certificate (A00.FR.308, A00.FR.309)."""
    InvalidTLSVersion = "InvalidTLSVersion"
    """Server speaks less than TLS 1.2 (A00.FR.313)."""
    InvalidTLSCipherSuite = "InvalidTLSCipherSuite"
    """No cipher suite in common (A00.FR.318)."""
    Protocol = "Protocol"
    """The other side does not speak HTTP, TLS or WebSocket as it should."""


class LinkRefused(Exception):
    """A connection attempt failed.

    Attributes:
        refusal: the kind of failure.
        detail: one line for the log, without secrets.
        advice: what a person may do about it; empty: nobody can say.
    """

    def __init__(self, refusal: Refusal, detail: str, advice: str = "") -> None:
        super().__init__(f"{refusal}: {detail}")
        self.refusal = refusal
        self.detail = detail
        self.advice = advice


class TlsFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What was agreed in a TLS handshake."""

    version: str
    """`TLSv1.2` ..."""
    cipher_suite: str
    """The IANA name, `TLS_RSA_WITH_AES_128_GCM_SHA256` ..."""
    client_certificate_subject: str | None = None
    client_certificate: str | None = None
    """PEM; only the listening side sees one."""

    def __repr__(self) -> str:
        return f"TlsFacts({self.version}, {self.cipher_suite}, {self.client_certificate_subject!r})"


class Handshake(msgspec.Struct, frozen=True, kw_only=True):
    """The record with which a link opens; memory and socket tell the same story (decided case 24)."""

    url: str
    """Path and host as dialed; the last path segment is the station's identity, percent-encoded."""
    subprotocols: tuple[str, ...]
    user: str | None = None
    password: str | None = None
    authorization: str | None = None
    """The Authorization header as it came; only the listening side sees one."""
    tls: TlsFacts | None = None
    interface: str | None = None

    def __repr__(self) -> str:
        return f"Handshake(url={self.url!r}, user={self.user!r}, tls={self.tls!r})"


class Link(Protocol):
    """An open connection. `receive` is called by one task at a time; the other methods by any."""

    @property
    def handshake(self) -> Handshake:
        """How the connection was opened."""
        ...

    async def send(self, text: str) -> None:
        """Write one text message; returns when it has been handed to the transport. Raises LinkLost."""
        ...

    async def receive(self) -> str | bytes:
        """Return the next message (bytes: a binary frame). Raises LinkLost when the connection has ended."""
        ...

    async def ping(self) -> None:
        """Send a WebSocket ping and return once its pong is here. Raises LinkLost."""
        ...

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection in good order, within a short time; never raises."""
        ...


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What the station shows of itself; PEM text, never logged."""

    password: str | None = None
    client_certificate: str | None = None
    """PEM chain, leaf first (security profile 3)."""
    client_key: str | None = None
    """PEM private key."""

    def __repr__(self) -> str:
        return "Credentials(...)"


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one connection attempt needs."""

    url: str
    """`ws://` or `wss://` URL of the CSMS without the identity."""
    identity: str
    security_profile: int
    credentials: Credentials
    roots: tuple[str, ...] = ()
    """PEM CSMS root certificates that are trusted."""
    without_password: bool = False
    """In security profile 1, where there is no password: no Authorization header. For development only."""
    cipher_suites: tuple[str, ...] = ()
    """IANA names, in order of preference; empty: the platform's own."""
    allow_wildcards: bool = False
    interface: str = "Wired0"
    timeout: float = 30.0
    """Seconds for the whole attempt; a handshake that stays silent fails after it."""
    max_size: int = 1 << 20
    """Bytes of a received message that are still read."""


class Dialer(Protocol):
    """Opens links to a CSMS."""

    async def dial(self, target: Target) -> Link:
        """Open a connection. Raises LinkRefused with the reason."""
        ...


class SeverableDialer(Dialer, Protocol):
    """A dialer whose open links a power cut takes away."""

    def sever(self) -> None:
        """End every open link and attempt at once, without a word to the other side."""
        ...


class Listener(Protocol):
    """The other end: accepts links, for the lab and the embedded CSMS."""

    @property
    def url(self) -> str:
        """The URL that a station dials, without an identity."""
        ...

    async def close(self) -> None:
        """Stop listening and end every open link."""
        ...


Admit = Callable[[Handshake], int]
"""Returns the HTTP status with which a handshake is answered: 101 accepts it, 401 or 403 or 404 refuses."""
Serve = Callable[[Link], Awaitable[None]]
"""Serves one accepted link; the link is closed when it returns."""
