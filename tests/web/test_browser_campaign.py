"""The campaign pane in Chromium: a real campaign by clicks, and a case that failed with its wire log."""

import asyncio
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import ViewportSize, expect

from ohmstead.cli.run.campaign import ChildCampaigns
from ohmstead.edge.clock import LoopClock
from ohmstead.ports.campaign import CampaignOrder
from tests.lab.child_station import reference_product, take_no_files
from tests.web.browser import LAPTOP, PHONE, site
from tests.web.scripted_campaigns import FAILED, KNOWN, ScriptedCampaigns, passing

pytestmark = pytest.mark.browser
PATIENT = 60_000
"""Milliseconds for a child process on a busy machine."""


def test_a_campaign_is_started_and_its_failures_are_understood(
    chromium: str, screenshots: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Block F on a station that refuses every place of files: two cases fail, and the page says where."""

    take_no_files(tmp_path, monkeypatch)

    async def drive() -> None:
        campaigns = ChildCampaigns(("--product", str(reference_product(tmp_path))), LoopClock())
        async with site(chromium, "#operator/campaign", campaigns=campaigns) as here:
            page = here.page
            await expect(page.get_by_text("Runs the official test cases")).to_be_visible()
            await page.get_by_label("Blocks", exact=True).select_option("F")
            await page.get_by_role("button", name="Start", exact=True).click()
            await expect(page.get_by_text("Finished")).to_be_visible(timeout=PATIENT)
            await expect(page.get_by_role("status").filter(has_text="20 of 20")).to_contain_text("2 FAIL")
            await expect(page.get_by_role("list", name="Not passed").locator("> li")).to_have_count(2)
            await expect(page.get_by_role("list", name="Passed", exact=True).locator("> li")).to_have_count(18)
            case = page.locator("[data-case=TC_F_16_CS]")
            await case.locator("summary").first.click()
            await expect(case.get_by_label("What failed")).to_contain_text("GetLogResponse: status")
            await expect(case.get_by_label("What failed")).to_contain_text('"status":"Accepted"')
            await expect(case.locator(".asked")).to_contain_text("N01.FR.01")
            culprit = case.locator(".marked")
            await expect(culprit).to_contain_text("GetLogResponse")
            await expect(culprit.locator("mark")).to_contain_text('"status": "Rejected"')
            await expect(case.locator(".wirelog").last).to_contain_text("Step 2 failed here.")
            await page.screenshot(path=screenshots / "operator-campaign.png", full_page=True)
            await page.get_by_label("Filter cases").fill("f_16")
            await expect(page.locator("[data-case]:visible")).to_have_count(1)
            assert here.problems == []
        await campaigns.close()

    asyncio.run(drive())


@pytest.mark.parametrize(("name", "size", "scheme"), [("laptop-dark", LAPTOP, "dark"), ("phone", PHONE, "light")])
def test_cases_come_in_one_by_one(
    chromium: str, screenshots: Path, name: str, size: ViewportSize, scheme: Literal["light", "dark"]
) -> None:
    """What runs, what passed, what failed, while it lasts; a second campaign begins with an empty list."""

    async def watch() -> None:
        campaigns = ScriptedCampaigns()
        async with site(chromium, "#operator/campaign", size=size, scheme=scheme, campaigns=campaigns) as here:
            page = here.page
            await page.get_by_role("button", name="Start", exact=True).click()
            await expect(page.get_by_text("Running", exact=True)).to_be_visible()
            campaigns.begin(KNOWN[0])
            await expect(page.get_by_role("list", name="Running now")).to_contain_text("G_01")
            campaigns.come(passing(KNOWN[0]))
            await expect(page.locator("[data-case]")).to_have_count(1)
            campaigns.come(FAILED)
            await expect(page.get_by_role("list", name="Not passed")).to_contain_text("wanted Available, got Occupied")
            await page.locator("[data-case=TC_G_02_CS] summary").first.click()
            await expect(page.locator(".marked mark")).to_contain_text('"connectorStatus": "Occupied"')
            await expect(page.locator(".wirelog").last).to_contain_text("EVSE 1/1 · Occupied")
            await page.get_by_role("link", name="Station", exact=True).click()
            await page.goto(f"{here.url}#operator/campaign")
            await expect(page.locator(".dispute")).to_contain_text("Not metthe official case")
            assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            await page.screenshot(path=screenshots / f"operator-campaign-{name}.png", full_page=True)
            await page.get_by_role("button", name="Stop", exact=True).click()
            await expect(page.get_by_text("Stopped", exact=True)).to_be_visible()
            await page.get_by_role("button", name="Start", exact=True).click()
            await expect(page.locator("[data-case]")).to_have_count(0)
            assert campaigns.ordered == [CampaignOrder(), CampaignOrder()]
            assert here.problems == []

    asyncio.run(watch())
