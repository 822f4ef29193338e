"""How long to wait before the next connection attempt (Part 4, 5.3)."""

from random import Random

from ohmstead.model.device import OCPPCommCtrlr

LONGEST = 86_400.0
"""Seconds of the longest wait, whatever the doublings come to."""


class BackOff:
    """Counts the attempts since the last success.

    The first wait is RetryBackOffWaitMinimum; it doubles RetryBackOffRepeatTimes times and then stays; each wait gets a
    random part of its own, up to RetryBackOffRandomRange seconds.
    """

    def __init__(self, settings: OCPPCommCtrlr, random: Random) -> None:
        self._settings = settings
        self._random = random
        self._waits = 0

    def reset(self) -> None:
        """Begin anew after a success."""
        self._waits = 0

    def next(self) -> float:
        """Return the seconds to wait now, and count the wait."""
        settings = self._settings
        doublings = min(self._waits, settings.retry_back_off_repeat_times)
        self._waits += 1
        pause = min(LONGEST, settings.retry_back_off_wait_minimum * 2.0**doublings)
        return float(pause + self._random.uniform(0, settings.retry_back_off_random_range))

    def again(self) -> float:
        """Return the seconds of the present wait under changed settings; it restarts."""
        self._waits = max(0, self._waits - 1)
        return self.next()
