"""kill -9 of `ohmstead run` in firmware updates and certificate renewals: it comes back whole, and tells the truth.

OHMSTEAD_UPDATE_KILLS says how often (10; `make nightly` kills 200 times), OHMSTEAD_SEED when.
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
from tests.torture.manufacturer import WHOLE, Manufacturer, version
from tests.torture.office import Office, open_csms
from tests.torture.owner import Owner
from tests.torture.victim import Victim

KILLS = int(os.environ.get("OHMSTEAD_UPDATE_KILLS") or examples(10, 200))
SEED = os.environ.get("OHMSTEAD_SEED", "ohmstead")
UPDATES = KILLS // 2
"""Of these in updates of firmware, which take seconds each; the others in renewals."""
SUITE = 60 + 20 * KILLS


async def update(directory: Path, kills: int) -> None:
    """Kill a station that gets one firmware after the other."""
    authority, files = Authority.generate(), HttpFileServer("127.0.0.1")
    await files.open()
    files.throttle(400_000)
    office = Manufacturer(files)
    victim = Victim(directory, office, authority, Random(f"{SEED}/firmware"))
    try:
        async with open_csms(office, authority) as victim.url:
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
    async with open_csms(office, authority) as victim.url:
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
def test_a_station_killed_in_firmware_updates_tells_the_truth(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """L01 on a real disk over real HTTP: statuses in order and whole; old version or new one, the new one at last."""
    asyncio.run(update(tmp_path, UPDATES))
    record_property("kills", UPDATES)


@pytest.mark.timeout(SUITE)
def test_a_station_killed_in_certificate_renewals_keeps_an_identity(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """A02 over real TLS: every connection with the old certificate or the new one; none is lost once accepted."""
    asyncio.run(renew(tmp_path, KILLS - UPDATES))
    record_property("kills", KILLS - UPDATES)
