"""What one run of a station does beside answering: tasks and timers, supervised, and gone when it ends."""

import asyncio
import logging
from collections.abc import Callable, Coroutine

from ohmstead.blocks.work import Lifetime, Timer
from ohmstead.ports.store import StoreFailed, StoreSevered
from ohmstead.runtime.unit import Units

RESTARTS = 5
"""Times that accepted work, and what a timer began, is started again before it is given up."""
LONGEST = 60.0
"""Seconds between two starts, at most; the first pause is one second, and each one doubles."""
STEADY = 120.0
"""Seconds after which what has run is not held to have failed again, but anew."""

Begin = Callable[[], Coroutine[object, object, None]]
_log = logging.getLogger(__name__)


def _nothing() -> None:
    """Where nobody waits for the outcome."""


def pause(failures: int) -> float:
    """Return the seconds until the next start after so many failures."""
    return min(float(2 ** min(failures - 1, 16)), LONGEST)


class _Strike:
    """A timer that is set; one that is cancelled or has struck is forgotten."""

    def __init__(self, timers: set["_Strike"], delay: float, strike: Callable[[], None]) -> None:
        self._timers = timers
        self._handle = asyncio.get_running_loop().call_later(delay, self._run, strike)
        timers.add(self)

    def _run(self, strike: Callable[[], None]) -> None:
        self._timers.discard(self)
        strike()

    def cancel(self) -> None:
        self._timers.discard(self)
        self._handle.cancel()


class StationWork:
    """Implements `blocks.work.Work`: units of work, tasks and timers.

    An unexpected error in a task or timer is logged, and it begins again (decided case 18).

    Args:
        units: units of work; what a timer does is one.
        changed: told whenever something may look otherwise.
        failed: hears what could not be kept, whether a unit knows of it or not. A new run will begin then, and this
            one starts nothing again.
    """

    def __init__(
        self, units: Units, changed: Callable[[], None], failed: Callable[[StoreFailed], None] = lambda _: None
    ) -> None:
        self._units = units
        self._changed = changed
        self._failed = failed
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: set[_Strike] = set()
        self.over = False
        self.failure: str | None = None
        """What cannot be kept, and why; no energy flows in this run any more."""
        self.unit, self.write, self.after, self.undo = units.open, units.write, units.after, units.undo
        self.announce = units.announce
        self.deadline = asyncio.timeout

    @property
    def keeps(self) -> bool:
        """Say whether what happens can be kept; energy flows only then."""
        return self.failure is None

    @property
    def timers(self) -> int:
        """How many timers are set."""
        return len(self._timers)

    async def end(self) -> None:
        """Leave nothing behind: what a task sets off while it is cancelled does not begin any more."""
        self.over = True
        for timer in tuple(self._timers):
            timer.cancel()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def later(self, delay: float, action: Callable[[], None]) -> Timer:
        """Run an action in a unit of its own after some seconds.

        A unit that fails takes back the timers that were set in it. An action whose unit was not committed runs again.
        """
        timer = self._set(delay, action, 0)
        self._units.undo(timer.cancel)
        return timer

    def _set(self, delay: float, action: Callable[[], None], failures: int) -> _Strike:
        timer = _Strike(self._timers, delay, lambda: self._strike(action, failures))
        if self.over:
            timer.cancel()
        return timer

    def _strike(self, action: Callable[[], None], failures: int) -> None:
        kept = False

        def keep() -> None:
            nonlocal kept
            kept = True

        try:
            with self._units.open():
                self._units.after(keep)
                action()
        except StoreSevered:
            return
        except StoreFailed as failure:
            self._failed(failure)
            kept = True
        except Exception:
            _log.exception("a timer failed")
        else:
            kept = True
        if not kept and failures < RESTARTS:
            self._set(pause(failures + 1), action, failures + 1)
        self._changed()

    def spawn(
        self,
        name: str,
        begin: Begin,
        lifetime: Lifetime = Lifetime.Once,
        given_up: Callable[[], None] = _nothing,
    ) -> asyncio.Task[None]:
        """Run work beside everything else, and begin it again as its lifetime asks; see `Work.spawn`."""

        async def nothing() -> None:
            """The life is over."""

        work = nothing() if self.over else self._supervised(name, begin, lifetime, given_up)
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: work.close())  # what was cancelled before its first step never began
        return task

    async def _supervised(self, name: str, begin: Begin, lifetime: Lifetime, given_up: Callable[[], None]) -> None:
        failures = 0
        while True:
            begun = asyncio.get_running_loop().time()
            try:
                await begin()
                break
            except StoreSevered:
                return
            except StoreFailed as failure:
                self._failed(failure)
                break
            except Exception:
                if asyncio.get_running_loop().time() - begun > STEADY:
                    failures = 0
                failures += 1
                _log.exception("%s failed", name)
            if lifetime is Lifetime.Once or (lifetime is Lifetime.Job and failures > RESTARTS):
                self._give_up(name, given_up)
                break
            self._changed()
            _log.warning("%s begins again in %g s", name, pause(failures))
            await asyncio.sleep(pause(failures))
        self._changed()

    def _give_up(self, name: str, given_up: Callable[[], None]) -> None:
        try:
            with self._units.open():
                given_up()
        except StoreSevered:
            return
        except StoreFailed as failure:
            self._failed(failure)
        except Exception:
            _log.exception("%s could not be given up", name)
