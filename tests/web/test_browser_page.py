"""The page in Chromium: a whole charge by clicks, and the operator's bench."""

import asyncio
import json
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import ViewportSize, expect

from ohmstead.ports.bench import TraceLine
from ohmstead.web.server import create_app, serve
from tests.web.browser import LAPTOP, PHONE, page_in, site
from tests.web.station import ADA, running

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("name", "size", "scheme"),
    [("laptop", LAPTOP, "light"), ("laptop-dark", LAPTOP, "dark"), ("phone", PHONE, "light")],
)
def test_a_whole_charge_by_clicks(
    chromium: str, screenshots: Path, name: str, size: ViewportSize, scheme: Literal["light", "dark"]
) -> None:
    async def drive() -> None:
        async with site(chromium, size=size, scheme=scheme) as here:
            page = here.page
            first = page.get_by_role("article", name="EVSE 1")
            await expect(first).to_contain_text("Available")
            await first.get_by_label("Car for EVSE 1").select_option("sedan-77")
            await first.get_by_role("button", name="Plug in").click()
            await expect(page.locator(".display")).to_contain_text("Hold your card to the reader")
            await page.get_by_role("button", name="Ada", exact=False).first.click()
            await expect(first).to_contain_text("Charging")
            await expect(page.locator(".display")).to_contain_text("EVSE 1: charging")
            await expect(first.locator(".figure.power b")).not_to_have_text("0.0")
            await asyncio.sleep(3)
            width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert width <= 0, "the page scrolls sideways"
            await page.screenshot(path=screenshots / f"station-{name}.png", full_page=True)
            await page.get_by_role("button", name="Ada", exact=False).first.click()
            await expect(first).to_contain_text("Plugged in")
            await first.get_by_role("button", name="Unplug").click()
            await expect(first).to_contain_text("Available")
            assert [one.stopped_reason for one in here.station.csms.transactions()] == ["Local"]
            assert here.problems == []

    asyncio.run(drive())


def test_the_drawing_itself_can_be_touched(chromium: str) -> None:
    async def touch() -> None:
        async with site(chromium) as here:
            page = here.page
            await page.get_by_role("button", name="Plug a car into EVSE 2").click()
            await expect(page.get_by_role("article", name="EVSE 2")).to_contain_text("Plugged in")
            await page.get_by_role("button", name="Press the emergency stop").click()
            await expect(page.locator(".display")).to_contain_text("Emergency stop")
            await page.get_by_role("button", name="Release the emergency stop").click()
            await page.get_by_role("button", name="Plug a car into EVSE 1").click()
            await expect(page.get_by_role("article", name="EVSE 1")).to_contain_text("Plugged in")
            await here.station.hand.present(ADA)
            await expect(page.locator(".display")).to_contain_text("Which EVSE?")
            await page.locator(".display").get_by_role("button", name="2").click()
            await expect(page.get_by_role("article", name="EVSE 2")).to_contain_text("Charging")
            await page.get_by_role("button", name="Unplug the car from EVSE 1").click()
            await expect(page.get_by_role("article", name="EVSE 1")).to_contain_text("Available")
            assert here.problems == []

    asyncio.run(touch())


def test_a_refused_action_says_why(chromium: str) -> None:
    async def refuse() -> None:
        async with site(chromium, "#operator/physical") as here:
            await here.page.get_by_label("EVSE 1").get_by_role("button", name="Unplug").click()
            await expect(here.page.locator("#toasts")).to_contain_text("no EV is plugged in at EVSE 1")

    asyncio.run(refuse())


def test_without_power_the_page_says_so_and_comes_back(chromium: str, screenshots: Path) -> None:
    async def cut() -> None:
        async with site(chromium) as here:
            await expect(here.page.locator("#link")).to_have_text("Online")
            await here.station.hand.cut_power()
            await expect(here.page.locator("#link")).to_have_text("No power")
            await expect(here.page.get_by_role("article", name="EVSE 1")).to_contain_text("No power")
            await here.page.screenshot(path=screenshots / "station-no-power.png")
            await here.station.hand.restore_power()
            await expect(here.page.locator("#link")).to_have_text("Online")

    asyncio.run(cut())


def test_the_trace_is_live_readable_and_filtered(chromium: str, screenshots: Path) -> None:
    async def read() -> None:
        async with site(chromium, "#operator/messages") as here:
            page = here.page
            rows, bench = page.locator(".trace li"), here.station.bench
            await expect(rows).to_have_count(len(bench.trace()))
            await here.station.hand.plug(1)
            await here.station.hand.present(ADA)
            await here.station.charges()
            started = rows.filter(has_text="Started ·").first
            await expect(started).to_contain_text("seqNo 0 · EVSE 1/1 · EVConnected")
            await started.locator("summary").click()
            shown = await started.locator("pre").text_content()
            assert json.loads(shown or "")["eventType"] == "Started"
            await expect(rows).to_have_count(len(bench.trace()))
            await page.screenshot(path=screenshots / "operator-messages.png")
            await page.get_by_label("Filter messages").fill("statusnot")
            told = statuses(bench.trace())
            await expect(rows).to_have_count(told)
            await page.get_by_role("button", name="Pause").click()
            await here.station.hand.unplug(1)
            await here.station.until(lambda: statuses(bench.trace()) == told + 2)
            await asyncio.sleep(0.6)
            await expect(rows).to_have_count(told)
            await page.get_by_role("button", name="Go on").click()
            await expect(rows).to_have_count(told + 2)
            assert here.problems == []

    asyncio.run(read())


