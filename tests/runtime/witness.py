"""What must hold of everything that the CSMS heard of a station, and of what the station logged."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import msgspec

from ohmstead.model.session import Session
from ohmstead.ports.hardware import Supply
from ohmstead.wire import messages as wire
from tests.runtime.site import START, Site


class Heard(msgspec.Struct, frozen=True):
    """One TransactionEvent as it arrived."""

    at: float
    """Loop time."""
    message_id: str
    payload: str
    event: wire.TransactionEventRequest


class Witness:
    """Watches a site from the outside: arrivals with their ids, and when the station had a connection."""

    def __init__(self, here: Site) -> None:
        self.here = here
        self.heard: list[Heard] = []
        self.online: list[tuple[float, bool]] = [(0.0, False)]
        """(loop time, whether there was a connection from then on)."""
        here.csms.on_call = self._arrived
        here.host.watch(self._look)
        self._look()

    def _arrived(self, message_id: str, action: str, payload: str) -> None:
        if action == "TransactionEvent":
            event = msgspec.json.decode(payload, type=wire.TransactionEventRequest)
            self.heard.append(Heard(asyncio.get_running_loop().time(), message_id, payload, event))

    def _look(self) -> None:
        station = self.here.host.station
        online = station is not None and station.calls.online
        if online is not self.online[-1][1]:
            self.online.append((asyncio.get_running_loop().time(), online))

    # What must hold at any moment

    def check_now(self) -> None:
        """No energy without a transaction, and at most one session at a place."""
        station = self.here.host.station
        if station is None:
            return
        places = [session.evse_id for session in station.charging.sessions]
        assert len(places) == len(set(places)), f"two sessions at one place: {places}"
        for evse in self.here.host.product.evses:
            if self.here.simulator.state(evse.id).supply is Supply.Delivering:
                session = station.charging.sessions.at(evse.id)
                assert session is not None, f"energy flows at EVSE {evse.id} without a session"
                assert session.transaction is not None, f"energy flows at EVSE {evse.id} without a transaction"

    # What must hold once everything is delivered

    def check(self) -> None:
        """Check everything that was heard, and that memory and store agree."""
        first = self._without_repetitions()
        self._check_transactions(first)
        self._check_places(first)
        self._check_energy(first)
        self._check_offline(first)
        self._check_statuses()
        self._check_store()

    def _without_repetitions(self) -> list[Heard]:
        """At least once: the same message may come again, but as it was, and in its place (decided case 8)."""
        seen: dict[str, str] = {}
        first = []
        for heard in self.heard:
            if heard.message_id in seen:
                assert seen[heard.message_id] == heard.payload, "a repetition with another payload"
            else:
                first.append(heard)
            seen[heard.message_id] = heard.payload
        return first

    def _check_transactions(self, first: list[Heard]) -> None:
        station = self.here.host.station
        assert station is not None
        running = {s.transaction.id for s in station.charging.sessions.with_transaction() if s.transaction is not None}
        by_id: dict[str, list[wire.TransactionEventRequest]] = {}
        for heard in first:
            by_id.setdefault(heard.event.transaction_info.transaction_id, []).append(heard.event)
        assert running <= by_id.keys(), "a transaction runs of which the CSMS has never heard"
        for identifier, events in by_id.items():
            assert [event.seq_no for event in events] == list(range(len(events))), identifier
            kinds = [event.event_type.value for event in events]
            assert kinds[0] == "Started"
            assert kinds.count("Started") == 1
            assert kinds.count("Ended") == (0 if identifier in running else 1), kinds
            assert identifier in running or kinds[-1] == "Ended"
        times = [heard.event.timestamp for heard in first]
        assert times == sorted(times), "delivered in another order than it occurred"

    def _check_places(self, first: list[Heard]) -> None:
        busy: dict[int, str] = {}
        for heard in first:
            event = heard.event
            if event.evse is None:
                continue
            owner = busy.setdefault(event.evse.id, event.transaction_info.transaction_id)
            assert owner == event.transaction_info.transaction_id, f"two transactions at EVSE {event.evse.id}"
            if event.event_type is wire.TransactionEventEnum.Ended:
                del busy[event.evse.id]

    def _check_energy(self, first: list[Heard]) -> None:
        """The register never goes back; several values of one second may come in any order."""
        values: dict[int, list[tuple[datetime, float]]] = {}
        for heard in first:
            place = heard.event.evse
            for meter_value in heard.event.meter_value or ():
                assert place is not None
                values.setdefault(place.id, []).extend(
                    (meter_value.timestamp, s.value) for s in meter_value.sampled_value
                )
        for found in values.values():
            ordered = sorted(found)
            assert [value for _, value in ordered] == sorted(value for _, value in ordered)

    def _check_offline(self, first: list[Heard]) -> None:
        """Offline is true exactly for what occurred, or still waited unsent, while there was no connection."""
        for heard in first:
            since = (heard.event.timestamp - START).total_seconds()
            during = self._states(since, since + 1)
            until_arrival = self._states(since, heard.at)
            offline = bool(heard.event.offline)
            if until_arrival == {True} and during == {True}:
                assert not offline, f"said to be offline: {heard.payload}"
            elif during == {False}:
                assert offline, f"not said to be offline: {heard.payload}"

    def _states(self, begin: float, end: float) -> set[bool]:
        states = set()
        for index, (since, online) in enumerate(self.online):
            until = self.online[index + 1][0] if index + 1 < len(self.online) else float("inf")
            if since <= end and until > begin:
                states.add(online)
        return states

    def _check_statuses(self) -> None:
        station = self.here.host.station
        assert station is not None
        assert self.here.csms.statuses == station.charging.statuses()

    def _check_store(self) -> None:
        station = self.here.host.station
        assert station is not None
        assert station.store.rows("outbox") == []
        stored = [msgspec.json.decode(value, type=Session) for _, value in station.store.rows("session")]
        assert sorted(stored, key=lambda s: s.id) == sorted(station.charging.sessions, key=lambda s: s.id)


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = self.format(record)
        self.found.append(text)


@contextmanager
def no_errors(*, but: str | None = None) -> Iterator[None]:
    """Fail if the station, or the loop, logs an error inside the block; one that contains `but` is expected."""
    handler = _Errors()
    loggers = [logging.getLogger("ohmstead"), logging.getLogger("asyncio")]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
    unexpected = [text for text in handler.found if but is None or but not in text]
    assert not unexpected, "\n".join(unexpected)
