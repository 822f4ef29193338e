"""B09, B10, A05: network profiles are set, put in order, tried, proven and pruned, as a CSMS sees it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from msgspec.structs import replace

from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import Validity
from ohmstead.edge.memory_handshake import AcceptHandshakes, HoldConnections, Refuse
from ohmstead.edge.memory_network import MemoryListener
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.virtual_time import run
from ohmstead.ports.link import Handshake
from ohmstead.product.load import load
from ohmstead.wire import messages as wire
from tests.runtime.site import CONFIG, START, ScriptedCsms, Site, site

OTHER = "wss://other.example/ocpp"
Accepted = wire.SetNetworkProfileStatusEnum.Accepted
Rejected = wire.SetNetworkProfileStatusEnum.Rejected
RebootRequired = wire.SetVariableStatusEnum.RebootRequired

PROFILE = wire.NetworkConnectionProfile(
    ocpp_version=wire.OCPPVersionEnum.OCPP20,
    ocpp_transport=wire.OCPPTransportEnum.JSON,
    ocpp_csms_url=OTHER,
    message_timeout=20,
    security_profile=2,
    ocpp_interface=wire.OCPPInterfaceEnum.Wired0,
)

VALIDITY = Validity(START - timedelta(days=1), timedelta(days=1000))


async def put(here: Site, profile: wire.NetworkConnectionProfile, slot: int = 2) -> wire.SetNetworkProfileResponse:
    """Send SetNetworkProfile."""
    return await here.csms.call(wire.SetNetworkProfileRequest(configuration_slot=slot, connection_data=profile))


async def value(csms: ScriptedCsms, component: str, variable: str, instance: str | None = None) -> str | None:
    """Read a variable over the wire."""
    data = wire.GetVariableData(
        component=wire.Component(name=component), variable=wire.Variable(name=variable, instance=instance)
    )
    response = await csms.call(wire.GetVariablesRequest(get_variable_data=(data,)))
    return response.get_variable_result[0].attribute_value


async def prefer(here: Site, priority: str) -> None:
    """Set NetworkConfigurationPriority and reset the station."""
    assert await here.set("OCPPCommCtrlr", "NetworkConfigurationPriority", priority) is RebootRequired
    await here.csms.call(wire.ResetRequest(type=wire.ResetEnum.OnIdle))


def second_csms(here: Site) -> tuple[ScriptedCsms, MemoryListener]:
    """Let another CSMS listen."""
    other = ScriptedCsms(here.clock)
    return other, here.network.listen(OTHER, other.admit, other.serve)


async def lose(listener: MemoryListener) -> None:
    """Close every link of a CSMS, and let nobody in again."""
    listener.behavior = Refuse()
    for link in listener.links:
        await link.close()


def attempts(here: Site) -> list[tuple[str, str]]:
    """Return host and outcome of every connection attempt so far."""
    return [(attempt.url.split("/")[2], attempt.outcome) for attempt in here.network.attempts]


async def attempted(here: Site, count: int) -> None:
    """Wait until there were so many connection attempts."""
    async with asyncio.timeout(3600):
        while len(here.network.attempts) < count:  # noqa: ASYNC110  # the log of attempts tells nobody
            await asyncio.sleep(0.1)


def in_virtual_time(scene: Callable[[], Awaitable[None]]) -> None:
    """Run a scene."""

    async def played() -> None:
        await scene()

    run(played(), limit=86400)


def test_a_station_moves_to_another_csms_after_a_reset() -> None:
    """TC_B_45: B09.FR.01, B10.FR.01, B10.FR.04, B10.FR.06."""

    async def scene() -> None:
        async with site() as here:
            other, _ = second_csms(here)
            assert (await put(here, PROFILE)).status is Accepted
            await prefer(here, "2,1")
            await other.until(lambda: bool(other.of(wire.BootNotificationRequest)))
            await asyncio.sleep(5)
            assert attempts(here) == [("csms.example", "open"), ("other.example", "open")]
            assert here.csms.rpc is None
            assert await value(other, "OCPPCommCtrlr", "ActiveNetworkProfile") == "2"
            assert await value(other, "OCPPCommCtrlr", "NetworkConfigurationPriority") == "2,1"
            assert await value(other, "OCPPCommCtrlr", "MessageTimeout", "Default") == "20"

    in_virtual_time(scene)


def test_each_slot_gets_its_attempts_before_the_next() -> None:
    """TC_B_46, B10.FR.03: two silent attempts, each as long as the slot's message timeout, then the old slot."""

    async def scene() -> None:
        async with site() as here:
            _, listener = second_csms(here)
            listener.behavior = HoldConnections()
            await here.set("OCPPCommCtrlr", "NetworkProfileConnectionAttempts", "2")
            await put(here, PROFILE)
            here.csms.received.clear()
            await prefer(here, "2,1")
            await here.csms.until(lambda: bool(here.csms.of(wire.BootNotificationRequest)))
            assert attempts(here)[1:] == [
                ("other.example", "TimedOut"),
                ("other.example", "TimedOut"),
                ("csms.example", "open"),
            ]
            first = here.network.attempts[1]
            assert first.ended - first.time == pytest.approx(20)
            assert await value(here.csms, "OCPPCommCtrlr", "ActiveNetworkProfile") == "1"

    in_virtual_time(scene)


