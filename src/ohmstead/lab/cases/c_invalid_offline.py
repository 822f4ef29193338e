"""Block C: a token from the cache charges offline, and turns out to be invalid once the CSMS hears of it."""

from ohmstead.lab import states, states_station
from ohmstead.lab.case import case
from ohmstead.lab.tester import Tester
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import AuthorizationStatusEnum

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


async def _cached_and_plugged(t: Tester) -> None:
    await states_station.id_token_cached(t)
    await states.ev_connected_pre_session(t)


async def _charge_offline(t: Tester, seconds: float) -> None:
    """Charge with the cached token while there is no connection, then see the queue, which is answered Invalid."""
    await t.disconnect()
    await t.hand.present(t.config.valid.id_token, t.config.valid.type.value)
    await t.elapse(seconds)
    t.know(t.config.valid.id_token, AuthorizationStatusEnum.Invalid)
    await t.reconnect()
    outlet = t.outlet()
    outlet.authorized = True
    with_token = await t.event(3, offline=True, trigger_reason="Authorized", id_token__id_token=t.config.valid.id_token)
    t.require(3, with_token.id_token is not None, "TransactionEventRequest.idToken", "present", None)
    await t.event(3, offline=True, trigger_reason="ChargingStateChanged", transaction_info__charging_state="Charging")


async def _nothing_more(t: Tester, seconds: float) -> None:
    await t.expect_none(5, wire.TransactionEventRequest, seconds, transaction_info__charging_state="Charging")


@case(
    "TC_C_15_CS",
    "Invalid, and the energy is limited",
    requirements=(*CACHE, "C15.FR.07"),
    settings={**OFFLINE, "TxCtrlr.StopTxOnInvalidId": "false", "TxCtrlr.MaxEnergyOnInvalidId": "10000"},
    begin=_cached_and_plugged,
)
async def limited(t: Tester) -> None:
    """The text says 10.000 Wh: so much still flows, and nothing is deauthorized or suspended meanwhile."""
    await _charge_offline(t, t.config.transaction_duration)
    await t.expect_none(3, wire.TransactionEventRequest, 5, trigger_reason="Deauthorized")
    state = t.outlet().charging_state
    t.require(3, state == "Charging", "TransactionEventRequest.transactionInfo.chargingState", "Charging", state)


async def _deauthorized(t: Tester) -> None:
    outlet = t.outlet()
    outlet.stopped = True
    await t.event(
        5,
        event_type="Ended",
        trigger_reason="Deauthorized",
        transaction_info__stopped_reason="DeAuthorized",
        offline=lambda offline: not offline,
    )
    await _nothing_more(t, 3)


@case(
    "TC_C_16_CS",
    "Invalid, and the transaction stops",
    requirements=(*CACHE, "C15.FR.04"),
    settings={**OFFLINE, "TxCtrlr.StopTxOnInvalidId": "true", "TxCtrlr.MaxEnergyOnInvalidId": "0"},
    begin=_cached_and_plugged,
)
async def stopped(t: Tester) -> None:
    """Deauthorized."""
    await _charge_offline(t, 5)
    await _deauthorized(t)


@case(
    "TC_C_17_CS",
    "Invalid, and the energy is suspended",
    requirements=(*CACHE, "C15.FR.06"),
    settings={**OFFLINE, "TxCtrlr.StopTxOnInvalidId": "false", "TxCtrlr.MaxEnergyOnInvalidId": "0"},
    begin=_cached_and_plugged,
)
async def suspended(t: Tester) -> None:
    """The transaction goes on without energy."""
    await _charge_offline(t, 5)
    await t.event(
        5,
        event_type="Updated",
        trigger_reason="ChargingStateChanged",
        transaction_info__charging_state="SuspendedEVSE",
        offline=lambda offline: not offline,
    )
    await _nothing_more(t, 3)


@case(
    "TC_C_18_CS",
    "Invalid, and the transaction stops although some energy is allowed",
    requirements=(*CACHE, "C15.FR.04"),
    settings={**OFFLINE, "TxCtrlr.StopTxOnInvalidId": "true", "TxCtrlr.MaxEnergyOnInvalidId": "500"},
    begin=_cached_and_plugged,
)
async def stopped_in_spite(t: Tester) -> None:
    """StopTxOnInvalidId goes before MaxEnergyOnInvalidId."""
    await _charge_offline(t, t.config.transaction_duration)
    await _deauthorized(t)
