"""Figures of a station for monitoring: what was counted since its process began, and how long calls took."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from math import ceil
from typing import Literal

import msgspec

Way = Literal["sent", "received"]
"""Whose CALL it is: `sent` by the station, or `received` from the CSMS."""
OTHER = "other"
"""Stands for what is none of the specification's words: a stranger may send any, and each would be a new series."""
RESULT, UNANSWERED = "CALLRESULT", "unanswered"
"""Outcomes of a call beside the error codes of OCPP-J."""
_BOUNDS = tuple(step * 10.0**decade / 100 for decade in range(-4, 3) for step in range(100, 1000))
"""Seconds, 0.1 ms to 1000 s: each is at most one percent above the one before."""


class Latencies(msgspec.Struct):
    """Durations in seconds, counted in steps of at most one percent; needs no more room for more of them."""

    steps: dict[int, int] = {}
    count: int = 0
    total: float = 0.0
    """Of all of them, s."""
    highest: float = 0.0
    """The longest one, s."""

    def add(self, seconds: float) -> None:
        """Count one."""
        step = bisect_left(_BOUNDS, seconds)
        self.steps[step] = self.steps.get(step, 0) + 1
        self.count += 1
        self.total += seconds
        self.highest = max(self.highest, seconds)

    def merge(self, other: "Latencies") -> None:
        """Count those of somebody else too."""
        self.steps = dict(Counter(self.steps) + Counter(other.steps))
        self.count += other.count
        self.total += other.total
        self.highest = max(self.highest, other.highest)

    def quantile(self, share: float) -> float:
        """Return the duration that this share of them does not exceed, up to one percent too long; 0.0: none."""
        wanted, reached = ceil(share * self.count), 0
        for step in sorted(self.steps):
            reached += self.steps[step]
            if reached >= wanted:
                return min(_BOUNDS[step] if step < len(_BOUNDS) else self.highest, self.highest)
        return 0.0

    def up_to(self, seconds: float) -> int:
        """Return how many were not longer; exact where the bound has three digits at most."""
        last = bisect_left(_BOUNDS, seconds)
        return sum(number for step, number in self.steps.items() if step <= last)


class CallFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The calls of one action in one direction."""

    action: str
    """An action of OCPP 2.0.1, or `other`."""
    way: Way
    outcomes: Mapping[str, int]
    """`CALLRESULT`, `unanswered`, or the code of a CALLERROR (`other` for none of OCPP-J) -> how many."""
    latencies: Latencies
    """From a CALL to its answer, whichever that was."""


class StationFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted at a station since its process began, over reboots and power cuts."""

    calls: tuple[CallFigures, ...] = ()
    """By direction and action."""
    unreadable: Mapping[Way, int] = {}
    """Frames that were none of OCPP-J."""
    boots: int = 0
    connections: int = 0
    """Connections to the CSMS that came about; all but the first one are reconnects."""
    failed_attempts: int = 0
    """Connection attempts that led to none."""
    commits: int = 0
    """Commits of the store that kept what a unit of work has changed."""
    events: Mapping[str, int] = {}
    """TransactionEventEnumType -> TransactionEvents that were put into the outbox."""
    ended: Mapping[str, int] = {}
    """ReasonEnumType, `none` where the event names no reason -> transactions that have ended."""
    discarded: int = 0
    """Messages of the outbox that were given up or left out (E13.FR.03, E04.FR.08)."""
