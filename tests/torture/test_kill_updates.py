"""kill -9 of `ohmstead run` in firmware updates and certificate renewals: it comes back whole, and tells the truth.

OHMSTEAD_UPDATE_KILLS says how often (10; `make torture` kills 100 times), OHMSTEAD_SEED when.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

import pytest

from ohmstead.cli.benches.file_server import HttpFileServer
from ohmstead.edge.authority import Authority
from ohmstead.edge.private_files import write_private
from tests.torture.manufacturer import WHOLE, Manufacturer, version
from tests.torture.office import Office, open_office
from tests.torture.owner import Owner

KILLS = int(os.environ.get("OHMSTEAD_UPDATE_KILLS", "10"))
SEED = os.environ.get("OHMSTEAD_SEED", "ohmstead")
IDENTITY = "CS-0815"
PATIENCE = 60.0
"""Seconds for what takes one or two, on a machine that is busy."""
SUITE = 60 + 20 * KILLS


class Victim:
    """`ohmstead run` in security profile 3 on one data folder, process after process."""

    def __init__(self, directory: Path, office: Office, authority: Authority, random: Random) -> None:
        self.directory = directory
        self.office = office
        self.random = random
        self.url = ""
        self.came_with = authority.issue_client(IDENTITY)
        for name, text in (("root", authority.root), ("cert", self.came_with.chain), ("key", self.came_with.key)):
            write_private(directory / f"{name}.pem", text)

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.directory / "data"

    async def start(self) -> Process:
        """Start the next process."""
        self.office.born()
        files = {"--csms-root": "root", "--client-cert": "cert", "--client-key": "key"}
        options = [part for option, name in files.items() for part in (option, str(self.directory / f"{name}.pem"))]
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ohmstead.cli.main", "run", "--headless", "--no-api", "--security-profile", "3"),
            *("--identity", IDENTITY, "--csms", self.url, "--data", str(self.data), *options),
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
        said = await self._run(self.office.done.wait, signal.SIGTERM, 0)
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
            raise AssertionError(f"life {self.office.life} does not get on: {said.decode()[-3000:]}") from None
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


async def update(directory: Path, kills: int) -> None:
    """Kill a station that gets one firmware after the other."""
    authority, files = Authority.generate(), HttpFileServer("127.0.0.1")
    await files.open()
    files.throttle(400_000)
    office = Manufacturer(files)
    victim = Victim(directory, office, authority, Random(f"{SEED}/firmware"))
    try:
        async with open_office(office, authority) as victim.url:
            for _ in range(kills):
                await victim.live_and_die(7.0)
                office.check()
            office.enough = True
            await victim.live()
            office.check()
            running, told = office.last
            assert told == WHOLE
            assert running == version(office.updates)
    finally:
        await files.close()


async def renew(directory: Path, kills: int) -> None:
    """Kill a station that gets one certificate after the other."""
    authority = Authority.generate()
    random = Random(f"{SEED}/certificate")
    victim = Victim(directory, Office(), authority, random)
    office = victim.office = Owner(authority, victim.came_with.chain)
    async with open_office(office, authority) as victim.url:
        for _ in range(kills):
            await victim.live_and_die(2.0)
            office.check()
        office.enough = True
        for _ in range(2):
            await victim.live()
            office.check()
        assert office.shown[-1] == office.newest > 0
        assert len(list((victim.data / "keys").iterdir())) == 1, "keys that nobody needs"


@pytest.mark.timeout(SUITE)
def test_a_station_killed_in_firmware_updates_tells_the_truth(tmp_path: Path) -> None:
    """L01 on a real disk over real HTTP: statuses in order and whole; old version or new one, the new one at last."""
    asyncio.run(update(tmp_path, KILLS - KILLS // 2))


@pytest.mark.timeout(SUITE)
def test_a_station_killed_in_certificate_renewals_keeps_an_identity(tmp_path: Path) -> None:
    """A02 over real TLS: every connection with the old certificate or the new one; none is lost once accepted."""
    asyncio.run(renew(tmp_path, KILLS // 2))
