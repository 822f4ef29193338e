"""What a shard counts, as it travels to whoever adds it up."""

from collections.abc import Iterable

import msgspec

from ohmstead.ports.figures import RESULT, UNANSWERED, CallFigures, Latencies

EVENT = "TransactionEvent"


class ShardTally(msgspec.Struct, frozen=True, kw_only=True):
    """What the stations of one process, or of all, have done so far; added up by `total`."""

    stations: int = 0
    started: int = 0
    """Stations that have power."""
    accepted: int = 0
    """Stations that are connected, and the CSMS has accepted them."""
    charging: int = 0
    """Transactions that run."""
    power_w: float = 0.0
    energy_wh: float = 0.0
    """What the registers of all meters have counted since the begin."""
    events: int = 0
    """TransactionEvents that stations have put into their outboxes."""
    waiting: int = 0
    """TransactionEvents among what waits in the outboxes."""
    discarded: int = 0
    """Messages that were given up after their last attempt."""
    transactions: int = 0
    """That have begun."""
    ended: int = 0
    connections: int = 0
    failed_attempts: int = 0
    """To connect."""
    reconnects: int = 0
    visits: int = 0
    """EVs that came."""
    turned_away: int = 0
    """Drivers who could not charge: their card was refused, or the station was out of order."""
    calls: tuple[CallFigures, ...] = ()
    cpu_s: float = 0.0
    """Of the processes."""
    memory_b: int = 0
    """Resident, of the processes."""
    processes: int = 0

    @property
    def sent(self) -> int:
        """TransactionEvents that were sent, repetitions among them."""
        return sum(sum(one.outcomes.values()) for one in self._event_calls())

    @property
    def answered(self) -> int:
        """TransactionEvents that the CSMS has acknowledged."""
        return sum(one.outcomes.get(RESULT, 0) for one in self._event_calls())

    @property
    def lost(self) -> int:
        """TransactionEvents that were neither acknowledged nor wait."""
        return max(0, self.events - self.answered - self.waiting)

    @property
    def errors(self) -> dict[str, int]:
        """Code of a CALLERROR of the CSMS -> how many."""
        found: dict[str, int] = {}
        for one in self.calls:
            for outcome, number in one.outcomes.items():
                if one.way == "sent" and outcome not in (RESULT, UNANSWERED):
                    found[outcome] = found.get(outcome, 0) + number
        return found

    @property
    def unanswered(self) -> int:
        """Calls of stations that had no answer before the next one, or before the connection was lost."""
        return sum(one.outcomes.get(UNANSWERED, 0) for one in self.calls if one.way == "sent")

    def _event_calls(self) -> list[CallFigures]:
        return [one for one in self.calls if one.way == "sent" and one.action == EVENT]


_ADDED = [name for name in ShardTally.__struct_fields__ if name != "calls"]


def total(tallies: Iterable[ShardTally]) -> ShardTally:
    """Add up what several shards have counted."""
    all_of = list(tallies)
    sums = {name: sum(getattr(one, name) for one in all_of) for name in _ADDED}
    return ShardTally(calls=_merged(call for one in all_of for call in one.calls), **sums)


def _merged(calls: Iterable[CallFigures]) -> tuple[CallFigures, ...]:
    outcomes: dict[tuple[str, str], dict[str, int]] = {}
    latencies: dict[tuple[str, str], Latencies] = {}
    kinds: dict[tuple[str, str], CallFigures] = {}
    for one in calls:
        key = (one.way, one.action)
        kinds.setdefault(key, one)
        counted = outcomes.setdefault(key, {})
        for outcome, number in one.outcomes.items():
            counted[outcome] = counted.get(outcome, 0) + number
        latencies.setdefault(key, Latencies()).merge(one.latencies)
    return tuple(
        CallFigures(action=kinds[key].action, way=kinds[key].way, outcomes=outcomes[key], latencies=latencies[key])
        for key in sorted(kinds)
    )
