"""Cold boot: Pending, Rejected, intervals, and a link that is lost in between (B01, B02, B03)."""

import asyncio
from itertools import pairwise

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from tests.runtime.site import Site, site


def boots(here: Site) -> list[wire.BootNotificationRequest]:
    """Return the BootNotifications received."""
    return here.csms.of(wire.BootNotificationRequest)


@pytest.mark.parametrize("status", [wire.RegistrationStatusEnum.Pending, wire.RegistrationStatusEnum.Rejected])
def test_a_lost_link_does_not_shorten_the_interval(status: wire.RegistrationStatusEnum) -> None:
    """B02.FR.04, B03.FR.06: the next BootNotification comes after the interval, once, over whatever connection."""

    async def live() -> None:
        async with site() as here:
            times: list[float] = []

            def not_yet(_request: Request[Response]) -> Response:
                times.append(asyncio.get_running_loop().time())
                return wire.BootNotificationResponse(current_time=here.clock.now(), interval=60, status=status)

            here.csms.answers[wire.BootNotificationRequest] = not_yet
            await here.hand.reboot()
            await here.csms.until(lambda: len(times) == 1)
            await asyncio.sleep(5)
            await here.hand.cut_network("Wired0")
            await here.hand.restore_network("Wired0")
            await here.csms.until(lambda: len(times) == 3)
            assert [round(later - earlier) for earlier, later in pairwise(times)] == [60, 60]

    run(live(), limit=3600)
