"""Every view of the page, for whoever does not see it, does not use a mouse, or has a small screen.

The rules are those of axe-core (WCAG 2.2 A and AA, and good practice); the package brings the script along.
"""

import asyncio
from itertools import product as pairs
from typing import Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, ViewportSize, expect

from tests.generators import WHOLE
from tests.web.browser import PHONE, site
from tests.web.station import ADA, Station

pytestmark = pytest.mark.browser

Scheme = Literal["light", "dark"]
LAPTOP = ViewportSize(width=1440, height=900)
OF_A_PRODUCT = ("/#station", "/#operator/overview", "/#operator/variables", "/#operator/physical")
"""The views whose content depends on what the product has."""
OF_ANY = (
    *("/#operator/messages", "/#operator/commands", "/#operator/commands/UpdateFirmware", "/#operator/files"),
    *("/#operator/faults", "/#operator/campaign", "/docs"),
)
PRODUCTS = ("sec1000-240y", "flagship", "minimal", "ac-wallbox", "depot")
LOOKS: tuple[tuple[Scheme, ViewportSize], ...] = (
    ("light", LAPTOP),
    ("dark", PHONE),
    ("dark", LAPTOP),
    ("light", PHONE),
)
"""The first two have both schemes and both sizes: `make test` looks at these, the nightly run at all."""
CELLS = list(pairs(PRODUCTS, LOOKS if WHOLE else LOOKS[:2]))
SMALLEST = 24
"""Pixels of a target, each way (WCAG 2.5.8)."""
TOO_SMALL = """(smallest) => [...document.querySelectorAll("a[href], button, input, select, summary, textarea")]
  .map((one) => one.closest("label") ?? one)
  .filter((one) => one.checkVisibility())
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, { width, height }]) => width && height && (width < smallest || height < smallest))
  .map(([one, { width, height }]) => `${one.outerHTML.slice(0, 80)} ${width}x${height}`)"""
SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"


async def busy(station: Station) -> None:
    """Let one EVSE charge, one charge be over, and something be broken."""
    first = station.bench.view().evses[0]
    await station.hand.plug(first.id)
    if station.bench.view().readers:
        evse = station.bench.view().readers[0]
        await station.hand.present(ADA, evse_id=evse)
        await station.charges()
        await station.hand.unplug(first.id)
    await station.hand.fault(first.id, 0, "OverTemperature")


async def judge(page: Page, where: str) -> list[str]:
    """Return what is wrong with what is shown."""
    found = (await Axe().run(page)).response["violations"]
    told = [f"{where}: {one['id']}: {node['target']}" for one in found for node in one["nodes"]]
    told += [f"{where}: too small: {one}" for one in await page.evaluate(TOO_SMALL, SMALLEST)]
    return told + ([f"{where}: scrolls sideways"] if await page.evaluate(SIDEWAYS) > 0 else [])


@pytest.mark.parametrize(
    ("product", "look"), CELLS, ids=[f"{one}-{scheme}-{size['width']}" for one, (scheme, size) in CELLS]
)
def test_nothing_keeps_anybody_out(chromium: str, product: str, look: tuple[Scheme, ViewportSize]) -> None:
    async def visit() -> None:
        scheme, size = look
        async with site(chromium, size=size, scheme=scheme, product=product) as here:
            await here.page.emulate_media(reduced_motion="reduce")
            await busy(here.station)
            await expect(here.page.locator(".happened")).to_contain_text("OverTemperature")
            wrong = []
            for view in (*OF_A_PRODUCT, *(OF_ANY if WHOLE or product == PRODUCTS[0] else ())):
                await here.page.goto(here.url.rstrip("/") + view)
                await expect(here.page.locator("main:not([hidden]) h1").first).to_be_attached()
                await here.page.wait_for_timeout(300)
                wrong += await judge(here.page, view)
            assert wrong == []
            assert here.problems == []

    asyncio.run(visit())


