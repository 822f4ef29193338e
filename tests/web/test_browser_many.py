"""The page of a station with more EVSEs than fit beside its cabinet, and with names as long as the schema takes."""

import asyncio
import tempfile
from pathlib import Path

import msgspec
import pytest
from playwright.async_api import ViewportSize, expect

from ohmstead.product.load import load
from ohmstead.product.write import write
from tests.web.browser import LAPTOP, PHONE, Site, site

pytestmark = pytest.mark.browser
VENDOR = "Донау-Électricité Straßenladegesellschaft 超級充電 AG"
MODEL = "МОДЕЛЬ-超級充電-XXL-24"
PANES = ("overview", "messages", "variables", "commands", "physical", "campaign")
CUT = """[...document.querySelectorAll(".evse, .evse button, .evse select, .actions > *")]
  .filter((one) => one.offsetParent && one.scrollWidth > one.clientWidth + 2)
  .map((one) => one.className + one.textContent.slice(0, 40))"""


def _product(folder: str) -> str:
    made = load("depot")
    evses = tuple(msgspec.structs.replace(made.evses[index % 4], id=index + 1) for index in range(24))
    identity = msgspec.structs.replace(made.identity, vendor_name=VENDOR, model=MODEL)
    file = Path(folder) / "many.toml"
    file.write_text(write(msgspec.structs.replace(made, evses=evses, identity=identity)), encoding="utf-8")
    return str(file)


async def _fits(here: Site) -> None:
    assert await here.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert await here.page.evaluate(CUT) == []


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_24_evses_with_long_names_fit_every_view(chromium: str, size: ViewportSize) -> None:
    async def drive(product: str) -> None:
        async with site(chromium, size=size, product=product) as here:
            await expect(here.page.get_by_role("article")).to_have_count(24)
            last = here.page.get_by_role("article", name="EVSE 21")
            await last.get_by_role("button", name="Plug in").click()
            await expect(last).to_contain_text("Plugged in")
            await _fits(here)
            for pane in PANES:
                await here.page.evaluate(f"location.hash = '#operator/{pane}'")
                await expect(here.page.locator(".pane > :not([hidden])").first).to_be_visible()
                await _fits(here)
            assert here.problems == []

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(drive(_product(folder)))