def test_the_last_good_slot_is_the_fallback() -> None:
    """TC_B_49, B10.FR.07 (C-47): all attempts failed, so the old slot is dialed again after the shortest wait."""

    async def scene() -> None:
        async with site() as here:
            for name, setting in (
                ("NetworkProfileConnectionAttempts", "1"),
                ("RetryBackOffRepeatTimes", "0"),
                ("RetryBackOffRandomRange", "0"),
                ("RetryBackOffWaitMinimum", "7"),
            ):
                await here.set("OCPPCommCtrlr", name, setting)
            await put(here, PROFILE)
            await prefer(here, "2,1")
            here.listener.behavior = Refuse()
            await attempted(here, 3)
            here.listener.behavior = AcceptHandshakes()
            here.csms.received.clear()
            await here.csms.until(lambda: bool(here.csms.of(wire.BootNotificationRequest)))
            assert attempts(here)[1:] == [
                ("other.example", "Unreachable"),
                ("csms.example", "Unreachable"),
                ("csms.example", "open"),
            ]
            _, _, last_but_one, last = here.network.attempts
            assert last.time - last_but_one.ended == pytest.approx(7)

    in_virtual_time(scene)


def test_the_fallback_is_a_slot_that_is_not_in_the_list_any_more() -> None:
    """B10.FR.07: the profile of the last good connection, and after it the list again (B10.FR.09)."""

    async def scene() -> None:
        async with site() as here:
            await here.set("OCPPCommCtrlr", "NetworkProfileConnectionAttempts", "1")
            await here.set("OCPPCommCtrlr", "RetryBackOffRepeatTimes", "1")
            await put(here, PROFILE)
            here.listener.behavior = Refuse()
            await prefer(here, "2")
            await attempted(here, 6)
            assert [host for host, _ in attempts(here)[1:6]] == [
                "other.example",
                "csms.example",
                "csms.example",
                "other.example",
                "csms.example",
            ]

    in_virtual_time(scene)


def test_without_the_fallback_the_list_begins_again() -> None:
    """B10.FR.08, where C-47 is not supported."""

    async def scene() -> None:
        product = load("sec1000-240y")
        async with site(product=replace(product, features=product.features | {"C-47": False})) as here:
            await here.set("OCPPCommCtrlr", "NetworkProfileConnectionAttempts", "1")
            await put(here, PROFILE)
            here.listener.behavior = Refuse()
            await prefer(here, "2")
            await attempted(here, 4)
            assert [host for host, _ in attempts(here)[1:]] == ["other.example"] * 3

    in_virtual_time(scene)


def test_after_a_loss_the_slot_in_use_goes_first_and_its_wait_doubles() -> None:
    """TC_B_57 (Part 4, 5.3), with a second slot behind it: there the waits begin anew."""

    async def scene() -> None:
        async with site() as here:
            other, _ = second_csms(here)
            await put(here, PROFILE)
            await prefer(here, "1,2")
            await asyncio.sleep(10)
            await here.set("OCPPCommCtrlr", "NetworkProfileConnectionAttempts", "2")
            await here.set("OCPPCommCtrlr", "RetryBackOffRandomRange", "0")
            begin = len(here.network.attempts)
            await lose(here.listener)
            await other.until(lambda: bool(other.of(wire.BootNotificationRequest)))
            made = here.network.attempts[begin:]
            assert [host for host, _ in attempts(here)[begin:]] == ["csms.example", "csms.example", "other.example"]
            waits = [later.time - earlier.ended for earlier, later in pairwise(made)]
            assert waits == [pytest.approx(20), pytest.approx(10)]

    in_virtual_time(scene)


