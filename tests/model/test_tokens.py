"""The authorization cache: which entry goes under each policy, when entries expire, and how much fits."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmstead.model.tokens import AuthorizationCache, CachedToken, CachePlan, cache_key, entry_size
from ohmstead.wire.messages import AuthorizationStatusEnum, IdToken, IdTokenEnum, IdTokenInfo, MessageContent
from ohmstead.wire.messages import MessageFormatEnum as Format

START = datetime(2026, 1, 1, tzinfo=UTC)
ACCEPTED = IdTokenInfo(status=AuthorizationStatusEnum.Accepted)
BLOCKED = IdTokenInfo(status=AuthorizationStatusEnum.Blocked)
Step = tuple[Literal["answer", "block", "use"], int]
STEPS = st.lists(st.tuples(st.sampled_from(["answer", "block", "use"]), st.integers(0, 8)), max_size=60)


def token(number: int) -> IdToken:
    """Return a card; all have the same length, so that all entries have nearly the same size."""
    return IdToken(id_token=f"CARD{number:04d}", type=IdTokenEnum.ISO14443)


def blank(number: int, info: IdTokenInfo = ACCEPTED) -> CachedToken:
    """Return an entry as it is first stored."""
    return CachedToken(id_token=token(number), info=info, number=1, last_used=1, uses=0, used_at=START)


class Model:
    """The same cache, written down again in the plainest way: a list of what happened to each entry."""

    def __init__(self) -> None:
        self.clock = 0
        self.added: dict[int, int] = {}
        self.used: dict[int, int] = {}
        self.uses: dict[int, int] = {}
        self.accepted: dict[int, bool] = {}

    def answer(self, number: int, accepted: bool) -> None:
        self.clock += 1
        self.added.setdefault(number, self.clock)
        self.uses.setdefault(number, 0)
        self.used[number] = self.clock
        self.accepted[number] = accepted

    def use(self, number: int) -> None:
        self.clock += 1
        self.uses[number] += 1
        self.used[number] = self.clock

    def gone(self, number: int) -> None:
        for table in (self.added, self.used, self.uses, self.accepted):
            table.pop(number)


def play(steps: list[Step], policy: str, rank: Callable[[Model, int], tuple[int, ...]]) -> None:
    """Let the cache and the model live through the same steps; each victim must be the model's first choice."""
    # Room for three entries and a bit.
    cache = AuthorizationCache([], 3 * entry_size(blank(0)) + 60)
    model = Model()
    for kind, number in steps:
        if kind == "use":
            entry = cache.find(token(number), START, 0)
            assert (entry is not None) == (number in model.added)
            if entry is not None:
                cache.adopt(cache.plan_use(entry, START))
                model.use(number)
            assert cache.size <= cache.capacity
            continue
        plan = cache.plan_update(token(number), ACCEPTED if kind == "answer" else BLOCKED, START, policy)
        others = sorted((n for n in model.added if n != number), key=lambda n: rank(model, n))
        model.answer(number, kind == "answer")
        assert list(plan.removed) == [cache_key(token(n)) for n in others[: len(plan.removed)]]
        for removed in others[: len(plan.removed)]:
            model.gone(removed)
        cache.adopt(plan)
        assert cache.size <= cache.capacity
        assert {entry.id_token.id_token for entry in cache.entries()} == {token(n).id_token for n in model.added}


@given(STEPS)
def test_lru_the_longest_unused_goes_first(steps: list[Step]) -> None:
    """C10.FR.07 with CachePolicy LRU, strictly."""
    play(steps, "LRU", lambda model, number: (model.used[number],))


@given(STEPS)
def test_lfu_the_least_used_goes_first(steps: list[Step]) -> None:
    """C10.FR.07 with CachePolicy LFU, strictly; among equals the one longest unused."""
    play(steps, "LFU", lambda model, number: (model.uses[number], model.used[number]))


@given(STEPS)
def test_fifo_the_first_added_goes_first(steps: list[Step]) -> None:
    """C10.FR.07 with CachePolicy FIFO, strictly: neither use nor a new answer changes the order."""
    play(steps, "FIFO", lambda model, number: (model.added[number],))


@given(STEPS)
def test_custom_what_is_not_accepted_goes_first(steps: list[Step]) -> None:
    """C10.FR.07 with CachePolicy CUSTOM: entries that are not Accepted, then the oldest valid one."""
    play(steps, "CUSTOM", lambda model, number: (int(model.accepted[number]), model.added[number]))


# Life time


def filled(info: IdTokenInfo = ACCEPTED) -> AuthorizationCache:
    """Return a cache with one entry."""
    cache = AuthorizationCache([], 10_000)
    cache.adopt(cache.plan_update(token(1), info, START, "LRU"))
    return cache


