"""Block B: boot, and what follows an outage."""

from collections.abc import Callable

import msgspec

from ohmstead.blocks.b_boot import BBoot
from ohmstead.blocks.context import Registration
from ohmstead.blocks.g_availability import GAvailability
from ohmstead.lab.readings.b_boot import BOOT_AFTER_OUTAGE, BOOT_REASON, BOOT_TRIGGER, REPEATED_BOOT, SELF_CHECK
from ohmstead.model.events import Accepted
from ohmstead.ports.calls import Cause
from ohmstead.runtime.station import Station
from ohmstead.wire.messages import BootNotificationRequest, BootReasonEnum, ConnectorStatusEnum
from tests.lab.mutation import replaced
from tests.lab.shown import Shown
from tests.lab.wrongs import always


def _no_reason(right: Callable[..., BootNotificationRequest], *arguments: object) -> BootNotificationRequest:
    request = right(*arguments)
    triggered = request.reason is BootReasonEnum.Triggered
    return request if triggered else msgspec.structs.replace(request, reason=BootReasonEnum.Unknown)


def _checks_itself(right: Callable[..., None], self: GAvailability, accepted: Accepted) -> None:
    """Every connector is Unavailable until the station has looked at itself."""
    for key in self._charging.statuses():
        closed = self._notification(key, ConnectorStatusEnum.Unavailable, self._world.clock.now())
        self._csms.calls.send(closed, Cause.Own)
    right(self, accepted)


def _late(right: Callable[..., object], self: BBoot, seconds: float) -> object:
    return right(self, 2 * seconds)


def _registers_again(right: Callable[[Station], None], self: Station) -> None:
    right(self)
    self.calls.registration = Registration.Unknown


_UNSAID = [
    Shown(
        reading=BOOT_REASON,
        case=case,
        mutate=lambda: replaced(BBoot, "_request", _no_reason),
        fails="specification",
    )
    for case in ("TC_B_01_CS", "TC_B_03_CS", "TC_B_20_CS")
]
_CHECKED = [
    Shown(
        reading=SELF_CHECK,
        case=case,
        mutate=lambda: replaced(GAvailability, "when_accepted", _checks_itself),
        fails="tool",
    )
    for case in ("TC_B_01_CS", "TC_B_02_CS", "TC_B_20_CS", "TC_B_23_CS")
]
_SLOW = [
    Shown(reading=REPEATED_BOOT, case=case, mutate=lambda: replaced(BBoot, "_wait", _late), fails="specification")
    for case in ("TC_B_02_CS", "TC_B_03_CS")
]
_BACK = [
    Shown(
        reading=BOOT_AFTER_OUTAGE,
        case=case,
        mutate=lambda: replaced(Station, "_lost", _registers_again),
        fails="tool",
    )
    for case in ("TC_B_51_CS", "TC_B_52_CS", "TC_B_57_CS")
]
SHOWN = (
    *_UNSAID,
    *_CHECKED,
    *_SLOW,
    *_BACK,
    Shown(
        reading=BOOT_TRIGGER,
        case="TC_B_02_CS",
        mutate=lambda: replaced(BBoot, "_trigger_boot", always("it waits for its interval")),
        fails="tool",
    ),
)
