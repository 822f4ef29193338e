"""Mutants: our station made wrong in one place, and the table of the cases that notice.

A lab is worth what it rejects: every case kills at least one mutant, and every mutant is killed by at least one case,
or says why no case can. `python -m tests.lab.mutation [NAME ...] [--case CASE]` tries mutants on the cases of their
blocks and prints who kills whom; `--every` tries them on all cases, `--write` writes docs/mutants.md (of what was
tried, where mutants or cases are named).
"""

import functools
import inspect
import logging
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import Verdict
from tests.lab.tried import FIRST, RICHER, product, product_of

FOLDER = Path(__file__).parent / "mutants"
PAGE = Path(__file__).parents[2] / "docs" / "mutants.md"
Pairs: TypeAlias = list[tuple[str, str]]
"""Mutant and case."""
NAMED = 5
"""Killed mutants that the page names for a case."""
INTRODUCTION = """# Mutants

Our station, made wrong in one place, and the cases of the official list that notice it: a case *kills* a mutant when
its verdict is FAIL. Every mutant was tried on {tried}, as far as they apply to {product}, and where they do not, to
{richer} or one of the products in `tests/lab/products/`.

Every case kills at least one. The one that the fewest cases kill stands first in the row of a case: it is what the case
is about. `tests/lab/test_mutants.py` runs each case against the first mutant of its row, and each mutant against the
first case of its row.

The mutants are in `tests/lab/mutants/`. Written by `python -m tests.lab.mutation --write`; `--every` tries all of
them on all cases.
"""


class Mutant(msgspec.Struct, frozen=True):
    """A station that is wrong in one place."""

    name: str
    """`status-not-sent`"""
    text: str
    """What it does wrong, in a sentence."""
    mutate: Callable[[], AbstractContextManager[None]]
    blocks: str = ""
    """Letters of the blocks whose cases are tried on it first; empty: all."""
    survives: str = ""
    """Why no case of the official list kills it."""


def _check_stands_for(right: Callable[..., object], wrong: Callable[..., object]) -> None:
    """Raise TypeError unless `wrong` can be called with `right` and its arguments, optional ones or not."""
    parameters = inspect.signature(right).parameters.values()
    named = [one for one in parameters if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
    for takes in (named, [one for one in named if one.default is one.empty]):
        positional = [one for one in takes if one.kind is not one.KEYWORD_ONLY]
        options = dict.fromkeys(one.name for one in takes if one.kind is one.KEYWORD_ONLY)
        try:
            inspect.signature(wrong).bind(right, *positional, **options)
        except TypeError:
            continue
        return
    raise TypeError(
        f"{getattr(wrong, '__name__', wrong)} cannot stand for {right.__qualname__}{inspect.signature(right)}"
    )


@contextmanager
def replaced(owner: object, name: str, wrong: Callable[..., object]) -> Iterator[None]:
    """Replace a function of a class or module while the context lasts.

    Args:
        owner: class or module.
        name: of the function.
        wrong: is called with the original function and then the arguments.

    Raises TypeError where `wrong` does not take what the function takes: such a station would break, not be wrong.
    """
    original: Any = owner.__dict__[name]
    plain = original.__func__ if isinstance(original, staticmethod | classmethod) else original
    _check_stands_for(plain, wrong)

    @functools.wraps(plain)
    def mutated(*arguments: object, **options: object) -> object:
        return wrong(plain, *arguments, **options)

    kind = type(original) if isinstance(original, staticmethod | classmethod) else None
    setattr(owner, name, kind(mutated) if kind is not None else mutated)
    try:
        yield
    finally:
        setattr(owner, name, original)


@contextmanager
def set_to(owner: object, name: str, wrong: object) -> Iterator[None]:
    """Give a constant of a class or module another value while the context lasts."""
    original = owner.__dict__[name]
    setattr(owner, name, wrong)
    try:
        yield
    finally:
        setattr(owner, name, original)


@functools.cache
def mutants() -> dict[str, Mutant]:
    """Return every mutant of `tests/lab/mutants/*.py` by its name."""
    found: dict[str, Mutant] = {}
    for file in sorted(FOLDER.glob("*.py")):
        for mutant in import_module(f"tests.lab.mutants.{file.stem}").MUTANTS:
            if mutant.name in found:
                raise ValueError(f"{mutant.name} is there twice")
            found[mutant.name] = mutant
    return found


def killed(mutant_name: str, case_id: str) -> bool:
    """Say whether a case fails on a mutant: FAIL, not INCONCLUSIVE."""
    logging.getLogger("ohmstead").setLevel(logging.CRITICAL + 1)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL + 1)
    case, mutant = load_cases()[case_id], mutants()[mutant_name]
    name = product_of(case_id)
    assert name is not None, f"{case_id} applies to no product"
    result = run_in_memory(case, product(name), LabConfig(), mutate=mutant.mutate)
    return result.verdict is Verdict.FAIL


def applicable() -> list[str]:
    """Return the cases that are implemented and apply to one of the products."""
    return [identifier for identifier in sorted(load_cases()) if product_of(identifier)]


def concerns(mutant: Mutant, case_id: str) -> bool:
    """Say whether a case belongs to the blocks of a mutant."""
    return not mutant.blocks or case_id[3] in mutant.blocks


def pairs(names: Iterable[str] = (), cases: Iterable[str] = (), *, every: bool = False) -> Pairs:
    """Return (mutant, case) for the mutants and cases that are named, else for all of them.

    Args:
        names: of mutants.
        cases: their ids.
        every: not only those of the blocks of a mutant.
    """
    chosen = list(cases) or applicable()
    wanted = [mutants()[name] for name in (list(names) or mutants())]
    return [(mutant.name, case) for mutant in wanted for case in chosen if every or concerns(mutant, case)]


