"""The driver of examples/modbus on pymodbus' own server: a whole charge, a lost machine, and one that is another."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from pymodbus.simulator import DataType, SimData, SimDevice

from examples.modbus import NoMachine, open_machine
from examples.modbus.machine import UNREACHABLE
from examples.modbus.registers import WrongRegisters
from ohmstead.edge.virtual_time import run
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire
from tests.examples.modbus_station import PRODUCT, ModbusStation, Status, station

Kind = wire.TransactionEventEnum
CARD = wire.IdToken(id_token="04A1B2C3", type=wire.IdTokenEnum.ISO14443)


async def _charging(here: ModbusStation, evse_id: int = 1) -> None:
    here.modules[evse_id].connected = True
    await asyncio.sleep(2)
    start = wire.RequestStartTransactionRequest(evse_id=evse_id, remote_start_id=7, id_token=CARD)
    assert (await here.csms.call(start)).status is wire.RequestStartStopStatusEnum.Accepted
    await asyncio.sleep(10)
    assert here.modules[evse_id].inputs().power_w > 0


def test_a_whole_charge_with_a_card_at_the_reader() -> None:
    async def live() -> None:
        async with station() as here:
            module = here.modules[1]
            assert here.status(1) is Status.Available
            begun = module.energy_wh
            module.connected = True
            await asyncio.sleep(2)
            assert here.status(1) is Status.Occupied
            assert not module.closed
            module.present("04A1B2C3")
            await asyncio.sleep(1800)
            assert module.closed
            module.present("04A1B2C3")
            await asyncio.sleep(5)
            assert not module.closed
            module.unplug()
            await asyncio.sleep(5)
            assert here.status(1) is Status.Available
            events = here.csms.events
            assert [events[0].event_type, events[-1].event_type] == [Kind.Started, Kind.Ended]
            charged = module.energy_wh - begun
            assert 24_000 < charged < 26_000
            registers = here.energy(events[-1])
            assert registers[0] == begun
            assert registers[-1] == int(module.energy_wh)
            assert sorted(registers) == registers
            states = [event.transaction_info.charging_state for event in events]
            assert wire.ChargingStateEnum.Charging in states
            cards = [request.id_token.id_token for request in here.csms.of(wire.AuthorizeRequest)]
            assert cards == ["04A1B2C3"]

    run(live(), limit=7200)


def test_a_car_that_pauses_and_one_that_ends() -> None:
    async def live() -> None:
        async with station() as here:
            await _charging(here)
            module = here.modules[1]
            module.advance()
            module.paused = True
            await asyncio.sleep(3)
            assert here.charging_state() is wire.ChargingStateEnum.SuspendedEV
            module.paused = False
            await asyncio.sleep(3)
            assert here.charging_state() is wire.ChargingStateEnum.Charging
            module.ended = True
            await asyncio.sleep(3)
            assert not module.closed
            assert here.csms.events[-1].transaction_info.stopped_reason in (None, wire.ReasonEnum.StoppedByEV)

    run(live(), limit=3600)


def test_a_lost_machine_is_faulted_without_energy_and_comes_back() -> None:
    async def live() -> None:
        async with station() as here:
            await _charging(here)
            await here.modules.vanish()
            await asyncio.sleep(10)
            assert [here.status(1), here.status(2)] == [Status.Faulted, Status.Faulted]
            assert here.csms.events[-1].event_type is Kind.Ended
            found = here.machine.state(1)
            assert (0, UNREACHABLE) in found.faults
            assert here.modules[1].inputs().power_w == 0
            assert not here.modules[1].closed
            kept = here.modules[1].energy_wh
            await asyncio.sleep(120)
            told = here.machine.read(1)
            assert (told.energy_wh <= kept, told.power_w) == (True, 0.0)
            await here.modules.serve()
            await asyncio.sleep(20)
            assert [here.status(1), here.status(2)] == [Status.Occupied, Status.Available]
            assert here.modules[1].inputs().power_w == 0
            assert here.machine.read(1).energy_wh == int(kept)
            here.modules[1].unplug()
            await asyncio.sleep(5)
            assert here.status(1) is Status.Available
            await _charging(here, 2)

    run(live(), limit=3600)


def test_a_module_that_does_not_answer_is_lost_too() -> None:
    async def live() -> None:
        async with station() as here:
            await _charging(here)
            here.modules[2].silent = True
            await asyncio.sleep(10)
            assert [here.status(1), here.status(2)] == [Status.Faulted, Status.Faulted]
            assert here.modules[1].inputs().power_w == 0
            here.modules[2].silent = False
            await asyncio.sleep(90)
            assert [here.status(1), here.status(2)] == [Status.Occupied, Status.Available]

    run(live(), limit=3600)


def test_what_happens_at_the_cables_of_a_lost_machine_is_found_afterwards() -> None:
    async def live() -> None:
        async with station() as here:
            await _charging(here)
            await here.modules.vanish()
            await asyncio.sleep(10)
            here.modules[1].unplug()
            here.modules[2].connected = True
            here.modules[2].present("04DEAD00")
            await here.modules.serve()
            await asyncio.sleep(20)
            assert [here.status(1), here.status(2)] == [Status.Available, Status.Occupied]
            assert here.modules[2].inputs().power_w == 0
            asked = [request.id_token.id_token for request in here.csms.of(wire.AuthorizeRequest)]
            assert "04DEAD00" not in asked

    run(live(), limit=3600)


def test_a_machine_that_is_not_there_at_first_is_found_later() -> None:
    async def live() -> None:
        async with station(listening=False) as here:
            assert [here.status(1), here.status(2)] == [Status.Faulted, Status.Faulted]
            await here.modules.serve()
            await asyncio.sleep(20)
            assert [here.status(1), here.status(2)] == [Status.Available, Status.Available]
            await _charging(here)

    run(live(), limit=3600)


def test_faults_and_the_emergency_stop() -> None:
    async def live() -> None:
        async with station() as here:
            await _charging(here)
            here.modules[2].faults = frozenset({"GroundFailure", "OverTemperature"})
            await asyncio.sleep(3)
            assert [here.status(1), here.status(2)] == [Status.Occupied, Status.Faulted]
            here.modules[2].faults = frozenset({"GroundFailure"})
            await asyncio.sleep(3)
            assert here.status(2) is Status.Faulted
            here.modules[2].faults = frozenset()
            await asyncio.sleep(3)
            assert here.status(2) is Status.Available
            here.modules[2].pressed = True
            await asyncio.sleep(3)
            assert [here.status(1), here.status(2)] == [Status.Faulted, Status.Faulted]
            assert here.modules[1].inputs().power_w == 0
            assert here.csms.events[-1].transaction_info.stopped_reason is wire.ReasonEnum.EmergencyStop
            here.modules[2].pressed = False
            await asyncio.sleep(3)
            assert [here.status(1), here.status(2)] == [Status.Occupied, Status.Available]

    run(live(), limit=3600)


def test_a_welded_contactor_is_a_fault() -> None:
    async def live() -> None:
        async with station() as here:
            await _charging(here)
            here.modules[1].welded = True
            stop = wire.RequestStopTransactionRequest(
                transaction_id=here.csms.events[0].transaction_info.transaction_id
            )
            await here.csms.call(stop)
            await asyncio.sleep(12)
            assert here.status(1) is Status.Faulted
            here.modules[1].welded = False
            await asyncio.sleep(12)
            assert here.status(1) is Status.Occupied

    run(live(), limit=3600)


def test_a_contactor_that_does_not_close_is_a_fault_too() -> None:
    async def live() -> None:
        async with station() as here:
            here.modules[1].stuck_open = True
            here.modules[1].connected = True
            await asyncio.sleep(2)
            start = wire.RequestStartTransactionRequest(evse_id=1, remote_start_id=7, id_token=CARD)
            assert (await here.csms.call(start)).status is wire.RequestStartStopStatusEnum.Accepted
            await asyncio.sleep(20)
            assert [here.status(1), here.status(2)] == [Status.Faulted, Status.Available]
            assert here.csms.events[-1].event_type is Kind.Ended
            assert not here.modules[1].enabled

    run(live(), limit=3600)


def _detachable(kind: str | None = None) -> Product:
    product = load(PRODUCT)
    evses = tuple(
        msgspec.structs.replace(
            evse,
            connectors=tuple(
                msgspec.structs.replace(one, cable="Detachable", type=kind or one.type) for one in evse.connectors
            ),
        )
        for evse in product.evses
    )
    return msgspec.structs.replace(product, evses=evses)


@pytest.mark.parametrize(
    ("stuck", "told"),
    [(False, wire.UnlockStatusEnum.Unlocked), (True, wire.UnlockStatusEnum.UnlockFailed)],
)
def test_a_lock_is_open_once_its_feedback_says_so(stuck: bool, told: wire.UnlockStatusEnum) -> None:
    async def live() -> None:
        async with station(_detachable()) as here:
            here.modules[1].connected = here.modules[1].locked = True
            here.modules[1].stuck = stuck
            await asyncio.sleep(2)
            answer = await here.csms.call(wire.UnlockConnectorRequest(evse_id=1, connector_id=1))
            assert answer.status is told
            assert here.modules[1].unlocks == 1

    run(live(), limit=3600)


@pytest.mark.parametrize("loose", [False, True])
def test_energy_waits_for_the_lock_of_a_socket(loose: bool) -> None:
    async def live() -> None:
        async with station(_detachable("sType2")) as here:
            module = here.modules[1]
            module.loose = loose
            module.connected = True
            await asyncio.sleep(2)
            module.present("04A1B2C3")
            await asyncio.sleep(60)
            assert (module.locked, module.inputs().power_w > 0) == (not loose, not loose)
            assert here.status(1) is (Status.Faulted if loose else Status.Occupied)
            if not loose:
                module.present("04A1B2C3")
                await asyncio.sleep(30)
                assert (module.locked, module.closed) == (False, False)

    run(live(), limit=3600)


def test_a_driver_that_ends_leaves_no_energy_behind() -> None:
    async def live() -> None:
        async with station() as here:
            await _charging(here)
            here.driver.cancel()
            await asyncio.wait([here.driver])
            assert not here.modules[1].enabled

    run(live(), limit=3600)


@pytest.mark.parametrize("kind", ["another device", "too few registers", "another version"])
def test_a_machine_that_is_another_is_a_clear_error(kind: str) -> None:
    words = {
        "another device": [0] * 64,
        "too few registers": [0] * 4,
        "another version": [0x4F4D, 9, *[0] * 62],
    }[kind]
    text = {
        "another device": r"device 1 at 127\.0\.0\.1:\d+ is no MX-1: input register 0 holds 0x0000",
        "too few registers": r"is no MX-1: input registers 0 to 22: illegal address",
        "another version": r"input register 1 says version 9 of the register map, this driver knows 1",
    }[kind]

    written: list[int] = []

    async def accessed(
        _function: int, _start: int, address: int, _count: int, _now: list[int], values: list[int] | list[bool] | None
    ) -> None:
        if values is not None:
            written.append(address)

    async def live() -> None:
        async with station(listening=False) as here:
            devices = [
                SimDevice(n, simdata=SimData(0, values=words, datatype=DataType.REGISTERS), action=accessed)
                for n in (1, 2)
            ]
            await here.modules.serve_devices(devices)
            with pytest.raises(WrongRegisters, match=text):
                async with asyncio.timeout(30):
                    await here.driver
            assert written == []
            assert [here.status(1), here.status(2)] == [Status.Faulted, Status.Faulted]

    run(live(), limit=3600)


def test_a_module_that_becomes_another_while_it_runs_is_a_fault() -> None:
    async def live() -> None:
        async with station() as here:
            here.modules[2].version = 9
            await asyncio.sleep(5)
            assert here.status(2) is Status.Faulted
            assert not here.driver.done()
            here.modules[2].version = 1
            await asyncio.sleep(10)
            assert [here.status(1), here.status(2)] == [Status.Available, Status.Available]

    run(live(), limit=3600)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (None, "write where the machine is to .*modbus.toml"),
        ("", "missing required field `host`"),
        ('host = ""', "modbus.toml: "),
        ('host = "a"\nport = 0', "modbus.toml: "),
        ('host = "a"\nspeed = 9600', "unknown field `speed`"),
        ("host =", "modbus.toml: "),
    ],
)
def test_settings_that_are_wrong_are_refused(tmp_path: Path, content: str | None, text: str) -> None:
    if content is not None:
        (tmp_path / "modbus.toml").write_text(content)
    with pytest.raises(NoMachine, match=text):
        open_machine(load(PRODUCT), tmp_path)


def test_a_product_with_more_connectors_than_modules_have_is_refused(tmp_path: Path) -> None:
    product = load(PRODUCT)
    evse = product.evses[0]
    second = msgspec.structs.replace(evse.connectors[0], id=2)
    evses = (msgspec.structs.replace(evse, connectors=(*evse.connectors, second)), *product.evses[1:])
    with pytest.raises(NoMachine, match="EVSE 1 of sec1000-240y has 2 connectors"):
        open_machine(msgspec.structs.replace(product, evses=evses), tmp_path)
