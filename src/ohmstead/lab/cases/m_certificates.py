"""Block M: root certificates are installed, listed and deleted (M03, M04, M05)."""

from ohmstead.lab.cases import states_security
from ohmstead.lab.cases.case import WITH_CERTIFICATE, case
from ohmstead.lab.cases.checks import ABSENT, differs, one_of
from ohmstead.lab.cases.parsed_certificates import hash_data
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.m_certificates import ONLY_WHAT_IS_ASKED_FOR, OWN_CERTIFICATE
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import GetCertificateIdUseEnum, InstallCertificateUseEnum

CSMS, MANUFACTURER = (
    InstallCertificateUseEnum.CSMSRootCertificate,
    InstallCertificateUseEnum.ManufacturerRootCertificate,
)
LISTED_CSMS = GetCertificateIdUseEnum.CSMSRootCertificate
LISTED_MANUFACTURER = GetCertificateIdUseEnum.ManufacturerRootCertificate
LISTED_MO = GetCertificateIdUseEnum.MORootCertificate


# Installing


@case("TC_M_01_CS", "A CSMS root is installed", requirements=("M05.FR.01", "M05.FR.02"), last=True)
async def install_csms_root(t: Tester) -> None:
    """Accepted, and listed afterwards; where an additional check is on, the root is signed by the one before it."""
    pem = await states_security.installed(t, CSMS)
    chain = await states_security.listed(t, LISTED_CSMS)
    states_security.require_listed(t, 2, chain, CSMS, pem)


@case("TC_M_02_CS", "A manufacturer's root is installed", requirements=("M05.FR.01", "M05.FR.02"))
async def install_manufacturer_root(t: Tester) -> None:
    """Accepted, and listed afterwards."""
    pem = await states_security.installed(t, MANUFACTURER)
    chain = await states_security.listed(t, LISTED_MANUFACTURER)
    states_security.require_listed(t, 2, chain, MANUFACTURER, pem)


@case("TC_M_07_CS", "A CSMS root whose time is over", requirements=("M05.FR.01", "M05.FR.07"))
async def expired_root(t: Tester) -> None:
    """Rejected, and not among those that are listed."""
    pem = t.certificates.expired_root()
    request = wire.InstallCertificateRequest(certificate_type=CSMS, certificate=pem)
    await t.call(request, step=2, status="Rejected")
    chain = await states_security.listed(t, LISTED_CSMS, step=4)
    t.require(4, bool(chain), "GetInstalledCertificateIdsResponse.status", "Accepted", "NotFound")
    there = states_security.holds(t, chain, CSMS, pem) is not None
    t.require(
        4,
        not there,
        "GetInstalledCertificateIdsResponse.certificateHashDataChain",
        "without the expired root",
        "with it",
    )


# Listing


@case(
    "TC_M_12_CS",
    "CSMS roots are listed",
    requirements=("M03.FR.01", "M03.FR.03", "M03.FR.04"),
    readings=(ONLY_WHAT_IS_ASKED_FOR,),
    last=True,
)
async def list_csms_roots(t: Tester) -> None:
    """Only roots of that use, and among them the one that was installed."""
    pem = await states_security.installed(t, CSMS)
    chain = await states_security.listed(t, LISTED_CSMS, step=1)
    states_security.require_listed(t, 1, chain, CSMS, pem)


@case(
    "TC_M_13_CS",
    "Manufacturers' roots are listed",
    requirements=("M03.FR.01", "M03.FR.03", "M03.FR.04"),
    readings=(ONLY_WHAT_IS_ASKED_FOR,),
)
async def list_manufacturer_roots(t: Tester) -> None:
    """Only roots of that use, and among them the one that was installed."""
    pem = await states_security.installed(t, MANUFACTURER)
    chain = await states_security.listed(t, LISTED_MANUFACTURER, step=1)
    states_security.require_listed(t, 1, chain, MANUFACTURER, pem)


@case(
    "TC_M_17_CS",
    "Roots of two uses are listed",
    requirements=("M03.FR.01", "M03.FR.03", "M03.FR.04"),
    readings=(ONLY_WHAT_IS_ASKED_FOR,),
    last=True,
)
async def list_two_uses(t: Tester) -> None:
    """Both of the installed roots are there."""
    pems = await _both(t)
    chain = await states_security.listed(t, LISTED_CSMS, LISTED_MANUFACTURER, step=1)
    for use, pem in pems.items():
        states_security.require_listed(t, 1, chain, use, pem)


