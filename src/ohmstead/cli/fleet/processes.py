"""Runs a fleet as local processes: the shards, and the embedded CSMS where it is asked for."""

import asyncio
import contextlib
import os
import secrets
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from ohmstead.cli.fleet.lines import LONGEST, EmbeddedLine, EmbeddedOrder, ShardLine, ShardOrder
from ohmstead.fleet.plan import EMBEDDED, FleetPlan, card_of, stations
from ohmstead.fleet.report import FleetReport, build
from ohmstead.fleet.station import FleetAccess
from ohmstead.fleet.tally import ShardTally, total
from ohmstead.product.load import load
from ohmstead.product.token_types import local_start_types

STATIONS_A_SHARD = 250
STOP_WITHIN = 1.0
"""Seconds in which a shard says its last word, once it was asked to end."""
END_WITHIN = 5.0
"""Seconds in which a process closes its connections and removes its folder; then it is killed."""
START_WITHIN = 120.0
"""Seconds until the embedded CSMS listens: it hashes a password for each station."""


class FleetBroken(Exception):
    """A process of the fleet does not do its work; the text says which."""


def shards_of(plan: FleetPlan) -> int:
    """Return how many processes run the stations."""
    count = sum(group.count for group in plan.group)
    wanted = plan.shards or max(len(os.sched_getaffinity(0)), -(-count // STATIONS_A_SHARD))
    return min(wanted, count)


class FleetRun:
    """One run of a plan.

    Attributes:
        seconds: since the shards were started.
    """

    def __init__(self, plan: FleetPlan, access: FleetAccess, show: Callable[["FleetRun"], None]) -> None:
        """Prepare it; `show` is called whenever there is something new to see."""
        self.plan = plan
        self._access = access
        self._show = show
        self._stop = asyncio.Event()
        self._tallies: dict[int, ShardTally] = {}
        self._done: set[int] = set()
        self._shards = shards_of(plan)
        self._loop = asyncio.get_running_loop()
        self._began_at = self._loop.time()
        self._began = datetime.now(UTC)
        self._troubles: list[str] = []

    def stop(self) -> None:
        """End it before its time, with a report of what was."""
        self._loop.call_soon_threadsafe(self._stop.set)

    @property
    def tally(self) -> ShardTally:
        """What all shards have counted so far."""
        whole = total(self._tallies.values())
        return msgspec.structs.replace(whole, stations=sum(group.count for group in self.plan.group))

    @property
    def seconds(self) -> float:
        """Since the begin."""
        return self._loop.time() - self._began_at

    async def run(self) -> FleetReport:
        """Run it and return the report. Raises FleetBroken where the embedded CSMS does not start."""
        async with contextlib.AsyncExitStack() as ending:
            access = self._access
            if access.url == EMBEDDED:
                access = await self._embedded(ending)
            self._began_at, self._began = self._loop.time(), datetime.now(UTC)
            if not self._stop.is_set():
                await self._run_shards(access, ending)
            seconds = self.seconds
        return build(
            self.plan,
            self.tally,
            began=self._began,
            seconds=seconds,
            interrupted=self._stop.is_set(),
            troubles=self._troubles,
        )

    async def _embedded(self, ending: contextlib.AsyncExitStack) -> FleetAccess:
        """Start the embedded CSMS, which knows everybody, and return how it is reached."""
        fleet = list(stations(self.plan))
        products = {group.product: load(group.product) for group in self.plan.group}
        passwords = {one.identity: secrets.token_urlsafe(24) for one in fleet}
        cards: dict[tuple[str, str], None] = {}
        for one in fleet:
            product = products[one.group.product]
            kind = local_start_types(product)[0]
            for evse in product.evses:
                cards[card_of(one.group, one.number, evse.id, len(product.evses)), kind] = None
        tls = self._access.security_profile == 2
        child = await _start("embedded", EmbeddedOrder(passwords=passwords, cards=tuple(cards), tls=tls), ending)
        assert child.stdout is not None
        try:
            async with asyncio.timeout(START_WITHIN):
                told = msgspec.json.decode(await child.stdout.readline(), type=EmbeddedLine)
        except (TimeoutError, msgspec.DecodeError):
            raise FleetBroken("the embedded CSMS does not start") from None
        roots = (told.root,) if told.root else ()
        profile = self._access.security_profile
        return FleetAccess(url=told.url, security_profile=profile, roots=roots, passwords=passwords)

    async def _run_shards(self, access: FleetAccess, ending: contextlib.AsyncExitStack) -> None:
        children = [
            await _start("child", ShardOrder(plan=self.plan, access=access, number=number, of=self._shards), ending)
            for number in range(self._shards)
        ]
        following = [asyncio.create_task(self._follow(number, child)) for number, child in enumerate(children)]
        stopped = asyncio.create_task(self._stop.wait())
        everything = asyncio.gather(*following)
        await asyncio.wait((everything, stopped), return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not everything.done():
            for child in children:
                _say(child, b"stop\n")
            await asyncio.wait((everything,), timeout=STOP_WITHIN)
        everything.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await everything

    async def _follow(self, number: int, child: Process) -> None:
        """Take in what a shard says, until its last line."""
        assert child.stdout is not None
        while line := await child.stdout.readline():
            told = msgspec.json.decode(line, type=ShardLine)
            self._tallies[number] = told.tally
            self._show(self)
            if told.done:
                return
        self._troubles.append(f"shard {number + 1} of {self._shards} ended before its time")


async def _start(name: str, order: msgspec.Struct, ending: contextlib.AsyncExitStack) -> Process:
    """Start a process of this package with an order; it ends with the run."""
    # A session of its own: Ctrl-C in the terminal is for the parent, who tells its children.
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", f"ohmstead.cli.fleet.{name}"),
        stdin=PIPE,
        stdout=PIPE,
        stderr=None,
        limit=LONGEST,
        start_new_session=True,
    )
    ending.push_async_callback(_end, child)
    _say(child, msgspec.json.encode(order) + b"\n")
    return child


def _say(child: Process, line: bytes) -> None:
    assert child.stdin is not None
    with contextlib.suppress(OSError, RuntimeError):
        child.stdin.write(line)


async def _end(child: Process) -> None:
    """Let a process end, which closes what it has open and removes its folder; one that does not is killed."""
    assert child.stdin is not None
    child.stdin.close()
    try:
        async with asyncio.timeout(END_WITHIN):
            await child.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
