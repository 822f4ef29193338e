"""X.509 as the lab looks at it: what a certificate and a signing request are, and the hash data that name one.

Read with `cryptography`, not with anything of the station, so that a mistake there is not repeated here.
"""

import hashlib

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from ohmstead.wire.identifiers import folded
from ohmstead.wire.messages import CertificateHashData, HashAlgorithmEnum

ENOUGH_BITS = {"RSA": 2048, "DSA": 2048, "EC": 224}
"""A00.FR.502, A00.FR.503."""


class ParsedCertificate(msgspec.Struct, frozen=True, kw_only=True):
    """What the lab wants to know of a certificate or of a signing request."""

    common_name: str
    organization: str
    key_kind: str
    """`RSA`, `DSA` or `EC`; else the name of its type."""
    key_bits: int
    public_key: bytes
    """DER; two keys are the same if this is."""
    signed: bool = True
    """A signing request carries the signature of its own key."""
    serial_number: int = 0
    """Of a certificate."""

    @property
    def strong(self) -> bool:
        """Say whether the key is of a known kind and long enough."""
        return self.key_bits >= ENOUGH_BITS.get(self.key_kind, self.key_bits + 1)


def read_certificate(pem: str) -> ParsedCertificate:
    """Return the facts of the first certificate of a PEM text. Raises ValueError if there is none."""
    certificate = x509.load_pem_x509_certificate(pem.encode())
    return _facts(certificate, serial_number=certificate.serial_number)


def read_request(csr: str) -> ParsedCertificate:
    """Return the facts of a PEM signing request (RFC 2986). Raises ValueError for anything else."""
    request = x509.load_pem_x509_csr(csr.encode())
    return _facts(request, signed=request.is_signature_valid)


def _facts(
    carrier: x509.Certificate | x509.CertificateSigningRequest, *, signed: bool = True, serial_number: int = 0
) -> ParsedCertificate:
    key = carrier.public_key()
    kind, bits = type(key).__name__, 0
    for name, sort in (("RSA", rsa.RSAPublicKey), ("DSA", dsa.DSAPublicKey), ("EC", ec.EllipticCurvePublicKey)):
        if isinstance(key, sort):
            kind, bits = name, key.key_size
    return ParsedCertificate(
        common_name=_name(carrier.subject, NameOID.COMMON_NAME),
        organization=_name(carrier.subject, NameOID.ORGANIZATION_NAME),
        key_kind=kind,
        key_bits=bits,
        public_key=key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        signed=signed,
        serial_number=serial_number,
    )


def _name(subject: x509.Name, oid: x509.ObjectIdentifier) -> str:
    return ",".join(str(attribute.value) for attribute in subject.get_attributes_for_oid(oid))


def hash_data(
    pem: str, issuer: str | None = None, algorithm: HashAlgorithmEnum = HashAlgorithmEnum.SHA256
) -> CertificateHashData:
    """Return the hash data of a certificate (CertificateHashDataType, RFC 6960).

    Args:
        pem: the certificate.
        issuer: PEM certificate of who signed it; None: it signed itself.
        algorithm: of the hashes.
    """
    certificate = x509.load_pem_x509_certificate(pem.encode())
    above = certificate if issuer is None else x509.load_pem_x509_certificate(issuer.encode())
    return CertificateHashData(
        hash_algorithm=algorithm,
        issuer_name_hash=hashlib.new(algorithm.value, certificate.issuer.public_bytes()).hexdigest(),
        issuer_key_hash=hashlib.new(algorithm.value, _key_bits(above)).hexdigest(),
        serial_number=f"{certificate.serial_number:x}",
    )


def _key_bits(certificate: x509.Certificate) -> bytes:
    """Return the bits of subjectPublicKey without tag and length, which is what RFC 6960 hashes."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    raise ValueError(f"the lab issues no certificates for a {type(key).__name__}")


def issued_by(pem: str, issuer: str) -> bool:
    """Say whether a certificate carries the signature and the issuer's name of another."""
    try:
        x509.load_pem_x509_certificate(pem.encode()).verify_directly_issued_by(
            x509.load_pem_x509_certificate(issuer.encode())
        )
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def names_same(one: CertificateHashData, other: CertificateHashData) -> bool:
    """Say whether two hash data are the same; their digits may be in upper or lower case."""
    return (
        one.hash_algorithm is other.hash_algorithm
        and folded(one.issuer_name_hash) == folded(other.issuer_name_hash)
        and folded(one.issuer_key_hash) == folded(other.issuer_key_hash)
        and folded(one.serial_number) == folded(other.serial_number)
    )
