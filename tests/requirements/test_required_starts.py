"""How a charge begins: who may have energy, what is reported, what a remote start does (C01, E01 to E03, F02)."""

import asyncio

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.ports.hand import HandRefused
from ohmstead.ports.hardware import Supply
from ohmstead.wire import messages as wire
from tests.requirements.charging import (
    CARD,
    OTHER,
    TOKEN,
    change_availability,
    charge,
    consecutive,
    kinds,
    product,
    readings,
    start_remotely,
    two_connectors,
)
from tests.runtime.site import Site, site

REGISTER = "Energy.Active.Import.Register"


def test_a_car_without_an_authorization_gets_no_energy() -> None:
    """C01.FR.01: the cable alone, or a refused card with it, lets nothing flow."""

    async def scenario() -> None:
        async with site() as here:
            blocked = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Blocked)
            here.csms.answers[wire.AuthorizeRequest] = lambda _: wire.AuthorizeResponse(id_token_info=blocked)
            await here.hand.plug(1)
            await asyncio.sleep(600)
            await here.hand.present(CARD)
            await asyncio.sleep(600)
            assert here.simulator.read(1).energy_wh == 0
            assert here.simulator.state(1).supply is Supply.Off

    run(scenario(), limit=3600)


def test_authorize_requests_are_about_identifiers_that_somebody_presented() -> None:
    """C01.FR.04: none for a cable, a start that needs no check, a stop with the same card, or the end."""

    async def scenario() -> None:
        async with site() as here:
            await here.set("AuthCtrlr", "AuthorizeRemoteStart", "false")
            await here.hand.plug(1)
            await start_remotely(here)
            await asyncio.sleep(60)
            await here.hand.present(CARD)
            await here.hand.unplug(1)
            await asyncio.sleep(60)
            assert kinds(here.csms.events)[-1] == "Ended"
            assert here.csms.of(wire.AuthorizeRequest) == []

    run(scenario(), limit=3600)


def test_transaction_ids_are_never_used_again() -> None:
    """E01.FR.08, E02.FR.08: over transactions, resets and power cuts."""

    async def scenario() -> None:
        async with site() as here:
            seen: list[str] = []
            for round_ in range(6):
                await charge(here)
                seen.append(here.csms.events[-1].transaction_info.transaction_id)
                await here.hand.unplug(1)
                await asyncio.sleep(30)
                if round_ % 2:
                    await here.hand.cut_power()
                    await here.hand.restore_power()
                else:
                    await here.csms.call(wire.ResetRequest(type=wire.ResetEnum.Immediate))
                await asyncio.sleep(60)
            assert len(set(seen)) == len(seen)

    run(scenario(), limit=7200)


def test_one_transaction_an_evse_whichever_connector() -> None:
    """E01.FR.14: while one runs at connector 1, a cable at connector 2 starts none."""

    async def scenario() -> None:
        async with site(product=two_connectors()) as here:
            await charge(here)
            with pytest.raises(HandRefused):
                await here.hand.plug(1, 2)
            await asyncio.sleep(30)
            assert kinds(here.csms.events).count("Started") == 1

    run(scenario(), limit=3600)


def test_a_cable_at_one_connector_says_nothing_of_the_others() -> None:
    """G01.FR.08: the other connectors of the EVSE are not reported, though nobody can use them."""

    async def scenario() -> None:
        async with site(product=two_connectors()) as here:
            await here.hand.plug(1, 1)
            await asyncio.sleep(30)
            told = here.csms.of(wire.StatusNotificationRequest)
            assert [(it.evse_id, it.connector_id, it.connector_status) for it in told] == [(1, 1, "Occupied")]

    run(scenario(), limit=3600)


def test_every_change_of_the_charging_state_is_reported() -> None:
    """E01.FR.18: each with its state; E01.FR.19: a car that suspends is SuspendedEV."""

    async def scenario() -> None:
        async with site() as here:
            await charge(here)
            await here.hand.suspend(1)
            await asyncio.sleep(10)
            await here.hand.resume(1)
            await asyncio.sleep(10)
            states = [event.transaction_info.charging_state for event in here.csms.events]
            changes = [after for before, after in zip([None, *states], states, strict=False) if after != before]
            assert changes == ["EVConnected", "Charging", "SuspendedEV", "Charging"]

    run(scenario(), limit=3600)


