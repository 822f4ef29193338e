"""Counts the calls of one station by action, direction and outcome, and how long they took."""

from collections import Counter

from ohmstead.ports.figures import OTHER, RESULT, UNANSWERED, CallFigures, Latencies, Way
from ohmstead.wire import frames
from ohmstead.wire.actions import ACTIONS
from ohmstead.wire.errors import ErrorCode

_CODES = frozenset(ErrorCode)
_MOST_OPEN = 256
"""Calls of a CSMS that may wait for an answer; an older one counts as unanswered."""
_ANSWERED: dict[Way, Way] = {"sent": "received", "received": "sent"}


class CallTally:
    """What is known of one action in one direction."""

    __slots__ = ("latencies", "outcomes")

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.latencies = Latencies()


Tallies = dict[tuple[Way, str], CallTally]
"""By direction and action."""


def figures_of(tallies: Tallies) -> tuple[CallFigures, ...]:
    """Return what was counted, by direction and action."""
    return tuple(
        CallFigures(action=action, way=way, outcomes=dict(tally.outcomes), latencies=tally.latencies)
        for (way, action), tally in sorted(tallies.items())
    )


class CallStatistics:
    """Takes every frame of a station, in the order of the wire.

    A station has one CALL under way at a time (Part 4, 4.1.1): the next one says that the one before had no answer. So
    does the end of a connection, of both directions.
    """

    def __init__(self, limit: int = frames.DEFAULT_LIMIT, tallies: Tallies | None = None) -> None:
        """Start with nothing.

        Args:
            limit: size of the largest frame that is looked into, bytes.
            tallies: what several stations count together; None: its own.
        """
        self._limit = limit
        self._tallies: Tallies = {} if tallies is None else tallies
        self._open: dict[tuple[Way, str], tuple[str, float]] = {}
        self._unreadable: Counter[Way] = Counter()

    def seen(self, way: Way, text: str, at: float) -> None:
        """Count a frame that was `sent` by the station or `received`; `at` is in seconds of the loop."""
        try:
            frame = frames.parse(text, self._limit)
        except frames.FrameError:
            self._unreadable[way] += 1
            return
        if isinstance(frame, frames.Call):
            self._begin(way, frame.action if frame.action in ACTIONS else OTHER, frame.id, at)
        elif isinstance(frame, frames.CallResult):
            self._answered(_ANSWERED[way], frame.id, RESULT, at)
        else:
            self._answered(_ANSWERED[way], frame.id, frame.code if frame.code in _CODES else OTHER, at)

    def _answered(self, asked: Way, message_id: str, outcome: str, at: float) -> None:
        action, began = self._open.pop((asked, message_id), ("", 0.0))
        if action:
            tally = self._tally(asked, action)
            tally.outcomes[outcome] += 1
            tally.latencies.add(at - began)

    def _begin(self, way: Way, action: str, message_id: str, at: float) -> None:
        waiting = [key for key in self._open if key[0] == way]
        for key in waiting if way == "sent" else waiting[: len(waiting) - _MOST_OPEN + 1]:
            self._give_up(key)
        self._open[way, message_id] = action, at

    def disconnected(self) -> None:
        """Nothing that waits for an answer gets one any more."""
        for key in tuple(self._open):
            self._give_up(key)

    def _give_up(self, key: tuple[Way, str]) -> None:
        action, _ = self._open.pop(key)
        self._tally(key[0], action).outcomes[UNANSWERED] += 1

    def _tally(self, way: Way, action: str) -> CallTally:
        return self._tallies.setdefault((way, action), CallTally())

    @property
    def calls(self) -> tuple[CallFigures, ...]:
        """What was counted, by direction and action."""
        return figures_of(self._tallies)

    @property
    def unreadable(self) -> dict[Way, int]:
        """Frames that were none of OCPP-J."""
        return dict(self._unreadable)
