"""Block G, Heartbeat: a sign of life, and the time of day (G02)."""

import logging

from ohmstead.blocks.context import Csms, Send, World
from ohmstead.blocks.hooks import hears
from ohmstead.blocks.time_of_day import take_time
from ohmstead.blocks.work import Timer, Work
from ohmstead.model.device import DeviceModel, OCPPCommCtrlr, changed
from ohmstead.model.events import Accepted, Offline, Online
from ohmstead.model.time_sources import TimeSources
from ohmstead.ports.calls import CallFailed, CallTimeout, Cause, NotSent
from ohmstead.ports.link import LinkLost
from ohmstead.wire.messages import EVSE, HeartbeatRequest, MessageTriggerEnum

_log = logging.getLogger(__name__)


class GHeartbeat:
    """Sends Heartbeat every HeartbeatInterval."""

    def __init__(self, work: Work, csms: Csms, device: DeviceModel, time_sources: TimeSources, world: World) -> None:
        self._work = work
        self._csms = csms
        self._device = device
        self._time_sources = time_sources
        self._world = world
        self._timer: Timer | None = None
        self._asking = 0
        csms.triggers[MessageTriggerEnum.Heartbeat] = self._trigger_heartbeat

    @hears(Accepted)
    def when_accepted(self, _accepted: Accepted) -> None:
        """The interval of the response counts from now (G02.FR.01)."""
        self.rearm_heartbeat()

    @hears(Online)
    def when_online(self, _online: Online) -> None:
        """After an outage the interval starts anew."""
        self.rearm_heartbeat()

    @hears(Offline)
    def when_offline(self, _offline: Offline) -> None:
        """Nobody listens."""
        if self._timer is not None:
            self._timer.cancel()

    @changed(OCPPCommCtrlr.heartbeat_interval)
    def rearm_heartbeat(self) -> None:
        """Send the next Heartbeat an interval from now."""
        if self._timer is not None:
            self._timer.cancel()
        interval = self._device.ocpp_comm.heartbeat_interval
        if self._csms.calls.online and interval > 0:
            self._timer = self._work.later(interval, self._beat)

    def _beat(self) -> None:
        self.rearm_heartbeat()
        self._send(Cause.Own)

    def _send(self, cause: Cause) -> None:
        """One may wait behind the one that is out: whoever asks for more gets that one (F06.FR.10)."""
        if self._asking < 2:
            self._work.spawn("heartbeat", lambda: self._synchronize(cause))

    async def _synchronize(self, cause: Cause) -> None:
        self._asking += 1
        try:
            response = await self._csms.calls.call(HeartbeatRequest(), cause)
        except (NotSent, LinkLost, CallFailed, CallTimeout) as failure:
            _log.info("Heartbeat was not answered: %s", failure)
            return
        finally:
            self._asking -= 1
        take_time(self._device, self._time_sources, self._world, response.current_time)

    def _trigger_heartbeat(self, _evse: EVSE | None) -> Send:
        return lambda: self._send(Cause.Asked)