def test_first_meter_values_wait_for_the_evse_to_be_known() -> None:
    """E02.FR.21, E04.FR.11: a card starts the transaction; the values of its begin come with the first cable."""

    async def scenario() -> None:
        async with site() as here:
            await here.set("TxCtrlr", "TxStartPoint", "Authorized")
            await here.set("SampledDataCtrlr", "TxStartedMeasurands", REGISTER)
            await here.hand.present(CARD)
            await asyncio.sleep(10)
            await here.hand.plug(2)
            await asyncio.sleep(30)
            started, *later = here.csms.events
            assert (started.event_type, started.evse, started.meter_value) == ("Started", None, None)
            begins = [event for event in later if "Transaction.Begin" in dict(readings(event))]
            assert [(event.event_type, event.evse and event.evse.id) for event in begins] == [("Updated", 2)]

    run(scenario(), limit=3600)


# Remote start


@pytest.mark.parametrize("checked", ["true", "false"])
def test_a_remote_start_is_checked_where_the_station_is_told_to(checked: str) -> None:
    """F02.FR.09, F02.FR.10: AuthorizeRemoteStart decides; F02.FR.11, F02.FR.12: the event names the token all the same.

    F02.FR.21: it says RemoteStart and the remoteStartId.
    """

    async def scenario() -> None:
        async with site() as here:
            await here.set("AuthCtrlr", "AuthorizeRemoteStart", checked)
            assert (await start_remotely(here, remote_start_id=77)).status == "Accepted"
            await asyncio.sleep(5)
            await here.hand.plug(1)
            await asyncio.sleep(20)
            assert len(here.csms.of(wire.AuthorizeRequest)) == (checked == "true")
            first = here.csms.events[0]
            assert (first.trigger_reason, first.transaction_info.remote_start_id) == ("RemoteStart", 77)
            assert first.id_token == TOKEN
            assert [event.trigger_reason for event in here.csms.events].count(first.trigger_reason) == 1

    run(scenario(), limit=3600)


def test_a_remote_start_whose_token_is_refused_gives_no_energy() -> None:
    """F02.FR.09: as if a card had been presented."""

    async def scenario() -> None:
        async with site() as here:
            blocked = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Blocked)
            here.csms.answers[wire.AuthorizeRequest] = lambda _: wire.AuthorizeResponse(id_token_info=blocked)
            await here.set("AuthCtrlr", "AuthorizeRemoteStart", "true")
            await here.hand.plug(1)
            await start_remotely(here)
            await asyncio.sleep(60)
            assert here.simulator.state(1).supply is Supply.Off
            assert here.csms.events == []

    run(scenario(), limit=3600)


@pytest.mark.parametrize("remote", [False, True], ids=["card", "remote start"])
def test_a_remote_start_and_a_card_make_the_same_transaction(remote: bool) -> None:
    """F02.FR.13: the events of E03, but for who asked."""

    async def scenario() -> None:
        async with site() as here:
            if remote:
                await start_remotely(here, evse_id=1)
            else:
                await here.hand.present(CARD)
            await asyncio.sleep(5)
            await here.hand.plug(1)
            await asyncio.sleep(20)
            await here.hand.present(CARD)
            await asyncio.sleep(5)
            assert kinds(here.csms.events) == ["Started", "Updated", "Ended"]
            assert [event.transaction_info.charging_state for event in here.csms.events] == [
                "EVConnected",
                "Charging",
                "EVConnected",
            ]

    run(scenario(), limit=3600)


def test_without_an_evse_the_station_chooses_the_one_where_a_car_waits() -> None:
    """F01.FR.07, F02.FR.15: it might refuse and does not; F01.FR.20, F02.FR.22: it selects an EVSE."""

    async def scenario() -> None:
        async with site() as here:
            await here.hand.plug(2)
            assert (await start_remotely(here, evse_id=None)).status == "Accepted"
            await asyncio.sleep(20)
            assert here.simulator.state(2).supply is Supply.Delivering

    run(scenario(), limit=3600)


def test_meter_values_come_with_a_remote_start_as_configured() -> None:
    """F01.FR.14, F02.FR.02: TxStartedMeasurands; F01.FR.15, F02.FR.03: TxUpdatedMeasurands; F01.FR.18: more events."""

    async def scenario() -> None:
        async with site() as here:
            await here.set("SampledDataCtrlr", "TxStartedMeasurands", REGISTER)
            await here.set("SampledDataCtrlr", "TxUpdatedMeasurands", REGISTER)
            await here.set("SampledDataCtrlr", "TxUpdatedInterval", "30")
            await here.hand.plug(1)
            await start_remotely(here)
            await asyncio.sleep(100)
            started, *updates = here.csms.events
            assert [context for context, _ in readings(started)] == ["Transaction.Begin"]
            periodic = [event for event in updates if event.trigger_reason == "MeterValuePeriodic"]
            assert [[context for context, _ in readings(event)] for event in periodic] == [["Sample.Periodic"]] * 3

    run(scenario(), limit=3600)


