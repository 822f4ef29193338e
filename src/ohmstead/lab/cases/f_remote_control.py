"""Block F: the CSMS starts and stops transactions from afar."""

from ohmstead.lab.cases import places, states, states_station, states_stopping
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import Wanted, differs, one_of
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.f_remote_control import REMOTE_STOP_IN_TWO, TIMEOUT_IN_THE_BAY, TIMEOUT_REASON
from ohmstead.wire import messages as wire

ASKING = {"AuthCtrlr.Enabled": "true", "AuthCtrlr.DisableRemoteAuthorization": "false"}
CONNECT_TIMEOUT = 12
"""EVConnectionTimeOut in seconds: more than three times the greatest tolerance of our own rigs."""

UNKNOWN_CONNECTOR = 999


@case(
    "TC_F_01_CS",
    "Remote start after the cable",
    requirements=("F01.FR.03", "F01.FR.04", "F01.FR.05", "F01.FR.13", "F01.FR.17", "F01.FR.19", "F02.FR.01"),
    settings=ASKING,
    begin=states.ev_waits,
)
async def start_after_cable(t: Tester) -> None:
    """A car that is plugged in charges once the CSMS asks for it."""
    await states.authorized(t, remote=True)
    await states.energy_transfer_started(t)
    _require_charging(t)


@case(
    "TC_F_02_CS",
    "Remote start before the cable, with authorization",
    requirements=("F02.FR.01", "F01.FR.01"),
    settings={**ASKING, "AuthCtrlr.AuthorizeRemoteStart": "true"},
    begin=states.parking_bay_occupied,
)
async def start_with_authorization(t: Tester) -> None:
    """The station checks the token of the request before it lets energy flow."""
    await states.authorized(t, remote=True)
    t.require("1", bool(t.received(wire.AuthorizeRequest)), "AuthorizeRequest", "sent", "not sent")
    await states.energy_transfer_started(t)
    _require_charging(t)


@case(
    "TC_F_03_CS",
    "Remote start before the cable, without authorization",
    requirements=("F02.FR.01", "F01.FR.02"),
    settings={**ASKING, "AuthCtrlr.AuthorizeRemoteStart": "false"},
    begin=states.parking_bay_occupied,
)
async def start_without_authorization(t: Tester) -> None:
    """The station takes the token of the request as it stands."""
    await states.authorized(t, remote=True)
    await states.energy_transfer_started(t)
    t.require("1", not t.received(wire.AuthorizeRequest), "AuthorizeRequest", "not sent", "sent")
    _require_charging(t)


def _require_charging(t: Tester) -> None:
    state = t.outlet().charging_state
    t.require("2", state == "Charging", "TransactionEventRequest.transactionInfo.chargingState", "Charging", state)


async def _starts_without_cable(t: Tester) -> None:
    """As far as the station lets it: the case is for every station (errata 6.2.56, 6.2.57)."""
    await states_station.start_at(t, "Authorized", "ParkingBayOccupancy")


@case(
    "TC_F_04_CS",
    "Remote start, and no cable comes",
    requirements=("F02.FR.01", "F02.FR.07", "F02.FR.08", "E03.FR.01", "E03.FR.05"),
    readings=(TIMEOUT_REASON, TIMEOUT_IN_THE_BAY),
    settings={**ASKING, "TxCtrlr.EVConnectionTimeOut": str(CONNECT_TIMEOUT)},
    begin=_starts_without_cable,
)
async def no_cable(t: Tester) -> None:
    """The authorization ends with EVConnectionTimeOut, and the EVSE can be started again."""
    t.allow_status("Available")
    await states.authorized(t, remote=True, arrives="Authorized" not in t.start_points)
    outlet = t.outlet()
    if outlet.running and outlet.last is not None:
        await _time_out(t, t.arrived(outlet.last).at)
    else:
        await t.elapse(CONNECT_TIMEOUT + t.rig.tolerance + t.settle)
        t.rules.forget_authorization()
    outlet.authorized = False
    if outlet.ended and outlet.bay and "ParkingBayOccupancy" in t.start_points:
        # What starts a transaction there has to happen anew.
        await t.hand.leave(outlet.evse_id)
        outlet.reset()
    await states.authorized(t, remote=True)
    # No cable comes this time either, and the case may not be over before that is noticed.
    t.allow(wire.TransactionEventRequest, trigger_reason="EVConnectTimeout")


