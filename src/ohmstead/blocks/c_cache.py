"""Block C, the authorisation cache: remembers what the CSMS said of tokens (C10), and forgets it on request (C11)."""

from functools import partial

import msgspec

from ohmstead.blocks.context import Context
from ohmstead.model.events import TokenAnswered, TokensForgotten, TokenUsed, TransactionEventDelivered
from ohmstead.model.tokens import CachePlan, cache_key
from ohmstead.ports.store import Delete, Put
from ohmstead.wire.messages import (
    ClearCacheRequest,
    ClearCacheResponse,
    ClearCacheStatusEnum,
    IdToken,
    IdTokenInfo,
)

KIND = "token"


class CCache:
    """Keeps the rows of the cache in step with the answers of the CSMS."""

    def __init__(self, station: Context) -> None:
        self.station = station

    def when_token_answered(self, answered: TokenAnswered) -> None:
        """An AuthorizeResponse updates the entry (C10.FR.04)."""
        self._remember(answered.id_token, answered.info)

    def when_transaction_event_delivered(self, delivered: TransactionEventDelivered) -> None:
        """So does a TransactionEventResponse (C10.FR.05)."""
        if delivered.request.id_token is not None and delivered.response.id_token_info is not None:
            self._remember(delivered.request.id_token, delivered.response.id_token_info)

    def when_token_used(self, used: TokenUsed) -> None:
        """A use counts for the policy, and prolongs LifeTime (C10.FR.08)."""
        now = self.station.clock.now()
        entry = self.station.cache.find(used.id_token, now, self.station.device.auth_cache.life_time)
        if entry is not None:
            self._carry_out(self.station.cache.plan_use(entry, now))

    def when_tokens_forgotten(self, forgotten: TokensForgotten) -> None:
        """The entries of a customer go (N10.FR.03)."""
        self.station.write(*(Delete(KIND, key) for key in forgotten.keys))
        for key in forgotten.keys:
            self.station.after(partial(self.station.cache.remove, key))

    def _remember(self, token: IdToken, info: IdTokenInfo) -> None:
        if not self.station.device.auth_cache.enabled:
            return
        policy = self.station.device.auth_cache.policy
        self._carry_out(self.station.cache.plan_update(token, info, self.station.clock.now(), policy))

    def _carry_out(self, plan: CachePlan) -> None:
        self.station.write(*(Delete(KIND, key) for key in plan.removed))
        if plan.put is not None:
            self.station.write(Put(KIND, cache_key(plan.put.id_token), msgspec.json.encode(plan.put)))
        self.station.cache.adopt(plan)

    def on_clear_cache(self, _request: ClearCacheRequest) -> ClearCacheResponse:
        """Forget every token; Rejected while the cache is disabled (C11.FR.04)."""
        if not self.station.device.auth_cache.enabled:
            return ClearCacheResponse(status=ClearCacheStatusEnum.Rejected)
        self.station.write(*(Delete(KIND, key) for key in self.station.cache.keys))
        self.station.cache.clear()
        return ClearCacheResponse(status=ClearCacheStatusEnum.Accepted)
