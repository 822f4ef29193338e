"""Fingerprints of certificates, and the numbers of their installations."""

import base64
import hashlib

import pytest

from ohmstead.model.trust_store import Root, TrustStore, fingerprint
from ohmstead.wire.messages import InstallCertificateUseEnum

DER = bytes(range(200))
BODY = base64.b64encode(DER).decode()


def pem(body: str) -> str:
    """Return a PEM text."""
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    "text",
    [
        pem(BODY),
        pem("\r\n".join(BODY[at : at + 64] for at in range(0, len(BODY), 64))),
        f"a remark before it\n{pem(BODY)}",
        pem(BODY) + pem("AAAA"),
    ],
)
def test_the_fingerprint_is_of_the_certificate_not_of_its_spelling(text: str) -> None:
    """As `openssl x509 -fingerprint -sha256` has it."""
    assert fingerprint(text) == hashlib.sha256(DER).hexdigest()


@pytest.mark.parametrize("text", ["", "no certificate", pem("not base64!"), pem(""), pem(BODY[:50] + "*" + BODY[51:])])
def test_a_text_that_is_no_certificate_has_its_own(text: str) -> None:
    """So two of them are told apart."""
    assert fingerprint(text) == hashlib.sha256(text.encode()).hexdigest()


def test_numbers_grow_by_one_with_each_installation() -> None:
    """They begin with 1, and go on after the highest."""
    store = TrustStore([], ())
    assert store.next_number == 1
    use = InstallCertificateUseEnum.CSMSRootCertificate
    store.adopt([Root(use=use, pem=pem(BODY), number=4), Root(use=use, pem=pem("AAAA"), number=2)], [])
    assert store.next_number == 5
