"""The feature tables of a report: what the product claims, what the run says about it, which cases stand behind it."""

import re
from collections.abc import Iterator, Mapping

from ohmstead.lab.report.claims_observed import LISTS, observed
from ohmstead.lab.report.model import CaseReport, FeatureRow, Section, Seen
from ohmstead.lab.selection import MAIN_FEATURE, claims, rows, select
from ohmstead.product.feature_table import Feature
from ohmstead.product.features import FEATURES
from ohmstead.product.profile import Product

ATOM = re.compile(r'(not )?(?:"(?P<name>[^"]+)"|(?P<id>[A-Z]+-\d+(?:\.\d+)?))')


def sections(product: Product, cases: Mapping[str, CaseReport], seen: Seen) -> tuple[Section, ...]:
    """Return all tables that have a line, in the order of an abstract."""
    behind = cases_behind(product)
    groups: dict[str, list[FeatureRow]] = {}
    for feature in FEATURES.values():
        claim = claim_of(product, feature)
        if claim or _heads(product, feature):
            row = _row(product, feature, claim, behind.get(feature.id, ()), cases, seen)
            groups.setdefault(feature.group, []).append(row)
    return tuple(Section(title=title, rows=tuple(found)) for title, found in groups.items())


def claim_of(product: Product, feature: Feature) -> str:
    """Return what a product claims, as an abstract prints it; empty where it says nothing."""
    if feature.kind == "flag" and feature.id in product.features:
        answer = "Yes" if product.features[feature.id] else "No"
        policy = product.variables.get(feature.component)
        if feature == Feature.CACHE_POLICY and policy and policy.values:
            return f"Yes ({' '.join(policy.values)})"
        return answer
    if feature.id in LISTS:
        return " ".join(getattr(product.measurands, LISTS[feature.id]))
    if feature.group == "Settings":
        return " ".join(str(product.settings.get(feature.id, "")).split(","))
    hardware = product.hardware
    match feature:
        case Feature.EVSES:
            return str(len(product.evses))
        case Feature.COMMUNICATION:
            return ", ".join(hardware.communication)
        case Feature.RFID_READERS:
            return {"PerEVSE": "One per EVSE"}.get(hardware.rfid_readers, hardware.rfid_readers)
        case Feature.DC_POWER:
            watts = max((evse.max_power_w for evse in product.evses if evse.current == "DC"), default=0.0)
            return f"{watts / 1000:g}" if watts else ""
        case Feature.DISPLAYS:
            return str(hardware.displays)
        case Feature.TIME_SOURCES:
            setting = product.variables.get("ClockCtrlr.TimeSource")
            return " ".join(setting.values or ()) if setting else ""
        case Feature.CIPHER_SUITES:
            return " ".join(product.security.cipher_suites) if {*product.security.profiles} - {1} else "None"
    return ""


def _heads(product: Product, feature: Feature) -> bool:
    """Say whether a heading has lines below it."""
    below = f"{feature.id}."
    return feature.kind == "heading" and any(
        other.startswith(below) and claim_of(product, FEATURES[other]) for other in FEATURES
    )


def cases_behind(product: Product) -> dict[str, tuple[str, ...]]:
    """Return for each feature the cases that apply because of what the product claims about it.

    A case with the condition `C-49 and (C-30 or C-31)` is about C-49; the tokens are how it is done. Where a condition
    is nothing but alternatives, it is about those that the product has.
    """
    found: dict[str, dict[str, None]] = {}
    for row in rows():
        if not select(row.id, product).applies or not claims(product, row.profile):
            continue
        features = set(subjects(row.condition, product))
        if row.profile in MAIN_FEATURE:
            features.add(MAIN_FEATURE[row.profile])
        for feature in features:
            found.setdefault(feature, {})[row.id] = None
    return {feature: tuple(cases) for feature, cases in found.items()}


def subjects(condition: str, product: Product) -> Iterator[str]:
    """Yield the features that a condition is about, as far as the product's claims meet it."""
    parts = list(_conjuncts(condition))
    single = [part for part in parts if ATOM.fullmatch(part) or part.startswith("HFS-8 ")]
    for part in single or parts:
        if part.startswith("HFS-8 "):
            yield Feature.EVSES
            continue
        for match in ATOM.finditer(part):
            feature = match["id"] or MAIN_FEATURE.get(match["name"], "")
            if feature == Feature.MEASURANDS:
                yield from LISTS
            elif feature in FEATURES and product.has(FEATURES[feature]) == (match[1] is None):
                yield feature


def _conjuncts(condition: str) -> Iterator[str]:
    """Split at the `and`s that stand in no parenthesis."""
    depth, start = 0, 0
    for match in re.finditer(r"[()]| and ", condition):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth == 0 and match[0] == " and ":
            yield condition[start : match.start()].strip()
            start = match.end()
    yield condition[start:].strip()


def _row(
    product: Product,
    feature: Feature,
    claim: str,
    behind: tuple[str, ...],
    cases: Mapping[str, CaseReport],
    seen: Seen,
) -> FeatureRow:
    tested = ""
    if feature.id in LISTS:
        tested = " ".join(getattr(product.certificate.tested_measurands, LISTS[feature.id]))
    if not claim:
        return FeatureRow(id=feature.id, text=feature.text)
    verdict, measured = by_cases(claim, [cases[case] for case in behind if case in cases])
    shown = observed(product, feature, claim, seen)
    if shown is not None and not shown.fits:
        measured, verdict = f"{shown.words}{f' ({measured})' if measured else ''}", "contradicted"
    elif shown is not None and verdict == "":
        measured, verdict = shown.words, "confirmed"
    elif shown is not None and measured == "as claimed":
        measured = shown.words
    return FeatureRow(
        id=feature.id, text=feature.text, claim=claim, tested=tested, measured=measured, verdict=verdict, cases=behind
    )


def by_cases(claim: str, behind: list[CaseReport]) -> tuple[str, str]:
    """Return verdict and words that the cases behind a claim give."""
    verdicts = [case.verdict for case in behind]
    passed, failed = verdicts.count("PASS"), verdicts.count("FAIL")
    if failed:
        return "contradicted", f"{failed} of {len(verdicts)} failed"
    if not verdicts or not passed:
        return ("open", "not measured") if verdicts else ("", "")
    if passed < len(verdicts):
        return "open", f"{passed} of {len(verdicts)} passed"
    return "confirmed", claim.partition(" (")[0] if claim.startswith(("Yes", "No")) else "as claimed"
