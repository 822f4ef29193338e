"""Wall time on top of the loop's time: now = a known moment + what the loop has counted since."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ohmstead.ports.clock import ImpossibleMoment
from ohmstead.wire.instants import can_be_now, utc

IGNORED = timedelta(seconds=1)
"""Corrections smaller than this change nothing (decided case 21)."""

Corrected = Callable[[timedelta], None]
"""Called with the size of a correction; positive: the clock went forward."""


class LoopClock:
    """The Clock port on an asyncio loop; it starts from the operating system unless told a start moment.

    Args:
        start: the moment that it is now, time-zone aware; None: what the operating system says (the RTC).
        last_known: the last moment that the station knew, if any; it wins if it is later (decided case 22).
        loop: the loop that counts; None: the running one.
    """

    def __init__(
        self,
        start: datetime | None = None,
        *,
        last_known: datetime | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._loop = loop or asyncio.get_running_loop()
        self._start = utc(start) if start else None
        self._started_at = self._loop.time()
        moment = self._start or datetime.now(UTC)
        self._anchor = max(moment, utc(last_known)) if last_known else moment
        self._anchored_at = self._loop.time()
        self._sleepers: dict[asyncio.Future[None], None] = {}
        self._subscribers: list[Corrected] = []

    def now(self) -> datetime:
        """Return the present moment in UTC, to the microsecond."""
        return self._anchor + timedelta(seconds=self._loop.time() - self._anchored_at)

    def machine_time(self) -> datetime:
        """Return what the operating system says, or what the start moment has become, whatever was set since."""
        if self._start is None:
            return datetime.now(UTC)
        return self._start + timedelta(seconds=self._loop.time() - self._started_at)

    def set(self, moment: datetime) -> None:
        """Set the wall time; a correction of less than a second is ignored. Wakes whoever waits for a moment.

        Raises:
            ImpossibleMoment: it is before the software was built, or beyond the range of the clock.
            ValueError: the moment has no time zone.
        """
        moment = utc(moment)
        if not can_be_now(moment):
            raise ImpossibleMoment(f"{moment.isoformat()} cannot be now")
        correction = moment - self.now()
        if abs(correction) < IGNORED:
            return
        self._anchor, self._anchored_at = moment, self._loop.time()
        for sleeper in self._sleepers:
            _wake(sleeper)
        for subscriber in tuple(self._subscribers):
            subscriber(correction)

    async def sleep_until(self, moment: datetime) -> None:
        """Return once `now()` has reached the moment, however the clock is corrected meanwhile."""
        moment = utc(moment)
        while (delay := (moment - self.now()).total_seconds()) > 0:
            sleeper: asyncio.Future[None] = self._loop.create_future()
            self._sleepers[sleeper] = None
            timer = self._loop.call_later(delay, _wake, sleeper)
            try:
                await sleeper
            finally:
                timer.cancel()
                del self._sleepers[sleeper]

    def on_corrected(self, subscriber: Corrected) -> Callable[[], None]:
        """Call the subscriber after every correction; the returned function ends that."""
        self._subscribers.append(subscriber)

        def end() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

        return end


def _wake(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)
