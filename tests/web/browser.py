"""A page in a real Chromium, on the application with a real station in memory behind it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from playwright.async_api import Page, ViewportSize, async_playwright, expect

from ohmstead.ports.campaign import Campaigns
from ohmstead.web.server import create_app, serve
from tests.web.files import run_files
from tests.web.station import Station, eager_cars, running

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)
PATIENT = 60_000
"""Milliseconds after which something does not come at all, on a loaded machine too."""
LAPTOP = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=844)


@dataclass(frozen=True)
class Site:
    """A page, the station behind it, and what went wrong in the page."""

    page: Page
    station: Station
    url: str
    problems: list[str]


@asynccontextmanager
async def page_in(
    chromium: str, url: str, size: ViewportSize = LAPTOP, scheme: Literal["light", "dark"] = "light"
) -> AsyncIterator[tuple[Page, list[str]]]:
    """Open a URL and yield the page with the list of errors that it reports."""
    problems: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = await browser.new_page(viewport=size, color_scheme=scheme)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
        page.set_default_timeout(PATIENT)
        expect.set_options(timeout=PATIENT)
        await page.goto(url)
        try:
            yield page, problems
        finally:
            await browser.close()


@asynccontextmanager
async def site(
    chromium: str,
    view: str = "",
    size: ViewportSize = LAPTOP,
    scheme: Literal["light", "dark"] = "light",
    csms: bool = True,
    evses: int = 2,
    hand: bool = True,
    product: str | None = None,
    campaigns: Campaigns | None = None,
) -> AsyncIterator[Site]:
    """Serve a station whose cars take energy at once, and open its page."""
    with eager_cars():
        async with running(evses, hand, product) as station:
            backoffice = station.csms if csms else None
            files = run_files(station)
            app = create_app(
                station.bench,
                station.hand if hand else None,
                backoffice,
                campaigns=campaigns,
                files=files if csms else None,
            )
            served = await serve(app, port=0)
            try:
                async with page_in(chromium, f"{served.url}{view}", size, scheme) as (page, problems):
                    yield Site(page, station, served.url, problems)
            finally:
                await served.stop()
                await files.close()
