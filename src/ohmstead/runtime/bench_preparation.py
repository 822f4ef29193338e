"""What a test sets up at a station before it begins: its authorization cache, and whether it may begin anew."""

from datetime import datetime

from ohmstead.blocks.c_cache import CCache
from ohmstead.model.events import TokenAnswered
from ohmstead.model.tokens import NOBODY_TO_ASK_ABOUT, CachedToken, cache_key
from ohmstead.ports.bench import CacheEntry, CacheRefused, NoCache, TokenToCache, mask
from ohmstead.ports.hand import NotKept
from ohmstead.ports.store import StoreFailed
from ohmstead.product.feature_table import Feature
from ohmstead.runtime.host import Host
from ohmstead.runtime.station import Station
from ohmstead.wire import messages as wire
from ohmstead.wire.identifiers import folded
from ohmstead.wire.instants import utc


def cached_tokens(host: Host, id_token: str | None) -> tuple[CacheEntry, ...]:
    """Return the entries in the order of their arrival, or those of one token. Raises NoCache, CacheRefused."""
    station = _with_cache(host)
    wanted = None if id_token is None else folded(id_token)
    return tuple(
        _view(entry, station)
        for entry in station.cache.entries()
        if wanted is None or folded(entry.id_token.id_token) == wanted
    )


def cache_token(host: Host, token: TokenToCache) -> CacheEntry:
    """Put a token into the cache as the answer of a CSMS does (C10.FR.04). Raises NoCache, CacheRefused, NotKept."""
    station = _enabled(_with_cache(host))
    known = wire.IdToken(id_token=token.id_token, type=token.type)
    if token.type in NOBODY_TO_ASK_ABOUT:
        raise CacheRefused(f"no cache keeps a token of type {token.type}: it names no driver (C02.FR.03, C05.FR.01)")
    group = None if token.group is None else wire.IdToken(id_token=token.group, type=wire.IdTokenEnum.Central)
    info = wire.IdTokenInfo(status=token.status, group_id_token=group, cache_expiry_date_time=token.expires_at)
    try:
        with station.work.unit():
            station.work.announce(TokenAnswered(known, info))
    except StoreFailed as error:
        raise NotKept(f"the token cannot be kept: {error}") from None
    entry = next((one for one in station.cache.entries() if cache_key(one.id_token) == cache_key(known)), None)
    if entry is None:
        raise CacheRefused("the entry is larger than the cache (AuthCacheCtrlr.Storage)")
    return _view(entry, station)


def clear_cache(host: Host) -> None:
    """Forget every token, as ClearCache does (C11). Raises NoCache, CacheRefused, NotKept."""
    station = _enabled(_with_cache(host))
    block = next(block for block in station.blocks.all if isinstance(block, CCache))
    try:
        with station.work.unit():
            block.on_clear_cache(wire.ClearCacheRequest())
    except StoreFailed as error:
        raise NotKept(f"the cache cannot be cleared: {error}") from None


def would_lose(host: Host) -> str | None:
    """Say what an empty memory would lose that somebody waits for, and how to keep it; None: nothing."""
    station = host.station
    if station is None:
        return "the station does not run, so nobody can say what it has to deliver: restore the power, or discard it"
    for session in station.charging.sessions:
        if session.transaction is not None:
            return f"transaction {session.transaction.id} runs: end it first, or discard it, and the CSMS hears no end"
    waiting = len(station.outbox.entries)
    if waiting:
        return f"{waiting} messages wait for the CSMS: let them be delivered first, or discard them"
    return None


def _with_cache(host: Host) -> Station:
    if not host.product.has(Feature.AUTH_CACHE):
        raise NoCache(f"the product {host.product.name} has no authorization cache ({Feature.AUTH_CACHE.value})")
    if host.station is None:
        raise CacheRefused("the station does not run: restore its power first")
    return host.station


def _enabled(station: Station) -> Station:
    if not station.device.auth_cache.enabled:
        raise CacheRefused("the authorization cache is disabled: set AuthCacheCtrlr.Enabled to true first")
    return station


def _view(entry: CachedToken, station: Station) -> CacheEntry:
    expires_at = station.cache.expiry(entry, station.device.auth_cache.life_time)
    return CacheEntry(
        id_token=mask(entry.id_token.id_token),
        type=entry.id_token.type.value,
        status=entry.info.status.value,
        group=None if entry.info.group_id_token is None else mask(entry.info.group_id_token.id_token),
        expires_at=None if expires_at == datetime.max.replace(tzinfo=expires_at.tzinfo) else utc(expires_at),
    )
