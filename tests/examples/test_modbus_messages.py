"""The vendor's messages of the Modbus example: a ceiling for an EVSE from the CSMS, and what flows there to it."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from examples.modbus.extension import VENDOR_ID
from ohmstead.edge.virtual_time import run
from ohmstead.product.load import load
from ohmstead.wire import messages as wire
from tests.examples.modbus_station import PRODUCT, ModbusStation, Status, station

Accepted = wire.DataTransferStatusEnum.Accepted


async def _send(here: ModbusStation, data: object) -> wire.DataTransferResponse:
    raw = msgspec.Raw(msgspec.json.encode(data))
    return await here.csms.call(wire.DataTransferRequest(vendor_id=VENDOR_ID, message_id="ceiling", data=raw))


def _heard(here: ModbusStation) -> list[dict[str, float]]:
    return [json.loads(bytes(one.data)) for one in here.csms.of(wire.DataTransferRequest)]


def _play(scene: Callable[[ModbusStation], Awaitable[None]]) -> None:
    async def live() -> None:
        async with station() as here:
            here.csms.answers[wire.DataTransferRequest] = lambda _: wire.DataTransferResponse(status=Accepted)
            here.modules[1].connected = True
            await asyncio.sleep(2)
            here.modules[1].present("04A1B2C3")
            await asyncio.sleep(30)
            await scene(here)

    run(live(), limit=3600)


def test_a_ceiling_comes_in_and_the_power_goes_out() -> None:
    async def scene(here: ModbusStation) -> None:
        assert here.modules[1].inputs().power_w == 50_000
        answer = await _send(here, {"evseId": 1, "powerW": 20_000})
        assert (answer.status, json.loads(bytes(answer.data))) == (Accepted, {"evseId": 1, "powerW": 20_000})
        await asyncio.sleep(5)
        assert here.modules[1].inputs().power_w == 20_000
        assert _heard(here) == []
        await asyncio.sleep(70)
        assert _heard(here) == [{"evseId": 1, "powerW": 20_000}]
        await _send(here, {"evseId": 1})
        await asyncio.sleep(70)
        assert here.modules[1].inputs().power_w == 50_000
        assert _heard(here)[-1] == {"evseId": 1, "powerW": 50_000}

    _play(scene)


def test_a_ceiling_of_nothing_suspends_the_charge() -> None:
    async def scene(here: ModbusStation) -> None:
        await _send(here, {"evseId": 1, "powerW": 0})
        await asyncio.sleep(5)
        assert here.charging_state() is wire.ChargingStateEnum.SuspendedEVSE
        assert here.modules[1].inputs().power_w == 0
        await _send(here, {"evseId": 1})
        await asyncio.sleep(5)
        assert here.charging_state() is wire.ChargingStateEnum.Charging
        await asyncio.sleep(70)
        assert len(_heard(here)) == 1  # of the last one

    _play(scene)


@pytest.mark.parametrize("data", [{"evseId": 9}, {}, 5, {"evseId": 1, "powerW": -1}, {"evseId": 1, "w": 1}])
def test_what_is_no_ceiling_is_rejected(data: object) -> None:
    async def scene(here: ModbusStation) -> None:
        answer = await _send(here, data)
        assert answer.status is wire.DataTransferStatusEnum.Rejected
        await asyncio.sleep(70)
        assert (_heard(here), here.modules[1].inputs().power_w) == ([], 50_000)

    _play(scene)


def test_a_module_that_comes_back_is_told_its_ceiling_again() -> None:
    async def scene(here: ModbusStation) -> None:
        most = load(PRODUCT).evses[0].max_power_w
        assert here.modules[1].limit_w == most
        await here.modules.vanish()
        here.modules[1].limit_w = None
        await asyncio.sleep(10)
        await here.modules.serve()
        await asyncio.sleep(20)
        assert here.status(1) is Status.Occupied
        assert here.modules[1].limit_w == most

    _play(scene)
