"""Hostile firmware: signers, signatures and images; each refused, and the old version charges on."""

import base64
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from ohmstead.edge.certificate_builder import DAY, KeyKind, Party, Validity, certificate_pem, key_pem
from ohmstead.edge.firmware_package import FirmwareKeys
from ohmstead.edge.virtual_time import run
from ohmstead.ports.firmware import MAGIC, packed
from ohmstead.wire import messages as wire
from tests.hostile.firmware import (
    ENDS,
    GOOD,
    MIDDLE,
    PLACE,
    PROGRAM,
    ROOT,
    SIGNER,
    SPAN,
    Seen,
    altered,
    certificate,
    header,
    lives,
    ready,
    root,
    sign,
    signer,
    told,
    update,
    with_header,
)
from tests.hostile.forge import bent, forged, party, pem, self_signed, trailing, unsound, usage, weak_key
from tests.runtime.site import START, site

# Signers

PAST = Validity(START - 9 * DAY, 8 * DAY)


def middle(validity: Validity = SPAN, *, is_authority: bool = True, certifies: bool | None = None) -> str:
    """Return the certificate of the one between signer and root."""
    key_usage = usage(certifies=is_authority if certifies is None else certifies)
    return certificate_pem(
        forged(MIDDLE.name, MIDDLE.key.public_key(), ROOT, validity, authority=is_authority, key_usage=key_usage)
    )


def resigned(how: str) -> str:
    """Return the signing certificate, signed with what is no longer sound."""
    made = forged(SIGNER.name, SIGNER.key.public_key(), ROOT, SPAN, key_usage=usage())
    return unsound(made, ROOT, how)


def of_an_elliptic_curve() -> str:
    """Return a signing certificate for a key that cannot do RSA-PSS."""
    key = party("Curve", kind=KeyKind.EC).key.public_key()
    return certificate_pem(forged(SIGNER.name, key, ROOT, SPAN, key_usage=usage()))


SIGNERS: dict[str, Callable[[], str]] = {
    "expired": lambda: signer(validity=PAST),
    "not yet valid": lambda: signer(validity=Validity(START + DAY, DAY)),
    "of a stranger": lambda: FirmwareKeys.generate("Stranger", validity=SPAN).certificate,
    "of one who has only the name of the root": lambda: signer(Party(ROOT.name, MIDDLE.key)),
    "self-signed": lambda: self_signed(SIGNER, SPAN, authority=False),
    "the root": root,
    "of an elliptic curve": of_an_elliptic_curve,
    "RSA of 1024 bits": lambda: certificate_pem(forged(SIGNER.name, weak_key().public_key(), ROOT, SPAN)),
    "that may not sign": lambda: signer(signs=False),
    "signed with SHA-1": lambda: resigned("sha1"),
    "signed with MD5": lambda: resigned("md5"),
    "with a bent signature": lambda: bent(certificate()),
    "of a chain with a gap": lambda: signer(MIDDLE),
    "below one who is no authority": lambda: signer(MIDDLE) + middle(is_authority=False),
    "below one whose keyUsage alone lets it certify": lambda: (
        signer(MIDDLE) + middle(is_authority=False, certifies=True)
    ),
    "below one who is over": lambda: signer(MIDDLE) + middle(PAST),
    "garbage": lambda: "garbage",
    "not base64": lambda: "-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n",
    "not DER": lambda: pem(bytes(200)),
    "not ASCII": lambda: "-----BEGIN CERTIFICATE-----ü\0-----END CERTIFICATE-----",
    "half of one": lambda: certificate()[:400],
    "one with a tail": lambda: trailing(certificate()),
    "a private key": lambda: key_pem(SIGNER.key),
}


def test_no_hostile_signer_is_trusted() -> None:
    """L01.FR.02, L01.FR.22: InvalidCertificate and its one event, before anything is fetched."""

    async def scene() -> None:
        async with site() as here:
            await ready(here)
            seen = {what: await update(here, signing=make()) for what, make in SIGNERS.items()}
            assert seen == dict.fromkeys(SIGNERS, ("InvalidCertificate", (), ("InvalidFirmwareSigningCertificate",)))
            assert here.servers.transfers == []
            await lives(here)

    assert len(SIGNERS) >= 20
    run(scene(), limit=100_000)


# Signatures


def signed_as(scheme: padding.AsymmetricPadding, algorithm: hashes.HashAlgorithm, by: Party = SIGNER) -> str:
    """Return a signature over the good image that is made in another way."""
    assert isinstance(by.key, rsa.RSAPrivateKey)
    return base64.b64encode(by.key.sign(GOOD, scheme, algorithm)).decode()


def pss(algorithm: hashes.HashAlgorithm) -> padding.PSS:
    """Return RSA-PSS on a hash."""
    return padding.PSS(padding.MGF1(algorithm), padding.PSS.DIGEST_LENGTH)


