"""Block C: the authorization cache, online."""

from ohmstead.lab import states, states_station
from ohmstead.lab.case import case
from ohmstead.lab.config import Token
from ohmstead.lab.tester import Tester
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import AuthorizationStatusEnum

CACHING = {"AuthCacheCtrlr.Enabled": "true", "AuthCtrlr.LocalPreAuthorize": "true"}
LIFE_TIME = 6
"""AuthCacheCtrlr.LifeTime in seconds."""


async def _cached(t: Tester) -> None:
    await states_station.id_token_cached(t)


async def _cached_and_plugged(t: Tester) -> None:
    await states_station.id_token_cached(t)
    await states.ev_connected_pre_session(t)


async def _present(t: Tester, step: int, token: Token) -> None:
    await t.hand.present(token.id_token, token.type.value)
    await t.expect(step, wire.AuthorizeRequest, id_token__id_token=token.id_token, id_token__type=token.type)


def _asked(t: Tester) -> int:
    return len(t.received(wire.AuthorizeRequest))


async def _charges_unasked(t: Tester) -> None:
    """The cached token charges, and the CSMS is not asked for it."""
    asked = _asked(t)
    await states.authorized(t, remote=False)
    await states.energy_transfer_started(t)
    t.require(1, _asked(t) == asked, "AuthorizeRequest", "none", "sent")
    _require_charging(t)


def _require_charging(t: Tester) -> None:
    state = t.outlet().charging_state
    t.require(2, state == "Charging", "TransactionEventRequest.transactionInfo.chargingState", "Charging", state)


# Storing


@case("TC_C_32_CS", "The cache survives a reboot", requirements=("C10.FR.02",), settings=CACHING, begin=_cached)
async def persistent(t: Tester) -> None:
    """After a reset the token is still known."""
    await states_station.booted(t)
    await _charges_unasked(t)


@case(
    "TC_C_33_CS",
    "An AuthorizeResponse updates the cache",
    requirements=("C10.FR.04", "C12.FR.06"),
    settings=CACHING,
    begin=states.ev_connected_pre_session,
)
async def updated_by_authorize(t: Tester) -> None:
    """The first session asks, the second one does not; its event is answered Invalid."""
    await states.authorized(t, remote=False, cached=False)
    await states.energy_transfer_started(t)
    await states.ev_connected_post_session(t)
    await states.ev_disconnected(t)
    await states.parking_bay_unoccupied(t)
    await states.ev_connected_pre_session(t)
    asked = _asked(t)
    t.know(t.config.valid.id_token, AuthorizationStatusEnum.Invalid)
    await states.authorized(t, remote=False, cached=True)
    t.require(12, _asked(t) == asked, "AuthorizeRequest", "none", "sent")
    t.allow(wire.TransactionEventRequest)


@case(
    "TC_C_34_CS",
    "A TransactionEventResponse updates the cache",
    requirements=("C10.FR.05", "C12.FR.06"),
    settings={**CACHING, "TxCtrlr.StopTxOnInvalidId": "true", "TxCtrlr.MaxEnergyOnInvalidId": "0"},
    begin=_cached,
)
async def updated_by_event(t: Tester) -> None:
    """Accepted in the cache, Invalid for the CSMS: the session is deauthorized, and the next time it is asked for."""
    await states.deauthorized(t)
    t.know(t.config.valid.id_token, AuthorizationStatusEnum.Invalid)
    await states.ev_disconnected(t)
    await states.parking_bay_unoccupied(t)
    await states.parking_bay_occupied(t)
    await _present(t, 6, t.config.valid)


@case(
    "TC_C_36_CS",
    "Without LocalPreAuthorize the CSMS is asked",
    requirements=("C10.FR.11",),
    settings={"AuthCacheCtrlr.Enabled": "true", "AuthCtrlr.LocalPreAuthorize": "false"},
    begin=_cached,
)
async def not_pre_authorized(t: Tester) -> None:
    """Although the token is in the cache."""
    t.know(t.config.valid.id_token, AuthorizationStatusEnum.Invalid)
    await _present(t, 1, t.config.valid)


