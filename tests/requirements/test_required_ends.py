"""Every way in which a transaction ends: numbers, reasons and meter values of its events (E05 to E15, F03, F04)."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.ports.hardware import Supply
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from ohmstead.wire.errors import CallError, ErrorCode
from tests.requirements.charging import CARD, TOKEN, charge, consecutive, ended, product, readings
from tests.runtime.site import Site, site

End = Callable[[Site], Awaitable[object]]


async def _local(here: Site) -> None:
    await here.hand.present(CARD)


async def _remote(here: Site) -> None:
    identifier = here.csms.events[0].transaction_info.transaction_id
    await here.csms.call(wire.RequestStopTransactionRequest(transaction_id=identifier))


async def _cable(here: Site) -> None:
    await here.hand.unplug(1)


async def _car(here: Site) -> None:
    await here.hand.stop_by_ev(1)
    await here.hand.unplug(1)


async def _emergency(here: Site) -> None:
    await here.hand.emergency_stop(True)


async def _power(here: Site) -> None:
    await here.hand.cut_power()
    here.simulator.hand.unplug(1)
    await here.hand.restore_power()


async def _reset(here: Site) -> None:
    await here.csms.call(wire.ResetRequest(type=wire.ResetEnum.Immediate))


async def _offline(here: Site) -> None:
    await here.hand.cut_network()
    await asyncio.sleep(60)
    await here.hand.present(CARD)
    await asyncio.sleep(60)
    await here.hand.restore_network()


ENDS: dict[str, tuple[End, str]] = {
    "card": (_local, "Local"),
    "RequestStopTransaction": (_remote, "Remote"),
    "cable": (_cable, "EVDisconnected"),
    "car": (_car, "StoppedByEV"),
    "emergency stop": (_emergency, "EmergencyStop"),
    "power cut": (_power, "PowerLoss"),
    "reset": (_reset, "ImmediateReset"),
    "card while offline": (_offline, "Local"),
}
every_end = pytest.mark.parametrize("end", ENDS)


async def _until_ended(here: Site) -> None:
    await here.csms.until(lambda: any(event.event_type == "Ended" for event in here.csms.events))


@every_end
def test_the_events_are_numbered_one_after_the_other(end: str) -> None:
    """E04.FR.04, E05.FR.04, E06.FR.14, E07.FR.11, E09.FR.04, E10.FR.03: seqNo counts from 0 whatever happens."""

    async def scenario() -> None:
        async with site() as here:
            await charge(here)
            await ENDS[end][0](here)
            await _until_ended(here)
            assert consecutive(here.csms.events)
            assert len({event.transaction_info.transaction_id for event in here.csms.events}) == 1

    run(scenario(), limit=3600)


@every_end
def test_the_end_says_why(end: str) -> None:
    """E07.FR.05: Local where the driver asked for it; E07.FR.06: else the reason that fits best.

    E07.FR.01, E07.FR.02: a card that stops it is named, with StopAuthorized. E06.FR.16: a fault says AbnormalCondition.
    """

    async def scenario() -> None:
        async with site() as here:
            await charge(here)
            await ENDS[end][0](here)
            await _until_ended(here)
            last = ended(here)
            assert last.transaction_info.stopped_reason == ENDS[end][1]
            if end.startswith("card"):
                assert (last.trigger_reason, last.id_token) == ("StopAuthorized", TOKEN)
            if end == "emergency stop":
                assert last.trigger_reason == "AbnormalCondition"

    run(scenario(), limit=3600)


@every_end
def test_the_end_brings_the_meter_values_that_are_configured(end: str) -> None:
    """E15.FR.01, F03.FR.04, F04.FR.04: TxEndedMeasurands, from Transaction.Begin to Transaction.End."""

    async def scenario() -> None:
        async with site() as here:
            await here.set("SampledDataCtrlr", "TxEndedMeasurands", "Energy.Active.Import.Register")
            await here.set("SampledDataCtrlr", "TxEndedInterval", "60")
            await charge(here)
            await asyncio.sleep(300)
            await ENDS[end][0](here)
            await _until_ended(here)
            values = readings(ended(here))
            assert values[0][0] == "Transaction.Begin"
            assert values[-1][0] == "Transaction.End"
            assert [context for context, _ in values[1:6]] == ["Sample.Periodic"] * 5

    run(scenario(), limit=3600)


@every_end
def test_what_is_too_much_for_one_message_loses_intermediate_values_first(end: str) -> None:
    """E06.FR.12, E07.FR.09/10, E08.FR.10/11, E09.FR.06/07, E10.FR.05/06, E12.FR.08/09, E15.FR.02/03, F03.FR.05/06.

    E06.FR.13, F04.FR.05/06, J02.FR.20 too: begin and end stay, and of every part of the charge something is left.
    """

    async def scenario() -> None:
        async with site() as here:
            await here.set("SampledDataCtrlr", "TxEndedMeasurands", "Energy.Active.Import.Register")
            await here.set("SampledDataCtrlr", "TxEndedInterval", "1")
            await charge(here)
            await asyncio.sleep(900)
            await ENDS[end][0](here)
            await _until_ended(here)
            values = readings(ended(here))
            assert (values[0][0], values[-1][0]) == ("Transaction.Begin", "Transaction.End")
            assert 100 <= len(values) <= 300
            times = [meter.timestamp for meter in ended(here).meter_value or ()]
            quarters = [int(4 * (at - times[0]) / (times[-1] - times[0])) for at in times[:-1]]
            assert set(quarters) == {0, 1, 2, 3}

    run(scenario(), limit=7200)


def test_a_car_that_ends_its_session_stops_the_transaction_as_stopped_by_the_ev() -> None:
    """E15.FR.04: with Authorized among the stop points its wish is the end, and its reason is StoppedByEV."""

    async def scenario() -> None:
        async with site() as here:
            await here.set("TxCtrlr", "TxStopPoint", "Authorized,EVConnected")
            await charge(here)
            await here.hand.stop_by_ev(1)
            await asyncio.sleep(5)
            end = ended(here)
            assert (end.trigger_reason, end.transaction_info.stopped_reason) == ("StopAuthorized", "StoppedByEV")

    run(scenario(), limit=3600)


def test_where_only_the_cable_ends_it_a_car_that_ends_its_session_is_an_update() -> None:
    """E15.FR.05: the authorization ended, the transaction has not."""

    async def scenario() -> None:
        async with site() as here:
            await here.set("TxCtrlr", "TxStopPoint", "EVConnected")
            await charge(here)
            await here.hand.stop_by_ev(1)
            await asyncio.sleep(5)
            last = here.csms.events[-1]
            assert (last.event_type, last.trigger_reason) == ("Updated", "StopAuthorized")

    run(scenario(), limit=3600)


def test_a_remote_stop_offers_no_more_energy_and_the_transaction_ends_with_the_cable() -> None:
    """F04.FR.02, F04.FR.03: Updated first; Ended with stoppedReason Remote once the driver unplugs."""

    async def scenario() -> None:
        async with site() as here:
            await here.set("TxCtrlr", "TxStopPoint", "EVConnected")
            await charge(here)
            begun = here.simulator.read(1).energy_wh
            await _remote(here)
            await asyncio.sleep(10)
            assert ("Updated", "RemoteStop") in [(it.event_type, it.trigger_reason) for it in here.csms.events]
            stopped = here.simulator.read(1).energy_wh
            await asyncio.sleep(600)
            assert begun < stopped == here.simulator.read(1).energy_wh
            await here.hand.unplug(1)
            await asyncio.sleep(5)
            assert ended(here).transaction_info.stopped_reason == "Remote"

    run(scenario(), limit=3600)


def test_a_token_without_a_cable_is_no_longer_authorized_after_the_timeout() -> None:
    """C01.FR.26, E10.FR.02: the authorization ends after EVConnectionTimeOut; a cable after it charges nobody."""

    async def scenario() -> None:
        async with site() as here:
            await here.set("TxCtrlr", "EVConnectionTimeOut", "60")
            await here.hand.present(CARD)
            await asyncio.sleep(61)
            await here.hand.plug(1)
            await asyncio.sleep(600)
            assert here.csms.events == []
            assert here.simulator.read(1).energy_wh == 0

    run(scenario(), limit=3600)


def test_a_started_transaction_without_a_cable_is_deauthorized_after_the_timeout() -> None:
    """E10.FR.02, E10.FR.03: EVConnectTimeout ends it, in one more event."""

    async def scenario() -> None:
        async with site() as here:
            await here.set("TxCtrlr", "TxStartPoint", "Authorized")
            await here.set("TxCtrlr", "EVConnectionTimeOut", "60")
            await here.hand.present(CARD)
            await asyncio.sleep(100)
            assert [event.trigger_reason for event in here.csms.events] == ["Authorized", "EVConnectTimeout"]
            assert consecutive(here.csms.events)
            assert ended(here).transaction_info.stopped_reason == "Timeout"

    run(scenario(), limit=3600)


def test_the_token_of_a_remote_start_stops_it_like_a_card() -> None:
    """C01.FR.25: tokens are equal where value and type are; additionalInfo does not count."""

    async def scenario() -> None:
        async with site() as here:
            more = (wire.AdditionalInfo(additional_id_token="A-7", type="contract"),)
            token = wire.IdToken(id_token=TOKEN.id_token, type=TOKEN.type, additional_info=more)
            await here.hand.plug(1)
            request = wire.RequestStartTransactionRequest(remote_start_id=1, id_token=token, evse_id=1)
            await here.csms.call(request)
            await asyncio.sleep(20)
            await here.hand.present(CARD)
            await asyncio.sleep(5)
            assert ended(here).transaction_info.stopped_reason == "Local"

    run(scenario(), limit=3600)


def test_a_reset_that_cannot_be_told_in_time_is_told_after_the_boot() -> None:
    """B12.FR.05: the Ended event waits in the queue, and is sent again by the next run."""

    async def scenario() -> None:
        async with site() as here:
            await charge(here)
            identifier = here.csms.events[0].transaction_info.transaction_id
            lives = here.host.runs
            here.csms.answers[wire.TransactionEventRequest] = _unanswered
            response = await here.csms.call(wire.ResetRequest(type=wire.ResetEnum.Immediate))
            assert response.status == "Accepted"
            await here.csms.until(lambda: here.host.runs == lives + 1)
            del here.csms.answers[wire.TransactionEventRequest]
            here.csms.received.clear()
            await _until_ended(here)
            assert ended(here).transaction_info.transaction_id == identifier
            assert ended(here).transaction_info.stopped_reason == "ImmediateReset"

    run(scenario(), limit=7200)


def _unanswered(_request: Request[Response]) -> Response:
    raise CallError(ErrorCode.InternalError, "not now")


@pytest.mark.parametrize("deauthorizes", ["true", "false"])
def test_a_car_that_is_unplugged_loses_its_authorization_where_the_station_is_told_so(deauthorizes: str) -> None:
    """E09.FR.01: with StopTxOnEVSideDisconnect the same cable needs a new authorization; without, it charges on."""

    async def scenario() -> None:
        async with site(product=product(name="flagship", having=["C-06.1"])) as here:
            await here.set("TxCtrlr", "TxStopPoint", "Authorized")
            status = await here.set("TxCtrlr", "StopTxOnEVSideDisconnect", deauthorizes)
            assert status == "Accepted"
            await charge(here)
            await here.hand.unplug(1)
            await asyncio.sleep(5)
            await here.hand.plug(1)
            await asyncio.sleep(30)
            charges = here.simulator.state(1).supply is Supply.Delivering
            assert charges is (deauthorizes == "false")

    run(scenario(), limit=3600)