SIGNATURES: dict[str, Callable[[], str]] = {
    "of another file": lambda: sign(b"another file"),
    "of nothing": lambda: sign(b""),
    "of the file and more": lambda: sign(GOOD + b"\n"),
    "of another key": lambda: signed_as(pss(hashes.SHA256()), hashes.SHA256(), MIDDLE),
    "of the old padding": lambda: signed_as(padding.PKCS1v15(), hashes.SHA256()),
    "of SHA-1": lambda: signed_as(pss(hashes.SHA1()), hashes.SHA1()),
    "of SHA-512": lambda: signed_as(pss(hashes.SHA512()), hashes.SHA512()),
    "in hexadecimal": lambda: base64.b64decode(sign(GOOD)).hex(),
    "cut short": lambda: sign(GOOD)[:-8],
    "without its end": lambda: sign(GOOD).rstrip("="),
    "twice": lambda: sign(GOOD).rstrip("=") * 2,
    "of zeros": lambda: base64.b64encode(bytes(256)).decode(),
    "of ones": lambda: base64.b64encode(b"\xff" * 256).decode(),
    "garbage": lambda: "!",
    "a blank": lambda: " ",
    "not ASCII": lambda: "ü",
    "the longest": lambda: "A" * 800,
    "a certificate": lambda: certificate()[:800],
}


def test_no_hostile_signature_is_believed() -> None:
    """L01.FR.03, L01.FR.04: InvalidSignature and its one event."""

    async def scene() -> None:
        async with site() as here:
            await ready(here)
            seen = {what: await update(here, signature=make()) for what, make in SIGNATURES.items()}
            here.servers.files[PLACE] = GOOD[:-1] + b"?"
            seen["of a file that was changed"] = await update(here, signature=sign(GOOD))
            here.servers.files[PLACE] = b""
            seen["of a file that is empty"] = await update(here, signature=sign(GOOD))
            told_so = "Accepted", ("Downloading", "Downloaded", "InvalidSignature"), ("InvalidFirmwareSignature",)
            assert seen == dict.fromkeys(seen, told_so)
            assert len(seen) >= 20
            await lives(here)

    run(scene(), limit=100_000)


# Images, well signed

IMAGES: dict[str, bytes] = {
    "empty": b"",
    "a script": b"#!/bin/sh\nrm -rf /\n",
    "zeros": bytes(5000),
    "another magic": GOOD.replace(b"FIRMWARE 1", b"FIRMWARE 2"),
    "the magic alone": MAGIC,
    "half the magic": MAGIC[:7],
    "half a header": GOOD[: len(MAGIC) + 20],
    "a header without an end": MAGIC + b"{" * 200_000,
    "a header that is nothing": with_header(b""),
    "a header that is a list": with_header(b"[]"),
    "a header that is too deep": with_header(b'{"vendor":' + b"[" * 20_000),
    "a header that is not UTF-8": with_header(b'{"vendor":"\xff"}'),
    "a header with more to it": altered(run_as="root"),
    "no version": altered(version=""),
    "a version that is a number": altered(version=9),
    "a version that is too long": altered(version="9" * 51),
    "a negative size": altered(size=-1),
    "another size": altered(size=1),
    "another checksum": altered(sha256="0" * 64),
    "another fault": altered(fault="Explodes"),
    "another vendor": packed(header(vendor="Somebody"), PROGRAM),
    "another model": packed(header(model="../../etc/passwd"), PROGRAM),
    "a byte less": GOOD[:-1],
    "a byte more": GOOD + b"!",
}


def test_no_hostile_image_is_installed() -> None:
    """L01.FR.29: signed by the manufacturer and broken all the same, so nothing is put into the slot."""

    async def scene() -> None:
        async with site() as here:
            await ready(here)
            seen = dict[str, Seen]()
            for what, content in IMAGES.items():
                here.servers.files[PLACE] = content
                seen[what] = await update(here)
            steps = "Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallVerificationFailed"
            assert seen == dict.fromkeys(IMAGES, ("Accepted", steps, ()))
            await lives(here)

    assert len(IMAGES) >= 20
    run(scene(), limit=100_000)


def test_what_the_tables_bend_is_good_unbent() -> None:
    """So each of them is refused for the one reason that its name says."""

    async def scene() -> None:
        async with site() as here:
            await ready(here)
            await here.csms.call(
                wire.UpdateFirmwareRequest(
                    request_id=1,
                    firmware=wire.Firmware(
                        location=PLACE,
                        retrieve_date_time=START,
                        signing_certificate=signer(MIDDLE) + middle(),
                        signature=sign(GOOD),
                    ),
                )
            )
            await here.csms.until(lambda: "Installed" in told(here))
            assert here.host.product.identity.firmware_version == "9.9.9"

    run(scene(), limit=100_000)


@pytest.mark.parametrize("settings", [{"ORS-16": "x"}, {"ORS-24": "gopher"}], ids=["no number", "no protocol"])
def test_an_image_that_spoils_the_product_gives_way_to_the_old_one(settings: dict[str, str | int | float]) -> None:
    """What only shows at the boot costs the trial, not the station."""

    async def scene() -> None:
        async with site() as here:
            await ready(here)
            here.servers.files[PLACE] = packed(header(settings=settings), PROGRAM)
            firmware = wire.Firmware(
                location=PLACE,
                retrieve_date_time=START,
                signing_certificate=certificate(),
                signature=sign(here.servers.files[PLACE]),
            )
            await here.csms.call(wire.UpdateFirmwareRequest(request_id=1, firmware=firmware))
            await here.csms.until(lambda: bool(ENDS.intersection(told(here))))
            assert told(here)[-2:] == ("InstallRebooting", "InstallationFailed")
            await lives(here)

    run(scene(), limit=100_000)
