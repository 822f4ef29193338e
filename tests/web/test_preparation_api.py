"""What a test sets up at a station over the API before it begins: the cache, and a memory that is empty."""

import asyncio

import httpx
import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.wire.messages import SetVariableStatusEnum
from tests.web.desk import StationControls, desk
from tests.web.station import ADA, IDENTITY, LOST

CACHE = "/api/v1/cache"
OFFLINE = {"component": "AuthCtrlr", "variable": "LocalAuthorizeOffline", "value": "true"}


async def cached(here: StationControls, id_token: str | None = None) -> list[dict[str, object]]:
    answer = await here.client.get(CACHE, params=None if id_token is None else {"id_token": id_token})
    assert answer.status_code == 200
    entries: list[dict[str, object]] = answer.json()
    return entries


async def charges(here: StationControls) -> None:
    await here.hand("plug", evse_id=1)
    await here.hand("present", id_token=ADA)
    await here.station.charges()


def test_a_token_in_the_cache_lets_its_driver_in_while_the_csms_is_out_of_reach() -> None:
    async def offline() -> None:
        async with desk() as here:
            assert (await here.client.put("/api/v1/variables", json=OFFLINE)).status_code == 200
            put = await here.client.put(CACHE, json={"id_token": "04FFEE11", "group": "FLEET"})
            expected = {
                "id_token": "••••EE11", "type": "ISO14443", "status": "Accepted", "group": "••••T", "expires_at": None,
            }  # fmt: skip
            assert put.json() | {"expires_at": None} == expected
            await here.hand("cut-network", interface=None)
            await here.station.until(lambda: here.station.bench.view().connection.state != "Connected")
            await here.hand("plug", evse_id=1)
            await here.hand("present", id_token="04FFEE11")
            await here.station.until(lambda: here.station.bench.view().evses[0].supply == "Delivering")

    run(offline(), limit=3600)


def test_the_entries_are_those_of_the_csms_too_and_can_be_asked_for_one_by_one() -> None:
    async def look() -> None:
        async with desk() as here:
            await charges(here)
            await here.client.put(CACHE, json={"id_token": LOST, "status": "Blocked"})
            assert [one["status"] for one in await cached(here)] == ["Accepted", "Blocked"]
            assert [one["status"] for one in await cached(here, LOST.lower())] == ["Blocked"]
            assert await cached(here, "nobody") == []

    run(look(), limit=3600)


def test_the_time_of_an_entry_is_the_one_that_was_given() -> None:
    async def look() -> None:
        async with desk() as here:
            body = {"id_token": "04FFEE11", "expires_at": "2027-01-01T00:00:00+02:00"}
            assert (await here.client.put(CACHE, json=body)).json()["expires_at"] == "2026-12-31T22:00:00Z"

    run(look(), limit=3600)


def test_the_cache_is_cleared() -> None:
    async def clear() -> None:
        async with desk() as here:
            await here.client.put(CACHE, json={"id_token": "04FFEE11"})
            assert (await here.client.delete(CACHE)).status_code == 204
            assert await cached(here) == []

    run(clear(), limit=3600)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"id_token": ""}, 400),
        ({"id_token": "ü"}, 400),
        ({"id_token": "1" * 37}, 400),
        ({"id_token": "1", "type": "Card"}, 400),
        ({"id_token": "1", "status": "Fine"}, 400),
        ({"id_token": "1", "expires_at": "2027-01-01T00:00:00"}, 400),
        ({"id_token": "1", "type": "Central"}, 409),
        ({"id_token": "1", "type": "NoAuthorization"}, 409),
    ],
)
def test_a_token_that_no_cache_keeps_is_refused_with_the_reason(body: dict[str, str], status: int) -> None:
    async def refused() -> None:
        async with desk() as here:
            answer = await here.client.put(CACHE, json=body)
            assert answer.status_code == status
            assert answer.json()["error"]
            assert await cached(here) == []

    run(refused(), limit=3600)


