"""Runs a campaign: many cases, in parallel over processes in memory, one after the other on the wire."""

import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import msgspec

from ohmstead.lab.case import Case, load_cases
from ohmstead.lab.config import load as load_config
from ohmstead.lab.runner import not_applicable
from ohmstead.lab.verdict import Result
from ohmstead.product.load import load

CHUNK = 4
"""Cases that a worker takes at a time: few enough that both are busy to the end."""


class UnknownCase(Exception):
    """A case that nobody has written."""


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """What to run on what."""

    product: str
    bench: str = "memory"
    config: Path | None = None
    cases: tuple[str, ...]
    record: bool = False
    """Keep the evidence in the results."""


def chosen_cases(names: list[str], block: str | None) -> tuple[str, ...]:
    """Return ids of implemented cases: those named (`G_01` and `TC_G_01_CS` are the same), or all of a block.

    Raises UnknownCase.
    """
    implemented = load_cases()
    wanted = [name if name.startswith("TC_") else f"TC_{name.upper()}_CS" for name in names]
    unknown = [name for name in wanted if name not in implemented]
    if unknown:
        raise UnknownCase(f"not implemented: {', '.join(unknown)}; `ohmstead lab list` shows what is")
    return tuple(
        identifier for identifier in (wanted or sorted(implemented)) if block is None or identifier[3] == block.upper()
    )


def run_campaign(campaign: Campaign, line: Callable[[Result], str | None]) -> list[Result]:
    """Run every case with a progress bar; `line` says what to print of a result. Returns results in order of ids."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(highlight=False, soft_wrap=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    results = []
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("lab", total=len(campaign.cases))
        for result in _results(campaign):
            results.append(result)
            progress.update(bar, advance=1, description=result.id)
            text = line(result)
            if text is not None:
                console.print(text)
    return sorted(results, key=lambda result: result.id)


def _results(campaign: Campaign) -> Iterator[Result]:
    product = load(campaign.product)
    todo = []
    for identifier in campaign.cases:
        skipped = not_applicable(load_cases()[identifier], product)
        if skipped is not None:
            yield skipped
        else:
            todo.append(identifier)
    if campaign.bench == "wire":
        yield from _on_the_wire(campaign, todo)
        return
    load_config(campaign.config)
    workers = min(os.cpu_count() or 1, 1 + len(todo) // 8)
    if workers == 1:
        for identifier in todo:
            yield msgspec.json.decode(_run_one(campaign, identifier), type=Result)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        arguments = [campaign] * len(todo)
        for encoded in pool.map(_run_one, arguments, todo, chunksize=CHUNK):
            yield msgspec.json.decode(encoded, type=Result)


def _run_one(campaign: Campaign, identifier: str) -> bytes:
    """Run one case in memory and return its result as a JSON line (decided case 25)."""
    from ohmstead.cli.lab_bench_memory import run_in_memory

    logging.getLogger("ohmstead").setLevel(logging.CRITICAL)
    case = load_cases()[identifier]
    result = run_in_memory(case, load(campaign.product), load_config(campaign.config), record=campaign.record)
    return msgspec.json.encode(result)


def _on_the_wire(campaign: Campaign, todo: list[str]) -> Iterator[Result]:
    from ohmstead.cli.lab_bench_wire import run_on_the_wire

    cases: list[Case] = sorted((load_cases()[identifier] for identifier in todo), key=lambda case: case.last)
    product, config = load(campaign.product), load_config(campaign.config)
    yield from run_on_the_wire(cases, product, campaign.product, config, record=campaign.record)
