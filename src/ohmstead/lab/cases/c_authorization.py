"""Block C: tokens that may not charge, and tokens that may not stop."""

from ohmstead.lab.cases import states, states_station, states_stopping
from ohmstead.lab.cases.c_invalid_offline import suspended_afterwards
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import PRESENT, one_of
from ohmstead.lab.cases.config import LabToken
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.cases.tokens import stopping_token
from ohmstead.lab.readings.c_authorization import INVALID_OFFLINE_SUSPENSION, OFFLINE_AFTERWARDS
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import AuthorizationStatusEnum

ASKING = {
    "AuthCtrlr.Enabled": "true",
    "AuthCtrlr.DisableRemoteAuthorization": "false",
    "AuthCacheCtrlr.Enabled": "false",
}
SILENCE = 5.0
"""Seconds in which an event that must not come would have come."""


async def _present_refused(t: Tester, token: LabToken, status: AuthorizationStatusEnum) -> None:
    """A card that the CSMS refuses is asked for once and starts nothing."""
    t.know(token.id_token, status)
    await t.present(token)
    await t.expect(1, wire.AuthorizeRequest, id_token__id_token=states.token_text(token), id_token__type=token.type)
    await t.expect_none(1, wire.TransactionEventRequest, SILENCE)


@case(
    "TC_C_02_CS",
    "An invalid token starts nothing",
    requirements=("C01.FR.02",),
    settings=ASKING,
    begin=states.ev_waits,
)
async def invalid(t: Tester) -> None:
    """Invalid."""
    await _present_refused(t, t.config.invalid, AuthorizationStatusEnum.Invalid)


@case(
    "TC_C_06_CS",
    "A blocked token starts nothing",
    requirements=("C01.FR.02",),
    settings=ASKING,
    begin=states.ev_waits,
)
async def blocked(t: Tester) -> None:
    """Blocked."""
    await _present_refused(t, t.config.invalid, AuthorizationStatusEnum.Blocked)


@case(
    "TC_C_07_CS",
    "An expired token starts nothing",
    requirements=("C01.FR.02",),
    settings=ASKING,
    begin=states.ev_waits,
)
async def expired(t: Tester) -> None:
    """Expired."""
    await _present_refused(t, t.config.invalid, AuthorizationStatusEnum.Expired)


@case(
    "TC_C_56_CS",
    "An unknown token starts nothing",
    requirements=("C01.FR.02",),
    settings=ASKING,
    begin=states.ev_waits,
)
async def unknown(t: Tester) -> None:
    """Unknown."""
    await _present_refused(t, t.config.invalid, AuthorizationStatusEnum.Unknown)


@case(
    "TC_C_05_CS",
    "An invalid token does not free the cable",
    requirements=("C01.FR.02", "C06.FR.02"),
    settings={**ASKING, "TxCtrlr.TxStartPoint": "Authorized"},
)
async def invalid_before_the_cable(t: Tester) -> None:
    """Where a lock keeps the cable away until somebody is authorized, a refusal leaves it there."""
    await _present_refused(t, t.config.invalid, AuthorizationStatusEnum.Invalid)
    t.require(1, not t.received(wire.TransactionEventRequest), "TransactionEventRequest", "none", "one")


async def _charging_alone(t: Tester) -> None:
    """One EVSE charges; the others are out of service where one reader could mean them (C01.FR.02)."""
    shared = t.product.hardware.rfid_readers != "PerEVSE"
    for evse in t.product.evses:
        if shared and evse.id != t.config.evse_id:
            await states_station.unavailable(t, evse.id)
    await states.energy_transfer_started(t)


@case(
    "TC_C_04_CS",
    "Another token does not stop",
    requirements=("C01.FR.02", "C01.FR.03"),
    settings=ASKING,
    begin=_charging_alone,
)
async def other_token(t: Tester) -> None:
    """A valid token without a common group is asked for, and nothing follows."""
    other = t.config.valid2
    await t.present(other)
    await t.expect(1, wire.AuthorizeRequest, id_token__id_token=states.token_text(other), id_token__type=other.type)
    await t.expect_none(1, wire.TransactionEventRequest, SILENCE, id_token=PRESENT)
    t.require(2, t.outlet().running, "TransactionEventRequest.eventType", "no Ended", "Ended")


@case(
    "TC_C_26_CS",
    "An unknown token charges offline, until the CSMS says no",
    requirements=("C15.FR.02", "C15.FR.06", "C15.FR.08"),
    readings=(INVALID_OFFLINE_SUSPENSION, OFFLINE_AFTERWARDS),
    settings={
        "AuthCtrlr.LocalPreAuthorize": "true",
        "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true",
        "AuthCtrlr.LocalAuthorizeOffline": "true",
        "TxCtrlr.MaxEnergyOnInvalidId": "0",
        "TxCtrlr.StopTxOnInvalidId": "false",
        "OCPPCommCtrlr.RetryBackOffWaitMinimum": "4",
        "OCPPCommCtrlr.RetryBackOffRandomRange": "0",
    },
)
async def unknown_offline(t: Tester) -> None:
    """The queue says what happened offline; Invalid suspends the energy; the same token stops the session.

    Whether the station added the token to its cache (C15.FR.01) cannot be seen: the text neither lets the token start
    again nor asks for AuthCacheCtrlr.Storage. In C_15 to C_18 the cache knows the token before the outage.
    """
    # The state of every connector may be told after a while without connection (errata 6.2.34, B04.FR.01).
    t.allow_status("Available")
    t.know(t.config.valid.id_token, AuthorizationStatusEnum.Invalid)
    await states_station.start_offline_transaction(t)
    await t.expect_status(1, "Occupied", evse_id=t.config.evse_id, connector_id=t.config.connector_id)
    queued = [await t.event(1, offline=True)]
    while queued[-1].transaction_info.charging_state != "Charging":
        queued.append(await t.event(1, offline=True))
    t.require(1, any(event.id_token for event in queued), "TransactionEventRequest.idToken", "present once", None)
    await suspended_afterwards(t, 1)
    if t.outlet().ended:
        t.outlet().stopped = True
        await states_stopping.ev_disconnected(t)
        return
    await t.present(stopping_token(t.product, t.config.valid) or t.config.valid)
    outlet = t.outlet()
    outlet.stopped = True
    stopping = await t.event(3, trigger_reason="StopAuthorized")
    await states_stopping.check_stopped(t, outlet, stopping, step="StopAuthorized", reason=one_of("Local", None))
    await states_stopping.ev_connected_post_session(t)
    await states_stopping.ev_disconnected(t)
