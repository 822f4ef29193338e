"""kill -9 of a real station process at random moments: what the CSMS heard stays whole.

OHMSTEAD_KILLS says how often (20; `make torture` kills 200 times), OHMSTEAD_SEED when.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from random import Random

import pytest

from ohmstead.edge.authority import Authority
from tests.torture.witness import PASSWORD, Witness, listening

KILLS = int(os.environ.get("OHMSTEAD_KILLS", "20"))
SEED = os.environ.get("OHMSTEAD_SEED", "ohmstead")
SERIES = 2
REPOSITORY = Path(__file__).parents[2]


class Torture:
    """Starts the station and kills it, again and again, on the same data folder."""

    def __init__(self, directory: Path, url: str, root: Path, witness: Witness, random: Random) -> None:
        self.directory = directory
        self.url = url
        self.root = root
        self.witness = witness
        self.random = random
        self.lives = 0

    async def start(self, *, finish: bool = False) -> Process:
        """Start a life."""
        self.lives += 1
        arguments = ["--data", self.directory, "--url", self.url, "--root", self.root, "--password", PASSWORD]
        last = ["--finish"] if finish else []
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.torture.station",
            *map(str, arguments),
            "--seed",
            str(self.lives),
            *last,
            cwd=REPOSITORY,
            stderr=PIPE,
        )

    async def live_and_die(self) -> None:
        """Let a life go on for a while, or until it has just said something, and kill it between two instructions."""
        process = await self.start()
        try:
            async with asyncio.timeout(30):
                await self.witness.spoken()
                await asyncio.sleep(self.random.uniform(0, 1.2))
                if self.random.random() < 0.5:
                    await self.witness.spoken()
                    await asyncio.sleep(self.random.choice((0, 0.0002, 0.001, 0.005)))
        except TimeoutError:
            process.kill()
            _, said = await process.communicate()
            raise AssertionError(f"life {self.lives} says nothing: {said.decode()[-2000:]}") from None
        assert process.returncode is None, "the station ended by itself"
        process.send_signal(signal.SIGKILL)
        _, said = await process.communicate()
        assert b"Traceback" not in said, said.decode()[-3000:]

    async def finish(self) -> None:
        """Let the last life end everything and deliver what waits."""
        process = await self.start(finish=True)
        try:
            async with asyncio.timeout(60):
                _, said = await process.communicate()
        except TimeoutError:
            process.kill()
            _, said = await process.communicate()
            raise AssertionError(f"not everything was delivered: {said.decode()[-2000:]}") from None
        assert process.returncode == 0, said.decode()[-2000:]


async def torture(directory: Path, series: int) -> Witness:
    """Kill a station as often as this series has to, and judge what was heard after each kill."""
    random = Random(f"{SEED}/{series}")
    authority = Authority.generate()
    root = directory / "root.pem"
    root.write_text(authority.root)
    witness = Witness(random)
    async with listening(witness, authority) as url:
        victim = Torture(directory / "station", url, root, witness, random)
        for _ in range(KILLS // SERIES + (KILLS % SERIES if series == 0 else 0)):
            await victim.live_and_die()
            witness.check(finished=False)
        await victim.finish()
    return witness


@pytest.mark.timeout(60 + 12 * KILLS)
@pytest.mark.parametrize("series", range(SERIES))
def test_a_killed_station_loses_and_repeats_nothing(tmp_path: Path, series: int) -> None:
    """Decided case 8, over real TLS on a real disk: contiguous, unrepeated, in order, and every transaction ends."""
    witness = asyncio.run(torture(tmp_path, series))
    witness.check(finished=True)
    assert not witness.running()
    assert len(witness.heard) > KILLS, "hardly anything happened"
