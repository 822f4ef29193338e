"""The page of what no test notices, and why it may."""

import csv
from collections import Counter
from collections.abc import Iterable

from tools.mutation.operators import Mutant
from tools.mutation.source import ROOT
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


def reasons() -> dict[str, str]:
    """Return why a mutant may live, by its key."""
    if not REASONS.exists():
        return {}
    with REASONS.open(encoding="utf-8", newline="") as file:
        return {row["mutant"]: row["reason"] for row in csv.DictReader(file, delimiter="\t")}


def say(mutants: Iterable[Mutant], results: dict[str, Result]) -> int:
    """Print what lives, and the share of what does not; 1 if one lives without a reason."""
    why = reasons()
    tried = [one for one in mutants if one.key in results and results[one.key].outcome != "broken"]
    lives = [one for one in tried if results[one.key].outcome not in NOTICED]
    for one in lives:
        print(f"{one.path}:{one.line}: {one.function}: {one.before}  ->  {one.after}  ({_why(one, results, why)})")
    print(f"{len(tried) - len(lives)} of {len(tried)} noticed ({_share(len(tried) - len(lives), len(tried))})")
    return 1 if any(one.key not in why for one in lives) else 0


def page(mutants: list[Mutant], results: dict[str, Result]) -> str:
    """Return the page."""
    why = reasons()
    tried = [one for one in mutants if one.key in results and results[one.key].outcome != "broken"]
    all_of, noticed = Counter(one.path for one in mutants), Counter[str]()
    done = Counter(one.path for one in tried)
    noticed.update(one.path for one in tried if results[one.key].outcome in NOTICED)
    total = sum(noticed.values())
    lines = [
        f"{len(mutants)} mutants, {len(tried)} tried, {total} noticed ({_share(total, len(tried))}).",
        "",
        "| module | mutants | tried | noticed |",
        "|---|---|---|---|",
        *(f"| `{path}` | {all_of[path]} | {done[path]} | {_share(noticed[path], done[path])} |" for path in all_of),
        "",
        "## What lives",
        "",
        "| where | change | why |",
        "|---|---|---|",
        *(
            f"| `{one.path}:{one.line}` `{one.function}` | `{_cell(one.before)}` → `{_cell(one.after)}` "
            f"| {_why(one, results, why)} |"
            for one in tried
            if results[one.key].outcome not in NOTICED
        ),
        "",
    ]
    return _HEAD + "\n".join(lines)


def _why(mutant: Mutant, results: dict[str, Result], why: dict[str, str]) -> str:
    no_test = "no test runs it" if results[mutant.key].outcome == "unreached" else "no reason given yet"
    return why.get(mutant.key, no_test)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("`", "'")
