"""Certificates as nobody should make them: any extension left out or put in, signed with what is no longer sound."""

import base64
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from msgspec.structs import replace

from ohmstead.edge.certificate_builder import KeyKind, Party, PublicKey, Validity, certificate_pem, new_key, subject

_RSA_SIGNATURES = bytes.fromhex("2a864886f70d0101")
"""The object identifiers of RSA signatures, but for their last number."""
_SHA256 = _RSA_SIGNATURES + b"\x0b"
UNSOUND: dict[str, tuple[hashes.HashAlgorithm, bytes]] = {
    "sha1": (hashes.SHA1(), _RSA_SIGNATURES + b"\x05"),
    "md5": (hashes.MD5(), _RSA_SIGNATURES + b"\x04"),
}


@cache
def party(name: str, organization: str = "Ohmstead", kind: KeyKind = KeyKind.RSA) -> Party:
    """Return somebody who signs, the same each time."""
    return Party(subject(name, organization), new_key(kind))


def usage(*, signs: bool = True, certifies: bool = False) -> x509.KeyUsage:
    """Return a keyUsage."""
    return x509.KeyUsage(
        digital_signature=signs,
        key_cert_sign=certifies,
        key_encipherment=True,
        crl_sign=False,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def forged(
    owner: x509.Name,
    key: PublicKey | ed25519.Ed25519PublicKey,
    issuer: Party,
    validity: Validity,
    *,
    authority: bool | None = False,
    key_usage: x509.KeyUsage | None = None,
    alternative: x509.SubjectAlternativeName | None = None,
) -> x509.Certificate:
    """Return a certificate, signed with PKCS #1 v1.5 or ECDSA and SHA-256; `authority` None: no basicConstraints."""
    start, end = validity.span()
    builder = x509.CertificateBuilder(
        issuer_name=issuer.name,
        subject_name=owner,
        public_key=key,
        serial_number=x509.random_serial_number(),
        not_valid_before=start,
        not_valid_after=end,
    )
    if authority is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    if key_usage is not None:
        builder = builder.add_extension(key_usage, critical=True)
    if alternative is not None:
        builder = builder.add_extension(alternative, critical=False)
    return builder.sign(issuer.key, hashes.SHA256())


def pem(der: bytes, label: str = "CERTIFICATE") -> str:
    """Return bytes as PEM text."""
    text = base64.b64encode(der).decode()
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"


def der_of(certificate: str) -> bytes:
    """Return the bytes of a PEM certificate."""
    return x509.load_pem_x509_certificate(certificate.encode()).public_bytes(serialization.Encoding.DER)


def unsound(certificate: x509.Certificate, issuer: Party, how: str) -> str:
    """Sign a certificate of PKCS #1 v1.5 and SHA-256 again, with a hash that is no longer sound."""
    algorithm, identifier = UNSOUND[how]
    assert isinstance(issuer.key, rsa.RSAPrivateKey)
    body = certificate.tbs_certificate_bytes.replace(_SHA256, identifier)
    signature = issuer.key.sign(body, padding.PKCS1v15(), algorithm)
    whole = certificate.public_bytes(serialization.Encoding.DER)
    head = whole[: len(whole) - len(certificate.signature)]
    return pem(head.replace(_SHA256, identifier) + signature)


def trailing(certificate: str) -> str:
    """Return a certificate whose text goes on behind its end."""
    return pem(der_of(certificate) + b"and more")


def bent(certificate: str) -> str:
    """Return a certificate with one bit of its signature turned over."""
    der = der_of(certificate)
    return pem(der[:-1] + bytes([der[-1] ^ 1]))


@cache
def weak_key() -> rsa.RSAPrivateKey:
    """Return a key that is too short."""
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)


@cache
def short_curve() -> ec.EllipticCurvePrivateKey:
    """Return a key on a curve that is too short."""
    return ec.generate_private_key(ec.SECP192R1())


@cache
def edwards_key() -> ed25519.Ed25519PrivateKey:
    """Return a key of a kind that OCPP does not know."""
    return ed25519.Ed25519PrivateKey.generate()


def self_signed(who: Party, validity: Validity, *, authority: bool | None, certifies: bool | None = None) -> str:
    """Return what somebody signed for himself."""
    key_usage = None if certifies is None else usage(signs=not authority, certifies=certifies)
    made = forged(who.name, who.key.public_key(), who, validity, authority=authority, key_usage=key_usage)
    return certificate_pem(made)


def with_key(who: Party, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> Party:
    """Return somebody with another key."""
    return replace(who, key=key)
