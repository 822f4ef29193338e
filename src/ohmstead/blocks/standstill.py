"""Waiting for a moment at which nobody charges."""

import asyncio
from datetime import datetime

from ohmstead.blocks.context import Charging, World
from ohmstead.blocks.work import Work
from ohmstead.model.events import FactsChanged


class Standstill:
    """Knows whether transactions run, and lets work wait until none does.

    Attributes:
        awaited: work is due and waits for transactions to end.
    """

    def __init__(self, work: Work, charging: Charging, world: World) -> None:
        self._work = work
        self._charging = charging
        self._world = world
        self._moved = asyncio.Event()
        self.awaited = False

    @property
    def charging(self) -> bool:
        """Say whether a transaction runs."""
        return bool(self._charging.sessions.with_transaction())

    def look(self) -> None:
        """Look again, after the commit: a session has moved."""
        self._work.after(self._moved.set)

    def too_early(self, moment: datetime | None, alone: bool) -> bool:
        """Say whether work has to wait, for its moment or because it has to be alone."""
        early = moment is not None and moment > self._world.clock.now()
        return early or (alone and self.charging)

    async def until(self, moment: datetime | None, alone: bool) -> bool:
        """Return at a moment, and for work that has to be alone, once no transaction runs: whether one had to end."""
        waited = False
        if moment is not None:
            await self._world.clock.sleep_until(moment)
        try:
            while alone and self.charging:
                waited = True
                if not self.awaited:
                    self.awaited = True
                    self._work.announce(FactsChanged())
                await self._next()
        finally:
            self.awaited = False
        return waited

    async def over(self) -> None:
        """Return once a transaction runs."""
        while not self.charging:
            await self._next()

    async def _next(self) -> None:
        self._moved.clear()
        await self._moved.wait()
