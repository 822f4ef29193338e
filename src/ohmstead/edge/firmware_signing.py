"""Firmware signatures with real X.509: RSA-PSS and SHA-256 over the whole image (L01.FR.04, L01.FR.12)."""

import base64
import binascii
from collections.abc import AsyncIterable, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils

DEEPEST = 4
"""Certificates between a signer and its root that are still followed."""
WEAKEST_KEY = 2048
"""Bits of an RSA key (A00.FR.502)."""
READ_ERRORS = (ValueError, TypeError, x509.InvalidVersion, x509.DuplicateExtension)


def fault(certificate: str, roots: Sequence[str], now: datetime) -> str | None:
    """Return why a signing certificate is not to be trusted, or None; see the port."""
    try:
        chain = x509.load_pem_x509_certificates(certificate.encode())
        trusted = [x509.load_pem_x509_certificate(root.encode()) for root in roots]
        return _leaf_fault(chain[0]) or _path_fault(chain, trusted, now)
    except READ_ERRORS as error:
        return f"it cannot be read: {type(error).__name__}"


async def signed(certificate: str, signature: str, content: AsyncIterable[bytes]) -> bool:
    """Say whether the certificate's key signed the content; see the port."""
    try:
        key = x509.load_pem_x509_certificates(certificate.encode())[0].public_key()
        value = base64.b64decode("".join(signature.split()), validate=True)
    except (*READ_ERRORS, binascii.Error):
        return False
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    digest = hashes.Hash(hashes.SHA256())
    async for chunk in content:
        digest.update(chunk)
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)
    try:
        key.verify(value, digest.finalize(), scheme, utils.Prehashed(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _leaf_fault(leaf: x509.Certificate) -> str | None:
    key = leaf.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return "its key is not RSA"
    if key.key_size < WEAKEST_KEY:
        return f"its key of {key.key_size} bits is too weak"
    usage = _usage(leaf)
    if usage is not None and not usage.digital_signature:
        return "its keyUsage does not allow signatures"
    return None


def _path_fault(chain: list[x509.Certificate], roots: list[x509.Certificate], now: datetime) -> str | None:
    """Walk from the signer to a root that is installed; every certificate on the way must be in its time."""
    current, others = chain[0], chain[1:]
    for _ in range(DEEPEST + 1):
        if not current.not_valid_before_utc <= now <= current.not_valid_after_utc:
            return f"{_name(current)} is not valid at {now:%Y-%m-%d}"
        root = next((root for root in roots if root == current or _issued(current, root)), None)
        if root is not None:
            return None if root.not_valid_before_utc <= now <= root.not_valid_after_utc else f"{_name(root)} is over"
        above = next((other for other in others if _issued(current, other)), None)
        if above is None:
            break
        others = [other for other in others if other is not above]
        current = above
    return "no manufacturer root that is installed vouches for it"


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Say whether an authority signed a certificate."""
    usage = _usage(issuer)
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    return constraints.ca and (usage is None or usage.key_cert_sign)


def _usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()[:100]
