"""Block C."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from ohmstead.blocks.c_authorization import CAuthorization
from ohmstead.blocks.c_cache import CCache
from ohmstead.blocks.c_invalid_token import CInvalidToken
from ohmstead.blocks.stopping import Stopping
from ohmstead.lab.readings import c_authorization as readings
from ohmstead.model import session
from ohmstead.model.facts import Fact
from ohmstead.model.session import FactChange, Session, TransactionStep
from ohmstead.runtime.transaction_events import TransactionEvents
from ohmstead.wire.messages import (
    AuthorizeRequest,
    ChargingStateEnum,
    ClearCacheResponse,
    ClearCacheStatusEnum,
    ReasonEnum,
    TransactionEventEnum,
    TransactionEventRequest,
    TriggerReasonEnum,
)
from tests.lab.mutation import replaced
from tests.lab.shown import Shown
from tests.lab.wrongs import Wrong, instead

Right = Callable[..., Any]
Built = tuple[Session, TransactionEventRequest]


def _stop_of_nobody(_right: Right, self: Stopping, stopped: Session, _token: object, reason: ReasonEnum) -> None:
    lost = frozenset({Fact.Authorized})
    self._charging.apply(stopped, FactChange(trigger=TriggerReasonEnum.StopAuthorized, lost=lost, reason=reason))


def _asks_beside(right: Right, self: CAuthorization, demand: Any, cached: object) -> None:
    """What is in the cache counts at once, and the CSMS is asked nevertheless."""
    right(self, demand, cached)

    async def ask() -> None:
        await self._csms.calls.call(AuthorizeRequest(id_token=demand.id_token))

    def begin() -> None:
        self._work.spawn("authorize", ask)

    self._work.after(begin)


def _cache_in_memory(_right: Right, self: CCache, plan: Any) -> None:
    self._cache.adopt(plan)


def _master_deauthorizes(right: Right, self: Stopping, stopped: Session, token: Any, reason: ReasonEnum) -> None:
    if reason is not ReasonEnum.MasterPass:
        right(self, stopped, token, reason)
        return
    lost, trigger = frozenset({Fact.Authorized}), TriggerReasonEnum.Deauthorized
    self._charging.apply(stopped, FactChange(trigger=trigger, lost=lost, reason=reason, id_token=token))


def _deauthorizes_in_two(_right: Right, self: CInvalidToken, running: Session) -> None:
    """An Updated says Deauthorized, and the end is a change of the charging state."""
    self._charging.report(running, TriggerReasonEnum.Deauthorized)
    change = FactChange(
        trigger=TriggerReasonEnum.ChargingStateChanged,
        lost=frozenset({Fact.Authorized, Fact.EnergyTransfer}),
        reason=ReasonEnum.DeAuthorized,
    )
    self._charging.apply(self._charging.sessions.get(running.id) or running, change)


def _suspends_as_deauthorized(right: Right, *arguments: object) -> object:
    following, step = right(*arguments)
    suspended = step.charging_state is ChargingStateEnum.SuspendedEVSE
    if suspended and step.trigger_reason is TriggerReasonEnum.ChargingStateChanged:
        step = msgspec.structs.replace(step, trigger_reason=TriggerReasonEnum.Deauthorized)
    return following, step


def _offline_for_good() -> Wrong:
    """A transaction that was offline once says so in all its events."""
    seen: set[str] = set()

    def build(
        right: Right, self: object, of: Session, step: TransactionStep, *, offline: bool, at: datetime | None = None
    ) -> Built:
        if offline:
            seen.add(step.transaction.id)
        built: Built = right(self, of, step, offline=step.transaction.id in seen, at=at)
        return built

    return lambda: replaced(TransactionEvents, "build", build)


def _plain_start_offline(
    right: Right, self: object, of: Session, step: TransactionStep, *, offline: bool, at: datetime | None = None
) -> Built:
    if offline and step.trigger_reason is TriggerReasonEnum.Authorized:
        step = msgspec.structs.replace(step, trigger_reason=TriggerReasonEnum.ChargingStateChanged)
    built: Built = right(self, of, step, offline=offline, at=at)
    return built


def _ends_without_state(
    right: Right, self: object, of: Session, step: TransactionStep, *, offline: bool, at: datetime | None = None
) -> Built:
    following, request = right(self, of, step, offline=offline, at=at)
    ended = request.event_type is TransactionEventEnum.Ended
    if ended and request.trigger_reason is TriggerReasonEnum.Deauthorized:
        info = msgspec.structs.replace(request.transaction_info, charging_state=None)
        request = msgspec.structs.replace(request, transaction_info=info)
    return following, request


def _asks() -> Wrong:
    return lambda: replaced(CAuthorization, "_grant_cached", _asks_beside)


SHOWN = (
    *(
        Shown(
            reading=readings.STOPPING_TOKEN,
            case=case,
            mutate=lambda: replaced(Stopping, "_stop", _stop_of_nobody),
            fails="tool",
        )
        for case in ("TC_C_39_CS", "TC_C_41_CS")
    ),
    *(
        Shown(reading=readings.CACHED_TOKEN_ASKED, case=case, mutate=_asks(), fails="tool")
        for case in ("TC_C_08_CS", "TC_C_13_CS", "TC_C_33_CS", "TC_C_41_CS")
    ),
    Shown(
        reading=readings.CACHE_OVER_REBOOT,
        case="TC_C_32_CS",
        mutate=lambda: replaced(CCache, "_carry_out", _cache_in_memory),
        fails="tool",
    ),
    Shown(
        reading=readings.CLEARED_CACHE,
        case="TC_C_37_CS",
        mutate=instead(CCache, "on_clear_cache", ClearCacheResponse(status=ClearCacheStatusEnum.Accepted)),
        fails="specification",
    ),
    *(
        Shown(
            reading=readings.MASTER_PASS_TRIGGER,
            case=case,
            mutate=lambda: replaced(Stopping, "_stop", _master_deauthorizes),
            fails="specification",
        )
        for case in ("TC_C_47_CS", "TC_C_48_CS")
    ),
    Shown(
        reading=readings.DEAUTHORIZED_STATE,
        case="TC_C_34_CS",
        mutate=lambda: replaced(TransactionEvents, "build", _ends_without_state),
        fails="tool",
    ),
    *(
        Shown(
            reading=readings.AUTHORIZED_OFFLINE,
            case=case,
            mutate=lambda: replaced(TransactionEvents, "build", _plain_start_offline),
            fails="specification",
        )
        for case in ("TC_C_15_CS", "TC_C_16_CS", "TC_C_18_CS")
    ),
    *(
        Shown(
            reading=readings.INVALID_OFFLINE_END,
            case=case,
            mutate=lambda: replaced(CInvalidToken, "_deauthorize", _deauthorizes_in_two),
            fails="specification",
        )
        for case in ("TC_C_16_CS", "TC_C_18_CS")
    ),
    *(
        Shown(
            reading=readings.INVALID_OFFLINE_SUSPENSION,
            case=case,
            mutate=lambda: replaced(session, "_step", _suspends_as_deauthorized),
            fails="specification",
        )
        for case in ("TC_C_17_CS", "TC_C_26_CS")
    ),
    *(
        Shown(reading=readings.OFFLINE_AFTERWARDS, case=case, mutate=_offline_for_good(), fails="specification")
        for case in ("TC_C_16_CS", "TC_C_17_CS", "TC_C_26_CS")
    ),
)
