"""What a meter tells of phases, frequency, sign and what is offered, where the product lists such measurands (C-40)."""

import asyncio
from collections import defaultdict

import msgspec
import pytest

from ohmstead.edge.simulator import Simulator
from ohmstead.edge.virtual_time import run
from ohmstead.ports.hardware import MeterReading, PhaseReading
from ohmstead.product.load import load
from ohmstead.product.profile import Measurands, Product
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import MeasurandEnum as M
from ohmstead.wire.messages import PhaseEnum
from tests.runtime.site import Site, site

CARD = "04A1"
REGISTER = "Energy.Active.Import.Register"
EVERY = (
    *(REGISTER, "Energy.Active.Export.Register", "Power.Active.Import", "Power.Active.Export", "Current.Import"),
    *("Current.Export", "Voltage", "Frequency", "Power.Offered", "Current.Offered", "SoC"),
)
UNITS = {
    **dict.fromkeys(("Power.Active.Import", "Power.Active.Export", "Power.Offered"), "W"),
    **dict.fromkeys(("Current.Import", "Current.Export", "Current.Offered"), "A"),
    "Voltage": "V",
    "Frequency": "Hz",
    "SoC": "Percent",
}
Told = dict[M, dict[PhaseEnum | None, float]]


def _product(current: str, phases: int, measurands: tuple[str, ...] = EVERY) -> Product:
    product = load("sec1000-240y")
    evses = tuple(
        msgspec.structs.replace(
            evse,
            current=current,
            phases=phases,
            max_power_w=22_080.0 if current == "AC" else evse.max_power_w,
            connectors=tuple(
                msgspec.structs.replace(one, type="cType2" if current == "AC" else one.type) for one in evse.connectors
            ),
        )
        for evse in product.evses
    )
    lists = Measurands(
        tx_started=measurands,
        tx_updated=measurands,
        tx_ended=measurands,
        aligned=measurands,
        aligned_tx_ended=measurands,
    )
    return msgspec.structs.replace(product, evses=evses, measurands=lists)


def _told(values: tuple[wire.MeterValue, ...] | None) -> Told:
    found: Told = defaultdict(dict)
    for value in values or ():
        for sample in value.sampled_value:
            measurand = sample.measurand or M.Energy_Active_Import_Register
            unit = sample.unit_of_measure.unit if sample.unit_of_measure is not None else None
            assert unit == UNITS.get(measurand.value)
            assert sample.phase not in found[measurand]
            found[measurand][sample.phase] = sample.value
    return found


async def _charging(here: Site, ev: str = "hatchback-58@20") -> Told:
    """Charge with every measurand, and return those of a sample."""
    assert await here.set("SampledDataCtrlr", "TxUpdatedMeasurands", ",".join(EVERY)) == "Accepted"
    assert await here.set("SampledDataCtrlr", "TxUpdatedInterval", "30") == "Accepted"
    await here.hand.plug(1, 1, ev)
    await here.hand.present(CARD)
    await asyncio.sleep(300)
    periodic = [one for one in here.csms.events if one.trigger_reason is wire.TriggerReasonEnum.MeterValuePeriodic]
    return _told(periodic[-1].meter_value)


@pytest.mark.parametrize(
    ("wired", "ev", "used"), [(3, "hatchback-58@20", 3), (3, "city-36@20", 1), (1, "suv-100@20", 1)]
)
def test_an_ac_meter_tells_each_phase(wired: int, ev: str, used: int) -> None:
    lines = (PhaseEnum.L1, PhaseEnum.L2, PhaseEnum.L3)[:wired]
    to_neutral = (PhaseEnum.L1_N, PhaseEnum.L2_N, PhaseEnum.L3_N)[:wired]

    async def live() -> None:
        async with site(product=_product("AC", wired)) as here:
            told = await _charging(here, ev)
            assert set(told[M.Voltage]) == set(to_neutral)
            assert set(told[M.Current_Import]) == set(told[M.Current_Export]) == set(lines)
            assert set(told[M.Power_Active_Import]) == {None, *lines}
            flowing = [phase for phase in lines if told[M.Current_Import][phase] > 0]
            assert flowing == list(lines[:used])
            whole = told[M.Power_Active_Import][None]
            assert whole > 0
            assert sum(told[M.Power_Active_Import][phase] for phase in lines) == pytest.approx(whole, abs=0.2)
            for line, neutral in zip(lines, to_neutral, strict=True):
                product = told[M.Current_Import][line] * told[M.Voltage][neutral]
                assert told[M.Power_Active_Import][line] == pytest.approx(product, rel=0.01)
            assert told[M.Frequency] == {None: 50.0}
            assert told[M.Power_Active_Export][None] == 0
            assert set(told[M.Energy_Active_Import_Register]) == {None}
            assert told[M.Power_Offered][None] >= whole
            phases = [event.number_of_phases_used for event in here.csms.events if event.number_of_phases_used]
            assert phases == [used]

    run(live(), limit=3600)


