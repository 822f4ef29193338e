"""Campaigns beside a running station: a child process is followed line by line, and its results are kept."""

import asyncio
import os
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from typing import BinaryIO

import msgspec

from ohmstead.cli.lab.lines import CampaignHead, CampaignLine
from ohmstead.cli.run.campaign_child import Child, LineUnreadable
from ohmstead.ports.campaign import (
    CampaignOrder,
    CampaignRefused,
    CampaignState,
    CampaignView,
    CaseRow,
    CaseView,
    NoResult,
    RunningCase,
    UnknownCases,
)
from ohmstead.ports.clock import Clock

LONGEST_REASON = 300
"""Characters of a reason in the list; the result has all of it."""
STOP_WITHIN = 5.0
"""Seconds in which the child ends what it started; then its whole group is killed."""
CLOSE_WITHIN = 1.0
"""The same where the program itself ends."""
WRONG_USE = 2


class Tally:
    """What is known of one campaign; results with their wire logs are kept in a file without a name.

    Attributes:
        head: what is run.
        state: how it stands.
        complete: it came to its own end.
        error: why it broke.
    """

    def __init__(self, number: int, head: CampaignHead, began: datetime) -> None:
        self.state: CampaignState = "running"
        self.complete = False
        self.error = ""
        self._number = number
        self.head = head
        self._began = began
        self._ended: datetime | None = None
        self._loop = asyncio.get_running_loop()
        self._started_at = self._loop.time()
        self._seconds: float | None = None
        self._running: dict[str, RunningCase] = {}
        self._rows: list[CaseRow] = []
        self._counts: Counter[str] = Counter()
        self._places: dict[str, tuple[int, int]] = {}
        self._file: BinaryIO = tempfile.TemporaryFile(prefix="ohmstead-campaign-")  # noqa: SIM115 - `close` closes it

    def add(self, line: CampaignLine) -> None:
        """Take in what the child says."""
        if line.began is not None:
            self._running[line.began] = RunningCase(id=line.began, title=line.title)
        elif line.end is not None:
            self.complete = True
        elif line.result:
            row = msgspec.json.decode(line.result, type=CaseRow)
            self._keep(row.id, bytes(line.result))
            if len(row.reason) > LONGEST_REASON:
                row = msgspec.structs.replace(row, reason=row.reason[:LONGEST_REASON] + "…")
            self._running.pop(row.id, None)
            self._counts[row.verdict] += 1
            self._rows.append(row)

    def _keep(self, case_id: str, result: bytes) -> None:
        self._places[case_id] = self._file.seek(0, os.SEEK_END), len(result)
        self._file.write(result)

    def end(self, state: CampaignState, error: str, ended: datetime) -> None:
        """Note that it is over."""
        self.state, self.error, self._ended = state, error, ended
        self._seconds = self._elapsed()
        self._running.clear()

    def _elapsed(self) -> float:
        return round(self._loop.time() - self._started_at, 3)

    def result(self, case_id: str) -> CaseView:
        """Return a result. Raises NoResult."""
        if case_id not in self._places:
            raise NoResult(f"{case_id} has no result in this campaign")
        start, length = self._places[case_id]
        self._file.seek(start)
        return msgspec.json.decode(self._file.read(length), type=CaseView)

    def view(self, version: int) -> CampaignView:
        """Return how it stands."""
        return CampaignView(
            version=version,
            number=self._number,
            state=self.state,
            product=self.head.product,
            bench=self.head.bench,
            began=self._began,
            ended=self._ended,
            seconds=self._elapsed() if self._seconds is None else self._seconds,
            total=self.head.total,
            applicable=len(self.head.cases),
            counts=dict(self._counts),
            running=tuple(self._running.values()),
            cases=tuple(self._rows),
            error=self.error,
        )

    def close(self) -> None:
        """Forget the results."""
        self._file.close()


