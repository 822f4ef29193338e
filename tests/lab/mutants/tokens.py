"""Mutants of block C: what the CSMS says of a token, the cache, groups, the master pass."""

from collections.abc import Callable
from typing import Any

import msgspec

from ohmstead.blocks.c_authorization import CAuthorization
from ohmstead.blocks.c_cache import CCache
from ohmstead.blocks.c_invalid_token import CInvalidToken
from ohmstead.blocks.stopping import Stopping
from ohmstead.model.session import FactChange
from ohmstead.model.tokens import AuthorizationCache
from ohmstead.ports.hardware import DisplayChosen
from ohmstead.wire.messages import (
    AuthorizationStatusEnum,
    ClearCacheResponse,
    ClearCacheStatusEnum,
    IdTokenInfo,
    ReasonEnum,
    TriggerReasonEnum,
)
from tests.lab.mutation import Mutant, replaced
from tests.lab.wrongs import always, instead, nothing

Wrong = Callable[..., Any]
ACCEPTED = AuthorizationStatusEnum.Accepted


def _mutant(name: str, text: str, owner: object, method: str, wrong: Wrong, blocks: str = "CE") -> Mutant:
    return Mutant(name, text, lambda: replaced(owner, method, wrong), blocks)


def _starts(status: AuthorizationStatusEnum) -> Mutant:
    def decide(right: Wrong, self: CAuthorization, demand: object, info: IdTokenInfo) -> None:
        right(self, demand, msgspec.structs.replace(info, status=ACCEPTED) if info.status is status else info)

    name = f"{status.value.lower()}-token-starts"
    return _mutant(name, f"A token that is {status.value} may charge.", CAuthorization, "_decide", decide)


def _any_stops(right: Wrong, self: CAuthorization, token: Any, *rest: object) -> bool:
    for session in self._charging.sessions.with_transaction():
        self._stopping._stop(session, token, ReasonEnum.Local)
        return True
    return bool(right(self, token, *rest))


def _group_before_status(right: Wrong, self: CAuthorization, demand: Any, info: IdTokenInfo) -> None:
    if info.status is ACCEPTED or not self._stops_group(demand.id_token, info.group_id_token, demand.evse_id):
        right(self, demand, info)


def _cache_refuses(right: Wrong, self: CAuthorization, demand: Any, cached: Any) -> None:
    if cached is not None and not cached.accepted:
        self._refuse(cached.info.status, demand)
    else:
        right(self, demand, cached)


def _cache_trusts(right: Wrong, self: CAuthorization, demand: object, cached: Any) -> None:
    if cached is not None and not cached.accepted:
        self._grant_cached(demand, cached)  # type: ignore[arg-type]  # a demand
    else:
        right(self, demand, cached)


def _cache_in_memory(_right: object, self: CCache, plan: Any) -> None:
    self._cache.adopt(plan)


def _accepted_only(right: Wrong, self: CCache, token: object, info: IdTokenInfo) -> None:
    if info.status is ACCEPTED:
        right(self, token, info)


def _cached_groupless(right: Wrong, self: AuthorizationCache, token: object, info: IdTokenInfo, *rest: object) -> Any:
    return right(self, token, msgspec.structs.replace(info, group_id_token=None), *rest)


def _no_group_from_csms(right: Wrong, self: CAuthorization, demand: object, info: IdTokenInfo) -> None:
    right(self, demand, msgspec.structs.replace(info, group_id_token=None))


def _stop_silently(_right: object, self: Stopping, session: Any, _token: object, reason: ReasonEnum) -> None:
    lost = frozenset({fact for fact in session.facts if fact.value == "Authorized"})
    self._charging.apply(session, FactChange(trigger=TriggerReasonEnum.StopAuthorized, lost=lost, reason=reason))


def _stop_says(trigger: TriggerReasonEnum) -> Wrong:
    def stop(_right: object, self: Stopping, session: Any, token: Any, reason: ReasonEnum) -> None:
        lost = frozenset({fact for fact in session.facts if fact.value == "Authorized"})
        self._charging.apply(session, FactChange(trigger=trigger, lost=lost, reason=reason, id_token=token))

    return stop


def _choose_all(right: Wrong, self: CAuthorization, _chosen: object) -> None:
    right(self, DisplayChosen("all"))


def _choose_first(right: Wrong, self: CAuthorization, _chosen: object) -> None:
    right(self, DisplayChosen("evse-1"))


def _local_reason(right: Wrong, self: Stopping, session: object, token: object, _reason: object) -> None:
    right(self, session, token, ReasonEnum.Local)


