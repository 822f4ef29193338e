"""The ClientHello of a TLS handshake, read from the first record of a connection (RFC 5246 7.4.1.2, RFC 8446 4.1.2)."""

import struct

import msgspec

HANDSHAKE, CLIENT_HELLO = 22, 1
HEADER = 5
"""Bytes before the content of a record."""
SERVER_NAME, SUPPORTED_VERSIONS = 0, 43
RANDOM = slice(6, 38)
"""Where the content of the record has its random."""
SUITES = {
    0x009C: "TLS_RSA_WITH_AES_128_GCM_SHA256",
    0x009D: "TLS_RSA_WITH_AES_256_GCM_SHA384",
    0xC02B: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    0xC02C: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
}
"""The suites that OCPP names (A00.FR.318); others keep their number."""
VERSIONS = {0x0300: "SSL 3.0", 0x0301: "TLS 1.0", 0x0302: "TLS 1.1", 0x0303: "TLS 1.2", 0x0304: "TLS 1.3"}
TLS12 = 0x0303


class ClientHello(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a client offers."""

    versions: tuple[int, ...]
    """The versions named; in the old form, without the extension, only the highest one."""
    cipher_suites: tuple[str, ...]
    """Names of the registry where OCPP knows them, else `0x1301`; signalling values are left out."""
    compressions: tuple[int, ...]
    """Compression methods; 0 is none."""
    server_name: str = ""
    """The name of the server that is wanted (RFC 6066, 3); empty: none is given, as where an address is dialed."""


class _ByteReader:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def take(self, count: int) -> bytes:
        taken, self._data = self._data[:count], self._data[count:]
        if len(taken) < count:
            raise ValueError("the ClientHello is cut off")
        return taken

    def number(self, width: int) -> int:
        return int.from_bytes(self.take(width), "big")

    def vector(self, width: int) -> bytes:
        """Take a length of so many bytes, and what it counts."""
        return self.take(self.number(width))

    @property
    def more(self) -> bool:
        return bool(self._data)


def content_length(header: bytes) -> int | None:
    """Return how many bytes follow the header of a record; None if it begins no TLS handshake."""
    kind, _version, length = struct.unpack(">BHH", header)
    return int(length) if kind == HANDSHAKE else None


def parse(content: bytes) -> ClientHello:
    """Read the content of a record. Raises ValueError if there is no whole ClientHello in it."""
    record = _ByteReader(content)
    if record.number(1) != CLIENT_HELLO:
        raise ValueError("the first record holds no ClientHello")
    body = _ByteReader(record.vector(3))
    version = body.number(2)
    body.take(32)
    body.vector(1)
    suites = _numbers(body.vector(2), 2)
    compressions = tuple(body.vector(1))
    extensions = _ByteReader(body.vector(2)) if body.more else _ByteReader(b"")
    versions: tuple[int, ...] = (version,)
    server_name = ""
    while extensions.more:
        kind, data = extensions.number(2), extensions.vector(2)
        if kind == SUPPORTED_VERSIONS:
            versions = tuple(one for one in _numbers(_ByteReader(data).vector(1), 2) if not _is_grease(one))
        elif kind == SERVER_NAME:
            server_name = _host(data)
    return ClientHello(
        versions=versions,
        cipher_suites=tuple(SUITES.get(one, f"{one:#06x}") for one in suites if not _is_signal(one)),
        compressions=compressions,
        server_name=server_name,
    )


def _host(data: bytes) -> str:
    """Return the host name of the extension; empty for what is none."""
    names = _ByteReader(_ByteReader(data).vector(2) if data else b"")
    while names.more:
        kind, name = names.number(1), names.vector(2)
        if kind == 0:
            return name.decode("ascii", "replace")
    return ""


def _numbers(data: bytes, width: int) -> tuple[int, ...]:
    return tuple(int.from_bytes(data[at : at + width], "big") for at in range(0, len(data), width))


def _is_grease(number: int) -> bool:
    """Say whether a value only keeps servers tolerant (RFC 8701)."""
    return number & 0x0F0F == 0x0A0A and number >> 8 == number & 0xFF


def _is_signal(suite: int) -> bool:
    """Say whether a suite is none: renegotiation (RFC 5746), fallback (RFC 7507), GREASE."""
    return suite in (0x00FF, 0x5600) or _is_grease(suite)
