"""The page's files: complete, and nothing from elsewhere."""

import re
from importlib.resources import files

import pytest

import ohmstead.web
from ohmstead.edge.virtual_time import run
from tests.web.desk import desk

STATIC = {entry.name: entry.read_text() for entry in (files(ohmstead.web) / "static").iterdir()}


@pytest.mark.parametrize("name", sorted(STATIC))
def test_nothing_comes_from_elsewhere(name: str) -> None:
    links = re.findall(r"https?://[^\s\"'`<>]+", STATIC[name])
    assert [link for link in links if link != "http://www.w3.org/2000/svg"] == []


@pytest.mark.parametrize("name", sorted(STATIC))
def test_every_file_that_is_named_is_served(name: str) -> None:
    named = re.findall(r"/static/([\w.]+)", STATIC[name])

    async def fetch() -> None:
        async with desk() as here:
            for other in {name, *named}:
                assert (await here.client.get(f"/static/{other}")).status_code == 200, other

    run(fetch())


def test_nothing_outside_is_served() -> None:
    async def fetch() -> None:
        async with desk() as here:
            for path in ("/static/../app.py", "/static/%2e%2e%2fapp.py", "/static/app.py"):
                assert (await here.client.get(path)).status_code == 404, path

    run(fetch())


@pytest.mark.parametrize("name", sorted(name for name in STATIC if name.endswith(".js") and name != "dom.js"))
def test_text_reaches_the_page_through_one_file(name: str) -> None:
    """Which makes it readable, and no file makes elements out of text."""
    past = r"\.(?:textContent|innerText) = |createTextNode|innerHTML|outerHTML|insertAdjacent|document\.write"
    assert re.findall(past, STATIC[name]) == []
