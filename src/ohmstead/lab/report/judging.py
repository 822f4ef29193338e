"""A report judged again: every verdict from its evidence, and whatever else it says from the verdicts."""

import functools
import hashlib
import logging
from collections.abc import Iterator
from pathlib import Path

import msgspec

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.runner import not_applicable
from ohmstead.lab.evidence.judge import Judgment, is_misfit, judge_tape, judgment, misfit
from ohmstead.lab.report.build import NOT_RUN, build, evidence_file
from ohmstead.lab.report.html import page
from ohmstead.lab.report.model import FORMAT, CampaignRun, CaseReport, Report, ReportError, read
from ohmstead.lab.selection import select
from ohmstead.lab.verdict import Disputed, Result, Verdict
from ohmstead.product.profile import Product

LARGEST = 256_000_000
"""Bytes of one case's evidence; the longest has less than a million."""
DERIVED = ("summary", "profiles", "sections", "seen", "basis")
"""Parts of a report that follow from its cases and their evidence."""


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One case of a report, judged again."""

    reported: CaseReport
    result: Result
    altered: bool
    """The file is not the one that the report was written with."""
    worded: bool = True
    """False: the report is of an earlier version, which said the same in other words."""

    @property
    def same(self) -> bool:
        """Say whether the verdict is the reported one: byte by byte, or of an earlier version by both columns."""
        if self.altered:
            return False
        if self.worded:
            return judgment(self.result).encoded() == _reported(self.reported).encoded()
        reported, result = self.reported, self.result
        told = (reported.verdict, reported.by_specification, reported.by_tool)
        return told == (result.verdict, result.specification, result.tool)


def judge_report(folder: Path) -> Iterator[Judged]:
    """Judge every case of a report that was run. Raises ReportError, OSError."""
    report = read((folder / "report.json").read_bytes())
    logging.getLogger("ohmstead").setLevel(logging.CRITICAL)
    for case in report.cases:
        if case.verdict == NOT_RUN or case.id not in load_cases():
            continue
        skipped = not_applicable(load_cases()[case.id], report.product)
        if skipped is None:
            yield _judge(folder, report, case)
        elif case.verdict != skipped.verdict:
            yield Judged(reported=case, result=skipped, altered=False)


def _judge(folder: Path, report: Report, reported: CaseReport) -> Judged:
    case = load_cases()[reported.id]
    if not reported.evidence:
        return Judged(reported=reported, result=misfit(case, "there is none"), altered=False)
    try:
        data = _evidence(folder, reported)
        text = data.decode()
    except (OSError, UnicodeDecodeError, ReportError) as error:
        return Judged(reported=reported, result=misfit(case, str(error)), altered=True)
    altered = hashlib.sha256(data).hexdigest() != reported.sha256
    return Judged(
        reported=reported,
        result=judge_tape(text, case, report.product, report.config),
        altered=altered,
        worded=report.format == FORMAT,
    )


def _evidence(folder: Path, case: CaseReport) -> bytes:
    """Return the file of a case: the one that has its name, in the report's own folder, whatever the report names.

    Raises OSError; ReportError for any other place, and for what is no file or too large to be evidence.
    """
    if case.evidence != evidence_file(case.id):
        raise ReportError(f"the report names {case.evidence!r}, the evidence is in {evidence_file(case.id)}")
    path = folder / case.evidence
    if path.resolve() != folder.resolve() / case.evidence or not path.is_file():
        raise ReportError(f"{case.evidence} is no file in the folder of the report")
    if path.stat().st_size > LARGEST:
        raise ReportError(f"{case.evidence} has more than {LARGEST} bytes: that is no evidence of one case")
    return path.read_bytes()


def unfounded(folder: Path) -> list[str]:
    """Return what a report says that does not follow from its own cases and their evidence, a line each.

    To be asked where every verdict is the reported one. Summary, profiles, claims and what was seen are made once more,
    the page too; and evidence that no case names was that of a case that is not told. Raises ReportError, OSError.
    """
    report = read((folder / "report.json").read_bytes())
    again = build(
        CampaignRun(
            product=report.product,
            config=report.config,
            bench=report.bench,
            made_by=report.made_by,
            began=report.began,
            seconds=report.seconds,
            results=tuple(_result(folder, case) for case in report.cases if case.title and case.verdict != NOT_RUN),
            figures=report.performance,
            presupposing=not any(map(functools.partial(_without_prerequisites, report.product), report.cases)),
        )
    )
    earlier = report.format != FORMAT
    derived = [name for name in DERIVED if not (earlier and name == "basis")]
    parts = [name for name in derived if _followed(report, name, earlier) != _followed(again, name, earlier)]
    found = [f"report.json: {name} does not follow from the cases" for name in parts]
    if _compared(report, earlier) != _compared(again, earlier):
        found.append(f"report.json: cases does not follow from the verdicts: {_others(report, again)}")
    named = {folder / case.evidence for case in report.cases if case.evidence}
    found += [f"{path.name}: no case names it" for path in sorted((folder / "evidence").glob("*")) if path not in named]
    shown = folder / "report.html"
    if not earlier and shown.exists() and shown.read_text("utf-8") != page(report):
        found.append("report.html: not the page that this version makes of report.json")
    return found


def _compared(report: Report, earlier: bool) -> object:
    """Return the cases, or of an earlier version what it said of them that has no words of ours."""
    return [(case.id, case.verdict, case.evidence, case.sha256) for case in report.cases] if earlier else report.cases


def _followed(report: Report, name: str, earlier: bool) -> object:
    """Return a part of a report as far as it follows from the cases; an earlier version had other words for it."""
    if earlier and name == "sections":
        # Which lines its cases left open was another version's reading; what they decided is not.
        rows = [(row.id, row.verdict) for section in report.sections for row in section.rows]
        return [row for row in rows if row[1] not in ("", "open")]
    value: object = getattr(report, name)
    return value


def _without_prerequisites(product: Product, case: CaseReport) -> bool:
    """Say whether a case of a report is told of as by a lab that had no table of prerequisites."""
    official = select(case.id, product, presupposing=False)
    return case.verdict == NOT_RUN and official.applies and not select(case.id, product).applies


def _result(folder: Path, case: CaseReport) -> Result:
    """Return a case as it was before it was reported."""
    return Result(
        id=case.id,
        title=case.title,
        verdict=Verdict(case.verdict),
        reason=case.reason,
        finding=case.finding,
        also=case.also,
        requirements=case.requirements,
        notes=case.notes,
        disputed=case.disputed,
        seconds=case.seconds,
        evidence=_evidence(folder, case).decode() if case.evidence else "",
    )


def _others(report: Report, again: Report) -> str:
    """Name the cases that are there only once, or otherwise."""
    one, other = ({case.id: case for case in cases} for cases in (report.cases, again.cases))
    names = [name for name in sorted(one | other) if one.get(name) != other.get(name)]
    return ", ".join(names) or "one is there twice"


def _reported(case: CaseReport) -> Judgment:
    return Judgment(
        id=case.id,
        verdict=case.verdict,
        reason=case.reason,
        finding=case.finding,
        also=case.also,
        notes=case.notes,
        disputed=case.disputed,
    )


def words(judged: Judged) -> str:
    """Return one line about a case that was judged otherwise."""
    parts = ["the file has been altered since"] if judged.altered else []
    if is_misfit(judged.result) or judged.result.verdict != judged.reported.verdict:
        parts.append(f"reported {judged.reported.verdict}, judged {judged.result.verdict.value}")
    if judged.result.reason != judged.reported.reason:
        parts.append(judged.result.reason or "without the reported reason")
    one, other = _reported(judged.reported), judgment(judged.result)
    for name in ("finding", "also", "notes", "disputed"):
        if not parts and getattr(one, name) != getattr(other, name):
            parts.append(f"with another {name.removesuffix('s')}: {_shown(getattr(other, name)) or 'none'}")
    return "; ".join(parts)


def _shown(value: object) -> str:
    """Return a finding, or what is in a list of notes or readings, as text."""
    if isinstance(value, tuple):
        return "; ".join(str(one.finding) if isinstance(one, Disputed) else str(one) for one in value)
    return str(value) if value else ""
