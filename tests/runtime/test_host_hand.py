"""The host is the hand of its station: what is no doing at the machine, it does itself."""

import asyncio

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.ports.hand import Action, HandRefused
from tests.ports.actions import every_action, every_short_action
from tests.runtime.site import site
from tests.runtime.witness import no_errors


@pytest.mark.parametrize("action", [*every_action(1), *every_short_action(1)], ids=repr)
def test_every_action_is_somebodys(action: Action) -> None:
    """It is done, or refused for what it asks; whoever is refused what a machine cannot do asked the wrong one."""

    async def act() -> str:
        async with site() as here:
            try:
                await here.hand.perform(action)
            except HandRefused as refused:
                return str(refused)
            await asyncio.sleep(1)
            return ""

    with no_errors():
        assert "at the machine" not in run(act(), limit=600)