def test_variables_are_edited_in_place(chromium: str, screenshots: Path) -> None:
    async def edit() -> None:
        async with site(chromium, "#operator/variables") as here:
            page = here.page
            await page.get_by_role("button", name="Change OCPPCommCtrlr.HeartbeatInterval").click()
            await page.get_by_role("spinbutton").fill("77")
            await page.get_by_role("button", name="Set", exact=True).click()
            edited = page.get_by_role("button", name="Change OCPPCommCtrlr.HeartbeatInterval")
            await expect(edited).to_have_text("77")
            await page.get_by_role("button", name="Change TxCtrlr.TxStartPoint").click()
            await page.get_by_label("EVConnected").check()
            await page.screenshot(path=screenshots / "operator-variables.png")
            await page.get_by_role("button", name="Set", exact=True).click()
            start = page.get_by_role("button", name="Change TxCtrlr.TxStartPoint")
            await expect(start).to_have_text("PowerPathClosed,EVConnected")
            await page.get_by_label("Filter variables").fill("password")
            await expect(page.locator("tbody")).to_contain_text("BasicAuthPassword")
            await expect(page.locator("tbody")).not_to_contain_text("HeartbeatInterval")
            assert here.problems == []

    asyncio.run(edit())


def test_commands_are_sent_from_a_form(chromium: str, screenshots: Path) -> None:
    async def send() -> None:
        async with site(chromium, "#operator/commands") as here:
            page = here.page
            await (
                page.get_by_label("Command", exact=True)
                .and_(page.locator("select"))
                .select_option("ChangeAvailability")
            )
            await page.locator("select[name=operationalStatus]").select_option("Inoperative")
            await page.locator("input[name=id]").fill("2")
            await page.get_by_role("button", name="Send").click()
            await expect(page.locator(".answer-card")).to_contain_text("Accepted")
            await page.screenshot(path=screenshots / "operator-commands.png")
            sent = [line for line in here.station.bench.trace() if line.action == "ChangeAvailability"]
            assert json.loads(sent[0].payload) == {"operationalStatus": "Inoperative", "evse": {"id": 2}}
            assert here.problems == []

    asyncio.run(send())


def test_every_form_can_be_built(chromium: str) -> None:
    async def build() -> None:
        async with site(chromium, "#operator/commands") as here:
            chooser = here.page.locator("select[aria-label=Command]")
            await expect(chooser.locator("option")).not_to_have_count(0)
            for action in await chooser.locator("option").all_text_contents():
                await chooser.select_option(action)
                await here.page.get_by_label("raw JSON").check()
                text = await here.page.get_by_label("Payload as JSON").input_value()
                assert isinstance(json.loads(text), dict), action
                await here.page.get_by_label("raw JSON").uncheck()
            assert here.problems == []

    asyncio.run(build())


def test_the_api_page_needs_nothing_from_elsewhere(chromium: str) -> None:
    async def look() -> None:
        async with site(chromium, "docs") as here:
            plug = here.page.locator("details", has_text="/api/v1/hand/plug")
            await plug.locator("summary").click()
            await plug.get_by_role("button", name="Send").click()
            await expect(plug.locator("pre").last).to_contain_text('"done": "plug"')
            assert here.problems == []

    asyncio.run(look())


def test_the_page_comes_back_after_the_server_was_away(chromium: str) -> None:
    async def leave() -> None:
        async with running() as station:
            served = await serve(create_app(station.bench, station.hand), port=0)
            port = int(served.url.rstrip("/").rsplit(":", 1)[1])
            async with page_in(chromium, served.url) as (page, _):
                await expect(page.locator("#link")).to_have_text("Online")
                await served.stop()
                await expect(page.locator("#lost")).to_be_visible()
                await station.hand.cut_network()
                served = await serve(create_app(station.bench, station.hand), port=port)
                await expect(page.locator("#lost")).to_be_hidden()
                await expect(page.locator("#link")).to_have_text("Offline")
            await served.stop()

    asyncio.run(leave())


def test_more_than_two_evses_and_no_csms(chromium: str, screenshots: Path) -> None:
    async def look() -> None:
        async with site(chromium, csms=False, evses=4) as here:
            await expect(here.page.get_by_role("article")).to_have_count(4)
            await here.page.get_by_role("button", name="Plug a car into EVSE 3").click()
            await expect(here.page.get_by_role("article", name="EVSE 3")).to_contain_text("Plugged in")
            await here.page.get_by_text("Another card").click()
            await here.page.get_by_label("Card number").fill(ADA)
            await here.page.get_by_role("button", name="Hold to reader").click()
            await expect(here.page.get_by_role("article", name="EVSE 3")).to_contain_text("Charging")
            await here.page.screenshot(path=screenshots / "station-four.png", full_page=True)
            assert here.problems == []

    asyncio.run(look())


def statuses(trace: tuple[TraceLine, ...]) -> int:
    return sum(line.action == "StatusNotification" for line in trace)
