"""What a vendor's factory supplies is what the station of `ohmstead run` has; what it leaves out is the usual one."""

import asyncio
from collections.abc import AsyncIterable
from datetime import datetime
from pathlib import Path

from ohmstead.cli.run.data import open_folder
from ohmstead.cli.run.site import RunSite
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.virtual_time import run
from ohmstead.ports.firmware import Image
from ohmstead.ports.machine import Machine
from ohmstead.product.load import load
from ohmstead.wire.messages import BootReasonEnum
from tests.cli.vendor_machine import Quiet
from tests.runtime.site import START

PRODUCT = "sec1000-240y"


class Firmware:
    """Takes anything."""

    async def stage(self, file: AsyncIterable[bytes]) -> Image:
        """Take it."""
        async for _ in file:
            pass
        return Image(vendor="ACME", model="Charger", version="2")

    async def activate(self) -> None:
        """Do nothing."""

    async def roll_back(self) -> None:
        """Do nothing."""


class Log:
    """Has nothing to say."""

    async def read(self, oldest: datetime | None, latest: datetime | None) -> list[str]:
        """Return nothing."""
        del oldest, latest
        return []


def test_all_that_a_factory_supplies_is_used(tmp_path: Path) -> None:
    async def live() -> None:
        product = load(PRODUCT)
        restarted: list[BootReasonEnum] = []

        async def reboot(reason: BootReasonEnum) -> None:
            restarted.append(reason)

        machine = Machine(
            hardware=Quiet(product), firmware=Firmware(), log=Log(), clock=LoopClock(START), reboot=reboot
        )
        site = RunSite(product, open_folder(tmp_path, PRODUCT), make=lambda: machine)
        task = asyncio.create_task(site.host.run())
        await asyncio.sleep(5)
        station = site.host.station
        assert station is not None
        world = station.world
        assert (world.hardware, world.firmware, world.log, world.clock) == (
            machine.hardware,
            machine.firmware,
            machine.log,
            machine.clock,
        )
        assert site.host.restart()
        await asyncio.sleep(5)
        assert restarted == [BootReasonEnum.LocalReset]
        task.cancel()
        await asyncio.wait([task])

    run(live(), limit=3600)


def test_what_it_leaves_out_is_the_usual_one(tmp_path: Path) -> None:
    async def live() -> None:
        product = load(PRODUCT)
        site = RunSite(product, open_folder(tmp_path, PRODUCT), make=lambda: Machine(hardware=Quiet(product)))
        task = asyncio.create_task(site.host.run())
        await asyncio.sleep(5)
        station = site.host.station
        assert station is not None
        assert (station.world.firmware, station.world.log) == (None, None)
        assert isinstance(station.world.clock, LoopClock)
        task.cancel()
        await asyncio.wait([task])

    run(live(), limit=3600)
