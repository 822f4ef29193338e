"""Block A: security events reach the CSMS for certain."""

from ohmstead.blocks.context import Csms, World
from ohmstead.blocks.hooks import hears
from ohmstead.blocks.work import Work
from ohmstead.model.events import SecurityEvent
from ohmstead.wire.messages import BootReasonEnum, SecurityEventNotificationRequest

AFTER_POWER = {BootReasonEnum.PowerUp, BootReasonEnum.Watchdog, BootReasonEnum.Unknown}


class ASecurity:
    """Queues security events: they are delivered, whatever happens to the link or the power (A04.FR.02)."""

    def __init__(self, work: Work, csms: Csms, world: World) -> None:
        self._work = work
        self._csms = csms
        self._world = world

    def start(self) -> None:
        """Every boot is an event of its own."""
        powered = self._world.boot_reason in AFTER_POWER
        self._work.announce(SecurityEvent("StartupOfTheDevice" if powered else "ResetOrReboot"))

    @hears(SecurityEvent)
    def when_security_event(self, event: SecurityEvent) -> None:
        """Put the notification into the outbox (A04.FR.01)."""
        request = SecurityEventNotificationRequest(
            type=event.type, timestamp=self._world.clock.now(), tech_info=event.tech_info
        )
        self._csms.calls.post(request)
