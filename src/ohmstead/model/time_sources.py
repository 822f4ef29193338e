"""Which source of the time of day is listened to: of TimeSource the first that gives any (2.1.30)."""

from collections.abc import Sequence

HEARTBEAT, NTP = "Heartbeat", "NTP"
KEPT = ("RealTimeClock", "GPS", "MobileNetwork", "RadioTimeTransmitter")
"""Sources that set the machine's own clock."""


class TimeSources:
    """The sources that give the time at present; those of the machine always do."""

    def __init__(self) -> None:
        self._giving = set(KEPT)

    def hear(self, source: str, *, gives: bool) -> None:
        """Learn that a source gives the time, or does not any more."""
        if gives:
            self._giving.add(source)
        else:
            self._giving.discard(source)

    def counts(self, source: str, order: Sequence[str]) -> bool:
        """Say whether what a source tells is taken: it is listed, and none before it gives the time."""
        return source in order and not any(before in self._giving for before in order[: order.index(source)])

    def kept(self, order: Sequence[str]) -> bool:
        """Say whether the machine's own clock is the one to follow."""
        return any(self.counts(source, order) for source in KEPT)
