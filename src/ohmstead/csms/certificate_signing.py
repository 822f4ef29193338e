"""Names in certificates, and the signing of a station's own (A02, A03)."""

import logging

from ohmstead.csms.station_session import StationSession
from ohmstead.wire import messages as m

_log = logging.getLogger(__name__)


class NotSigned(Exception):
    """A certificate signing request is refused; the text says why."""


def common_name(subject: str) -> str | None:
    """Return the common name of an RFC 4514 subject; None if there is none, or more than one."""
    from cryptography import x509  # costs memory that a CSMS without client certificates does not need

    try:
        names = x509.Name.from_rfc4514_string(subject).get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    except ValueError:
        return None
    return str(names[0].value) if len(names) == 1 else None


def organization(subject: str) -> str | None:
    """Return the organizationName of an RFC 4514 subject; None if there is none, or more than one."""
    from cryptography import x509

    try:
        names = x509.Name.from_rfc4514_string(subject).get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
    except ValueError:
        return None
    return str(names[0].value) if len(names) == 1 else None


def sign(request: m.SignCertificateRequest, session: StationSession) -> str:
    """Return the PEM chain for a station's request. Raises NotSigned: it gets certificates in its own name only."""
    if session.sign_csr is None:
        raise NotSigned("this CSMS has no certificate authority")
    if request.certificate_type is m.CertificateSigningUseEnum.V2GCertificate:
        raise NotSigned("no V2G certificates are signed here")
    subject = _subject_in(request.csr)
    name, owner = common_name(subject), organization(subject)
    if name not in (session.identity, session.serial_number):
        raise NotSigned(f"the common name {name} is not the station's")
    if session.settings.organizations and owner not in session.settings.organizations:
        raise NotSigned(f"the organizationName {owner} is none of this CSMS's (A00.FR.404)")
    try:
        return session.sign_csr(request.csr)
    except Exception as error:  # whatever its reason, the authority is not able to process the request (A02.FR.12)
        _log.warning("%s: the authority signed no certificate: %s", session.identity, error)
        raise NotSigned("the certificate authority refused") from error


async def deliver(session: StationSession, chain: str, use: m.CertificateSigningUseEnum | None) -> None:
    """Give the station its signed certificate."""
    if session.connection is None or session.boot_status is m.RegistrationStatusEnum.Rejected:  # B03.FR.03
        return
    response = await session.connection.call(m.CertificateSignedRequest(certificate_chain=chain, certificate_type=use))
    session.notices.append(f"CertificateSigned: {response.status}")


def _subject_in(csr: str) -> str:
    from cryptography import x509

    try:
        request = x509.load_pem_x509_csr(csr.encode())
        valid = request.is_signature_valid
        subject = request.subject.rfc4514_string()
    except Exception as error:  # the library has several kinds for what a stranger may send
        raise NotSigned("the CSR cannot be read") from error
    if not valid:
        raise NotSigned("the CSR is not signed with its own key")
    return subject
