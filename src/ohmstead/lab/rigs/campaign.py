"""A campaign on our own station: many cases, in parallel over processes in memory, several at a time on the wire."""

import logging
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from signal import SIG_BLOCK, SIG_SETMASK, SIGINT, pthread_sigmask

import msgspec

from ohmstead.lab.cases.case import Case, load_cases
from ohmstead.lab.cases.config import load as load_config
from ohmstead.lab.cases.runner import not_applicable
from ohmstead.lab.selection import UnknownCase, check_block
from ohmstead.lab.verdict import Result
from ohmstead.product.profile import Product
from ohmstead.product.suggestion import meant

_SHORT = re.compile(r"(?:TC_)?([A-Z])_?(\d{1,3})(?:_CS)?")
Begun = Callable[[Case], None]
"""Told each case as it begins."""


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """What to run on what."""

    product: Product
    rig: str = "memory"
    config: Path | None = None
    cases: tuple[str, ...]
    extensions: bool = False
    """On the wire: the stations load what vendors' packages add."""
    record: bool = False
    """Keep the evidence in the results."""
    key: str | None = None
    """Of the digests that stand for passwords in the evidence; None: a new one a case; empty: passwords are kept."""


def chosen_cases(names: list[str], block: str | None) -> tuple[str, ...]:
    """Return ids of implemented cases: those named (`G_01` and `TC_G_01_CS` are the same), or all of some blocks.

    Args:
        names: of cases; none: all.
        block: letters of blocks, `g` or `BG`; None: all.

    Raises:
        UnknownCase: nobody has written it, or no case is left.
    """
    implemented = load_cases()
    wanted = list(map(_id_of, names))
    unknown = [name for name in wanted if name not in implemented]
    if unknown:
        near = meant(unknown[0], implemented)
        raise UnknownCase(f"not implemented: {', '.join(unknown)}{near or ';'} `ohmstead lab list` shows what is")
    if block is not None:
        check_block(block)
    chosen = tuple(one for one in (wanted or sorted(implemented)) if block is None or one[3] in block.upper())
    if not chosen:
        raise UnknownCase(f"no case is of block {block}; `ohmstead lab list` shows what is")
    return chosen


def _id_of(name: str) -> str:
    """Return the id that a short form stands for (`G_01`, `g1`, `tc_g_01_cs`), else the name itself."""
    found = _SHORT.fullmatch(name.upper())
    return f"TC_{found[1]}_{int(found[2]):02}_CS" if found else name


def applicable(campaign: Campaign) -> tuple[list[Case], list[Result]]:
    """Return the cases that are to be run, and the results of those that do not apply."""
    todo, skipped = [], []
    for identifier in campaign.cases:
        case = load_cases()[identifier]
        result = not_applicable(case, campaign.product)
        if result is None:
            todo.append(case)
        else:
            skipped.append(result)
    return todo, skipped


def results_of(campaign: Campaign, begun: Begun = lambda _case: None) -> Iterator[Result]:
    """Run a campaign and yield each result as it comes, those of cases that do not apply first."""
    todo, skipped = applicable(campaign)
    yield from skipped
    if campaign.rig == "wire":
        yield from _on_the_wire(campaign, todo, begun)
        return
    load_config(campaign.config)
    workers = min(os.cpu_count() or 1, 1 + len(todo) // 8)
    if workers == 1:
        for case in todo:
            begun(case)
            yield msgspec.json.decode(_run_one(campaign, case.id), type=Result)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from _in_parallel(pool, workers, campaign, todo, begun)


@contextmanager
def _deaf_to_the_terminal() -> Iterator[None]:
    """Let processes that are started meanwhile not hear Ctrl-C: a terminal sends it to them too, and they end with us.

    What this thread blocks is blocked in them too.
    """
    before = pthread_sigmask(SIG_BLOCK, (SIGINT,))
    try:
        yield
    finally:
        pthread_sigmask(SIG_SETMASK, before)


def _in_parallel(
    pool: ProcessPoolExecutor, workers: int, campaign: Campaign, todo: list[Case], begun: Begun
) -> Iterator[Result]:
    """Give each worker one case at a time, so that it is known which ones run."""
    ahead = iter(todo)
    running: set[Future[bytes]] = set()
    while True:
        for case in islice(ahead, workers - len(running)):
            with _deaf_to_the_terminal():
                running.add(pool.submit(_run_one, campaign, case.id))
            begun(case)
        if not running:
            return
        done, running = wait(running, return_when=FIRST_COMPLETED)
        for one in done:
            yield msgspec.json.decode(one.result(), type=Result)


def _run_one(campaign: Campaign, identifier: str) -> bytes:
    """Run one case in memory and return its result as a JSON line (decided case 25)."""
    from ohmstead.lab.rigs.memory import run_in_memory

    logging.getLogger("ohmstead").setLevel(logging.CRITICAL)
    case = load_cases()[identifier]
    result = run_in_memory(
        case, campaign.product, load_config(campaign.config), record=campaign.record, key=campaign.key
    )
    return msgspec.json.encode(result)


def _on_the_wire(campaign: Campaign, todo: list[Case], begun: Begun) -> Iterator[Result]:
    from ohmstead.lab.rigs.wire_campaign import run_on_the_wire

    cases = sorted(todo, key=lambda case: case.last)
    config = load_config(campaign.config)
    yield from run_on_the_wire(
        cases,
        campaign.product,
        config,
        extensions=campaign.extensions,
        record=campaign.record,
        key=campaign.key,
        begun=begun,
    )
