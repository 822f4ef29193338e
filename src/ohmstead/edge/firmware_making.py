"""Firmware for a simulated station: good, or wrong on purpose, for lab and `run`."""

from ohmstead.edge.firmware_package import FirmwareKeys
from ohmstead.ports.firmware import FirmwareKind, Image, ImageFault, packed
from ohmstead.product.profile import Product

FAULTS = {
    FirmwareKind.DoesNotBoot: ImageFault.DoesNotBoot,
    FirmwareKind.DoesNotConnect: ImageFault.DoesNotConnect,
}


def image_file(kind: FirmwareKind, product: Product, version: str, program: bytes) -> bytes:
    """Return the file of an image for a product; the program is what makes it long, and is never run."""
    identity = product.identity
    image = Image(vendor=identity.vendor_name, model=identity.model, version=version, fault=FAULTS.get(kind))
    data = packed(image, program)
    # The signature is over what is sent, so a program that is not what its header says is found only at installation.
    return data[:-1] + b"!" if kind is FirmwareKind.BrokenAtInstall else data


def signature_of(kind: FirmwareKind, file: bytes, signer: FirmwareKeys) -> str:
    """Return the signature that goes with a file, in base64: its own, or that of another one."""
    return signer.sign(b"another file" if kind is FirmwareKind.BadSignature else file)
