"""kill -9 of a real station process at random moments: what the CSMS heard stays whole.

OHMSTEAD_KILLS says how often (20; `make nightly` kills 500 times), OHMSTEAD_SEED when. In half of the series the CSMS
is away again and again, so that the station is killed with an outbox that waits, that grows, and that is delivered.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from ohmstead.edge.authority import Authority
from tests.generators import examples
from tests.torture.witness import PASSWORD, Witness, listening

KILLS = int(os.environ.get("OHMSTEAD_KILLS") or examples(20, 500))
SEED = os.environ.get("OHMSTEAD_SEED", "ohmstead")
SERIES = examples(2, 4)
OUTAGES = SERIES // 2
"""The series from this one on have outages."""
PATIENCE = 60.0
"""Seconds for what takes one or two, on a machine that is busy."""
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
            async with asyncio.timeout(PATIENCE):
                await self._moment()
        except TimeoutError:
            process.kill()
            _, said = await process.communicate()
            raise AssertionError(f"life {self.lives} says nothing: {said.decode()[-2000:]}") from None
        assert process.returncode is None, "the station ended by itself"
        process.send_signal(signal.SIGKILL)
        _, said = await process.communicate()
        assert b"Traceback" not in said, said.decode()[-3000:]

    async def _moment(self) -> None:
        if self.witness.away:
            await self.witness.knocked()
            await asyncio.sleep(self.random.uniform(0, 1.5))
            return
        await self.witness.spoken()
        await asyncio.sleep(self.random.uniform(0, 1.2))
        if self.random.random() < 0.5:
            await self.witness.spoken()
            await asyncio.sleep(self.random.choice((0, 0.0002, 0.001, 0.005)))

    async def finish(self) -> None:
        """Let the last life end everything and deliver what waits."""
        process = await self.start(finish=True)
        try:
            async with asyncio.timeout(PATIENCE):
                _, said = await process.communicate()
        except TimeoutError:
            process.kill()
            _, said = await process.communicate()
            raise AssertionError(f"not everything was delivered: {said.decode()[-2000:]}") from None
        assert process.returncode == 0, said.decode()[-2000:]


def kills(series: int) -> int:
    """Return how often a series kills."""
    return KILLS // SERIES + (KILLS % SERIES if series == 0 else 0)


async def torture(directory: Path, series: int) -> Witness:
    """Kill a station as often as this series has to, and judge what was heard after each kill."""
    random = Random(f"{SEED}/{series}")
    authority = Authority.generate()
    root = directory / "root.pem"
    root.write_text(authority.root)
    witness = Witness(random)
    async with listening(witness, authority) as url:
        victim = Torture(directory / "station", url, root, witness, random)
        for _ in range(kills(series)):
            # The first run is online: it is told its settings, and its cards come into the cache.
            witness.away = series >= OUTAGES and witness.boots > 1 and random.random() < 0.6
            await victim.live_and_die()
            witness.check(finished=False)
        witness.away = False
        await victim.finish()
    return witness


@pytest.mark.timeout(60 + 12 * KILLS)
@pytest.mark.parametrize("series", range(SERIES))
def test_a_killed_station_loses_and_repeats_nothing(
    tmp_path: Path, series: int, record_property: Callable[[str, object], None]
) -> None:
    """Decided case 8, over real TLS on a real disk: contiguous, unrepeated, in order, and every transaction ends."""
    witness = asyncio.run(torture(tmp_path, series))
    witness.check(finished=True)
    assert not witness.running()
    assert len(witness.heard) > kills(series), "hardly anything happened"
    record_property("kills", kills(series))
    record_property("events", len({heard.message_id for heard in witness.heard}))
    record_property("transactions", len({heard.event.transaction_info.transaction_id for heard in witness.heard}))
