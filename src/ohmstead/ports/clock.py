"""Time, randomness and ids as the station sees them.

Durations come from the event loop; this port is wall time only (decided cases 21 and 22 in docs/decisions.md).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Protocol

import msgspec


class ImpossibleMoment(ValueError):
    """It cannot be that late or that early now (`wire.instants.can_be_now`); the clock goes on as before."""


class Clock(Protocol):
    """Wall time that the CSMS may correct."""

    def now(self) -> datetime:
        """Return the present moment in UTC, time-zone aware."""
        ...

    def set(self, moment: datetime) -> None:
        """Set the wall time (B01.FR.06, G02.FR.06); a correction of less than a second is ignored.

        Raises ImpossibleMoment.
        """
        ...

    async def sleep_until(self, moment: datetime) -> None:
        """Return once `now()` has reached the moment, also if the clock is corrected meanwhile."""
        ...


class StationClock(Clock, Protocol):
    """The clock that a station owns: it tells when somebody has set it."""

    def machine_time(self) -> datetime:
        """Return what the machine's own clock says, whatever has been set here: a receiver, or a battery, keeps it."""
        ...

    def on_corrected(self, subscriber: Callable[[timedelta], None]) -> Callable[[], None]:
        """Call the subscriber with the size of every correction; the returned function ends that."""
        ...


class Sources(msgspec.Struct, frozen=True):
    """Randomness and identifiers; they belong to the caller of `run()` and survive a reboot (decided case 16)."""

    random: Random
    new_id: Callable[[], str]
    """Returns an identifier of at most 36 characters, never the same twice."""
