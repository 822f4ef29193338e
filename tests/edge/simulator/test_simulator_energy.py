"""Energy and power in time: rules that hold for all that hands and station may do."""

import asyncio
from itertools import pairwise
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ohmstead.edge.simulator import MODELS, Simulator, SimulatorState
from ohmstead.edge.virtual_time import run
from ohmstead.ports.hand import HandRefused
from ohmstead.ports.hardware import MeterReading
from ohmstead.product.profile import Product, ProductConnector

Step = tuple[float, str, int]
Log = list[tuple[float, str]]

ACTIONS = (
    "plug",
    "charge",
    "unplug",
    "forbid",
    "hold",
    "release",
    "pause",
    "resume",
    "stop",
    "fault",
    "clear",
    "press",
)


def moments(most: int) -> st.SearchStrategy[float]:
    """Seconds in sixty-fourths, whose sums are exact: asyncio runs timers that lie within a nanosecond together."""
    return st.integers(0, most * 64).map(lambda number: number / 64)


scripts = st.lists(
    st.tuples(moments(1500), st.sampled_from((*ACTIONS, "plug", "charge", "charge")), st.sampled_from((1, 2))),
    max_size=14,
)


def act(sim: Simulator, action: str, evse_id: int) -> None:
    """Do one step of a script; what is impossible is left out."""
    hand = sim.hand
    match action:
        case "forbid":
            sim.enable(evse_id, False)
        case "hold" | "release":
            sim.suspend(evse_id, action == "hold")
        case _:
            try:
                touch(sim, action, evse_id)
            except HandRefused:
                assert hand is sim.hand


def touch(sim: Simulator, action: str, evse_id: int) -> None:
    hand = sim.hand
    match action:
        case "plug":
            hand.plug(evse_id, 1)
        case "charge":
            sim.enable(evse_id, True)
            hand.plug(evse_id, 1, "sedan-77" if evse_id == 1 else "suv-100@70")
        case "unplug":
            hand.unplug(evse_id)
        case "pause":
            hand.suspend(evse_id)
        case "resume":
            hand.resume(evse_id)
        case "stop":
            hand.stop_by_ev(evse_id)
        case "fault":
            hand.fault(evse_id, 1, "OverTemperature")
        case "clear":
            hand.clear(evse_id, 1)
        case "press":
            hand.emergency_stop(not sim.emergency_stop())


async def play(product: Product, script: list[Step], looks: list[float]) -> tuple[Log, SimulatorState]:
    """Play a script, with looks at the meters at some moments, and return what was observed and what is left."""
    loop = asyncio.get_running_loop()
    sim = Simulator(product, random=Random(7))
    log: Log = []
    sim.observe(lambda seen: log.append((loop.time(), repr(seen))))
    for moment in looks:
        loop.call_at(moment, lambda: (sim.read(1), sim.read(2), sim.snapshot(), sim.history(1)))
    for wait, action, evse_id in script:
        await asyncio.sleep(wait)
        act(sim, action, evse_id)
    await asyncio.sleep(3000)
    return log, sim.capture()


@settings(deadline=None, max_examples=60)
@given(script=scripts, looks=st.lists(moments(8000), max_size=30))
def test_looking_changes_nothing(dc: Product, script: list[Step], looks: list[float]) -> None:
    assert run(play(dc, script, looks)) == run(play(dc, script, []))


@settings(deadline=None, max_examples=30)
@given(script=scripts)
def test_the_same_seed_gives_the_same_run(ac: Product, script: list[Step]) -> None:
    assert run(play(ac, script, [])) == run(play(ac, script, []))


async def watch(product: Product, script: list[Step], efficiency: float = 1.0) -> None:
    """Play a script and look every 3.7 seconds at every limit."""
    sim = Simulator(product, random=Random(3), meters={1: 1000.0, 2: 2000.0})
    last = sim.registers()
    assert last == {1: 1000.0, 2: 2000.0}
    for wait, action, evse_id in script:
        act(sim, action, evse_id)
        for _ in range(int(wait / 3.7)):
            await asyncio.sleep(3.7)
            last = check_limits(sim, last, efficiency)


def check_limits(sim: Simulator, last: dict[int, float], efficiency: float) -> dict[int, float]:
    snapshot = sim.snapshot()
    assert sum(one.power_w for one in snapshot.evses) <= snapshot.max_power_w * (1 + 1e-12)
    for one in snapshot.evses:
        assert 0 <= one.power_w <= one.max_power_w
        assert one.energy_wh >= last[one.evse_id]
        assert (one.power_w > 0) == (one.supply == "Delivering")
        if one.ev and one.soc_percent is not None:
            model = MODELS[one.ev]
            assert one.soc_percent <= 100
            assert one.current_a <= model.max_current_a * (1 + 1e-9)
            assert one.power_w * efficiency <= model.curve_w(one.soc_percent) * (1 + 1e-9)
    return {one.evse_id: one.energy_wh for one in snapshot.evses}


