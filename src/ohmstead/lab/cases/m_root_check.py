"""Block M: a CSMS root has to be signed by the one that it replaces (M05, AdditionalRootCertificateCheck)."""

from ohmstead.lab.cases import states_network, states_security
from ohmstead.lab.cases.case import WITH_TLS, case
from ohmstead.lab.cases.m_certificates import CSMS, LISTED_CSMS, MANUFACTURER
from ohmstead.lab.cases.tester import Tester
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import CertificateHashDataChain


def _require_not_listed(t: Tester, step: int, chain: tuple[CertificateHashDataChain, ...], pem: str) -> None:
    there = states_security.holds(t, chain, CSMS, pem) is not None
    t.require(
        step, not there, "GetInstalledCertificateIdsResponse.certificateHashDataChain", "without this root", "with it"
    )


@case(
    "TC_M_09_CS",
    "A CSMS root that the one in force has not signed",
    requirements=("M05.FR.01", "M05.FR.10", "M05.FR.11"),
)
async def unsigned_root(t: Tester) -> None:
    """Rejected; the root in force stays, and the other one is not there."""
    pem = t.certificates.another_root(MANUFACTURER)  # nothing is wrong with it but who made it
    request = wire.InstallCertificateRequest(certificate_type=CSMS, certificate=pem)
    await t.call(request, step=2, status="Rejected")
    chain = await states_security.listed(t, LISTED_CSMS, step=4)
    _require_not_listed(t, 4, chain, pem)
    states_security.require_listed(t, 4, chain, CSMS, t.certificates.csms_root)


async def followed(t: Tester) -> str:
    """Memory State: the root that follows is installed, while the CSMS shows a certificate under the old one."""
    if not t.endpoint().root:
        t.inconclusive("the CSMS shows no certificate: security profile 2 or 3 is needed")
    return await states_security.installed(t, CSMS)


@case(
    "TC_M_30_CS",
    "The CSMS goes over to the new root",
    requirements=("M05.FR.10", "M05.FR.12", "M05.FR.13"),
    profiles=WITH_TLS,
    last=True,
)
async def under_new_root(t: Tester) -> None:
    """With the certificate under the new root it is trusted, and then the old root is gone."""
    new = await followed(t)
    if t.provisioning.security_profile == states_security.CERTIFIED_PROFILE:
        await states_security.renew_charging_station_certificate(t)
    active, _ = await states_network.slots(t)
    t.endpoint().succeed()
    await states_network.reset(t, step=2)
    await states_network.arrived(t, t.endpoint(), active, step=5)
    chain = await states_security.listed(t, LISTED_CSMS, step=7)
    _require_not_listed(t, 7, chain, t.certificates.csms_root)
    states_security.require_listed(t, 7, chain, CSMS, new)


@case(
    "TC_M_31_CS",
    "The CSMS stays with the old root",
    requirements=("M05.FR.12", "M05.FR.14"),
    profiles=WITH_TLS,
    last=True,
)
async def under_old_root(t: Tester) -> None:
    """The new root does not vouch for its certificate, the old one still does, and stays."""
    await followed(t)
    active, _ = await states_network.slots(t)
    await states_network.reset(t, step=2)
    await states_network.arrived(t, t.endpoint(), active, step=6)
    chain = await states_security.listed(t, LISTED_CSMS, step=8)
    states_security.require_listed(t, 8, chain, CSMS, t.certificates.csms_root)
