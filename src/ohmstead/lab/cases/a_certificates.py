"""Block A: the station's own certificate is renewed, or not (A02)."""

from ohmstead.lab.cases import states_security
from ohmstead.lab.cases.case import WITH_CERTIFICATE, case
from ohmstead.lab.cases.checks import differs, one_of
from ohmstead.lab.cases.parsed_certificates import ParsedCertificate, read_certificate
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.a_security import CERTIFICATE_IN_USE, FAULTY_CERTIFICATE, FRESH_KEY
from ohmstead.lab.rig import SigningFault
from ohmstead.ports.link import Handshake
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import CertificateSignedStatusEnum, GenericStatusEnum

EVENT = "InvalidChargingStationCertificate"
FRESH, USED = "a fresh one", "that of the old certificate"


@case(
    "TC_A_11_CS",
    "The charging station certificate is renewed",
    requirements=(
        "A02.FR.02",
        "A02.FR.03",
        "A02.FR.06",
        "A02.FR.08",
        "A02.FR.09",
        "F06.FR.04",
        "F06.FR.05",
        "F06.FR.10",
    ),
    readings=(FRESH_KEY, CERTIFICATE_IN_USE),
    profiles=WITH_CERTIFICATE,
    tls=True,
)
async def renew(t: Tester) -> None:
    """A signing request for a fresh key; the signed certificate is Accepted, and the station comes back with it."""
    endpoint = t.endpoint()
    old = _shown(t, endpoint.handshakes[-1], step="before")
    pem = await states_security.renew_charging_station_certificate(t)
    new, shown = read_certificate(pem), _shown(t, endpoint.handshakes[-1], step="after")
    key = USED if new.public_key == old.public_key else FRESH
    t.compare(
        3, "SignCertificateRequest.csr: its key", key, differs(FRESH_KEY, specification=FRESH, tool=one_of(FRESH, USED))
    )
    same = shown.serial_number == new.serial_number
    t.require(
        "after",
        same,
        "TLS handshake: certificate shown, serial number",
        f"{new.serial_number:x}",
        f"{shown.serial_number:x}",
    )


def _shown(t: Tester, handshake: Handshake, *, step: str) -> ParsedCertificate:
    pem = handshake.tls.client_certificate if handshake.tls is not None else None
    if pem is None:
        t.fail(step, "TLS handshake: client certificate", "one", "none")
    return read_certificate(pem)


@case(
    "TC_A_14_CS",
    "Certificates that the station did not ask for",
    requirements=("A02.FR.07", "A03.FR.07"),
    readings=(FAULTY_CERTIFICATE,),
    profiles=WITH_CERTIFICATE,
)
async def invalid(t: Tester) -> None:
    """From an unknown authority, for another key, expired: each is Rejected and reported, the old one stays in use."""
    endpoint = t.endpoint()
    before = endpoint.exchange
    for fault in SigningFault:
        if not await _rejected(t, fault):
            # Nothing follows from a certificate that the station cannot use, and would not have had.
            t.rules.disturbed = True
            return
        await t.quiet(step=f"after {fault}")
        stays = endpoint.connected and endpoint.exchange is before
        t.require(f"after {fault}", stays, "WebSocket connection", "the same", "another one, or none")


async def _rejected(t: Tester, fault: SigningFault) -> bool:
    """Send a certificate with a fault, of which the official case tries the first; returns whether it is Rejected."""
    status: object = "Rejected"
    event: object = EVENT
    if fault is not SigningFault.UnknownRoot:
        status = differs(FAULTY_CERTIFICATE, specification=status, tool=one_of("Accepted", status))
        event = differs(FAULTY_CERTIFICATE, specification=event, tool=one_of(event, None))
    csr = await states_security.signing_request(t)
    response = await states_security.send_certificate(
        t, t.certificates.sign(csr, fault), step=f"6 {fault}", status=status
    )
    if response.status is CertificateSignedStatusEnum.Accepted:
        return False
    told = await t.maybe(wire.SecurityEventNotificationRequest, within=t.patience, type=EVENT)
    t.compare(f"7 {fault}", "SecurityEventNotificationRequest.type", told.type if told is not None else None, event)
    return True


@case("TC_A_15_CS", "The signing request is refused", profiles=WITH_CERTIFICATE)
async def refused(t: Tester) -> None:
    """The station does without, and does not ask again of its own."""
    await states_security.signing_request(t, answer=GenericStatusEnum.Rejected)
    await t.quiet(step="after", seconds=5)
