"""The page of a station with a socket: both plugs of a cable, the lock, the phases; no display where there is none."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import ViewportSize, expect

from tests.web.browser import LAPTOP, PHONE, site


@pytest.mark.parametrize(("name", "size"), [("laptop", LAPTOP), ("phone", PHONE)])
def test_a_socket_shows_both_plugs_lock_and_phases(
    chromium: str, screenshots: Path, name: str, size: ViewportSize
) -> None:
    async def drive() -> None:
        async with site(chromium, size=size, product="ac-wallbox") as here:
            card = here.page.get_by_role("article", name="EVSE 1")
            ends = card.get_by_role("group", name="Cable at connector 1 of EVSE 1")
            await expect(card).to_contain_text("AC, 3 phases")
            await expect(here.page.locator(".display")).to_have_count(0)
            await expect(ends).to_contain_text("Socket: out")
            await card.get_by_role("button", name="Cable in only").click()
            await expect(card).to_contain_text("Cable in")
            await expect(ends).to_contain_text("Socket: in")
            await expect(ends).to_contain_text("Car: out")
            await card.get_by_role("button", name="Plug in").click()
            await expect(ends).to_contain_text("Car: in")
            await here.page.get_by_role("button", name="Ada", exact=False).first.click()
            await expect(card).to_contain_text("Charging")
            await expect(ends.locator(".shut")).to_have_text("locked")
            width = await here.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert width <= 0, "the page scrolls sideways"
            await here.page.screenshot(path=screenshots / f"socket-{name}.png", full_page=True)
            await here.page.get_by_role("button", name="Ada", exact=False).first.click()
            await expect(ends).to_contain_text("unlocked")
            await card.get_by_role("button", name="EV side only").click()
            await expect(ends).to_contain_text("Car: out")
            await card.get_by_role("button", name="Take the cable out").click()
            await expect(card).to_contain_text("Available")
            assert here.problems == []

    asyncio.run(drive())


LOCKED = str(Path(__file__).parents[1] / "lab" / "products" / "cable-lock.toml")


@pytest.mark.parametrize(("name", "size"), [("laptop", LAPTOP), ("phone", PHONE)])
def test_a_cable_that_is_locked_in_its_holder_says_so_and_what_frees_it(
    chromium: str, screenshots: Path, name: str, size: ViewportSize
) -> None:
    """AQ-2."""

    async def drive() -> None:
        async with site(chromium, size=size, product=LOCKED) as here:
            card = here.page.get_by_role("article", name="EVSE 1")
            kept = card.get_by_text("The cable is locked in its holder")
            await expect(kept).to_be_visible()
            await expect(card).to_contain_text("Card first")
            await here.page.screenshot(path=screenshots / f"cable-lock-{name}.png", full_page=True)
            await card.get_by_role("button", name="Plug in").click()
            await expect(here.page.get_by_text("until a driver is authorized")).to_be_visible()
            await here.page.get_by_role("button", name="Ada", exact=False).first.click()
            await expect(kept).to_be_hidden()
            await card.get_by_role("button", name="Plug in").click()
            await expect(card).to_contain_text("Charging")
            await expect(here.page.get_by_role("article", name="EVSE 2")).to_contain_text("Card first")
            width = await here.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert width <= 0, "the page scrolls sideways"
            await here.page.screenshot(path=screenshots / f"cable-freed-{name}.png", full_page=True)

    asyncio.run(drive())
