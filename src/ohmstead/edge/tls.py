"""TLS as OCPP wants it: exactly the product's cipher suites, and a station that checks the server's name itself.

A client context made here refuses a handshake before anything of the application is written, whoever uses it, and
raises `TlsRefused` with the kind of failure, so that each one can give its own security event (A00.FR.310,
A00.FR.316, A00.FR.323). Contexts are shared between stations with the same trust. Certificate dates are judged by the
operating system's time (decided case 22).
"""

import os
import ssl
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from ohmstead.edge.cipher_suites import iana_name, is_tls13, openssl_name
from ohmstead.edge.names import Names, name_fault
from ohmstead.edge.tls_refusal import Records, TlsRefused, refused
from ohmstead.ports.link import Credentials, Refusal, Target, TlsFacts

SECURITY_LEVEL = 2
"""OpenSSL's level of 112 bits: RSA keys of 2048 bits, EC keys of 224 bits, no SHA-1 (A00.FR.501 to A00.FR.503)."""
_BITS = (0, 80, 112, 128, 192, 256)
"""Of a suite's cipher, at each of OpenSSL's security levels."""


class _ClientHandshake(ssl.SSLObject):
    """One TLS connection of a station: the handshake succeeds only if suite and name are right too."""

    records: Records
    incoming: ssl.MemoryBIO
    context: "ClientContext"

    def do_handshake(self) -> None:
        if self.incoming.pending:  # a look without taking: what is read is written back
            data = self.incoming.read()
            self.incoming.write(data)
            self.records.feed(data)
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            raise refused(error, self.records) from error
        self._check_suite()
        self._check_name()

    def _check_suite(self) -> None:
        suites, agreed = self.context.cipher_suites, self.cipher()
        if suites and agreed is not None and iana_name(agreed[0]) not in suites:
            raise TlsRefused(
                Refusal.InvalidTLSCipherSuite, f"{iana_name(agreed[0])} is not one of the product's suites"
            )

    def _check_name(self) -> None:
        host = str(self.server_hostname or "")
        fault = name_fault(Names.of(self.getpeercert() or {}), host, self.context.allow_wildcards)
        if fault is not None:
            raise TlsRefused(Refusal.InvalidCsmsCertificate, f"server certificate: {fault}")


class ClientContext(ssl.SSLContext):
    """The TLS settings of stations with the same trust; works wherever asyncio or uvloop takes an SSLContext."""

    cipher_suites: tuple[str, ...] = ()
    allow_wildcards: bool = False
    sslobject_class = _ClientHandshake

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Start a TLS connection over two memory buffers, as event loops do."""
        connection = super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)
        assert isinstance(connection, _ClientHandshake)
        connection.records, connection.incoming = Records(), incoming
        return connection


class _ServerHandshake(ssl.SSLObject):
    """One TLS connection of a CSMS: a handshake that fails still tells the client why."""

    failure: ssl.SSLError | None = None
    incoming: ssl.MemoryBIO
    context: "ServerContext"
    random: bytes = b""

    def do_handshake(self) -> None:
        if self.failure is not None:
            raise self.failure
        if self.context.on_failure is not None and not self.random and self.incoming.pending:
            data = self.incoming.read()  # a look without taking: what is read is written back
            self.incoming.write(data)
            self.random = data[_RANDOM]
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            # Event loops drop what is unsent when a handshake fails, OpenSSL's alert with it. Asking for more makes
            # them send first; the client's end of the connection, or the handshake timeout, then brings them back.
            self.failure = error
            if self.context.on_failure is not None:
                verified = getattr(error, "verify_message", "")
                why = error.reason or str(error)
                self.context.on_failure(self.random, f"{why}: {verified}" if verified else why)
            raise ssl.SSLWantReadError from error


_RANDOM = slice(11, 43)
"""Where a ClientHello has its random, in the first record of a connection (RFC 5246, 6.2.1 and 7.4.1.2)."""


class ServerContext(ssl.SSLContext):
    """The TLS settings of a CSMS; works wherever asyncio or uvloop takes an SSLContext.

    Attributes:
        on_failure: told the random of the ClientHello and OpenSSL's reason when a handshake fails; None: nobody.
    """

    on_failure: Callable[[bytes, str], None] | None = None
    sslobject_class = _ServerHandshake

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Start a TLS connection over two memory buffers, as event loops do."""
        connection = super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)
        assert isinstance(connection, _ServerHandshake)
        connection.incoming = incoming
        return connection


