"""A campaign as JSON lines on stdout, for whoever follows it (decided case 25): what runs, and each result as it comes.

{"head": {"product": "sec1000-240y", "bench": "memory", "total": 20, "cases": ["TC_G_01_CS", ...]}}
{"began": "TC_G_01_CS", "title": "..."}
{"result": {...}}
{"end": {"counts": {"PASS": 20}}}
"""

import sys
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from ohmstead.cli.terminal import heard
from ohmstead.wire.printable import json_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from ohmstead.lab.cases.case import Case
    from ohmstead.lab.rigs.campaign import Campaign
    from ohmstead.lab.verdict import Result


class CampaignHead(msgspec.Struct, frozen=True, kw_only=True):
    """What is going to be run."""

    product: str
    bench: str
    total: int
    """Results in the end, those of cases that do not apply among them."""
    cases: tuple[str, ...]
    """The ones that apply."""


class End(msgspec.Struct, frozen=True, kw_only=True):
    """The campaign has come to its end."""

    counts: dict[str, int]
    """Verdict -> results."""


class CampaignLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line; one of head, began, result and end is there."""

    head: CampaignHead | None = None
    began: str | None = None
    title: str = ""
    result: msgspec.Raw = msgspec.Raw()
    """A `lab.verdict.Result` without its evidence; of a FAIL with `explanation` (`lab.report.explanation`)."""
    end: End | None = None


def print_lines(campaign: "Campaign", keep: "Callable[[Result], object]" = lambda _result: None) -> "list[Result]":
    """Run a campaign and print it line by line; `keep` is told each result. Returns the results in order of ids."""
    from ohmstead.lab.report.files import told
    from ohmstead.lab.rigs.campaign import applicable, results_of

    todo, skipped = applicable(campaign)
    total, ids = len(todo) + len(skipped), tuple(case.id for case in todo)
    _print(CampaignLine(head=CampaignHead(product=campaign.product.name, bench=campaign.rig, total=total, cases=ids)))
    results = []
    for result in results_of(campaign, _began):
        bare = msgspec.structs.replace(result, evidence="")
        _print(CampaignLine(result=msgspec.Raw(msgspec.json.encode(told(bare)))))
        keep(result)
        results.append(result)
    _print(CampaignLine(end=End(counts=Counter(result.verdict.value for result in results))))
    return sorted(results, key=lambda result: result.id)


def _began(case: "Case") -> None:
    _print(CampaignLine(began=case.id, title=case.title))


def _print(line: CampaignLine) -> None:
    sys.stdout.buffer.write(json_line(msgspec.json.encode(line)) + b"\n")
    sys.stdout.buffer.flush()
    if not heard():
        # A campaign that is followed by a program ends with it.
        raise BrokenPipeError
