"""Block G: what the CSMS hears when it changes an availability (G03, G04)."""

import asyncio

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.wire import messages as wire
from tests.runtime.site import site

INOPERATIVE, OPERATIVE = wire.OperationalStatusEnum.Inoperative, wire.OperationalStatusEnum.Operative
STATION = None
FIRST = wire.EVSE(id=1)
CONNECTOR = wire.EVSE(id=2, connector_id=1)


def told(*requests: tuple[wire.OperationalStatusEnum, wire.EVSE | None]) -> list[tuple[int, str]]:
    """Send requests one after the other; return (EVSE, status) of what is told after the last of them."""

    async def live() -> list[tuple[int, str]]:
        async with site() as here:
            for status, evse in requests:
                here.csms.received.clear()
                request = wire.ChangeAvailabilityRequest(operational_status=status, evse=evse)
                response = await here.csms.call(request)
                assert response.status is wire.ChangeAvailabilityStatusEnum.Accepted
                await asyncio.sleep(5)
            heard = [one for one in here.csms.received if isinstance(one, wire.StatusNotificationRequest)]
            return [(one.evse_id, one.connector_status.value) for one in heard]

    return run(live(), limit=3600)


@pytest.mark.parametrize(
    ("evse", "connectors"), [(STATION, [1, 2]), (FIRST, [1]), (CONNECTOR, [2])], ids=["station", "EVSE", "connector"]
)
def test_a_change_is_told_for_the_connectors_of_its_scope(evse: wire.EVSE | None, connectors: list[int]) -> None:
    """G03.FR.04, G04.FR.05."""
    assert told((INOPERATIVE, evse)) == [(one, "Unavailable") for one in connectors]


@pytest.mark.parametrize(
    ("evse", "connectors"), [(STATION, [1, 2]), (FIRST, [1]), (CONNECTOR, [2])], ids=["station", "EVSE", "connector"]
)
def test_who_asks_for_what_is_so_already_hears_how_things_are(evse: wire.EVSE | None, connectors: list[int]) -> None:
    """TC_G_13 expects it, Part 2 leaves it open."""
    assert told((INOPERATIVE, evse), (INOPERATIVE, evse)) == [(one, "Unavailable") for one in connectors]
    assert told((OPERATIVE, evse)) == [(one, "Available") for one in connectors]


@pytest.mark.parametrize(
    "evse", [(0, 1), (0, 0), (0, -1), (-1, None), (3, None), (2**31 - 1, 1), (1, 0), (1, 2), (1, -1)]
)
def test_a_place_that_is_none_is_refused_and_nothing_changes(evse: tuple[int, int | None]) -> None:
    """EVSE 0 is the station, but it has no connectors: a slip must not put all of it out of service."""

    async def live() -> None:
        async with site() as here:
            place = wire.EVSE(id=evse[0], connector_id=evse[1])
            request = wire.ChangeAvailabilityRequest(operational_status=INOPERATIVE, evse=place)
            response = await here.csms.call(request)
            await asyncio.sleep(5)
            assert response.status is wire.ChangeAvailabilityStatusEnum.Rejected
            assert here.csms.of(wire.StatusNotificationRequest) == []

    run(live(), limit=3600)