@case(
    "TC_C_46_CS",
    "An entry leaves the cache after LifeTime",
    requirements=("C10.FR.08",),
    settings={**CACHING, "AuthCacheCtrlr.LifeTime": str(LIFE_TIME)},
    begin=_cached_and_plugged,
)
async def life_time(t: Tester) -> None:
    """The CSMS is asked again."""
    await t.elapse(LIFE_TIME + t.bench.tolerance)
    await states.authorized(t, remote=False, cached=False)


# Clearing


@case(
    "TC_C_37_CS",
    "A cleared cache knows nobody",
    requirements=("C11.FR.01", "C11.FR.02", "C11.FR.03"),
    settings=CACHING,
    begin=_cached,
)
async def cleared(t: Tester) -> None:
    """After ClearCache the CSMS is asked again."""
    await t.call(wire.ClearCacheRequest(), step=2, status="Accepted")
    await states.ev_connected_pre_session(t)
    await states.authorized(t, remote=False, cached=False)
    await states.energy_transfer_started(t)
    _require_charging(t)


async def _disabled(t: Tester) -> None:
    await states_station.id_token_cached(t)
    await t.set("AuthCacheCtrlr.Enabled", "false")


@case(
    "TC_C_38_CS",
    "A disabled cache is not cleared",
    requirements=("C11.FR.01", "C11.FR.02", "C11.FR.04"),
    settings={"AuthCacheCtrlr.Enabled": "true"},
    begin=_disabled,
)
async def not_cleared(t: Tester) -> None:
    """Rejected."""
    await t.call(wire.ClearCacheRequest(), step=2, status="Rejected")


# Authorizing


@case(
    "TC_C_08_CS",
    "A cached token charges without a question",
    requirements=("C12.FR.02", "C12.FR.04"),
    settings=CACHING,
    begin=_cached_and_plugged,
)
async def accepted(t: Tester) -> None:
    """The cable is in already."""
    await _charges_unasked(t)


@case(
    "TC_C_13_CS",
    "A cached token charges without a question, before the cable",
    requirements=("C12.FR.02", "C12.FR.04"),
    settings=CACHING,
    begin=_cached,
)
async def accepted_before_cable(t: Tester) -> None:
    """The cable comes after the token."""
    await _charges_unasked(t)


async def _refused_cached(t: Tester, status: AuthorizationStatusEnum) -> None:
    """The token lies in the cache with a status other than Accepted, and an EV is connected."""
    t.know(t.config.invalid.id_token, status)
    await states_station.id_token_cached(t, t.config.invalid)
    await states.ev_connected_pre_session(t)


async def _asked_and_refused(t: Tester, status: AuthorizationStatusEnum) -> None:
    await _refused_cached(t, status)
    await _present(t, 1, t.config.invalid)
    await t.expect_none(2, wire.TransactionEventRequest, 3)


@case(
    "TC_C_09_CS",
    "A token that is Invalid in the cache is asked for, and stays so",
    requirements=("C12.FR.05", "C10.FR.03"),
    settings=CACHING,
)
async def invalid_twice(t: Tester) -> None:
    """Invalid."""
    await _asked_and_refused(t, AuthorizationStatusEnum.Invalid)


@case(
    "TC_C_10_CS",
    "A token that is Blocked in the cache is asked for",
    requirements=("C12.FR.05", "C10.FR.03"),
    settings=CACHING,
)
async def blocked_twice(t: Tester) -> None:
    """Blocked."""
    await _asked_and_refused(t, AuthorizationStatusEnum.Blocked)


@case(
    "TC_C_11_CS",
    "A token that is Expired in the cache is asked for",
    requirements=("C12.FR.05", "C10.FR.03"),
    settings=CACHING,
)
async def expired_twice(t: Tester) -> None:
    """Expired."""
    await _asked_and_refused(t, AuthorizationStatusEnum.Expired)


@case(
    "TC_C_12_CS",
    "A token that is Invalid in the cache is asked for, and accepted",
    requirements=("C12.FR.05", "C10.FR.03"),
    settings=CACHING,
)
async def invalid_then_accepted(t: Tester) -> None:
    """What the CSMS says now counts."""
    await _refused_cached(t, AuthorizationStatusEnum.Invalid)
    t.know(t.config.invalid.id_token, AuthorizationStatusEnum.Accepted)
    await states.authorized(t, remote=False, token=t.config.invalid, cached=False)
    await states.energy_transfer_started(t)
    _require_charging(t)
