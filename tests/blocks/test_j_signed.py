"""Signed meter values (C-42): what is signed, when the key travels, and transactions that begin with a signature."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator

import msgspec
import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.lab.cases.signed import registers, signed_values, wrongs
from ohmstead.ports.hardware import Supply
from ohmstead.wire import messages as wire
from tests.requirements.charging import CARD, charge, ended, kinds, product, start_remotely
from tests.runtime.site import Site, site

SIGNS = ("C-42",)
BY_SIGNATURE = ("C-42", "C-09.3", "C-51")


def meter_values(here: Site) -> Iterator[wire.MeterValue]:
    """Yield all that was reported, in and out of transactions."""
    for request in here.csms.received:
        if isinstance(request, wire.TransactionEventRequest | wire.MeterValuesRequest):
            yield from request.meter_value or ()


def keys(values: Iterable[wire.MeterValue]) -> list[bool]:
    """Say of each signed value whether it came with a key."""
    return [
        bool(value.signed_meter_value.public_key)
        for _, value in signed_values(tuple(values))
        if value.signed_meter_value is not None
    ]


def key_of(values: Iterable[wire.MeterValue]) -> str:
    """Return the key that was told."""
    found = {
        value.signed_meter_value.public_key
        for _, value in signed_values(tuple(values))
        if value.signed_meter_value is not None
    }
    (key,) = found - {""}
    return key


async def _charge_and_stop(here: Site) -> None:
    await charge(here)
    await asyncio.sleep(100)
    await here.hand.present(CARD)
    await asyncio.sleep(20)


def test_every_sampled_register_is_signed_and_the_signature_holds() -> None:
    """J02.FR.21, E02, E03.FR.10, E09.FR.08: begin, periodic and end; other measurands stand beside it unsigned."""

    async def scenario() -> None:
        async with site(product=product(having=SIGNS)) as here:
            await here.set("SampledDataCtrlr", "SignReadings", "true")
            await here.set("SampledDataCtrlr", "TxEndedInterval", "30")
            await _charge_and_stop(here)
            values = tuple(meter for event in here.csms.events for meter in event.meter_value or ())
            contexts = {value.context for _, value in signed_values(values)}
            assert {"Transaction.Begin", "Transaction.End", "Sample.Periodic"} <= {str(one) for one in contexts}
            assert list(registers(values)) == list(signed_values(values))
            key = key_of(values)
            assert [wrong for meter, value in signed_values(values) for wrong in wrongs(meter, value, key)] == []

    run(scenario(), limit=3600)


@pytest.mark.parametrize("sampled", [True, False])
def test_each_controller_signs_its_own_values_only(sampled: bool) -> None:
    """J01.FR.21, J02.FR.21: clock-aligned values, in and out of transactions, and sampled ones."""

    async def scenario() -> None:
        async with site(product=product(having=SIGNS)) as here:
            await here.set("SampledDataCtrlr" if sampled else "AlignedDataCtrlr", "SignReadings", "true")
            await here.set("AlignedDataCtrlr", "Interval", "60")
            await here.set("AlignedDataCtrlr", "TxEndedInterval", "60")
            await _charge_and_stop(here)
            await asyncio.sleep(120)
            signed = {str(value.context) for _, value in signed_values(tuple(meter_values(here)))}
            assert signed
            assert all((context == "Sample.Clock") is not sampled for context in signed)
            alone = [one for one in here.csms.of(wire.MeterValuesRequest) if one.evse_id != 0]
            assert alone
            assert [bool(list(signed_values(one.meter_value))) for one in alone] == [not sampled] * len(alone)
            assert not any(
                list(signed_values(one.meter_value))
                for one in here.csms.of(wire.MeterValuesRequest)
                if one.evse_id == 0
            )

    run(scenario(), limit=3600)


@pytest.mark.parametrize("rule", ["Never", "OncePerTransaction", "EveryMeterValue"])
def test_the_public_key_travels_as_its_variable_says(rule: str) -> None:
    """2.7.17: the field is always there, empty where the key is not told; once is in each transaction."""

    async def scenario() -> None:
        async with site(product=product(having=SIGNS)) as here:
            await here.set("SampledDataCtrlr", "SignReadings", "true")
            await here.set("SampledDataCtrlr", "TxEndedInterval", "30")
            await here.set("OCPPCommCtrlr", "PublicKeyWithSignedMeterValue", rule)
            for _ in range(2):
                before = len(here.csms.events)
                await _charge_and_stop(here)
                await here.hand.unplug(1)
                await asyncio.sleep(20)
                told = keys(meter for event in here.csms.events[before:] for meter in event.meter_value or ())
                assert len(told) > 4
                assert told == [
                    rule == "EveryMeterValue" or (rule == "OncePerTransaction" and at == 0) for at in range(len(told))
                ]

    run(scenario(), limit=3600)


@pytest.mark.parametrize("rule", ["OncePerTransaction", "EveryMeterValue"])
def test_outside_a_transaction_the_key_comes_with_every_value_or_not_at_all(rule: str) -> None:
    async def scenario() -> None:
        async with site(product=product(having=SIGNS)) as here:
            await here.set("AlignedDataCtrlr", "SignReadings", "true")
            await here.set("AlignedDataCtrlr", "Interval", "60")
            await here.set("OCPPCommCtrlr", "PublicKeyWithSignedMeterValue", rule)
            await asyncio.sleep(200)
            told = keys(meter_values(here))
            assert told
            assert set(told) == {rule == "EveryMeterValue"}

    run(scenario(), limit=3600)


def test_the_key_is_told_once_although_the_station_lost_its_power_meanwhile() -> None:
    async def scenario() -> None:
        async with site(product=product(having=SIGNS)) as here:
            await here.set("SampledDataCtrlr", "SignReadings", "true")
            await charge(here)
            await here.hand.cut_power()
            await asyncio.sleep(5)
            await here.hand.restore_power()
            await asyncio.sleep(100)
            await here.hand.present(CARD)
            await asyncio.sleep(60)
            assert sum(keys(meter_values(here))) == 1
            assert ended(here).transaction_info.transaction_id == here.csms.events[0].transaction_info.transaction_id

    run(scenario(), limit=3600)


def test_a_product_that_does_not_sign_has_none_of_the_variables() -> None:
    """2.7.3 and 2.7.14: a station that cannot sign shall not report them."""

    async def scenario() -> None:
        async with site(product=product()) as here:
            assert here.host.station is not None
            names = {
                f"{component.address.name}.{variable.name}"
                for component in here.host.station.device.components
                for variable in component.variables
            }
            assert not {name for name in names if "SignReadings" in name or "PublicKey" in name}

    run(scenario(), limit=60)


def test_a_meter_that_falls_silent_lets_values_go_unsigned() -> None:
    async def scenario() -> None:
        async with site(product=product(having=SIGNS)) as here:
            await here.set("SampledDataCtrlr", "SignReadings", "true")
            await charge(here)
            await here.hand.fault(1, 0, "SignerSilent")
            before = len(list(signed_values(tuple(meter_values(here)))))
            await asyncio.sleep(65)
            await here.hand.present(CARD)
            await asyncio.sleep(20)
            events = ended(here).meter_value or ()
            assert list(registers(events))
            assert {str(value.context) for _, value in signed_values(events)} == {"Transaction.Begin"}
            assert len(list(signed_values(tuple(meter_values(here))))) == before + 1, "that of the begin, told again"

    run(scenario(), limit=3600)


# DataSigned as start point


@pytest.mark.parametrize("first", ["cable", "card", "remote"])
def test_a_transaction_begins_with_the_signed_reading(first: str) -> None:
    """E01.FR.04, E01-S4: the power path closes, the meter signs, the transaction begins, and energy flows."""

    async def scenario() -> None:
        async with site(product=product(having=BY_SIGNATURE)) as here:
            await here.set("SampledDataCtrlr", "SignReadings", "true")
            await here.set("TxCtrlr", "TxStartPoint", "DataSigned")
            if first == "card":
                await here.hand.present(CARD)
                await asyncio.sleep(5)
            assert here.csms.events == []
            await here.hand.plug(1)
            await asyncio.sleep(5)
            if first == "remote":
                await start_remotely(here)
            elif first == "cable":
                assert here.csms.events == []
                await here.hand.present(CARD)
            await asyncio.sleep(20)
            assert here.simulator.state(1).supply is Supply.Delivering
            started, charging = here.csms.events[:2]
            assert started.event_type == "Started"
            assert started.trigger_reason == ("RemoteStart" if first == "remote" else "SignedDataReceived")
            assert started.id_token is not None
            assert started.evse == wire.EVSE(id=1, connector_id=1)
            ((meter, value),) = signed_values(started.meter_value or ())
            assert value.context == "Transaction.Begin"
            assert list(wrongs(meter, value, key_of(started.meter_value or ()))) == []
            assert charging.trigger_reason == "ChargingStateChanged"
            assert charging.transaction_info.charging_state == "Charging"

    run(scenario(), limit=3600)


@pytest.mark.parametrize("why", ["off", "silent"])
def test_without_a_signature_there_is_neither_transaction_nor_energy(why: str) -> None:
    """E01.FR.04: SignReadings false, or a meter that does not answer; what changes lets it begin."""

    async def scenario() -> None:
        async with site(product=product(having=BY_SIGNATURE)) as here:
            await here.set("SampledDataCtrlr", "SignReadings", "false" if why == "off" else "true")
            await here.set("TxCtrlr", "TxStartPoint", "DataSigned")
            if why == "silent":
                await here.hand.fault(1, 0, "SignerSilent")
            await here.hand.plug(1)
            await here.hand.present(CARD)
            await asyncio.sleep(60)
            assert here.csms.events == []
            assert here.simulator.state(1).supply is Supply.Off
            if why == "silent":
                await here.hand.clear(1, 0)
            else:
                await here.set("SampledDataCtrlr", "SignReadings", "true")
            await asyncio.sleep(20)
            assert kinds(here.csms.events[:1]) == ["Started"]
            assert here.simulator.state(1).supply is Supply.Delivering

    run(scenario(), limit=3600)


def test_each_charge_begins_with_a_signature_of_its_own() -> None:
    async def scenario() -> None:
        async with site(product=product(having=BY_SIGNATURE)) as here:
            await here.set("TxCtrlr", "TxStartPoint", "DataSigned")
            await here.hand.plug(1)
            for _ in range(2):
                await here.hand.present(CARD)
                await asyncio.sleep(20)
            await here.hand.present(CARD)
            await asyncio.sleep(20)
            starts = [event for event in here.csms.events if event.event_type == "Started"]
            assert [event.trigger_reason for event in starts] == ["SignedDataReceived"] * 2

    run(scenario(), limit=3600)


def test_a_car_that_was_waiting_for_the_signature_begins_after_a_power_cut() -> None:
    async def scenario() -> None:
        async with site(product=product(having=BY_SIGNATURE)) as here:
            await here.set("TxCtrlr", "TxStartPoint", "DataSigned")
            await here.hand.fault(1, 0, "SignerSilent")
            await here.hand.plug(1)
            await here.hand.present(CARD)
            await asyncio.sleep(20)
            await here.hand.cut_power()
            await here.hand.clear(1, 0)
            await here.hand.restore_power()
            await asyncio.sleep(100)
            assert kinds(here.csms.events[:1]) == ["Started"]
            assert here.simulator.state(1).supply is Supply.Delivering

    run(scenario(), limit=3600)


def test_energy_that_is_a_start_point_too_does_not_wait() -> None:
    async def scenario() -> None:
        async with site(product=product(having=BY_SIGNATURE)) as here:
            await here.set("TxCtrlr", "TxStartPoint", "DataSigned,EnergyTransfer")
            await here.hand.fault(1, 0, "SignerSilent")
            await charge(here)
            assert kinds(here.csms.events[:1]) == ["Started"]

    run(scenario(), limit=3600)


def test_data_signed_is_no_stop_point() -> None:
    """Errata 2.24."""

    async def scenario() -> None:
        async with site(product=product(having=(*BY_SIGNATURE, "C-52"))) as here:
            data = wire.SetVariableData(
                attribute_value="DataSigned",
                component=wire.Component(name="TxCtrlr"),
                variable=wire.Variable(name="TxStopPoint"),
            )
            response = await here.csms.call(wire.SetVariablesRequest(set_variable_data=(data,)))
            assert response.set_variable_result[0].attribute_status == "Rejected"

    run(scenario(), limit=60)


# What the lab notices


def _one() -> tuple[wire.MeterValue, wire.SampledValue, str]:
    found: list[tuple[wire.MeterValue, wire.SampledValue, str]] = []

    async def scenario() -> None:
        async with site(product=product(having=SIGNS)) as here:
            await here.set("SampledDataCtrlr", "SignReadings", "true")
            await charge(here)
            values = tuple(meter_values(here))
            found.extend((*one, key_of(values)) for one in signed_values(values))

    run(scenario(), limit=3600)
    return found[0]


def _changed(value: wire.SampledValue, **fields: str) -> wire.SampledValue:
    assert value.signed_meter_value is not None
    return msgspec.structs.replace(
        value, signed_meter_value=msgspec.structs.replace(value.signed_meter_value, **fields)
    )


def test_whatever_is_changed_in_a_signed_value_is_noticed() -> None:
    meter, value, key = _one()
    signed = value.signed_meter_value
    assert signed is not None
    assert list(wrongs(meter, value, key)) == []
    record = b64decode(signed.signed_meter_data)
    bar, digits = record.rindex(b"|"), record.index(b'"SD":"') + 6
    for at in (*range(0, bar, 5), *range(digits, len(record) - 2, 9)):
        turned = bytes((*record[:at], record[at] ^ 1, *record[at + 1 :]))
        assert list(wrongs(meter, _changed(value, signed_meter_data=b64encode(turned).decode()), key)), at
    wrong = (
        msgspec.structs.replace(value, value=value.value + 5),
        _changed(value, signed_meter_data=""),
        _changed(value, signed_meter_data="no base64"),
        _changed(value, encoding_method=""),
        _changed(value, signing_method=""),
    )
    assert all(list(wrongs(meter, one, key)) for one in wrong)
    later = msgspec.structs.replace(meter, timestamp=meter.timestamp.replace(year=2027))
    assert list(wrongs(later, value, key))
    assert list(wrongs(meter, value, "bm8ga2V5"))
