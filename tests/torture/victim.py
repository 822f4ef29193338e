"""`ohmstead run` on one data folder, process after process: each is killed, but for the last."""

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

from ohmstead.edge.authority import Authority
from ohmstead.edge.private_files import write_private
from tests.torture.office import Office

IDENTITY = "CS-0815"
PATIENCE = 60.0
"""Seconds for what takes one or two, on a machine that is busy."""


class Victim:
    """`ohmstead run` on one data folder, process after process.

    Args:
        directory: of the folder, and of what the station is given.
        office: its CSMS.
        authority: vouches for the CSMS, and for the station's certificate.
        random: when to kill.
        password: of the station, which is then in security profile 2; None: it has a certificate, and is in 3.
    """

    def __init__(
        self, directory: Path, office: Office, authority: Authority, random: Random, password: str | None = None
    ) -> None:
        self.directory = directory
        self.office = office
        self.random = random
        self.url = ""
        self.came_with = authority.issue_client(IDENTITY)
        given = {"--csms-root": authority.root}
        if password is None:
            given |= {"--client-cert": self.came_with.chain, "--client-key": self.came_with.key}
        else:
            given |= {"--password-file": password}
        self._options = ["--security-profile", "3" if password is None else "2"]
        for option, text in given.items():
            file = directory / option.removeprefix("--")
            write_private(file, text)
            self._options += [option, str(file)]

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.directory / "data"

    async def start(self) -> Process:
        """Start the next process."""
        self.office.born()
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ohmstead.cli.main", "run", "--headless", "--no-api"),
            *("--identity", IDENTITY, "--csms", self.url, "--data", str(self.data), *self._options),
            stdout=DEVNULL,
            stderr=PIPE,
        )

    async def live_and_die(self, longest: float) -> None:
        """Kill a process: while it starts, after so many seconds at most, or just after something has happened."""

        async def moment() -> None:
            if self.random.random() < 0.15:
                await asyncio.sleep(self.random.uniform(0.3, 1.5))
                return
            await self.office.registered()
            if self.random.random() < 0.4:
                await asyncio.sleep(self.random.uniform(0, longest))
                return
            if self.office.statuses_of_interest:
                await self.office.moved(self.random.choice(self.office.statuses_of_interest))
            else:
                for _ in range(self.random.randint(1, 5)):
                    await self.office.moved()
            await asyncio.sleep(self.random.choice((0, 0.0002, 0.001, 0.005, 0.02, 0.1)))

        said = await self._run(moment, signal.SIGKILL, -signal.SIGKILL)
        assert "Traceback" not in said, said[-3000:]
        self.check()

    async def live(self) -> None:
        """Let a process end everything that is open, and then in good order."""
        said = await self._run(self.office.done.wait, signal.SIGTERM, 128 + signal.SIGTERM)
        assert "Traceback" not in said, said[-3000:]
        self.check()

    async def _run(self, moment: Callable[[], Awaitable[object]], ending: signal.Signals, code: int) -> str:
        process = await self.start()
        talking = asyncio.create_task(process.communicate())
        try:
            async with asyncio.timeout(PATIENCE):
                await moment()
        except TimeoutError:
            process.kill()
            _, said = await talking
            waits = "; ".join(self.office.waits())
            raise AssertionError(f"life {self.office.life} does not get on: {waits}: {said.decode()[-3000:]}") from None
        finally:
            if process.returncode is None:
                process.send_signal(ending)
        async with asyncio.timeout(PATIENCE):
            _, said = await talking
        assert process.returncode == code, said.decode()[-3000:]
        return said.decode()

    def check(self) -> None:
        """Check what is true at any time."""
        for path in (self.data / "keys").glob("*"):
            assert path.stat().st_mode & 0o777 == 0o600
