"""Hostile CSMSs on loopback: each an async context manager that yields the URL at which it waits for stations."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from ohmstead.edge.authority import Authority, self_signed
from ohmstead.edge.certificate_builder import (
    DAY,
    Issued,
    KeyKind,
    Party,
    Validity,
    alternative_names,
    certificate_pem,
    key_pem,
    subject,
)
from ohmstead.edge.tls import server_context
from ohmstead.ports.link import Admit
from tests.edge.websocket_bench import (
    Answer,
    anybody,
    authority,
    csms,
    listening,
    product_context,
    raw_server,
    stranger,
)
from tests.hostile.forge import bent, forged, party, unsound, usage, weak_key

Peer = Callable[[], AbstractAsyncContextManager[str]]
NOW = datetime.now(UTC)  # noqa: TID251  (dates of certificates are judged by the operating system's time)
SPAN = Validity()
PAST = Validity(NOW - 3 * DAY, 2 * DAY)
HOST = alternative_names(["localhost"], ["127.0.0.1"])
ROOT = authority()._issuer
MIDDLE = party("Middle")
SERVER = party("localhost")
WEAK = 0
"""OpenSSL's security level for servers that show what a station refuses."""


def tls(context: Callable[[], ssl.SSLContext]) -> Peer:
    """A CSMS with these TLS settings, who lets everybody in that comes so far."""

    @asynccontextmanager
    async def peer() -> AsyncIterator[str]:
        async with listening(context(), anybody) as listener:
            yield listener.url

    return peer


def showing(issued: Callable[[], Issued], security_level: int = WEAK) -> Peer:
    """A CSMS with this certificate."""
    return tls(lambda: _context(issued(), security_level))


def _context(issued: Issued, security_level: int) -> ssl.SSLContext:
    return server_context(issued.chain, issued.key, security_level=security_level)


def served(made: x509.Certificate | str, *chain: str, key: rsa.RSAPrivateKey | None = None) -> Issued:
    """Return a certificate for the server's key, with those that are to lead to the root."""
    first = made if isinstance(made, str) else certificate_pem(made)
    return Issued("".join((first, *chain)), key_pem(key or SERVER.key))


def server(
    issuer: Party = ROOT, *, name: x509.Name | None = None, alternative: x509.SubjectAlternativeName | None = HOST
) -> x509.Certificate:
    """Return a certificate for the server's key."""
    owner = subject("localhost", "Ohmstead") if name is None else name
    return forged(owner, SERVER.key.public_key(), issuer, SPAN, key_usage=usage(), alternative=alternative)


def middle(*, is_authority: bool = True, validity: Validity = SPAN) -> str:
    """Return the certificate of the one between server and root."""
    key_usage = usage(certifies=is_authority)
    made = forged(MIDDLE.name, MIDDLE.key.public_key(), ROOT, validity, authority=is_authority, key_usage=key_usage)
    return certificate_pem(made)


def weakly_keyed() -> Issued:
    """Return a certificate for a key of 1024 bits."""
    made = forged(subject("localhost", "Ohmstead"), weak_key().public_key(), ROOT, SPAN, alternative=HOST)
    return served(made, key=weak_key())


CERTIFICATES: dict[str, Peer] = {
    "expired": showing(lambda: authority().issue_server(["localhost"], validity=PAST)),
    "not yet valid": showing(lambda: authority().issue_server(["localhost"], validity=Validity(NOW + DAY, DAY))),
    "another authority": showing(lambda: stranger().issue_server(["localhost"])),
    "another authority of the same name": showing(lambda: Authority.generate().issue_server(["localhost"])),
    "self-signed": showing(lambda: self_signed(["localhost"])),
    "another name": showing(lambda: authority().issue_server(["csms.example.com"])),
    "another name in the CN alone": showing(lambda: authority().issue_server(["csms.example.com"], san=False)),
    "a wildcard beside the name": showing(lambda: authority().issue_server(["localhost", "*.example.com"])),
    "a wildcard for everybody": showing(lambda: authority().issue_server(["*"])),
    "an address instead of the name": showing(lambda: authority().issue_server([], ["127.0.0.1"])),
    "a name below the name": showing(lambda: authority().issue_server(["localhost.example.com"])),
    "no name at all": showing(lambda: served(server(name=x509.Name([]), alternative=None))),
    "RSA of 1024 bits": showing(weakly_keyed),
    "signed with SHA-1": showing(lambda: served(unsound(server(), ROOT, "sha1"))),
    "signed with MD5": showing(lambda: served(unsound(server(), ROOT, "md5"))),
    "a bent signature": showing(lambda: served(bent(certificate_pem(server())))),
    "a chain with a gap": showing(lambda: served(server(MIDDLE))),
    "below one who is no authority": showing(lambda: served(server(MIDDLE), middle(is_authority=False))),
    "below one who is over": showing(lambda: served(server(MIDDLE), middle(validity=PAST))),
}


def blocking(context: Callable[[], ssl.SSLContext]) -> Peer:
    """A server with plain blocking sockets, as those are that are not ours."""

    @asynccontextmanager
    async def peer() -> AsyncIterator[str]:
        settings, listener = context(), socket.create_server(("127.0.0.1", 0))
        thread = Thread(target=_serve, args=(listener, settings))
        thread.start()
        try:
            yield f"wss://localhost:{listener.getsockname()[1]}/ocpp"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            await asyncio.to_thread(thread.join)
            listener.close()

    return peer