def kills(work: Pairs) -> Pairs:
    """Return those of the pairs in which the case kills the mutant; runs in parallel."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        names, cases = [name for name, _ in work], [case for _, case in work]
        return [pair for pair, dead in zip(work, pool.map(killed, names, cases, chunksize=16), strict=True) if dead]


def page(work: Pairs, table: Pairs) -> str:
    """Return the page: mutant by mutant who kills it, then case by case."""
    victims, killers = by_case(work, table), by_mutant(work, table)
    everything = len(work) == len(killers) * len(victims)
    tried = "every case" if everything else "every case of the blocks that it is about"
    lines = [INTRODUCTION.format(product=FIRST, richer=RICHER, tried=tried)]
    survivors = [name for name, cases in killers.items() if not cases]
    lines.append(f"{len(killers)} mutants, {len(victims)} cases, {len(table)} kills, {len(survivors)} survivors.\n")
    lines += ["## Mutants", "", "| mutant | what it does wrong | killed by |", "|---|---|---|"]
    for name, cases in killers.items():
        if cases:
            told = f"{len(cases)}: {' '.join(map(_short, cases))}"
            lines.append(f"| `{name}` | {mutants()[name].text} | {told} |")
    lines += [
        "",
        "## Survivors",
        "",
        "Cases of our own notice them: `tests/lab/own_cases.py`.",
        "",
        "| mutant | what it does wrong | why no case notices |",
        "|---|---|---|",
    ]
    lines += [f"| `{name}` | {mutants()[name].text} | {mutants()[name].survives or '?'} |" for name in survivors]
    lines += ["", "## Cases", "", "| case | title | kills |", "|---|---|---|"]
    for case, names in victims.items():
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        told = " ".join(f"`{name}`" for name in names[:NAMED]) + more
        where = "" if product_of(case) == FIRST else f" ({product_of(case)})"
        lines.append(f"| {case} | {load_cases()[case].title}{where} | {told or '**none**'} |")
    return "\n".join(lines) + "\n"


def by_mutant(work: Pairs, table: Pairs) -> dict[str, list[str]]:
    """Return mutant -> cases that kill it."""
    return {name: [case for mutant, case in table if mutant == name] for name in dict.fromkeys(n for n, _ in work)}


def by_case(work: Pairs, table: Pairs) -> dict[str, list[str]]:
    """Return case -> mutants that it kills; the one that the fewest cases kill comes first."""
    counts = Counter(name for name, _ in table)
    killed_by: dict[str, list[str]] = {case: [] for case in sorted({case for _, case in work})}
    for name, case in sorted(table, key=lambda pair: (counts[pair[0]], pair)):
        killed_by[case].append(name)
    return killed_by


class Record(msgspec.Struct, frozen=True):
    """What the page says."""

    victims: dict[str, list[str]]
    """Case -> mutants that it kills, some of them."""
    killers: dict[str, list[str]]
    """Mutant -> cases that kill it."""


@functools.cache
def recorded() -> Record:
    """Read the page."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    cases = re.findall(r"^\| (TC_\w+) \| .* \| (.*) \|$", text, re.MULTILINE)
    rows = re.findall(r"^\| `([^`]+)` \| .* \| \d+: ([\w ]+) \|$", text, re.MULTILINE)
    return Record(
        {case: re.findall(r"`([^`]+)`", named) for case, named in cases},
        {name: [f"TC_{case}_CS" for case in killers.split()] for name, killers in rows},
    )


def _short(case_id: str) -> str:
    return case_id.removeprefix("TC_").removesuffix("_CS")


def main(arguments: list[str]) -> None:
    """Print the table of mutants and killers, the survivors, and the cases that kill none."""
    cases = [arguments[at + 1] for at, word in enumerate(arguments) if word == "--case"]
    names = [word for word in arguments if not word.startswith("--") and word not in cases]
    if strange := [name for name in names if name not in mutants()]:
        sys.exit(f"no mutant of {FOLDER} is called {', '.join(strange)}")
    if strange := [case for case in cases if case not in load_cases() or product_of(case) is None]:
        sys.exit(f"no product of ours has {', '.join(strange)}; an id is TC_G_01_CS")
    work = pairs(names, cases, every="--every" in arguments)
    if not work:
        sys.exit("no case of their blocks applies to a product of ours")
    table = kills(work)
    for name, killers in by_mutant(work, table).items():
        print(f"{name:44} {len(killers):3}  {' '.join(map(_short, killers[:12])) or 'SURVIVES'}")
    if not names:
        idle = [case for case, named in by_case(work, table).items() if not named]
        print(f"cases that kill none: {' '.join(idle) or 'none'}")
    if "--write" in arguments:
        if names or cases:
            work, table = _beside_the_page(work, table)
        PAGE.write_text(page(work, table), encoding="utf-8")


def _beside_the_page(work: Pairs, table: Pairs) -> tuple[Pairs, Pairs]:
    """Return what the page says with what was tried now in its place."""
    now = set(work)
    before = [(name, case) for name, killers in recorded().killers.items() for case in killers]
    kept = [(name, case) for name, case in before if name in mutants() and (name, case) not in now]
    every = pairs()
    order = {pair: number for number, pair in enumerate(every)}
    return every, sorted([*kept, *table], key=lambda pair: order.get(pair, len(order)))


if __name__ == "__main__":
    main(sys.argv[1:])
