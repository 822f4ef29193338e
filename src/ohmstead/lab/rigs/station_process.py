"""Processes of our own station for the wire rig: forked from one that has everything loaded, or started one by one."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Protocol

import msgspec

LONGEST_LINE = 1 << 20
"""Bytes of a line that a station says of itself; 1 kB were measured."""


class StationProcess(Protocol):
    """A station that runs as a process."""

    async def ready(self) -> str:
        """Wait for the first line that it says; empty: it has ended without one."""
        ...

    def waited(self) -> float:
        """Return the seconds in which it would have run, and had no core; 0 where the system does not tell."""
        ...

    def signal(self, number: int) -> None:
        """Send a signal, if it runs still."""
        ...

    async def wait(self) -> None:
        """Wait for its end."""
        ...


class StationStarter(Protocol):
    """Starts stations."""

    turns: asyncio.Semaphore
    """Held while one starts: those that are there already should have time."""

    async def start(self, arguments: Sequence[str], errors: Path) -> StationProcess:
        """Start `ohmstead` with these arguments; what it says on stderr goes into a file. Raises OSError."""
        ...

    async def close(self) -> None:
        """End what all of them share."""
        ...


class _Executed:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ready(self) -> str:
        assert self._process.stdout is not None
        return (await self._process.stdout.readline()).decode("utf-8", "replace")

    def waited(self) -> float:
        return waited_for_a_core(self._process.pid)

    def signal(self, number: int) -> None:
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def wait(self) -> None:
        await self._process.wait()


class Executor:
    """Starts each station as a new program: a second of CPU."""

    def __init__(self) -> None:
        self.turns = _turns()

    async def start(self, arguments: Sequence[str], errors: Path) -> StationProcess:
        """Start one."""
        with errors.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "ohmstead", *arguments), stdout=asyncio.subprocess.PIPE, stderr=file
            )
        return _Executed(process)

    async def close(self) -> None:
        """Nothing is shared."""


class _News(msgspec.Struct, frozen=True):
    """What `ohmstead.cli.run.forker` says; its module is not the lab's to import."""

    number: int
    pid: int | None = None
    said: str | None = None
    ended: int | None = None


class _Forked:
    def __init__(self, forks: "Forks", number: int) -> None:
        loop = asyncio.get_running_loop()
        self.said: asyncio.Future[str] = loop.create_future()
        self.over: asyncio.Future[None] = loop.create_future()
        self._forks = forks
        self._number = number
        self._pid: int | None = None

    async def ready(self) -> str:
        return await asyncio.shield(self.said)

    def waited(self) -> float:
        return waited_for_a_core(self._pid) if self._pid is not None and not self.over.done() else 0.0

    def signal(self, number: int) -> None:
        if not self.over.done():
            self._forks.order({"number": self._number, "signal": int(number)})

    async def wait(self) -> None:
        await asyncio.shield(self.over)

    def hear(self, news: _News) -> None:
        if news.pid is not None:
            self._pid = news.pid
        if news.said is not None and not self.said.done():
            self.said.set_result(news.said)
        if news.ended is not None:
            self.end()

    def end(self) -> None:
        if not self.said.done():
            self.said.set_result("")
        if not self.over.done():
            self.over.set_result(None)


class Forks:
    """Starts stations by a process that is forked for each: a tenth of a second of CPU.

    It ends with us, and its stations with it, however we end: its stdin does.
    """

    def __init__(self) -> None:
        self.turns = _turns()
        self._numbers = count(1)
        self._stations: dict[int, _Forked] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._beginning = asyncio.Lock()
        self._following: asyncio.Task[None] | None = None

    async def start(self, arguments: Sequence[str], errors: Path) -> StationProcess:
        """Start one."""
        async with self._beginning:
            if self._process is None:
                await self._begin()
        number = next(self._numbers)
        station = self._stations[number] = _Forked(self, number)
        self.order({"number": number, "start": list(arguments), "errors": str(errors)})
        if self._following is not None and self._following.done():
            station.end()
        return station

    async def _begin(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ohmstead.cli.run.forker"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
            start_new_session=True,  # a terminal's Ctrl-C is ours to answer
        )
        self._following = asyncio.create_task(self._follow(self._process), name="forked stations")

    def order(self, order: dict[str, object]) -> None:
        """Write a line to it; where it has ended, so have all stations."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError, RuntimeError):
                self._process.stdin.write(msgspec.json.encode(order) + b"\n")

    async def _follow(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        try:
            while line := await process.stdout.readline():
                news = msgspec.json.decode(line, type=_News)
                self._stations[news.number].hear(news)
        finally:
            for station in self._stations.values():
                station.end()

    async def close(self) -> None:
        """End it, and what it has started."""
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()
        await self._process.wait()
        if self._following is not None:
            await self._following


def _turns() -> asyncio.Semaphore:
    return asyncio.Semaphore(os.cpu_count() or 1)


def waited_for_a_core(pid: int) -> float:
    """Return the seconds in which the main thread of a process was ready to run and did not (Linux: its schedstat)."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


def usual_starter() -> StationStarter:
    """Return what starts stations fastest on this system."""
    return Forks() if hasattr(os, "fork") else Executor()


async def end(process: StationProcess, within: float) -> None:
    """End a station in good order, or else at once."""
    process.signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(within):
            await process.wait()
    except TimeoutError:
        process.signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        await process.wait()
