"""How late a machine is: a case on the wire that fails is only worth something on a machine that has time."""

import asyncio
from collections import deque

LOOK = 0.1
"""Seconds between two looks."""
KEPT = 36_000
"""Looks: an hour."""


class Lateness:
    """Asks to be woken again and again, and keeps how late that was."""

    def __init__(self) -> None:
        self._late: deque[tuple[float, float]] = deque(maxlen=KEPT)
        self._watching = asyncio.create_task(self._watch(), name="lateness")

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LOOK
            await asyncio.sleep(LOOK)
            now = loop.time()
            self._late.append((now, now - due))

    def worst(self, since: float) -> float:
        """Return by how many seconds it was late at most since a moment of the loop's time."""
        return max((late for at, late in self._late if at >= since), default=0.0)

    def close(self) -> None:
        """Look no more."""
        self._watching.cancel()
