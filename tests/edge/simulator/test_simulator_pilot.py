"""The control pilot (IEC 61851-1): its states through a charge, its duty cycle, and the variables that tell of both."""

import asyncio
from random import Random

import msgspec
import pytest

from ohmstead.edge.simulator import Simulator
from ohmstead.edge.simulator.pilot import duty_cycle
from ohmstead.edge.virtual_time import run
from ohmstead.ports.hand import HandRefused
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire
from tests.requirements.charging import CARD
from tests.runtime.site import Site, site


@pytest.mark.parametrize(
    ("amperes", "percent"),
    [(0, 100), (5.9, 100), (6, 10), (16, 26.667), (32, 53.333), (51, 85), (63, 89.2), (80, 96), (200, 96)],
)
def test_the_duty_cycle_offers_a_current(amperes: float, percent: float) -> None:
    assert duty_cycle(amperes) == pytest.approx(percent, abs=0.001)


def test_the_duty_cycle_never_falls_with_the_current() -> None:
    duties = [duty_cycle(tenths / 10) for tenths in range(60, 801)]
    assert duties == sorted(duties)


def test_the_states_of_a_charge() -> None:
    async def main() -> None:
        sim = Simulator(load("ac-wallbox"), random=Random(4))

        def pilot() -> tuple[str, float]:
            found = sim.state(1).pilot
            assert found is not None
            return found.state.value, round(found.duty_percent, 1)

        assert pilot() == ("A", 100.0)
        sim.hand.insert_cable(1, 1, 20)
        assert pilot() == ("A", 100.0)
        sim.hand.connect_ev(1)
        assert pilot() == ("B", 100.0)
        sim.enable(1, True)
        assert pilot() == ("B", 33.3)
        await asyncio.sleep(30)
        assert pilot() == ("C", 33.3)
        sim.hand.suspend(1)
        assert pilot() == ("B", 33.3)
        sim.hand.resume(1)
        await asyncio.sleep(30)
        sim.suspend(1, True)
        assert pilot() == ("B", 100.0)
        sim.suspend(1, False)
        sim.hand.fault(1, 0, "GroundFailure")
        assert pilot() == ("F", 100.0)
        sim.hand.clear(1, 0)
        sim.hand.emergency_stop(True)
        assert pilot() == ("F", 100.0)
        sim.hand.emergency_stop(False)
        sim.hand.cut_power()
        assert pilot() == ("E", 100.0)

    run(main())


@pytest.mark.parametrize(("product", "evse_id"), [("depot", 1), ("minimal", 1), ("sec1000-240y", 1)])
def test_there_is_none_at_dc_and_without_mode_3(product: str, evse_id: int) -> None:
    async def main() -> None:
        assert Simulator(load(product), random=Random(4)).state(evse_id).pilot is None

    run(main())


async def told(here: Site, name: str) -> str | None:
    """Return the value of a variable of the pilot."""
    place = wire.EVSE(id=1, connector_id=1)
    data = wire.GetVariableData(
        component=wire.Component(name="CPPWMController", evse=place), variable=wire.Variable(name=name)
    )
    answer = await here.csms.call(wire.GetVariablesRequest(get_variable_data=(data,)))
    return answer.get_variable_result[0].attribute_value


def test_the_csms_can_read_it() -> None:
    async def live() -> None:
        async with site(product=load("ac-wallbox")) as here:
            assert [await told(here, name) for name in ("State", "Active", "DCVoltage")] == ["A", "false", "12"]
            await here.hand.plug(1)
            await here.hand.present(CARD)
            await asyncio.sleep(30)
            names = ("State", "Active", "DCVoltage", "Percent")
            assert [await told(here, name) for name in names] == ["C", "true", "6", "53.333333"]

    run(live(), limit=3600)


# Ventilation


def vented(ventilated: bool) -> Product:
    """Return a wallbox in a room with or without fans."""
    made = load("ac-wallbox")
    return msgspec.structs.replace(made, hardware=msgspec.structs.replace(made.hardware, ventilated=ventilated))


def states_told(here: Site) -> list[tuple[str, bool]]:
    """Return what was told of the pilot: its state, and whether the matter is over."""
    told = [data for event in here.csms.of(wire.NotifyEventRequest) for data in event.event_data]
    assert {data.component.name for data in told} <= {"CPPWMController"}
    return [(data.actual_value, data.cleared is True) for data in told]


def test_a_car_that_needs_ventilation_gets_no_energy_where_there_is_none() -> None:
    async def main() -> None:
        async with site(product=vented(False)) as here:
            await here.hand.plug(1, ev="van-20@20")
            await here.hand.present(CARD)
            await asyncio.sleep(60)
            assert here.simulator.read(1).power_w == 0.0
            assert await told(here, "State") == "D" and await told(here, "DCVoltage") == "3"
            assert here.csms.events[-1].transaction_info.charging_state is wire.ChargingStateEnum.SuspendedEVSE
            assert states_told(here) == [("D", False)]
            await here.hand.unplug(1)
            await asyncio.sleep(5)
            assert states_told(here) == [("D", False), ("A", True)]

    run(main())


def test_it_charges_where_there_are_fans_and_they_run_meanwhile() -> None:
    async def main() -> None:
        async with site(product=vented(True)) as here:
            await here.hand.plug(1, ev="van-20@20")
            assert await fans(here) == "false"
            await here.hand.present(CARD)
            await asyncio.sleep(60)
            assert here.simulator.read(1).power_w > 1000.0
            assert (await told(here, "State"), await fans(here), states_told(here)) == ("D", "true", [])
            await here.hand.present(CARD)
            await asyncio.sleep(5)
            assert (await told(here, "State"), await fans(here)) == ("B", "false")

    run(main())


async def fans(here: Site) -> str | None:
    """Return AreaVentilation.Active."""
    data = wire.GetVariableData(component=wire.Component(name="AreaVentilation"), variable=wire.Variable(name="Active"))
    response = await here.csms.call(wire.GetVariablesRequest(get_variable_data=(data,)))
    return response.get_variable_result[0].attribute_value


def test_another_car_charges_without_fans_and_a_pilot_that_is_shorted_is_e() -> None:
    async def main() -> None:
        async with site(product=vented(False)) as here:
            await here.hand.plug(1)
            await here.hand.present(CARD)
            await asyncio.sleep(30)
            assert await told(here, "State") == "C"
            assert await fans(here) is None
            here.simulator.hand.fault(1, 1, "PilotShort")
            await asyncio.sleep(5)
            assert await told(here, "State") == "E" and here.csms.statuses[1, 1] == "Faulted"
            here.simulator.hand.clear(1, 1)
            await asyncio.sleep(5)
            assert await told(here, "State") == "B"

    run(main())


def test_it_has_no_dc_inlet() -> None:
    async def main() -> None:
        sim = Simulator(load("sec1000-240y"), random=Random(4))
        with pytest.raises(HandRefused, match="no DC inlet"):
            sim.hand.plug(1, ev="van-20")

    run(main())
