"""A person charges a car in a browser: the real station, its embedded CSMS over TLS, and Chromium."""

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.running import events, running
from tests.web.browser import page_in

pytestmark = pytest.mark.browser
PATIENT = 60_000
"""Milliseconds: cable check and precharge take up to seven seconds, and the machine is busy with other tests."""


async def number(place: Locator) -> float:
    """Return the number that a place of the page shows."""
    found = re.search(r"[\d.]+", await place.inner_text())
    return float(found[0]) if found else 0.0


def test_a_person_charges_a_car(chromium: str, artefacts: Path, tmp_path: Path) -> None:
    """Plug in, show a card, watch power and state of charge rise, stop with the card, unplug."""
    log = tmp_path / "wire.jsonl"

    async def charge(url: str) -> None:
        async with page_in(chromium, url) as (page, problems):
            first = page.get_by_role("article", name="EVSE 1")
            ada = page.get_by_role("button", name="Ada", exact=False).first
            display = page.locator(".display")
            await expect(page.locator("#link")).to_have_text("Online", timeout=PATIENT)
            await expect(display).to_contain_text("Welcome", timeout=PATIENT)
            await first.get_by_label("Car for EVSE 1").select_option("sedan-77")
            await first.get_by_role("button", name="Plug in").click()
            await expect(display).to_contain_text("Hold your card to the reader", timeout=PATIENT)
            await ada.click()
            await expect(first).to_contain_text("Charging", timeout=PATIENT)
            power, energy, soc = (first.locator(place) for place in (".power b", ".energy b", ".ring b"))
            await expect(power).not_to_have_text("0.0", timeout=PATIENT)
            early, started_at = await number(power), await number(soc)
            await expect(energy).not_to_have_text(re.compile(r"^(–|0\.0\d)$"), timeout=PATIENT)
            assert await number(power) > early
            assert await number(soc) >= started_at
            await expect(display).to_contain_text("charging", timeout=PATIENT)
            await page.screenshot(path=artefacts / "charge.png", full_page=True)
            await page.get_by_role("link", name="Operator").click()
            await expect(page.locator("#operator")).to_contain_text("EnergyTransfer", timeout=PATIENT)
            await page.screenshot(path=artefacts / "charge-operator.png", full_page=True)
            await page.get_by_role("link", name="Station", exact=True).click()
            await ada.click()
            await expect(first).to_contain_text("Plugged in", timeout=PATIENT)
            await page.get_by_role("link", name="Operator").click()
            await page.get_by_text("Messages", exact=True).first.click()
            ended = page.locator("ol.trace li", has_text="Ended")
            await expect(ended).to_contain_text(re.compile(r"Local · [1-9][\d.]* Wh"), timeout=PATIENT)
            await page.get_by_role("link", name="Station", exact=True).click()
            await first.get_by_role("button", name="Unplug").click()
            await expect(first).to_contain_text("Available", timeout=PATIENT)
            assert problems == []

    with running("--data", str(tmp_path / "data"), "--log-wire", str(log)) as station:
        asyncio.run(charge(station.api))
        station.stop()
    told = events(log)
    assert [event["seqNo"] for event in told] == list(range(len(told)))
    assert (told[0]["eventType"], told[-1]["eventType"]) == ("Started", "Ended")
    assert told[-1]["triggerReason"] == "StopAuthorized"
