"""kill -9 of `ohmstead run` while its CSMS changes what it has to keep: an accepted change is there for ever.

SetVariables, a password, ChangeAvailability, logs, customers, the cache, certificates; also while it boots.
OHMSTEAD_SETTING_KILLS says how often (10; `make nightly` kills 300 times), OHMSTEAD_SEED when.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from ohmstead.edge.authority import Authority
from ohmstead.edge.file_servers.http import HttpFileServer
from tests.generators import examples
from tests.torture.clerk import FIRST, Clerk
from tests.torture.office import open_csms
from tests.torture.victim import Victim

KILLS = int(os.environ.get("OHMSTEAD_SETTING_KILLS") or examples(10, 300))
SERIES = examples(1, 3)
SEED = os.environ.get("OHMSTEAD_SEED", "ohmstead")


async def change(directory: Path, kills: int, series: int) -> Clerk:
    """Kill a station whose settings change again and again."""
    authority, files = Authority.generate(), HttpFileServer("127.0.0.1")
    await files.open()
    clerk = Clerk(Random(f"{SEED}/clerk/{series}"), files)
    victim = Victim(directory, clerk, authority, Random(f"{SEED}/settings/{series}"), FIRST)
    try:
        async with open_csms(clerk, authority, certificates=False) as victim.url:
            for _ in range(kills):
                await victim.live_and_die(1.0)
                clerk.check()
            clerk.enough = True
            await victim.live()
            clerk.check()
    finally:
        await files.close()
    return clerk


@pytest.mark.timeout(60 + 20 * KILLS)
@pytest.mark.parametrize("series", range(SERIES))
def test_what_was_accepted_is_kept_whenever_the_station_is_killed(
    series: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """One store, one commit before the response leaves: what has no answer is as before or as asked, nothing else."""
    clerk = asyncio.run(change(tmp_path, KILLS // SERIES, series))
    record_property("kills", KILLS // SERIES)
    record_property("accepted changes", sum(clerk.counts.values()))
