"""The journal, from outside: what GetLog uploads after days of charging, and what the store holds (N01.FR.04)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.virtual_time import run
from ohmstead.model.journal import KIND, MOST_BYTES
from ohmstead.wire import messages as wire
from tests.generators import examples
from tests.runtime.site import START, Site, site

PLACE = "https://files.example/logs/"
DAYS = examples(1, 30)
DAY = 86_400
CARD = "04A1B2C3D4"


def play(scene: Callable[[Site], Awaitable[None]]) -> None:
    """Run a scene at a site whose file server takes uploads."""

    async def life() -> None:
        async with site(store=MemoryStore()) as here:
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
        await here.host.plug(1)
        await here.host.present(CARD)
        await asyncio.sleep(3000)
        await here.host.unplug(1)
        await asyncio.sleep(600)
        here.csms.received.clear()


@pytest.mark.timeout(1200)
def test_days_of_charging_push_out_neither_boots_nor_faults_nor_what_was_set() -> None:
    """What a technician asks for after weeks: all of it happened in the first minutes, readings fill the rest."""

    async def scene(here: Site) -> None:
        await here.host.fault(1, 1, "GroundFailure")
        await asyncio.sleep(5)
        await here.host.clear(1, 1)
        inoperative = wire.OperationalStatusEnum.Inoperative
        for wanted in (inoperative, wire.OperationalStatusEnum.Operative):
            change = wire.ChangeAvailabilityRequest(operational_status=wanted, evse=wire.EVSE(id=2))
            assert (await here.csms.call(change)).status == "Accepted"
        assert await here.set("OCPPCommCtrlr", "OfflineThreshold", "77") == "Accepted"
        assert await here.set("SecurityCtrlr", "BasicAuthPassword", "another-password-1") == "Accepted"
        await here.host.reboot()
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
        await here.host.plug(1)
        await here.host.present(CARD)
        await asyncio.sleep(500)
        before = stored(here)
        await here.host.cut_power()
        await asyncio.sleep(10)
        await here.host.restore_power()
        await asyncio.sleep(600)
        after = stored(here)
        assert after[: len(before)] == before
        numbers = [int(key) for key, _ in after]
        assert numbers == list(range(1, len(after) + 1))

    play(scene)
