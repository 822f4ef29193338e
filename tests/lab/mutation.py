"""Mutants: our station made wrong in one place, and the table of the cases that notice.

A lab is worth what it rejects: every case kills at least one mutant, and every mutant is killed by at least one case.
`python -m tests.lab.mutation [NAME ...] [--case CASE]` prints who kills whom, `--write` writes docs/mutants.md as well.
"""

import functools
import logging
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec

from ohmstead.cli.lab_bench_memory import run_in_memory
from ohmstead.lab.case import load_cases
from ohmstead.lab.config import LabConfig
from ohmstead.lab.selection import select
from ohmstead.lab.verdict import Verdict
from ohmstead.product.load import load

PRODUCT = "sec1000-240y"
FOLDER = Path(__file__).parent / "mutants"
PAGE = Path(__file__).parents[2] / "docs" / "mutants.md"
INTRODUCTION = """# Mutants

Stations that are wrong in one place, and the cases that notice. Every case kills at least one mutant, every mutant is
killed by at least one case; `tests/lab/test_mutants.py` holds that true.
Written by `python -m tests.lab.mutation --write`.
"""


class Mutant(msgspec.Struct, frozen=True):
    """A station that is wrong in one place."""

    name: str
    """`status-not-sent`"""
    text: str
    """What it does wrong, in a sentence."""
    mutate: Callable[[], AbstractContextManager[None]]
    blocks: str = ""
    """Letters of the blocks whose cases are tried on it; empty: all."""


@contextmanager
def replaced(owner: object, name: str, wrong: Callable[..., object]) -> Iterator[None]:
    """Replace a function of a class or module while the context lasts.

    Args:
        owner: class or module.
        name: of the function.
        wrong: is called with the original function and then the arguments.
    """
    original: Any = owner.__dict__[name]
    plain = original.__func__ if isinstance(original, staticmethod | classmethod) else original

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
    result = run_in_memory(case, load(PRODUCT), LabConfig(), mutate=mutant.mutate)
    return result.verdict is Verdict.FAIL


def pairs(names: Iterable[str] = (), cases: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return (mutant, case) for every case that applies and belongs to the mutant's blocks."""
    product = load(PRODUCT)
    chosen = [identifier for identifier in sorted(load_cases()) if select(identifier, product).applies]
    return [
        (name, identifier)
        for name in (list(names) or mutants())
        for identifier in (list(cases) or chosen)
        if not mutants()[name].blocks or identifier[3] in mutants()[name].blocks
    ]


def kills(work: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return those of the pairs in which the case kills the mutant; runs in parallel."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        names, cases = [name for name, _ in work], [case for _, case in work]
        return [pair for pair, dead in zip(work, pool.map(killed, names, cases, chunksize=16), strict=True) if dead]


def page(work: list[tuple[str, str]], table: list[tuple[str, str]]) -> str:
    """Return the page: mutant by mutant who kills it, then case by case."""
    lines = [INTRODUCTION, "| mutant | what it does wrong | killed by |", "|---|---|---|"]
    for name in dict.fromkeys(name for name, _ in work):
        killers = [_short(case) for mutant, case in table if mutant == name]
        lines.append(f"| `{name}` | {mutants()[name].text} | {len(killers)}: {' '.join(killers) or '**survives**'} |")
    lines += ["", "| case | mutants that it kills |", "|---|---|"]
    for identifier in sorted({case for _, case in work}):
        dead = [f"`{mutant}`" for mutant, case in table if case == identifier]
        lines.append(f"| {identifier} | {' '.join(dead) or '**none**'} |")
    return "\n".join(lines) + "\n"


def recorded() -> dict[str, list[str]]:
    """Return case -> mutants that it killed when the page was written."""
    if not PAGE.exists():
        return {}
    rows = re.findall(r"^\| (TC_\w+) \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {identifier: re.findall(r"`([^`]+)`", dead) for identifier, dead in rows}


def _short(case_id: str) -> str:
    return case_id.removeprefix("TC_").removesuffix("_CS")


def main(arguments: list[str]) -> None:
    """Print the table of mutants and killers, the survivors, and the cases that kill none."""
    cases = [arguments[at + 1] for at, word in enumerate(arguments) if word == "--case"]
    names = [word for word in arguments if not word.startswith("--") and word not in cases]
    work = pairs(names, cases)
    table = kills(work)
    for name in dict.fromkeys(name for name, _ in work):
        killers = [_short(case) for mutant, case in table if mutant == name]
        print(f"{name:36} {len(killers):3}  {' '.join(killers[:12]) or 'SURVIVES'}")
    if not names:
        idle = sorted({case for _, case in work} - {case for _, case in table})
        print(f"cases that kill none: {' '.join(idle) or 'none'}")
    if "--write" in arguments:
        PAGE.write_text(page(work, table), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
