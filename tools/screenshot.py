"""Takes docs/images/station.png from the real page: a station of its own, two cars that charge, Chromium.

Usage: .venv/bin/python tools/screenshot.py [FILE]
"""

import asyncio
import os
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.async_api import expect

from tests.e2e.running import Running, running
from tests.web.browser import page_in

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 45
"""How long the cars charge before the picture is taken."""
CHARGES = ((1, "sedan-77@24", "04A1B2C3"), (2, "suv-100@38", "04D4E5F6"))
"""EVSE, car with its state of charge, card."""


async def take(chromium: str, url: str, file: Path) -> None:
    """Open the page, watch, and take the picture."""
    async with page_in(chromium, url, scheme="light") as (page, _):
        await expect(page.get_by_role("article", name="EVSE 2")).to_contain_text("Charging", timeout=30_000)
        await asyncio.sleep(SECONDS)
        await page.screenshot(path=file, full_page=True)


def _charges(station: Running, evse_id: int) -> bool:
    return bool(station.session(evse_id).get("transaction_id"))


def main() -> None:
    """Take the picture."""
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "docs" / "images" / "station.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    chromium = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if chromium is None:
        sys.exit("screenshot: Chromium is not on the PATH (Debian: apt install chromium)")
    with tempfile.TemporaryDirectory() as data, running("--data", data) as station:
        for evse_id, ev, card in CHARGES:
            station.hand("plug", evse_id=evse_id, ev=ev)
            station.hand("present", id_token=card)
            station.until("a charge", partial(_charges, station, evse_id))
        asyncio.run(take(chromium, station.api, file))
        station.stop()
    print(os.path.relpath(file))


if __name__ == "__main__":
    main()
