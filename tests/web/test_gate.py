"""Who may speak to the control API."""

import pytest

from ohmstead.edge.virtual_time import run
from tests.web.desk import desk

HEALTH = "/api/v1/health"
TOKEN = "a token of some length"


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080", "bench.localhost"])
def test_without_a_token_loopback_names_are_answered(host: str) -> None:
    async def ask() -> None:
        async with desk() as here:
            assert (await here.client.get(HEALTH, headers={"Host": host})).status_code == 200

    run(ask())


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8080", "192.0.2.1"])
def test_without_a_token_other_names_are_not(host: str) -> None:
    """A name that somebody else resolves to 127.0.0.1 must not open the station to his page."""

    async def ask() -> None:
        async with desk() as here:
            assert (await here.client.get(HEALTH, headers={"Host": host})).status_code == 403

    run(ask())


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999"])
def test_a_page_of_another_site_can_do_nothing(origin: str) -> None:
    async def ask() -> None:
        async with desk() as here:
            answer = await here.client.post("/api/v1/hand/cut-power", headers={"Origin": origin})
            assert answer.status_code == 403
            assert (await here.view()).powered

    run(ask())


def test_the_own_page_may() -> None:
    async def ask() -> None:
        async with desk() as here:
            headers = {"Origin": "http://127.0.0.1:8080", "Sec-Fetch-Site": "same-origin"}
            assert (await here.client.post("/api/v1/hand/cut-power", headers=headers)).status_code == 200

    run(ask())


@pytest.mark.parametrize("path", ["/", HEALTH, "/docs", "/static/app.js", "/api/v1/openapi.json", "/api/v1/events"])
def test_with_a_token_nothing_is_open(path: str) -> None:
    async def ask() -> None:
        async with desk(token=TOKEN) as here:
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Cookie": f"ohmstead={TOKEN}"}):
                answer = await here.client.get(path, headers=headers)
                assert answer.status_code == 401
                assert answer.headers["www-authenticate"].startswith("Bearer")

    run(ask())


def test_bearer_opens_from_any_host_name() -> None:
    async def ask() -> None:
        async with desk(token=TOKEN) as here:
            headers = {"Authorization": f"Bearer {TOKEN}", "Host": "station.lan:8080"}
            assert (await here.client.get(HEALTH, headers=headers)).status_code == 200

    run(ask())


def test_the_token_in_the_url_becomes_a_cookie_without_it() -> None:
    async def ask() -> None:
        async with desk(token=TOKEN) as here:
            answer = await here.client.get("/", params={"token": TOKEN, "x": "1"})
            assert (answer.status_code, answer.headers["location"]) == (303, "/?x=1")
            cookie = answer.headers["set-cookie"]
            assert TOKEN not in cookie
            assert "HttpOnly" in cookie
            assert "SameSite=Strict" in cookie
            assert (await here.client.get(HEALTH)).status_code == 200

    run(ask())


def test_the_redirect_stays_on_this_host() -> None:
    async def ask() -> None:
        async with desk(token=TOKEN) as here:
            answer = await here.client.get(f"http://127.0.0.1:8080//evil.example?token={TOKEN.replace(' ', '+')}")
            assert not answer.headers.get("location", "/x").startswith("//")

    run(ask())


def test_every_response_carries_the_security_headers() -> None:
    async def ask() -> None:
        async with desk() as here:
            for path in ("/", HEALTH, "/static/app.js"):
                headers = (await here.client.get(path)).headers
                assert "default-src 'self'" in headers["content-security-policy"]
                assert headers["x-content-type-options"] == "nosniff"

    run(ask())
