"""The hand is leased: others get 409 with the holder's name, and the emergency stop always works (decided case 25)."""

import asyncio

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.web.lease import HandLease, HandLeased
from tests.web.desk import desk


def test_others_are_refused_with_the_holders_name() -> None:
    async def lease() -> None:
        async with desk() as here:
            key = (await here.hand("lease", holder="the lab", seconds=30)).json()["key"]
            refused = await here.hand("plug", evse_id=1)
            assert refused.status_code == 409
            assert "the lab" in refused.json()["error"]
            assert (await here.hand("plug", lease=key, evse_id=1)).status_code == 200
            assert (await here.hand("lease", holder="me")).status_code == 409
            assert (await here.client.delete("/api/v1/hand/lease")).status_code == 409
            headers = {"X-Ohmstead-Lease": key}
            assert (await here.client.delete("/api/v1/hand/lease", headers=headers)).status_code == 204
            assert (await here.hand("unplug", evse_id=1)).status_code == 200

    run(lease())


def test_the_emergency_stop_works_for_everybody_and_the_holder_is_told() -> None:
    async def stop() -> None:
        async with desk() as here:
            told: list[str] = []
            key = here.lease.take("the lab", interrupted=told.append).key
            assert (await here.hand("emergency-stop", lease=key, pressed=True)).status_code == 200
            assert (await here.hand("emergency-stop", lease=key, pressed=False)).status_code == 200
            assert told == []
            assert (await here.hand("emergency-stop", pressed=True)).status_code == 200
            assert told == ["the emergency stop was pressed by somebody else"]
            assert (await here.view()).emergency_stop
            assert (await here.hand("emergency-stop", pressed=False)).status_code == 409

    run(stop())


def test_a_lease_ends_by_itself_unless_renewed() -> None:
    async def expire() -> None:
        lease = HandLease()
        first = lease.take("the lab", seconds=10)
        await asyncio.sleep(9)
        assert lease.take("the lab", seconds=10, key=first.key).key == first.key
        await asyncio.sleep(9)
        with pytest.raises(HandLeased, match="the lab"):
            lease.check(None)
        await asyncio.sleep(1.1)
        lease.check(None)
        assert lease.view().holder is None

    run(expire())
