"""Cold boot: Pending, Rejected, intervals, and a link that is lost in between (B01, B02, B03)."""

import asyncio
from itertools import pairwise

import msgspec
import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.product.load import load
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


def test_an_interval_of_a_second_is_waited_for() -> None:
    """B02.FR.04: the shortest interval that a CSMS can ask for."""

    async def live() -> None:
        async with site() as here:
            times: list[float] = []

            def not_yet(_request: Request[Response]) -> Response:
                times.append(asyncio.get_running_loop().time())
                pending = wire.RegistrationStatusEnum.Pending
                return wire.BootNotificationResponse(current_time=here.clock.now(), interval=1, status=pending)

            here.csms.answers[wire.BootNotificationRequest] = not_yet
            await here.hand.reboot()
            await here.csms.until(lambda: len(times) == 4)
            assert [round(later - earlier, 1) for earlier, later in pairwise(times)] == [1, 1, 1]

    run(live(), limit=3600)


@pytest.mark.parametrize(("number", "told"), [("SN-7", "SN-7"), ("", "CS-001"), ("S" * 30, "S" * 25)])
def test_a_boot_tells_the_serial_number_or_the_identity_as_long_as_a_message_may(number: str, told: str) -> None:
    """ChargingStationType: serialNumber has 25 characters at most."""
    made = load("sec1000-240y")
    identity = msgspec.structs.replace(made.identity, serial_number=number)

    async def live() -> None:
        async with site(product=msgspec.structs.replace(made, identity=identity)) as here:
            await here.hand.reboot()
            await here.csms.until(lambda: bool(boots(here)))
            assert boots(here)[-1].charging_station.serial_number == told

    run(live(), limit=3600)
