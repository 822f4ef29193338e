"""Block B, cold boot: BootNotification until the CSMS accepts the station (B01, B02, B03)."""

import asyncio
import logging

from ohmstead.blocks.context import Csms, Registration, Send, World
from ohmstead.blocks.time_of_day import take_time
from ohmstead.blocks.work import Settings, Work
from ohmstead.model.device import DeviceModel, OCPPCommCtrlr
from ohmstead.model.events import Accepted
from ohmstead.model.time_sources import TimeSources
from ohmstead.ports.calls import CallFailed, CallTimeout, Cause, NotSent
from ohmstead.ports.link import LinkLost
from ohmstead.wire.messages import (
    EVSE,
    BootNotificationRequest,
    BootNotificationResponse,
    BootReasonEnum,
    ChargingStation,
    MessageTriggerEnum,
    RegistrationStatusEnum,
)

OWN_INTERVAL = 30
"""Seconds until the next attempt where the CSMS leaves the choice to the station (B02.FR.07, B03.FR.05)."""

LONGEST_INTERVAL = 86_400
"""Seconds until the next attempt at most: a mistyped interval must not take a station out of service for years."""

_log = logging.getLogger(__name__)


class BBoot:
    """Registers the station."""

    def __init__(
        self,
        work: Work,
        csms: Csms,
        device: DeviceModel,
        settings: Settings,
        time_sources: TimeSources,
        world: World,
    ) -> None:
        self._work = work
        self._csms = csms
        self._device = device
        self._settings = settings
        self._time_sources = time_sources
        self._world = world
        self._again = asyncio.Event()
        self._due = 0.0
        """Loop time before which no further attempt may go (B02.FR.04), also over another connection."""
        csms.triggers[MessageTriggerEnum.BootNotification] = self._trigger_boot

    async def register(self) -> None:
        """Send BootNotification, waiting as told in between, until it is answered Accepted or the link is lost.

        One that was triggered while another one was unanswered goes after that, whatever the answer (F06.FR.10).
        """
        loop = asyncio.get_running_loop()
        reason = await self._wait(max(0.0, self._due - loop.time()))
        while True:
            try:
                response = await self._csms.calls.call(self._request(reason), Cause.Boot)
            except (NotSent, LinkLost):
                return
            except (CallFailed, CallTimeout) as failure:
                _log.warning("BootNotification failed: %s", failure)
                self._csms.registration_failed(f"BootNotification failed: {failure}")
                reason = await self._wait(OWN_INTERVAL)
                continue
            accepted = response.status is RegistrationStatusEnum.Accepted
            # That of an acceptance is the interval of the heartbeat (B01.FR.04).
            pause = OWN_INTERVAL if accepted else until_next(response.interval)
            self._due = loop.time() + pause  # counts also if taking the answer fails
            with self._work.unit():
                self._take(response)
            if accepted:
                self.begin_anew()
            if accepted and not self._again.is_set():
                return
            reason = await self._wait(pause)

    def begin_anew(self) -> None:
        """Forget the interval: it was that of another CSMS (B10.FR.10), or of a registration that is over."""
        self._due = 0.0

    async def _wait(self, seconds: float) -> BootReasonEnum:
        """Return the reason of the next attempt, when it is due: the boot's own, or Triggered."""
        self._due = asyncio.get_running_loop().time() + seconds
        if not self._again.is_set():
            if seconds <= 0:
                return self._world.boot_reason
            try:
                async with asyncio.timeout(seconds):
                    await self._again.wait()
            except TimeoutError:
                return self._world.boot_reason
        self._again.clear()
        return BootReasonEnum.Triggered

    def _request(self, reason: BootReasonEnum) -> BootNotificationRequest:
        identity = self._world.product.identity
        station = ChargingStation(
            model=identity.model,
            vendor_name=identity.vendor_name,
            firmware_version=identity.firmware_version or None,
            serial_number=(identity.serial_number or self._world.identity)[:25],
        )
        return BootNotificationRequest(reason=reason, charging_station=station)

    def _take(self, response: BootNotificationResponse) -> None:
        take_time(self._device, self._time_sources, self._world, response.current_time)
        if response.status is RegistrationStatusEnum.Accepted:
            self._set_interval(response.interval)
        self._csms.register(Registration(response.status.value))
        if response.status is RegistrationStatusEnum.Accepted:
            self._work.announce(Accepted())

    def _set_interval(self, interval: int) -> None:
        """The CSMS sets the heartbeat interval (B01.FR.04); 0 leaves it, beyond a limit the limit counts."""
        if interval <= 0:
            return
        kept = OCPPCommCtrlr.heartbeat_interval
        possible = kept.within(interval, self._device.ocpp_comm.trait(kept))
        if interval != possible:
            _log.warning("the CSMS asked for a heartbeat every %d s; it is every %d s", interval, possible)
        self._settings.assign(kept, possible)

    def _trigger_boot(self, _evse: EVSE | None) -> Send:
        """A boot that is not accepted yet can be triggered, an accepted one not again (F06.FR.17)."""
        if self._csms.registration is Registration.Accepted:
            return "the station has been accepted already"
        return self._again.set


def until_next(interval: int) -> int:
    """Return the seconds until the next BootNotification for the interval that the CSMS gave."""
    if interval > LONGEST_INTERVAL:
        _log.warning("the CSMS wants the next boot in %d s; %d s is the most", interval, LONGEST_INTERVAL)
    return min(interval, LONGEST_INTERVAL) if interval > 0 else OWN_INTERVAL
