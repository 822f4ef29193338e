"""The page of what no test notices, and why it may."""

import csv
import re
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tools.mutation.operators import Mutant
from tools.mutation.source import ROOT, drawn
from tools.mutation.trying import Result

PAGE = ROOT / "docs" / "mutation.md"
REASONS = ROOT / "tools" / "mutation" / "reasons.tsv"
NOTICED = ("killed", "timeout")
_HEAD = """# Mutants

Written by `make mutation`: small changes to what decides in `model/` and `blocks/` (another comparison, another
constant, the opposite condition, a statement less), one at a time. A test that runs the changed function has to fail;
the official cases run among the tests. `python -m tools.mutation --help` says how a part is run again. The wrong
stations that the cases are tried on are in [mutants.md](mutants.md).

"""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a mutant may live."""

    change: str
    """`before -> after`, as the mutant had it when the reason was written."""
    why: str


def reasons() -> dict[str, Reason]:
    """Return why mutants may live, by their keys."""
    with REASONS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["mutant"]: Reason(row["change"], row["reason"]) for row in rows}


def commit() -> str:
    """Return the commit that the page was written at; HEAD where it names none."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    found = re.search(r"At commit ([0-9a-f]+)", text)
    return found[1] if found else "HEAD"


def say(mutants: Iterable[Mutant], results: dict[str, Result], least: float = 100.0) -> int:
    """Print what lives, and the share of what does not.

    Return 1 if more than the rest to `least` percent of them live without a reason.
    """
    why, mutants = reasons(), list(mutants)
    tried = [one for one in mutants if one.key in results and results[one.key].outcome != "broken"]
    lives = [one for one in tried if results[one.key].outcome not in NOTICED]
    for one in lives:
        print(f"{one.path}:{one.line}: {one.function}: {one.before}  ->  {one.after}  ({_why(one, results, why)})")
    print(f"{len(tried) - len(lives)} of {len(tried)} noticed ({_share(len(tried) - len(lives), len(tried))})")
    unexplained = sum(1 for one in lives if one.key not in why)
    return 1 if unexplained > (100 - least) / 100 * len(mutants) else 0


def page(mutants: list[Mutant], results: dict[str, Result], seed: str, number: int | None) -> str:
    """Return the page of all mutants, or of a number drawn by a seed."""
    why = reasons()
    asked = mutants if number is None else drawn(mutants, number, seed)
    tried = [one for one in asked if one.key in results and results[one.key].outcome != "broken"]
    lives = [one for one in tried if results[one.key].outcome not in NOTICED]
    undecided = sum(1 for one in lives if results[one.key].outcome == "unfinished" and one.key not in why)
    explained = sum(1 for one in lives if one.key in why)
    noticed, count = len(tried) - len(lives), len(tried) - explained
    all_of, done = Counter(one.path for one in mutants), Counter(one.path for one in tried)
    noticed_of = done - Counter(one.path for one in lives)
    head = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    which = "all of them" if number is None else f"{len(asked)} drawn by the seed `{seed}`"
    lines = [
        f"At commit {head.stdout.strip()}: {len(mutants)} mutants, {which} asked for, {len(tried)} tried.",
        "",
        f"**{noticed} noticed, {_share(noticed, len(tried))} of what was tried; {_share(noticed, count)} of the "
        f"{count} that count.** Of the {len(lives)} that live, {explained} make no difference that anybody could see, "
        f"and do not count. Of {undecided} not every test was run within the time that a mutant has: they count as not "
        "noticed.",
        "",
        "| module | mutants | tried | noticed |",
        "|---|---|---|---|",
        *(f"| `{path}` | {all_of[path]} | {done[path]} | {_share(noticed_of[path], done[path])} |" for path in all_of),
        "",
        "## What lives",
        "",
        "| where | change | why |",
        "|---|---|---|",
        *(
            f"| `{one.path}:{one.line}` `{one.function}` | `{_cell(one.before)}` → `{_cell(one.after)}` "
            f"| {_why(one, results, why)} |"
            for one in lives
        ),
        "",
    ]
    return _HEAD + "\n".join(lines)


def _why(mutant: Mutant, results: dict[str, Result], why: dict[str, Reason]) -> str:
    if mutant.key in why:
        return why[mutant.key].why
    unexplained = {"unreached": "no test runs it", "unfinished": "not all its tests were run"}
    return unexplained.get(results[mutant.key].outcome, "no reason given yet")


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("`", "'")
