"""X.509 certificates read with `cryptography`, which is loaded at the first use: it costs start-up time and 15 MB."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ohmstead.ports.certificate_reader import CertificateFacts, CertificateRefused, Identifiers

if TYPE_CHECKING:
    from cryptography import x509

_RSA_BITS, _EC_BITS = 2048, 224
"""A00.FR.502, A00.FR.503."""


class X509Reader:
    """Implements `ports.certificate_reader.CertificateReader`."""

    def read(self, pem: str) -> CertificateFacts:
        """Return the facts of exactly one certificate."""
        certificate, *others = _load_all(pem)
        if others:
            raise CertificateRefused(f"{1 + len(others)} certificates instead of one")
        with _readable():
            _check_key(certificate)
            return CertificateFacts(
                is_authority=_is_authority(certificate),
                not_before=certificate.not_valid_before_utc,
                not_after=certificate.not_valid_after_utc,
            )

    def signed_by(self, pem: str, issuer: str) -> bool:
        """Say whether one certificate carries the signature and the issuer's name of another."""
        from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

        try:
            _load(pem).verify_directly_issued_by(_load(issuer))
        except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
            return False
        return True

    def identifiers(self, pem: str, issuer: str) -> Identifiers:
        """Return what the hash data of a certificate are made of."""
        certificate = _load(pem)
        with _readable():
            return Identifiers(
                issuer_name=certificate.issuer.public_bytes(),
                issuer_key=_key_bits(_load(issuer)),
                serial_number=certificate.serial_number,
            )


@contextmanager
def _readable() -> Iterator[None]:
    """Refuse what is a certificate by its frame, while a part of it, such as its key, cannot be read."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        yield
    except (UnsupportedAlgorithm, x509.DuplicateExtension, x509.InvalidVersion, ValueError, TypeError) as error:
        raise CertificateRefused(f"a certificate that cannot be read: {str(error).splitlines()[0]}") from None


def _load(pem: str) -> x509.Certificate:
    """Return the first certificate of a text."""
    return _load_all(pem)[0]


def _load_all(pem: str) -> list[x509.Certificate]:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except (ValueError, x509.InvalidVersion):
        raise CertificateRefused("not an X.509 certificate in PEM form") from None


def _check_key(certificate: x509.Certificate) -> None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateRefused("its public key cannot be read") from None
    if isinstance(key, rsa.RSAPublicKey):
        enough = key.key_size >= _RSA_BITS
    elif isinstance(key, ec.EllipticCurvePublicKey):
        enough = key.key_size >= _EC_BITS
    else:
        raise CertificateRefused("its key is neither RSA nor of an elliptic curve")
    if not enough:
        raise CertificateRefused(f"a key of {key.key_size} bits is too weak")


def _is_authority(certificate: x509.Certificate) -> bool:
    """Say whether basicConstraints, and keyUsage where there is one, let it sign certificates."""
    from cryptography import x509

    try:
        extensions = certificate.extensions
        if not extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
        return extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound as missing:
        return missing.oid == x509.KeyUsage.oid
    except ValueError:
        raise CertificateRefused("its extensions cannot be read") from None


def _key_bits(certificate: x509.Certificate) -> bytes:
    """Return the subjectPublicKey of a certificate: PKCS #1 for RSA, the point for an elliptic curve."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    raise CertificateRefused("its key is neither RSA nor of an elliptic curve")
