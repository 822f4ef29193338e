"""Block C: groups of tokens, and the master pass."""

from ohmstead.lab.cases import states, states_station, states_stopping
from ohmstead.lab.cases.c_cache import answered_from_cache
from ohmstead.lab.cases.case import Settings, case
from ohmstead.lab.cases.checks import Wanted, differs, one_of
from ohmstead.lab.cases.config import LabConfig, LabToken
from ohmstead.lab.cases.rules import PERIODIC
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.cases.value_words import UNKNOWN
from ohmstead.lab.readings.c_authorization import CACHED_TOKEN_ASKED, MASTER_PASS_TRIGGER, STOPPING_TOKEN
from ohmstead.wire import messages as wire
from ohmstead.wire.identifiers import folded
from ohmstead.wire.messages import AuthorizationStatusEnum

CACHING = {"AuthCacheCtrlr.Enabled": "true", "AuthCtrlr.LocalPreAuthorize": "true"}
ASKING_AGAIN = {**CACHING, "AuthCacheCtrlr.DisablePostAuthorize": "false"}
SILENCE = 5.0


def _know_group(t: Tester, second: AuthorizationStatusEnum = AuthorizationStatusEnum.Accepted) -> None:
    t.know(t.config.valid.id_token, group=t.config.group)
    other = t.config.valid2 if second is AuthorizationStatusEnum.Accepted else t.config.invalid
    t.know(other.id_token, second, group=t.config.group)


async def _present(t: Tester, step: int, token: LabToken) -> None:
    await states.identified(t, token)
    await t.expect(step, wire.AuthorizeRequest, id_token__id_token=states.token_text(token), id_token__type=token.type)


def _named(token: LabToken) -> Wanted:
    def holds(value: object) -> bool:
        return isinstance(value, wire.IdToken) and value.type is token.type and spelt.holds(value.id_token)

    spelt = states.token_text(token)
    return Wanted(spelt.words, holds, UNKNOWN if spelt.example is UNKNOWN else token.wire)


async def _stopped_by(t: Tester, step: int, token: LabToken) -> None:
    """The event that stops names the token that stopped, if any."""
    outlet = t.outlet()
    outlet.stopped = True
    named = _named(token)
    event = await t.event(
        step,
        trigger_reason="StopAuthorized",
        id_token=differs(STOPPING_TOKEN, specification=one_of(None, named), tool=named),
    )
    await states_stopping.check_stopped(t, outlet, event, step="StopAuthorized", reason=one_of("Local", None))


async def _goes_on(t: Tester, step: int) -> None:
    await t.expect_none(step, wire.TransactionEventRequest, SILENCE)
    state = t.outlet().charging_state
    t.require(step, state == "Charging", "TransactionEventRequest.transactionInfo.chargingState", "Charging", state)


async def _finish(t: Tester, evse_id: int | None = None) -> None:
    await states_stopping.ev_connected_post_session(t, evse_id)
    await states_stopping.ev_disconnected(t, evse_id)
    await states_stopping.parking_bay_unoccupied(t, evse_id)


@case(
    "TC_C_39_CS",
    "A token of the same group stops",
    requirements=("C09.FR.02", "C09.FR.03", "C09.FR.05"),
    readings=(STOPPING_TOKEN,),
    settings={"AuthCacheCtrlr.Enabled": "false"},
    begin=states.ev_waits,
)
async def same_group(t: Tester) -> None:
    """The CSMS is asked for both tokens, and the second one ends the authorization of the first."""
    _know_group(t)
    await states.authorized(t, remote=False)
    await states.energy_transfer_started(t)
    await _present(t, 6, t.config.valid2)
    await _stopped_by(t, 8, t.config.valid2)
    await _finish(t)


@case(
    "TC_C_42_CS",
    "An invalid token of the same group does not stop",
    requirements=("C09.FR.11",),
    settings={"AuthCacheCtrlr.Enabled": "false"},
    begin=states.ev_waits,
)
async def same_group_invalid(t: Tester) -> None:
    """The group does not help a token that is Invalid."""
    _know_group(t, AuthorizationStatusEnum.Invalid)
    await states.authorized(t, remote=False)
    await states.energy_transfer_started(t)
    await _present(t, 6, t.config.invalid)
    await _goes_on(t, 6)


async def _both_cached(t: Tester) -> None:
    _know_group(t)
    await states_station.id_token_cached(t)
    await states_station.id_token_cached(t, t.config.valid2)
    await states.ev_waits(t)


@case(
    "TC_C_41_CS",
    "A cached token of the same group stops",
    requirements=("C09.FR.02", "C09.FR.03", "C09.FR.07"),
    readings=(STOPPING_TOKEN, CACHED_TOKEN_ASKED),
    settings=CACHING,
    begin=_both_cached,
)
async def same_group_cached(t: Tester) -> None:
    """Nobody waits for the CSMS to know either token."""
    async with answered_from_cache(t, 1):
        await states.authorized(t, remote=False)
        await states.energy_transfer_started(t)
    await t.elapse(t.config.transaction_duration)
    async with answered_from_cache(t, 4):
        await t.present(t.config.valid2)
        await _stopped_by(t, 4, t.config.valid2)
    await _finish(t)


async def _invalid_cached(t: Tester) -> None:
    _know_group(t, AuthorizationStatusEnum.Invalid)
    await states_station.id_token_cached(t)
    await states_station.id_token_cached(t, t.config.invalid)
    await states.ev_waits(t)


