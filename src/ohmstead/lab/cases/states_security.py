"""What lies in the trust store, and the way of the station to another certificate of its own (A02, M03, M05)."""

from typing import NoReturn

from ohmstead.lab.cases.checks import PRESENT, differs, name_of, one_of
from ohmstead.lab.cases.endpoint import Endpoint
from ohmstead.lab.cases.exchange import Exchange
from ohmstead.lab.cases.parsed_certificates import ParsedCertificate, hash_data, issued_by, names_same, read_request
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.a_security import CERTIFICATE_IN_USE
from ohmstead.lab.readings.m_certificates import ONLY_WHAT_IS_ASKED_FOR
from ohmstead.ports.link import Handshake
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import (
    CertificateHashData,
    CertificateHashDataChain,
    CertificateSigningUseEnum,
    GenericStatusEnum,
    GetCertificateIdUseEnum,
    InstallCertificateUseEnum,
    MessageTriggerEnum,
)

CHAIN = "GetInstalledCertificateIdsResponse.certificateHashDataChain"
HASHES = ("issuer_name_hash", "issuer_key_hash", "serial_number")
CERTIFIED_PROFILE = 3
"""The security profile in which a station shows a certificate."""


async def installed(t: Tester, use: InstallCertificateUseEnum, *, step: str = "CertificateInstalled.2") -> str:
    """Memory State CertificateInstalled: a root that the station was not born with; returns its PEM."""
    pem = t.certificates.another_root(use)
    request = wire.InstallCertificateRequest(certificate_type=use, certificate=pem)
    await t.call(request, step=step, status="Accepted")
    return pem


async def listed(
    t: Tester, *uses: GetCertificateIdUseEnum, step: int | str = "GetInstalledCertificates.2"
) -> tuple[CertificateHashDataChain, ...]:
    """Return what the station says is installed of these uses (none: of all); empty where it answers NotFound.

    A use that was not asked for meets only the official case (ONLY_WHAT_IS_ASKED_FOR).
    """
    request = wire.GetInstalledCertificateIdsRequest(certificate_type=uses or None)
    response = await t.call(request, step=step)
    chain = response.certificate_hash_data_chain
    found = chain is not None
    wanted = "Accepted" if found else "NotFound"
    t.require(
        step,
        response.status.value == wanted,
        "GetInstalledCertificateIdsResponse.status",
        wanted,
        response.status.value,
    )
    asked = tuple(one for one in chain or () if not uses or one.certificate_type in uses)
    others = [one.certificate_type.value for one in chain or () if one not in asked]
    if others:
        only = differs(ONLY_WHAT_IS_ASKED_FOR, specification=one_of(*uses), tool=PRESENT)
        t.compare(
            step, "GetInstalledCertificateIdsResponse.certificateHashDataChain.0.certificateType", others[0], only
        )
    return asked


def holds(
    t: Tester, chain: tuple[CertificateHashDataChain, ...], use: InstallCertificateUseEnum, pem: str
) -> CertificateHashData | None:
    """Return the hash data of a root as they are listed for its use, None if they are not."""
    # A CSMS root may be signed by the one that it replaces (M05.FR.10).
    issuer = t.certificates.csms_root if issued_by(pem, t.certificates.csms_root) else None
    for one in chain:
        named = one.certificate_hash_data
        if one.certificate_type.value == use.value and names_same(named, hash_data(pem, issuer, named.hash_algorithm)):
            return named
    return None


def require_listed(
    t: Tester,
    step: int | str,
    chain: tuple[CertificateHashDataChain, ...],
    use: InstallCertificateUseEnum,
    pem: str,
) -> CertificateHashData:
    """Fail unless a root of the lab is listed; returns its hash data."""
    found = holds(t, chain, use, pem)
    if found is None:
        _not_listed(t, step, chain, use, pem)
    return found


def _not_listed(
    t: Tester,
    step: int | str,
    chain: tuple[CertificateHashDataChain, ...],
    use: InstallCertificateUseEnum,
    pem: str,
) -> NoReturn:
    """Fail with the one hash that differs, where all others are those of the root; else with what is listed."""
    for at, one in enumerate(chain):
        named = one.certificate_hash_data
        wanted = hash_data(pem, None, named.hash_algorithm)
        other = [name for name in HASHES if getattr(named, name).lower() != getattr(wanted, name).lower()]
        if one.certificate_type.value == use.value and len(other) == 1:
            field = name_of(one, f"certificate_hash_data__{other[0]}").partition(".")[2]
            t.fail(step, f"{CHAIN}.{at}.{field}", getattr(wanted, other[0]), getattr(named, other[0]))
    listed = [(one.certificate_type, one.certificate_hash_data.serial_number) for one in chain]
    told = ", ".join(f"{kind.value} with serialNumber {number}" for kind, number in listed)
    t.fail(step, CHAIN, f"{use.value} with serialNumber {hash_data(pem).serial_number}", told or "nothing")


