"""How a connection in memory begins: the TLS handshake and the HTTP upgrade, as far as they can be told apart."""

import asyncio
import logging
from base64 import b64encode
from urllib.parse import quote, urlsplit

import msgspec

from ohmstead.ports.link import Admit, Handshake, LinkRefused, Refusal, Target, TlsFacts

SUBPROTOCOL = "ocpp2.0.1"
PLATFORM_SUITE = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
"""What is agreed where neither side names cipher suites."""

log = logging.getLogger(__name__)


class AcceptHandshakes(msgspec.Struct, frozen=True):
    """Answer handshakes as `admit` says."""


class Refuse(msgspec.Struct, frozen=True):
    """Fail every attempt this way: no TCP connection, or a fault of the TLS handshake."""

    refusal: Refusal = Refusal.Unreachable


class HoldConnections(msgspec.Struct, frozen=True):
    """Take the TCP connection and stay silent."""


class Reject(msgspec.Struct, frozen=True):
    """Answer the HTTP upgrade with this status."""

    status: int


class CloseAtOnce(msgspec.Struct, frozen=True):
    """Take the TCP connection and close it."""


Behavior = AcceptHandshakes | Refuse | HoldConnections | Reject | CloseAtOnce


class MemoryEndpoint:
    """What the listening side does with connection attempts.

    Attributes:
        admit: decides about each handshake.
        max_size: bytes of a message that its ends of links still read.
        behavior: what is done with attempts from now on.
        subprotocol: what is chosen if the station offers it; None: nothing is ever chosen.
        cipher_suites: IANA names that it takes; empty: whatever the station prefers.
        root: PEM root of its server certificate, which the station has to trust; None: any station trusts it.
        plain: no TLS, whatever URL it was opened with.
    """

    def __init__(self, url: str, admit: Admit, max_size: int) -> None:
        self._url = url
        self.admit = admit
        self.max_size = max_size
        self.behavior: Behavior = AcceptHandshakes()
        self.subprotocol: str | None = SUBPROTOCOL
        self.cipher_suites: tuple[str, ...] = ()
        self.root: str | None = None
        self.plain = False

    @property
    def url(self) -> str:
        """The URL that a station dials, without an identity."""
        return self._url.replace("wss://", "ws://", 1) if self.plain else self._url


async def before_handshake(behavior: Behavior) -> None:
    """Do to an attempt what the behavior says before any handshake; may wait for ever. Raises LinkRefused."""
    match behavior:
        case HoldConnections():
            await asyncio.get_running_loop().create_future()
        case Refuse(refusal):
            raise LinkRefused(refusal, "the listener is set to refuse")
        case CloseAtOnce():
            raise LinkRefused(Refusal.Protocol, "closed before the handshake was answered")


def agree_tls(target: Target, endpoint: MemoryEndpoint) -> TlsFacts | None:
    """Return what a TLS handshake would agree on, None for `ws://`. Raises LinkRefused."""
    scheme = urlsplit(target.url).scheme
    if scheme != urlsplit(endpoint.url).scheme:
        raise LinkRefused(Refusal.Protocol, f"{target.url} dialed, but {endpoint.url} is what listens there")
    if scheme != "wss":
        return None
    if endpoint.root is not None and endpoint.root not in target.roots:
        raise LinkRefused(Refusal.InvalidCsmsCertificate, "no trusted root for the server's certificate")
    offered = target.cipher_suites or endpoint.cipher_suites or (PLATFORM_SUITE,)
    common = [suite for suite in offered if not endpoint.cipher_suites or suite in endpoint.cipher_suites]
    if not common:
        raise LinkRefused(Refusal.InvalidTLSCipherSuite, "no cipher suite in common")
    pem = target.credentials.client_certificate if target.security_profile == 3 else None
    return TlsFacts(
        version="TLSv1.2",
        cipher_suite=common[0],
        client_certificate_subject=pem and _subject(pem),
        client_certificate=pem,
    )


def _subject(pem: str) -> str:
    # Loaded here because it costs start-up time that only security profile 3 has to pay.
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(pem.encode()).subject.rfc4514_string()
    except ValueError as error:
        raise LinkRefused(Refusal.Protocol, "the client certificate cannot be read") from error


def handshake(target: Target, tls: TlsFacts | None) -> Handshake:
    """Return the record with which the link opens: Basic credentials for profiles 1 and 2 only (A00.FR.204)."""
    basic = target.security_profile in (1, 2) and not (target.without_password and target.credentials.password is None)
    pair = f"{target.identity}:{target.credentials.password or ''}".encode()
    return Handshake(
        url=with_identity(target),
        subprotocols=(SUBPROTOCOL,),
        user=target.identity if basic else None,
        password=target.credentials.password if basic else None,
        authorization=f"Basic {b64encode(pair).decode()}" if basic else None,
        tls=tls,
        interface=target.interface,
    )


def upgrade(endpoint: MemoryEndpoint, record: Handshake) -> None:
    """Answer the HTTP upgrade. Raises LinkRefused unless it succeeds."""
    behavior = endpoint.behavior
    try:
        status = behavior.status if isinstance(behavior, Reject) else endpoint.admit(record)
    except Exception:
        log.exception("admitting %s failed", record.url)
        status = 500
    if status in (401, 403):
        raise LinkRefused(Refusal.Unauthorized, f"HTTP {status}")
    if status != 101:
        raise LinkRefused(Refusal.HttpStatus, f"HTTP {status}")
    if endpoint.subprotocol not in record.subprotocols:
        raise LinkRefused(Refusal.Subprotocol, f"the server chose {endpoint.subprotocol or 'no subprotocol'}")


def with_identity(target: Target) -> str:
    """Return the URL as dialed, with the identity percent-encoded as its last segment."""
    return f"{target.url.rstrip('/')}/{quote(target.identity, safe='')}"


def host(url: str) -> str:
    """Return host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'wss' else 80)}"