@case(
    "TC_C_44_CS",
    "A cached invalid token of the same group does not stop",
    requirements=("C09.FR.02", "C09.FR.03", "C09.FR.07"),
    settings=ASKING_AGAIN,
    begin=_invalid_cached,
)
async def same_group_cached_invalid(t: Tester) -> None:
    """The CSMS is asked for the token that is not Accepted in the cache, says Invalid, and the transaction goes on."""
    await states.authorized(t, remote=False)
    await states.energy_transfer_started(t)
    await _present(t, 4, t.config.invalid)
    await _goes_on(t, 5)


# The master pass


def _master_group(config: LabConfig) -> str:
    return config.master_group


MASTER: Settings = {
    "AuthCtrlr.MasterPassGroupId": _master_group,
    "AuthCacheCtrlr.Enabled": "false",
}


async def _starts_without_cable(t: Tester) -> None:
    """Authorized shows a start at once; PowerPathClosed, which the text takes as well, once the cable is in."""
    await states_station.start_at(t, "Authorized", "PowerPathClosed")


@case(
    "TC_C_45_CS",
    "A master pass starts nothing",
    requirements=("C16.FR.03",),
    settings=MASTER,
    begin=_starts_without_cable,
)
async def master_starts_nothing(t: Tester) -> None:
    """Neither at once nor when the cable comes, if it can (AQ-2)."""
    await _present(t, 1, t.config.master)
    await t.expect_none(2, wire.TransactionEventRequest, SILENCE)
    t.rules.forget_authorization()
    if states.keeps_cable(t):
        return
    await states.ev_connected_pre_session(t)
    if t.outlet().running:
        # What has nothing to do with tokens may start a transaction; energy does not flow in it.
        await t.expect_none(4, wire.TransactionEventRequest, SILENCE, transaction_info__charging_state="Charging")
    else:
        await t.expect_none(4, wire.TransactionEventRequest, SILENCE)


async def _finish_stopped(t: Tester, evse_id: int) -> None:
    """Whichever stop point ends the transaction: the event says MasterPass (C16.FR.07)."""
    identifier = t.outlet(evse_id).transaction_id
    await _finish(t, evse_id)
    mine = [
        one
        for one in t.received(wire.TransactionEventRequest)
        if folded(one.transaction_info.transaction_id) == folded(identifier or "")
    ]
    ends = [one for one in mine if one.event_type is wire.TransactionEventEnum.Ended]
    reason = ends[-1].transaction_info.stopped_reason if ends else None
    t.compare(7, "TransactionEventRequest.transactionInfo.stoppedReason", reason, "MasterPass")


async def _stopped_by_master(t: Tester, step: int, evse_id: int) -> None:
    """The last event says MasterPass, and a token in it is the master's (errata 6.2.32)."""
    outlet = t.outlet(evse_id)
    outlet.stopped = True
    outlet.stop_reason = "MasterPass"
    any_trigger = Wanted("any trigger reason but a periodic one", lambda one: one not in PERIODIC)
    event = await t.event(
        step,
        evse_id=evse_id,
        trigger_reason=differs(MASTER_PASS_TRIGGER, specification="StopAuthorized", tool=any_trigger),
        id_token=one_of(None, _named(t.config.master)),
    )
    await states_stopping.check_stopped(t, outlet, event, step="StopAuthorized", reason=one_of("MasterPass"))


@case(
    "TC_C_47_CS",
    "A master pass stops all transactions",
    requirements=("C16.FR.01", "C16.FR.06", "C16.FR.07"),
    readings=(MASTER_PASS_TRIGGER,),
    settings=MASTER,
    begin=states.every_evse_charges,
)
async def master_stops_all(t: Tester) -> None:
    """The display asks; all is chosen."""
    await _present(t, 1, t.config.master)
    await t.choose("all")
    for evse in t.product.evses:
        await _stopped_by_master(t, 3, evse.id)
    for evse in t.product.evses:
        await _finish_stopped(t, evse.id)


@case(
    "TC_C_48_CS",
    "A master pass stops one transaction",
    requirements=("C16.FR.01", "C16.FR.06", "C16.FR.07"),
    readings=(MASTER_PASS_TRIGGER,),
    settings=MASTER,
    begin=states.every_evse_charges,
)
async def master_stops_one(t: Tester) -> None:
    """The display asks; one EVSE is chosen, every other one goes on."""
    await _present(t, 1, t.config.master)
    await t.choose(f"evse-{t.config.evse_id}")
    await _stopped_by_master(t, 3, t.config.evse_id)
    await _finish_stopped(t, t.config.evse_id)
    for other in (t.outlet(evse.id) for evse in t.product.evses if evse.id != t.config.evse_id):
        goes_on = other.running and other.charging_state == "Charging"
        t.require(7, goes_on, f"TransactionEventRequest: at EVSE {other.evse_id}", "Charging", other.last)


@case(
    "TC_C_49_CS",
    "A master pass stops all transactions where there is no display",
    requirements=("C16.FR.02", "C16.FR.06", "C16.FR.07"),
    readings=(MASTER_PASS_TRIGGER,),
    settings=MASTER,
    begin=states.every_evse_charges,
)
async def master_stops_unasked(t: Tester) -> None:
    """Nobody is asked: each transaction ends."""
    await _present(t, 1, t.config.master)
    for evse in t.product.evses:
        await _stopped_by_master(t, 3, evse.id)
    for evse in t.product.evses:
        await _finish_stopped(t, evse.id)