async def signing_request(t: Tester, *, answer: GenericStatusEnum = GenericStatusEnum.Accepted) -> str:
    """Let the station ask for a certificate, and check what it asks for; returns the PEM signing request.

    Steps 1 to 4 of the reusable state RenewChargingStationCertificate.
    """
    t.answer(wire.SignCertificateRequest, wire.SignCertificateResponse(status=answer), times=1)
    trigger = wire.TriggerMessageRequest(requested_message=MessageTriggerEnum.SignChargingStationCertificate)
    await t.call(trigger, step=2, status="Accepted")
    return (await requested(t, 3)).csr


async def requested(t: Tester, step: int | str, *, within: float | None = None) -> wire.SignCertificateRequest:
    """Wait for the station to ask for a certificate of its own, and check what it asks for."""
    request = await t.expect(
        step,
        wire.SignCertificateRequest,
        within=within,
        certificate_type=one_of(CertificateSigningUseEnum.ChargingStationCertificate, None),
    )
    facts = _read(t, step, request.csr)
    strong = "RSA or DSA of 2048 bits, EC of 224"
    t.require(
        step, facts.signed, "SignCertificateRequest.csr", "signed with its own key (RFC 2986)", "another signature"
    )
    t.require(step, facts.strong, "SignCertificateRequest.csr: its key", strong, f"{facts.key_kind} {facts.key_bits}")
    return request


def _read(t: Tester, step: int | str, csr: str) -> ParsedCertificate:
    try:
        return read_request(csr)
    except ValueError as error:
        t.fail(step, "SignCertificateRequest.csr", "a signing request in PEM form (RFC 2986)", f"{error}: {csr[:80]}")


async def send_certificate(
    t: Tester, chain: str, *, step: int | str = 6, status: object
) -> wire.CertificateSignedResponse:
    """Send the signed certificate, and check the status of the response."""
    request = wire.CertificateSignedRequest(
        certificate_chain=chain, certificate_type=CertificateSigningUseEnum.ChargingStationCertificate
    )
    return await t.call(request, step=step, status=status)


async def renew_charging_station_certificate(t: Tester) -> str:
    """Memory State RenewChargingStationCertificate; returns the new certificate, PEM.

    In security profile 3 the station then comes back with it (A02.FR.08, errata 2.8 and 6.2.122 to 123).
    """
    endpoint = t.endpoint()
    csr = await signing_request(t)
    chain = t.certificates.sign(csr)
    before = endpoint.exchange
    t.rules.disturbed = True
    await send_certificate(t, chain, status="Accepted")
    await back_with_certificate(t, endpoint, before)
    return chain


async def back_with_certificate(t: Tester, endpoint: Endpoint, before: Exchange | None) -> None:
    """Wait for the reconnect after one was accepted, by a reboot or not; in the other profiles there may be one."""
    step = "RenewChargingStationCertificate.7"
    if t.provisioning.security_profile == CERTIFIED_PROFILE:
        if not await endpoint.wait_anew(before, 2 * t.patience) and endpoint.connected:
            itself, helped = "by itself", "when the lab closes the connection"
            wanted = differs(CERTIFICATE_IN_USE, specification=itself, tool=one_of(itself, helped))
            t.compare(step, "WebSocket connection: made anew", helped, wanted)
            await endpoint.drop()
    elif not await endpoint.wait_anew(before, t.settle) and endpoint.connected:
        return
    await anew(t, endpoint, before, step=step)
    if await t.maybe(wire.BootNotificationRequest) is not None:
        await t.expect_statuses(step, "Available")


async def anew(t: Tester, endpoint: Endpoint, before: Exchange | None, *, step: int | str) -> Handshake:
    """Wait until the station has another connection than before; returns how it was opened."""
    if not await endpoint.wait_anew(before, 2 * t.patience):
        t.fail(step, f"WebSocket connection: to endpoint {endpoint.number}", "another one", "none")
    return endpoint.handshakes[-1]
