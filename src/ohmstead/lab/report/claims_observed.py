"""What the wire logs show of a claim beyond the verdicts of cases: the inventory, measurands, tokens, cipher suites."""

from typing import NamedTuple

from ohmstead.lab.client_hello import SUITES
from ohmstead.lab.report.model import Seen, SeenVariable
from ohmstead.product.feature_table import Feature
from ohmstead.product.features import FEATURES
from ohmstead.product.profile import Product

LISTS: dict[str, str] = {
    Feature.TX_STARTED_MEASURANDS: "tx_started",
    Feature.TX_UPDATED_MEASURANDS: "tx_updated",
    Feature.TX_ENDED_MEASURANDS: "tx_ended",
    Feature.ALIGNED_MEASURANDS: "aligned",
    Feature.ALIGNED_TX_ENDED_MEASURANDS: "aligned_tx_ended",
}
"""Feature -> field of Measurands."""
OPTIONS = frozenset(
    (
        "TxCtrlr.TxStartPoint",
        "TxCtrlr.TxStopPoint",
        "DisplayMessageCtrlr.SupportedPriorities",
        "DisplayMessageCtrlr.SupportedFormats",
        "SmartChargingCtrlr.RateUnit",
    )
)
"""Variables whose list of values has one feature a value, named like it."""
TOKENS = {
    "ISO14443": (Feature.STARTS_BY_ISO14443, Feature.STOPS_BY_ISO14443, Feature.REMOTE_START_BY_ISO14443),
    "ISO15693": (Feature.STARTS_BY_ISO15693, Feature.STOPS_BY_ISO15693, Feature.REMOTE_START_BY_ISO15693),
    "KeyCode": (Feature.STARTS_BY_KEY_CODE, Feature.STOPS_BY_KEY_CODE, ""),
    "Local": (Feature.STARTS_BY_LOCAL, "", ""),
    "MacAddress": (Feature.STARTS_BY_MAC_ADDRESS, "", ""),
    "NoAuthorization": (
        Feature.STARTS_WITHOUT_AUTHORIZATION,
        Feature.STOPS_WITHOUT_AUTHORIZATION,
        Feature.REMOTE_START_WITHOUT_AUTHORIZATION,
    ),
    "Central": ("", "", Feature.REMOTE_START_BY_CENTRAL),
}
"""Type of token -> feature of its local start, local stop and remote start."""
PHASES: dict[str, int] = {Feature.ONE_PHASE: 1, Feature.TWO_PHASES: 2, Feature.THREE_PHASES: 3}


class ObservedClaim(NamedTuple):
    """What the logs show of a claim."""

    words: str
    fits: bool


def observed(product: Product, feature: Feature, claim: str, seen: Seen) -> ObservedClaim | None:
    """Return what the wire logs show of a claim; None where they do not tell."""
    if feature.id in LISTS:
        return _measurands(product, feature, seen)
    if feature.group in ("Local start", "Local stop", "Remote start"):
        return _tokens(feature, claim, seen)
    if feature.group == "Settings":
        return _setting(feature, claim, seen)
    if feature.group == "Hardware":
        return _hardware(product, feature, claim, seen)
    if feature == Feature.CIPHER_SUITES:
        return _cipher_suites(product, seen)
    if feature == Feature.TIME_SOURCES:
        found = seen.variables.get("ClockCtrlr.TimeSource")
        values = found.options() if found is not None else ()
        return ObservedClaim(" ".join(values), set(values) == set(claim.split())) if values else None
    return _flag(feature, claim.startswith("Yes"), seen)


def _measurands(product: Product, feature: Feature, seen: Seen) -> ObservedClaim | None:
    came = seen.measurands.get(LISTS[feature.id], ())
    supported = getattr(product.measurands, LISTS[feature.id])
    return ObservedClaim(" ".join(came), set(came) <= set(supported)) if came else None


def _cipher_suites(product: Product, seen: Seen) -> ObservedClaim | None:
    """What was offered counts; where no ClientHello was read, what was agreed on is a part of it."""
    claimed = set(product.security.cipher_suites)
    if seen.offered_suites:
        # Suites without a name are those of TLS 1.3 and others that OCPP does not know: the claim is about the named.
        named = {suite for suite in seen.offered_suites if suite.startswith("TLS_")}
        return ObservedClaim(" ".join(seen.offered_suites), named == claimed & {*named, *SUITES.values()})
    agreed = {suite for suite in seen.cipher_suites if not suite.startswith(("TLS_AES", "TLS_CHACHA"))}
    return ObservedClaim(" ".join(seen.cipher_suites), agreed <= claimed) if seen.cipher_suites else None


