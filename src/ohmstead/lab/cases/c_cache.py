"""Block C: the authorization cache, online."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import timedelta

from ohmstead.lab.cases import states, states_station, states_stopping
from ohmstead.lab.cases.answers import after
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import differs, one_of, words
from ohmstead.lab.cases.config import LabToken
from ohmstead.lab.cases.exchange import Answer
from ohmstead.lab.cases.runner import configure
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.c_authorization import (
    CACHE_OVER_REBOOT,
    CACHED_TOKEN_ASKED,
    CLEARED_CACHE,
    DEAUTHORIZED_STATE,
)
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import AuthorizationStatusEnum

CACHING = {"AuthCacheCtrlr.Enabled": "true", "AuthCtrlr.LocalPreAuthorize": "true"}
ASKING_AGAIN = {**CACHING, "AuthCacheCtrlr.DisablePostAuthorize": "false"}
LIFE_TIME = 6
"""AuthCacheCtrlr.LifeTime in seconds."""


async def _cached(t: Tester) -> None:
    await states_station.id_token_cached(t)


async def _cached_and_plugged(t: Tester) -> None:
    await states_station.id_token_cached(t)
    await states.ev_waits(t)


async def _present(t: Tester, step: int, token: LabToken) -> None:
    await states.identified(t, token)
    await t.expect(step, wire.AuthorizeRequest, id_token__id_token=states.token_text(token), id_token__type=token.type)


def _asked(t: Tester) -> int:
    return len(t.received(wire.AuthorizeRequest))


@asynccontextmanager
async def answered_from_cache(t: Tester, step: int) -> AsyncIterator[None]:
    """What happens meanwhile is decided from the cache: a question may go out beside it, but nobody waits for it.

    The CSMS takes its time to answer, and the event with the token must not be of the time after.
    """
    delay = 5 + 3 * t.rig.tolerance
    asked, told = _asked(t), len(t.received(wire.TransactionEventRequest))

    def late(request: wire.AuthorizeRequest) -> Awaitable[Answer]:
        t.rules.disturbed = True
        return after(delay, wire.AuthorizeResponse(id_token_info=t.answers.info(request.id_token)))(request)

    t.answer(wire.AuthorizeRequest, late)
    outlet = t.outlet()
    at_once = outlet.running or (outlet.plugged and bool(t.start_points & states.CLOSED))
    yield
    await t.maybe(wire.AuthorizeRequest)
    t.answers.plain(wire.AuthorizeRequest)
    questions = t.received(wire.AuthorizeRequest)[asked:]
    wanted = differs(CACHED_TOKEN_ASKED, specification=one_of("none", "one"), tool="none")
    t.compare(step, "AuthorizeRequest", "one" if questions else "none", wanted)
    events = [one for one in t.received(wire.TransactionEventRequest)[told:] if one.id_token is not None]
    if questions and events and at_once:
        answer = t.arrived(questions[0]).wall + timedelta(seconds=delay - 1 - t.rig.tolerance)
        stamp = events[0].timestamp
        t.require(step, stamp < answer, "TransactionEventRequest.timestamp", f"before {words(answer)}", stamp)


async def _charges_unasked(t: Tester) -> None:
    """The cached token charges."""
    async with answered_from_cache(t, 1):
        await states.authorized(t, remote=False)
        await states.energy_transfer_started(t)
    _require_charging(t)


def _require_charging(t: Tester) -> None:
    state = t.outlet().charging_state
    t.require(2, state == "Charging", "TransactionEventRequest.transactionInfo.chargingState", "Charging", state)


# Storing


@case(
    "TC_C_32_CS",
    "The cache survives a reboot",
    requirements=("C10.FR.02",),
    readings=(CACHE_OVER_REBOOT,),
    settings=CACHING,
    begin=_cached,
)
async def persistent(t: Tester) -> None:
    """After a reset the token is still known."""
    await states_station.booted(t)
    asked = _asked(t)
    await states.authorized(t, remote=False)
    await states.energy_transfer_started(t)
    await t.maybe(wire.AuthorizeRequest)
    wanted = differs(CACHE_OVER_REBOOT, specification=one_of("none", "one"), tool="none")
    t.compare(2, "AuthorizeRequest", "none" if _asked(t) == asked else "one", wanted)
    _require_charging(t)


@case(
    "TC_C_33_CS",
    "An AuthorizeResponse updates the cache",
    requirements=("C10.FR.04", "C12.FR.06"),
    readings=(CACHED_TOKEN_ASKED,),
    settings=CACHING,
    begin=states.ev_waits,
)
async def updated_by_authorize(t: Tester) -> None:
    """The first session asks, the second one does not; its event is answered Invalid."""
    await states.authorized(t, remote=False, cached=False)
    first = t.outlet().last
    if first is not None:
        t.compare(3, "TransactionEventRequest.triggerReason", first.trigger_reason, states.token_trigger(t, first))
    await states.energy_transfer_started(t)
    await states_stopping.ev_connected_post_session(t)
    await states_stopping.ev_disconnected(t)
    await states_stopping.parking_bay_unoccupied(t)
    await states.ev_waits(t)
    t.know(t.config.valid.id_token, AuthorizationStatusEnum.Invalid)
    async with answered_from_cache(t, 12):
        await states.authorized(t, remote=False, cached=True)
    t.allow(wire.TransactionEventRequest)


@case(
    "TC_C_34_CS",
    "A TransactionEventResponse updates the cache",
    requirements=("C10.FR.05", "C12.FR.06"),
    readings=(DEAUTHORIZED_STATE,),
    settings={**CACHING, "TxCtrlr.StopTxOnInvalidId": "true", "TxCtrlr.MaxEnergyOnInvalidId": "0"},
    begin=_cached,
)
async def updated_by_event(t: Tester) -> None:
    """Accepted in the cache, Invalid for the CSMS: the session is deauthorized, and the next time it is asked for."""
    await states_stopping.deauthorized(t)
    t.know(t.config.valid.id_token, AuthorizationStatusEnum.Invalid)
    await states_stopping.ev_disconnected(t)
    await states_stopping.parking_bay_unoccupied(t)
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
    await t.elapse(LIFE_TIME + t.rig.tolerance)
    await states.authorized(t, remote=False, cached=False)
    # The cable is in, so that energy may flow before the case is over.
    t.allow(wire.TransactionEventRequest, transaction_info__charging_state="Charging")


# Clearing


@case(
    "TC_C_37_CS",
    "A cleared cache knows nobody",
    requirements=("C11.FR.01", "C11.FR.02", "C11.FR.03"),
    readings=(CLEARED_CACHE,),
    settings=CACHING,
    begin=_cached,
)
async def cleared(t: Tester) -> None:
    """After ClearCache the CSMS is asked again, before anything is told of the token."""
    await t.call(wire.ClearCacheRequest(), step=2, status="Accepted")
    await states.ev_waits(t)
    asked, told = _asked(t), len(t.received(wire.TransactionEventRequest))
    await states.authorized(t, remote=False, cached=True)
    await t.maybe(wire.AuthorizeRequest, id_token__id_token=states.token_text(t.config.valid))
    first = [t.arrived(one).at for one in t.received(wire.AuthorizeRequest)[asked:]]
    events = [t.arrived(one).at for one in t.received(wire.TransactionEventRequest)[told:] if one.id_token is not None]
    question = "first" if first and all(first[0] <= at for at in events) else "not first"
    wanted = differs(CLEARED_CACHE, specification="first", tool=one_of("first", "not first"))
    t.compare(5, "AuthorizeRequest", question, wanted)
    await states.energy_transfer_started(t)
    _require_charging(t)


async def _disabled(t: Tester) -> None:
    await states_station.id_token_cached(t)
    await configure(t, {"AuthCacheCtrlr.Enabled": "false"})


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
    readings=(CACHED_TOKEN_ASKED,),
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
    readings=(CACHED_TOKEN_ASKED,),
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
    await states.ev_waits(t)


async def _asked_and_refused(t: Tester, status: AuthorizationStatusEnum) -> None:
    await _refused_cached(t, status)
    await _present(t, 1, t.config.invalid)
    await t.expect_none(2, wire.TransactionEventRequest, 3)


@case(
    "TC_C_09_CS",
    "A token that is Invalid in the cache is asked for, and stays so",
    requirements=("C12.FR.05", "C10.FR.03"),
    settings=ASKING_AGAIN,
)
async def invalid_twice(t: Tester) -> None:
    """Invalid."""
    await _asked_and_refused(t, AuthorizationStatusEnum.Invalid)


@case(
    "TC_C_10_CS",
    "A token that is Blocked in the cache is asked for",
    requirements=("C12.FR.05", "C10.FR.03"),
    settings=ASKING_AGAIN,
)
async def blocked_twice(t: Tester) -> None:
    """Blocked."""
    await _asked_and_refused(t, AuthorizationStatusEnum.Blocked)


@case(
    "TC_C_11_CS",
    "A token that is Expired in the cache is asked for",
    requirements=("C12.FR.05", "C10.FR.03"),
    settings=ASKING_AGAIN,
)
async def expired_twice(t: Tester) -> None:
    """Expired."""
    await _asked_and_refused(t, AuthorizationStatusEnum.Expired)


@case(
    "TC_C_12_CS",
    "A token that is Invalid in the cache is asked for, and accepted",
    requirements=("C12.FR.05", "C10.FR.03"),
    settings=ASKING_AGAIN,
)
async def invalid_then_accepted(t: Tester) -> None:
    """What the CSMS says now counts."""
    await _refused_cached(t, AuthorizationStatusEnum.Invalid)
    t.know(t.config.invalid.id_token, AuthorizationStatusEnum.Accepted)
    await states.authorized(t, remote=False, token=t.config.invalid, cached=False)
    await states.energy_transfer_started(t)
    _require_charging(t)
