"""Faults of the protocol on the page: a form for them, and a red line on every view while one is active."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.web.browser import site

pytestmark = pytest.mark.browser


def test_a_fault_is_made_on_the_page_shown_in_red_on_every_view_and_cleared(chromium: str, screenshots: Path) -> None:
    async def visit() -> None:
        async with site(chromium, "/#operator/faults") as here:
            page = here.page
            banner = page.locator("#faults")
            await expect(banner).to_be_hidden()
            await page.get_by_label("Kind of fault").select_option("delay")
            await page.locator("[name=seconds]").fill("3")
            await page.get_by_role("button", name="Make it wrong").click()
            await expect(banner).to_have_text(
                "A fault of the protocol on purpose: delay · sent every action · until cleared"
            )
            assert await banner.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(163, 22, 15)"
            await page.screenshot(path=screenshots / "faults.png")
            for view in ("/#station", "/#operator/overview", "/docs"):
                await page.goto(f"{here.url}{view}")
                await expect(page.locator("#faults")).to_be_visible()
            await page.goto(f"{here.url}/#operator/faults")
            await page.get_by_role("button", name="Clear fault 1").click()
            await expect(page.locator("#faults")).to_be_hidden()
            assert here.station.bench.view().protocol_faults == ()
            assert here.problems == []

    asyncio.run(visit())
