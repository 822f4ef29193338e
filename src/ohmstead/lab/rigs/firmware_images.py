"""Firmware images and authorities for the rigs of the lab; keys are made once a process, for they take a while."""

import functools
from datetime import UTC, datetime, timedelta

from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import Validity
from ohmstead.edge.firmware_package import FirmwareKeys
from ohmstead.lab.rig import FirmwareImage, FirmwareKind
from ohmstead.ports.firmware import Image, ImageFault, packed
from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import Product

ALWAYS = Validity(datetime(2025, 1, 1, tzinfo=UTC), timedelta(days=3650))
"""Valid at the time of every rig: memory has its own, the wire that of the operating system."""
VERSION = "lab-2.0"
PROGRAM = bytes(200_000)
"""Long enough that the download can be caught while it runs."""
FAULTS = {FirmwareKind.DoesNotBoot: ImageFault.DoesNotBoot, FirmwareKind.DoesNotConnect: ImageFault.DoesNotConnect}


@functools.cache
def _keys(manufacturer: str) -> FirmwareKeys:
    return FirmwareKeys.generate(manufacturer, validity=ALWAYS)


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
    trusted = trusted or born_with()
    if not own_root:
        return trusted
    return other_authority(number, trusted if product.has(Feature.ADDITIONAL_ROOT_CERTIFICATE_CHECK) else None)


@functools.cache
def born_with() -> Authority:
    """Return the authority whose root stations are born with."""
    return Authority.generate("Lab CSMS Root 1", "Ohmstead Lab", validity=ALWAYS)


def image(kind: FirmwareKind, product: Product) -> bytes:
    """Return the content of an image for a product."""
    identity = product.identity
    data = packed(
        Image(vendor=identity.vendor_name, model=identity.model, version=VERSION, fault=FAULTS.get(kind)), PROGRAM
    )
    # The signature is over what is sent, so a program that is not what its header says is found only at installation.
    return data[:-1] + b"!" if kind is FirmwareKind.BrokenAtInstall else data


def firmware(kind: FirmwareKind, url: str, content: bytes) -> FirmwareImage:
    """Return what UpdateFirmware tells of an image that lies at a URL."""
    good = _keys("Lab")
    signer = _keys("Stranger") if kind is FirmwareKind.UntrustedSigner else good
    signature = signer.sign(b"another file" if kind is FirmwareKind.BadSignature else content)
    return FirmwareImage(url=url, certificate=signer.certificate, signature=signature, root=good.root, version=VERSION)
