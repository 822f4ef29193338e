"""Firmware images for the benches of the lab, signed as L01.FR.04 and L01.FR.12 want it, and wrong ones."""

import base64
import functools
from datetime import UTC, datetime, timedelta

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from ohmstead.edge.authority import Authority
from ohmstead.edge.certificates import (
    Party,
    PrivateKey,
    Validity,
    certificate_pem,
    leaf_certificate,
    new_key,
    root_certificate,
    subject,
)
from ohmstead.lab.bench import Firmware, FirmwareKind

ALWAYS = Validity(datetime(2025, 1, 1, tzinfo=UTC), timedelta(days=3650))
"""Valid at the time of every bench: memory has its own, the wire that of the operating system."""
VERSION = "lab-2.0"
PADDING = 200_000
"""Bytes of the image, so that its download can be caught while it runs."""


class Signer(msgspec.Struct, frozen=True):
    """A signing certificate with its key and its root."""

    root: str
    certificate: str
    key: PrivateKey


@functools.cache
def signer(name: str) -> Signer:
    """Return the signer of this name; made once a process, for keys take a while."""
    party = Party(subject(f"{name} Root", "Ohmstead Lab"), new_key())
    key = new_key()
    leaf = leaf_certificate(subject(f"{name} Firmware", "Ohmstead Lab"), key.public_key(), party, ALWAYS)
    return Signer(certificate_pem(root_certificate(party, ALWAYS)), certificate_pem(leaf), key)


@functools.cache
def other_authority(number: int) -> Authority:
    """Return a CSMS authority that no station trusts from the start, one a number."""
    return Authority.generate(f"Lab CSMS Root {number}", validity=ALWAYS)


def image(kind: FirmwareKind) -> bytes:
    """Return the content of an image, in the format of the simulated bootloader (decided case 17)."""
    fault = {"fault": "install"} if kind is FirmwareKind.BrokenAtInstall else {}
    return msgspec.json.encode({"version": VERSION, **fault, "padding": "." * PADDING})


def firmware(kind: FirmwareKind, url: str, content: bytes) -> Firmware:
    """Return what UpdateFirmware tells of an image that lies at a URL."""
    good = signer("Manufacturer")
    by = signer("Stranger") if kind is FirmwareKind.UntrustedSigner else good
    signed = b"another file" if kind is FirmwareKind.BadSignature else content
    assert isinstance(by.key, rsa.RSAPrivateKey)
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    signature = base64.b64encode(by.key.sign(signed, scheme, hashes.SHA256())).decode()
    return Firmware(url=url, certificate=by.certificate, signature=signature, root=good.root, version=VERSION)