def _serve(listener: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        connection.settimeout(60)
        with connection, suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(1)


def speaking(version: ssl.TLSVersion) -> Peer:
    """A server of one version of TLS."""
    return blocking(lambda: server_context(csms().chain, csms().key, versions=(version, version), security_level=WEAK))


def agreeing(*suites: str, kind: KeyKind = KeyKind.RSA) -> Peer:
    """A server of TLS 1.2 with these suites only."""

    def context() -> ssl.SSLContext:
        issued = csms() if kind is KeyKind.RSA else authority().issue_server(["localhost"], kind=kind)
        return server_context(issued.chain, issued.key, cipher_suites=suites, security_level=WEAK)

    return blocking(context)


VERSIONS: dict[str, Peer] = {
    "TLS 1.0": speaking(ssl.TLSVersion.TLSv1),
    "TLS 1.1": speaking(ssl.TLSVersion.TLSv1_1),
    "TLS 1.3 alone": speaking(ssl.TLSVersion.TLSv1_3),
}
SUITES: dict[str, Peer] = {
    "no encryption": agreeing("TLS_RSA_WITH_NULL_SHA256"),
    "CBC": agreeing("TLS_RSA_WITH_AES_128_CBC_SHA"),
    "CBC with SHA-256": agreeing("TLS_RSA_WITH_AES_256_CBC_SHA256"),
    "ECDHE alone": agreeing("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
    "a certificate with an EC key": agreeing("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", kind=KeyKind.EC),
}


def raw(answer: Answer) -> Peer:
    """A server that does anything but TLS."""

    @asynccontextmanager
    async def peer() -> AsyncIterator[str]:
        async with raw_server(answer) as port:
            yield f"wss://localhost:{port}/ocpp"

    return peer


def saying(data: bytes) -> Peer:
    """A server that answers the first byte with these, and ends."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        with suppress(ConnectionError):
            writer.write(data)
            await writer.drain()

    return raw(answer)


async def _silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while await reader.read(65536):
            pass


async def _ending(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _aborting(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def _mirror(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


RAW: dict[str, Peer] = {
    "garbage": saying(b"\xde\xad\xbe\xef" * 64),
    "zeros": saying(bytes(512)),
    "plain HTTP": saying(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
    "another protocol": saying(b"220 mail.example.com ESMTP\r\n"),
    "half a ServerHello": saying(b"\x16\x03\x03\x00\x51\x02\x00\x00\x4d\x03\x03" + bytes(20)),
    "a record of the wrong kind": saying(b"\x17\x03\x03\x00\x10" + bytes(16)),
    "an internal error": saying(b"\x15\x03\x03\x00\x02\x02\x50"),
    "our own bytes": raw(_mirror),
    "the end at once": raw(_ending),
    "a reset at once": raw(_aborting),
}
SILENT: dict[str, Peer] = {"silence": raw(_silent)}


def upgrading(admit: Admit = anybody, subprotocol: str | None = "ocpp2.0.1") -> Peer:
    """A CSMS with good TLS that answers the upgrade in its own way."""

    @asynccontextmanager
    async def peer() -> AsyncIterator[str]:
        async with listening(product_context(), admit, subprotocol=subprotocol) as listener:
            yield listener.url

    return peer


def behind_tls(data: bytes) -> Peer:
    """A server with good TLS that answers the upgrade with these bytes."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(data)
            await writer.drain()

    @asynccontextmanager
    async def peer() -> AsyncIterator[str]:
        async with raw_server(answer, product_context()) as port:
            yield f"wss://localhost:{port}/ocpp"

    return peer


def wanting_a_certificate() -> ssl.SSLContext:
    """TLS that asks for a client certificate, which security profile 2 does not have."""
    return server_context(csms().chain, csms().key, client_roots=(authority().root,), client_required=True)


UNWELCOME: dict[str, Peer] = {
    "a client certificate wanted": tls(wanting_a_certificate),
    "HTTP 401": upgrading(lambda _: 401),
    "HTTP 403": upgrading(lambda _: 403),
}
STATUS: dict[str, Peer] = {
    "HTTP 404": upgrading(lambda _: 404),
    "HTTP 500": upgrading(lambda _: 500),
    "a redirect": behind_tls(
        b"HTTP/1.1 302 Found\r\nLocation: ws://localhost:9/ocpp/CS-001\r\nContent-Length: 0\r\n\r\n"
    ),
}
SUBPROTOCOL: dict[str, Peer] = {
    "another subprotocol": upgrading(subprotocol="ocpp1.6"),
    "no subprotocol": upgrading(subprotocol=None),
}
UPGRADE: dict[str, Peer] = {
    "garbage behind good TLS": behind_tls(b"\xde\xad\xbe\xef" * 64),
    "a wrong key for the upgrade": behind_tls(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n"
    ),
    "headers without an end": behind_tls(b"HTTP/1.1 101 Switching Protocols\r\n" + b"X: y\r\n" * 5000),
    "one header without an end": behind_tls(b"HTTP/1.1 101 " + b"x" * 100_000),
}
