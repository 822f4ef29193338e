"""What one life of a station does beside answering: tasks and timers, contained, and gone when it ends."""

import asyncio
import logging
from collections.abc import Callable, Coroutine

from ohmstead.ports.store import StoreFailed, StoreSevered
from ohmstead.runtime.unit import Units

_log = logging.getLogger(__name__)


class Work:
    """Starts tasks and timers. An error in one of them is logged, and the station lives (decided case 18).

    Args:
        units: each timer strikes in one of its own.
        changed: called after each of them.
        failed: hears what could not be kept, whether a unit knows of it or not.
    """

    def __init__(
        self, units: Units, changed: Callable[[], None], failed: Callable[[StoreFailed], None] = lambda _: None
    ) -> None:
        self._units = units
        self._changed = changed
        self._failed = failed
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self.over = False

    async def end(self) -> None:
        """Leave nothing behind: what a task sets off while it is cancelled does not begin any more."""
        self.over = True
        for timer in tuple(self._timers):
            timer.cancel()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def later(self, delay: float, action: Callable[[], None]) -> asyncio.TimerHandle:
        """Run an action in a unit of its own after some seconds."""

        def strike() -> None:
            self._timers.discard(handle)
            try:
                with self._units.open():
                    action()
            except StoreSevered:
                return
            except StoreFailed as failure:
                self._failed(failure)
            except Exception:
                _log.exception("a timer failed")
            self._changed()

        handle = asyncio.get_running_loop().call_later(delay, strike)
        if self.over:
            handle.cancel()
        else:
            self._timers.add(handle)
        return handle

    def spawn(self, name: str, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Run work beside everything else."""

        async def contained() -> None:
            try:
                await work
            except StoreSevered:
                return
            except StoreFailed as failure:
                self._failed(failure)
            except Exception:
                _log.exception("%s failed", name)
            self._changed()

        async def nothing() -> None:
            """This life is over."""

        task = asyncio.get_running_loop().create_task(nothing() if self.over else contained(), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: work.close())  # what was cancelled before its first step never began
        return task
