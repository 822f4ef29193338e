"""The feature tables of a report: what the product claims, what the run says about it, which cases stand behind it."""

import re
from collections.abc import Iterator, Mapping

from ohmstead.lab.campaign import CaseReport, Row, Section, Seen
from ohmstead.lab.selection import MAIN_FEATURE, claims, rows, select
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
ATOM = re.compile(r'(not )?(?:"(?P<name>[^"]+)"|(?P<id>[A-Z]+-\d+(?:\.\d+)?))')


def sections(product: Product, cases: Mapping[str, CaseReport], seen: Seen) -> tuple[Section, ...]:
    """Return all tables that have a line, in the order of an abstract."""
    behind = cases_behind(product)
    groups: dict[str, list[Row]] = {}
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
        return f"Yes ({' '.join(policy.values)})" if feature.id == "C-54" and policy and policy.values else answer
    if feature.id in LISTS:
        return " ".join(getattr(product.measurands, LISTS[feature.id]))
    if feature.group == "Settings":
        return " ".join(str(product.settings.get(feature.id, "")).split(","))
    hardware = product.hardware
    match feature.id:
        case "HFS-8":
            return str(len(product.evses))
        case "HFS-9":
            return ", ".join(hardware.communication)
        case "HFS-10":
            return {"PerEVSE": "One per EVSE"}.get(hardware.rfid_readers, hardware.rfid_readers)
        case "HFS-11":
            watts = max((evse.max_power_w for evse in product.evses if evse.current == "DC"), default=0.0)
            return f"{watts / 1000:g}" if watts else ""
        case "HFS-12":
            return str(hardware.displays)
        case "C-23":
            setting = product.variables.get("ClockCtrlr.TimeSource")
            return " ".join(setting.values or ()) if setting else ""
        case "C-41":
            return " ".join(product.security.cipher_suites)
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
            yield "HFS-8"
            continue
        for match in ATOM.finditer(part):
            feature = match["id"] or MAIN_FEATURE.get(match["name"], "")
            if feature == "C-40":
                yield from LISTS
            elif feature in FEATURES and product.has(feature) == (match[1] is None):
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
) -> Row:
    tested = ""
    if feature.id in LISTS:
        tested = " ".join(getattr(product.certificate.tested_measurands, LISTS[feature.id]))
    if not claim:
        return Row(id=feature.id, text=feature.text)
    verdict, measured = by_cases(claim, [cases[case] for case in behind if case in cases])
    observed = _observed(product, feature, seen)
    if observed is not None:
        value, fits = observed
        measured = f"{value} ({measured})" if verdict == "contradicted" else value
        verdict = "contradicted" if not fits or verdict == "contradicted" else verdict or "confirmed"
    return Row(
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


def _observed(product: Product, feature: Feature, seen: Seen) -> tuple[str, bool] | None:
    """Return what the wire logs show, and whether it fits the claim; None where they do not tell."""
    if feature.id == "HFS-8" and seen.evses:
        return str(len(seen.evses)), seen.evses == tuple(evse.id for evse in product.evses)
    if feature.id == "C-41" and seen.cipher_suites:
        modern = [suite for suite in seen.cipher_suites if not suite.startswith(("TLS_AES", "TLS_CHACHA"))]
        return " ".join(seen.cipher_suites), set(modern) <= set(product.security.cipher_suites)
    field = LISTS.get(feature.id)
    if field is not None and seen.measurands.get(field):
        came = seen.measurands[field]
        return " ".join(came), set(came) <= set(getattr(product.measurands, field))
    return None
