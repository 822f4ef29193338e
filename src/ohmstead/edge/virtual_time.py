"""Virtual time: an asyncio loop whose selector jumps to the next timer instead of sleeping.

The station runs on it unchanged, because it takes durations from the loop and wall time from a clock on that loop.
The loop jumps only while the real world is still (decided case 23): nothing is ready, no descriptor has data, and
nobody holds `real()`. While somebody does, time runs 1:1 with the real clock.

Both ends of a socket may live on the loop; what one end wrote has then reached the other by the time the loop thinks of
jumping. A peer in another process or thread is invisible: hold `real()` while waiting for it.
"""

import asyncio
import contextvars
import heapq
import math
import selectors
import time
from collections.abc import Callable, Coroutine, Generator, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import CodeType
from typing import Any, TypeVar, TypeVarTuple, cast

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

GRACE = 0.001
"""Real seconds in which sockets must stay silent before a jump, where there are sockets at all."""
LAST_CHANCE = 0.25
"""Real seconds granted to sockets before a deadlock is called one."""
RESOLUTION = 1e-9
"""Virtual seconds within which timers count as one instant."""
CLEAN_UP = 600.0
"""Virtual seconds that cancelled tasks may take once the main coroutine has ended."""


class Deadlock(RuntimeError):
    """Every task waits and nothing can wake one: no timer, data or real work. The text names what each waits for."""


class OutOfTime(TimeoutError):
    """The limit of virtual seconds passed to `run` has been reached. The text names what each task waits for."""


class _Timer(asyncio.TimerHandle):
    """A timer that fires in the order of its creation among timers of the same instant, as on a real clock."""

    __slots__ = ("order",)
    _scheduled: bool  # a slot of TimerHandle, by which asyncio counts the cancelled timers of its heap

    def __init__(
        self,
        order: int,
        when: float,
        callback: Callable[..., object],
        args: tuple[object, ...],
        loop: asyncio.AbstractEventLoop,
        context: contextvars.Context | None,
    ) -> None:
        super().__init__(when, callback, args, loop, context)
        self.order = order

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, _Timer):
            return NotImplemented
        mine, theirs = self.when(), other.when()
        return mine < theirs or (mine == theirs and self.order < other.order)


class _Task(asyncio.Task[T]):
    """A task whose hash is its number, so that sets of tasks (a TaskGroup's, for one) iterate alike in every run."""

    def __init__(self, number: int, coro: Coroutine[Any, Any, T], **options: Any) -> None:
        self._number = number
        options.setdefault("name", None)
        options["name"] = options["name"] or f"Task-{number}"
        super().__init__(coro, **options)

    def __hash__(self) -> int:
        return self._number


