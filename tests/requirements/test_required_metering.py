"""What meter values say, and what becomes of them where there are too many (E04, E05, E11, E12, J01, J02)."""

import asyncio
from collections.abc import Iterator

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.ports.hardware import Supply
from ohmstead.wire import messages as wire
from tests.requirements.charging import CARD, charge, consecutive, kinds
from tests.runtime.site import Site, site

REGISTER = "Energy.Active.Import.Register"


async def _often(here: Site) -> None:
    for name in ("TxStartedMeasurands", "TxUpdatedMeasurands", "TxEndedMeasurands"):
        await here.set("SampledDataCtrlr", name, REGISTER)
    await here.set("SampledDataCtrlr", "TxUpdatedInterval", "30")
    await here.set("AlignedDataCtrlr", "Interval", "60")
    await here.set("AlignedDataCtrlr", "Measurands", REGISTER)


def _meters(here: Site) -> Iterator[wire.MeterValue]:
    for message in here.csms.received:
        match message:
            case wire.TransactionEventRequest() | wire.MeterValuesRequest():
                yield from message.meter_value or ()


def test_every_meter_value_says_when_and_where_it_was_read() -> None:
    """J01.FR.05, J01.FR.17, J02.FR.18: one instant for all its values, never in the future.

    J01.FR.09, J02.FR.05: a location that is left out is the outlet; J01.FR.10, J02.FR.06: a phase belongs to a value
    of a phase, and a register of direct current has none.
    """

    async def scenario() -> None:
        async with site() as here:
            await _often(here)
            await charge(here)
            await asyncio.sleep(300)
            await here.hand.present(CARD)
            await asyncio.sleep(120)
            meters = list(_meters(here))
            assert len(meters) > 20
            for meter in meters:
                assert meter.timestamp <= here.clock.now()
                for sampled in meter.sampled_value:
                    assert sampled.measurand == REGISTER
                    assert sampled.location in (None, "Outlet")
                    assert sampled.phase is None

    run(scenario(), limit=3600)


def test_registers_only_grow_and_are_those_of_the_meter() -> None:
    """J02.FR.16: over reboots too; J02.FR.17: a transaction starts where the one before it ended, never at zero."""

    async def scenario() -> None:
        async with site() as here:
            await _often(here)
            for round_ in range(3):
                await charge(here)
                await asyncio.sleep(200)
                await here.hand.unplug(1)
                await asyncio.sleep(60)
                if round_ == 1:
                    await here.hand.cut_power()
                    await here.hand.restore_power()
                    await asyncio.sleep(60)
            values = [
                sampled.value
                for event in here.csms.events
                for meter in event.meter_value or ()
                for sampled in meter.sampled_value
                if sampled.context != "Transaction.Begin" or event.event_type == "Started"
            ]
            assert values == sorted(values)
            starts = [event for event in here.csms.events if event.event_type == "Started"]
            first = [meter.sampled_value[0].value for event in starts for meter in event.meter_value or ()]
            assert first[0] == 0
            assert 0 < first[1] < first[2]

    run(scenario(), limit=7200)


def test_the_values_of_a_transaction_are_those_of_its_evse() -> None:
    """J02.FR.22, J01.FR.04: two cars charge, each event has the register of the meter of its own EVSE."""

    async def scenario() -> None:
        async with site() as here:
            await _often(here)
            await charge(here, 1)
            await asyncio.sleep(300)
            await here.hand.plug(2)
            await here.hand.present("04D4E5F6")
            await asyncio.sleep(300)
            last: dict[int, float] = {}
            for event in here.csms.events:
                if event.evse is not None and event.trigger_reason == "MeterValuePeriodic":
                    last[event.evse.id] = (event.meter_value or ())[-1].sampled_value[-1].value
            for evse_id, value in last.items():
                assert abs(value - here.simulator.read(evse_id).energy_wh) < 3000
            assert last[1] > 1.3 * last[2]

    run(scenario(), limit=3600)


def test_what_happens_offline_is_told_afterwards_in_its_order() -> None:
    """E04.FR.01: nothing is lost; E04.FR.02: all of it is sent; E04.FR.04: its numbers go on."""

    async def scenario() -> None:
        async with site() as here:
            await _often(here)
            await charge(here)
            told = len(here.csms.events)
            await here.hand.cut_network()
            await asyncio.sleep(600)
            assert len(here.csms.events) == told
            await here.hand.present(CARD)
            await asyncio.sleep(30)
            await here.hand.restore_network()
            await here.csms.until(lambda: "Ended" in kinds(here.csms.events))
            assert consecutive(here.csms.events)
            offline = [event for event in here.csms.events if event.offline]
            assert len(offline) >= 20
            assert [event.timestamp for event in offline] == sorted(event.timestamp for event in offline)

    run(scenario(), limit=7200)


# A token that the CSMS does not accept


async def _blocked_later(here: Site, allowance: str) -> None:
    """Charge on a cached token; the answer to the Started event says that it is blocked."""
    await here.set("TxCtrlr", "StopTxOnInvalidId", "false")
    await here.set("TxCtrlr", "MaxEnergyOnInvalidId", allowance)
    blocked = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Blocked)
    here.csms.answers[wire.TransactionEventRequest] = lambda request: wire.TransactionEventResponse(
        id_token_info=blocked
        if isinstance(request, wire.TransactionEventRequest) and request.id_token is not None
        else None
    )
    await here.hand.plug(1)
    await here.hand.present(CARD)
    await asyncio.sleep(600)


def test_without_an_allowance_an_invalid_token_gets_no_energy_at_all() -> None:
    """E05.FR.02: energy stops at once, the transaction goes on as SuspendedEVSE."""

    async def scenario() -> None:
        async with site() as here:
            await _blocked_later(here, "0")
            assert here.simulator.state(1).supply is not Supply.Delivering
            assert here.simulator.read(1).energy_wh < 100
            assert "Ended" not in kinds(here.csms.events)
            assert ("ChargingStateChanged", "SuspendedEVSE") in [
                (event.trigger_reason, event.transaction_info.charging_state) for event in here.csms.events
            ]

    run(scenario(), limit=3600)


@pytest.mark.parametrize("allowance", [1000, 3000])
def test_with_an_allowance_energy_flows_until_it_is_used_up(allowance: int) -> None:
    """E05.FR.03: MaxEnergyOnInvalidId in Wh, counted from the answer."""

    async def scenario() -> None:
        async with site() as here:
            await _blocked_later(here, str(allowance))
            assert here.simulator.state(1).supply is not Supply.Delivering
            assert allowance <= here.simulator.read(1).energy_wh < allowance + 700

    run(scenario(), limit=3600)