def test_a_charging_profile_in_a_remote_start_is_ignored_without_smart_charging() -> None:
    """F02.FR.20: the start goes on as if there were none."""

    async def scenario() -> None:
        async with site() as here:
            period = wire.ChargingSchedulePeriod(start_period=0, limit=6.0)
            schedule = wire.ChargingSchedule(
                id=1, charging_rate_unit=wire.ChargingRateUnitEnum.A, charging_schedule_period=(period,)
            )
            profile = wire.ChargingProfile(
                id=1,
                stack_level=0,
                charging_profile_purpose=wire.ChargingProfilePurposeEnum.TxProfile,
                charging_profile_kind=wire.ChargingProfileKindEnum.Relative,
                charging_schedule=(schedule,),
            )
            await here.hand.plug(1)
            response = await here.csms.call(
                wire.RequestStartTransactionRequest(
                    remote_start_id=1, id_token=TOKEN, evse_id=1, charging_profile=profile
                )
            )
            assert response.status == "Accepted"
            await asyncio.sleep(60)
            assert here.simulator.read(1).power_w > 30_000

    run(scenario(), limit=3600)


async def _unavailable(here: Site) -> None:
    assert await change_availability(here, "Inoperative", wire.EVSE(id=1)) == "Accepted"


async def _faulted(here: Site) -> None:
    await here.hand.fault(1, 1, "GroundFailure")


async def _authorized(here: Site) -> None:
    await charge(here)


@pytest.mark.parametrize("obstacle", [_unavailable, _faulted, _authorized])
def test_a_remote_start_where_nobody_may_start_is_rejected(obstacle: object) -> None:
    """F01.FR.23, F02.FR.25: Unavailable or Faulted; F01.FR.24, F02.FR.26: a transaction that is authorized."""

    async def scenario() -> None:
        async with site() as here:
            assert callable(obstacle)
            await obstacle(here)
            await asyncio.sleep(5)
            token = wire.IdToken(id_token=OTHER, type=wire.IdTokenEnum.ISO14443)
            response = await start_remotely(here, evse_id=1, token=token)
            assert response.status == "Rejected"
            assert response.status_info is not None

    run(scenario(), limit=3600)


# Unlock


def test_unlock_is_answered_by_what_is_so() -> None:
    """F05.FR.01, F05.FR.03: an unknown connector; F05.FR.05: a cable that is fixed; F05.FR.02: a charge goes on."""

    async def scenario() -> None:
        async with site() as here:

            async def unlock(evse_id: int, connector_id: int) -> str:
                request = wire.UnlockConnectorRequest(evse_id=evse_id, connector_id=connector_id)
                return (await here.csms.call(request)).status.value

            assert await unlock(1, 9) == "UnknownConnector"
            assert await unlock(9, 1) == "UnknownConnector"
            assert await unlock(1, 1) == "UnlockFailed"
            await charge(here)
            assert await unlock(1, 1) == "OngoingAuthorizedTransaction"
            assert here.simulator.state(1).supply is Supply.Delivering
            assert consecutive(here.csms.events)
            assert "Ended" not in kinds(here.csms.events)

    run(scenario(), limit=3600)


def test_before_it_is_accepted_a_station_may_serve_who_it_knows() -> None:
    """B03.FR.01: with TxBeforeAcceptedEnabled a token that the cache knows charges while the boot is rejected."""

    async def scenario() -> None:
        async with site(product=product()) as here:
            assert await here.set("TxCtrlr", "TxBeforeAcceptedEnabled", "true") == "Accepted"
            await here.set("AuthCtrlr", "LocalPreAuthorize", "true")
            await charge(here)
            await here.hand.present(CARD)
            await here.hand.unplug(1)
            await asyncio.sleep(10)
            rejected = wire.RegistrationStatusEnum.Rejected
            here.csms.answers[wire.BootNotificationRequest] = lambda _: wire.BootNotificationResponse(
                current_time=here.clock.now(), interval=300, status=rejected
            )
            await here.csms.call(wire.ResetRequest(type=wire.ResetEnum.Immediate))
            await asyncio.sleep(60)
            told = len(here.csms.events)
            await here.hand.plug(1)
            await here.hand.present(CARD)
            await asyncio.sleep(30)
            assert here.simulator.state(1).supply is Supply.Delivering
            assert len(here.csms.events) == told

    run(scenario(), limit=3600)
