"""Reads a fleet file: every mistake in it as one line, with what would be right."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar, get_type_hints

import msgspec

from ohmstead.edge.simulator import ev_models
from ohmstead.fleet.plan import (
    EMBEDDED,
    MOST_STATIONS,
    FleetCsms,
    FleetGroup,
    FleetLimits,
    FleetPlan,
    stations,
)
from ohmstead.product.bounded import read_bounded
from ohmstead.product.built import unbuilt
from ohmstead.product.load import ProductError, load
from ohmstead.product.suggestion import meant
from ohmstead.product.token_types import local_start_types
from ohmstead.wire.secrets import redact_url

T = TypeVar("T", FleetCsms, FleetGroup, FleetLimits, FleetPlan)
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
DURATIONS = frozenset({"duration", "ramp", "drain", "stay", "outage", "power_cut", "p99", "slowest"})
"""Keys whose values are seconds, or text with a unit."""
RIGHT: dict[str, str] = {
    "duration": '"10m"',
    "ramp": '"30s"',
    "drain": '"30s"',
    "seed": "1",
    "shards": "2, or 0 for one a processor",
    "url": '"embedded" or "wss://csms.example/ocpp"',
    "security_profile": "0, 1 or 2",
    "root": '"root.pem"',
    "password_file": '"passwords.txt"',
    "product": '"flagship"',
    "count": "100",
    "identity": '"CS-{number:04}"',
    "first": "1",
    "cards": '["04{number:06X}"]',
    "arrivals_per_hour": "4",
    "stay": '["5m", "40m"]',
    "evs": '["sedan-77"]',
    "card_stops": "0.5",
    "outages_per_hour": "0.5",
    "outage": '["10s", "2m"]',
    "power_cuts_per_hour": "0.1",
    "power_cut": '["5s", "30s"]',
    "p99": '"2s"',
    "slowest": '"30s"',
    "group": "[[group]] with product and count",
    "csms": "[csms] with url",
    "limits": "[limits] with lost_events",
}
"""Key -> an example of what it may be; of the limits a number."""
_DURATION = re.compile(r"(\d+(?:\.\d+)?) *(ms|s|m|h)")
_PATTERN = re.compile(r"[^{}]*(\{number(:0?\d{1,2}[dxX]?)?\}[^{}]*)*")
"""Text with the number in it, wherever and as often as it pleases."""
_RFID = re.compile(r"[0-9A-Fa-f]{8}|[0-9A-Fa-f]{14}|[0-9A-Fa-f]{16}")
_IDENTITY = re.compile(r"[A-Za-z0-9*\-_=+|@.]{1,48}")


class FleetFileWrong(Exception):
    """A fleet file cannot be used; `mistakes` has a line for each reason."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = tuple(mistakes)
        more = f" (and {len(mistakes) - 1} more: ohmstead fleet check)" if len(mistakes) > 1 else ""
        super().__init__(mistakes[0] + more)