def _deauthorize_as(reason: ReasonEnum, trigger: TriggerReasonEnum = TriggerReasonEnum.Deauthorized) -> Wrong:
    def deauthorize(_right: object, self: CInvalidToken, session: Any) -> None:
        lost = frozenset({fact for fact in session.facts if fact.value in ("Authorized", "EnergyTransfer")})
        self._charging.apply(session, FactChange(trigger=trigger, lost=lost, reason=reason))

    return deauthorize


def _limit_too(right: Wrong, self: CInvalidToken, session: object) -> None:
    del right
    self._limit(session)  # type: ignore[arg-type]  # a session


MUTANTS = (
    *map(
        _starts,
        (
            AuthorizationStatusEnum.Invalid,
            AuthorizationStatusEnum.Blocked,
            AuthorizationStatusEnum.Expired,
            AuthorizationStatusEnum.Unknown,
        ),
    ),
    _mutant("any-token-stops", "Every accepted token stops what runs.", CAuthorization, "_stops_group", _any_stops),
    _mutant(
        "group-goes-before-status",
        "A token of the group stops, whatever its status.",
        CAuthorization,
        "_decide",
        _group_before_status,
    ),
    _mutant(
        "no-group-from-csms",
        "The group that the CSMS names is ignored.",
        CAuthorization,
        "_decide",
        _no_group_from_csms,
    ),
    _mutant("cache-knows-no-groups", "The cache forgets groups.", AuthorizationCache, "plan_update", _cached_groupless),
    _mutant(
        "cache-refuses",
        "What is not Accepted in the cache is refused unasked.",
        CAuthorization,
        "_demand",
        _cache_refuses,
    ),
    _mutant(
        "cache-trusts-anybody",
        "What is in the cache may charge, whatever its status.",
        CAuthorization,
        "_demand",
        _cache_trusts,
    ),
    _mutant("cache-of-the-accepted", "Only Accepted tokens are cached.", CCache, "_remember", _accepted_only),
    _mutant("cache-not-kept", "The cache does not survive a reboot.", CCache, "_carry_out", _cache_in_memory),
    _mutant(
        "cache-forgets-events",
        "A TransactionEventResponse does not update the cache.",
        CCache,
        "when_transaction_event_delivered",
        nothing,
    ),
    Mutant(
        "cache-clears-nothing",
        "ClearCache is Accepted, and the cache stays.",
        instead(CCache, "on_clear_cache", ClearCacheResponse(status=ClearCacheStatusEnum.Accepted)),
        "C",
    ),
    Mutant(
        "cache-never-clears",
        "ClearCache is Rejected.",
        instead(CCache, "on_clear_cache", ClearCacheResponse(status=ClearCacheStatusEnum.Rejected)),
        "C",
    ),
    _mutant("stop-names-nobody", "The event of a stop does not name the token.", Stopping, "_stop", _stop_silently),
    _mutant(
        "stop-says-remote",
        "A stop by a token has the trigger RemoteStop.",
        Stopping,
        "_stop",
        _stop_says(TriggerReasonEnum.RemoteStop),
    ),
    _mutant("master-starts", "A master pass charges like any other token.", Stopping, "is_master", always(False), "C"),
    _mutant(
        "master-stops-all",
        "A master pass stops all, whatever is chosen.",
        CAuthorization,
        "observe_choice",
        _choose_all,
        "C",
    ),
    _mutant(
        "master-stops-one",
        "A master pass stops EVSE 1, whatever is chosen.",
        CAuthorization,
        "observe_choice",
        _choose_first,
        "C",
    ),
    _mutant("master-says-local", "What a master pass stops says Local.", Stopping, "_stop", _local_reason, "C"),
    _mutant(
        "invalid-token-ends-locally",
        "What an invalid token ends says Local.",
        CInvalidToken,
        "_deauthorize",
        _deauthorize_as(ReasonEnum.Local),
    ),
    _mutant(
        "invalid-token-ends-abnormally",
        "What an invalid token ends has the trigger AbnormalCondition.",
        CInvalidToken,
        "_deauthorize",
        _deauthorize_as(ReasonEnum.DeAuthorized, TriggerReasonEnum.AbnormalCondition),
    ),
    _mutant(
        "invalid-token-is-limited",
        "MaxEnergyOnInvalidId counts though StopTxOnInvalidId is true.",
        CInvalidToken,
        "_deauthorize",
        _limit_too,
    ),
    _mutant("invalid-token-without-limit", "MaxEnergyOnInvalidId is never used up.", CInvalidToken, "_look", nothing),
)
