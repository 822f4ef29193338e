"""The hand as cases use it: each action is written into the wire log, told to the rules, and done at the station."""

import asyncio
from collections.abc import Callable

from ohmstead.lab.verdict import Inconclusive
from ohmstead.ports.hand import Action, Hand, HandRefused
from ohmstead.ports.hand_methods import Awaited, HandMethods

REACH = 0.5
"""Seconds that a hand takes to get there: no person is quicker, and answers under way arrive meanwhile."""


class LoggedHand(HandMethods[Awaited]):
    """A hand that tells what it does, half a second before each action.

    Raises Inconclusive where an action is impossible.

    Args:
        hand: the hand at the station.
        done: told each action, before it is done.
    """

    def __init__(self, hand: Hand, done: Callable[[Action], None]) -> None:
        self._hand = hand
        self._done = done

    async def perform(self, action: Action) -> None:
        """Do it."""
        await asyncio.sleep(REACH)
        self._done(action)
        try:
            await self._hand.perform(action)
        except HandRefused as refused:
            raise Inconclusive(f"hand: {action.name}: {refused}") from None
