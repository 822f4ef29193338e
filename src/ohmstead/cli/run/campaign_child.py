"""The process of a campaign: `ohmstead lab run --lines`, with all that it starts.

It has its own process group and a low priority: whatever it starts ends with it, and the station that is being served
does not wait for it.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import suppress

import msgspec

from ohmstead.cli.lab.lines import CampaignLine
from ohmstead.ports.campaign import CampaignOrder, CampaignRefused

LONGEST_LINE = 1 << 24
"""Bytes of one result with its wire log; 44 kB were measured."""
NICE = 10
LOOK = 0.1
"""Seconds after which its end is seen at the latest."""
GONE_WITHIN = 1.0
"""Seconds for which the end of what was killed is waited for; where nobody reaps it, it stays in its group."""
ERRORS_KEPT = 4096
OWN_SETTINGS = ("OHMSTEAD_TOKEN", "OHMSTEAD_DATA")
"""Of the station that is being served; those under test have their own."""


class LineUnreadable(Exception):
    """What a child says is no line of a campaign."""


class Child:
    """The process of a campaign.

    Attributes:
        stopped: somebody has asked for its end.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.stopped = False
        self._process = process
        self._errors = b""
        self._gone = False
        self._reading = asyncio.create_task(self._read_errors(), name="campaign errors")
        self._watching = asyncio.create_task(self._watch(), name="campaign process")

    @classmethod
    async def begin(cls, product: tuple[str, ...], order: CampaignOrder) -> "Child":
        """Start it. Raises CampaignRefused if the system has no process left."""
        arguments = ["-m", "ohmstead.cli.main", "lab", "run", "--lines", *product, "--bench", order.bench]
        if order.block:
            arguments += ["--block", order.block]
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *arguments,
                "--",
                *order.cases,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=LONGEST_LINE,
                start_new_session=True,
                env={name: value for name, value in os.environ.items() if name not in OWN_SETTINGS},
            )
        except OSError as error:
            raise CampaignRefused(f"the lab cannot be started: {error.strerror or error}") from None
        with suppress(OSError):
            os.setpriority(os.PRIO_PGRP, process.pid, NICE)
        return cls(process)

    async def lines(self) -> AsyncIterator[CampaignLine]:
        """Yield what it says until it says no more. Raises LineUnreadable."""
        assert self._process.stdout is not None
        try:
            while line := await self._process.stdout.readline():
                yield msgspec.json.decode(line, type=CampaignLine)
        except (ValueError, msgspec.MsgspecError) as wrong:
            raise LineUnreadable(f"what the lab says cannot be read: {wrong}") from None

    async def _read_errors(self) -> None:
        assert self._process.stderr is not None
        while some := await self._process.stderr.read(ERRORS_KEPT):
            self._errors = (self._errors + some)[-ERRORS_KEPT:]

    async def ended(self) -> tuple[int, str]:
        """Wait for its end; return its exit code and the last line of its errors."""
        code = await self._watching
        await self._reading
        lines = self._errors.decode("utf-8", "replace").strip().splitlines()
        return code, lines[-1].removeprefix("ohmstead: ") if lines else ""

    async def stop(self, within: float) -> None:
        """End it and all that it started."""
        if self._gone:
            return
        self.stopped = True
        try:
            with suppress(ProcessLookupError):
                self._process.terminate()
            await asyncio.wait((self._watching,), timeout=within)
        finally:
            self._kill_all()
        await self._watching

    async def _watch(self) -> int:
        """End whatever it leaves behind: its workers would keep the pipes open for good, which `wait` waits for too."""
        while self._process.returncode is None:  # noqa: ASYNC110 - no event tells of the end of the process alone
            await asyncio.sleep(LOOK)
        self._kill_all()
        code = await self._process.wait()
        await self._wait_for_group()
        return code

    async def _wait_for_group(self) -> None:
        """Wait until what was killed is gone, which takes a moment more."""
        with suppress(ProcessLookupError, PermissionError, TimeoutError):
            async with asyncio.timeout(GONE_WITHIN):
                while True:
                    os.killpg(self._process.pid, 0)
                    await asyncio.sleep(LOOK)

    def _kill_all(self) -> None:
        # Once only: the number of a group that has ended may become somebody else's.
        if not self._gone:
            self._gone = True
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
