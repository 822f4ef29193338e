"""The page of a station without a card reader: a keypad, and a button at each EVSE."""

import asyncio
import tempfile
from pathlib import Path

import msgspec
import pytest
from playwright.async_api import ViewportSize, expect

from ohmstead.product.load import load
from ohmstead.product.write import write
from tests.web.browser import LAPTOP, PHONE, site

pytestmark = pytest.mark.browser


def _product(folder: str) -> str:
    made = load("sec1000-240y")
    features = made.features | {"C-30": False, "C-70": False, "C-32": True, "C-72": True, "C-75": True}
    hardware = msgspec.structs.replace(made.hardware, rfid_readers="None")
    file = Path(folder) / "keypad.toml"
    file.write_text(write(msgspec.structs.replace(made, features=features, hardware=hardware)), encoding="utf-8")
    return str(file)


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_a_code_is_typed_without_being_seen(chromium: str, size: ViewportSize) -> None:
    async def drive(product: str) -> None:
        async with site(chromium, size=size, product=product) as here:
            page = here.page
            pad = page.get_by_role("group", name="Keypad")
            await expect(pad).to_be_visible()
            await expect(page.get_by_role("region", name="Cards")).to_be_hidden()
            for digit in "471108":
                await pad.get_by_role("button", name=digit, exact=True).click()
            await expect(pad.get_by_label("Digits typed")).to_have_text("••••••")
            assert "471108" not in await page.content()
            await pad.get_by_role("button", name="Enter").click()
            await expect(pad.get_by_label("Digits typed")).to_have_text("Key code")
            assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            await asyncio.sleep(1)
            assert "471108" not in await page.content()
            assert here.problems == []

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(drive(_product(folder)))
