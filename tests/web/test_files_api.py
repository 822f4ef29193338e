"""The file servers in the control API: a log comes and goes, firmware is made or refused."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx

from ohmstead.web.app import create_app
from tests.web.desk import StationControls, desk
from tests.web.files import KeptFiles
from tests.web.station import IDENTITY

API = "/api/v1/files"


def play(scene: Callable[[StationControls], Awaitable[None]], csms: bool = True) -> None:
    """In real time, for a client outside puts files onto a real socket."""

    async def live() -> None:
        async with desk(csms=csms) as here:
            await scene(here)

    asyncio.run(asyncio.wait_for(live(), 60))


async def place(here: StationControls) -> str:
    places = (await here.client.get(API)).json()["places"]
    return next(str(one["url"]) for one in places if one["protocol"] == "HTTP")


async def put(url: str, content: bytes) -> None:
    async with httpx.AsyncClient() as client:
        assert (await client.put(url, content=content)).status_code == 201


def test_a_log_that_was_asked_for_is_read_and_removed() -> None:
    async def scene(here: StationControls) -> None:
        asked = {"requestId": 17, "logType": "SecurityLog", "log": {"remoteLocation": "http://127.0.0.1:1/"}}
        answer = await here.client.post(f"/api/v1/csms/{IDENTITY}/GetLog", json=asked)
        name = answer.json()["payload"].partition('"filename":"')[2].partition('"')[0]
        await put(await place(here) + name, b"line\n")
        await asyncio.sleep(0)
        (log,) = (await here.client.get(API)).json()["logs"]
        assert (log["station"], log["request_id"], log["log_type"], log["size"]) == (IDENTITY, 17, "SecurityLog", 5)
        text = await here.client.get(f"{API}/logs/{log['id']}")
        assert (text.content, text.headers["content-type"]) == (b"line\n", "text/plain; charset=utf-8")
        assert text.headers["x-content-type-options"] == "nosniff"
        assert (await here.client.delete(f"{API}/logs/{log['id']}")).status_code == 204
        assert (await here.client.get(f"{API}/logs/{log['id']}")).status_code == 404
        (job,) = (await here.client.get("/api/v1/csms")).json()["file_jobs"]
        assert (job["action"], job["request_id"], job["answer"], job["filename"]) == ("GetLog", 17, "Accepted", name)

    play(scene)


def test_a_log_that_nobody_asked_for_is_of_no_request() -> None:
    async def scene(here: StationControls) -> None:
        await put(await place(here) + "stray.log", b"x")
        await asyncio.sleep(0)
        (log,) = (await here.client.get(API)).json()["logs"]
        assert (log["name"], log["request_id"]) == ("stray.log", None)

    play(scene)


def test_firmware_is_made() -> None:
    async def scene(here: StationControls) -> None:
        answer = await here.client.post(f"{API}/firmware", json={"version": "2.0", "kind": "BadSignature"})
        made = answer.json()
        assert (answer.status_code, made["version"], made["expected"]) == (201, "2.0", "InvalidSignature")
        assert (await here.client.get(API)).json()["firmware"] == [made]
        wrong = await here.client.post(f"{API}/firmware", json={"version": "a b"})
        assert wrong.status_code == 400

    play(scene)


def test_where_another_manufacturer_signs_it_is_said() -> None:
    async def scene(here: StationControls) -> None:
        files = KeptFiles(here.station.host.product, not_signed="the key is elsewhere")
        app = create_app(here.station.bench, here.station.hand, here.station.csms, files=files)
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # httpx types ASGI by plain dicts
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            answer = await client.post(f"{API}/firmware", json={"version": "2.0"})
            assert (answer.status_code, answer.json()["error"]) == (409, "the key is elsewhere")
        await files.close()

    play(scene)


def test_without_an_embedded_csms_there_are_none() -> None:
    async def scene(here: StationControls) -> None:
        assert (await here.client.get(API)).status_code == 404
        assert (await here.client.get(f"{API}/logs/1")).status_code == 404

    play(scene, csms=False)
