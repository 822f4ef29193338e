"""A version that grows with every change, for pages that wait for news."""

import asyncio


class ChangeSignal:
    """Counts changes and wakes who waits for the next one."""

    def __init__(self) -> None:
        self._version = 0
        self._waiting: set[asyncio.Future[None]] = set()

    def touch(self) -> None:
        """Count a change."""
        self._version += 1
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()

    async def wait(self, version: int) -> int:
        """Return the present version once it is greater than the given one."""
        while self._version <= version:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.add(waiter)
            try:
                await waiter
            finally:
                self._waiting.discard(waiter)
        return self._version
