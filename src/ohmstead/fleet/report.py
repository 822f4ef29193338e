"""What is told of a fleet at its end: figures, latencies by action, errors by kind, the verdict against the limits."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from ohmstead.fleet.plan import EMBEDDED, FleetLimits, FleetPlan
from ohmstead.fleet.tally import ShardTally
from ohmstead.wire.secrets import redact_url

FORMAT = 1
"""Of the JSON; grows with what a reader of an older one would misread."""
Verdict = Literal["PASS", "FAIL"]


class LatencyRow(msgspec.Struct, frozen=True, kw_only=True):
    """The answers to one action, seconds; quantiles are up to one percent too high."""

    action: str
    direction: Literal["sent", "received"]
    """Who has sent the call: the stations, or the CSMS."""
    answers: int
    p50: float
    p99: float
    highest: float
    outcomes: dict[str, int]
    """CALLRESULT, `unanswered`, or the code of a CALLERROR -> how many."""


class LimitRow(msgspec.Struct, frozen=True, kw_only=True):
    """One limit of the file, and what was found."""

    name: str
    limit: float
    found: float
    met: bool


class GroupRow(msgspec.Struct, frozen=True, kw_only=True):
    """A group of the file."""

    product: str
    count: int
    identity: str


class FleetReport(msgspec.Struct, frozen=True, kw_only=True):
    """A whole run. No password, no id token and no URL with credentials is in it."""

    format: int = FORMAT
    verdict: Verdict
    interrupted: bool
    """It was ended before its time: the figures are those of the time until then."""
    troubles: tuple[str, ...] = ()
    """What went wrong with the run itself: a process that ended."""
    csms: str
    began: datetime
    seconds: float
    groups: tuple[GroupRow, ...]
    stations: int
    started: int
    accepted: int
    connections: int
    reconnects: int
    failed_attempts: int
    visits: int
    turned_away: int
    transactions: int
    transactions_ended: int
    energy_wh: float
    events: int
    events_sent: int
    events_answered: int
    events_waiting: int
    events_lost: int
    csms_errors: dict[str, int]
    unanswered: int
    processes: int
    cpu_seconds: float
    memory_bytes: int
    latencies: tuple[LatencyRow, ...]
    limits: tuple[LimitRow, ...]


def build(
    plan: FleetPlan,
    tally: ShardTally,
    *,
    began: datetime,
    seconds: float,
    interrupted: bool,
    troubles: Iterable[str] = (),
) -> FleetReport:
    """Return the report of a run.

    Args:
        plan: what was to be.
        tally: of all shards.
        began: when, UTC.
        seconds: how long it took.
        interrupted: whether somebody ended it.
        troubles: what went wrong with the run itself; one fails it.
    """
    latencies = _latencies(tally)
    limits = tuple(_held(plan.limits, tally, latencies))
    said = tuple(troubles)
    return FleetReport(
        verdict="PASS" if all(row.met for row in limits) and not said else "FAIL",
        interrupted=interrupted,
        troubles=said,
        csms=EMBEDDED if plan.csms.url == EMBEDDED else redact_url(plan.csms.url),
        began=began,
        seconds=round(seconds, 3),
        groups=tuple(GroupRow(product=one.product, count=one.count, identity=one.identity) for one in plan.group),
        stations=tally.stations,
        started=tally.started,
        accepted=tally.accepted,
        connections=tally.connections,
        reconnects=tally.reconnects,
        failed_attempts=tally.failed_attempts,
        visits=tally.visits,
        turned_away=tally.turned_away,
        transactions=tally.transactions,
        transactions_ended=tally.ended,
        energy_wh=round(tally.energy_wh, 3),
        events=tally.events,
        events_sent=tally.sent,
        events_answered=tally.answered,
        events_waiting=tally.waiting,
        events_lost=tally.lost,
        csms_errors=dict(sorted(tally.errors.items())),
        unanswered=tally.unanswered,
        processes=tally.processes,
        cpu_seconds=round(tally.cpu_s, 2),
        memory_bytes=tally.memory_b,
        latencies=latencies,
        limits=limits,
    )


def _latencies(tally: ShardTally) -> tuple[LatencyRow, ...]:
    return tuple(
        LatencyRow(
            action=one.action,
            direction=one.way,
            answers=one.latencies.count,
            p50=round(one.latencies.quantile(0.5), 6),
            p99=round(one.latencies.quantile(0.99), 6),
            highest=round(one.latencies.highest, 6),
            outcomes=dict(sorted(one.outcomes.items())),
        )
        for one in tally.calls
    )


def _held(limits: FleetLimits, tally: ShardTally, latencies: tuple[LatencyRow, ...]) -> Iterable[LimitRow]:
    """Yield a row for each limit that the file has."""
    sent = [row for row in latencies if row.direction == "sent"]
    found: dict[str, float] = {
        "lost_events": tally.lost,
        "waiting_events": tally.waiting,
        "not_accepted": tally.stations - tally.accepted,
        "reconnects": tally.reconnects,
        "csms_errors": sum(tally.errors.values()),
        "unanswered": tally.unanswered,
        "p99": max((row.p99 for row in sent), default=0.0),
        "slowest": max((row.highest for row in sent), default=0.0),
    }
    for name, value in found.items():
        limit: float | None = getattr(limits, name)
        if limit is not None:
            yield LimitRow(name=name, limit=limit, found=value, met=value <= limit)