@pytest.mark.parametrize("what", ["power-cut", "emergency-stop", "question", "campaign-case"])
def test_nor_at_a_moment_that_is_rare(chromium: str, what: str) -> None:
    async def visit() -> None:
        async with site(chromium, size=PHONE) as here:
            page, hand = here.page, here.station.hand
            await page.emulate_media(reduced_motion="reduce")
            await expect(page.locator("#link")).to_have_text("Online")
            match what:
                case "power-cut":
                    await hand.cut_power()
                    await expect(page.locator(".happened")).to_contain_text("The power is cut")
                case "emergency-stop":
                    await hand.emergency_stop(pressed=True)
                    await expect(page.locator(".happened")).to_contain_text("The emergency stop is pressed")
                case "question":
                    await hand.plug(1)
                    await hand.plug(2)
                    await hand.present(ADA)
                    await expect(page.locator(".display")).to_contain_text("Which EVSE?")
                case _:
                    await page.goto(f"{here.url}#operator/campaign/TC_G_01_CS")
            assert await judge(page, what) == []

    asyncio.run(visit())


def test_the_way_back_is_on_the_same_view(chromium: str) -> None:
    """What happened is said where one looks, with the button that mends it; the focus stays there."""

    async def mend() -> None:
        async with site(chromium) as here:
            told = here.page.locator(".happened")
            await expect(told).to_be_empty()
            await here.station.hand.cut_power()
            await here.station.hand.emergency_stop(pressed=True)
            await told.get_by_role("button", name="Restore the power").click()
            await expect(told).to_contain_text("The emergency stop is pressed")
            await told.get_by_role("button", name="Release it").click()
            await expect(told).to_be_empty()
            await here.station.hand.fault(2, 1, "GroundFailure")
            await expect(told).to_contain_text("Connector 1 of EVSE 2 is out of order")
            await told.get_by_role("button", name="Repair").click()
            await expect(told).to_be_empty()
            assert here.problems == []

    asyncio.run(mend())


def test_the_focus_stays_where_an_action_was(chromium: str) -> None:
    """A button that is another one after it was pressed keeps the focus: who uses keys goes on from there."""

    async def press() -> None:
        async with site(chromium) as here:
            page = here.page
            focus = page.locator(":focus")
            first = page.get_by_role("article", name="EVSE 1")
            await first.get_by_role("button", name="Plug in").press("Enter")
            await expect(first.get_by_role("button", name="Unplug")).to_be_visible()
            await expect(first.locator(":focus")).to_have_count(1)
            await first.get_by_role("button", name="Unplug").press("Enter")
            await expect(first.get_by_role("button", name="Plug in")).to_be_visible()
            await expect(first.locator(":focus")).to_have_count(1)
            await page.get_by_role("button", name="Pull Wired0").press("Enter")
            await expect(page.get_by_role("button", name="Put back Wired0")).to_be_focused()
            await page.get_by_role("link", name="Operator").click()
            await page.get_by_role("link", name="Physical side").click()
            await page.get_by_role("button", name="Cut the power").press("Enter")
            await expect(page.get_by_role("button", name="Restore the power")).to_be_focused()
            await page.get_by_role("button", name="Restore the power").press("Enter")
            await expect(page.get_by_role("button", name="Reboot")).to_be_visible()
            await expect(focus).to_have_count(1)
            fault = page.get_by_label("Fault at EVSE 1")
            await fault.select_option("GroundFailure")
            await here.station.hand.fault(1, 1, "OverTemperature")
            await expect(page.get_by_role("region", name="EVSE 1").get_by_role("button", name="Repair")).to_be_visible()
            await expect(fault).to_have_value("GroundFailure")
            assert here.problems == []

    asyncio.run(press())


def test_what_the_display_says_is_spoken_once_an_event(chromium: str) -> None:
    """Energy and time that grow are no event."""

    async def listen() -> None:
        async with site(chromium) as here:
            page = here.page
            await expect(page.locator("[data-spoken]")).to_contain_text("Welcome")
            await page.evaluate(
                """() => { window.said = []; const told = document.querySelector("[data-spoken]");
                new MutationObserver(() => said.push(told.textContent)).observe(told, { childList: true }); }"""
            )
            await here.station.hand.plug(1)
            await expect(page.locator("[data-spoken]")).to_contain_text("Hold your card")
            await here.station.hand.present(ADA)
            await here.station.charges()
            await expect(page.locator(".display")).to_contain_text("kWh")
            before = await page.locator(".display").text_content()
            await expect(page.locator(".display")).not_to_have_text(before or "")
            await expect(page.locator("[data-spoken]")).to_contain_text("charging")
            said = await page.evaluate("said")
            assert sum("EVSE 1: charging" in each for each in said) == 1, said
            assert len(said) == len(set(said)), said

    asyncio.run(listen())
