"""Block A: no way to a higher security profile without the certificates that it needs (A05)."""

from urllib.parse import urlsplit

from ohmstead.lab.cases import states_network, states_security, states_station
from ohmstead.lab.cases.a_upgrade import SECURITY_PROFILE
from ohmstead.lab.cases.case import WITH_PASSWORD, case
from ohmstead.lab.cases.checks import one_of
from ohmstead.lab.cases.tester import PLAIN_PROFILE, Tester
from ohmstead.lab.readings.m_certificates import ONLY_WHAT_IS_ASKED_FOR
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import GetCertificateIdUseEnum, InstallCertificateUseEnum

ROOTS = GetCertificateIdUseEnum.CSMSRootCertificate


async def _without_roots(t: Tester) -> None:
    """Every root of a CSMS is deleted, the last one as well (AQ-1)."""
    for one in await states_security.listed(t, ROOTS, step="begin"):
        delete_it = wire.DeleteCertificateRequest(certificate_hash_data=one.certificate_hash_data)
        await t.call(delete_it, step="begin", status="Accepted")


@case(
    "TC_A_20_CS",
    "Up from security profile 1 without a root of the CSMS",
    requirements=("A05.FR.02",),
    readings=(ONLY_WHAT_IS_ASKED_FOR,),
    profiles=(PLAIN_PROFILE,),
    rises=True,
    begin=_without_roots,
)
async def no_root(t: Tester) -> None:
    """The profile may be stored or not (errata 6.2.9); it is not put first, and the station stays where it is."""
    await _refused(t, min(one for one in t.product.security.profiles if one > PLAIN_PROFILE))


async def _with_a_root(t: Tester) -> None:
    """A root of the CSMS is there: a station in security profile 1 may have none."""
    if not await states_security.listed(t, ROOTS, step="begin"):
        endpoint = await t.open(3, own_root=True)
        await states_station.certificate_installed(t, InstallCertificateUseEnum.CSMSRootCertificate, endpoint.root)


@case(
    "TC_A_21_CS",
    "Up to security profile 3 without a certificate of the station",
    requirements=("A05.FR.03",),
    readings=(ONLY_WHAT_IS_ASKED_FOR,),
    profiles=WITH_PASSWORD,
    rises=True,
    begin=_with_a_root,
)
async def no_certificate(t: Tester) -> None:
    """The profile may be stored or not (errata 6.2.10); it is not put first, and the station stays where it is."""
    await _refused(t, states_security.CERTIFIED_PROFILE)


async def _refused(t: Tester, wanted: int) -> None:
    endpoint = await t.open(2)
    active, free = await states_network.slots(t)
    url = urlsplit(endpoint.url)._replace(scheme="wss").geturl()
    connection = states_network.profile(t, url, security_profile=wanted)
    request = wire.SetNetworkProfileRequest(configuration_slot=free, connection_data=connection)
    await t.call(request, step=2, status=one_of("Accepted", "Rejected"))
    before = await t.get(SECURITY_PROFILE, step="before 3")
    await t.set(states_network.PRIORITY, f"{free},{active}", step=4, status="Rejected")
    after = await t.get(SECURITY_PROFILE, step=4)
    t.require(4, after == before, f"GetVariablesResponse: {SECURITY_PROFILE}", before, after)
    await t.elapse(t.settle)
    t.require(
        4,
        not endpoint.attempts,
        "WebSocket connection: attempts with the higher profile",
        "none",
        len(endpoint.attempts),
    )
    t.require(4, t.endpoint().connected, "WebSocket connection", "the one that was there", "none")
