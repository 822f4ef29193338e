"""Private keys of a station's certificates, in files of mode 0600 or in memory.

`cryptography` is loaded at the first use: it costs start-up time and 15 MB, which security profile 2 can do without.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from ohmstead.edge.private_files import private_directory, sweep, write_private
from ohmstead.ports.store import StoreFailed

if TYPE_CHECKING:
    from cryptography import x509

SUFFIX = ".key.pem"
_NO_LONGER_SOUND = ("md5", "sha1")
"""Hashes that must not carry a signature any more (A00.FR.504)."""
_PROBE = "probe"

Generate = Callable[[bool], str]
"""Makes a fresh key, PEM text; a short one or not (`ports.client_keys`)."""

_log = logging.getLogger(__name__)


class MemoryClientKeys:
    """Implements the port `ClientKeys` for fleets and tests."""

    def __init__(self, kept: dict[str, str] | None = None, generate: Generate | None = None) -> None:
        """Make an empty place.

        Args:
            kept: name -> key; outlives the runs of a station.
            generate: where fresh keys come from, PEM text; None: they are made.
        """
        self._kept: dict[str, str] = {} if kept is None else kept
        self._generate = generate or _generate

    async def make(self, *, short: bool = False) -> str:
        """Make a fresh key; see the port."""
        return self._keep(self._generate(short))

    def _keep(self, pem: str) -> str:
        name = _name(pem)
        self._kept[name] = pem
        return name

    def request(self, name: str, common_name: str, organization: str) -> str:
        """Return a certificate signing request; see the port."""
        pem = self.key(name)
        if pem is None:
            raise KeyError(name)
        return _signing_request(pem, common_name, organization)

    def fault(self, certificate: str, request: str) -> str | None:
        """Say what is wrong with a certificate; see the port."""
        return _fault(certificate, request)

    def key(self, name: str) -> str | None:
        """Return a key; see the port."""
        return self._kept.get(name)

    def discard(self, name: str) -> None:
        """Forget a key."""
        self._kept.pop(name, None)

    def probe(self) -> None:
        """Try whether a key could be kept; see the port."""

    def names(self) -> frozenset[str]:
        """Return the names of all keys."""
        return frozenset(self._kept)


class ClientKeyFiles(MemoryClientKeys):
    """Implements the port `ClientKeys` on a directory that only its owner can read."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory
        sweep(directory)

    async def make(self, *, short: bool = False) -> str:
        """Make a fresh key beside the event loop, which takes a tenth of a second or several."""
        return self._keep(await asyncio.to_thread(_generate, short))

    def _keep(self, pem: str) -> str:
        name = _name(pem)
        self._write(self._path(name), pem)
        return name

    def _write(self, path: Path, text: str) -> None:
        try:
            private_directory(self._directory)
            write_private(path, text)
        except OSError as error:
            raise StoreFailed(f"{self._directory}: {error.strerror or error}") from error

    def key(self, name: str) -> str | None:
        """Return a key; see the port."""
        try:
            return self._path(name).read_text()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreFailed(f"{self._path(name)}: {error.strerror or error}") from error

    def discard(self, name: str) -> None:
        """Forget a key."""
        try:
            self._path(name).unlink(missing_ok=True)
        except OSError as error:
            _log.error("a private key that is needed no more cannot be removed: %s", error)

    def probe(self) -> None:
        """Try whether a key could be kept; see the port."""
        self._write(self._directory / _PROBE, "")

    def names(self) -> frozenset[str]:
        """Return the names of all keys."""
        return frozenset(path.name.removesuffix(SUFFIX) for path in self._directory.glob(f"*{SUFFIX}"))

    def _path(self, name: str) -> Path:
        return self._directory / f"{name}{SUFFIX}"


class KeyPool:
    """Keys for sites that live one after the other and never meet: each gets the same ones, in the same order.

    Within a site no key is given out twice. To make an RSA key takes a tenth of a second.
    """

    def __init__(self, generate: Generate | None = None) -> None:
        """Make an empty pool.

        Args:
            generate: where its keys come from, PEM text; None: they are made. Held from here on, so that a station
                that is wrong about its keys for a while leaves none of them behind for others.
        """
        self._generate = generate or _generate
        self._keys: dict[bool, list[str]] = {False: [], True: []}

    def site(self) -> Generate:
        """Return where the fresh keys of one more site come from."""
        numbers = {False: count(), True: count()}

        def following(short: bool) -> str:
            number, keys = next(numbers[short]), self._keys[short]
            if number == len(keys):
                keys.append(self._generate(short))
            return keys[number]

        return following


def _generate(short: bool) -> str:
    from ohmstead.edge.certificate_builder import KeyKind, key_pem, new_key

    return key_pem(new_key(KeyKind.EC if short else KeyKind.RSA))


def _name(pem: str) -> str:
    """Return a name by which a key can be found again, without a way back from it."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    from ohmstead.edge.certificate_builder import read_key

    public = read_key(pem.encode()).public_key()
    return sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()[:32]


def _signing_request(pem: str, common_name: str, organization: str) -> str:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import NameOID

    from ohmstead.edge.certificate_builder import read_key

    names = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organization:
        names.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(names))
    return request.sign(read_key(pem.encode()), hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def _fault(certificate: str, request: str) -> str | None:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        leaf = x509.load_pem_x509_certificate(certificate.encode())
        asked = x509.load_pem_x509_csr(request.encode())
        if leaf.public_key() != asked.public_key():
            return "its key is not the one that was asked to be certified"
        return _subject_fault(leaf, asked) or _use_fault(leaf)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension) as error:
        return f"it cannot be read: {type(error).__name__}"


def _subject_fault(leaf: x509.Certificate, asked: x509.CertificateSigningRequest) -> str | None:
    """Say what its owner may not be called (A00.FR.509, A00.FR.511)."""
    from cryptography.x509.oid import NameOID

    for oid, what in ((NameOID.COMMON_NAME, "common name"), (NameOID.ORGANIZATION_NAME, "organization")):
        found, wanted = ([name.value for name in s.get_attributes_for_oid(oid)] for s in (leaf.subject, asked.subject))
        if found != wanted:
            return f"its {what} is not the one that was asked for"
    return None


def _use_fault(leaf: x509.Certificate) -> str | None:
    """Say why it is not for the handshake of a client (A00.FR.504, A00.FR.512)."""
    from cryptography import x509

    algorithm = leaf.signature_hash_algorithm
    if algorithm is not None and algorithm.name in _NO_LONGER_SOUND:
        return f"it is signed with {algorithm.name}"
    for extension in leaf.extensions:
        if isinstance(extension.value, x509.BasicConstraints) and extension.value.ca:
            return "it is the certificate of an authority"
        if isinstance(extension.value, x509.KeyUsage) and not extension.value.digital_signature:
            return "its keyUsage does not allow signatures"
    return None