class ChildCampaigns:
    """Runs campaigns in child processes (`ports.campaign.Campaigns`)."""

    def __init__(self, product: tuple[str, ...], clock: Clock) -> None:
        """Make it; nothing is started.

        Args:
            product: arguments that name the product that the stations under test are.
            clock: tells when a campaign began and ended.
        """
        self._product = product
        self._clock = clock
        self._version = 1
        self._changed = asyncio.Event()
        self._number = 0
        self._tally: Tally | None = None
        self._child: Child | None = None
        self._following: asyncio.Task[None] | None = None
        self._starting = False
        self._unwanted = False
        """What is being started is to be stopped."""

    async def start(self, order: CampaignOrder) -> CampaignView:
        """Start a campaign and return once it is known which cases run."""
        if self._starting:
            raise CampaignRefused("a campaign is being started already")
        if self._tally is not None and self._tally.state == "running":
            stopping = self._child is not None and self._child.stopped
            raise CampaignRefused(
                "the campaign before is being stopped; a new one can be started as soon as it has ended"
                if stopping
                else "a campaign is running already"
            )
        self._starting, self._unwanted = True, False
        try:
            await self._begin(order)
        finally:
            self._starting = False
        return self.view()

    async def _begin(self, order: CampaignOrder) -> None:
        child = self._child = await Child.begin(self._product, order)
        try:
            if self._unwanted:
                await child.stop(STOP_WITHIN)
            lines = child.lines()
            first = await anext(lines, None)
            if first is None or first.head is None:
                raise await _refusal(child)
        except LineUnreadable as wrong:
            await child.stop(STOP_WITHIN)
            raise CampaignRefused(str(wrong)) from None
        except BaseException:
            await child.stop(STOP_WITHIN)
            raise
        if self._tally is not None:
            self._tally.close()
        self._number += 1
        self._tally = Tally(self._number, first.head, self._clock.now())
        self._following = asyncio.create_task(self._follow(child, lines, self._tally), name="campaign")
        self._touch()

    async def _follow(self, child: Child, lines: AsyncIterator[CampaignLine], tally: Tally) -> None:
        error = ""
        try:
            async for line in lines:
                tally.add(line)
                self._touch()
        except (LineUnreadable, OSError) as wrong:
            error = str(wrong)
            await child.stop(STOP_WITHIN)
        code, last = await child.ended()
        if tally.complete:
            tally.end("finished", "", self._clock.now())
        elif child.stopped and not error:
            tally.end("stopped", "", self._clock.now())
        else:
            tally.end("broken", error or last or f"the lab's process ended with {code}", self._clock.now())
        self._touch()

    async def stop(self) -> CampaignView:
        """Stop what runs, or what is being started."""
        self._unwanted = True
        await self._stop(STOP_WITHIN)
        return self.view()

    async def _stop(self, within: float) -> None:
        if self._child is not None:
            await self._child.stop(within)
        if self._following is not None:
            await self._following

    async def close(self) -> None:
        """Stop what runs and forget everything."""
        await self._stop(CLOSE_WITHIN)
        if self._tally is not None:
            self._tally.close()

    def view(self) -> CampaignView:
        """Return how it stands now."""
        return CampaignView(version=self._version) if self._tally is None else self._tally.view(self._version)

    def result(self, case_id: str) -> CaseView:
        """Return everything about a case."""
        if self._tally is None:
            raise NoResult("no campaign has been run yet")
        return self._tally.result(case_id)

    async def wait_changed(self, version: int) -> int:
        """Return the present version as soon as it is greater than the one given."""
        while self._version <= version:
            await self._changed.wait()
        return self._version

    def _touch(self) -> None:
        self._version += 1
        woken, self._changed = self._changed, asyncio.Event()
        woken.set()


async def _refusal(child: Child) -> Exception:
    """Return why a child said nothing."""
    if child.stopped:
        return CampaignRefused("it was stopped before it began")
    code, last = await child.ended()
    if code == WRONG_USE:
        return UnknownCases(last)
    return CampaignRefused(f"the lab ended with {code}: {last}" if last else f"the lab ended with {code}")
