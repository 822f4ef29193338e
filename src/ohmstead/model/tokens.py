"""The authorization cache: what the CSMS has said of tokens, and which entry goes when it is full (C10, C11, C12)."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

import msgspec

from ohmstead.wire.identifiers import folded
from ohmstead.wire.messages import AuthorizationStatusEnum, IdToken, IdTokenEnum, IdTokenInfo
from ohmstead.wire.rows import to_row

COUNTERS = 96
"""Bytes set aside for the counters and the time of an entry."""
NOBODY_TO_ASK_ABOUT = frozenset((IdTokenEnum.Central, IdTokenEnum.NoAuthorization))
"""Types of tokens that name no driver: no AuthorizeRequest, no entry of the cache (C02.FR.03, C05.FR.01, C05.FR.02)."""


class CachedToken(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the cache. `number` and `uses` order entries for FIFO, LRU and LFU."""

    id_token: IdToken
    info: IdTokenInfo
    number: int
    """Rises with every entry that is added: the order of arrival."""
    last_used: int
    """The cache's count at the last use; a counter, so that a corrected clock cannot change the order."""
    uses: int
    used_at: datetime

    @property
    def accepted(self) -> bool:
        """Say whether the CSMS accepted the token."""
        return self.info.status is AuthorizationStatusEnum.Accepted


class CachePlan(msgspec.Struct, frozen=True):
    """What an update changes: the entry to write (None: it is larger than the cache), and the keys of those that go."""

    put: CachedToken | None
    removed: tuple[str, ...] = ()


def is_master(group: IdToken | None, master_pass_group_id: str) -> bool:
    """Say whether a group is that of the master passes, which stop transactions and start none (C16)."""
    return group is not None and bool(master_pass_group_id) and folded(group.id_token) == folded(master_pass_group_id)


def cache_key(token: IdToken) -> str:
    """Return the row key of a token: case does not matter (identifierString)."""
    return f"{token.type}:{folded(token.id_token)}"


class AuthorizationCache:
    """The entries in memory; rows are written by the caller, then adopted.

    Args:
        entries: the stored entries.
        capacity: bytes that the entries may take together (AuthCacheCtrlr.Storage).
    """

    def __init__(self, entries: Iterable[CachedToken], capacity: int) -> None:
        self.capacity = capacity
        self._entries = {cache_key(entry.id_token): entry for entry in entries}
        self._sizes = {key: entry_size(entry) for key, entry in self._entries.items()}
        self._count = max((max(entry.number, entry.last_used) for entry in self._entries.values()), default=0)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def size(self) -> int:
        """Bytes in use."""
        return sum(self._sizes.values())

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all entries."""
        return tuple(self._entries)

    def entries(self) -> list[CachedToken]:
        """Return all entries in the order of their arrival."""
        return sorted(self._entries.values(), key=lambda entry: entry.number)

    def find(self, token: IdToken, now: datetime, lifetime: int) -> CachedToken | None:
        """Return the entry of a token unless its time in the cache is over (C10.FR.08, C10.FR.10, C10.FR.13)."""
        entry = self._entries.get(cache_key(token))
        if entry is None or now >= self.expiry(entry, lifetime):
            return None
        return entry

    @staticmethod
    def expiry(entry: CachedToken, lifetime: int) -> datetime:
        """Return when an entry expires: cacheExpiryDateTime, else LifeTime seconds after its last use; 0: never."""
        if entry.info.cache_expiry_date_time is not None:
            return entry.info.cache_expiry_date_time
        if lifetime <= 0:
            return datetime.max.replace(tzinfo=entry.used_at.tzinfo)
        return entry.used_at + timedelta(seconds=lifetime)

    def plan_update(self, token: IdToken, info: IdTokenInfo, now: datetime, policy: str) -> CachePlan:
        """Plan to store what the CSMS said of a token (C10.FR.04, C10.FR.05), making room by the policy (C10.FR.07)."""
        known = self._entries.get(cache_key(token))
        self._count += 1
        entry = CachedToken(
            id_token=token,
            info=msgspec.structs.replace(info, personal_message=None),
            number=known.number if known is not None else self._count,
            last_used=self._count,
            uses=known.uses if known is not None else 0,
            used_at=now,
        )
        if entry_size(entry) > self.capacity:
            return CachePlan(None, () if known is None else (cache_key(token),))
        return CachePlan(entry, self._make_room(cache_key(token), entry_size(entry), policy))

    def plan_use(self, entry: CachedToken, now: datetime) -> CachePlan:
        """Plan to count a use of an entry (LRU, LFU and LifeTime depend on it)."""
        self._count += 1
        return CachePlan(
            msgspec.structs.replace(entry, last_used=self._count, uses=entry.uses + 1, used_at=now),
        )

    def plan_shift(self, correction: timedelta, now: datetime, stamped: Collection[str]) -> list[CachePlan]:
        """Plan to move last uses along with a corrected clock: those of these keys, and those that would lie ahead."""
        moved = (
            msgspec.structs.replace(entry, used_at=min(entry.used_at + correction, now))
            for key, entry in self._entries.items()
            if key in stamped or entry.used_at > now
        )
        return [CachePlan(entry) for entry in moved]

    def adopt(self, plan: CachePlan) -> None:
        """Make a committed plan true."""
        for key in plan.removed:
            self.remove(key)
        if plan.put is not None:
            key = cache_key(plan.put.id_token)
            self._entries[key] = plan.put
            self._sizes[key] = entry_size(plan.put)

    def remove(self, key: str) -> None:
        """Forget one entry."""
        self._entries.pop(key, None)
        self._sizes.pop(key, None)

    def clear(self) -> None:
        """Forget all entries (C11)."""
        self._entries.clear()
        self._sizes.clear()

    def _make_room(self, key: str, size: int, policy: str) -> tuple[str, ...]:
        free = self.capacity - size - sum(used for other, used in self._sizes.items() if other != key)
        removed: list[str] = []
        for entry in sorted(self._entries.values(), key=lambda entry: _rank(entry, policy)):
            if free >= 0:
                break
            candidate = cache_key(entry.id_token)
            if candidate != key:
                removed.append(candidate)
                free += self._sizes[candidate]
        return tuple(removed)


def entry_size(entry: CachedToken) -> int:
    """Return the bytes that an entry counts for: token and answer as they travel, and a fixed part for the counters.

    Fixed, because a use makes no room: it must not make the entry larger.
    """
    return len(to_row(entry.id_token)) + len(to_row(entry.info)) + COUNTERS


def _rank(entry: CachedToken, policy: str) -> tuple[int, ...]:
    """Sort key by which entries go first; ties go to the one that is longest unused."""
    match policy:
        case "LFU":
            return (entry.uses, entry.last_used)
        case "FIFO":
            return (entry.number,)
        case "CUSTOM":
            return (int(entry.accepted), entry.number)
        case _:
            return (entry.last_used,)
