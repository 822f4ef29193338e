"""X.509 certificates as the station sees them: PEM text, and a reader that knows what is in it."""

from datetime import datetime
from typing import Protocol

import msgspec


class CertificateRefused(Exception):
    """A certificate cannot be read or used; the text says why, in one line."""


class CertificateFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the station wants to know of a certificate."""

    is_authority: bool
    """It may sign other certificates (basicConstraints, keyUsage)."""
    not_before: datetime
    not_after: datetime


class Identifiers(msgspec.Struct, frozen=True, kw_only=True):
    """What the hash data of a certificate are made of (CertificateHashDataType)."""

    issuer_name: bytes
    """The DER encoding of the issuer's distinguished name."""
    issuer_key: bytes
    """The bits of the issuer's public key, without tag and length."""
    serial_number: int


class CertificateReader(Protocol):
    """Reads certificates. PEM text in, plain facts out."""

    def read(self, pem: str) -> CertificateFacts:
        """Return the facts of exactly one certificate. Raises CertificateRefused, also for a key too weak to use."""
        ...

    def signed_by(self, pem: str, issuer: str) -> bool:
        """Say whether one certificate carries the signature, and the issuer's name, of another."""
        ...

    def identifiers(self, pem: str, issuer: str) -> Identifiers:
        """Return what the hash data of the first certificate of a text are made of. Raises CertificateRefused."""
        ...
