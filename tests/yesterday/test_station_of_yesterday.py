"""What a station wrote yesterday is read tomorrow: it goes on where the process of an earlier version was killed.

Each archive holds the data folder of a station that was killed in an outage with two charges under way, and in
`kept.json` what the CSMS had heard by then. `make_station.py` says how they were made.
"""

import asyncio
import tarfile
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.wire import messages as wire
from tests.yesterday.kept import CHANGED, FIRMWARE, LOGS, TIME_OUT, VERSION, Call, Kept, KeptSite, living

ARCHIVES = sorted(Path(__file__).parent.glob("station-*.tar.xz"))
WITH_PASSWORD = [path for path in ARCHIVES if "password" in path.name]
WITH_CERTIFICATE = [path for path in ARCHIVES if "certificate" in path.name]
HOUR = timedelta(hours=1)
Scene = Callable[[KeptSite, Kept], Awaitable[None]]


class Told(msgspec.Struct):
    """A line of the journal, as the first version wrote it."""

    at: datetime
    text: str

    @staticmethod
    def of(row: bytes) -> "Told":
        """Read a row."""
        return msgspec.json.decode(row, type=Told)


def play(archive: Path, directory: Path, scene: Scene) -> None:
    """Run the station of an archive an hour after it was killed, and what a test does with it."""
    with tarfile.open(archive) as packed:
        packed.extractall(directory, filter="data")
    folder = directory / archive.name.removesuffix(".tar.xz")
    kept = msgspec.json.decode((folder / "kept.json").read_bytes(), type=Kept)
    profile = 2 if archive in WITH_PASSWORD else 3

    async def life() -> None:
        async with living(folder, kept.product, profile, kept.at + HOUR) as here:
            here.password = CHANGED if profile == 2 else None
            await scene(here, kept)

    run(life(), limit=200_000)


async def until_delivered(here: KeptSite) -> None:
    """Wait until the station is online and nothing waits any more."""
    async with asyncio.timeout(3600):
        station = None
        while station is None or station.outbox.entries or not station.calls.online:
            await asyncio.sleep(30)
            station = here.host.station


def transactions(calls: list[Call]) -> dict[str, list[wire.TransactionEventRequest]]:
    """Return the events of each transaction, in the order of arrival."""
    found: dict[str, list[wire.TransactionEventRequest]] = {}
    for call in calls:
        if call.action == "TransactionEvent":
            event = msgspec.json.decode(call.payload, type=wire.TransactionEventRequest)
            found.setdefault(event.transaction_info.transaction_id, []).append(event)
    return found


def energies(events: list[wire.TransactionEventRequest]) -> Iterator[tuple[datetime, float]]:
    """Yield when the register was read, and what it said."""
    for value in (value for event in events for value in event.meter_value or ()):
        for sample in value.sampled_value:
            if sample.measurand in (None, wire.MeasurandEnum.Energy_Active_Import_Register):
                yield value.timestamp, sample.value


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: path.name)
def test_what_waited_is_delivered_first_in_its_order_word_for_word(archive: Path, tmp_path: Path) -> None:
    """Decided case 8: the same message ids, the same bytes."""

    async def scene(here: KeptSite, kept: Kept) -> None:
        await until_delivered(here)
        waiting = [call for call in here.calls if call.action in {one.action for one in kept.waiting}]
        assert waiting[: len(kept.waiting)] == list(kept.waiting)

    play(archive, tmp_path, scene)


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: path.name)
def test_both_transactions_go_on_and_end_under_their_numbers(archive: Path, tmp_path: Path) -> None:
    """E01.FR.07: seqNo without a gap over the change of the version, none told twice; the meter does not go back."""

    async def scene(here: KeptSite, kept: Kept) -> None:
        await until_delivered(here)
        await asyncio.sleep(300)
        for evse_id in (1, 2):
            await here.hand.unplug(evse_id)
            await asyncio.sleep(60)
        await until_delivered(here)
        told = transactions([*kept.heard, *here.calls])
        assert set(told) == set(transactions(list(kept.heard)))
        assert len(told) == 2
        for events in told.values():
            assert [event.seq_no for event in events] == list(range(len(events)))
            assert [event.event_type.value for event in events if event.event_type != "Updated"] == ["Started", "Ended"]
            energy = [value for _, value in sorted(energies(events))]
            assert energy == sorted(energy)
            assert energy[-1] > 0

    play(archive, tmp_path, scene)


@pytest.mark.parametrize("archive", WITH_PASSWORD, ids=lambda path: path.name)
def test_settings_and_the_changed_password_are_kept(archive: Path, tmp_path: Path) -> None:
    async def scene(here: KeptSite, _: Kept) -> None:
        await until_delivered(here)
        assert set(here.shown) == {CHANGED}
        for component, name, value in (
            ("TxCtrlr", "EVConnectionTimeOut", str(TIME_OUT)),
            ("SampledDataCtrlr", "TxUpdatedInterval", "60"),
        ):
            data = wire.GetVariableData(component=wire.Component(name=component), variable=wire.Variable(name=name))
            answer = await here.csms.call(wire.GetVariablesRequest(get_variable_data=(data,)))
            assert answer.get_variable_result[0].attribute_value == value
        installed = await here.csms.call(wire.GetInstalledCertificateIdsRequest())
        kinds = [chain.certificate_type for chain in installed.certificate_hash_data_chain or ()]
        assert wire.GetCertificateIdUseEnum.ManufacturerRootCertificate in kinds

    play(archive, tmp_path, scene)