class _Jumping(selectors.BaseSelector):
    """A selector that polls real descriptors and moves the time of its loop instead of waiting."""

    def __init__(self, start: float, limit: float | None) -> None:
        self._inner = selectors.DefaultSelector()
        self._base = start
        self._anchor = 0.0
        self.holds = 0
        self.end = None if limit is None else start + limit
        self.next_timer: Callable[[], float | None] = lambda: None
        self.describe: Callable[[], str] = lambda: ""

    def now(self) -> float:
        """Return the time in seconds: virtual, plus the real seconds since somebody holds `real()`."""
        return self._base + (time.monotonic() - self._anchor) if self.holds else self._base

    def hold(self) -> None:
        if not self.holds:
            self._anchor = time.monotonic()
        self.holds += 1

    def release(self) -> None:
        if self.holds == 1:
            self._base = self.now()
        self.holds -= 1

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout <= 0:
            return self._inner.select(0)
        if self.holds:
            return self._select_real(timeout)
        if ready := self._inner.select(self._patience(timeout)):
            return ready
        self._jump()
        return []

    def _patience(self, timeout: float | None) -> float:
        # The loop's own wake-up pipe is always registered; anything beyond it is a socket with two ends.
        if len(self._inner.get_map()) <= 1:
            return 0
        return LAST_CHANCE if timeout is None else GRACE

    def _select_real(self, timeout: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.end is not None:
            left = self.end - self.now()
            if left <= 0:
                raise OutOfTime(f"the limit of {self.end:g} s was reached\n{self.describe()}")
            timeout = left if timeout is None else min(timeout, left)
        return self._inner.select(timeout)

    def _jump(self) -> None:
        target = self.next_timer()
        if target is None:
            raise Deadlock(f"every task waits and nothing can wake one, at {self._base:g} s\n{self.describe()}")
        if self.end is not None and target > self.end:
            self._base = self.end
            raise OutOfTime(f"the limit was reached at {self.end:g} s\n{self.describe()}")
        self._base = max(self._base, target)

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._inner.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.modify(fileobj, events, data)

    def close(self) -> None:
        self._inner.close()

    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        return self._inner.get_key(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._inner.get_map()


class VirtualLoop(asyncio.SelectorEventLoop):
    """An asyncio loop in virtual time.

    Args:
        start: what `time()` says at first, seconds.
        limit: virtual seconds after which `OutOfTime` is raised out of `run_until_complete`; None: no limit.
    """

    def __init__(self, *, start: float = 0.0, limit: float | None = None) -> None:
        self._jumping = _Jumping(start, limit)
        self._numbers = count(1)
        self._orders = count()
        super().__init__(self._jumping)
        self._jumping.next_timer = self._next_timer
        self._jumping.describe = lambda: _describe(self)
        self.set_task_factory(self._make_task)

    def time(self) -> float:
        """Return the virtual time, seconds."""
        return self._jumping.now()

    @property
    def _clock_resolution(self) -> float:
        # asyncio fires timers that lie before time() + this. After some months a nanosecond is lost in a float's
        # rounding, and a timer that is due exactly now would never be.
        return max(RESOLUTION, math.ulp(self.time()))

    @_clock_resolution.setter
    def _clock_resolution(self, value: float) -> None:
        """Ignore what asyncio found out about the real clock."""

    @contextmanager
    def real(self) -> Iterator[None]:
        """Let time run 1:1 with the real clock inside the block; blocks nest. Call it from the loop's own thread."""
        self._jumping.hold()
        try:
            yield
        finally:
            self._jumping.release()

    def extend(self, seconds: float | None) -> None:
        """Set the limit anew: so many virtual seconds from now, or None."""
        self._jumping.end = None if seconds is None else self.time() + seconds

    def call_at(
        self,
        when: float,
        callback: Callable[..., object],
        *args: object,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        """Call back at a moment of the loop's time; in order of the calls among equal moments."""
        timer = _Timer(next(self._orders), when, callback, args, self, context)
        heapq.heappush(self._timers(), timer)
        timer._scheduled = True
        return timer

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """Run a function in a thread; time is real until its result is here."""
        future: asyncio.Future[T] = super().run_in_executor(executor, func, *args)
        self._jumping.hold()
        future.add_done_callback(lambda _: self._jumping.release())
        return future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ARG002  (3.12 passes it)
        """Wait, in real time, for the threads of the executor to end."""
        with self.real():
            await super().shutdown_default_executor()

    def _timers(self) -> list[asyncio.TimerHandle]:
        # A heap that CPython's loops have kept under this name since asyncio exists; jumping to the timer's own
        # number instead of adding up differences keeps time free of rounding.
        return cast("list[asyncio.TimerHandle]", vars(self)["_scheduled"])

    def _next_timer(self) -> float | None:
        timers = self._timers()
        return timers[0].when() if timers else None

    def _make_task(
        self, _loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, T] | Generator[Any, None, T], **options: Any
    ) -> asyncio.Task[T]:
        return _Task(next(self._numbers), cast("Coroutine[Any, Any, T]", coro), loop=self, **options)


def run(main: Coroutine[Any, Any, T], *, limit: float | None = None, start: float = 0.0) -> T:
    """Run a coroutine to its end in virtual time, like `asyncio.run`; leftover tasks are cancelled.

    Args:
        main: the coroutine.
        limit: virtual seconds that it may take.
        start: what `loop.time()` says at first, seconds.

    Raises:
        Deadlock: every task waits and nothing can wake one.
        OutOfTime: the limit has been reached.
    """
    loop = VirtualLoop(start=start, limit=limit)
    try:
        asyncio.set_event_loop(loop)
        try:
            result = loop.run_until_complete(main)
        except BaseException:
            _end_tasks(loop, quietly=True)
            raise
        _end_tasks(loop, quietly=False)
        return result
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def _end_tasks(loop: VirtualLoop, *, quietly: bool) -> None:
    loop.extend(CLEAN_UP)
    try:
        leftovers = sorted(asyncio.all_tasks(loop), key=hash)
        for task in leftovers:
            task.cancel()
        if leftovers:
            loop.run_until_complete(asyncio.gather(*leftovers, return_exceptions=True))
        for task in leftovers:
            if not task.cancelled() and (error := task.exception()):
                loop.call_exception_handler({"message": "a leftover task failed", "exception": error, "task": task})
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
    except (Deadlock, OutOfTime):
        # The first error tells more than a task that cannot be cancelled because of it.
        if not quietly:
            raise


def _describe(loop: asyncio.AbstractEventLoop) -> str:
    tasks = sorted(asyncio.all_tasks(loop), key=hash)
    return "\n".join(f"  {task.get_name()}: {_waits_for(task)}" for task in tasks) or "  (no task)"


def _waits_for(task: asyncio.Task[Any]) -> str:
    places = []
    inner: object = task.get_coro()
    while inner is not None:
        code: CodeType | None = getattr(inner, "cr_code", None) or getattr(inner, "ag_code", None)
        frame = getattr(inner, "cr_frame", None) or getattr(inner, "ag_frame", None)
        if code is None:
            places.append(type(inner).__name__)
            break
        line = frame.f_lineno if frame else code.co_firstlineno
        places.append(f"{code.co_qualname} ({Path(code.co_filename).name}:{line})")
        inner = getattr(inner, "cr_await", None) or getattr(inner, "ag_await", None)
    return " -> ".join(places)
