"""Whatever a peer says, the page shows it as text that can be read: nothing runs, is unseen, or turned round."""

import asyncio
import json
import re

import pytest
from msgspec.structs import replace
from playwright.async_api import Page, expect

from ohmstead.ports.campaign import CampaignOrder
from ohmstead.wire.printable import printable_text
from tests.web.browser import Site, site
from tests.web.scripted_campaigns import FAILED, ScriptedCampaigns
from tests.web.station import IDENTITY

pytestmark = pytest.mark.browser
HTML, MARKS = "</script><img src=x onerror=hit()>", "\u2066\u2028\u2029\x85\x9b\u200b\ufeff\U000e0041\x00"
EVIL = f"{HTML}\x1b[31m\u202eabc{MARKS}]]>&amp;'\"../"
READABLE = f"{HTML}\\x1b[31m\\u202eabc"
PANES = ("overview", "messages", "variables", "commands", "physical", "campaign")
EVERYTHING = """() => [
  document.title, document.documentElement.innerHTML, document.documentElement.textContent,
  ...[...document.querySelectorAll("*")].flatMap((one) => [one.title, one.ariaLabel, one.placeholder].filter(Boolean)),
].join(" ")"""


async def says_nothing_raw(page: Page) -> None:
    """Look at all text, attributes and elements of the page."""
    text = re.sub(r"\s", " ", await page.evaluate(EVERYTHING))
    assert printable_text(text) == text
    assert await page.locator("img[onerror]").count() == 0
    assert await page.evaluate("window.hits") == 0


async def visit(here: Site) -> None:
    """Open every pane and every fold of it."""
    for pane in PANES:
        await here.page.evaluate(f"location.hash = '#operator/{pane}'")
        await expect(here.page.locator(".pane > :not([hidden])").first).to_be_visible()
        await here.page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
        await says_nothing_raw(here.page)


def test_extreme_text_of_peers_is_text(chromium: str) -> None:
    async def drive() -> None:
        campaigns = ScriptedCampaigns()
        async with site(chromium, "#operator/messages", campaigns=campaigns) as here:
            await here.page.evaluate("window.hits = 0; window.hit = () => { window.hits += 1 }; 0")
            send = here.station.csms.send
            await send(IDENTITY, "DataTransfer", {"vendorId": EVIL, "messageId": EVIL[:50], "data": {EVIL: EVIL}})
            name = {"component": {"name": EVIL[:50]}, "variable": {"name": EVIL[:50]}}
            await send(IDENTITY, "GetVariables", {"getVariableData": [name]})
            await send(IDENTITY, "SetVariables", {"setVariableData": [{**name, "attributeValue": EVIL}]})
            await send(IDENTITY, "Reset", {"type": "OnIdle", "evseId": 9, "customData": {"vendorId": EVIL, EVIL: EVIL}})
            await expect(here.page.locator(".trace")).to_contain_text("DataTransfer")
            await campaigns.start(CampaignOrder(bench="memory"))
            finding = replace(FAILED.finding, wanted=EVIL, got=EVIL) if FAILED.finding else None
            line = replace(FAILED.log[3], text=json.dumps([2, EVIL, EVIL, {EVIL: EVIL}]))
            why = replace(FAILED.explanation, wanted=EVIL, got=EVIL, right=EVIL) if FAILED.explanation else None
            told = {"finding": finding, "explanation": why, "log": (*FAILED.log, line)}
            result = replace(FAILED, title=EVIL, reason=EVIL, notes=(EVIL,), **told)
            campaigns.come(result)
            campaigns.finish()
            await visit(here)
            await expect(here.page.get_by_role("list", name="Not passed")).to_contain_text(READABLE)
            await expect(here.page.get_by_label("What failed")).to_contain_text(READABLE)
            await says_nothing_raw(here.page)
            assert [one for one in here.problems if "409" not in one] == []

    asyncio.run(drive())