def test_another_profile_means_another_boot_notification() -> None:
    """B10.FR.10: the new CSMS is asked to accept the station, though it has not rebooted, and hears the statuses."""

    async def scene() -> None:
        async with site() as here:
            other, listener = second_csms(here)
            await put(here, PROFILE)
            await prefer(here, "1,2")
            await asyncio.sleep(10)
            here.csms.received.clear()
            await lose(here.listener)
            await other.until(lambda: len(other.of(wire.StatusNotificationRequest)) == 2)
            assert len(other.of(wire.BootNotificationRequest)) == 1
            here.listener.behavior = AcceptHandshakes()
            for link in listener.links:
                await link.close()
            await asyncio.sleep(60)
            assert len(other.of(wire.BootNotificationRequest)) == 1, "the same profile needs none"

    in_virtual_time(scene)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ocpp_version": wire.OCPPVersionEnum.OCPP16}, "InvalidNetworkConf"),
        ({"ocpp_transport": wire.OCPPTransportEnum.SOAP}, "InvalidNetworkConf"),
        ({"ocpp_interface": wire.OCPPInterfaceEnum.Wired1}, "InvalidNetworkConf"),
        ({"message_timeout": 0}, "InvalidNetworkConf"),
        ({"security_profile": 4}, "InvalidNetworkConf"),
        ({"security_profile": 1, "ocpp_csms_url": "ws://other.example/ocpp"}, "NoSecurityDowngrade"),
        ({"ocpp_csms_url": "ws://other.example/ocpp"}, "InvalidNetworkConf"),
        ({"ocpp_csms_url": "https://other.example/ocpp"}, "InvalidNetworkConf"),
        ({"ocpp_csms_url": "wss://"}, "InvalidNetworkConf"),
        ({"ocpp_csms_url": "wss://other.example:99999/"}, "InvalidNetworkConf"),
        ({"ocpp_csms_url": "wss://[::1/"}, "InvalidNetworkConf"),
        ({"ocpp_csms_url": "wss://256.1.1.1/"}, "InvalidNetworkConf"),
        ({"ocpp_csms_url": "wss://-csms.example/"}, "InvalidNetworkConf"),
        ({"ocpp_csms_url": "wss://me:secret@other.example/"}, "InvalidNetworkConf"),
        ({"ocpp_csms_url": "wss://me@other.example/"}, "InvalidNetworkConf"),
        ({"ocpp_csms_url": "wss://other.example/#part"}, "InvalidNetworkConf"),
        ({"ocpp_csms_url": "wss://other.example/a b"}, "InvalidNetworkConf"),
    ],
)
def test_a_profile_that_cannot_be_used_is_rejected(changes: dict[str, object], reason: str) -> None:
    """B09.FR.02, B09.FR.04 (TC_A_22)."""

    async def scene() -> None:
        async with site() as here:
            response = await put(here, replace(PROFILE, **changes))
            assert response.status is Rejected
            assert response.status_info is not None
            assert response.status_info.reason_code == reason

    in_virtual_time(scene)


@pytest.mark.parametrize("slot", [-1, 4, 999])
def test_a_slot_that_there_is_not_is_rejected(slot: int) -> None:
    """TC_B_43, B09.FR.05."""

    async def scene() -> None:
        async with site() as here:
            response = await put(here, PROFILE, slot)
            assert response.status is Rejected
            assert response.status_info is not None
            assert response.status_info.reason_code == "InvalidConfSlot"

    in_virtual_time(scene)


def test_the_order_of_slots_needs_a_profile_in_each() -> None:
    """B10.FR.02."""

    async def scene() -> None:
        async with site() as here:
            await put(here, PROFILE)
            status = await here.set("OCPPCommCtrlr", "NetworkConfigurationPriority", "2,3")
            assert status is wire.SetVariableStatusEnum.Rejected

    in_virtual_time(scene)


@pytest.mark.parametrize("missing", ["root", "valid root", "readable root", "station certificate"])
def test_a_higher_security_profile_needs_its_certificates(missing: str) -> None:
    """TC_A_20, A05.FR.02, A05.FR.03, A05.FR.10: the profile may be stored, but not be put into the order."""

    async def scene() -> None:
        validity = Validity(START - timedelta(days=2), timedelta(days=1 if missing == "valid root" else 100))
        root = "no certificate" if missing == "readable root" else Authority.generate(validity=validity).root
        config = replace(CONFIG, roots=() if missing == "root" else (root,))
        if missing != "station certificate":
            config = replace(config, client_certificate="a certificate", client_key="its key")
        async with site(config=config) as here:
            assert (await put(here, replace(PROFILE, security_profile=3))).status is Accepted
            status = await here.set("OCPPCommCtrlr", "NetworkConfigurationPriority", "2,1")
            assert status is wire.SetVariableStatusEnum.Rejected
            in_use = await put(here, replace(PROFILE, security_profile=3), slot=1)
            assert in_use.status is Rejected, "slot 1 is in the order already"

    in_virtual_time(scene)


