"""A campaign on our own station, whose results are kept as they come."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from ohmstead.cli import interruption
from ohmstead.cli.lab.kept import open_results
from ohmstead.cli.lab.progress import run_campaign
from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.runner import not_applicable
from ohmstead.lab.rigs.campaign import Campaign
from ohmstead.lab.rigs.results import CampaignOptions, ResultsHead
from ohmstead.lab.verdict import Result, Verdict
from ohmstead.product.profile import Product


def run_own(
    campaign: Campaign,
    resume: Path | None,
    line: Callable[[Result], str | None],
    heard: Callable[[Result], object] = lambda _result: None,
    *,
    again: bool = False,
    options: CampaignOptions | None = None,
) -> list[Result]:
    """Run what is not settled yet in a file of results, or all; return the results in order of ids.

    Args:
        campaign: what to run.
        resume: results to go on with, or LAST; None: new ones, kept as the last campaign.
        line: what to print of a result, see `run_campaign`.
        heard: told each result, those that were there first.
        again: run what has a result too.
        options: what the campaign was started with; kept beside the results.

    Raises ResumeError, OSError.
    """
    head = ResultsHead(product=campaign.product.name, bench=campaign.rig, key=campaign.key, options=options)
    results = open_results(resume, head, record=campaign.record)
    results.keep(lambda result: holds(campaign.product, result))
    settled = [one for one in campaign.cases if not again and results.settled(one)]
    for one in settled:
        heard(results.done[one])
    results.heard = heard
    todo = tuple(one for one in campaign.cases if one not in settled)
    rest = msgspec.structs.replace(campaign, cases=todo, key=results.key)
    go_on = f"the same command with --resume {resume or 'LAST'} goes on with what is missing"
    with interruption.telling(lambda: go_on if results.runs else ""):
        run_campaign(rest, line, results.add)
    return [results.done[one] for one in sorted(set(campaign.cases) & set(results.done))]


def holds(product: Product, result: Result) -> bool:
    """Say whether a result is still one of this product: its claims may have changed, or the cases."""
    case = load_cases().get(result.id)
    if case is None:
        return False
    return (not_applicable(case, product) is None) == (result.verdict is not Verdict.NOT_APPLICABLE)
