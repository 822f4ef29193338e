"""The campaign on somebody else's station, on the page: the file that `--resume` keeps is read as it grows.

Nothing is started or stopped from here: whoever runs the campaign sits at its terminal. While it runs, its process
holds a lock on the file (`lab.rigs.results`).
"""

import asyncio
import fcntl
from pathlib import Path
from typing import TypeVar

import msgspec

from ohmstead.cli.lab.lines import CampaignHead, CampaignLine
from ohmstead.cli.run.campaign import Tally
from ohmstead.cli.run.options import RunRefused
from ohmstead.lab.report.files import told
from ohmstead.lab.rigs.results import ResultsHead
from ohmstead.lab.verdict import Result, Verdict
from ohmstead.ports.campaign import CampaignOrder, CampaignRefused, CampaignView, CaseView, NoResult
from ohmstead.ports.clock import Clock

T = TypeVar("T", ResultsHead, Result)

LOOK = 1.0
"""Seconds after which what was added is seen at the latest."""
LARGEST = 1 << 30
"""Bytes of a file of results; one of 400 cases with evidence has about 100 million."""


class FollowedCampaign:
    """Shows a campaign that another process runs (`ports.campaign.Campaigns`)."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Follow a file, which may not be there yet."""
        self._path = path
        self._clock = clock
        self._version = 1
        self._number = 0
        self._changed = asyncio.Event()
        self._read = 0
        self._head: ResultsHead | None = None
        self._began = clock.now()
        self._results: dict[str, Result] = {}
        self._tally: Tally | None = None
        self._running = False
        self._following = asyncio.create_task(self._follow(), name="followed campaign")

    async def start(self, order: CampaignOrder) -> CampaignView:
        """Refuse: it is run elsewhere. Raises CampaignRefused."""
        what = " ".join(order.cases) or "a campaign"
        raise CampaignRefused(f"{what} cannot be started here: this page follows {self._path}, run at its terminal")

    async def stop(self) -> CampaignView:
        """Refuse: it is run elsewhere. Raises CampaignRefused."""
        raise CampaignRefused(f"this page follows {self._path}: Ctrl-C at its terminal stops the campaign")

    async def close(self) -> None:
        """Follow no longer."""
        self._following.cancel()
        await asyncio.wait((self._following,))
        if self._tally is not None:
            self._tally.close()

    def view(self) -> CampaignView:
        """Return how it stands now."""
        return CampaignView(version=self._version) if self._tally is None else self._tally.view(self._version)

    def result(self, case_id: str) -> CaseView:
        """Return everything about a case. Raises NoResult."""
        if self._tally is None:
            raise NoResult("no case is over yet")
        return self._tally.result(case_id)

    async def wait_changed(self, version: int) -> int:
        """Return the present version as soon as it is greater than the one given."""
        while self._version <= version:
            await self._changed.wait()
        return self._version

    async def _follow(self) -> None:
        while True:
            # A file of evidence is large: the station does not wait until it has been read.
            if self.show(await asyncio.to_thread(self.added)):
                self._version += 1
                woken, self._changed = self._changed, asyncio.Event()
                woken.set()
            await asyncio.sleep(LOOK)

    def show(self, news: "list[Result] | None") -> bool:
        """Show results that were added, and whether the campaign runs; say whether anything is new.

        Args:
            news: None: the file cannot be read, or is not there.
        """
        if news is None or self._head is None:
            return False
        before = self._tally.state if self._tally is not None else "none"
        again = any(result.id in self._results for result in news)
        self._results |= {result.id: result for result in news}
        if self._tally is None or again:
            self._begin(list(self._results.values()))
        else:
            self._add(self._tally, news)
        assert self._tally is not None
        if self._running:
            self._tally.state = "running"
        elif self._tally.state == "running":
            self._tally.end("finished", "", self._clock.now())
        return bool(news) or before != self._tally.state

    def _begin(self, results: list[Result]) -> None:
        """Show a campaign from its first result on: it has begun, or a case was run again."""
        assert self._head is not None
        if self._tally is not None:
            self._tally.close()
        self._number += 1
        self._tally = Tally(self._number, _head(self._head, ()), self._began)
        self._add(self._tally, results)

    def _add(self, tally: Tally, results: list[Result]) -> None:
        assert self._head is not None
        for result in results:
            tally.add(CampaignLine(result=msgspec.Raw(msgspec.json.encode(told(result)))))
        tally.head = _head(self._head, tuple(self._results.values()))

    def added(self) -> list[Result] | None:
        """Return the results of whole lines that were added, without evidence; None where there is no file.

        What no campaign writes is passed over.
        """
        try:
            self._running = _is_written(self._path)
            size = self._path.stat().st_size
            if size < self._read:
                # Another file of this name: from its beginning.
                self._read, self._head, self._results = 0, None, {}
            if size == self._read or size > LARGEST:
                return []
            with self._path.open("rb") as file:
                file.seek(self._read)
                added = file.read(size - self._read)
        except OSError:
            return None
        whole = added[: added.rfind(b"\n") + 1]
        self._read += len(whole)
        lines = whole.splitlines()
        if self._head is None and lines:
            self._head = _decoded(lines.pop(0), ResultsHead)
        found = (_decoded(line, Result) for line in lines)
        return [msgspec.structs.replace(result, evidence="") for result in found if result is not None]


def check_file(path: Path) -> None:
    """Raise RunRefused for a file that is no file of results; one that is not there yet may come."""
    if not path.exists():
        return
    try:
        with path.open("rb") as file:
            first = file.readline(10_000)
    except OSError as error:
        raise RunRefused(f"--follow {path}: {error.strerror or error}") from None
    if first and _decoded(first, ResultsHead) is None:
        raise RunRefused(f"--follow {path}: no file of results; right is what `--bench external --resume FILE` keeps")


def _decoded(line: bytes, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.MsgspecError, UnicodeError):
        return None


def _head(head: ResultsHead, results: tuple[Result, ...]) -> CampaignHead:
    run = tuple(result.id for result in results if result.verdict is not Verdict.NOT_APPLICABLE)
    return CampaignHead(product=head.product, bench="external", total=len(results), cases=run)


def _is_written(path: Path) -> bool:
    """Say whether a campaign holds its lock on the file."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