def client_context(target: Target) -> ssl.SSLContext:
    """Return the context for a connection attempt: shared, unless a client certificate is shown (security profile 3).

    Raises ValueError for roots, suites or client certificates that cannot be used.
    """
    trust = (target.roots, target.cipher_suites, target.allow_wildcards)
    if target.security_profile < 3:
        return _shared(*trust)
    context = _client(*trust)
    _show(context, target.credentials)
    return context


def _client(roots: tuple[str, ...], cipher_suites: tuple[str, ...], allow_wildcards: bool) -> ClientContext:
    context = ClientContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # OpenSSL takes wildcards and ignores the CN: A00.FR.309 and A00.FR.510 do not
    context.verify_mode = ssl.CERT_REQUIRED
    # What is installed as a root is one, also where the root that it replaced has signed it (M05.FR.10).
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    offer(context, cipher_suites)
    context.cipher_suites, context.allow_wildcards = cipher_suites, allow_wildcards
    if roots:
        try:
            context.load_verify_locations(cadata="\n".join(roots))
        except (ssl.SSLError, ValueError) as error:
            reason = getattr(error, "reason", None) or "right would be certificates in PEM"
            raise ValueError(f"a root certificate cannot be read: {reason}") from None
    return context


_shared = lru_cache(maxsize=32)(_client)


def _show(context: ssl.SSLContext, credentials: Credentials) -> None:
    if not credentials.client_certificate or not credentials.client_key:
        raise ValueError("security profile 3 needs a client certificate and its key")
    try:
        load_identity(context, credentials.client_certificate, credentials.client_key)
    except ssl.SSLError as error:
        reason = error.reason or "right would be a certificate with its chain, and its key, in PEM"
        raise ValueError(f"the client certificate and its key cannot be used: {reason}") from None


def offer(context: ssl.SSLContext, cipher_suites: tuple[str, ...], security_level: int = SECURITY_LEVEL) -> None:
    """Let a context offer exactly these suites (IANA names, in order of preference); none: the platform's own.

    TLS 1.3 is offered only if one of its suites is listed. Where a platform cannot choose between those, a client
    context refuses the handshake if one was agreed that is not listed. Raises ValueError for a suite that cannot be
    offered.
    """
    if not cipher_suites:
        return
    names = {suite: openssl_name(suite) for suite in cipher_suites}
    older = [name for suite, name in names.items() if not is_tls13(suite)]
    if older:
        try:
            context.set_ciphers(":".join([*older, f"@SECLEVEL={security_level}"]))
        except ssl.SSLError:
            raise ValueError(f"no suite of {', '.join(cipher_suites)} can be offered on this platform") from None
    # OpenSSL lists what the security level forbids too, and then leaves it out of the handshake without a word
    usable = {suite["name"] for suite in context.get_ciphers() if suite["strength_bits"] >= _BITS[security_level]}
    missing = [suite for suite, name in names.items() if name not in usable]
    if missing:
        raise ValueError(f"too weak, or not offered on this platform: {', '.join(missing)}")
    newer = [name for suite, name in names.items() if is_tls13(suite)]
    if newer:
        from ohmstead.edge.tls13 import limit_tls13  # with ctypes, which most stations do without

        limit_tls13(context, newer)
    if len(older) == len(names):
        context.maximum_version = min(context.maximum_version, ssl.TLSVersion.TLSv1_2, key=_highest)
    elif not older:
        context.minimum_version = ssl.TLSVersion.TLSv1_3