@case(
    "TC_M_18_CS",
    "Certificates of every use are listed",
    requirements=("M03.FR.01", "M03.FR.03", "M03.FR.04"),
    last=True,
)
async def list_all(t: Tester) -> None:
    """Without certificateType, both of the installed roots are there."""
    pems = await _both(t)
    chain = await states_security.listed(t, step=2)
    for use, pem in pems.items():
        states_security.require_listed(t, 2, chain, use, pem)


async def _both(t: Tester) -> dict[InstallCertificateUseEnum, str]:
    return {use: await states_security.installed(t, use) for use in (CSMS, MANUFACTURER)}


@case("TC_M_19_CS", "No certificate of the use that is asked for", requirements=("M03.FR.01", "M03.FR.02"))
async def list_nothing(t: Tester) -> None:
    """NotFound, and no chain; roots of mobility operators are deleted before."""
    for one in await states_security.listed(t, LISTED_MO, step="before"):
        delete_it = wire.DeleteCertificateRequest(certificate_hash_data=one.certificate_hash_data)
        await t.call(delete_it, step="before", status="Accepted")
    request = wire.GetInstalledCertificateIdsRequest(certificate_type=(LISTED_MO,))
    await t.call(request, step=2, status="NotFound", certificate_hash_data_chain=ABSENT)


# Deleting


@case("TC_M_20_CS", "A root is deleted", requirements=("M04.FR.01", "M04.FR.02"), last=True)
async def delete(t: Tester) -> None:
    """Accepted, and not listed any more; it is one that the connection does not need."""
    pem = await states_security.installed(t, CSMS)
    chain = await states_security.listed(t, LISTED_CSMS, step=1)
    named = states_security.require_listed(t, 1, chain, CSMS, pem)
    await t.call(wire.DeleteCertificateRequest(certificate_hash_data=named), step=3, status="Accepted")
    left = await states_security.listed(t, LISTED_CSMS, step=4)
    there = states_security.holds(t, left, CSMS, pem) is not None
    t.require(
        4,
        not there,
        "GetInstalledCertificateIdsResponse.certificateHashDataChain",
        "without the deleted root",
        "with it",
    )
    t.require(
        4,
        len(left) == len(chain) - 1,
        "GetInstalledCertificateIdsResponse.certificateHashDataChain",
        len(chain) - 1,
        len(left),
    )


@case("TC_M_22_CS", "A certificate that nobody installed is to be deleted", requirements=("M04.FR.01", "M04.FR.04"))
async def delete_unknown(t: Tester) -> None:
    """NotFound, and everything that was listed stays."""
    chain = await states_security.listed(t, LISTED_CSMS, step=1)
    t.require(1, bool(chain), "GetInstalledCertificateIdsResponse.status", "Accepted", "NotFound")
    algorithm = chain[0].certificate_hash_data.hash_algorithm
    unknown = hash_data(t.certificates.expired_root(), algorithm=algorithm)
    await t.call(wire.DeleteCertificateRequest(certificate_hash_data=unknown), step=3, status="NotFound")
    left = await states_security.listed(t, LISTED_CSMS, step="after")
    t.require(
        "after",
        len(left) == len(chain),
        "GetInstalledCertificateIdsResponse.certificateHashDataChain",
        len(chain),
        len(left),
    )


@case(
    "TC_M_23_CS",
    "The charging station certificate is to be deleted",
    requirements=("M04.FR.01", "M04.FR.06"),
    readings=(OWN_CERTIFICATE,),
    profiles=WITH_CERTIFICATE,
)
async def delete_own(t: Tester) -> None:
    """Failed, and not only because the station does not find what it has."""
    pem = await states_security.renew_charging_station_certificate(t)
    chain = await states_security.listed(t, step=1)
    algorithm = chain[0].certificate_hash_data.hash_algorithm if chain else wire.HashAlgorithmEnum.SHA256
    own = hash_data(pem, t.certificates.csms_root, algorithm)
    status = differs(OWN_CERTIFICATE, specification="Failed", tool=one_of("Failed", "NotFound"))
    await t.call(wire.DeleteCertificateRequest(certificate_hash_data=own), step=3, status=status)
