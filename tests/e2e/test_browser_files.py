"""Logs and firmware by the form of the page, to the end: the real station, its CSMS, its file servers, and Chromium."""

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.running import running
from tests.web.browser import LAPTOP, PHONE, page_in

pytestmark = pytest.mark.browser
PATIENT = 120_000
"""Milliseconds: an image takes five seconds to install, then the station boots."""
VERSION = "9.1.0"


async def choose(page: Page, command: str) -> None:
    """Open the form of a command."""
    await page.goto(re.sub("#.*", "", page.url) + f"#operator/commands/{command}")
    await expect(page.get_by_role("combobox", name="Command")).to_have_value(command, timeout=PATIENT)


async def log_comes(page: Page) -> None:
    """Ask for a log, and read it."""
    await choose(page, "GetLog")
    await expect(page.locator("[name=remoteLocation]")).to_have_value(re.compile("/logs/$"), timeout=PATIENT)
    await page.get_by_role("button", name="Send").click()
    done = page.get_by_role("list", name="Logs and updates")
    await expect(done).to_contain_text("Uploaded", timeout=PATIENT)
    await done.get_by_role("link", name=re.compile("View")).click()
    await expect(page.get_by_label("Text of the log")).to_contain_text("station: OHM-0001", timeout=PATIENT)
    await page.get_by_role("link", name="Messages").click()
    await page.get_by_role("link", name=re.compile("Log of request")).first.click()
    await expect(page.get_by_label("Text of the log")).to_contain_text("station: OHM-0001", timeout=PATIENT)


async def firmware_goes(page: Page, kind: str, ends: str) -> None:
    """Make firmware, send it, and see how the update ends."""
    await choose(page, "UpdateFirmware")
    form = page.get_by_role("form", name="Command")
    await form.get_by_label("Version of the firmware").fill(VERSION)
    await form.get_by_label("Kind of firmware").select_option(kind)
    await form.get_by_role("button", name="Make firmware").click()
    await expect(form).to_contain_text(f"The update has to end {ends}", timeout=PATIENT)
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("list", name="Logs and updates").locator(".pill").first).to_have_text(
        ends, timeout=PATIENT
    )


@pytest.mark.parametrize(
    ("product", "wrong", "refused"),
    [
        ("sec1000-240y", "UntrustedSigner", "InvalidCertificate"),
        ("minimal", "BadSignature", "InvalidSignature"),
    ],
)
def test_a_log_comes_and_firmware_goes(product: str, wrong: str, refused: str, chromium: str, tmp_path: Path) -> None:
    """One product takes files over anything, the other over HTTPS alone; both refuse what is wrong."""

    async def exchange(url: str) -> None:
        async with page_in(chromium, url, LAPTOP if product == "sec1000-240y" else PHONE) as (page, problems):
            await expect(page.locator("#link")).to_have_text("Online", timeout=PATIENT)
            await log_comes(page)
            await firmware_goes(page, wrong, refused)
            await firmware_goes(page, "Good", "Installed")
            await page.get_by_role("link", name="Overview").click()
            await expect(page.get_by_label("Station and link")).to_contain_text(VERSION, timeout=PATIENT)
            assert problems == []

    with running("--product", product, "--data", str(tmp_path / "data")) as station:
        asyncio.run(exchange(station.api))
