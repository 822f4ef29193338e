"""What a host counts of its station, over all runs: plain numbers, for whoever monitors it."""

from collections import Counter

from ohmstead.wire.base import Request, Response
from ohmstead.wire.messages import TransactionEventEnum, TransactionEventRequest

NO_REASON = "none"
"""Stands for the stoppedReason of an Ended event without one."""


class StationCounts:
    """Each number only grows; `ports.figures.StationFigures` says what they mean."""

    def __init__(self) -> None:
        self.commits = 0
        self.connections = 0
        self.failed_attempts = 0
        self.discarded = 0
        self.events: Counter[str] = Counter()
        self.ended: Counter[str] = Counter()

    def kept(self) -> None:
        """The store has taken a commit."""
        self.commits += 1

    def posted(self, request: Request[Response]) -> None:
        """A message is in the outbox."""
        if isinstance(request, TransactionEventRequest):
            self.events[request.event_type.value] += 1
            if request.event_type is TransactionEventEnum.Ended:
                reason = request.transaction_info.stopped_reason
                self.ended[NO_REASON if reason is None else reason.value] += 1
