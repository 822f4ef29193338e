"""Making firmware: the manufacturer's root, the key that signs, and detached signatures (L01.FR.09)."""

import base64
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from ohmstead.edge.certificate_builder import (
    YEAR,
    KeyKind,
    Party,
    Validity,
    certificate_pem,
    key_pem,
    leaf_certificate,
    new_key,
    read_key,
    root_certificate,
    subject,
)
from ohmstead.edge.private_files import private_directory, write_private

ROOT, CERTIFICATE, KEY = "manufacturer-root.pem", "signing-certificate.pem", "signing-key.pem"
"""The files of a key folder."""
LENGTH = Validity(length=10 * YEAR)


class NoKeys(Exception):
    """A folder does not hold what signs firmware; the text says what is missing."""


class FirmwareKeys(msgspec.Struct, frozen=True, kw_only=True):
    """What signs firmware, PEM text."""

    root: str
    """The manufacturer's root certificate, which stations have installed."""
    certificate: str
    """The signing certificate, which UpdateFirmwareRequest carries."""
    key: str

    def __repr__(self) -> str:
        return "FirmwareKeys(...)"

    @classmethod
    def generate(cls, manufacturer: str = "Ohmstead", *, validity: Validity = LENGTH) -> "FirmwareKeys":
        """Make a root and a signing key of RSA with 2048 bits."""
        issuer = Party(subject(f"{manufacturer} Manufacturer Root", manufacturer), new_key(KeyKind.RSA))
        key = new_key(KeyKind.RSA)
        name = subject(f"{manufacturer} Firmware Signing", manufacturer)
        leaf = leaf_certificate(name, key.public_key(), issuer, validity)
        root = certificate_pem(root_certificate(issuer, validity))
        return cls(root=root, certificate=certificate_pem(leaf), key=key_pem(key))

    @classmethod
    def load(cls, directory: Path) -> "FirmwareKeys":
        """Read a key folder. Raises NoKeys."""
        try:
            texts = [(directory / name).read_text("ascii") for name in (ROOT, CERTIFICATE, KEY)]
        except (OSError, UnicodeDecodeError) as error:
            raise NoKeys(f"{directory} holds no keys to sign firmware with: {error}") from None
        return cls(root=texts[0], certificate=texts[1], key=texts[2])

    def save(self, directory: Path) -> None:
        """Write a key folder; what is there already is replaced."""
        private_directory(directory)
        for name, text in ((ROOT, self.root), (CERTIFICATE, self.certificate), (KEY, self.key)):
            write_private(directory / name, text)

    def sign(self, image: bytes) -> str:
        """Return the base64 signature of a file: RSA-PSS with SHA-256 (L01.FR.04). Raises NoKeys for another key."""
        try:
            key = read_key(self.key.encode())
            x509.load_pem_x509_certificate(self.certificate.encode())
        except ValueError as error:
            raise NoKeys(f"the key folder is damaged: {error}") from None
        if not isinstance(key, rsa.RSAPrivateKey):
            raise NoKeys("firmware is signed with an RSA key")
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
        return base64.b64encode(key.sign(image, pss, hashes.SHA256())).decode()
