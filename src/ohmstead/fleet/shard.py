"""Some stations of a fleet in one event loop, from the first power-up to the last message."""

import asyncio
import logging
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

from ohmstead.fleet.drivers import Driver, trouble
from ohmstead.fleet.plan import FleetPlan, PlannedStation, stations
from ohmstead.fleet.station import FleetAccess, FleetStation
from ohmstead.fleet.tally import ShardTally
from ohmstead.ports.link import SeverableDialer
from ohmstead.product.load import load
from ohmstead.rpc.call_statistics import Tallies, figures_of

LOOK = 0.2
"""Seconds between two looks whether everything has been told."""
PAGE = resource.getpagesize()
_log = logging.getLogger(__name__)


class Shard:
    """Runs its share of a plan."""

    def __init__(
        self,
        plan: FleetPlan,
        access: FleetAccess,
        folder: Path,
        *,
        number: int = 0,
        of: int = 1,
        dialer: Callable[[PlannedStation], SeverableDialer] | None = None,
    ) -> None:
        """Build every station.

        Args:
            plan: of the whole fleet.
            access: how stations reach the CSMS.
            folder: for files that stations are told to fetch.
            number: of this shard, from 0.
            of: how many shards there are.
            dialer: makes the connections of a station; None: WebSockets.
        """
        self._plan = plan
        self._tallies: Tallies = {}
        products = {group.product: load(group.product) for group in plan.group}
        self._stations = [
            FleetStation(
                one,
                products[one.group.product],
                access,
                seed=plan.seed,
                tallies=self._tallies,
                folder=folder,
                dialer=None if dialer is None else lambda one=one: dialer(one),  # type: ignore[misc]
            )
            for one in stations(plan)
            if one.number % of == number
        ]
        self._drivers: list[Driver] = []
        self._final: ShardTally | None = None

    async def run(self) -> None:
        """Run the plan to its end: ramp, charges, and the last messages; cancelled, everything ends at once."""
        tasks: list[asyncio.Task[None]] = []
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._live(station)) for station in self._stations]
                await asyncio.sleep(self._plan.duration)
                for driver in self._drivers:
                    driver.leave()
                await self._drained()
                self._final = self.tally()
                for task in tasks:
                    task.cancel()
        finally:
            await asyncio.gather(*(station.stop() for station in self._stations), return_exceptions=True)

    async def _live(self, station: FleetStation) -> None:
        """Start a station when its time has come, and let people use it."""
        await asyncio.sleep(station.plan.starts_at)
        station.start()
        group, name = station.plan.group, f"{self._plan.seed}/{station.plan.identity}"
        reader = asyncio.Lock()
        drivers = [Driver(station, evse, reader, Random(f"{name}/{evse.id}")) for evse in station.product.evses]
        self._drivers += drivers
        hand = station.hand
        async with asyncio.TaskGroup() as tasks:
            for driver in drivers:
                tasks.create_task(driver.run())
            tasks.create_task(
                trouble(
                    group.outages_per_hour,
                    group.outage,
                    hand.cut_network,
                    hand.restore_network,
                    Random(f"{name}/network"),
                )
            )
            tasks.create_task(
                trouble(
                    group.power_cuts_per_hour,
                    group.power_cut,
                    hand.cut_power,
                    hand.restore_power,
                    Random(f"{name}/power"),
                )
            )

    async def _drained(self) -> None:
        """Wait until everybody has gone and nothing is to be told any more, at most for the time of the plan."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._plan.drain):
                while self._is_busy():  # noqa: ASYNC110
                    await asyncio.sleep(LOOK)

    def _is_busy(self) -> bool:
        if not all(driver.gone for driver in self._drivers):
            return True  # somebody may still present a card
        return any(station.transactions or station.waiting for station in self._stations)

    def tally(self) -> ShardTally:
        """Return what was counted so far, at the end what was before the stations lost their power."""
        if self._final is not None:
            return self._final
        on = [station for station in self._stations if station.is_on]
        counts = [station.counts for station in on]
        used = resource.getrusage(resource.RUSAGE_SELF)
        return ShardTally(
            stations=len(self._stations),
            started=len(on),
            accepted=sum(station.accepted for station in on),
            charging=sum(station.transactions for station in on),
            power_w=sum(station.power_w for station in on),
            energy_wh=sum(station.energy_wh for station in on),
            events=sum(sum(count.events.values()) for count in counts),
            waiting=sum(station.waiting for station in on),
            discarded=sum(count.discarded for count in counts),
            transactions=sum(count.events["Started"] for count in counts),
            ended=sum(count.events["Ended"] for count in counts),
            connections=sum(count.connections for count in counts),
            failed_attempts=sum(count.failed_attempts for count in counts),
            reconnects=sum(max(0, count.connections - 1) for count in counts),
            visits=sum(driver.visits for driver in self._drivers),
            turned_away=sum(driver.turned_away for driver in self._drivers),
            calls=figures_of(self._tallies),
            cpu_s=used.ru_utime + used.ru_stime,
            memory_b=_resident(),
            processes=1,
        )


def _resident() -> int:
    """Return the resident memory of this process in bytes; where nobody tells that, the most that it ever was."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
