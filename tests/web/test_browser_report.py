"""The report in Chromium: readable on a telephone, and no longer on paper than it has to be."""

import asyncio
from pathlib import Path

import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.report.html import page as page_of
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.product.load import load
from tests.lab.test_judge_report import report_of
from tests.web.browser import PHONE, page_in

pytestmark = pytest.mark.browser

OVERLAPPING = """
[...document.querySelectorAll('td')].filter(cell => cell.scrollWidth > cell.clientWidth + 1)
    .map(cell => cell.textContent)
"""


def test_a_report_on_a_telephone(chromium: str, screenshots: Path, tmp_path: Path) -> None:
    """Tables move under the finger, the page does not, and no cell runs into the next one."""
    result = run_in_memory(load_cases()["TC_G_03_CS"], load("sec1000-240y"), LabConfig(), record=True)
    (tmp_path / "report.html").write_text(page_of(report_of(result)), "utf-8")

    async def look() -> None:
        async with page_in(chromium, (tmp_path / "report.html").as_uri(), size=PHONE) as (page, problems):
            assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            assert await page.evaluate(OVERLAPPING) == []
            await page.screenshot(path=screenshots / "report-phone.png")
            assert problems == []

    asyncio.run(look())
