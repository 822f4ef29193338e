"""Firmware images and authorities for the rigs of the lab; keys are made once a process, for they take a while."""

import functools
from datetime import UTC, datetime, timedelta

from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import KeyKind, Validity
from ohmstead.edge.firmware_making import image_file, signature_of
from ohmstead.edge.firmware_package import FirmwareKeys
from ohmstead.lab.prerequisites import chain_room
from ohmstead.lab.rig import FirmwareImage, FirmwareKind
from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import Product

ALWAYS = Validity(datetime(2025, 1, 1, tzinfo=UTC), timedelta(days=3650))
"""Valid at the time of every rig: memory has its own, the wire that of the operating system."""
VERSION = "lab-2.0"
ROOM_FOR_RSA = 2000
"""Bytes of a chain (MaxCertificateChainSize) from which on an RSA certificate under an RSA root has room."""
PROGRAM = bytes(200_000)
"""Long enough that the download can be caught while it runs."""


@functools.cache
def _keys(manufacturer: str) -> FirmwareKeys:
    return FirmwareKeys.generate(manufacturer, validity=ALWAYS)


def root_kind(product: Product) -> KeyKind:
    """Return the kind of key of those who sign a product's certificates: RSA where its signatures have room."""
    return KeyKind.RSA if chain_room(product) >= ROOM_FOR_RSA else KeyKind.EC


@functools.cache
def other_authority(number: int, above: Authority | None = None) -> Authority:
    """Return a CSMS authority that no station trusts from the start, one a number.

    Args:
        number: 2, 3 ...
        above: its root is signed by this one, which the station trusts (AdditionalRootCertificateCheck).
    """
    name = f"Lab CSMS Root {number}"
    return Authority.generate(name, validity=ALWAYS) if above is None else above.successor(name, validity=ALWAYS)


def authority_of(number: int, product: Product, *, own_root: bool, trusted: Authority | None = None) -> Authority:
    """Return the authority behind an endpoint of a rig; None is trusted: the one that stations are born with."""
    trusted = trusted or born_with(product)
    if not own_root:
        return trusted
    return other_authority(number, trusted if product.has(Feature.ADDITIONAL_ROOT_CERTIFICATE_CHECK) else None)


def born_with(product: Product) -> Authority:
    """Return the authority whose root stations of a product are born with."""
    return _born_with(root_kind(product))


@functools.cache
def _born_with(kind: KeyKind) -> Authority:
    # The issuer's name is in each certificate that it signs.
    names = ("Lab CSMS Root 1", "Ohmstead Lab") if kind is KeyKind.RSA else ("Lab 1", "Lab")
    return Authority.generate(*names, kind=kind, validity=ALWAYS)


def image(kind: FirmwareKind, product: Product) -> bytes:
    """Return the content of an image for a product."""
    return image_file(kind, product, VERSION, PROGRAM)


def firmware(kind: FirmwareKind, url: str, content: bytes) -> FirmwareImage:
    """Return what UpdateFirmware tells of an image that lies at a URL."""
    good = _keys("Lab")
    signer = _keys("Stranger") if kind is FirmwareKind.UntrustedSigner else good
    signature = signature_of(kind, content, signer)
    return FirmwareImage(url=url, certificate=signer.certificate, signature=signature, root=good.root, version=VERSION)