async def _time_out(t: Tester, granted: float) -> None:
    """Wait for the event that says so, and see whether it ends the transaction.

    F02.FR.08 leaves the end to the parking bay; a stop point that the lost authorization reaches may end it before.
    The text wants Ended. Of a product that only starts and stops with the bay it cannot be had, so that Part 2 decides.
    """
    by_bay = "ParkingBayOccupancy" in t.stop_points
    sooner = bool(t.stop_points & {"Authorized", "PowerPathClosed"})
    kind: object = "Ended"
    if by_bay and t.outlet().bay:
        kind = one_of("Updated", "Ended") if sooner else "Updated"
        t.note("reading: an EV in the bay keeps the transaction running (F02.FR.08), though TC_F_04 wants it to end")
    elif by_bay:
        kind = differs(TIMEOUT_IN_THE_BAY, specification=one_of("Updated", "Ended"), tool="Ended")
    event = await t.event(
        1,
        event_type=kind,
        trigger_reason="EVConnectTimeout",
        within=CONNECT_TIMEOUT + t.rig.tolerance + 1,
    )
    waited = t.arrived(event).at - granted
    t.require(
        "1",
        abs(waited - CONNECT_TIMEOUT) <= t.rig.tolerance,
        "TransactionEventRequest: seconds until EVConnectTimeout",
        f"{CONNECT_TIMEOUT} s within {t.rig.tolerance} s",
        round(waited, 2),
    )
    if event.event_type is wire.TransactionEventEnum.Ended:
        reason = differs(TIMEOUT_REASON, specification="Timeout", tool=Wanted("anything", lambda _: True))
        got = event.transaction_info.stopped_reason
        t.compare("1", "TransactionEventRequest.transactionInfo.stoppedReason", got, reason)


@case(
    "TC_F_08_CS",
    "Remote stop",
    requirements=("F03.FR.02", "F03.FR.03", "F03.FR.07", "F03.FR.09"),
    readings=(REMOTE_STOP_IN_TWO,),
    begin=states.energy_transfer_started,
)
async def stop(t: Tester) -> None:
    """A running transaction stops when the CSMS asks for it."""
    await states_stopping.stop_authorized(t, remote=True)


@case(
    "TC_F_09_CS",
    "Remote stop of a transaction that does not run",
    requirements=("F03.FR.08",),
    begin=states.energy_transfer_started,
)
async def stop_unknown(t: Tester) -> None:
    """Another id is Rejected, and what runs goes on."""
    other = f"not-{t.outlet().transaction_id}"[:36]
    await t.call(wire.RequestStopTransactionRequest(transaction_id=other), step=2, status="Rejected")
    await t.expect_none(2, wire.TransactionEventRequest, 2, trigger_reason="RemoteStop")
    _require_charging(t)


# Unlocking


@case(
    "TC_F_10_CS",
    "Unlock a connector that does not exist",
    requirements=("F05.FR.03",),
)
async def unknown_connector(t: Tester) -> None:
    """UnknownConnector: the EVSE is there, and has no connector of that number."""
    request = wire.UnlockConnectorRequest(evse_id=t.config.evse_id, connector_id=UNKNOWN_CONNECTOR)
    await t.call(request, step=2, status="UnknownConnector")


async def _unlock(t: Tester, status: str) -> None:
    request = wire.UnlockConnectorRequest(evse_id=t.config.evse_id, connector_id=t.config.connector_id)
    await t.call(request, step=2, status=status)


@case(
    "TC_F_05_CS",
    "Unlock a connector while its transaction is authorized",
    requirements=("F05.FR.01", "F05.FR.02"),
    begin=states.energy_transfer_started,
    places=(places.lock,),
)
async def unlock_while_charging(t: Tester) -> None:
    """Nothing is unlocked, and what runs goes on."""
    await _unlock(t, "OngoingAuthorizedTransaction")
    await t.expect_none(2, wire.TransactionEventRequest, 2, event_type="Ended")
    _require_charging(t)


@case(
    "TC_F_06_CS",
    "Unlock a connector with a cable",
    requirements=("F05.FR.01", "F05.FR.04"),
    begin=states_stopping.cable_in,
    places=(places.lock,),
)
async def unlock_idle(t: Tester) -> None:
    """Nobody is authorized there: it is unlocked."""
    await _unlock(t, "Unlocked")


@case(
    "TC_F_07_CS",
    "Unlock a connector without a cable",
    requirements=("F05.FR.01", "F05.FR.04", "F05.FR.06"),
    places=(places.lock,),
)
async def unlock_empty(t: Tester) -> None:
    """It is tried all the same."""
    await _unlock(t, "Unlocked")
