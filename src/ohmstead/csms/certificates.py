"""Names in certificates, and the signing of a station's own (A02, A03)."""

import logging

from ohmstead.csms.desk import Desk
from ohmstead.wire import messages as m

_log = logging.getLogger(__name__)


def common_name(subject: str) -> str | None:
    """Return the common name of an RFC 4514 subject; None if there is none, or more than one."""
    from cryptography import x509  # costs memory that a CSMS without client certificates does not need

    try:
        names = x509.Name.from_rfc4514_string(subject).get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    except ValueError:
        return None
    return str(names[0].value) if len(names) == 1 else None


def unsignable(request: m.SignCertificateRequest, desk: Desk) -> str:
    """Say why a CSR is refused, empty if it is not: a station gets certificates in its own name only (A02.FR.12)."""
    if desk.sign_csr is None:
        return "this CSMS has no certificate authority"
    if request.certificate_type is m.CertificateSigningUseEnum.V2GCertificate:
        return "no V2G certificates are signed here"
    from cryptography import x509  # costs memory that a CSMS without certificates does not need

    try:
        csr = x509.load_pem_x509_csr(request.csr.encode())
    except ValueError:
        return "the CSR cannot be read"
    if not csr.is_signature_valid:
        return "the signature of the CSR is wrong"
    name = common_name(csr.subject.rfc4514_string())
    if name not in (desk.identity, desk.serial_number):
        return f"the common name {name} is not the station's"
    return ""


async def send_certificate(desk: Desk, request: m.SignCertificateRequest) -> None:
    """Have a CSR signed that was accepted, and give the chain to the station."""
    if desk.sign_csr is None or desk.connection is None:
        return
    try:
        chain = desk.sign_csr(request.csr)
    except ValueError as error:
        _log.warning("%s: the certificate was not signed: %s", desk.identity, error)
        return
    signed = m.CertificateSignedRequest(certificate_chain=chain, certificate_type=request.certificate_type)
    response = await desk.connection.call(signed)
    desk.notices.append(f"CertificateSigned: {response.status}")
