"""M03 to M05: root certificates are installed, listed and deleted as a CSMS sees it; what they do to connections."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp
from msgspec.structs import replace

from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import (
    KeyKind,
    Party,
    PrivateKey,
    Validity,
    certificate_pem,
    leaf_certificate,
    new_key,
    root_certificate,
    subject,
)
from ohmstead.edge.memory_handshake import Refuse
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.virtual_time import run
from ohmstead.product.load import load
from ohmstead.product.profile import Product, VariableSetting
from ohmstead.wire import messages as wire
from tests.runtime.site import CONFIG, START, ScriptedCsms, Site, site

CSMS = wire.InstallCertificateUseEnum.CSMSRootCertificate
MANUFACTURER = wire.InstallCertificateUseEnum.ManufacturerRootCertificate
Installed = wire.InstallCertificateStatusEnum
Deleted = wire.DeleteCertificateStatusEnum
VALIDITY = Validity(START - timedelta(days=1), timedelta(days=1000))
OTHER = "wss://other.example/ocpp"


@cache
def root(name: str, kind: KeyKind = KeyKind.EC) -> str:
    """Return a root certificate by its name, the same each time."""
    return Authority.generate(name, kind=kind, validity=VALIDITY).root


@cache
def key() -> PrivateKey:
    """Return a key for certificates made by hand."""
    return new_key(KeyKind.EC)


OLD = Party(subject("Old Root", "Ohmstead"), key())


@cache
def old_root() -> str:
    """Return a root that signs its successor."""
    return certificate_pem(root_certificate(OLD, VALIDITY))


@cache
def successor() -> str:
    """Return a root that is signed by `old_root`."""
    now = x509.load_pem_x509_certificate(root("x").encode())
    start, end = VALIDITY.span()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject("New Root", "Ohmstead"))
        .issuer_name(OLD.name)
        .public_key(new_key(KeyKind.EC).public_key())
        .serial_number(now.serial_number)
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    return certificate_pem(builder.sign(key(), hashes.SHA256()))


async def install(
    here: Site, pem: str, use: wire.InstallCertificateUseEnum = CSMS
) -> wire.InstallCertificateStatusEnum:
    """Send InstallCertificate."""
    request = wire.InstallCertificateRequest(certificate_type=use, certificate=pem)
    return (await here.csms.call(request)).status


async def listed(
    csms: ScriptedCsms, *kinds: wire.GetCertificateIdUseEnum
) -> tuple[wire.CertificateHashDataChain, ...] | None:
    """Send GetInstalledCertificateIds."""
    response = await csms.call(wire.GetInstalledCertificateIdsRequest(certificate_type=kinds or None))
    assert (response.status is wire.GetInstalledCertificateStatusEnum.Accepted) == (
        response.certificate_hash_data_chain is not None
    )
    return response.certificate_hash_data_chain


async def delete(csms: ScriptedCsms, data: wire.CertificateHashData) -> wire.DeleteCertificateStatusEnum:
    """Send DeleteCertificate."""
    return (await csms.call(wire.DeleteCertificateRequest(certificate_hash_data=data))).status


def hashed(pem: str, algorithm: hashes.HashAlgorithm, issuer: str | None = None) -> wire.CertificateHashData:
    """Return hash data as an OCSP library computes them, which is where they come from (RFC 6960)."""
    certificate = x509.load_pem_x509_certificate(pem.encode())
    above = x509.load_pem_x509_certificate((issuer or pem).encode())
    asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, above, algorithm).build()
    return wire.CertificateHashData(
        hash_algorithm=wire.HashAlgorithmEnum(algorithm.name.upper()),
        issuer_name_hash=asked.issuer_name_hash.hex(),
        issuer_key_hash=asked.issuer_key_hash.hex(),
        serial_number=f"{certificate.serial_number:x}",
    )


def checking() -> Product:
    """Return a product with AdditionalRootCertificateCheck (AS-2)."""
    product = load("sec1000-240y")
    return replace(product, features=product.features | {"AS-2": True})


def in_virtual_time(scene: Callable[[], Awaitable[None]]) -> None:
    """Run a scene."""

    async def played() -> None:
        await scene()

    run(played(), limit=86400)


@pytest.mark.parametrize("kind", list(KeyKind))
@pytest.mark.parametrize("use", [CSMS, MANUFACTURER])
def test_an_installed_root_is_listed(use: wire.InstallCertificateUseEnum, kind: KeyKind) -> None:
    """TC_M_01, TC_M_02, TC_M_12, TC_M_13: M05.FR.02, M03.FR.04."""

    async def scene() -> None:
        async with site() as here:
            assert await install(here, root("One", kind), use) is Installed.Accepted
            kind_of_id = wire.GetCertificateIdUseEnum(use.value)
            (entry,) = await listed(here.csms, kind_of_id) or ()
            assert entry.certificate_type is kind_of_id
            assert entry.certificate_hash_data == hashed(root("One", kind), hashes.SHA256())

    in_virtual_time(scene)


def test_all_types_are_listed_where_none_is_named() -> None:
    """TC_M_17, TC_M_18, TC_M_19."""

    async def scene() -> None:
        async with site(config=replace(CONFIG, roots=(root("Provisioned"),))) as here:
            await install(here, root("Maker"), MANUFACTURER)
            kinds = wire.GetCertificateIdUseEnum
            every = await listed(here.csms) or ()
            assert [entry.certificate_type.value for entry in every] == [CSMS.value, MANUFACTURER.value]
            both = await listed(here.csms, kinds.ManufacturerRootCertificate, kinds.CSMSRootCertificate)
            assert both == every
            assert await listed(here.csms, kinds.MORootCertificate) is None

    in_virtual_time(scene)


def test_installing_again_changes_nothing() -> None:
    """M05.FR.17; white space around the text does not make another certificate of it."""

    async def scene() -> None:
        async with site() as here:
            assert await install(here, root("One")) is Installed.Accepted
            assert await install(here, f"\n{root('One')}\n\n") is Installed.Accepted
            assert len(await listed(here.csms) or ()) == 1

    in_virtual_time(scene)


def _expired() -> str:
    return Authority.generate(validity=Validity(START - timedelta(days=9), timedelta(days=8))).root


def _not_yet_valid() -> str:
    return Authority.generate(validity=Validity(START + timedelta(days=9), timedelta(days=8))).root


def _server() -> str:
    party = Party(subject("csms.example", "Ohmstead"), key())
    return certificate_pem(leaf_certificate(party.name, key().public_key(), party, VALIDITY))


@pytest.mark.parametrize(
    "make",
    [
        lambda: "not a certificate",
        lambda: root("One") + root("Two"),
        lambda: root("One")[:300],
        _expired,
        _not_yet_valid,
        _server,
        successor,
    ],
    ids=["text", "two", "half", "expired", "not yet valid", "not an authority", "issuer unknown"],
)
def test_what_is_no_valid_root_is_rejected(make: Callable[[], str]) -> None:
    """TC_M_07, M05.FR.07."""

    async def scene() -> None:
        async with site() as here:
            assert await install(here, make()) is Installed.Rejected
            assert await listed(here.csms) is None

    in_virtual_time(scene)


def test_a_root_for_which_there_is_no_use_is_rejected() -> None:
    async def scene() -> None:
        async with site() as here:
            use = wire.InstallCertificateUseEnum.V2GRootCertificate
            assert await install(here, root("One"), use) is Installed.Rejected

    in_virtual_time(scene)


def test_a_full_store_takes_no_more() -> None:
    """M05.FR.06: CertificateEntries.maxLimit."""

    async def scene() -> None:
        product = load("sec1000-240y")
        tight = product.variables | {"SecurityCtrlr.CertificateEntries": VariableSetting(max=2)}
        async with site(product=replace(product, variables=tight)) as here:
            assert await install(here, root("One")) is Installed.Accepted
            assert await install(here, root("Two"), MANUFACTURER) is Installed.Accepted
            assert await install(here, root("Three")) is Installed.Rejected
            assert await install(here, root("One")) is Installed.Accepted, "it is there already"

    in_virtual_time(scene)


@pytest.mark.parametrize("algorithm", [hashes.SHA256(), hashes.SHA384(), hashes.SHA512()], ids=lambda a: str(a.name))
def test_a_root_is_deleted_by_hash_data_of_any_algorithm(algorithm: hashes.HashAlgorithm) -> None:
    """TC_M_20, M04.FR.02; letters may be capital, the serial number may have leading zeroes."""

    async def scene() -> None:
        async with site(config=replace(CONFIG, roots=(root("Provisioned"),))) as here:
            await install(here, root("One", KeyKind.RSA))
            data = hashed(root("One", KeyKind.RSA), algorithm)
            shouted = replace(
                data, issuer_key_hash=data.issuer_key_hash.upper(), serial_number=data.serial_number.upper()
            )
            assert await delete(here.csms, shouted) is Deleted.Accepted
            assert await delete(here.csms, data) is Deleted.NotFound
            assert len(await listed(here.csms) or ()) == 1

    in_virtual_time(scene)


def test_the_last_csms_root_stays() -> None:
    """M04.FR.03; the last manufacturer root may go."""

    async def scene() -> None:
        async with site(config=replace(CONFIG, roots=(root("Provisioned"),))) as here:
            await install(here, root("Maker"), MANUFACTURER)
            assert await delete(here.csms, hashed(root("Provisioned"), hashes.SHA256())) is Deleted.Failed
            assert await delete(here.csms, hashed(root("Maker"), hashes.SHA256())) is Deleted.Accepted

    in_virtual_time(scene)


def test_the_last_csms_root_goes_where_the_product_says_so() -> None:
    """AQ-1, M04.FR.02: a later life does not have it again, and so trusts no CSMS any more."""
    base = load("sec1000-240y")
    product = replace(base, features={**base.features, "AQ-1": True})

    async def scene() -> None:
        async with site(product=product, config=replace(CONFIG, roots=(root("Provisioned"),))) as here:
            here.listener.root = root("Provisioned")
            assert await delete(here.csms, hashed(root("Provisioned"), hashes.SHA256())) is Deleted.Accepted
            await here.hand.cut_power()
            await here.hand.restore_power()
            await asyncio.sleep(60)
            assert here.network.attempts[-1].outcome == "InvalidCsmsCertificate"

    in_virtual_time(scene)


def test_the_certificate_of_the_station_stays() -> None:
    """TC_M_23, M04.FR.06."""

    async def scene() -> None:
        authority = Authority.generate(kind=KeyKind.EC, validity=VALIDITY)
        client = authority.issue_client("CS-001", key=new_key(KeyKind.EC), validity=VALIDITY)
        config = replace(CONFIG, client_certificate=client.chain, client_key=client.key)
        async with site(config=config) as here:
            data = hashed(client.chain, hashes.SHA256(), authority.root)
            assert await delete(here.csms, data) is Deleted.Failed
            assert await delete(here.csms, replace(data, serial_number="abc")) is Deleted.NotFound

    in_virtual_time(scene)


def test_roots_survive_a_restart_and_a_deleted_one_does_not_come_back() -> None:
    async def scene() -> None:
        store = MemoryStore()
        config = replace(CONFIG, roots=(root("Provisioned"),))
        async with site(store=store, config=config) as here:
            await install(here, root("One"))
            assert await delete(here.csms, hashed(root("Provisioned"), hashes.SHA256())) is Deleted.Accepted
            await here.hand.cut_power()
        more = replace(CONFIG, roots=(root("Provisioned"), root("Technician")))
        async with site(store=store.reopen(), config=more) as here:
            found = [entry.certificate_hash_data for entry in await listed(here.csms) or ()]
            assert found == [hashed(root(name), hashes.SHA256()) for name in ("One", "Technician")]

    in_virtual_time(scene)


def test_a_provisioning_that_cannot_be_read_is_no_obstacle() -> None:
    """The file of a technician, not of the CSMS: it counts as an entry, and has no hash data."""

    async def scene() -> None:
        config = replace(CONFIG, roots=("not a certificate",), client_certificate="none either", client_key="nor this")
        async with site(config=config) as here:
            assert await listed(here.csms) is None
            assert await install(here, root("One")) is Installed.Accepted
            assert await delete(here.csms, hashed(root("Two"), hashes.SHA256())) is Deleted.NotFound

    in_virtual_time(scene)


def test_a_station_moves_to_a_csms_under_a_new_root() -> None:
    """TC_B_50: InstallCertificate, SetNetworkProfile, the new order, a reset."""

    async def scene() -> None:
        async with site(config=replace(CONFIG, roots=(root("Provisioned"),))) as here:
            here.listener.root = root("Provisioned")
            other = await migrate(here, root("New CSMS"), install_first=root("New CSMS"))
            await other.until(lambda: bool(other.of(wire.BootNotificationRequest)))

    in_virtual_time(scene)


async def migrate(here: Site, server_root: str, *, install_first: str | None = None) -> ScriptedCsms:
    """Let another CSMS under a root listen in slot 2, and send the station there."""
    other = ScriptedCsms(here.clock)
    here.network.listen(OTHER, other.admit, other.serve).root = server_root
    if install_first is not None:
        assert await install(here, install_first) is Installed.Accepted
    profile = wire.NetworkConnectionProfile(
        ocpp_version=wire.OCPPVersionEnum.OCPP20,
        ocpp_transport=wire.OCPPTransportEnum.JSON,
        ocpp_csms_url=OTHER,
        message_timeout=30,
        security_profile=2,
        ocpp_interface=wire.OCPPInterfaceEnum.Wired0,
    )
    await here.csms.call(wire.SetNetworkProfileRequest(configuration_slot=2, connection_data=profile))
    await here.set("OCPPCommCtrlr", "NetworkProfileConnectionAttempts", "1")
    await here.set("OCPPCommCtrlr", "NetworkConfigurationPriority", "2,1")
    await here.csms.call(wire.ResetRequest(type=wire.ResetEnum.OnIdle))
    return other


def outcomes(here: Site) -> list[tuple[str, str]]:
    """Return host and outcome of every attempt but the first."""
    return [(attempt.url.split("/")[2], attempt.outcome) for attempt in here.network.attempts[1:]]


def test_with_the_additional_check_a_stranger_root_is_rejected() -> None:
    """TC_M_09, M05.FR.10, M05.FR.11; other types are not concerned."""

    async def scene() -> None:
        async with site(product=checking(), config=replace(CONFIG, roots=(old_root(),))) as here:
            assert await install(here, root("One")) is Installed.Rejected
            assert await install(here, root("Maker"), MANUFACTURER) is Installed.Accepted
            assert len(await listed(here.csms, wire.GetCertificateIdUseEnum.CSMSRootCertificate) or ()) == 1

    in_virtual_time(scene)


def test_with_the_additional_check_a_proven_root_replaces_the_old_one() -> None:
    """TC_M_30, M05.FR.12, M05.FR.13."""

    async def scene() -> None:
        async with site(product=checking(), config=replace(CONFIG, roots=(old_root(),))) as here:
            assert await install(here, successor()) is Installed.Accepted
            assert await install(here, successor()) is Installed.Accepted
            assert len(await listed(here.csms) or ()) == 2, "the old one is kept for now"
            here.listener.root = successor()
            await here.csms.call(wire.ResetRequest(type=wire.ResetEnum.OnIdle))
            await asyncio.sleep(10)
            (entry,) = await listed(here.csms) or ()
            assert entry.certificate_hash_data == hashed(successor(), hashes.SHA256(), old_root())

    in_virtual_time(scene)


def test_with_the_additional_check_the_old_root_is_the_fallback() -> None:
    """TC_M_31, M05.FR.14: asked at once, and not told as a fault of the CSMS."""

    async def scene() -> None:
        async with site(product=checking(), config=replace(CONFIG, roots=(old_root(),))) as here:
            here.listener.root = old_root()
            await install(here, successor())
            await here.csms.call(wire.ResetRequest(type=wire.ResetEnum.OnIdle))
            await asyncio.sleep(60)
            assert outcomes(here) == [("csms.example", "InvalidCsmsCertificate"), ("csms.example", "open")]
            assert len(await listed(here.csms) or ()) == 2
            types = [event.type for event in here.csms.of(wire.SecurityEventNotificationRequest)]
            assert types == ["ResetOrReboot"]

    in_virtual_time(scene)


def test_a_migration_has_to_do_with_the_new_root() -> None:
    """TC_B_47, M05.FR.15, M05.FR.16: the new CSMS is refused under the old root, the old CSMS is not."""

    async def scene() -> None:
        async with site(product=checking(), config=replace(CONFIG, roots=(old_root(),))) as here:
            here.listener.root = old_root()
            await migrate(here, old_root(), install_first=successor())
            await asyncio.sleep(120)
            assert outcomes(here) == [
                ("other.example", "InvalidCsmsCertificate"),
                ("csms.example", "InvalidCsmsCertificate"),
                ("csms.example", "open"),
            ]
            ids = [entry.certificate_hash_data for entry in await listed(here.csms) or ()]
            assert hashed(old_root(), hashes.SHA256()) in ids

    in_virtual_time(scene)


def test_a_csms_under_neither_root_is_refused() -> None:
    async def scene() -> None:
        async with site(product=checking(), config=replace(CONFIG, roots=(old_root(),))) as here:
            await install(here, successor())
            here.listener.root = root("Stranger")
            for link in here.listener.links:
                await link.close()
            await asyncio.sleep(15)
            assert outcomes(here)[:2] == [("csms.example", "InvalidCsmsCertificate")] * 2
            here.listener.behavior = Refuse()
            here.listener.root = old_root()

    in_virtual_time(scene)


def test_deleting_the_new_root_brings_the_old_one_back_into_force() -> None:
    async def scene() -> None:
        async with site(product=checking(), config=replace(CONFIG, roots=(old_root(),))) as here:
            here.listener.root = old_root()
            await install(here, successor())
            assert await delete(here.csms, hashed(successor(), hashes.SHA256(), old_root())) is Deleted.Accepted
            for link in here.listener.links:
                await link.close()
            await asyncio.sleep(60)
            assert outcomes(here) == [("csms.example", "open")]

    in_virtual_time(scene)
