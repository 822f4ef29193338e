"""Mutants of start points, stop points and the queue, one at a time where the others are about all of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from ohmstead.model.facts import Fact
from ohmstead.model.session import FactChange, Session, TransactionOrigin
from ohmstead.runtime import facts
from ohmstead.runtime.calls import StationCalls
from ohmstead.runtime.outbox import Outbox, OutboxEntry
from ohmstead.runtime.transaction_events import TransactionEvents
from ohmstead.wire.messages import TransactionEventEnum, TransactionEventRequest
from tests.lab.mutation import Mutant, replaced

Wrong = Callable[..., Any]
Kind = TransactionEventEnum


def _no_start(point: Fact) -> Mutant:
    def advance(right: Wrong, session: Session, change: FactChange, origin: TransactionOrigin) -> object:
        return right(session, change, msgspec.structs.replace(origin, start_points=_others(origin.start_points, point)))

    text = f"{point} as the only TxStartPoint starts nothing."
    return Mutant(f"never-starts-at-{point}", text, lambda: replaced(facts, "advance", advance), "EFJK")


def _no_stop(point: Fact) -> Mutant:
    def advance(right: Wrong, session: Session, change: FactChange, origin: TransactionOrigin) -> object:
        return right(session, change, msgspec.structs.replace(origin, stop_points=_others(origin.stop_points, point)))

    text = f"{point} as the only TxStopPoint stops nothing."
    return Mutant(f"never-stops-at-{point}", text, lambda: replaced(facts, "advance", advance), "E")


def _others(points: frozenset[Fact], point: Fact) -> frozenset[Fact]:
    return frozenset({Fact.DataSigned}) if points == {point} else points


def _forgets_offline(kind: TransactionEventEnum) -> Mutant:
    def post(right: Wrong, self: StationCalls, request: object) -> None:
        lost = isinstance(request, TransactionEventRequest) and request.event_type is kind and not self.online
        if not lost:
            right(self, request)

    text = f"What is {kind.value} without a connection is never told."
    return Mutant(f"forgets-{kind.value}-offline", text, lambda: replaced(StationCalls, "post", post), "CE")


def _newest_first(right: Wrong, self: Outbox, entry: OutboxEntry) -> None:
    right(self, entry)
    self.entries.pop()
    self.entries.appendleft(entry)


def _wherever(_right: object, self: Outbox, number: int) -> int | None:
    """Such a queue does not lie in the order of its numbers."""
    return next((index for index, entry in enumerate(self.entries) if entry.number == number), None)


@contextmanager
def backwards() -> Iterator[None]:
    """What waits longest is sent last."""
    with replaced(Outbox, "append", _newest_first), replaced(Outbox, "_index", _wherever):
        yield


def _always_offline(right: Wrong, self: object, session: object, step: object, **options: Any) -> object:
    return right(self, session, step, **{**options, "offline": True})


def _restarts(right: Wrong, self: object, session: object, step: Any, **options: Any) -> object:
    after, request = right(self, session, step, **options)
    restarted = request.seq_no if step.seq_no < 2 else request.seq_no - 2
    return after, msgspec.structs.replace(request, seq_no=restarted)


MUTANTS = (
    *map(_no_start, (Fact.EVConnected, Fact.Authorized, Fact.PowerPathClosed, Fact.EnergyTransfer)),
    *map(_no_stop, (Fact.Authorized, Fact.PowerPathClosed)),
    *map(_forgets_offline, Kind),
    Mutant("queue-newest-first", "What waits longest is sent last.", backwards),
    Mutant(
        "always-offline",
        "Every event says that it happened offline.",
        lambda: replaced(TransactionEvents, "build", _always_offline),
    ),
    Mutant(
        "seq-no-restarts",
        "seqNo begins anew after the second event.",
        lambda: replaced(TransactionEvents, "build", _restarts),
    ),
)