@given(st.integers(1, 10**6), st.integers(0, 2 * 10**6))
def test_life_time_counts_from_the_last_use(lifetime: int, passed: int) -> None:
    """C10.FR.08: after LifeTime seconds without use the entry is as good as absent."""
    cache = filled()
    later = START + timedelta(seconds=5)
    entry = cache.find(token(1), later, 0)
    assert entry is not None
    cache.adopt(cache.plan_use(entry, later))
    assert (cache.find(token(1), later + timedelta(seconds=passed), lifetime) is not None) == (passed < lifetime)


def test_without_life_time_entries_stay() -> None:
    """AuthCacheCtrlr.LifeTime 0: never."""
    assert filled().find(token(1), START + timedelta(days=10_000), 0) is not None


@pytest.mark.parametrize(("passed", "found"), [(59, True), (60, False)])
def test_the_csms_says_when_an_entry_expires(*, passed: int, found: bool) -> None:
    """C10.FR.13: cacheExpiryDateTime decides."""
    """C10.FR.10: cacheExpiryDateTime goes before LifeTime, also where that is shorter."""
    info = IdTokenInfo(status=AuthorizationStatusEnum.Accepted, cache_expiry_date_time=START + timedelta(seconds=60))
    assert (filled(info).find(token(1), START + timedelta(seconds=passed), 10) is not None) == found


# What is kept


def test_case_does_not_matter() -> None:
    """IdentifierString: the same card, however it is written."""
    other = IdToken(id_token="card0001", type=IdTokenEnum.ISO14443)
    assert filled().find(other, START, 0) is not None


def test_another_type_is_another_token() -> None:
    """The same text typed as a KeyCode is not the card."""
    other = IdToken(id_token="CARD0001", type=IdTokenEnum.KeyCode)
    assert filled().find(other, START, 0) is None


def test_a_new_answer_replaces_the_old_one() -> None:
    """C10.FR.04: there is one entry for a token, and it says what the CSMS said last."""
    cache = filled()
    cache.adopt(cache.plan_update(token(1), BLOCKED, START, "LRU"))
    entry = cache.find(token(1), START, 0)
    assert entry is not None
    assert (len(cache), entry.accepted) == (1, False)


def test_a_personal_message_is_not_kept() -> None:
    """It was for the moment, and a cache holds more cards without it."""
    message = MessageContent(format=Format.UTF8, content="Hello " * 50)
    info = IdTokenInfo(status=AuthorizationStatusEnum.Accepted, personal_message=message)
    assert filled(info).size == filled().size


@given(STEPS, st.sampled_from(["LRU", "LFU", "FIFO", "CUSTOM"]))
def test_the_cache_survives_a_reboot(steps: list[Step], policy: str) -> None:
    """Built again from its entries it makes the same plan as the one that went on living."""
    capacity = 3 * entry_size(blank(0)) + 60
    cache = AuthorizationCache([], capacity)
    for kind, number in steps:
        entry = cache.find(token(number), START, 0)
        if kind != "use":
            cache.adopt(cache.plan_update(token(number), ACCEPTED, START, policy))
        elif entry is not None:
            cache.adopt(cache.plan_use(entry, START))
    again = AuthorizationCache(cache.entries(), capacity)
    assert again.size == cache.size

    def victims(plan: CachePlan) -> tuple[str, ...]:
        return plan.removed

    assert victims(again.plan_update(token(99), ACCEPTED, START, policy)) == victims(
        cache.plan_update(token(99), ACCEPTED, START, policy)
    )


def test_an_entry_larger_than_the_cache_is_not_kept() -> None:
    """Storage is a limit in bytes (AuthCacheCtrlr.Storage maxLimit), and a cache of nothing holds nothing."""
    cache = AuthorizationCache([], 10)
    cache.adopt(cache.plan_update(token(1), ACCEPTED, START, "LRU"))
    assert len(cache) == 0


def test_uses_are_counted_from_the_first_one() -> None:
    """LFU goes by them: an answer of the CSMS is none."""
    cache = filled()
    uses = []
    for _ in range(3):
        (entry,) = cache.entries()
        uses.append(entry.uses)
        cache.adopt(cache.plan_use(entry, START))
    cache.adopt(cache.plan_update(token(1), ACCEPTED, START, "LFU"))
    assert [*uses, cache.entries()[0].uses] == [0, 1, 2, 3]


@pytest.mark.parametrize(("spare", "kept"), [(0, True), (-1, False)])
def test_an_entry_may_fill_the_whole_cache(spare: int, *, kept: bool) -> None:
    """AuthCacheCtrlr.Storage: the limit itself can be used."""
    cache = AuthorizationCache([], entry_size(blank(1)) + spare)
    cache.adopt(cache.plan_update(token(1), ACCEPTED, START, "LRU"))
    assert bool(len(cache)) is kept


def test_a_cleared_cache_has_room_for_as_much_as_before() -> None:
    """C11: ClearCache; Storage tells the bytes in use."""
    cache = filled()
    cache.clear()
    assert (len(cache), cache.size) == (0, 0)
