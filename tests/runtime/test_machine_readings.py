"""What a real meter tells: how many phases carry current, and energy that the EV gives back."""

import asyncio

import msgspec
import pytest

from ohmstead.edge.simulator import Simulator
from ohmstead.edge.virtual_time import run
from ohmstead.ports.hardware import MeterReading
from ohmstead.ports.measurands import measurands_of
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import ChargingStateEnum, MeasurandEnum
from tests.runtime.site import site


class Metered(Simulator):
    """A machine whose meter tells how many phases carry current."""

    phases: int | None = None

    def read(self, evse_id: int) -> MeterReading:
        """Read it."""
        return msgspec.structs.replace(super().read(evse_id), phases=self.phases)


def _three_phases() -> Product:
    product = load("sec1000-240y")
    evses = tuple(
        msgspec.structs.replace(
            evse,
            current="AC",
            phases=3,
            connectors=tuple(msgspec.structs.replace(one, type="cType2") for one in evse.connectors),
        )
        for evse in product.evses
    )
    return msgspec.structs.replace(product, evses=evses)


@pytest.mark.parametrize(("measured", "told"), [(None, 3), (1, 1), (2, 2), (3, 3), (0, None)])
def test_the_phases_that_are_used_are_those_of_the_meter(measured: int | None, told: int | None) -> None:
    async def live() -> None:
        async with site(product=_three_phases(), machine=Metered) as here:
            assert isinstance(here.simulator, Metered)
            here.simulator.phases = measured
            await here.hand.plug(1)
            await here.hand.present("04A1")
            await asyncio.sleep(60)
            charging = [
                event.number_of_phases_used
                for event in here.csms.events
                if event.transaction_info.charging_state is ChargingStateEnum.Charging
                and event.trigger_reason.value == "ChargingStateChanged"
            ]
            assert charging[:1] == [told]

    run(live(), limit=3600)


@pytest.mark.parametrize("power", [0.0, 11_000.0, -7_400.0])
def test_what_flows_back_is_not_imported(power: float) -> None:
    told = measurands_of(MeterReading(energy_wh=1.0, power_w=power, current_a=power / 690, voltage_v=230.0))
    assert told[MeasurandEnum.Power_Active_Import] == {None: max(power, 0.0)}
    assert told[MeasurandEnum.Current_Import] == {None: max(power, 0.0) / 690}
    assert told[MeasurandEnum.Energy_Active_Import_Register] == {None: 1.0}


def test_the_power_of_an_evse_is_what_flows_now() -> None:
    """Part 2, 2.13.7: the Actual value, before, while and after it charges; the other EVSE gives none."""

    async def live() -> None:
        async with site(product=load("sec1000-240y")) as here:

            async def power(evse_id: int) -> float:
                place = wire.Component(name="EVSE", evse=wire.EVSE(id=evse_id))
                asked = wire.GetVariableData(component=place, variable=wire.Variable(name="Power"))
                response = await here.csms.call(wire.GetVariablesRequest(get_variable_data=(asked,)))
                return float(response.get_variable_result[0].attribute_value or "nan")

            assert await power(1) == 0
            await here.hand.plug(1)
            await here.hand.present("04A1")
            await asyncio.sleep(60)
            flowing = here.simulator.read(1).power_w
            assert await power(1) == pytest.approx(flowing, rel=0.01)
            assert (flowing > 0, await power(2)) == (True, 0)
            await here.hand.present("04A1")
            await asyncio.sleep(10)
            assert await power(1) == 0

    run(live(), limit=3600)
