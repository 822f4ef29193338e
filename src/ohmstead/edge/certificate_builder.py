"""X.509 certificates and their keys as OCPP wants them (A00.FR.501 to A00.FR.514), from and to PEM text."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from ipaddress import ip_address

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

DAY = timedelta(days=1)
YEAR = 365 * DAY
SLACK = timedelta(hours=1)
"""How far back a certificate reaches that is valid from now on, because clocks differ."""


class KeyKind(StrEnum):
    """Kinds of keys; the kind in a server's certificate decides which suites can be agreed (A00.FR.318)."""

    RSA = "RSA"
    EC = "EC"


class Validity(msgspec.Struct, frozen=True):
    """From when and for how long a certificate is valid."""

    not_before: datetime | None = None
    """None: `SLACK` ago by the operating system's clock."""
    length: timedelta = 397 * DAY

    def span(self) -> tuple[datetime, datetime]:
        """Return both ends."""
        start = self.not_before or datetime.now(UTC) - SLACK
        return start, start + self.length


class Issued(msgspec.Struct, frozen=True):
    """A certificate with its key, PEM text."""

    chain: str
    """The certificate, and below it those that lead to the root (without the root)."""
    key: str

    def __repr__(self) -> str:
        return "Issued(...)"


class Party(msgspec.Struct, frozen=True):
    """Who signs: the name and the key of an issuer."""

    name: x509.Name
    key: PrivateKey


def new_key(kind: KeyKind = KeyKind.RSA) -> PrivateKey:
    """Make a private key: RSA of 2048 bits, or P-256."""
    if kind is KeyKind.EC:
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def subject(common_name: str, organization: str) -> x509.Name:
    """Make a subject of CN and O (A00.FR.509, A00.FR.510, A00.FR.511)."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
        ]
    )


def alternative_names(names: Sequence[str], ips: Sequence[str]) -> x509.SubjectAlternativeName:
    """Make a subjectAltName of DNS names and addresses."""
    addresses = [x509.IPAddress(ip_address(ip)) for ip in ips]
    return x509.SubjectAlternativeName([*(x509.DNSName(name) for name in names), *addresses])


def root_certificate(party: Party, validity: Validity, issuer: Party | None = None) -> x509.Certificate:
    """Make the certificate of an authority, self-signed or signed by the one that it replaces (M05.FR.10)."""
    above = issuer or party
    builder = _builder(party.name, party.key.public_key(), above, validity)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return _signed(builder.add_extension(_usage(authority=True), critical=True), above.key)


def leaf_certificate(
    name: x509.Name,
    key: PublicKey,
    issuer: Party,
    validity: Validity,
    alternative: x509.SubjectAlternativeName | None = None,
    *,
    short: bool = False,
) -> x509.Certificate:
    """Make the certificate of a server or a charging station.

    Without extendedKeyUsage, as A00.FR.514 advises; a short one has no extension but keyUsage (A00.FR.512), for
    stations that take no longer ones (MaxCertificateChainSize).
    """
    builder = _basic_builder(name, key, issuer, validity) if short else _builder(name, key, issuer, validity)
    if not short:
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(encipher=isinstance(key, rsa.RSAPublicKey)), critical=True)
    if alternative is not None:
        builder = builder.add_extension(alternative, critical=False)
    return _signed(builder, issuer.key)


def _builder(name: x509.Name, key: PublicKey, issuer: Party, validity: Validity) -> x509.CertificateBuilder:
    return (
        _basic_builder(name, key, issuer, validity)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
    )


def _basic_builder(name: x509.Name, key: PublicKey, issuer: Party, validity: Validity) -> x509.CertificateBuilder:
    start, end = validity.span()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.name)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
    )


def _usage(*, authority: bool = False, encipher: bool = False) -> x509.KeyUsage:
    """Make a keyUsage (A00.FR.512); TLS_RSA suites encipher with the server's key."""
    return x509.KeyUsage(
        digital_signature=not authority,
        key_encipherment=encipher,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _signed(builder: x509.CertificateBuilder, key: PrivateKey) -> x509.Certificate:
    """Sign with SHA-256, and RSA-PSS or ECDSA (A00.FR.505, A00.FR.506)."""
    if isinstance(key, rsa.RSAPrivateKey):
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
        return builder.sign(key, hashes.SHA256(), rsa_padding=pss)
    return builder.sign(key, hashes.SHA256())


def certificate_pem(certificate: x509.Certificate) -> str:
    """Return the PEM text of a certificate."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def key_pem(key: PrivateKey) -> str:
    """Return the PEM text of a private key, not encrypted."""
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(encoding, form, serialization.NoEncryption())
    _SOUND.add(pem)
    return pem.decode()


def read_key(pem: bytes) -> PrivateKey:
    """Read a private key. Raises ValueError for one that cannot be read, or is of another kind."""
    key = serialization.load_pem_private_key(pem, password=None, unsafe_skip_rsa_key_validation=pem in _SOUND)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError("the private key is neither RSA nor of an elliptic curve")
    _SOUND.add(pem)
    return key


class _Sound:
    """The keys that this process has made or validated, by the digests of their texts.

    To validate an RSA key costs as much as to make one; a text that has been changed is another one.
    """

    MOST = 1000

    def __init__(self) -> None:
        self._digests: set[bytes] = set()

    def __contains__(self, pem: bytes) -> bool:
        return sha256(pem).digest() in self._digests

    def add(self, pem: bytes) -> None:
        if len(self._digests) >= self.MOST:
            self._digests.clear()
        self._digests.add(sha256(pem).digest())


_SOUND = _Sound()
