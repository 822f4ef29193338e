"""Block C: a token from the cache charges offline, and turns out to be invalid once the CSMS hears of it."""

from ohmstead.lab.cases import states, states_station, states_stopping
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import Wanted, differs, one_of
from ohmstead.lab.cases.rules import PERIODIC
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.c_authorization import (
    AUTHORIZED_OFFLINE,
    INVALID_OFFLINE_END,
    INVALID_OFFLINE_SUSPENSION,
    OFFLINE_AFTERWARDS,
)
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import AuthorizationStatusEnum, ChargingStateEnum, TriggerReasonEnum

BACK_OFF = 4
OFFLINE = {
    "AuthCacheCtrlr.Enabled": "true",
    "AuthCtrlr.LocalPreAuthorize": "true",
    "AuthCtrlr.LocalAuthorizeOffline": "true",
    "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true",
    "OCPPCommCtrlr.OfflineThreshold": str(BACK_OFF + 60),
    "OCPPCommCtrlr.RetryBackOffWaitMinimum": str(BACK_OFF),
    "OCPPCommCtrlr.RetryBackOffRandomRange": "0",
}
CACHE = ("C12.FR.02", "C12.FR.04")
INFO = "TransactionEventRequest.transactionInfo"
OFF = one_of("SuspendedEVSE", "EVConnected")
ANYTHING = Wanted("anything", lambda _: True)
NOT_PERIODIC = Wanted("any trigger reason but a periodic one", lambda one: one not in PERIODIC)
OPTIONAL = differs(AUTHORIZED_OFFLINE, specification="Authorized", tool=NOT_PERIODIC)
"""The text of C_15, C_16 and C_18; that of C_17 wants it."""
ONLINE = one_of(None, False)
UNLOOKED = differs(OFFLINE_AFTERWARDS, specification=ONLINE, tool=ANYTHING)


async def _cached_and_plugged(t: Tester) -> None:
    await states_station.id_token_cached(t)
    await states.ev_waits(t)


async def _charge_offline(t: Tester, seconds: float, authorized: object) -> None:
    """Charge with the cached token while there is no connection, then see the queue, which is answered Invalid.

    `authorized` is the trigger wanted of the event that carries the token. Where only energy starts transactions, the
    first event comes later, and has the trigger of what started it (errata 2.17).
    """
    await t.disconnect()
    await t.present(t.config.valid)
    outlet = t.outlet()
    next_trigger: object = "ChargingStateChanged"
    if not outlet.plugged:
        await t.elapse(1)
        await t.hand.plug(outlet.evse_id, t.config.connector_id)
        outlet.plugged = True
        t.allow_status("Occupied")
        next_trigger = one_of("CablePluggedIn", "ChargingStateChanged", "SignedDataReceived")
        if t.start_points.isdisjoint({"Authorized", "ParkingBayOccupancy"}):
            authorized = next_trigger
    await t.elapse(seconds)
    t.know(t.config.valid.id_token, AuthorizationStatusEnum.Invalid)
    await t.reconnect()
    outlet.authorized = True
    later = t.start_points <= {"EnergyTransfer", "DataSigned"}
    event = await t.event(
        3,
        offline=True,
        trigger_reason=one_of("Authorized", "ChargingStateChanged", "SignedDataReceived") if later else authorized,
        id_token__id_token=states.token_text(t.config.valid),
    )
    while event.transaction_info.charging_state is not ChargingStateEnum.Charging:
        event = await t.event(3, offline=True, trigger_reason=next_trigger)
    t.compare(3, "TransactionEventRequest.triggerReason", event.trigger_reason, "ChargingStateChanged")


async def _nothing_more(t: Tester, seconds: float) -> None:
    await t.expect_none(5, wire.TransactionEventRequest, seconds, transaction_info__charging_state="Charging")


@case(
    "TC_C_15_CS",
    "Invalid, and the energy is limited",
    requirements=(*CACHE, "C15.FR.07"),
    readings=(AUTHORIZED_OFFLINE,),
    settings={**OFFLINE, "TxCtrlr.StopTxOnInvalidId": "false", "TxCtrlr.MaxEnergyOnInvalidId": "10000"},
    begin=_cached_and_plugged,
)
async def limited(t: Tester) -> None:
    """The text says 10.000 Wh: so much still flows, and nothing is deauthorized or suspended meanwhile."""
    await _charge_offline(t, t.config.transaction_duration, OPTIONAL)
    await t.expect_none(3, wire.TransactionEventRequest, 5, trigger_reason="Deauthorized")
    state = t.outlet().charging_state
    t.require(3, state == "Charging", "TransactionEventRequest.transactionInfo.chargingState", "Charging", state)


