"""A campaign on the wire: as many stations at a time as cores and memory allow, the longest case first."""

import asyncio
import functools
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib import resources
from pathlib import Path

import msgspec

from ohmstead.edge.file_servers import can_serve
from ohmstead.edge.private_files import temporary_folder
from ohmstead.lab.cases.case import Case
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.persistent import afterwards
from ohmstead.lab.cases.runner import run_case
from ohmstead.lab.evidence.tape import INTERRUPTED, after
from ohmstead.lab.rigs.file_protocol import file_protocol
from ohmstead.lab.rigs.lateness import Lateness
from ohmstead.lab.rigs.station_process import StationStarter, usual_starter
from ohmstead.lab.rigs.wire import WireRig
from ohmstead.lab.verdict import Result
from ohmstead.product.profile import Product

STATIONS_A_CORE = 8
"""A case takes 0.9 s of CPU and waits for 11 s on average."""
STATION_BYTES = 120_000_000
"""Memory that a station may take, with what the lab holds for its case."""
USUAL_SECONDS = 12.0
"""Of a case that the table does not have."""
LATE = WireRig.tolerance / 2
"""Seconds by which the machine may be late; what fails while it is later is tried again."""
TRIES = 3
"""Of a case that fails on a machine that is late: with the others, then twice with nothing beside it."""

Begun = Callable[[Case], None]
Tried = tuple[Result, float]
"""A result, and by how many seconds the machine was late meanwhile."""


def stations_at_a_time() -> int:
    """Return how many stations this machine can run beside each other and still answer in time."""
    by_cores = STATIONS_A_CORE * (os.cpu_count() or 1)
    with suppress(OSError, ValueError, AttributeError):
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        return max(1, min(by_cores, free // STATION_BYTES))
    return by_cores


@functools.cache
def seconds_of_cases() -> Mapping[str, float]:
    """Return how long cases take, by their ids, in virtual time and so without what a machine adds to it."""
    text = resources.files("ohmstead.lab").joinpath("data", "seconds.tsv").read_text("utf-8")
    lines = (line.split("\t") for line in text.splitlines()[1:])
    return {identifier: float(seconds) for identifier, seconds in lines}


def longest_first(cases: Sequence[Case]) -> list[Case]:
    """Return cases in the order in which they are begun: what is left at the end should be short."""
    return sorted(cases, key=lambda case: -seconds_of_cases().get(case.id, USUAL_SECONDS))


async def judged_in_time(run: Callable[[bool], Awaitable[Tried]]) -> Result:
    """Run a case until it is good, or the machine had time for it; INCONCLUSIVE where it never had.

    Args:
        run: runs it once; told whether nothing may run beside it.
    """
    result, late = await run(False)
    for _ in range(1, TRIES):
        if result.good or late <= LATE:
            return result
        result, late = await run(True)
    if result.good or late <= LATE:
        return result
    reason = f"the machine was too slow to judge: {late:.1f} s late; {result.reason}"
    return afterwards(result, [after(INTERRUPTED, value=reason)])


def run_on_the_wire(
    cases: Sequence[Case],
    product: Product,
    config: LabConfig,
    *,
    parallel: int | None = None,
    extensions: bool = False,
    record: bool = False,
    key: str | None = None,
    begun: Begun = lambda _case: None,
) -> Iterator[Result]:
    """Run cases, many at a time, and yield results as they come.

    Args:
        cases: to run.
        product: what the station is.
        config: of the lab.
        parallel: stations at a time; None: what the machine can run.
        extensions: whether the stations load what vendors' packages add; a certificate says nothing of it.
        record: keep the evidence in the results.
        key: of the digests in it, see `run_case`.
        begun: told each case as it begins.
    """
    how = _How(product=product, config=config, extensions=extensions, record=record, key=key)
    with asyncio.Runner() as runner:
        campaign = runner.run(_begin(how, parallel or stations_at_a_time(), begun))
        loop = runner.get_loop()
        numbered = [(case, 1000 + number) for number, case in enumerate(cases)]
        seeds = {case.id: seed for case, seed in numbered}
        waiting = {loop.create_task(campaign.run(case, seeds[case.id])) for case in longest_first(cases)}
        try:
            while waiting:
                done, waiting = runner.run(_first(waiting))
                for task in done:
                    yield task.result()
        finally:
            for task in waiting:
                task.cancel()
            runner.run(campaign.close(waiting))


class _How(msgspec.Struct, frozen=True, kw_only=True):
    """How every case of a campaign is run."""

    product: Product
    config: LabConfig
    extensions: bool
    record: bool
    key: str | None


class _WireCampaign:
    """Runs each case in a place of its own; what fails on a machine that is late, again with nothing beside it."""

    def __init__(self, how: _How, starter: StationStarter, places: int, begun: Begun) -> None:
        self._how = how
        self._starter = starter
        self._begun = begun
        self._places = asyncio.Semaphore(places)
        self._number = places
        self._alone = asyncio.Lock()
        self._lateness = Lateness()

    async def run(self, case: Case, seed: int) -> Result:
        """Run a case when there is a place."""

        async def one(alone: bool) -> Tried:
            if alone:
                return await self._with_nothing_beside(case, seed)
            async with self._places:
                self._begun(case)
                return await self._once(case, seed)

        return await judged_in_time(one)

    async def _with_nothing_beside(self, case: Case, seed: int) -> Tried:
        async with self._alone:
            held = 0
            try:
                for _ in range(self._number):
                    await self._places.acquire()
                    held += 1
                return await self._once(case, seed)
            finally:
                for _ in range(held):
                    self._places.release()

    async def _once(self, case: Case, seed: int) -> Tried:
        """Run a case; return the result and how late the machine was meanwhile."""
        how, began = self._how, asyncio.get_running_loop().time()
        protocol = file_protocol(how.product, how.config, case.id, can_serve)
        with temporary_folder("lab") as folder:
            rig = WireRig(how.product, Path(folder), seed, self._starter, protocol=protocol, extensions=how.extensions)
            try:
                result = await run_case(case, rig, how.product, how.config, record=how.record, key=how.key)
                return result, max(self._lateness.worst(began), rig.waited())
            finally:
                await rig.close()

    async def close(self, running: set[asyncio.Task[Result]]) -> None:
        """End everything, cases that have been told to end too."""
        await asyncio.gather(*running, return_exceptions=True)
        self._lateness.close()
        await self._starter.close()


async def _begin(how: _How, places: int, begun: Begun) -> _WireCampaign:
    return _WireCampaign(how, usual_starter(), places, begun)


async def _first(
    waiting: set[asyncio.Task[Result]],
) -> tuple[set[asyncio.Task[Result]], set[asyncio.Task[Result]]]:
    return await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