def test_a_higher_security_profile_that_works_is_final() -> None:
    """TC_A_19, A05.FR.04 to A05.FR.06: lower profiles are gone, also after the next boot."""

    async def scene() -> None:
        authority = Authority.generate(validity=VALIDITY)
        client = authority.issue_client("CS-001")
        config = replace(CONFIG, roots=(authority.root,), client_certificate=client.chain, client_key=client.key)
        async with site(config=config) as here:
            other, listener = second_csms(here)
            shown: list[str | None] = []

            def admit(handshake: Handshake) -> int:
                shown.append(handshake.password)
                return 101

            listener.admit = admit
            await put(here, replace(PROFILE, security_profile=3))
            assert await value(here.csms, "SecurityCtrlr", "SecurityProfile") == "2"
            await prefer(here, "2,1")
            await other.until(lambda: bool(other.of(wire.BootNotificationRequest)))
            await asyncio.sleep(5)
            assert await value(other, "SecurityCtrlr", "SecurityProfile") == "3"
            assert await value(other, "OCPPCommCtrlr", "NetworkConfigurationPriority") == "2"
            assert shown == [None], "profile 3 shows no password"
            await other.call(wire.ResetRequest(type=wire.ResetEnum.OnIdle))
            await asyncio.sleep(20)
            assert await value(other, "SecurityCtrlr", "SecurityProfile") == "3"
            here.csms = other
            assert (await put(here, replace(PROFILE, security_profile=2), slot=0)).status is Rejected

    in_virtual_time(scene)


def test_the_interface_of_the_profile_is_the_one_that_is_dialed() -> None:
    """HFS-9: the second way to the CSMS is the mobile network."""

    async def scene() -> None:
        async with site() as here:
            other, _ = second_csms(here)
            await put(here, replace(PROFILE, ocpp_interface=wire.OCPPInterfaceEnum.Wireless0))
            await prefer(here, "1,2")
            await asyncio.sleep(10)
            here.network.cut("Wired0")
            await other.until(lambda: bool(other.of(wire.BootNotificationRequest)))
            assert here.network.attempts[-1].interface == "Wireless0"

    in_virtual_time(scene)


def test_the_slots_survive_a_power_cut_and_a_new_provisioning_goes_first() -> None:
    async def scene() -> None:
        store = MemoryStore()
        async with site(store=store) as here:
            other, _ = second_csms(here)
            await put(here, PROFILE)
            await prefer(here, "2,1")
            await other.until(lambda: len(other.of(wire.StatusNotificationRequest)) == 2)
            await here.hand.cut_power()
            await here.hand.restore_power()
            other.received.clear()
            await other.until(lambda: bool(other.of(wire.BootNotificationRequest)))
            assert attempts(here)[1:] == [("other.example", "open")] * 2
        technician = replace(CONFIG, csms_url=CONFIG.csms_url + "/v2")
        async with site(store=here.host._store, config=technician) as here:
            assert attempts(here) == [("csms.example", "open")]
            assert await value(here.csms, "OCPPCommCtrlr", "NetworkConfigurationPriority") == "1,2"

    in_virtual_time(scene)


def test_a_profile_is_proven_only_once_the_csms_accepts_the_station() -> None:
    """Decided case 15: a CSMS that keeps the station Pending proves nothing; the fallback stays the old slot."""

    async def scene() -> None:
        async with site() as here:
            other, listener = second_csms(here)
            other.answers[wire.BootNotificationRequest] = lambda _request: wire.BootNotificationResponse(
                current_time=here.clock.now(), interval=600, status=wire.RegistrationStatusEnum.Pending
            )
            await here.set("OCPPCommCtrlr", "NetworkProfileConnectionAttempts", "1")
            await put(here, PROFILE)
            await prefer(here, "2")
            await other.until(lambda: bool(other.of(wire.BootNotificationRequest)))
            here.csms.received.clear()
            await lose(listener)
            await here.csms.until(lambda: bool(here.csms.of(wire.BootNotificationRequest)))

    in_virtual_time(scene)


def test_the_shortest_timeout_is_a_second() -> None:
    """B09.FR.02: messageTimeout."""

    async def scene() -> None:
        async with site() as here:
            response = await put(here, replace(PROFILE, message_timeout=1))
            assert response.status is wire.SetNetworkProfileStatusEnum.Accepted

    in_virtual_time(scene)