def _tokens(feature: Feature, claim: str, seen: Seen) -> ObservedClaim | None:
    place = ("Local start", "Local stop", "Remote start").index(feature.group)
    types = (seen.started_by, seen.stopped_by, seen.remote_by)[place]
    if any(features[place] == feature.id and kind in types for kind, features in TOKENS.items()):
        return ObservedClaim("seen", claim == "Yes")
    return None


def _setting(feature: Feature, claim: str, seen: Seen) -> ObservedClaim | None:
    found = seen.variables.get(feature.component)
    if found is None:
        return None
    match feature:
        case Feature.HEARTBEAT_INTERVAL_MIN | Feature.PING_INTERVAL_MIN:
            return _number(found.min, claim)
        case Feature.HEARTBEAT_INTERVAL_MAX | Feature.PING_INTERVAL_MAX:
            return _number(found.max, claim)
        case Feature.CERTIFICATE_ENTRIES:
            # A claim of room for so many is met by more.
            return None if found.max is None else ObservedClaim(f"{found.max:g}", found.max >= float(claim))
        case Feature.FILE_TRANSFER_PROTOCOLS:
            values = found.options()
            return ObservedClaim(" ".join(values), set(values) == set(claim.split()))
    return _number(float(found.value), claim) if found.value.isdigit() else None


def _number(value: float | None, claim: str) -> ObservedClaim | None:
    return None if value is None else ObservedClaim(f"{value:g}", f"{value:g}" == claim)


def _hardware(product: Product, feature: Feature, claim: str, seen: Seen) -> ObservedClaim | None:
    if feature == Feature.EVSES:
        fits = seen.evses == tuple(evse.id for evse in product.evses)
        return ObservedClaim(str(len(seen.evses)), fits) if seen.evses else None
    power = seen.variables.get("EVSE.Power")
    if feature == Feature.DC_POWER and power is not None and power.max:
        return ObservedClaim(f"{power.max / 1000:g}", f"{power.max / 1000:g}" == claim)
    phases = seen.variables.get("EVSE.SupplyPhases")
    if phases is None or feature.id not in (*PHASES, Feature.AC, Feature.DC):
        return None
    count = PHASES.get(feature.id)
    if count is not None:
        holds = str(count) in phases.all_values
    else:
        holds = ("0" in phases.all_values) if feature == Feature.DC else bool(set(phases.all_values) - {"0"})
    return _answer(holds, claim)


def _answer(holds: bool, claim: str) -> ObservedClaim:
    return ObservedClaim("Yes" if holds else "No", holds == claim.startswith("Yes"))


def _flag(feature: Feature, claimed: bool, seen: Seen) -> ObservedClaim | None:
    """A variable of one feature alone is in the inventory if, and only if, the product has the feature."""
    found = seen.variables.get(feature.component)
    if feature.id in (Feature.TX_START_POINT_WRITABLE, Feature.TX_STOP_POINT_WRITABLE):
        return None if found is None else _answer(found.writable, "Yes" if claimed else "No")
    if feature.component in OPTIONS:
        return _option(feature, claimed, found, seen)
    if "." not in feature.component or _shared(feature):
        return None
    if found is None:
        return ObservedClaim("not in the inventory", not claimed) if seen.inventory else None
    if feature.component.endswith(".Available") or (not claimed and found.value in ("true", "false")):
        return _answer(found.value == "true", "Yes" if claimed else "No")
    return ObservedClaim("in the inventory", True) if claimed else None


def _option(feature: Feature, claimed: bool, found: SeenVariable | None, seen: Seen) -> ObservedClaim | None:
    if found is None:
        return ObservedClaim("not in the inventory", not claimed) if seen.inventory else None
    listed = feature.text in found.options()
    return ObservedClaim("in its list" if listed else "not in its list", listed == claimed)


def _shared(feature: Feature) -> bool:
    others = (other for other in FEATURES.values() if other.kind == "flag" and other.component == feature.component)
    return any(other.id != feature.id for other in others)
