"""A certificate authority of our own: for the embedded CSMS, made at its first start, and for the lab.

By its arguments it also issues what a station must refuse: expired, not yet valid, for another name, with a wildcard,
with a CN only, vouched for by nobody.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ohmstead.edge.certificate_builder import (
    DAY,
    YEAR,
    Issued,
    KeyKind,
    Party,
    PrivateKey,
    PublicKey,
    Validity,
    alternative_names,
    certificate_pem,
    key_pem,
    leaf_certificate,
    new_key,
    read_key,
    root_certificate,
    subject,
)
from ohmstead.edge.private_files import private_directory, write_new, write_private

ORGANIZATION = "Ohmstead"
RENEWAL = 30 * DAY
"""A server certificate with less than this left is made anew."""

DEFAULT_VALIDITY = Validity()
_ROOT_VALIDITY = Validity(length=20 * YEAR)
_AUTHORITY, _ROOT = "authority.pem", "root.pem"
_SERVER = {KeyKind.RSA: "server.pem", KeyKind.EC: "server-ec.pem"}


class CsrRefused(Exception):
    """A certificate signing request that is not signed; the text says why."""


class Authority:
    """One root certificate and its key."""

    def __init__(self, certificate: x509.Certificate, key: PrivateKey) -> None:
        self._certificate = certificate
        self._issuer = Party(certificate.subject, key)

    @property
    def root(self) -> str:
        """PEM root certificate, which those who trust this authority install."""
        return certificate_pem(self._certificate)

    @classmethod
    def generate(
        cls,
        common_name: str = "Ohmstead Root CA",
        organization: str = ORGANIZATION,
        *,
        kind: KeyKind = KeyKind.RSA,
        validity: Validity = _ROOT_VALIDITY,
    ) -> "Authority":
        """Make a new authority, in memory only."""
        party = Party(subject(common_name, organization), new_key(kind))
        return cls(root_certificate(party, validity), party.key)

    def successor(self, common_name: str, *, validity: Validity = _ROOT_VALIDITY) -> "Authority":
        """Make an authority whose root is signed by this one (AdditionalRootCertificateCheck, M05.FR.10)."""
        party = Party(subject(common_name, ORGANIZATION), new_key())
        return Authority(root_certificate(party, validity, self._issuer), party.key)

    @classmethod
    def create(cls, directory: Path, kind: KeyKind = KeyKind.RSA) -> "Authority":
        """Make a new authority and keep it in a directory; one that is there already stays, and is returned."""
        # The issuer's name is in each certificate that it signs: one of an elliptic curve is for short ones.
        authority = cls.generate() if kind is KeyKind.RSA else cls.generate("Root", "CSMS", kind=kind)
        private_directory(directory)
        # key and certificate in one file: there is no moment at which only one of them exists
        if not write_new(directory / _AUTHORITY, key_pem(authority._issuer.key) + authority.root):
            return cls.load(directory)
        write_private(directory / _ROOT, authority.root)
        return authority

    @classmethod
    def load(cls, directory: Path) -> "Authority":
        """Read the authority of a directory. Raises FileNotFoundError, or ValueError if it is damaged."""
        data = (directory / _AUTHORITY).read_bytes()
        certificate, key = x509.load_pem_x509_certificate(data), read_key(data)
        if certificate.public_key() != key.public_key():
            raise ValueError(f"certificate and key in {_AUTHORITY} do not belong together")
        authority = cls(certificate, key)
        copy = directory / _ROOT
        if not copy.exists() or copy.read_text() != authority.root:
            write_private(copy, authority.root)
        return authority

    @classmethod
    def load_or_create(cls, directory: Path, kind: KeyKind = KeyKind.RSA) -> "Authority":
        """Read the authority of a directory, or make it at the first start. Raises ValueError if it is damaged."""
        try:
            return cls.load(directory)
        except FileNotFoundError:
            return cls.create(directory, kind)

    def issue_server(
        self,
        names: Sequence[str],
        ips: Sequence[str] = (),
        *,
        common_name: str | None = None,
        organization: str = ORGANIZATION,
        san: bool = True,
        kind: KeyKind = KeyKind.RSA,
        validity: Validity = DEFAULT_VALIDITY,
    ) -> Issued:
        """Issue the certificate of a CSMS.

        Args:
            names: DNS names; with `*` only for what a station must refuse.
            ips: addresses.
            common_name: None: the first name (A00.FR.510: the FQDN of the endpoint).
            organization: of the subject (A00.FR.509).
            san: False: no subjectAltName, the CN alone says who it is.
            kind: of its key.
            validity: when it is valid.
        """
        name = subject(common_name if common_name is not None else [*names, *ips][0], organization)
        return self._issue(name, new_key(kind), validity, alternative_names(names, ips) if san else None)

    def issue_client(
        self,
        common_name: str,
        organization: str = ORGANIZATION,
        *,
        key: PrivateKey | None = None,
        validity: Validity = DEFAULT_VALIDITY,
        room: int | None = None,
    ) -> Issued:
        """Issue the certificate of a charging station.

        Args:
            common_name: the station's serial number (A00.FR.511).
            organization: of the subject (A00.FR.509).
            key: None: a new one of RSA.
            validity: when it is valid.
            room: see `sign_csr`.
        """
        own = key or new_key()
        return Issued(self._certify(subject(common_name, organization), own.public_key(), validity, room), key_pem(own))

    def _issue(
        self, name: x509.Name, key: PrivateKey, validity: Validity, alternative: x509.SubjectAlternativeName | None
    ) -> Issued:
        certificate = leaf_certificate(name, key.public_key(), self._issuer, validity, alternative)
        return Issued(certificate_pem(certificate), key_pem(key))

    def sign_csr(self, csr: str, *, validity: Validity = DEFAULT_VALIDITY, room: int | None = None) -> str:
        """Sign a PEM certificate signing request (A02) and return the PEM certificate.

        Of the request only subject and key are taken over. Raises CsrRefused if it cannot be read, is not signed with
        its own key, or has a key that is too weak (A00.FR.502, A00.FR.503) or of another kind.

        Args:
            csr: the request.
            validity: when the certificate is valid.
            room: bytes that the station takes (MaxCertificateChainSize); what would be longer goes without the
                extensions that nobody insists on. It may still be longer. None: no limit.
        """
        try:
            request = x509.load_pem_x509_csr(csr.encode())
            key = request.public_key()
        except ValueError as error:
            raise CsrRefused(f"not a certificate signing request: {error}") from None
        if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
            raise CsrRefused("the key is neither RSA nor of an elliptic curve")
        if key.key_size < (2048 if isinstance(key, rsa.RSAPublicKey) else 224):
            raise CsrRefused(f"a key of {key.key_size} bits is too weak")
        if not request.is_signature_valid:
            raise CsrRefused("the request is not signed with its own key")
        return self._certify(request.subject, key, validity, room)

    def _certify(self, name: x509.Name, key: PublicKey, validity: Validity, room: int | None) -> str:
        chain = certificate_pem(leaf_certificate(name, key, self._issuer, validity))
        if room is None or len(chain) <= room:
            return chain
        return certificate_pem(leaf_certificate(name, key, self._issuer, validity, short=True))

    def server_certificate(
        self, directory: Path, names: Sequence[str], ips: Sequence[str] = (), *, kind: KeyKind = KeyKind.RSA
    ) -> Issued:
        """Return the server certificate of one kind of key that is kept in a directory.

        A new one is made if there is none, its names are others, it is not ours, or its end is near.
        """
        path = directory / _SERVER[kind]
        with suppress(FileNotFoundError, ValueError):
            data = path.read_bytes()
            certificate, key = x509.load_pem_x509_certificate(data), read_key(data)
            if self._serves(certificate, names, ips) and certificate.public_key() == key.public_key():
                return Issued(certificate_pem(certificate), key_pem(key))
        issued = self.issue_server(names, ips, kind=kind)
        private_directory(directory)
        write_private(path, issued.key + issued.chain)
        return issued

    def _serves(self, certificate: x509.Certificate, names: Sequence[str], ips: Sequence[str]) -> bool:
        try:
            certificate.verify_directly_issued_by(self._certificate)
            carried = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
            return False
        now = datetime.now(UTC)
        in_time = certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc - RENEWAL
        return in_time and set(carried) == set(alternative_names(names, ips))


def self_signed(names: Sequence[str], *, kind: KeyKind = KeyKind.RSA, validity: Validity = DEFAULT_VALIDITY) -> Issued:
    """Make a server certificate that nobody vouches for but itself; a station must refuse it."""
    party = Party(subject(names[0], ORGANIZATION), new_key(kind))
    alternative = alternative_names(names, ())
    certificate = leaf_certificate(party.name, party.key.public_key(), party, validity, alternative)
    return Issued(certificate_pem(certificate), key_pem(party.key))
