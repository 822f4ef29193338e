"""A real machine: no program touches it, the API says so, and the page offers nothing that it cannot do."""

import asyncio

import pytest
from playwright.async_api import expect

from ohmstead.edge.virtual_time import run
from ohmstead.ports.hand import KINDS
from tests.web.browser import site
from tests.web.desk import desk

ARGUMENTS: dict[str, dict[str, object]] = {
    "plug": {"evse_id": 1},
    "present": {"id_token": "04A1"},
    "choose": {"option": "evse-1"},
    "fault": {"evse_id": 1, "connector_id": 1, "code": "GroundFailure"},
    "clear": {"evse_id": 1, "connector_id": 1},
    "emergency_stop": {"pressed": True},
    "cut_network": {"interface": "Wired0"},
    "restore_network": {"interface": "Wired0"},
    **{name: {"evse_id": 1} for name in ("unplug", "insert_cable", "remove_cable", "connect_ev", "disconnect_ev")},
    **{name: {"evse_id": 1} for name in ("arrive", "leave", "suspend", "resume", "stop_by_ev")},
}


def test_no_action_can_be_done() -> None:
    async def ask() -> None:
        async with desk(hand=False) as here:
            assert not (await here.view()).hand
            for name, kind in KINDS.items():
                answer = await here.hand(kind.path(), None, **ARGUMENTS.get(name, {}))
                assert answer.status_code == 404, name
                assert "real one" in answer.json()["error"]

    run(ask())


def test_with_a_hand_the_snapshot_says_so() -> None:
    async def ask() -> None:
        async with desk() as here:
            assert (await here.view()).hand

    run(ask())


@pytest.mark.browser
def test_the_page_has_no_buttons_for_hands_and_says_why(chromium: str) -> None:
    async def look() -> None:
        async with site(chromium, hand=False) as here:
            await expect(here.page.locator("#notice")).to_contain_text("real one")
            await expect(here.page.get_by_role("article")).to_have_count(2)
            for label in ("Plug in", "Press the emergency stop", "Plug a car into EVSE 1", "Pull Wired0"):
                await expect(here.page.get_by_role("button", name=label)).to_have_count(0)
            await here.page.goto(f"{here.url}#operator/physical")
            await expect(here.page.locator("#operator")).to_contain_text("at the machine")
            await expect(here.page.get_by_role("button", name="Cut the power")).to_have_count(0)
            assert here.problems == []

    asyncio.run(look())