@settings(deadline=None, max_examples=40)
@given(script=scripts)
def test_no_limit_is_ever_passed_and_meters_never_go_back(dc: Product, script: list[Step]) -> None:
    run(watch(dc, script))


@settings(deadline=None, max_examples=20)
@given(script=scripts)
def test_the_same_holds_for_ac(ac: Product, script: list[Step]) -> None:
    run(watch(ac, script, efficiency=0.9))


@pytest.mark.parametrize("interval", [0.1, 0.9, 5.0])
def test_energy_is_the_integral_of_the_power_that_is_told(dc: Product, interval: float) -> None:
    async def charge() -> tuple[float, float, float]:
        sim = Simulator(dc, random=Random(1))
        for evse_id, ev in ((1, "sedan-77@15"), (2, "hatchback-58@60")):
            sim.enable(evse_id, True)
            sim.hand.plug(evse_id, 1, ev)
        before = sim.read(1)
        integral = doubt = 0.0
        for _ in range(int(1800 / interval)):
            await asyncio.sleep(interval)
            reading = sim.read(1)
            integral += (reading.power_w + before.power_w) / 2 * interval / 3600
            doubt += abs(reading.power_w - before.power_w) / 2 * interval / 3600
            before = reading
        return before.energy_wh, integral, doubt

    energy, integral, doubt = run(charge())
    assert energy > 30_000
    # Between two looks the power lay between what both told, whenever in between it changed.
    assert abs(energy - integral) <= doubt + 1e-6


def test_within_a_step_energy_is_power_times_time_exactly(dc: Product) -> None:
    async def charge() -> None:
        sim = Simulator(dc, random=Random(1))
        sim.enable(1, True)
        sim.hand.plug(1)
        await asyncio.sleep(100.5)
        first = sim.read(1)
        await asyncio.sleep(4)
        second = sim.read(1)
        assert second.power_w == first.power_w > 0
        assert second.energy_wh - first.energy_wh == pytest.approx(first.power_w * 4 / 3600, rel=1e-9)

    run(charge())


def test_the_battery_gets_what_the_meter_counts_less_the_losses(dc: Product) -> None:
    async def charge() -> float:
        sim = Simulator(dc, random=Random(1))
        sim.enable(1, True)
        sim.hand.plug(1, 1, "suv-100@20-80")
        await asyncio.sleep(4 * 3600)
        return sim.read(1).energy_wh

    assert run(charge()) == pytest.approx(MODELS["suv-100"].usable_wh * 0.6 / 0.97, rel=1e-9)


def test_current_times_voltage_is_power(dc: Product, ac: Product) -> None:
    async def charge(product: Product, phases: int) -> None:
        sim = Simulator(product, random=Random(1))
        sim.enable(1, True)
        sim.hand.plug(1)
        await asyncio.sleep(300)
        reading = sim.read(1)
        assert reading.power_w == pytest.approx(reading.voltage_v * reading.current_a * phases)

    run(charge(dc, 1))
    run(charge(ac, 3))


def test_two_cars_share_and_the_rest_of_one_goes_to_the_other(dc: Product) -> None:
    async def charge() -> None:
        sim = Simulator(dc, random=Random(1))
        sim.enable(1, True)
        sim.enable(2, True)
        sim.hand.plug(1, 1, "truck-400@20")
        await asyncio.sleep(120)
        assert sim.read(1).power_w == 240_000
        sim.hand.plug(2, 1, "truck-400@20")
        await asyncio.sleep(120)
        assert [sim.read(1).power_w, sim.read(2).power_w] == [120_000, 120_000]
        sim.hand.unplug(2)
        sim.hand.plug(2, 1, "city-36@20")
        await asyncio.sleep(120)
        small = sim.read(2).power_w
        assert 40_000 < small < 60_000
        assert sim.read(1).power_w == pytest.approx(240_000 - small)

    run(charge())


def test_power_rises_in_a_ramp(dc: Product) -> None:
    async def charge() -> list[float]:
        sim = Simulator(dc, random=Random(1))
        sim.enable(1, True)
        sim.hand.plug(1, 1, "sedan-77@20")
        powers = []
        for _ in range(40):
            await asyncio.sleep(0.5)
            powers.append(sim.read(1).power_w)
        return powers

    powers = run(charge())
    assert powers == sorted(powers)
    assert max(b - a for a, b in pairwise(powers)) <= 25_000 * 1.5
    assert powers[-1] > 200_000


