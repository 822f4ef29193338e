"""What keeps somebody from trying one key code after the other (C04.FR.06)."""

from ohmstead.blocks.work import Work

FORGIVEN = 2
"""Wrong codes in a row that cost nothing: a slip of the finger."""
FIRST_PAUSE = 5.0
"""Seconds after the next one; each further one doubles them."""
LONGEST_PAUSE = 600.0


class WrongCodes:
    """Counts the wrong codes of a station in a row, whichever keypad they came from."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._number = 0
        self.closed = False
        """No code is taken now."""

    def refused(self) -> None:
        """A code was wrong."""
        self._number += 1
        if self._number > FORGIVEN:
            self.closed = True
            pause = min(FIRST_PAUSE * 2.0 ** (self._number - FORGIVEN - 1), LONGEST_PAUSE)
            self._work.later(pause, self._open)

    def accepted(self) -> None:
        """A code was right."""
        self._number = 0

    def _open(self) -> None:
        self.closed = False
