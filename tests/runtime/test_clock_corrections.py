"""The CSMS sets the clock: moments follow it, durations do not (decided case 21)."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import product

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.product.load import load
from ohmstead.runtime.bench_views import view_of_session
from ohmstead.wire import messages as wire
from tests.blocks import test_l_firmware as firmware
from tests.generators import sample
from tests.runtime.site import START, Site, site

CORRECTIONS = [-3600.0, -120.0, -2.0, -0.5, 0.5, 30.0, 3600.0, 10 * 365.25 * 86_400]
"""Seconds; those below one change nothing."""
MOMENTS = [0.0, 7.0, 30.0, 55.0, 59.9, 60.0, 61.0, 119.0]
"""Seconds after the scene began."""
CELLS = list(product(CORRECTIONS, MOMENTS))
INTERVAL = 60


def over(cells: list[tuple[float, float]], size: int, seed: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("correction", "at"), sample(cells, size, seed))


async def corrected(here: Site, correction: float) -> None:
    """A Heartbeat tells the station another time."""
    seconds = timedelta(seconds=correction)
    told = here.clock.now() + seconds
    here.csms.answers[wire.HeartbeatRequest] = lambda _: wire.HeartbeatResponse(current_time=told)
    response = await here.csms.call(wire.TriggerMessageRequest(requested_message=wire.MessageTriggerEnum.Heartbeat))
    assert response.status is wire.TriggerMessageStatusEnum.Accepted
    await asyncio.sleep(0.1)
    # Whole seconds travel: rounded, so that no later Heartbeat is a correction.
    half = timedelta(seconds=0.5)
    here.csms.answers[wire.HeartbeatRequest] = lambda _: wire.HeartbeatResponse(current_time=here.clock.now() + half)


def play(scene: Callable[[Site], Awaitable[None]], name: str = "sec1000-240y") -> None:
    async def main() -> None:
        async with site(product=load(name)) as here:
            await scene(here)

    run(main(), limit=40 * 86_400)


async def charging(here: Site) -> None:
    await here.hand.present("04A1B2C3")
    await asyncio.sleep(1)
    await here.hand.plug(1)
    await here.csms.until(lambda: any(e.transaction_info.charging_state == "Charging" for e in here.csms.events))


@over(CELLS, 20, "aligned")
def test_an_aligned_value_is_stamped_when_it_was_read_and_no_instant_twice(correction: float, at: float) -> None:
    """J01.FR.14; and they go on at once, not when the old time is reached again."""

    async def scene(here: Site) -> None:
        assert await here.set("AlignedDataCtrlr", "Interval", str(INTERVAL)) == "Accepted"
        await asyncio.sleep(INTERVAL - here.clock.now().timestamp() % INTERVAL)
        read: list[tuple[datetime, datetime]] = []

        def note(request: object) -> None:
            assert isinstance(request, wire.MeterValuesRequest)
            if request.evse_id == 0:
                # Read half a round trip before it arrives, by the clock of that time.
                on_its_way = asyncio.get_running_loop().time() - last_set < 0.1
                read.append((request.meter_value[0].timestamp, before_it if on_its_way else here.clock.now()))

        here.csms.answers[wire.MeterValuesRequest] = note
        last_set, before_it = 0.0, here.clock.now()

        def set_clock(_by: timedelta) -> None:
            nonlocal last_set
            last_set = asyncio.get_running_loop().time()

        here.clock.on_corrected(set_clock)
        await asyncio.sleep(at)
        before_it = here.clock.now()
        await corrected(here, correction)
        set_at, loop_at = here.clock.now(), asyncio.get_running_loop().time()
        await asyncio.sleep(4 * INTERVAL)
        stamps = [stamp for stamp, _ in read]
        assert len(set(stamps)) == len(stamps)
        assert all(stamp.timestamp() % INTERVAL == 0 for stamp in stamps)
        assert not [(stamp, seen) for stamp, seen in read if not timedelta() <= seen - stamp < timedelta(seconds=1)]
        after = [stamp for stamp in stamps if stamp > set_at]
        before = {stamp for stamp in stamps if stamp not in after}
        end = here.clock.now()
        due = {
            instant
            for number in range(1, 6)
            if (instant := following(set_at, number)) <= end - timedelta(seconds=0.5) and instant not in before
        }
        assert due - {START} <= set(after), (due, after, asyncio.get_running_loop().time() - loop_at)

    play(scene)


def following(moment: datetime, number: int) -> datetime:
    """Return the nth whole minute after a moment."""
    return moment.replace(second=0, microsecond=0) + timedelta(seconds=number * INTERVAL)


def test_instants_that_a_wrong_clock_has_jumped_over_come_when_it_is_right_again() -> None:
    """An hour ahead for ten minutes: afterwards only the instants of those minutes are left out."""

    async def scene(here: Site) -> None:
        assert await here.set("AlignedDataCtrlr", "Interval", str(INTERVAL)) == "Accepted"
        await asyncio.sleep(90)
        await corrected(here, 3600)
        await asyncio.sleep(600)
        await corrected(here, -3600)
        here.csms.received.clear()
        await asyncio.sleep(300)
        stamps = [v.meter_value[0].timestamp for v in here.csms.of(wire.MeterValuesRequest) if v.evse_id == 0]
        assert len(stamps) == 5

    play(scene)


@over(CELLS, 12, "display")
def test_display_and_page_show_how_long_a_session_has_lasted(correction: float, at: float) -> None:
    async def scene(here: Site) -> None:
        await charging(here)
        # The battery is measured before energy flows.
        began = asyncio.get_running_loop().time() - (here.clock.now() - here.csms.events[0].timestamp).total_seconds()
        await asyncio.sleep(at)
        await corrected(here, correction)
        await asyncio.sleep(6)
        lasted = asyncio.get_running_loop().time() - began
        screen = here.simulator.screen
        assert screen is not None
        found = re.search(r"(\d+):(\d\d):(\d\d)$", screen.lines[0])
        assert found, screen.lines
        hours, minutes, seconds = map(int, found.groups())
        assert hours * 3600 + minutes * 60 + seconds == pytest.approx(lasted, abs=6.5)
        assert "-" not in screen.lines[0]
        assert screen.lines[-1] == f"{here.clock.now():%d %b %Y, %H:%M}"
        station = here.host.station
        assert station is not None
        view = view_of_session(next(iter(station.charging.sessions)), 0.0, station.charging.elapsed)
        assert view.started_at is not None
        assert (here.clock.now() - view.started_at).total_seconds() == pytest.approx(lasted, abs=3)

    play(scene)


@over(CELLS, 10, "timeout")
def test_the_time_for_the_cable_is_a_duration(correction: float, at: float) -> None:
    """E03.FR.05, F04."""

    async def scene(here: Site) -> None:
        assert await here.set("TxCtrlr", "EVConnectionTimeOut", "200") == "Accepted"
        assert await here.set("TxCtrlr", "TxStartPoint", "Authorized") == "Accepted"
        began = asyncio.get_running_loop().time()
        await here.hand.present("04A1B2C3")
        await asyncio.sleep(at + 0.2)
        await corrected(here, correction)
        await here.csms.until(
            lambda: any(e.trigger_reason is wire.TriggerReasonEnum.EVConnectTimeout for e in here.csms.events), 400
        )
        assert asyncio.get_running_loop().time() - began == pytest.approx(200, abs=2)

    play(scene)


@over(CELLS, 6, "reboot")
def test_after_a_reboot_the_time_for_the_cable_goes_on(correction: float, at: float) -> None:
    async def scene(here: Site) -> None:
        assert await here.set("TxCtrlr", "EVConnectionTimeOut", "300") == "Accepted"
        assert await here.set("TxCtrlr", "TxStartPoint", "Authorized") == "Accepted"
        began = asyncio.get_running_loop().time()
        await here.hand.present("04A1B2C3")
        await asyncio.sleep(at + 0.2)
        await corrected(here, correction)
        await here.hand.reboot()
        await here.csms.until(
            lambda: any(e.trigger_reason is wire.TriggerReasonEnum.EVConnectTimeout for e in here.csms.events), 700
        )
        assert asyncio.get_running_loop().time() - began <= 300 + at + 40

    play(scene)


@over(CELLS, 8, "firmware")
def test_an_update_begins_at_its_moment_by_the_corrected_clock(correction: float, at: float) -> None:
    """L01.FR.13."""

    async def scene(here: Site) -> None:
        moment = START + timedelta(seconds=300)
        begun: list[datetime] = []

        def note(request: object) -> None:
            assert isinstance(request, wire.FirmwareStatusNotificationRequest)
            if request.status is wire.FirmwareStatusEnum.Downloading:
                begun.append(here.clock.now())

        here.csms.answers[wire.FirmwareStatusNotificationRequest] = note
        assert (await firmware.update(here, retrieve=moment)).status is wire.UpdateFirmwareStatusEnum.Accepted
        await asyncio.sleep(at)
        await corrected(here, correction)
        resumed = here.clock.now()
        await here.csms.until(lambda: bool(begun), 5_000)
        assert max(moment, resumed) - timedelta(seconds=1) <= begun[0] < max(moment, resumed) + timedelta(seconds=2)

    firmware.play(scene)


@pytest.mark.parametrize("waits", ["retrieve", "install"])
def test_an_update_whose_moment_is_years_away_after_a_correction_ends_and_the_next_one_is_taken(waits: str) -> None:
    """Else a product that cannot cancel one takes no update until then: L01.FR.13, L01.FR.16, L01.FR.27."""

    async def scene(here: Site) -> None:
        ahead = 200.0 * 86_400
        await corrected(here, ahead)
        moment = here.clock.now() + timedelta(days=360)
        retrieve, install = (moment, None) if waits == "retrieve" else (START, moment)
        answer = await firmware.update(here, retrieve=retrieve, install=install)
        assert answer.status is wire.UpdateFirmwareStatusEnum.Accepted
        await asyncio.sleep(300)
        await corrected(here, -ahead)
        await asyncio.sleep(300)
        last = "DownloadFailed" if waits == "retrieve" else "InstallationFailed"
        assert firmware.told(here)[-1].startswith(last), firmware.told(here)
        assert (await firmware.update(here)).status is wire.UpdateFirmwareStatusEnum.Accepted

    firmware.play(scene)


@over(CELLS, 12, "lifetime")
def test_the_time_that_an_entry_of_the_cache_lives_is_a_duration(correction: float, at: float) -> None:
    """C10.FR.08: LifeTime counts from the last use, whatever the clock said then."""

    async def scene(here: Site) -> None:
        await here.set("AuthCacheCtrlr", "LifeTime", "600")
        await here.set("AuthCtrlr", "LocalPreAuthorize", "true")
        await here.hand.present("04A1B2C3")
        await asyncio.sleep(at + 1)
        await corrected(here, correction)
        await asyncio.sleep(590 - at)
        await here.hand.present("04A1B2C3")  # known still, and a use
        await asyncio.sleep(5)
        assert len(here.csms.of(wire.AuthorizeRequest)) == 1
        await asyncio.sleep(605)
        await here.hand.present("04A1B2C3")
        await asyncio.sleep(5)
        assert len(here.csms.of(wire.AuthorizeRequest)) == 2

    play(scene)


@pytest.mark.parametrize(("correction", "asked"), [(3600.0, 1), (-3600.0, 2), (10 * 365.25 * 86_400, 2)])
def test_what_the_cache_knows_expires_by_the_corrected_clock(correction: float, asked: int) -> None:
    """C10.FR.08: expiries are wall time; an hour back an entry that has expired is not alive again for want of room."""

    async def scene(here: Site) -> None:
        expiry = START + timedelta(seconds=1800 if correction < 0 else 30 * 86_400)
        info = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Accepted, cache_expiry_date_time=expiry)
        here.csms.answers[wire.AuthorizeRequest] = lambda _: wire.AuthorizeResponse(id_token_info=info)
        await here.set("AuthCtrlr", "LocalPreAuthorize", "true")
        await here.hand.present("04A1B2C3")
        await asyncio.sleep(2000)
        if correction > 0:
            await corrected(here, correction)
        await here.hand.present("04A1B2C3")
        await asyncio.sleep(5)
        assert len(here.csms.of(wire.AuthorizeRequest)) == asked

    play(scene)


@pytest.mark.parametrize("correction", [0.0, -3600.0, 3600.0])
def test_local_time_jumps_at_its_transition(correction: float) -> None:
    async def scene(here: Site) -> None:
        moment = START + timedelta(seconds=7203)
        await here.set("ClockCtrlr", "TimeOffset", "+01:00")
        data = [
            wire.SetVariableData(
                attribute_value=value,
                component=wire.Component(name="ClockCtrlr"),
                variable=wire.Variable(name=name, instance=instance),
            )
            for name, instance, value in (
                ("TimeOffset", "NextTransition", "+02:00"),
                ("NextTimeOffsetTransitionDateTime", None, f"{moment:%Y-%m-%dT%H:%M:%SZ}"),
            )
        ]
        answer = await here.csms.call(wire.SetVariablesRequest(set_variable_data=tuple(data)))
        assert {result.attribute_status for result in answer.set_variable_result} == {"Accepted"}
        await asyncio.sleep(10)
        if correction:
            await corrected(here, correction)
        await asyncio.sleep((moment - here.clock.now()).total_seconds() - 1)
        assert shown(here) == f"{here.clock.now() + timedelta(hours=1):%H:%M}"
        await asyncio.sleep(1.5)
        assert shown(here) == f"{here.clock.now() + timedelta(hours=2):%H:%M}"

    play(scene, "flagship")


def shown(here: Site) -> str:
    screen = here.simulator.screen
    assert screen is not None
    return screen.lines[-1][-5:]