def test_an_ac_car_takes_what_its_charger_and_the_socket_can(ac: Product) -> None:
    async def charge(ev: str) -> float:
        sim = Simulator(ac, random=Random(1))
        sim.enable(1, True)
        sim.hand.plug(1, 1, ev)
        await asyncio.sleep(60)
        return sim.read(1).power_w

    assert run(charge("hatchback-58@30")) == 3 * 16 * 230
    assert run(charge("suv-100@30")) == 3 * 32 * 230
    assert run(charge("city-36@30")) == 1 * 32 * 230


def test_contacts_warm_under_load_and_cool_after_it(dc: Product) -> None:
    async def charge() -> tuple[float | None, ...]:
        sim = Simulator(dc, random=Random(1))
        cold = sim.read(1).temperature_c
        sim.enable(1, True)
        sim.hand.plug(1, 1, "suv-100@10")
        await asyncio.sleep(900)
        warm = sim.read(1).temperature_c
        sim.enable(1, False)
        await asyncio.sleep(7200)
        return cold, warm, sim.read(1).temperature_c

    cold, warm, after = run(charge())
    assert cold is not None and warm is not None and warm > cold + 10
    assert after == pytest.approx(cold, abs=0.1)


def test_a_day_with_forty_sessions_is_cheap_and_adds_up(dc: Product) -> None:
    async def day() -> tuple[float, float, int]:
        sim = Simulator(dc, random=Random(11))
        seen: list[object] = []
        sim.observe(seen.append)
        total = 0.0
        for number in range(40):
            evse_id = 1 + number % 2
            sim.enable(evse_id, True)
            sim.hand.plug(evse_id)
            await asyncio.sleep(2100)
            total += sim.snapshot().evses[evse_id - 1].session_wh
            sim.hand.unplug(evse_id)
            sim.enable(evse_id, False)
            await asyncio.sleep(60)
        return total, sum(sim.registers().values()), len(seen)

    total, registers, seen = run(day())
    assert total == pytest.approx(registers)
    assert total > 400_000
    assert seen >= 4 * 40


def test_a_curve_stays_bounded_and_keeps_its_ends(dc: Product) -> None:
    async def charge() -> None:
        sim = Simulator(dc, random=Random(1))
        assert sim.history(1) == ()
        sim.enable(1, True)
        sim.hand.plug(1, 1, "truck-400@5")
        await asyncio.sleep(12_000)
        points = sim.history(1)
        assert 200 < len(points) <= 602
        assert (points[0].time_s, points[0].power_w) == (0, 0)
        assert points[-1].time_s == 12_000
        assert [point.time_s for point in points] == sorted(point.time_s for point in points)
        assert [point.soc_percent for point in points] == sorted(point.soc_percent for point in points)
        sim.hand.unplug(1)
        assert sim.history(1)[-1].power_w == 0

    run(charge())


def test_a_thin_cable_limits_the_current(dc: Product) -> None:
    chademo = ProductConnector(id=1, type="cG105")
    old = msgspec.structs.replace(dc, evses=(msgspec.structs.replace(dc.evses[0], connectors=(chademo,)),))

    async def charge() -> MeterReading:
        sim = Simulator(old, random=Random(1))
        sim.enable(1, True)
        sim.hand.plug(1, 1, "suv-100@20")
        await asyncio.sleep(120)
        return sim.read(1)

    reading = run(charge())
    assert 120 < reading.current_a <= 125
    assert reading.power_w == pytest.approx(reading.current_a * reading.voltage_v)


@pytest.mark.parametrize("ev", ["hatchback-58@50-99", "hatchback-58@4-5"], ids=["while power falls", "while it rises"])
def test_a_full_battery_is_noticed_though_nobody_looks(dc: Product, ev: str) -> None:
    async def charge(look: bool) -> list[float]:
        loop = asyncio.get_running_loop()
        sim = Simulator(dc, random=Random(1))
        times: list[float] = []
        sim.observe(lambda _: times.append(loop.time()))
        sim.enable(1, True)
        sim.hand.plug(1, 1, ev)
        for _ in range(16_000):
            await asyncio.sleep(0.5)
            if look:
                sim.read(1)
        return times

    unseen, seen = run(charge(False)), run(charge(True))
    assert len(unseen) == 5
    assert unseen == seen