@pytest.mark.parametrize("archive", WITH_PASSWORD, ids=lambda path: path.name)
def test_a_change_that_was_scheduled_comes_when_its_transaction_ends(archive: Path, tmp_path: Path) -> None:
    """G03.FR.05."""

    async def scene(here: KeptSite, _: Kept) -> None:
        await until_delivered(here)
        assert here.csms.statuses[2, 1] == "Occupied"
        await here.hand.unplug(2)
        await asyncio.sleep(60)
        assert here.csms.statuses[2, 1] == "Unavailable"

    play(archive, tmp_path, scene)


@pytest.mark.parametrize("archive", WITH_PASSWORD, ids=lambda path: path.name)
def test_a_card_that_was_cached_charges_offline(archive: Path, tmp_path: Path) -> None:
    """C10 and C12: the cache is read again; a card that was never seen is not in it."""

    async def scene(here: KeptSite, kept: Kept) -> None:
        await until_delivered(here)
        await here.hand.unplug(1)
        await asyncio.sleep(60)
        await here.hand.cut_network()
        await asyncio.sleep(60)
        await here.hand.plug(1)
        for card in ("04DDDD04", "04CCCC03"):
            await here.hand.present(card)
            await asyncio.sleep(20)
        await here.hand.restore_network()
        await until_delivered(here)
        others = set(transactions(here.calls)) - set(transactions(list(kept.heard)))
        assert len(others) == 1
        events = transactions(here.calls)[others.pop()]
        assert [event.id_token.id_token for event in events if event.id_token is not None] == ["04CCCC03"]

    play(archive, tmp_path, scene)


@pytest.mark.parametrize("archive", WITH_PASSWORD, ids=lambda path: path.name)
def test_accepted_work_is_carried_out(archive: Path, tmp_path: Path) -> None:
    """N01, L01: the log goes up and the firmware is installed, each told under its own request id."""

    async def scene(here: KeptSite, _: Kept) -> None:
        here.servers.places.add(LOGS)
        here.servers.files[FIRMWARE] = (here.folder / "firmware.bin").read_bytes()
        await until_delivered(here)
        await asyncio.sleep(1000)
        logs = here.csms.of(wire.LogStatusNotificationRequest)
        assert (logs[-1].status, logs[-1].request_id) == ("Uploaded", 31)
        assert len(here.servers.uploads) == 1
        for evse_id in (1, 2):
            await here.hand.unplug(evse_id)
        await asyncio.sleep(100_000)
        told = here.csms.of(wire.FirmwareStatusNotificationRequest)
        assert {status.request_id for status in told} == {32}
        assert told[-1].status == "Installed"
        boots = here.csms.of(wire.BootNotificationRequest)
        assert boots[-1].charging_station.firmware_version == VERSION

    play(archive, tmp_path, scene)


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: path.name)
def test_the_journal_goes_on_after_its_last_line(archive: Path, tmp_path: Path) -> None:
    """N01: what happened under the earlier version is uploaded too, before what has happened since."""

    async def scene(here: KeptSite, kept: Kept) -> None:
        before = [Told.of(value) for _, value in here.store.rows("journal")]
        here.servers.places.add(LOGS)
        await until_delivered(here)
        await asyncio.sleep(1000)
        request = wire.GetLogRequest(
            log=wire.LogParameters(remote_location=LOGS), log_type=wire.LogEnum.DiagnosticsLog, request_id=33
        )
        assert (await here.csms.call(request)).status == "Accepted"
        await asyncio.sleep(60)
        lines = here.servers.uploads[-1][1].decode().splitlines()
        lines = lines[lines.index("journal:") + 1 :]
        assert lines[: len(before)] == [f"{one.at.isoformat()} {one.text}" for one in before]
        assert datetime.fromisoformat(lines[len(before)].split()[0]) > kept.at
        assert "boot" in lines[len(before)]

    play(archive, tmp_path, scene)


@pytest.mark.parametrize("archive", WITH_CERTIFICATE, ids=lambda path: path.name)
def test_the_renewed_certificate_is_the_one_that_is_shown(archive: Path, tmp_path: Path) -> None:
    """A02: its key lies in a file of its own."""

    async def scene(here: KeptSite, _: Kept) -> None:
        await until_delivered(here)
        assert here.subjects
        assert all("O=Charge Ltd" in subject for subject in here.subjects)

    play(archive, tmp_path, scene)


@pytest.mark.parametrize("archive", WITH_CERTIFICATE, ids=lambda path: path.name)
def test_the_boot_was_the_reset_that_was_scheduled(archive: Path, tmp_path: Path) -> None:
    """B12: it does not come once more, and whoever comes next charges."""

    async def scene(here: KeptSite, kept: Kept) -> None:
        await until_delivered(here)
        for evse_id in (1, 2):
            await here.hand.unplug(evse_id)
        await asyncio.sleep(60)
        await here.hand.plug(1)
        await here.hand.present("04EEEE05")
        await asyncio.sleep(60)
        assert len(here.csms.of(wire.BootNotificationRequest)) == 1
        assert len(set(transactions(here.calls)) - set(transactions(list(kept.heard)))) == 1

    play(archive, tmp_path, scene)
