"""Campaigns over HTTP and in the live stream."""

import asyncio
import json
from contextlib import suppress

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.ports.campaign import CampaignOrder
from ohmstead.web.feed import Feed
from ohmstead.web.lease import HandLease
from tests.web.desk import desk
from tests.web.scripted_campaigns import FAILED, KNOWN, ScriptedCampaigns, passing
from tests.web.station import running as running_station

CAMPAIGN = "/api/v1/campaign"


def test_a_campaign_is_started_followed_and_stopped() -> None:
    async def follow() -> None:
        async with desk() as here:
            assert (await here.client.get(CAMPAIGN)).json()["state"] == "none"
            started = await here.client.post(CAMPAIGN, json={"bench": "wire", "block": "G"})
            assert started.status_code == 201
            assert started.json()["applicable"] == 3
            assert here.campaigns.ordered == [CampaignOrder(bench="wire", block="G")]
            here.campaigns.come(passing(KNOWN[0]), FAILED)
            now = (await here.client.get(CAMPAIGN)).json()
            assert now["counts"] == {"PASS": 1, "FAIL": 1}
            assert [row["id"] for row in now["cases"]] == list(KNOWN[:2])
            assert (await here.client.delete(CAMPAIGN)).json()["state"] == "stopped"
            assert (await here.client.delete(CAMPAIGN)).status_code == 200

    run(follow())


def test_a_case_tells_what_failed_and_shows_its_wire_log() -> None:
    async def look() -> None:
        async with desk() as here:
            await here.client.post(CAMPAIGN, json={})
            here.campaigns.come(FAILED)
            case = (await here.client.get(f"{CAMPAIGN}/cases/TC_G_02_CS")).json()
            assert case["finding"]["wanted"] == "Available"
            assert case["log"][3]["way"] == "<"
            missing = await here.client.get(f"{CAMPAIGN}/cases/TC_G_01_CS")
            assert missing.status_code == 404
            assert "TC_G_01_CS has no result" in missing.json()["error"]

    run(look())


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"cases": ["TC_Z_99_CS"]}, 422, "TC_Z_99_CS"),
        ({"cases": ["--product"]}, 400, "not valid"),
        ({"block": "Q"}, 400, "not valid"),
        ({"bench": "external"}, 400, "not valid"),
        ({"product": "/etc/passwd"}, 400, "not valid"),
    ],
)
def test_what_cannot_be_run_is_refused(body: dict[str, object], status: int, words: str) -> None:
    async def refuse() -> None:
        async with desk() as here:
            answer = await here.client.post(CAMPAIGN, json=body)
            assert answer.status_code == status
            assert words in answer.json()["error"]
            assert here.campaigns.ordered == []

    run(refuse())


def test_one_campaign_at_a_time() -> None:
    async def twice() -> None:
        async with desk() as here:
            await here.client.post(CAMPAIGN, json={})
            again = await here.client.post(CAMPAIGN, json={})
            assert again.status_code == 409
            assert "DELETE" in again.json()["hint"]

    run(twice())


def test_a_token_is_needed_here_too() -> None:
    async def stranger() -> None:
        async with desk(token="secret") as here:
            assert (await here.client.post(CAMPAIGN, json={})).status_code == 401
            assert here.campaigns.ordered == []

    run(stranger())


def test_a_server_without_a_lab_says_so() -> None:
    async def without() -> None:
        async with desk(lab=False) as here:
            answer = await here.client.get(CAMPAIGN)
            assert (answer.status_code, answer.json()["error"]) == (404, "this server runs no campaigns")

    run(without())


def test_a_stream_brings_each_result_once() -> None:
    """A campaign of hundreds of cases is not sent again with every case."""

    async def follow() -> None:
        async with running_station() as station:
            campaigns = ScriptedCampaigns()
            feed = Feed(station.bench, station.csms, HandLease(), campaigns)
            running = asyncio.create_task(feed.run())
            events: list[tuple[int, int, list[str]]] = []

            async def read() -> None:
                async for chunk in feed.stream("none"):
                    if chunk.startswith(b"event: campaign"):
                        data = json.loads(chunk.split(b"data: ")[1])
                        ids = [row["id"] for row in data["campaign"]["cases"]]
                        events.append((data["campaign"]["number"], data["since"], ids))

            reading = asyncio.create_task(read())
            await campaigns.start(CampaignOrder())
            for case in KNOWN:
                campaigns.come(passing(case))
                await asyncio.sleep(1)
            campaigns.finish()
            await asyncio.sleep(1)
            await campaigns.start(CampaignOrder())
            await asyncio.sleep(2)
            feed.close()
            await reading
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            assert events == [
                (1, 0, [KNOWN[0]]),
                (1, 1, [KNOWN[1]]),
                (1, 2, [KNOWN[2]]),
                (1, 3, []),
                (2, 0, []),
            ]

    run(follow())
