"""What the station observes and commands: supply, faults, emergency stop, locks, loss of the mains."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import TypeVar

import msgspec
import pytest

from ohmstead.edge.simulator import Simulator
from ohmstead.edge.virtual_time import run
from ohmstead.ports.hand import HandRefused
from ohmstead.ports.hardware import (
    EmergencyStopChanged,
    EvStopped,
    FaultChanged,
    Hardware,
    LockResult,
    MeterReading,
    Observation,
    PlugIn,
    PlugOut,
    Screen,
    Supply,
    SupplyChanged,
    UnlockResult,
)
from ohmstead.ports.measurands import added, measurands_of
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.wire.messages import MeasurandEnum

T = TypeVar("T")
Seen = list[Observation]


def live(product: Product, scenario: Callable[[Simulator, Seen], Awaitable[T]]) -> T:
    """Run a scenario on a new machine that writes down what it observes."""

    async def main() -> T:
        sim = Simulator(product, random=Random(4))
        seen: Seen = []
        sim.observe(seen.append)
        return await scenario(sim, seen)

    return run(main())


async def charging(sim: Simulator, seen: Seen, ev: str = "hatchback-58@30", evse_id: int = 1) -> None:
    """Reach Delivering, and forget what was observed on the way."""
    sim.enable(evse_id, True)
    sim.hand.plug(evse_id, 1, ev)
    await asyncio.sleep(30)
    assert sim.state(evse_id).supply is Supply.Delivering
    seen.clear()


def test_it_is_the_hardware_that_a_station_asks_for(dc: Product) -> None:
    machine: Hardware = Simulator(dc, random=Random(1))
    assert machine.emergency_stop() is False


def test_a_dc_charge_prepares_delivers_suspends_and_ends(dc: Product) -> None:
    async def scenario(sim: Simulator, seen: Seen) -> list[str]:
        sim.hand.plug(1, 1, "city-36@90-95")
        sim.enable(1, True)
        await asyncio.sleep(3600)
        return [str(getattr(one, "supply", type(one).__name__)) for one in seen]

    assert live(dc, scenario) == ["PlugIn", "Preparing", "Delivering", "SuspendedEV", "EvStopped"]


def test_a_full_ac_car_suspends_and_does_not_end(ac: Product) -> None:
    async def scenario(sim: Simulator, seen: Seen) -> Seen:
        await charging(sim, seen, "city-36@90-95")
        await asyncio.sleep(7200)
        return seen

    assert live(ac, scenario) == [SupplyChanged(1, Supply.SuspendedEV)]


def test_preparing_takes_cable_check_and_precharge(dc: Product) -> None:
    async def scenario(sim: Simulator, _: Seen) -> None:
        sim.hand.plug(1, 1, "truck-400")
        sim.enable(1, True)
        await asyncio.sleep(3.9)
        assert sim.state(1).supply is Supply.Preparing
        assert sim.read(1).soc_percent is None
        await asyncio.sleep(4.7)
        assert sim.state(1).supply is Supply.Delivering
        assert sim.read(1).soc_percent is not None

    live(dc, scenario)


def test_a_car_that_comes_later_gets_energy_if_it_is_allowed(dc: Product) -> None:
    async def scenario(sim: Simulator, seen: Seen) -> Seen:
        sim.enable(1, True)
        await asyncio.sleep(10)
        sim.hand.plug(1)
        await asyncio.sleep(0)
        return seen

    assert live(dc, scenario) == [PlugIn(1, 1), SupplyChanged(1, Supply.Preparing)]


def test_forbidding_opens_the_contactors_at_once(dc: Product) -> None:
    async def scenario(sim: Simulator, seen: Seen) -> None:
        await charging(sim, seen)
        sim.enable(1, False)
        assert sim.state(1).supply is Supply.Off
        assert sim.read(1).power_w == 0
        assert seen == []
        await asyncio.sleep(0)
        assert seen == [SupplyChanged(1, Supply.Off)]

    live(dc, scenario)


def test_a_command_that_changes_nothing_is_not_observed(dc: Product) -> None:
    async def scenario(sim: Simulator, seen: Seen) -> Seen:
        await charging(sim, seen)
        sim.enable(1, True)
        sim.suspend(1, False)
        await asyncio.sleep(1)
        return seen

    assert live(dc, scenario) == []


def test_suspending_holds_energy_back_until_it_may_flow_again(dc: Product) -> None:
    async def scenario(sim: Simulator, seen: Seen) -> Seen:
        await charging(sim, seen)
        sim.suspend(1, True)
        held = sim.read(1).energy_wh
        await asyncio.sleep(600)
        assert sim.read(1).energy_wh == held
        sim.suspend(1, False)
        await asyncio.sleep(1)
        return seen

    assert live(dc, scenario) == [SupplyChanged(1, Supply.SuspendedEVSE), SupplyChanged(1, Supply.Delivering)]


def test_suspending_during_the_preparation_begins_it_anew_later(dc: Product) -> None:
    async def scenario(sim: Simulator, seen: Seen) -> Seen:
        sim.enable(1, True)
        sim.hand.plug(1)
        sim.suspend(1, True)
        await asyncio.sleep(60)
        sim.suspend(1, False)
        await asyncio.sleep(60)
        return seen[2:]

    assert live(dc, scenario) == [
        SupplyChanged(1, Supply.SuspendedEVSE),
        SupplyChanged(1, Supply.Preparing),
        SupplyChanged(1, Supply.Delivering),
    ]


def test_to_forbid_energy_forgets_a_suspension(dc: Product) -> None:
    async def scenario(sim: Simulator, seen: Seen) -> Supply:
        await charging(sim, seen)
        sim.suspend(1, True)
        sim.enable(1, False)
        sim.enable(1, True)
        await asyncio.sleep(60)
        return sim.state(1).supply

    assert live(dc, scenario) is Supply.Delivering


def test_the_ev_suspends_and_resumes(dc: Product) -> None:
    async def scenario(sim: Simulator, seen: Seen) -> Seen:
        await charging(sim, seen)
        sim.hand.suspend(1)
        await asyncio.sleep(600)
        sim.hand.resume(1)
        await asyncio.sleep(1)
        return seen

    assert live(dc, scenario) == [SupplyChanged(1, Supply.SuspendedEV), SupplyChanged(1, Supply.Delivering)]


def test_the_evse_holding_back_comes_before_the_ev(dc: Product) -> None:
    async def scenario(sim: Simulator, seen: Seen) -> Supply:
        await charging(sim, seen)
        sim.hand.suspend(1)
        sim.suspend(1, True)
        return sim.state(1).supply

    assert live(dc, scenario) is Supply.SuspendedEVSE


def test_the_ev_ends_its_session_until_it_is_offered_energy_anew(dc: Product) -> None:
    async def scenario(sim: Simulator, seen: Seen) -> Seen:
        await charging(sim, seen)
        sim.hand.stop_by_ev(1)
        await asyncio.sleep(600)
        assert seen == [EvStopped(1), SupplyChanged(1, Supply.SuspendedEV)]
        seen.clear()
        sim.enable(1, False)
        sim.enable(1, True)
        await asyncio.sleep(30)
        return seen

    assert live(dc, scenario) == [
        SupplyChanged(1, Supply.Off),
        SupplyChanged(1, Supply.Preparing),
        SupplyChanged(1, Supply.Delivering),
    ]


def test_unplugging_under_power_is_one_observation(dc: Product) -> None:
    async def scenario(sim: Simulator, seen: Seen) -> Seen:
        await charging(sim, seen)
        sim.hand.unplug(1)
        assert sim.state(1).supply is Supply.Off
        assert sim.read(1).power_w == 0
        await asyncio.sleep(60)
        return seen

    assert live(dc, scenario) == [PlugOut(1, 1)]


@pytest.mark.parametrize("connector_id", [0, 1])
def test_a_fault_cuts_energy_until_it_is_cleared(dc: Product, connector_id: int) -> None:
    async def scenario(sim: Simulator, seen: Seen) -> Seen:
        await charging(sim, seen)
        sim.hand.fault(1, connector_id, "OverTemperature")
        assert sim.state(1).faults == {(connector_id, "OverTemperature")}
        await asyncio.sleep(60)
        sim.hand.clear(1, connector_id)
        await asyncio.sleep(60)
        return seen

    assert live(dc, scenario) == [
        FaultChanged(1, connector_id, "OverTemperature", True),
        SupplyChanged(1, Supply.Off),
        FaultChanged(1, connector_id, "OverTemperature", False),
        SupplyChanged(1, Supply.Preparing),
        SupplyChanged(1, Supply.Delivering),
    ]


def test_a_fault_of_the_other_connector_leaves_the_charge_alone(ac: Product) -> None:
    async def scenario(sim: Simulator, seen: Seen) -> Supply:
        await charging(sim, seen)
        sim.hand.fault(1, 2, "ContactorWelded")
        return sim.state(1).supply

    assert live(ac, scenario) is Supply.Delivering


def test_the_emergency_stop_cuts_every_evse_until_released(dc: Product) -> None:
    async def scenario(sim: Simulator, seen: Seen) -> Seen:
        await charging(sim, seen, evse_id=2)
        await charging(sim, seen)
        sim.hand.emergency_stop(True)
        assert sim.emergency_stop()
        await asyncio.sleep(60)
        sim.enable(1, False)
        sim.hand.emergency_stop(False)
        await asyncio.sleep(0)
        return seen

    assert live(dc, scenario) == [
        EmergencyStopChanged(True),
        SupplyChanged(1, Supply.Off),
        SupplyChanged(2, Supply.Off),
        EmergencyStopChanged(False),
        SupplyChanged(2, Supply.Preparing),
    ]


def test_observations_reach_only_who_observes_when_they_arrive(dc: Product) -> None:
    async def scenario(sim: Simulator, seen: Seen) -> tuple[Seen, Seen]:
        later: Seen = []
        sim.hand.plug(1)
        sim.observe(later.append)
        sim.hand.unplug(1)
        await asyncio.sleep(0)
        sim.observe(None)
        sim.hand.plug(1)
        await asyncio.sleep(0)
        return seen, later

    assert live(dc, scenario) == ([], [PlugOut(1, 1)])


def test_a_power_cut_keeps_car_meter_and_faults_and_forgets_commands(dc: Product) -> None:
    async def scenario(sim: Simulator, seen: Seen) -> None:
        await charging(sim, seen)
        sim.hand.fault(2, 1, "GroundFailure")
        await asyncio.sleep(600)
        sim.show(Screen(headline="Charging"))
        seen.clear()
        register = sim.read(1).energy_wh
        assert register > 0
        sim.hand.cut_power()
        await asyncio.sleep(600)
        sim.enable(1, True)
        sim.show(Screen(headline="ghost"))
        assert (sim.state(1).connector_id, sim.state(1).supply, sim.screen) == (1, Supply.Off, None)
        sim.hand.restore_power()
        await asyncio.sleep(600)
        assert sim.state(1).supply is Supply.Off
        assert sim.read(1).energy_wh == register
        assert sim.state(2).faults == {(1, "GroundFailure")}
        assert seen == []

    live(dc, scenario)


def test_a_cable_can_be_pulled_in_the_dark(dc: Product) -> None:
    async def scenario(sim: Simulator, _: Seen) -> int | None:
        sim.hand.plug(1)
        sim.hand.cut_power()
        sim.hand.unplug(1)
        sim.hand.restore_power()
        return sim.state(1).connector_id

    assert live(dc, scenario) is None


def test_the_bay_is_seen_only_where_there_is_a_sensor(dc: Product, ac: Product) -> None:
    async def scenario(sim: Simulator, seen: Seen) -> tuple[bool, int]:
        sim.hand.arrive(1)
        occupied = sim.state(1).occupied
        sim.hand.leave(1)
        await asyncio.sleep(0)
        return occupied, len(seen)

    assert live(dc, scenario) == (False, 0)
    assert live(ac, scenario) == (True, 2)


def test_an_unlock_stops_the_energy_before_the_lock_opens(ac: Product) -> None:
    async def scenario(sim: Simulator, seen: Seen) -> None:
        await charging(sim, seen)
        assert not sim.snapshot().evses[0].locked
        assert await sim.lock(1, 1) is LockResult.Locked
        assert sim.snapshot().evses[0].locked
        assert await sim.unlock(1, 1) is UnlockResult.Unlocked
        assert not sim.snapshot().evses[0].locked
        await asyncio.sleep(60)
        assert seen == [SupplyChanged(1, Supply.Off)]

    live(ac, scenario)


@pytest.mark.parametrize("connector_id", [2, 9])
def test_a_fixed_cable_and_an_unknown_connector_cannot_be_unlocked(ac: Product, connector_id: int) -> None:
    async def scenario(sim: Simulator, _: Seen) -> UnlockResult:
        return await sim.unlock(1, connector_id)

    assert live(ac, scenario) is UnlockResult.UnlockFailed


def test_a_stuck_lock_is_noticed_only_when_it_should_open(ac: Product) -> None:
    async def scenario(sim: Simulator, seen: Seen) -> None:
        await charging(sim, seen)
        sim.hand.fault(1, 1, "Jammed")
        assert await sim.unlock(1, 1) is UnlockResult.UnlockFailed
        assert sim.state(1).supply is Supply.Delivering
        sim.hand.clear(1, 1)
        assert await sim.unlock(1, 1) is UnlockResult.Unlocked
        await asyncio.sleep(0)
        assert seen == [SupplyChanged(1, Supply.Off)]

    live(ac, scenario)


def test_a_power_cut_fails_an_unlock(ac: Product) -> None:
    async def scenario(sim: Simulator, _: Seen) -> UnlockResult:
        asyncio.get_running_loop().call_later(0.3, sim.hand.cut_power)
        return await sim.unlock(1, 1)

    assert live(ac, scenario) is UnlockResult.UnlockFailed


def test_a_product_without_a_display_shows_nothing(dc: Product) -> None:
    blind = msgspec.structs.replace(dc, hardware=msgspec.structs.replace(dc.hardware, displays=0))

    async def scenario(sim: Simulator, _: Seen) -> Screen | None:
        sim.show(Screen(headline="Hello"))
        return sim.screen

    assert live(blind, scenario) is None
    assert live(dc, scenario) == Screen(headline="Hello")


def test_a_refused_action_changes_nothing(dc: Product) -> None:
    async def scenario(sim: Simulator, seen: Seen) -> Seen:
        await charging(sim, seen)
        with pytest.raises(HandRefused):
            sim.hand.plug(1)
        await asyncio.sleep(1)
        assert sim.state(1).supply is Supply.Delivering
        return seen

    assert live(dc, scenario) == []


@pytest.mark.parametrize("name", ["sec1000-240y", "depot", "ac-wallbox", "minimal"])
def test_the_main_meter_tells_what_the_feed_carries(name: str) -> None:
    """DC is rectified from the grid: its voltage is never 0 there, and currents times voltages make the power."""

    async def main() -> None:
        sim = Simulator(load(name), random=Random(4))
        for evse in load(name).evses:
            sim.hand.plug(evse.id, 1, "suv-100@20")
            sim.enable(evse.id, True)
        await asyncio.sleep(60)
        reading = sim.read_main()
        powers = [phase.power_w or 0.0 for phase in reading.per_phase]
        assert {phase.voltage_v for phase in reading.per_phase} == {230.0}
        assert sum(powers) == pytest.approx(reading.power_w) and reading.power_w > 1000.0
        assert reading.power_w == pytest.approx(sum(sim.read(evse.id).power_w for evse in load(name).evses))
        assert MeasurandEnum.Voltage in measurands_of(reading)

    run(main())


def test_a_machine_without_a_main_meter_tells_no_voltage_that_nobody_knows() -> None:
    dc = MeterReading(energy_wh=5.0, power_w=40_000.0, voltage_v=400.0, current_a=100.0)
    told = measurands_of(added((dc, dc)))
    assert MeasurandEnum.Voltage not in told and MeasurandEnum.Current_Import not in told
    assert told[MeasurandEnum.Power_Active_Import] == {None: 80_000.0}