async def suspended_afterwards(t: Tester, step: int) -> None:
    """Once the CSMS has said Invalid, the energy stops (C15.FR.06); as a stop point it ends the transaction."""
    ends = "EnergyTransfer" in t.stop_points
    any_type = one_of("Updated", "Ended")
    trigger = differs(INVALID_OFFLINE_SUSPENSION, specification="ChargingStateChanged", tool=NOT_PERIODIC)
    await t.event(
        step,
        event_type=differs(INVALID_OFFLINE_SUSPENSION, specification="Ended" if ends else "Updated", tool=any_type),
        trigger_reason=NOT_PERIODIC if ends else trigger,
        transaction_info__charging_state=OFF if ends else "SuspendedEVSE",
        offline=UNLOOKED,
    )


async def _deauthorized(t: Tester, offline: object) -> None:
    """The transaction ends, or goes on without energy where none of its stop points was reached (C15.FR.03)."""
    outlet = t.outlet()
    outlet.stopped = True
    # That the energy is off may be told first.
    event = await t.event(5, trigger_reason=one_of("Deauthorized", "ChargingStateChanged"), offline=offline)
    if event.trigger_reason is TriggerReasonEnum.ChargingStateChanged:
        t.compare(5, f"{INFO}.chargingState", event.transaction_info.charging_state, OFF)
        event = await t.event(5, trigger_reason="Deauthorized", offline=offline)
    ends = bool(t.stop_points & states_stopping.STOPPING)
    kind = differs(INVALID_OFFLINE_END, specification="Ended" if ends else "Updated", tool=one_of("Ended", "Updated"))
    t.compare(5, "TransactionEventRequest.eventType", event.event_type, kind)
    if outlet.ended:
        reason = differs(INVALID_OFFLINE_END, specification="DeAuthorized", tool=ANYTHING)
        t.compare(5, f"{INFO}.stoppedReason", event.transaction_info.stopped_reason, reason)
    elif ends:
        await t.maybe_event(trigger_reason="ChargingStateChanged")
    elif not OFF.holds(event.transaction_info.charging_state):
        # The note of E05.FR.09 lets the next event say it.
        await t.event(5, trigger_reason="ChargingStateChanged", transaction_info__charging_state=OFF)
    await _nothing_more(t, 3)


@case(
    "TC_C_16_CS",
    "Invalid, and the transaction stops",
    requirements=(*CACHE, "C15.FR.03", "C15.FR.04"),
    readings=(AUTHORIZED_OFFLINE, INVALID_OFFLINE_END, OFFLINE_AFTERWARDS),
    settings={**OFFLINE, "TxCtrlr.StopTxOnInvalidId": "true", "TxCtrlr.MaxEnergyOnInvalidId": "0"},
    begin=_cached_and_plugged,
)
async def stopped(t: Tester) -> None:
    """Deauthorized."""
    await _charge_offline(t, 5, OPTIONAL)
    await _deauthorized(t, UNLOOKED)


@case(
    "TC_C_17_CS",
    "Invalid, and the energy is suspended",
    requirements=(*CACHE, "C15.FR.06"),
    readings=(INVALID_OFFLINE_SUSPENSION, OFFLINE_AFTERWARDS),
    settings={**OFFLINE, "TxCtrlr.StopTxOnInvalidId": "false", "TxCtrlr.MaxEnergyOnInvalidId": "0"},
    begin=_cached_and_plugged,
)
async def suspended(t: Tester) -> None:
    """The transaction goes on without energy."""
    await _charge_offline(t, 5, "Authorized")
    await suspended_afterwards(t, 5)
    await _nothing_more(t, 3)


@case(
    "TC_C_18_CS",
    "Invalid, and the transaction stops although some energy is allowed",
    requirements=(*CACHE, "C15.FR.03", "C15.FR.04"),
    readings=(AUTHORIZED_OFFLINE, INVALID_OFFLINE_END),
    settings={**OFFLINE, "TxCtrlr.StopTxOnInvalidId": "true", "TxCtrlr.MaxEnergyOnInvalidId": "500"},
    begin=_cached_and_plugged,
)
async def stopped_in_spite(t: Tester) -> None:
    """StopTxOnInvalidId goes before MaxEnergyOnInvalidId."""
    await _charge_offline(t, t.config.transaction_duration, OPTIONAL)
    await _deauthorized(t, ONLINE)
