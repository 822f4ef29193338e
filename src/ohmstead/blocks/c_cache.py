"""Block C, the authorization cache: remembers what the CSMS said of tokens (C10), and forgets it on request (C11)."""

from datetime import timedelta
from functools import partial
from hashlib import sha256

from ohmstead.blocks.context import World
from ohmstead.blocks.hooks import hears, serves
from ohmstead.blocks.work import Work
from ohmstead.model.device import DeviceModel
from ohmstead.model.events import (
    ClockCorrected,
    TokenAnswered,
    TokenLetIn,
    TokensForgotten,
    TokenUsed,
    TransactionEventDelivered,
)
from ohmstead.model.tokens import NOBODY_TO_ASK_ABOUT, AuthorizationCache, CachePlan, cache_key
from ohmstead.ports.store import Delete, Put
from ohmstead.product.feature_table import Feature
from ohmstead.wire.messages import (
    ClearCacheRequest,
    ClearCacheResponse,
    ClearCacheStatusEnum,
    IdToken,
    IdTokenInfo,
)
from ohmstead.wire.rows import from_row, to_row

KIND = "token"
LET_IN = "token_let_in"
"""Rows that say by a digest which tokens were let in though nobody knew them; the token itself is not kept."""
MOST_LET_IN = 1000


class CCache:
    """Keeps the rows of the cache in step with the answers of the CSMS."""

    def __init__(self, work: Work, device: DeviceModel, cache: AuthorizationCache, world: World) -> None:
        self._work = work
        self._device = device
        self._cache = cache
        self._world = world
        self._let_in = {key: from_row(value, int) for key, value in sorted(world.store.rows(LET_IN), key=_number)}
        self._stamped: set[str] = set()
        """Keys of entries whose last use was stamped in this run."""

    @hears(TokenAnswered)
    def when_token_answered(self, answered: TokenAnswered) -> None:
        """An AuthorizeResponse updates the entry, or makes one (C10.FR.01, C10.FR.04)."""
        self._known(answered.id_token)
        self._remember(answered.id_token, answered.info)

    @hears(TransactionEventDelivered)
    def when_transaction_event_delivered(self, delivered: TransactionEventDelivered) -> None:
        """So does a TransactionEventResponse (C10.FR.05), except where there is no entry and may be none (C15.FR.01).

        A token that OfflineTxForUnknownIdEnabled let in is not added by the answers to its events. The CSMS adds it
        when it is asked about it.
        """
        token, info = delivered.request.id_token, delivered.response.id_token_info
        if token is None or info is None:
            return
        if _digest(token) in self._let_in and cache_key(token) not in self._cache.keys:
            return
        self._remember(token, info)

    @hears(TokenLetIn)
    def when_token_let_in(self, let_in: TokenLetIn) -> None:
        """Remember who is not to be added; beyond a limit the oldest are forgotten."""
        key = _digest(let_in.id_token)
        before = dict(self._let_in)
        self._work.undo(partial(setattr, self, "_let_in", before))
        number = max(self._let_in.values(), default=0) + 1
        self._let_in = {**{other: n for other, n in before.items() if other != key}, key: number}
        self._work.write(Put(LET_IN, key, to_row(number)))
        for oldest in list(self._let_in)[:-MOST_LET_IN]:
            del self._let_in[oldest]
            self._work.write(Delete(LET_IN, oldest))

    def _known(self, token: IdToken) -> None:
        key = _digest(token)
        if key in self._let_in:
            self._work.undo(partial(setattr, self, "_let_in", self._let_in))
            self._let_in = {other: number for other, number in self._let_in.items() if other != key}
            self._work.write(Delete(LET_IN, key))

    @hears(TokenUsed)
    def when_token_used(self, used: TokenUsed) -> None:
        """A use counts for the policy, and prolongs LifeTime (C10.FR.08)."""
        now = self._world.clock.now()
        entry = self._cache.find(used.id_token, now, self._device.auth_cache.life_time)
        if entry is not None:
            self._carry_out(self._cache.plan_use(entry, now))

    @hears(ClockCorrected)
    def when_clock_corrected(self, corrected: ClockCorrected) -> None:
        """LifeTime is a duration: the last use stays as long ago as it was (C10.FR.08).

        What an earlier run has stamped moves along only if it would lie ahead: the time without power was real.
        """
        self._stamped &= set(self._cache.keys)
        now = self._world.clock.now()
        for plan in self._cache.plan_shift(timedelta(seconds=corrected.seconds), now, self._stamped):
            self._carry_out(plan)

    @hears(TokensForgotten)
    def when_tokens_forgotten(self, forgotten: TokensForgotten) -> None:
        """The entries of a customer go (N10.FR.03)."""
        self._work.write(*(Delete(KIND, key) for key in forgotten.keys))
        for key in forgotten.keys:
            self._work.after(partial(self._cache.remove, key))

    def _remember(self, token: IdToken, info: IdTokenInfo) -> None:
        """Keep what was said of a token, unless it is of a type that is never kept."""
        if token.type in NOBODY_TO_ASK_ABOUT or not self._device.auth_cache.enabled:
            return
        policy = self._device.auth_cache.policy
        self._carry_out(self._cache.plan_update(token, info, self._world.clock.now(), policy))

    def _carry_out(self, plan: CachePlan) -> None:
        self._work.write(*(Delete(KIND, key) for key in plan.removed))
        if plan.put is not None:
            self._stamped.add(cache_key(plan.put.id_token))
            self._work.write(Put(KIND, cache_key(plan.put.id_token), to_row(plan.put)))
        self._cache.adopt(plan)

    @serves(ClearCacheRequest, feature=Feature.AUTH_CACHE)
    def on_clear_cache(self, _request: ClearCacheRequest) -> ClearCacheResponse:
        """Forget every token; Rejected while the cache is disabled (C11.FR.04)."""
        if not self._device.auth_cache.enabled:
            return ClearCacheResponse(status=ClearCacheStatusEnum.Rejected)
        self._work.write(*(Delete(KIND, key) for key in self._cache.keys))
        self._work.after(self._cache.clear)
        return ClearCacheResponse(status=ClearCacheStatusEnum.Accepted)


def _digest(token: IdToken) -> str:
    return sha256(cache_key(token).encode()).hexdigest()


def _number(row: tuple[str, bytes]) -> int:
    return from_row(row[1], int)
