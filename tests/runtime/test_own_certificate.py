"""A02 and A03: the station's own certificate is renewed, checked, tried, and kept only if it works."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from ohmstead.edge.certificate_builder import Validity, certificate_pem, leaf_certificate, subject
from ohmstead.edge.virtual_time import run
from ohmstead.ports.link import Handshake
from ohmstead.product.load import load
from ohmstead.runtime.config import StationConfig
from ohmstead.wire import messages as wire
from tests.runtime.own_certificate import AUTHORITY, OLD, OWNER, STRANGER, VALID, YEAR, Owner, owned
from tests.runtime.site import START, URL, site

BASIC = StationConfig(identity="CS-001", csms_url=URL, password="correct-horse-battery", roots=(AUTHORITY.root,))
PROFILE_3 = wire.SetNetworkProfileRequest(
    configuration_slot=2,
    connection_data=wire.NetworkConnectionProfile(
        ocpp_version=wire.OCPPVersionEnum.OCPP20,
        ocpp_transport=wire.OCPPTransportEnum.JSON,
        ocpp_csms_url=URL,
        message_timeout=30,
        security_profile=3,
        ocpp_interface=wire.OCPPInterfaceEnum.Wired0,
    ),
)


def test_a_renewal_ends_with_a_connection_that_shows_the_new_certificate() -> None:
    """A02.FR.02, A02.FR.03, A02.FR.08, A02.FR.10."""

    async def scenario() -> None:
        async with owned() as owner:
            assert f"O={OLD}" in owner.shown
            csr = await owner.ask()
            assert await owner.deliver(AUTHORITY.sign_csr(csr, validity=VALID)) == "Accepted"
            await asyncio.sleep(30)
            assert f"O={OWNER}" in owner.shown
            assert owner.security_events("DiscardedRenewedClientCertificate") == 0
            await owner.here.hand.reboot()
            await asyncio.sleep(30)
            assert f"O={OWNER}" in owner.shown

    run(scenario(), limit=3600)


def test_a_signing_request_names_station_and_organization() -> None:
    """A00.FR.502, A00.FR.509, A00.FR.511: a key of 2048 bits or more, the serial number, OrganizationName."""

    async def scenario() -> None:
        async with owned() as owner:
            assert await owner.here.set("SecurityCtrlr", "OrganizationName", "Another Ltd") == "Accepted"
            csr = x509.load_pem_x509_csr((await owner.ask()).encode())
            names = {attribute.oid: attribute.value for attribute in csr.subject}
            assert names == {NameOID.COMMON_NAME: "CS-001", NameOID.ORGANIZATION_NAME: "Another Ltd"}
            key = csr.public_key()
            assert csr.is_signature_valid
            assert getattr(key, "key_size", 0) >= 2048

    run(scenario(), limit=3600)


def test_every_request_has_a_fresh_key() -> None:
    async def scenario() -> None:
        async with owned() as owner:
            first, second = await owner.ask(), await owner.ask()
            assert first != second
            assert len(owner.here.client_keys.names()) == 1
            assert await owner.deliver(AUTHORITY.sign_csr(first, validity=VALID)) == "Rejected"

    run(scenario(), limit=3600)


def _of_another_key(_csr: str) -> str:
    return AUTHORITY.issue_client("CS-001", OWNER, validity=VALID).chain


def _of_another_owner(csr: str) -> str:
    key = x509.load_pem_x509_csr(csr.encode()).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    name = subject("CS-001", "Somebody else")
    return certificate_pem(leaf_certificate(name, key, AUTHORITY._issuer, VALID))


WRONG: dict[str, Callable[[str], str]] = {
    "of another key": _of_another_key,
    "of another owner": _of_another_owner,
    "of another authority": lambda csr: STRANGER.sign_csr(csr, validity=VALID),
    "expired": lambda csr: AUTHORITY.sign_csr(csr, validity=Validity(START - YEAR, YEAR / 2)),
    "not yet valid": lambda csr: AUTHORITY.sign_csr(csr, validity=Validity(START + YEAR, YEAR)),
    "an authority": lambda _csr: AUTHORITY.root,
    "a signing request": lambda csr: csr,
    "no text of a certificate": lambda _csr: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "nothing": lambda _csr: "",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_certificate_is_rejected_and_told(wrong: str) -> None:
    """A02.FR.07: Rejected, discarded, InvalidChargingStationCertificate; the link with the old one stays up."""

    async def scenario() -> None:
        async with owned() as owner:
            csr = await owner.ask()
            assert await owner.deliver(WRONG[wrong](csr)) == "Rejected"
            await asyncio.sleep(1)
            assert owner.security_events("InvalidChargingStationCertificate") == 1
            assert len(owner.here.network.attempts) == 1
            assert owner.here.client_keys.names() == frozenset()

    run(scenario(), limit=3600)


def test_a_chain_that_is_too_long_is_rejected_and_may_come_again() -> None:
    """A02.FR.16."""

    async def scenario() -> None:
        async with owned() as owner:
            chain = AUTHORITY.sign_csr(await owner.ask(), validity=VALID)
            assert await owner.deliver(chain + "\n" * 5600) == "Rejected"
            assert await owner.deliver(chain) == "Accepted"

    run(scenario(), limit=3600)


def test_after_a_refusal_nothing_is_expected_any_more() -> None:
    async def scenario() -> None:
        async with owned() as owner:
            owner.taken = wire.GenericStatusEnum.Rejected
            csr = await owner.ask()
            await asyncio.sleep(1)
            assert owner.here.client_keys.names() == frozenset()
            assert await owner.deliver(AUTHORITY.sign_csr(csr, validity=VALID)) == "Rejected"
            assert len(owner.requests) == 1

    run(scenario(), limit=3600)


def test_a_certificate_that_the_csms_does_not_take_gives_way_to_the_old_one() -> None:
    """A02.FR.28, A02.FR.29: the old one comes back, and the CSMS is told."""

    async def scenario() -> None:
        async with owned() as owner:

            def admit(handshake: Handshake) -> int:
                assert handshake.tls is not None
                return 403 if f"O={OWNER}" in (handshake.tls.client_certificate_subject or "") else 101

            owner.here.listener.admit = admit
            assert await owner.deliver(AUTHORITY.sign_csr(await owner.ask(), validity=VALID)) == "Accepted"
            await owner.here.csms.until(lambda: owner.security_events("DiscardedRenewedClientCertificate") == 1)
            assert f"O={OLD}" in owner.shown
            assert owner.here.client_keys.names() == frozenset()

    run(scenario(), limit=3600)


def test_a_trigger_outlives_a_power_cut() -> None:
    """Decided case 13: what was accepted is done after the boot."""

    async def scenario() -> None:
        async with owned() as owner:
            assert await owner.trigger() == "Accepted"
            await owner.here.hand.cut_power()
            await owner.here.hand.restore_power()
            await asyncio.sleep(60)
            assert owner.requests
            assert await owner.deliver(AUTHORITY.sign_csr(owner.requests[-1], validity=VALID)) == "Accepted"

    run(scenario(), limit=3600)


def test_a_certificate_that_ends_soon_is_renewed_without_being_asked() -> None:
    """A03.FR.02: a month before its end, not earlier."""

    async def scenario() -> None:
        async with owned(left=timedelta(days=32)) as owner:
            await asyncio.sleep(86400)
            assert owner.requests == []
            await asyncio.sleep(2 * 86400)
            assert len(owner.requests) == 1
            assert await owner.deliver(AUTHORITY.sign_csr(owner.requests[0], validity=VALID)) == "Accepted"
            await asyncio.sleep(3 * 86400)
            assert len(owner.requests) == 1

    run(scenario(), limit=30 * 86400)


@pytest.mark.parametrize("seconds", [60, 120, 300, 900, 3600])
def test_an_outage_does_not_cost_the_new_certificate(seconds: int) -> None:
    """A02.FR.28: whom no server has seen, none has refused; the old one is not tried instead."""

    async def scenario() -> None:
        async with owned() as owner:
            csr = await owner.ask()
            assert await owner.deliver(AUTHORITY.sign_csr(csr, validity=VALID)) == "Accepted"
            owner.here.network.cut()
            await asyncio.sleep(seconds)
            owner.here.network.restore()
            await asyncio.sleep(900)
            assert f"O={OWNER}" in owner.shown
            assert owner.security_events("DiscardedRenewedClientCertificate") == 0

    run(scenario(), limit=3600 * 3)


def test_a_signing_request_that_got_lost_does_not_end_renewals() -> None:
    """A03.FR.02: the CSMS took one long ago and sent nothing; a month before the end it is asked daily, the same."""

    async def scenario() -> None:
        async with owned(left=timedelta(days=32)) as owner:
            csr = await owner.ask()
            await asyncio.sleep(86400)
            assert owner.requests == [csr]
            await asyncio.sleep(3 * 86400)
            assert owner.requests == [csr] * len(owner.requests)
            assert len(owner.requests) in (3, 4)
            assert await owner.deliver(AUTHORITY.sign_csr(csr, validity=VALID)) == "Accepted"
            await asyncio.sleep(3 * 86400)
            assert len(owner.requests) in (3, 4)
            assert f"O={OWNER}" in owner.shown

    run(scenario(), limit=30 * 86400)


def test_after_an_invalid_certificate_the_station_waits_to_be_asked() -> None:
    """A02.FR.20: nothing of its own, though the old certificate ends soon; a trigger is answered."""

    async def scenario() -> None:
        async with owned(left=timedelta(days=20)) as owner:
            await owner.here.hand.reboot()
            await owner.here.csms.until(lambda: len(owner.requests) == 1)
            assert await owner.deliver(AUTHORITY.root) == "Rejected"
            await asyncio.sleep(3 * 86400)
            assert len(owner.requests) == 1
            await owner.ask()
            assert len(owner.requests) == 2

    run(scenario(), limit=30 * 86400)


def test_where_the_product_can_it_asks_again_after_doubling_waits() -> None:
    """A02.FR.17 to A02.FR.19, AS-3: CertSigningWaitMinimum is doubled CertSigningRepeatTimes times."""

    async def scenario() -> None:
        plain = load("sec1000-240y")
        product = msgspec.structs.replace(plain, features={**plain.features, "AS-3": True})
        async with owned(product=product) as owner:
            assert await owner.here.set("SecurityCtrlr", "CertSigningWaitMinimum", "10") == "Accepted"
            assert await owner.here.set("SecurityCtrlr", "CertSigningRepeatTimes", "2") == "Accepted"
            counts = []
            await owner.ask()
            for seconds in (9, 2, 18, 3, 37, 3, 600):
                await asyncio.sleep(seconds)
                counts.append(len(owner.requests))
            assert counts == [1, 2, 2, 3, 3, 4, 4]
            assert len(set(owner.requests)) == 1

    run(scenario(), limit=3600)


def test_a_station_without_security_profile_3_has_no_certificate_to_renew() -> None:
    async def scenario() -> None:
        plain = load("sec1000-240y")
        security = msgspec.structs.replace(plain.security, profiles=(2,))
        async with site(product=msgspec.structs.replace(plain, security=security)) as here:
            assert await Owner(here).trigger() == "NotImplemented"

    run(scenario(), limit=3600)


def test_a_certificate_signed_in_profile_2_opens_the_way_to_profile_3() -> None:
    """A05.FR.03: without a certificate the slot is not taken; with one, the next boot connects in profile 3."""

    async def scenario() -> None:
        async with site(config=BASIC) as here:
            owner = Owner(here)
            assert await here.csms.call(PROFILE_3) == wire.SetNetworkProfileResponse(
                status=wire.SetNetworkProfileStatusEnum.Accepted
            )
            assert await here.set("OCPPCommCtrlr", "NetworkConfigurationPriority", "2,1") == "Rejected"
            csr = await owner.ask()
            assert await owner.deliver(AUTHORITY.sign_csr(csr, validity=VALID)) == "Accepted"
            await asyncio.sleep(60)
            assert len(here.network.attempts) == 1
            assert await here.set("OCPPCommCtrlr", "NetworkConfigurationPriority", "2,1") == "RebootRequired"
            await here.csms.call(wire.ResetRequest(type=wire.ResetEnum.Immediate))
            await asyncio.sleep(60)
            assert "CN=CS-001" in owner.shown

    run(scenario(), limit=3600)
