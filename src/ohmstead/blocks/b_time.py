"""Block B, the time of day beside what the CSMS tells: NTP servers, and the machine's own clock (2.1.25 to 2.1.30)."""

import logging

from ohmstead.blocks.context import World
from ohmstead.blocks.hooks import hears
from ohmstead.blocks.work import Task, Timer, Work
from ohmstead.model.device import ClockCtrlr, DeviceModel, changed
from ohmstead.model.events import Offline
from ohmstead.model.time_sources import HEARTBEAT, NTP, TimeSources
from ohmstead.ports.clock import ImpossibleMoment
from ohmstead.ports.network_time import NoTime

INTERVAL = 1024.0
"""Seconds between two looks at a source that gives the time: the usual longest one of NTP (RFC 5905, 7.2)."""
SOON = 64.0
"""Seconds until the next attempt where no server has answered: its usual shortest one."""

_log = logging.getLogger(__name__)


class BTime:
    """Follows the sources of time that have to be looked at; those that tell by themselves are the CSMS's."""

    def __init__(self, work: Work, device: DeviceModel, time_sources: TimeSources, world: World) -> None:
        self._work = work
        self._device = device
        self._time_sources = time_sources
        self._world = world
        self._timer: Timer | None = None
        self._task: Task | None = None
        self._changed = False
        """What is asked now has been changed meanwhile."""

    def start(self) -> None:
        """Ask as soon as there is a life to ask in."""
        self.look()

    @changed(ClockCtrlr.time_source, ClockCtrlr.ntp_source, ClockCtrlr.ntp_server_uri_1, ClockCtrlr.ntp_server_uri_2)
    def look(self) -> None:
        """Look at the sources, and go on doing so."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        order = self._device.clock.time_source
        if self._time_sources.kept(order):
            self._follow_machine()
        elif NTP in order:
            self._changed = self._task is not None and not self._task.done()
            if not self._changed:
                self._task = self._work.spawn("network time", self._ask)

    @hears(Offline)
    def when_offline(self, _offline: Offline) -> None:
        """The CSMS tells nothing now: what stands behind it in the list has its turn."""
        self._time_sources.hear(HEARTBEAT, gives=False)

    def _again(self, delay: float) -> None:
        self._timer = self._work.later(delay, self.look)

    def _follow_machine(self) -> None:
        """The machine's clock is set by its receiver; whatever was set for the station alone is over."""
        self._world.clock.set(self._world.clock.machine_time())
        self._again(INTERVAL)

    async def _ask(self) -> None:
        answered = False
        for server in self._servers():
            if server and not answered:
                answered = await self._answered(server)
        self._time_sources.hear(NTP, gives=answered)
        self._again(0.0 if self._changed else INTERVAL if answered else SOON)

    def _servers(self) -> tuple[str, ...]:
        """Return the servers of NtpServerUri, or those that the network offers (NtpSource)."""
        clock = self._device.clock
        if clock.ntp_source == "DHCP":
            return self._world.network_time.offered()
        return clock.ntp_server_uri_1, clock.ntp_server_uri_2

    async def _answered(self, server: str) -> bool:
        try:
            moment = await self._world.network_time.ask(server)
            if self._time_sources.counts(NTP, self._device.clock.time_source):
                self._world.clock.set(moment)
        except (NoTime, ImpossibleMoment) as missing:
            _log.info("no time from %s", missing)
            return False
        return True
