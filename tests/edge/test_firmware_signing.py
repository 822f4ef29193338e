"""Signatures of firmware: the keys that sign, and everything that a station must not believe."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from ohmstead.edge.certificate_builder import (
    DAY,
    KeyKind,
    Party,
    Validity,
    certificate_pem,
    leaf_certificate,
    new_key,
    root_certificate,
    subject,
)
from ohmstead.edge.firmware_package import FirmwareKeys, NoKeys
from ohmstead.edge.signatures import X509Signatures
from tests.pieces import signed

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SPAN = Validity(NOW - DAY, 100 * DAY)
IMAGE = [b"a firmware ", b"image"]
JUDGE = X509Signatures()


@cache
def keys() -> FirmwareKeys:
    """Return good keys."""
    return FirmwareKeys.generate(validity=SPAN)


def issued(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey, validity: Validity = SPAN) -> tuple[str, str]:
    """Return a signing certificate for a key, and its root."""
    issuer = Party(subject("Root", "Maker"), new_key(KeyKind.EC))
    leaf = leaf_certificate(subject("Signer", "Maker"), key, issuer, validity)
    return certificate_pem(leaf), certificate_pem(root_certificate(issuer, SPAN))


def test_what_the_keys_sign_is_believed() -> None:
    assert JUDGE.fault(keys().certificate, [keys().root], NOW) is None
    assert signed(keys().certificate, keys().sign(b"".join(IMAGE)), IMAGE)


def test_a_signature_may_be_broken_into_lines() -> None:
    signature = keys().sign(b"".join(IMAGE))
    assert signed(keys().certificate, f"{signature[:64]}\n{signature[64:]}\n", IMAGE)


@pytest.mark.parametrize("signature", ["", "!", "AAAA", "ü", "A" * 800])
def test_what_is_no_signature_is_not_believed(signature: str) -> None:
    assert not signed(keys().certificate, signature, IMAGE)


def test_another_image_or_another_signer_is_not_believed() -> None:
    signature = keys().sign(b"".join(IMAGE))
    assert not signed(keys().certificate, signature, [b"another image"])
    assert not signed(FirmwareKeys.generate("Other").certificate, signature, IMAGE)


def test_an_old_padding_is_not_believed() -> None:
    """L01.FR.04: RSA-PSS, not PKCS #1 v1.5."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate, _ = issued(key.public_key())
    old = base64.b64encode(key.sign(b"".join(IMAGE), padding.PKCS1v15(), hashes.SHA256())).decode()
    assert not signed(certificate, old, IMAGE)


def test_a_signer_below_a_sub_authority_that_comes_along_is_trusted() -> None:
    root = Party(subject("Root", "Maker"), new_key(KeyKind.EC))
    sub = Party(subject("Sub", "Maker"), new_key(KeyKind.EC))
    middle = _authority(sub, root)
    leaf = leaf_certificate(subject("Signer", "Maker"), new_key().public_key(), sub, SPAN)
    chain = certificate_pem(leaf) + certificate_pem(middle)
    roots = [certificate_pem(root_certificate(root, SPAN))]
    assert JUDGE.fault(chain, roots, NOW) is None
    assert JUDGE.fault(certificate_pem(leaf), roots, NOW) is not None


def _authority(party: Party, issuer: Party) -> x509.Certificate:
    """Return the certificate of an authority below another."""
    own = root_certificate(party, SPAN)
    builder = x509.CertificateBuilder(
        issuer_name=issuer.name,
        subject_name=party.name,
        public_key=own.public_key(),
        serial_number=own.serial_number,
        not_valid_before=own.not_valid_before_utc,
        not_valid_after=own.not_valid_after_utc,
    )
    for extension in own.extensions:
        if not isinstance(extension.value, x509.AuthorityKeyIdentifier):
            builder = builder.add_extension(extension.value, extension.critical)
    return builder.sign(issuer.key, hashes.SHA256())


def _weak() -> tuple[str, str]:
    return issued(rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key())


def _no_rsa() -> tuple[str, str]:
    key = new_key(KeyKind.EC).public_key()
    return issued(key)


def _stranger() -> tuple[str, str]:
    return FirmwareKeys.generate("Stranger", validity=SPAN).certificate, keys().root


def _early() -> tuple[str, str]:
    return issued(new_key().public_key(), Validity(NOW + DAY, DAY))


def _late() -> tuple[str, str]:
    return issued(new_key().public_key(), Validity(NOW - 10 * DAY, DAY))


def _authority_as_signer() -> tuple[str, str]:
    party = Party(subject("Root", "Maker"), new_key())
    root = certificate_pem(root_certificate(party, SPAN))
    return root, root


@pytest.mark.parametrize("make", [_weak, _no_rsa, _stranger, _early, _late, _authority_as_signer])
def test_a_certificate_that_must_not_sign_is_found_out(make: Callable[[], tuple[str, str]]) -> None:
    """L01.FR.12, L01.FR.22."""
    certificate, root = make()
    assert JUDGE.fault(certificate, [root], NOW)


@pytest.mark.parametrize("text", ["", "not PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "ü"])
def test_what_is_no_certificate_is_found_out(text: str) -> None:
    assert JUDGE.fault(text, [keys().root], NOW)
    assert not signed(text, keys().sign(b""), [])


def test_a_root_that_is_over_vouches_for_nobody() -> None:
    assert JUDGE.fault(keys().certificate, [keys().root], NOW + timedelta(days=200))


def test_keys_are_kept_in_a_folder_for_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    keys().save(folder)
    assert FirmwareKeys.load(folder) == keys()
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_a_folder_without_keys_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoKeys):
        FirmwareKeys.load(tmp_path)
