"""Firmware images and authorities for the benches of the lab; keys are made once a process, for they take a while."""

import functools
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

from ohmstead.edge.authority import Authority
from ohmstead.edge.certificates import Party, PrivateKey, Validity, new_key, root_certificate, subject
from ohmstead.edge.firmware_package import FirmwareKeys
from ohmstead.lab.bench import Firmware, FirmwareKind
from ohmstead.ports.firmware import Fault, Image, packed
from ohmstead.product.profile import Product

ALWAYS = Validity(datetime(2025, 1, 1, tzinfo=UTC), timedelta(days=3650))
"""Valid at the time of every bench: memory has its own, the wire that of the operating system."""
VERSION = "lab-2.0"
PROGRAM = bytes(200_000)
"""Long enough that the download can be caught while it runs."""
FAULTS = {FirmwareKind.DoesNotBoot: Fault.DoesNotBoot, FirmwareKind.DoesNotConnect: Fault.DoesNotConnect}


@functools.cache
def _keys(manufacturer: str) -> FirmwareKeys:
    return FirmwareKeys.generate(manufacturer, validity=ALWAYS)


@functools.cache
def other_authority(number: int, *, successor: bool = False) -> Authority:
    """Return a CSMS authority that no station trusts from the start, one a number.

    Args:
        number: 2, 3 ...
        successor: its root is signed by the one that stations are born with (AdditionalRootCertificateCheck).
    """
    name = f"Lab CSMS Root {number}"
    if not successor:
        return Authority.generate(name, validity=ALWAYS)
    first, key = _first(), new_key()
    start, end = ALWAYS.span()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject(name, "Ohmstead Lab"))
        .issuer_name(first.name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return Authority(builder.sign(_rsa(first.key), hashes.SHA256()), key)


def authority_of(number: int, product: Product, *, own_root: bool) -> Authority:
    """Return the authority behind an endpoint of a bench."""
    return other_authority(number, successor=product.has("AS-2")) if own_root else born_with()


@functools.cache
def _first() -> Party:
    return Party(subject("Lab CSMS Root 1", "Ohmstead Lab"), new_key())


@functools.cache
def born_with() -> Authority:
    """Return the authority whose root stations are born with."""
    party = _first()
    return Authority(root_certificate(party, ALWAYS), party.key)


def _rsa(key: PrivateKey) -> rsa.RSAPrivateKey:
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("the lab's authorities have RSA keys")
    return key


def image(kind: FirmwareKind, product: Product) -> bytes:
    """Return the content of an image for a product."""
    identity = product.identity
    data = packed(
        Image(vendor=identity.vendor_name, model=identity.model, version=VERSION, fault=FAULTS.get(kind)), PROGRAM
    )
    # The signature is over what is sent, so a program that is not what its header says is found only at installation.
    return data[:-1] + b"!" if kind is FirmwareKind.BrokenAtInstall else data


def firmware(kind: FirmwareKind, url: str, content: bytes) -> Firmware:
    """Return what UpdateFirmware tells of an image that lies at a URL."""
    good = _keys("Lab")
    signer = _keys("Stranger") if kind is FirmwareKind.UntrustedSigner else good
    signature = signer.sign(b"another file" if kind is FirmwareKind.BadSignature else content)
    return Firmware(url=url, certificate=signer.certificate, signature=signature, root=good.root, version=VERSION)
