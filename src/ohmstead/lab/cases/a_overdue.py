"""Block A: a certificate that was asked for and does not come (A02, AS-3)."""

from ohmstead.lab.cases import states_security
from ohmstead.lab.cases.case import WITH_CERTIFICATE, case
from ohmstead.lab.cases.checks import Wanted, differs, not_, one_of
from ohmstead.lab.cases.runner import configure
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.a_overdue import ASKED_IN_TIME, ASKED_NO_MORE
from ohmstead.lab.readings.a_security import CERTIFICATE_IN_USE
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import CertificateSignedStatusEnum

REPEATS = 1
"""CertSigningRepeatTimes: how often the wait is doubled."""
LATE = 1.6
"""What a station needs for another key or for the network is less than this share of a wait."""


def _wait(t: Tester) -> int:
    """Return seconds of a CertSigningWaitMinimum that is well above the tolerance."""
    return max(4, round(4 * t.rig.tolerance))


async def _short(t: Tester) -> None:
    wait = "SecurityCtrlr.CertSigningWaitMinimum"
    await configure(t, {wait: str(_wait(t)), "SecurityCtrlr.CertSigningRepeatTimes": str(REPEATS)})


@case(
    "TC_A_23_CS",
    "The CSMS does not send the certificate that it was asked for",
    requirements=("A02.FR.02", "A02.FR.03", "A02.FR.17", "A02.FR.18", "A02.FR.19"),
    readings=(ASKED_IN_TIME, ASKED_NO_MORE, CERTIFICATE_IN_USE),
    profiles=WITH_CERTIFICATE,
    begin=_short,
)
async def overdue(t: Tester) -> None:
    """It asks again after a wait, after the double of it, and no more; one of the late certificates is taken."""
    requests = [await states_security.signing_request(t)]
    wait, before = float(_wait(t)), t.received(wire.SignCertificateRequest)[-1]
    for wait_step, step in ((5, 6), (8, 9)):
        request = await states_security.requested(t, step, within=wait + t.patience)
        _check_wait(t, wait_step, t.arrived(request).at - t.answered(before), wait)
        requests.append(request.csr)
        before, wait = request, 2 * wait
    another = await t.maybe(wire.SignCertificateRequest, within=LATE * wait)
    asked = "SignCertificateRequest" if another is not None else None
    t.compare(
        "after 9",
        "SignCertificateRequest: another one",
        asked,
        differs(ASKED_NO_MORE, specification=None, tool=one_of(None, not_(None))),
    )
    # Errata 6.2.5: a certificate for each request, and which of them is taken does not matter.
    statuses = [await _sent(t, csr, step) for csr, step in zip(requests, (12, 14, 16), strict=True)]
    taken = CertificateSignedStatusEnum.Accepted in statuses
    t.require("after 16", taken, "CertificateSignedResponse.status", "Accepted, once at least", "Rejected, always")


def _check_wait(t: Tester, step: int, waited: float, wait: float) -> None:
    least = Wanted(f"{wait:g} s", lambda value: float(str(value)) >= wait - t.rig.tolerance)
    in_time = Wanted(f"{wait:g} s, and no longer", lambda value: least.holds(value) and float(str(value)) < LATE * wait)
    t.compare(
        step,
        "SignCertificateRequest: seconds before it",
        round(waited, 2),
        differs(ASKED_IN_TIME, specification=in_time, tool=least),
    )


async def _sent(t: Tester, csr: str, step: int) -> CertificateSignedStatusEnum:
    """Send the certificate for a request; a station that takes it comes back with it."""
    endpoint = t.endpoint()
    chain, before = t.certificates.sign(csr), endpoint.exchange
    t.rules.disturbed = True
    response = await states_security.send_certificate(t, chain, step=step, status=one_of("Accepted", "Rejected"))
    if response.status is CertificateSignedStatusEnum.Accepted:
        await states_security.back_with_certificate(t, endpoint, before)
    return response.status
