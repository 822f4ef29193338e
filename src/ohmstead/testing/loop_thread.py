"""An event loop in a thread of its own, for tests that block."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")


class LoopThread:
    """Runs coroutines for a thread that waits for them."""

    def __init__(self, name: str) -> None:
        """Start it."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._wait())

    async def _wait(self) -> None:
        self._ended = asyncio.Event()
        await self._ended.wait()

    def call(self, work: Coroutine[object, object, T]) -> T:
        """Run it there, and return what it returns or raise what it raises."""
        __tracebackhide__ = True
        if not self._thread.is_alive():
            work.close()
            raise RuntimeError("the station has been closed")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        """Cancel what runs there and wait for its end; may be called twice."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
            self._thread.join()

    async def _end(self) -> None:
        self._ended.set()