def test_a_cache_that_is_disabled_or_that_the_product_has_not_says_so() -> None:
    async def refused() -> None:
        async with desk() as here:
            key = {"component": "AuthCacheCtrlr", "variable": "Enabled", "value": "false"}
            assert (await here.client.put("/api/v1/variables", json=key)).status_code == 200
            for answer in (await here.client.put(CACHE, json={"id_token": "1"}), await here.client.delete(CACHE)):
                assert (answer.status_code, "AuthCacheCtrlr.Enabled" in answer.json()["error"]) == (409, True)
        async with desk(product="minimal") as here:
            for method in ("GET", "DELETE"):
                answer = await here.client.request(method, CACHE)
                assert (answer.status_code, "C-49" in answer.json()["error"]) == (404, True)

    run(refused(), limit=3600)


async def reset(here: StationControls, **query: object) -> httpx.Response:
    return await here.client.post("/api/v1/reset", params={name: str(value) for name, value in query.items()})


def test_a_reset_leaves_a_station_as_at_its_first_start() -> None:
    async def begin_anew() -> None:
        async with desk() as here:
            await charges(here)
            await here.hand("unplug", evse_id=1)
            await here.client.put(
                "/api/v1/variables",
                json={"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval", "value": "60"},
            )
            await asyncio.sleep(10)
            answer = await reset(here)
            assert answer.status_code == 200
            assert answer.json()["powered"] is True
            assert answer.json()["charges"] == []
            assert await cached(here) == []
            await here.station.online()
            assert here.station.csms.transactions() == ()
            found = (await here.client.get("/api/v1/variables", params={"variable": "HeartbeatInterval"})).json()
            assert [one["value"] for one in found] == ["300"]
            await charges(here)

    run(begin_anew(), limit=3600)


def test_a_transaction_that_runs_is_not_lost_unless_it_is_said() -> None:
    async def begin_anew() -> None:
        async with desk() as here:
            await charges(here)
            refused = await reset(here)
            assert refused.status_code == 409
            assert "runs: end it first" in refused.json()["error"]
            assert "discard=true" in refused.json()["hint"]
            assert here.station.bench.view().evses[0].supply == "Delivering"
            assert (await reset(here, discard=True)).status_code == 200
            assert here.station.bench.view().evses[0].session is None or not here.station.csms.transactions()
            await here.station.online()
            await asyncio.sleep(60)
            assert [one for one in here.station.csms.transactions() if one.stopped_reason] == []

    run(begin_anew(), limit=3600)


def test_messages_that_wait_for_the_csms_are_not_lost_unless_it_is_said() -> None:
    async def begin_anew() -> None:
        async with desk() as here:
            await charges(here)
            await here.hand("cut-network", interface=None)
            await here.station.until(lambda: here.station.bench.view().connection.state != "Connected")
            await here.hand("unplug", evse_id=1)
            await here.station.until(lambda: here.station.bench.view().queue != ())
            refused = await reset(here)
            assert refused.status_code == 409
            assert "wait for the CSMS" in refused.json()["error"]
            waiting = (await reset(here, discard=True)).json()["queue"]
            assert [one["action"] for one in waiting] == ["SecurityEventNotification"]  # that of its start

    run(begin_anew(), limit=3600)


def test_a_password_that_was_changed_is_that_of_the_first_start_again() -> None:
    async def begin_anew() -> None:
        async with desk() as here:
            data = {
                "attributeValue": "another-password-of-24-characters",
                "component": {"name": "SecurityCtrlr"},
                "variable": {"name": "BasicAuthPassword"},
            }
            result = await here.station.csms.send(IDENTITY, "SetVariables", {"setVariableData": [data]})
            assert SetVariableStatusEnum.Accepted in result.payload
            await asyncio.sleep(30)
            assert (await reset(here)).status_code == 200
            await here.station.online()
            assert here.station.csms.stations()[0].boot_status == "Accepted"

    run(begin_anew(), limit=3600)


def test_a_station_without_power_begins_anew_too() -> None:
    async def begin_anew() -> None:
        async with desk() as here:
            await here.hand("cut-power")
            assert (await reset(here)).status_code == 409
            assert (await reset(here, discard=True)).json()["powered"] is True
            await here.station.online()

    run(begin_anew(), limit=3600)


def test_who_holds_the_hand_decides_and_a_real_machine_is_left_to_its_people() -> None:
    async def refused() -> None:
        async with desk() as here:
            here.lease.take("the lab")
            assert (await reset(here)).status_code == 409
        async with desk(hand=False) as here:
            assert (await reset(here)).status_code == 404

    run(refused(), limit=3600)
