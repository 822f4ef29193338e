"""From the results of a campaign to its report."""

import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig, LabToken
from ohmstead.lab.cases.tokens import ROLES
from ohmstead.lab.evidence.digests import Digests, new_key
from ohmstead.lab.evidence.judge import judge_tape
from ohmstead.lab.evidence.tape import TapeError, TapeHead
from ohmstead.lab.evidence.tape import read as read_tape
from ohmstead.lab.reading import Reading
from ohmstead.lab.report.claims import sections
from ohmstead.lab.report.explanation import explain
from ohmstead.lab.report.model import Basis, BenchPatience, CampaignRun, CaseReport, ProfileReport, Report
from ohmstead.lab.report.observed import observe
from ohmstead.lab.selection import Applies, claims, decide, rows, rows_of, select
from ohmstead.lab.verdict import Result, Verdict
from ohmstead.product.features import PROFILES
from ohmstead.product.profile import Product
from ohmstead.wire.messages import IdTokenEnum

NOT_RUN = "NOT RUN"
ORDER = ("PASS", "FAIL", "INCONCLUSIVE", NOT_RUN, "NOT APPLICABLE")


def build(run: CampaignRun) -> Report:
    """Return the report: every case of the official list, run or not, and what follows for profiles and claims."""
    results = {result.id: _as_evidence_says(result, run) for result in sorted(run.results, key=lambda one: one.id)}
    official = dict.fromkeys(row.id for row in rows())
    cases = {
        identifier: _case(select(identifier, run.product, presupposing=run.presupposing), identifier, results)
        for identifier in official | results
    }
    seen = observe(result.evidence for result in results.values())
    return Report(
        made_by=run.made_by,
        began=run.began,
        seconds=run.seconds,
        bench=run.bench,
        product=run.product,
        config=_shown(run.config, results.values()),
        basis=_basis(results.values()),
        summary={verdict: sum(case.verdict == verdict for case in cases.values()) for verdict in ORDER},
        profiles=tuple(_profile(name, run.product, cases.values()) for name in PROFILES),
        sections=sections(run.product, cases, seen),
        seen=seen,
        performance=run.figures,
        cases=tuple(sorted(cases.values(), key=lambda case: case.id)),
    )


def _shown(config: LabConfig, results: Iterable[Result]) -> LabConfig:
    """Return a configuration without key codes: the digests of the evidence stand for them, or nothing tells them."""
    evidence = next((result.evidence for result in results if result.evidence), "")
    digests = Digests(read_tape(evidence)[0].key if evidence else new_key())
    tokens: dict[str, LabToken] = {role: getattr(config, role) for role in ROLES}
    hidden = {
        role: msgspec.structs.replace(token, id_token=digests.of(token.id_token))
        for role, token in tokens.items()
        if token.type is IdTokenEnum.KeyCode
    }
    return msgspec.structs.replace(config, **hidden)


def _as_evidence_says(result: Result, run: CampaignRun) -> Result:
    """Return a result with the wire log that follows from its evidence, so that whoever judges it again has the same.

    Only of a case that failed is it told.
    """
    if result.verdict is not Verdict.FAIL or not result.evidence or result.id not in load_cases():
        return result
    again = judge_tape(result.evidence, load_cases()[result.id], run.product, run.config)
    return msgspec.structs.replace(result, log=again.log)


def _basis(results: Iterable[Result]) -> Basis:
    """Return what the verdicts of some results rest on."""
    run = [result for result in results if result.evidence]
    heads = [tape_head(result.evidence) for result in run]
    named = {one.name: one for result in run for one in _readings_of(result.id)}
    return Basis(
        bench=tuple(BenchPatience(*one) for one in sorted({(head.tolerance, head.patience) for head in heads if head})),
        readings=tuple(named[name] for name in sorted(named)),
    )


