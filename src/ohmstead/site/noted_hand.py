"""A hand whose doings are written down."""

from collections import deque
from collections.abc import Callable
from datetime import datetime

import msgspec

from ohmstead.ports.bench import HandLine
from ohmstead.ports.hand import Action, Hand
from ohmstead.ports.hand_methods import Awaited, HandMethods
from ohmstead.wire.secrets import HIDDEN

KEPT = 2000
"""Actions that are kept of a station."""

Note = Callable[[], object]
"""Writes an action down, once it has been done."""


class NotedHand(HandMethods[Awaited]):
    """Implements `ports.hand.Hand` by another one.

    Attributes:
        watchers: hear of each action when it begins, and return what writes it down; what is refused is not.
    """

    def __init__(self, hand: Hand) -> None:
        self._hand = hand
        self.watchers: list[Callable[[Action], Note]] = []

    async def perform(self, action: Action) -> None:
        """Do it. Raises HandRefused."""
        notes = [watcher(action) for watcher in self.watchers]
        await self._hand.perform(action)
        for note in notes:
            note()


class HandLog:
    """The last actions at a station."""

    def __init__(self, station: str, now: Callable[[], datetime], frames: Callable[[], int]) -> None:
        """Begin.

        Args:
            station: its identity.
            now: what its clock shows.
            frames: the number of the last frame that it sent or received.
        """
        self._station = station
        self._now = now
        self._frames = frames
        self.lines: deque[HandLine] = deque(maxlen=KEPT)

    def doing(self, action: Action) -> Note:
        """Watch a hand (`NotedHand.watchers`)."""
        line = hand_line(action, self._station, self._now(), self._frames())
        return lambda: self.lines.append(line)

    def done(self, action: str, arguments: dict[str, object]) -> None:
        """Keep something else that somebody did: its name and arguments (`site.noted_faults`)."""
        line = HandLine(after=self._frames(), at=self._now(), station=self._station, action=action, payload=arguments)
        self.lines.append(line)


def hand_line(action: Action, station: str, at: datetime, after: int) -> HandLine:
    """Return how an action is written down: all its arguments but those that are secret."""
    arguments = msgspec.structs.asdict(action)
    shown = dict(zip(action.__struct_fields__, action.logged(), strict=False))
    hidden = {name: value for name, value in shown.items() if value == HIDDEN}
    return HandLine(after=after, at=at, station=station, action=action.name, payload=arguments | hidden)