def _highest(version: ssl.TLSVersion) -> int:
    """Order versions: MAXIMUM_SUPPORTED is a negative number."""
    return version if version > 0 else 0xFFFF


def server_context(
    chain: str,
    key: str,
    *,
    others: tuple[tuple[str, str], ...] = (),
    cipher_suites: tuple[str, ...] = (),
    client_roots: tuple[str, ...] = (),
    client_required: bool = False,
    versions: tuple[ssl.TLSVersion, ssl.TLSVersion] = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.MAXIMUM_SUPPORTED),
    security_level: int = SECURITY_LEVEL,
    on_failure: Callable[[bytes, str], None] | None = None,
) -> ssl.SSLContext:
    """Return the context of a CSMS.

    Args:
        chain: PEM certificates, the server's first.
        key: PEM private key.
        others: chains and keys of other kinds of key; the suite that is agreed chooses among them (A00.FR.318).
        cipher_suites: IANA names, in order of preference; none: the platform's own.
        client_roots: PEM roots of client certificates (security profile 3); none: clients are not asked for one.
        client_required: whether a client without a certificate is refused during the handshake.
        versions: the lowest and the highest version; a laboratory also offers those that a station must refuse.
        security_level: OpenSSL's; 0 for the versions and suites that a station must refuse.
        on_failure: see `ServerContext`.

    Raises ValueError for certificates, keys or suites that cannot be used.
    """
    context = ServerContext(ssl.PROTOCOL_TLS_SERVER)
    context.on_failure = on_failure
    context.set_ciphers(f"DEFAULT:AES128-GCM-SHA256:AES256-GCM-SHA384:@SECLEVEL={security_level}")
    with warnings.catch_warnings():  # old versions are asked for on purpose
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = versions
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE
    offer(context, cipher_suites, security_level)
    try:
        for identity in ((chain, key), *others):
            load_identity(context, *identity)
        if client_roots:
            context.load_verify_locations(cadata="\n".join(client_roots))
            context.verify_mode = ssl.CERT_REQUIRED if client_required else ssl.CERT_OPTIONAL
    except ssl.SSLError as error:
        raise ValueError(f"server certificate, key or client roots cannot be used: {error.reason}") from None
    return context


def load_identity(context: ssl.SSLContext, chain: str, key: str) -> None:
    """Give a context its own certificate; OpenSSL reads files only, so the key passes through one that nobody can name.

    Raises ssl.SSLError for a certificate or key that cannot be read, or that do not belong together.
    """
    with _private_file(f"{key.strip()}\n{chain.strip()}\n".encode()) as path:
        context.load_cert_chain(path, password=lambda: "")


@contextmanager
def _private_file(data: bytes) -> Iterator[str]:
    if hasattr(os, "memfd_create"):
        descriptor, path = os.memfd_create("identity"), ""
    else:  # pragma: no cover - not Linux
        descriptor, path = tempfile.mkstemp()
    try:
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            file.write(data)
            yield path or f"/proc/self/fd/{descriptor}"
    finally:
        if path:  # pragma: no cover - not Linux
            with suppress(FileNotFoundError):
                Path(path).unlink()


def facts(connection: ssl.SSLObject | None) -> TlsFacts | None:
    """Return what was agreed in a handshake, and who the other side is if it showed a client certificate."""
    if connection is None:
        return None
    agreed = connection.cipher()
    shown = connection.getpeercert(binary_form=True) if connection.server_side else None
    return TlsFacts(
        version=connection.version() or "",
        cipher_suite=iana_name(agreed[0]) if agreed else "",
        client_certificate_subject=_subject(shown),
        client_certificate=ssl.DER_cert_to_PEM_cert(shown) if shown else None,
    )


def _subject(certificate: bytes | None) -> str | None:
    if not certificate:
        return None
    from cryptography import x509  # 15 MB that a station without client certificates does not need

    return x509.load_der_x509_certificate(certificate).subject.rfc4514_string()