def tape_head(evidence: str) -> TapeHead | None:
    """Return the first line of a tape; None where it cannot be read."""
    try:
        return read_tape(evidence.partition("\n")[0] + "\n")[0]
    except TapeError:
        return None


def _readings_of(identifier: str) -> tuple[Reading, ...]:
    case = load_cases().get(identifier)
    return () if case is None else case.readings


def evidence_file(identifier: str) -> str:
    """Return where the wire log of a case lies in the folder of the report."""
    return f"evidence/{identifier}.jsonl"


def digest(evidence: str) -> str:
    """Return the SHA-256 of a wire log."""
    return hashlib.sha256(evidence.encode()).hexdigest()


def _case(applies: Applies, identifier: str, results: Mapping[str, Result]) -> CaseReport:
    listed = tuple(row.profile for row in rows_of(identifier))
    result = results.get(identifier)
    if result is None:
        return _not_run(applies, identifier, listed)
    return CaseReport(
        id=identifier,
        title=result.title,
        verdict=result.verdict.value,
        specification="" if result.specification is result.verdict else result.specification.value,
        tool="" if result.tool is result.verdict else result.tool.value,
        reason=result.reason,
        because=applies.reason if listed else "a case of our own",
        profiles=listed,
        finding=result.finding,
        also=result.also,
        requirements=result.requirements,
        notes=result.notes,
        disputed=result.disputed,
        explanation=explain(result),
        seconds=result.seconds,
        evidence=evidence_file(result.id) if result.evidence else "",
        sha256=digest(result.evidence) if result.evidence else "",
    )


def _not_run(applies: Applies, identifier: str, listed: tuple[str, ...]) -> CaseReport:
    if not applies.applies:
        reason = applies.reason
        return CaseReport(id=identifier, verdict="NOT APPLICABLE", reason=reason, because=reason, profiles=listed)
    case = load_cases().get(identifier)
    title = "" if case is None else case.title
    return CaseReport(id=identifier, title=title, verdict=NOT_RUN, because=applies.reason, profiles=listed)


def _profile(name: str, product: Product, cases: Iterable[CaseReport]) -> ProfileReport:
    """A profile passes if every case that applies in it was run and passed; one failure fails it."""
    claimed = claims(product, name)
    mine = [
        case for case in cases if claimed and case.verdict != "NOT APPLICABLE" and _applies_in(case.id, name, product)
    ]
    counts = {verdict: sum(case.verdict == verdict for case in mine) for verdict in ORDER}
    open_ = counts["INCONCLUSIVE"] + counts[NOT_RUN]
    if not claimed:
        result, why = "Not Tested", "not claimed"
    elif counts["FAIL"]:
        result, why = "Fail", f"{counts['FAIL']} of {len(mine)} cases failed{_only(mine)}"
    elif open_ or not mine:
        result, why = "Not Tested", f"{open_} of {len(mine)} cases without a verdict" if mine else "no case applies"
    else:
        result, why = "Pass", f"all {len(mine)} cases passed"
    return ProfileReport(
        name=name,
        result=result,
        why=why,
        claimed=claimed,
        applicable=len(mine),
        passed=counts["PASS"],
        failed=counts["FAIL"],
        inconclusive=counts["INCONCLUSIVE"],
        not_run=counts[NOT_RUN],
    )


def _only(cases: Iterable[CaseReport]) -> str:
    """Say how many failed by only one of specification and official case."""
    failed = [case for case in cases if case.verdict == "FAIL"]
    by = {
        "the specification": sum(case.by_tool == "PASS" for case in failed),
        "the official case": sum(case.by_specification == "PASS" for case in failed),
    }
    words = [f"{count} only by {name}" for name, count in by.items() if count]
    return f", {' and '.join(words)}" if words else ""


def _applies_in(identifier: str, profile: str, product: Product) -> bool:
    for row in rows_of(identifier):
        if row.profile == profile and row.condition != "removed":
            return not row.condition or decide(row.condition, product).applies
    return False