def test_a_dc_meter_has_no_phases() -> None:
    async def live() -> None:
        async with site(product=_product("DC", 0)) as here:
            told = await _charging(here)
            assert {phase for phases in told.values() for phase in phases} == {None}
            assert told[M.Frequency] == {None: 50.0}  # of the grid that feeds it
            assert told[M.SoC][None] > 20
            assert told[M.Power_Offered][None] == here.host.product.evses[0].max_power_w

    run(live(), limit=3600)


class TwoWay(Simulator):
    """A machine whose EV gives energy back."""

    reading = MeterReading(
        energy_wh=1000.0,
        exported_wh=2000.0,
        power_w=-6900.0,
        frequency_hz=49.97,
        per_phase=(
            PhaseReading(voltage_v=229.0, current_a=-10.0, power_w=-2290.0),
            PhaseReading(voltage_v=231.0, current_a=-10.0, power_w=-2310.0),
            PhaseReading(voltage_v=230.0, current_a=-10.0),
        ),
    )

    def read(self, evse_id: int) -> MeterReading:
        """Read the meter."""
        del evse_id
        return self.reading

    def read_main(self) -> MeterReading:
        """Read the meter at the feed: both EVSEs together."""
        phases = tuple(msgspec.structs.replace(one, current_a=-20.0) for one in self.reading.per_phase)
        return msgspec.structs.replace(self.reading, exported_wh=4000.0, per_phase=phases)


def test_energy_that_is_given_back_has_a_register_power_and_current_of_its_own() -> None:
    async def live() -> None:
        async with site(product=_product("AC", 3), machine=TwoWay) as here:
            told = await _charging(here)
            assert told[M.Energy_Active_Import_Register] == {None: 1000.0}
            assert told[M.Energy_Active_Export_Register] == {None: 2000.0}
            assert told[M.Power_Active_Import] == {None: 0.0, PhaseEnum.L1: 0.0, PhaseEnum.L2: 0.0}
            assert told[M.Power_Active_Export] == {None: 6900.0, PhaseEnum.L1: 2290.0, PhaseEnum.L2: 2310.0}
            assert set(told[M.Current_Import].values()) == {0.0}
            assert told[M.Current_Export] == dict.fromkeys((PhaseEnum.L1, PhaseEnum.L2, PhaseEnum.L3), 10.0)
            assert told[M.Voltage][PhaseEnum.L2_N] == 231.0
            assert told[M.Frequency] == {None: 49.97}
            assert M.Power_Offered not in told

    run(live(), limit=3600)


def test_the_main_meter_is_told_phase_by_phase() -> None:
    async def live() -> None:
        async with site(product=_product("AC", 3), machine=TwoWay) as here:
            assert await here.set("AlignedDataCtrlr", "Measurands", ",".join(EVERY)) == "Accepted"
            ask = wire.TriggerMessageRequest(
                requested_message=wire.MessageTriggerEnum.MeterValues, evse=wire.EVSE(id=0)
            )
            await here.csms.call(ask)
            await asyncio.sleep(5)
            sent = here.csms.of(wire.MeterValuesRequest)[-1]
            told = _told(sent.meter_value)
            assert sent.evse_id == 0
            assert told[M.Energy_Active_Export_Register] == {None: 4000.0}
            assert told[M.Current_Export][PhaseEnum.L1] == 20.0
            assert told[M.Voltage][PhaseEnum.L1_N] == 229.0
            assert told[M.Frequency] == {None: 49.97}

    run(live(), limit=3600)


@pytest.mark.parametrize("measurand", EVERY)
def test_what_the_product_does_not_list_is_not_told(measurand: str) -> None:
    """Each list holds what C-40 says, one measurand at a time; anything else is refused (J02.FR.10)."""

    async def live() -> None:
        async with site(product=_product("AC", 3, tuple(dict.fromkeys((REGISTER, measurand))))) as here:
            for other in EVERY:
                status = await here.set("SampledDataCtrlr", "TxUpdatedMeasurands", other)
                assert (status == "Accepted") is (other in (REGISTER, measurand))

    run(live(), limit=3600)


def test_samples_of_phases_outlive_a_restart() -> None:
    """What a transaction keeps for its Ended event is a row of the store."""

    async def live() -> None:
        async with site(product=_product("AC", 3)) as here:
            assert await here.set("SampledDataCtrlr", "TxEndedMeasurands", "Current.Import,Voltage") == "Accepted"
            assert await here.set("SampledDataCtrlr", "TxEndedInterval", "60") == "Accepted"
            await here.hand.plug(1)
            await here.hand.present(CARD)
            await asyncio.sleep(200)
            await here.hand.cut_power()
            await here.hand.restore_power()
            await asyncio.sleep(60)
            await here.hand.unplug(1)
            await asyncio.sleep(60)
            ended = here.csms.events[-1]
            assert ended.event_type is wire.TransactionEventEnum.Ended
            begin = next(_told((value,)) for value in ended.meter_value or ())
            assert set(begin[M.Voltage]) == {PhaseEnum.L1_N, PhaseEnum.L2_N, PhaseEnum.L3_N}

    run(live(), limit=3600)