def read_plan(path: Path) -> FleetPlan:
    """Read and check a file; relative paths in it begin at its folder. Raises FleetFileWrong."""
    try:
        raw = tomllib.loads(read_bounded(path).decode())
    except OSError as error:
        raise FleetFileWrong([f"{path}: cannot be read: {error.strerror or error}"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FleetFileWrong([f"{path}: not readable as TOML: {error}; ohmstead fleet init writes one"]) from None
    reader = _TableReader()
    plan = reader.plan(raw)
    if not reader.mistakes:
        plan = _beside(path.parent, plan)
        reader.mistakes += contradictions(plan)
    if reader.mistakes:
        raise FleetFileWrong([f"{path}: {mistake}" for mistake in reader.mistakes])
    return plan


class _TableReader:
    """Takes the tables of a file key by key, so that one mistake hides no other."""

    def __init__(self) -> None:
        self.mistakes: list[str] = []

    def plan(self, raw: Mapping[str, object]) -> FleetPlan:
        """Return the plan; what is wrong has its default."""
        flat = {key: value for key, value in raw.items() if key not in ("csms", "group", "limits")}
        plan = self._table(FleetPlan, flat, "")
        groups = raw.get("group", [])
        if not isinstance(groups, list) or not groups:
            self._wrong("group", "there is none" if not groups else "not an array of tables", "group")
            groups = []
        return msgspec.structs.replace(
            plan,
            csms=self._table(FleetCsms, raw.get("csms", {}), "csms."),
            group=tuple(self._table(FleetGroup, one, f"group[{at}].") for at, one in enumerate(groups, 1)),
            limits=self._table(FleetLimits, raw.get("limits", {}), "limits."),
        )

    def _table(self, kind: type[T], raw: object, place: str) -> T:
        if not isinstance(raw, dict):
            self._wrong(place.rstrip("."), "not a table", place.rstrip(".").partition("[")[0])
            return kind()
        types = get_type_hints(kind, include_extras=True)
        found: dict[str, object] = {}
        for key, value in raw.items():
            if key not in types:
                self.mistakes.append(f"{place}{key}: no such key{meant(key, types)}; known are {', '.join(types)}")
                continue
            try:
                plain = _seconds(value) if key in DURATIONS else value
                found[key] = msgspec.convert(plain, types[key])
            except ValueError as error:
                self._wrong(f"{place}{key}", str(error).partition(" - at ")[0], key)
        return msgspec.structs.replace(kind(), **found)

    def _wrong(self, place: str, wrong: str, key: str) -> None:
        self.mistakes.append(f"{place}: {wrong[:1].lower()}{wrong[1:]}; right would be {RIGHT.get(key, '0')}")


def _seconds(value: object) -> object:
    """Return the seconds of `10m`; numbers are seconds already. Raises ValueError for another text."""
    if isinstance(value, list):
        return [_seconds(one) for one in value]
    if not isinstance(value, str):
        return value
    match = _DURATION.fullmatch(value.strip())
    if match is None:
        raise ValueError(f"{value!r} is no duration, a number with ms, s, m or h")
    return float(match[1]) * UNITS[match[2]]


def _beside(folder: Path, plan: FleetPlan) -> FleetPlan:
    def beside(text: str) -> str:
        return str(folder / text) if text else ""

    csms = msgspec.structs.replace(
        plan.csms, root=beside(plan.csms.root), password_file=beside(plan.csms.password_file)
    )
    groups = (
        msgspec.structs.replace(group, product=beside(group.product) if ".toml" in group.product else group.product)
        for group in plan.group
    )
    return msgspec.structs.replace(plan, csms=csms, group=tuple(groups))


def profile_of(plan: FleetPlan) -> int:
    """Return the security profile of all stations; 0 is profile 1 without its password."""
    if plan.csms.security_profile is not None:
        return plan.csms.security_profile
    if plan.csms.url != EMBEDDED:
        return 1 if plan.csms.url.lower().startswith("ws:") else 2
    return 1 if all(1 in load(group.product).security.profiles for group in plan.group) else 2


def contradictions(plan: FleetPlan) -> list[str]:
    """Return what types cannot say; of the fleet as a whole once each of its tables is right."""
    found = [*_of_csms(plan), *(line for at, group in enumerate(plan.group, 1) for line in _of_group(plan, at, group))]
    return found or list(_of_all(plan))


def _of_csms(plan: FleetPlan) -> Iterator[str]:
    csms = plan.csms
    if csms.url == EMBEDDED:
        for key in ("root", "password_file"):
            if getattr(csms, key):
                yield f"csms.{key}: goes with a url; the embedded CSMS makes its own certificates and passwords"
        if csms.security_profile == 0:
            yield "csms.security_profile: 0 goes with a ws:// url; right would be 1 or 2"
        return
    shown = redact_url(csms.url)
    scheme = csms.url.lower().partition("://")[0]
    if scheme not in ("ws", "wss") or not csms.url.partition("://")[2]:
        yield f"csms.url: {shown!r} is no URL of a CSMS; right would be {RIGHT['url']}"
        return
    if "@" in csms.url.partition("://")[2].partition("/")[0]:
        yield "csms.url: no password in it: that goes into password_file"
    wanted = csms.security_profile if csms.security_profile is not None else 1 if scheme == "ws" else 2
    if (scheme == "wss") != (wanted == 2):
        yield f"csms.url: security profile {wanted} needs {'wss' if wanted == 2 else 'ws'}://, not {scheme}://"
    for key, needed in (("root", scheme == "wss"), ("password_file", wanted > 0)):
        if needed and not getattr(csms, key):
            yield f"csms.{key}: {shown} needs one; right would be {RIGHT[key]}"


def _of_group(plan: FleetPlan, at: int, group: FleetGroup) -> Iterator[str]:
    place = f"group[{at}]."
    try:
        product = load(group.product)
        profile = max(profile_of(plan), 1)
    except ProductError as error:
        yield f"{place}product: {error}"
        return
    if missing := unbuilt(product):
        yield f"{place}product: {product.name} has what is not built: {', '.join(missing)}"
    if profile not in product.security.profiles:
        has = " and ".join(map(str, product.security.profiles))
        yield f"{place}product: {product.name} has security profile {has}, the CSMS is reached with {profile}"
    if not local_start_types(product):
        yield f"{place}product: nobody can start a charge at {product.name}; right would be a product with a reader"
    known = {model.name for model in ev_models()}
    for name in group.evs:
        if name.partition("@")[0] not in known:
            yield f"{place}evs: there is no EV {name!r}{meant(name, known)}; known are {', '.join(sorted(known))}"
    for key in ("stay", "outage", "power_cut"):
        least, most = getattr(group, key)
        if least > most:
            yield f"{place}{key}: the shortest, {least:g} s, is longer than the longest, {most:g} s"
    yield from _of_patterns(place, group)
    if plan.csms.url == EMBEDDED and local_start_types(product)[:1] in (("ISO14443",), ("ISO15693",)):
        for card in group.cards:
            if _PATTERN.fullmatch(card) and not _RFID.fullmatch(card.format(number=1)):
                yield f"{place}cards: {card!r} gives no UID of 8, 14 or 16 hex digits; right would be {RIGHT['cards']}"


def _of_patterns(place: str, group: FleetGroup) -> Iterator[str]:
    for key, patterns in (("identity", (group.identity,)), ("cards", group.cards)):
        for pattern in patterns:
            if not _PATTERN.fullmatch(pattern):
                yield f"{place}{key}: {pattern!r} cannot be filled in; right would be {RIGHT[key]}"
                return
    if group.count > 1 and group.identity.format(number=1) == group.identity.format(number=2):
        yield f"{place}identity: the same for all {group.count}; right would be {RIGHT['identity']}"
    if not group.cards:
        yield f"{place}cards: there is none; right would be {RIGHT['cards']}"
    last = group.identity.format(number=group.first + group.count - 1)
    if not _IDENTITY.fullmatch(last):
        yield f"{place}identity: {last!r} is none; 1 to 48 characters of A-Z a-z 0-9 * - _ = + | @ . and no colon"


def _of_all(plan: FleetPlan) -> Iterator[str]:
    total = sum(group.count for group in plan.group)
    if total > MOST_STATIONS:
        yield f"group: {total} stations; at most {MOST_STATIONS} on one machine"
        return
    if plan.ramp >= plan.duration:
        yield f"ramp: {plan.ramp:g} s is not less than the duration, {plan.duration:g} s"
    seen: set[str] = set()
    for station in stations(plan):
        if station.identity in seen:
            yield f"group: two stations are {station.identity}; give each group its own pattern or `first`"
            return
        seen.add(station.identity)
