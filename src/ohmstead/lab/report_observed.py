"""What the wire logs show of a claim beyond the verdicts of cases: the inventory, measurands, tokens, cipher suites."""

from typing import NamedTuple

from ohmstead.lab.campaign import Seen, SeenVariable
from ohmstead.lab.client_hello import SUITES
from ohmstead.product.features import FEATURES, Feature
from ohmstead.product.profile import Product

LISTS = {
    "C-40.1": "tx_started",
    "C-40.2": "tx_updated",
    "C-40.3": "tx_ended",
    "C-40.4": "aligned",
    "C-40.5": "aligned_tx_ended",
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
    "ISO14443": ("C-30", "C-70", "C-36"),
    "ISO15693": ("C-31", "C-71", "C-37"),
    "KeyCode": ("C-32", "C-72", ""),
    "Local": ("C-33", "", ""),
    "MacAddress": ("C-34", "", ""),
    "NoAuthorization": ("C-35", "C-75", "C-39"),
    "Central": ("", "", "C-38"),
}
"""Type of token -> feature of its local start, local stop and remote start."""
PHASES = {"HFS-5": 1, "HFS-6": 2, "HFS-7": 3}


class Shown(NamedTuple):
    """What the logs show of a claim."""

    words: str
    fits: bool


def observed(product: Product, feature: Feature, claim: str, seen: Seen) -> Shown | None:
    """Return what the wire logs show of a claim; None where they do not tell."""
    if feature.id in LISTS:
        return _measurands(product, feature, seen)
    if feature.group in ("Local start", "Local stop", "Remote start"):
        return _tokens(feature, claim, seen)
    if feature.group == "Settings":
        return _setting(feature, claim, seen)
    if feature.group == "Hardware":
        return _hardware(product, feature, claim, seen)
    if feature.id == "C-41":
        return _cipher_suites(product, seen)
    if feature.id == "C-23":
        found = seen.variables.get("ClockCtrlr.TimeSource")
        values = found.options() if found is not None else ()
        return Shown(" ".join(values), set(values) == set(claim.split())) if values else None
    return _flag(feature, claim.startswith("Yes"), seen)


def _measurands(product: Product, feature: Feature, seen: Seen) -> Shown | None:
    came = seen.measurands.get(LISTS[feature.id], ())
    supported = getattr(product.measurands, LISTS[feature.id])
    return Shown(" ".join(came), set(came) <= set(supported)) if came else None


def _cipher_suites(product: Product, seen: Seen) -> Shown | None:
    """What was offered counts; where no ClientHello was read, what was agreed on is a part of it."""
    claimed = set(product.security.cipher_suites)
    if seen.offered_suites:
        # Suites without a name are those of TLS 1.3 and others that OCPP does not know: the claim is about the named.
        named = {suite for suite in seen.offered_suites if suite.startswith("TLS_")}
        return Shown(" ".join(seen.offered_suites), named == claimed & {*named, *SUITES.values()})
    agreed = {suite for suite in seen.cipher_suites if not suite.startswith(("TLS_AES", "TLS_CHACHA"))}
    return Shown(" ".join(seen.cipher_suites), agreed <= claimed) if seen.cipher_suites else None


def _tokens(feature: Feature, claim: str, seen: Seen) -> Shown | None:
    place = ("Local start", "Local stop", "Remote start").index(feature.group)
    types = (seen.started_by, seen.stopped_by, seen.remote_by)[place]
    if any(features[place] == feature.id and kind in types for kind, features in TOKENS.items()):
        return Shown("seen", claim == "Yes")
    return None


def _setting(feature: Feature, claim: str, seen: Seen) -> Shown | None:
    found = seen.variables.get(feature.component)
    if found is None:
        return None
    match feature.id:
        case "ORS-11" | "ORS-14":
            return _number(found.min, claim)
        case "ORS-12" | "ORS-15":
            return _number(found.max, claim)
        case "ORS-17":
            # A claim of room for so many is met by more.
            return None if found.max is None else Shown(f"{found.max:g}", found.max >= float(claim))
        case "ORS-24":
            values = found.options()
            return Shown(" ".join(values), set(values) == set(claim.split()))
    return _number(float(found.value), claim) if found.value.isdigit() else None


def _number(value: float | None, claim: str) -> Shown | None:
    return None if value is None else Shown(f"{value:g}", f"{value:g}" == claim)


def _hardware(product: Product, feature: Feature, claim: str, seen: Seen) -> Shown | None:
    if feature.id == "HFS-8":
        fits = seen.evses == tuple(evse.id for evse in product.evses)
        return Shown(str(len(seen.evses)), fits) if seen.evses else None
    power = seen.variables.get("EVSE.Power")
    if feature.id == "HFS-11" and power is not None and power.max:
        return Shown(f"{power.max / 1000:g}", f"{power.max / 1000:g}" == claim)
    phases = seen.variables.get("EVSE.SupplyPhases")
    if phases is None or feature.id not in (*PHASES, "HFS-3", "HFS-4"):
        return None
    count = PHASES.get(feature.id)
    if count is not None:
        holds = str(count) in phases.all_values
    else:
        holds = ("0" in phases.all_values) if feature.id == "HFS-4" else bool(set(phases.all_values) - {"0"})
    return _answer(holds, claim)


def _answer(holds: bool, claim: str) -> Shown:
    return Shown("Yes" if holds else "No", holds == claim.startswith("Yes"))


def _flag(feature: Feature, claimed: bool, seen: Seen) -> Shown | None:
    """A variable of one feature alone is in the inventory if, and only if, the product has the feature."""
    found = seen.variables.get(feature.component)
    if feature.id in ("C-51", "C-52"):
        return None if found is None else _answer(found.writable, "Yes" if claimed else "No")
    if feature.component in OPTIONS:
        return _option(feature, claimed, found, seen)
    if "." not in feature.component or _shared(feature):
        return None
    if found is None:
        return Shown("not in the inventory", not claimed) if seen.inventory else None
    if feature.component.endswith(".Available") or (not claimed and found.value in ("true", "false")):
        return _answer(found.value == "true", "Yes" if claimed else "No")
    return Shown("in the inventory", True) if claimed else None


def _option(feature: Feature, claimed: bool, found: SeenVariable | None, seen: Seen) -> Shown | None:
    if found is None:
        return Shown("not in the inventory", not claimed) if seen.inventory else None
    listed = feature.text in found.options()
    return Shown("in its list" if listed else "not in its list", listed == claimed)


def _shared(feature: Feature) -> bool:
    others = (other for other in FEATURES.values() if other.kind == "flag" and other.component == feature.component)
    return any(other.id != feature.id for other in others)
