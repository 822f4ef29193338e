"""The journal, from outside: what GetLog uploads after days of charging, and what the store holds (N01.FR.04)."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from ohmstead.edge.certificate_builder import Validity
from ohmstead.edge.firmware_package import FirmwareKeys
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.virtual_time import run
from ohmstead.model.journal import KIND, MOST_BYTES, Journal, JournalLine, Topic
from ohmstead.ports.store import Put
from ohmstead.wire import messages as wire
from ohmstead.wire.rows import from_row
from tests.generators import examples
from tests.runtime.site import START, Site, site

PLACE = "https://files.example/logs/"
DAYS = examples(1, 30)
DAY = 86_400
CARD = "04A1B2C3D4"


def play(scene: Callable[[Site], Awaitable[None]], store: MemoryStore | None = None) -> None:
    """Run a scene at a site whose file server takes uploads."""

    async def life() -> None:
        async with site(store=store or MemoryStore()) as here:
            here.servers.places.add(PLACE)
            await scene(here)

    run(life(), limit=DAY * (DAYS + 2))


async def journal(here: Site, oldest: datetime | None = None, latest: datetime | None = None) -> list[str]:
    """Return the lines of the journal that GetLog uploads for a time."""
    parameters = wire.LogParameters(remote_location=PLACE, oldest_timestamp=oldest, latest_timestamp=latest)
    number = len(here.servers.uploads) + 1
    request = wire.GetLogRequest(log=parameters, log_type=wire.LogEnum.DiagnosticsLog, request_id=number)
    assert (await here.csms.call(request)).status is wire.LogStatusEnum.Accepted
    await here.csms.until(
        lambda: (
            ("Uploaded", number)
            in [(n.status.value, n.request_id) for n in here.csms.of(wire.LogStatusNotificationRequest)]
        )
    )
    lines = here.servers.uploads[-1][1].decode().splitlines()
    return lines[lines.index("journal:") + 1 :]


def stored(here: Site) -> list[tuple[str, bytes]]:
    """Return the rows of the journal."""
    station = here.host.station
    assert station is not None
    return station.store.rows(KIND)


async def charge_every_hour(here: Site, hours: int) -> None:
    """A car comes every hour and charges for 50 minutes, with a value every half a minute."""
    assert await here.set("SampledDataCtrlr", "TxUpdatedInterval", "30") == "Accepted"
    for _ in range(hours):
        await here.hand.plug(1)
        await here.hand.present(CARD)
        await asyncio.sleep(3000)
        await here.hand.unplug(1)
        await asyncio.sleep(600)
        here.csms.received.clear()


def test_days_of_charging_push_out_neither_boots_nor_faults_nor_what_was_set() -> None:
    """What a technician asks for after weeks: all of it happened in the first minutes, readings fill the rest."""

    async def scene(here: Site) -> None:
        await here.hand.fault(1, 1, "GroundFailure")
        await asyncio.sleep(5)
        await here.hand.clear(1, 1)
        inoperative = wire.OperationalStatusEnum.Inoperative
        for wanted in (inoperative, wire.OperationalStatusEnum.Operative):
            change = wire.ChangeAvailabilityRequest(operational_status=wanted, evse=wire.EVSE(id=2))
            assert (await here.csms.call(change)).status == "Accepted"
        assert await here.set("OCPPCommCtrlr", "OfflineThreshold", "77") == "Accepted"
        assert await here.set("SecurityCtrlr", "BasicAuthPassword", "another-password-1") == "Accepted"
        await here.hand.reboot()
        await asyncio.sleep(60)
        await charge_every_hour(here, 24 * DAYS)
        assert sum(len(value) for _, value in stored(here)) <= MOST_BYTES
        text = "\n".join(await journal(here, latest=START + timedelta(hours=1)))
        for word in (
            "boot PowerUp",
            "boot LocalReset",
            "fault GroundFailure at 1.1 appeared",
            "fault GroundFailure at 1.1 cleared",
            "security event StartupOfTheDevice",
            "availability of EVSE 2: Inoperative",
            "availability of EVSE 2: Operative",
            "OCPPCommCtrlr.OfflineThreshold set to 77",
            "SecurityCtrlr.BasicAuthPassword set",
        ):
            assert word in text
        assert "another-password" not in text

    play(scene)


def test_the_lines_of_a_time_come_in_their_order_and_no_others() -> None:
    """oldestTimestamp and latestTimestamp, with lines of every worth between."""

    async def scene(here: Site) -> None:
        await charge_every_hour(here, 3)
        whole = await journal(here)
        moments = [datetime.fromisoformat(line.split()[0]) for line in whole]
        assert moments == sorted(moments)
        oldest, latest = START + timedelta(minutes=55), START + timedelta(minutes=125)
        asked = [line for line, at in zip(whole, moments, strict=True) if oldest <= at <= latest]
        assert asked
        assert await journal(here, oldest, latest) == asked

    play(scene)


def test_the_numbers_go_on_after_a_power_cut_in_the_middle_of_a_charge() -> None:
    """What was committed before is there, and no line takes the place of another."""

    async def scene(here: Site) -> None:
        await charge_every_hour(here, 1)
        await here.hand.plug(1)
        await here.hand.present(CARD)
        await asyncio.sleep(500)
        before = stored(here)
        await here.hand.cut_power()
        await asyncio.sleep(10)
        await here.hand.restore_power()
        await asyncio.sleep(600)
        after = stored(here)
        assert after[: len(before)] == before
        numbers = [int(key) for key, _ in after]
        assert numbers == list(range(1, len(after) + 1))

    play(scene)


def test_whatever_somebody_sets_is_told_in_a_line() -> None:
    """A network profile, a root, a firmware, an availability that waits; not what is so already."""

    async def scene(here: Site) -> None:
        profile = wire.NetworkConnectionProfile(
            ocpp_version=wire.OCPPVersionEnum.OCPP20,
            ocpp_transport=wire.OCPPTransportEnum.JSON,
            ocpp_csms_url="wss://other.example/ocpp",
            message_timeout=30,
            security_profile=2,
            ocpp_interface=wire.OCPPInterfaceEnum.Wireless0,
        )
        slot = wire.SetNetworkProfileRequest(configuration_slot=2, connection_data=profile)
        assert (await here.csms.call(slot)).status == "Accepted"
        keys = FirmwareKeys.generate(validity=Validity(START - timedelta(days=1), timedelta(days=100)))
        use = wire.InstallCertificateUseEnum.ManufacturerRootCertificate
        root = wire.InstallCertificateRequest(certificate_type=use, certificate=keys.root)
        assert (await here.csms.call(root)).status == "Accepted"
        firmware = wire.Firmware(
            location="https://files.example/none.bin",
            retrieve_date_time=START,
            signing_certificate=keys.certificate,
            signature=keys.sign(b"none"),
        )
        update = wire.UpdateFirmwareRequest(request_id=5, retries=0, firmware=firmware)
        assert (await here.csms.call(update)).status == "Accepted"
        await here.hand.plug(1)
        await here.hand.present(CARD)
        await asyncio.sleep(30)
        inoperative = wire.OperationalStatusEnum.Inoperative
        for evse in (wire.EVSE(id=1), wire.EVSE(id=2, connector_id=1), None):
            change = wire.ChangeAvailabilityRequest(operational_status=inoperative, evse=evse)
            assert (await here.csms.call(change)).status in ("Accepted", "Scheduled")
        for _ in range(2):
            assert await here.set("TxCtrlr", "EVConnectionTimeOut", "33") == "Accepted"
        text = "\n".join(await journal(here))
        for word in (
            "network profile 2 set, security profile 2",
            "ManufacturerRootCertificate",
            "firmware update 5: Downloading",
            "availability of EVSE 1: Inoperative once its transactions have ended",
            "availability of connector 1 of EVSE 2: Inoperative\n",
            "availability of the station: Inoperative once its transactions have ended",
        ):
            assert word in text
        assert text.count("TxCtrlr.EVConnectionTimeOut set to 33") == 1
        assert "other.example" not in text

    play(scene)


def test_a_correction_of_the_clock_stands_between_the_times_of_before_and_after() -> None:
    """The order is that in which it happened, and a reader sees why the times go back."""

    async def scene(here: Site) -> None:
        here.csms.answers[wire.HeartbeatRequest] = lambda _: wire.HeartbeatResponse(
            current_time=here.clock.now() - timedelta(minutes=2)
        )
        heartbeat = wire.TriggerMessageRequest(requested_message=wire.MessageTriggerEnum.Heartbeat)
        await asyncio.sleep(200)
        await here.csms.call(heartbeat)
        await asyncio.sleep(1)
        await here.hand.fault(1, 1, "GroundFailure")
        lines = await journal(here)
        at = next(number for number, line in enumerate(lines) if "clock corrected by -120 s" in line)
        assert any("fault GroundFailure" in line for line in lines[at:])

    play(scene)


def test_a_full_journal_makes_room_for_what_is_worth_more() -> None:
    """A store in which readings fill everything: a charge and a fault are kept, and it does not grow."""
    store, full, first = MemoryStore(), Journal([]), START - timedelta(days=1)
    added = [full.add(first, Topic.Boot, "boot of long ago")]
    while not added[-1].gone:
        added.append(full.add(first, Topic.Reading, "a reading of long ago"))
    store.commit([Put(KIND, one.kept.key, one.value) for one in added[:-1]])

    async def scene(here: Site) -> None:
        await charge_every_hour(here, 2)
        await here.hand.fault(1, 1, "GroundFailure")
        assert sum(len(KIND) + len(key) + len(value) for key, value in stored(here)) <= MOST_BYTES
        lines = [from_row(value, JournalLine) for _, value in stored(here)]
        assert lines[0].text == "boot of long ago"
        assert lines[1].number > 200
        assert len([line for line in lines if "Started" in line.text]) == 2

    play(scene, store)


def test_every_line_says_what_it_is_about() -> None:
    """By that it is kept; a line whose text comes every minute is a reading, and the change of a state is none."""
    topics = {
        r"boot ": Topic.Boot,
        r"fault |connector .* Faulted": Topic.Fault,
        r"security event ": Topic.Security,
        r"availability |network profile |connector .* Unavailable|.* set to ": Topic.Setting,
        r"online |offline|accepted |clock ": Topic.Link,
        r"transaction .* Updated (MeterValuePeriodic|MeterValueClock|Trigger) ": Topic.Reading,
        r"transaction |connector .* (Available|Occupied)": Topic.Charging,
    }

    async def scene(here: Site) -> None:
        await charge_every_hour(here, 1)
        change = wire.ChangeAvailabilityRequest(operational_status=wire.OperationalStatusEnum.Inoperative)
        assert (await here.csms.call(change)).status == "Accepted"
        await here.hand.fault(1, 1, "GroundFailure")
        await here.hand.cut_network()
        await asyncio.sleep(60)
        lines = [from_row(value, JournalLine) for _, value in stored(here)]
        for line in lines:
            wanted = next(topic for pattern, topic in topics.items() if re.match(pattern, line.text))
            assert line.topic == wanted, line.text
        assert {line.topic for line in lines} == set(topics.values())

    play(scene)


def test_what_is_changed_of_the_station_is_a_line() -> None:
    """Who reads the log after an incident sees what was set, and when the CSMS has shown that it works."""

    async def scene(here: Site) -> None:
        use = wire.InstallCertificateUseEnum.ManufacturerRootCertificate
        root = FirmwareKeys.generate(validity=Validity(START - timedelta(days=1), timedelta(days=100))).root
        await here.csms.call(wire.InstallCertificateRequest(certificate_type=use, certificate=root))
        listed = await here.csms.call(wire.GetInstalledCertificateIdsRequest())
        assert listed.certificate_hash_data_chain is not None
        (chain,) = [one for one in listed.certificate_hash_data_chain if one.certificate_type == use.value]
        await here.csms.call(wire.DeleteCertificateRequest(certificate_hash_data=chain.certificate_hash_data))
        lines = [line.partition(" ")[2] for line in await journal(here)]
        about = [line for line in lines if "ManufacturerRoot" in line]
        assert len(about) == 2
        assert about[0].endswith(" counts")
        assert about[1].endswith(" is gone")
        assert [line for line in lines if line.startswith("network profile 1 proven")]

    play(scene)
