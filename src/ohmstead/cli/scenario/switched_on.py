"""The stations of a scenario from their first boot to their end, wherever they live, and their frames in a file."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Protocol

from ohmstead.cli.run.options import RunRefused
from ohmstead.cli.run.wire_log import WireLog
from ohmstead.edge.private_files import write_private
from ohmstead.runtime.bench import StationBench
from ohmstead.scenario.document import Scenario, ScenarioError
from ohmstead.site import Site
from ohmstead.site.noted_faults import note_faults
from ohmstead.site.noted_hand import NotedHand

END_WITHIN = 1.5
"""Seconds for the end in good order; what is not done by then loses its power."""


class SitedStation(Protocol):
    """One station with what surrounds it."""

    @property
    def site(self) -> Site:
        """Return what surrounds it."""
        ...

    @property
    def hand(self) -> NotedHand:
        """Return who touches it."""
        ...

    @property
    def bench(self) -> StationBench:
        """Return what can be seen of it."""
        ...


@asynccontextmanager
async def switched_on(
    scenario: Scenario, stations: Mapping[str, SitedStation], accepted_within: float, log_wire: Path | None
) -> AsyncIterator[None]:
    """Switch stations on; all of them have been accepted by their CSMS when the body begins, and all end with it.

    Args:
        scenario: whose stations they are.
        stations: by identity.
        accepted_within: seconds in which each has to be accepted.
        log_wire: where every frame is written as a line; None: nowhere.

    Raises:
        ScenarioError: a station is not accepted; the text says why.
        RunRefused: the file for the frames cannot be written.
    """
    with ExitStack() as ending:
        if log_wire is not None:
            _log_wire(stations, log_wire, ending)
        running = [asyncio.create_task(one.site.host.run(), name=f"host {name}") for name, one in stations.items()]
        try:
            await _accepted(scenario, stations, accepted_within)
            yield
        finally:
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=END_WITHIN)
            late = [task for task in running if not task.done()]
            for one, task in zip(stations.values(), running, strict=True):
                if task in late:
                    one.site.host.lose_power()
            if late:
                await asyncio.wait(late, timeout=END_WITHIN)


def _log_wire(stations: Mapping[str, SitedStation], path: Path, ending: ExitStack) -> None:
    try:
        write_private(path, "")
    except OSError as error:
        raise RunRefused(f"--log-wire {path}: {error.strerror or error}") from None
    for identity, station in stations.items():
        wire_log = WireLog(path, identity, station.site.clock, station.site.host.config.max_frame)
        ending.callback(wire_log.close)
        station.site.frames.append(wire_log.seen)
        station.hand.watchers.append(wire_log.doing)
        if station.site.faults is not None:
            note_faults(station.site.faults, wire_log.done)


async def _accepted(scenario: Scenario, stations: Mapping[str, SitedStation], within: float) -> None:
    """Wait until the CSMS has accepted every station."""
    waited_for = ""
    try:
        async with asyncio.timeout(within):
            for waited_for, station in stations.items():  # noqa: B007 - it is told of where the time is over
                version = 0
                while station.bench.view().connection.boot_status != "Accepted":
                    version = await station.bench.wait_changed(version)
    except TimeoutError:
        error = stations[waited_for].bench.view().connection.last_error or "it does not answer the BootNotification"
        told = f"the CSMS has not accepted {waited_for} within {within:g} s: {error}"
        raise ScenarioError(f"{scenario.source}: {told}") from None
