"""Judging the evidence of a report again, offline and in virtual time."""

import hashlib
import logging
from collections.abc import Iterator
from pathlib import Path

import msgspec

from ohmstead.edge.virtual_time import OutOfTime, Stillstand, run
from ohmstead.lab.campaign import CaseReport, Report, read
from ohmstead.lab.case import Case, load_cases
from ohmstead.lab.config import LabConfig
from ohmstead.lab.judge import Judgement, is_misfit, judge, judgement, misfit
from ohmstead.lab.report_build import NOT_RUN
from ohmstead.lab.runner import not_applicable
from ohmstead.lab.tape import TapeError
from ohmstead.lab.tape import read as read_tape
from ohmstead.lab.verdict import Result, Verdict
from ohmstead.product.profile import Product


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One case of a report, judged again."""

    reported: CaseReport
    result: Result
    altered: bool
    """The file is not the one that the report was written with."""

    @property
    def same(self) -> bool:
        """Say whether the verdict is the reported one, byte by byte."""
        return not self.altered and judgement(self.result).encoded() == _reported(self.reported).encoded()


def judge_tape(text: str, case: Case, product: Product, config: LabConfig) -> Result:
    """Judge one tape in virtual time."""
    try:
        head, _ = read_tape(text)
        return run(judge(text, case, product, config), start=head.began, limit=case.limit * 2)
    except TapeError as error:
        return misfit(case, str(error))
    except (Stillstand, OutOfTime) as error:
        return misfit(case, f"nothing comes any more: {str(error).splitlines()[0]}")


def confirmed(result: Result, product: Product, config: LabConfig) -> Result:
    """Return a live result if its evidence leads to the same verdict, byte by byte; else an INCONCLUSIVE one."""
    if not result.evidence:
        return result
    again = judge_tape(result.evidence, load_cases()[result.id], product, config)
    if judgement(again).encoded() == judgement(result).encoded():
        return result
    told = f"live {result.verdict.value} {result.reason}".strip()
    reason = f"the evidence does not lead to the verdict: {told}, judged {again.verdict.value} {again.reason}".strip()
    return msgspec.structs.replace(result, verdict=Verdict.INCONCLUSIVE, reason=reason, finding=None)


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
        data = (folder / reported.evidence).read_bytes()
        text = data.decode()
    except (OSError, UnicodeDecodeError) as error:
        return Judged(reported=reported, result=misfit(case, str(error)), altered=True)
    altered = hashlib.sha256(data).hexdigest() != reported.sha256
    return Judged(reported=reported, result=judge_tape(text, case, report.product, report.config), altered=altered)


def _reported(case: CaseReport) -> Judgement:
    return Judgement(
        id=case.id,
        verdict=case.verdict,
        reason=case.reason,
        finding=case.finding,
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
    return "; ".join(parts)
