"""Hands that do anything at a site, and what must hold of everything that the CSMS heard of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

import msgspec

from ohmstead.model.session import Session
from ohmstead.ports.hand import HandRefused
from ohmstead.ports.hardware import Supply
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from ohmstead.wire.errors import CallError, ErrorCode
from tests.runtime.site import START, Site

GROUP = wire.IdToken(id_token="FLEET-7", type=wire.IdTokenEnum.Central)
MASTER = wire.IdToken(id_token="SERVICE", type=wire.IdTokenEnum.Central)
CARDS = ("04A1", "04A2", "04B1", "04B2", "04BAD", "04LATE", "04SERVICE")
"""Two plain cards, two of a group, a blocked one, one that is found invalid only later, and a master pass."""
Action = tuple[str, int]


def worth(card: str) -> wire.IdTokenInfo:
    """Return what the CSMS says of a card when it is asked."""
    if card == "04BAD":
        return wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Blocked)
    group = GROUP if card.startswith("04B") else MASTER if card == "04SERVICE" else None
    return wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Accepted, group_id_token=group)


def worth_in_a_transaction(card: str) -> wire.IdTokenInfo:
    """Return what it says of a card in a TransactionEvent."""
    return wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Invalid) if card == "04LATE" else worth(card)


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
        places = [session.evse_id for session in station.sessions]
        assert len(places) == len(set(places)), f"two sessions at one place: {places}"
        for evse in self.here.host.product.evses:
            if self.here.simulator.state(evse.id).supply is Supply.Delivering:
                session = station.sessions.at(evse.id)
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
        running = {s.transaction.id for s in station.sessions.with_transaction() if s.transaction is not None}
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
        assert self.here.csms.statuses == station.statuses()

    def _check_store(self) -> None:
        station = self.here.host.station
        assert station is not None
        assert station.store.rows("outbox") == []
        stored = [msgspec.json.decode(value, type=Session) for _, value in station.store.rows("session")]
        assert sorted(stored, key=lambda s: s.id) == sorted(station.sessions, key=lambda s: s.id)


class Hands:
    """Does one action after the other; what is impossible is left out."""

    def __init__(self, here: Site) -> None:
        self.here = here
        self.witness = Witness(here)
        self._remote_start_ids = iter(range(1, 1_000_000))
        here.csms.answers[wire.AuthorizeRequest] = _authorize
        here.csms.answers[wire.TransactionEventRequest] = self._transaction_event
        self._refusals = 0
        host = here.host
        self.actions: Mapping[str, Callable[[int], Awaitable[object]]] = {
            "wait": lambda n: asyncio.sleep((0.0, 0.002, 0.02, 1, 7, 45, 130, 700)[n % 8]),
            "plug": lambda n: host.plug(1 + n % 2),
            "unplug": lambda n: host.unplug(1 + n % 2),
            "present": lambda n: host.present(CARDS[n % len(CARDS)]),
            "choose": lambda n: host.choose(("evse-1", "evse-2", "all")[n % 3]),
            "arrive": lambda n: host.arrive(1 + n % 2),
            "leave": lambda n: host.leave(1 + n % 2),
            "suspend": lambda n: host.suspend(1 + n % 2),
            "resume": lambda n: host.resume(1 + n % 2),
            "stop_by_ev": lambda n: host.stop_by_ev(1 + n % 2),
            "fault": lambda n: host.fault(1 + n % 2, n // 2 % 2, "OverTemperature"),
            "clear": lambda n: host.clear(1 + n % 2, n // 2 % 2),
            "emergency": lambda n: host.emergency_stop(n % 2 == 0),
            "cut_network": self._cut_network,
            "restore_network": lambda _: host.restore_network(),
            "cut_power": lambda _: host.cut_power(),
            "restore_power": lambda _: host.restore_power(),
            "reboot": lambda _: host.reboot(),
            "remote_start": self._remote_start,
            "remote_stop": self._remote_stop,
            "availability": self._availability,
            "reset": self._reset,
            "refuse": self._refuse,
        }

    async def do(self, action: Action) -> None:
        """Do one action, and let what follows at once follow."""
        name, number = action
        try:
            await self.actions[name](number)
        except HandRefused:
            return
        await asyncio.sleep(0)
        if name == "wait":
            self.witness.check_now()

    async def settle(self) -> None:
        """Put everything back in order, and wait until everything is delivered."""
        host = self.here.host
        if not host.powered:
            await host.restore_power()
        await host.restore_network()
        for action in (("emergency", 1), *((name, n) for name in ("clear", "unplug", "leave") for n in range(4))):
            await self.do(action)
        await self.until_delivered()
        await asyncio.sleep(700)
        await self.until_delivered()
        await asyncio.sleep(1)

    async def until_delivered(self) -> None:
        """Wait until the station is online and its outbox is empty."""
        async with asyncio.timeout(4000):
            while True:
                station = self.here.host.station
                if station is not None and station.calls.online and not station.outbox.entries:
                    return
                await asyncio.sleep(1)

    async def _cut_network(self, number: int) -> None:
        if number % 3:
            await self.here.host.cut_network()
        else:
            self.here.network.cut(noticed=False)

    async def _ask(self, request: Request[Response]) -> None:
        """Send a request if there is a connection; whether an answer comes is another matter."""
        rpc = self.here.csms.rpc
        if rpc is None:
            return

        async def call() -> None:
            try:
                await rpc.call(request, timeout=20)
            except Exception as error:
                logging.getLogger(__name__).info("no answer: %s", error)

        self.here.background(call())
        await asyncio.sleep(0.02)

    async def _remote_start(self, number: int) -> None:
        card = wire.IdToken(id_token=CARDS[number % len(CARDS)], type=wire.IdTokenEnum.ISO14443)
        evse_id = (None, 1, 2)[number % 3]
        remote_start_id = next(self._remote_start_ids)
        await self._ask(
            wire.RequestStartTransactionRequest(id_token=card, remote_start_id=remote_start_id, evse_id=evse_id)
        )

    async def _remote_stop(self, number: int) -> None:
        started = [h.event.transaction_info.transaction_id for h in self.witness.heard if h.event.seq_no == 0]
        if started:
            wanted = started[-1 - number % min(2, len(started))]
            await self._ask(wire.RequestStopTransactionRequest(transaction_id=wanted))

    async def _availability(self, number: int) -> None:
        status = wire.OperationalStatusEnum.Inoperative if number % 2 else wire.OperationalStatusEnum.Operative
        scope = (None, wire.EVSE(id=1), wire.EVSE(id=2), wire.EVSE(id=1, connector_id=1))[number // 2 % 4]
        await self._ask(wire.ChangeAvailabilityRequest(operational_status=status, evse=scope))

    async def _refuse(self, number: int) -> None:
        """Let the CSMS answer the next events with an error, fewer times than the station tries."""
        self._refusals = 1 + number % 3

    def _transaction_event(self, request: Request[Response]) -> Response | None:
        assert isinstance(request, wire.TransactionEventRequest)
        if self._refusals:
            self._refusals -= 1
            raise CallError(ErrorCode.InternalError, "not now")
        token = request.id_token
        info = None if token is None else worth_in_a_transaction(token.id_token)
        return wire.TransactionEventResponse(id_token_info=info)

    async def _reset(self, number: int) -> None:
        kind = wire.ResetEnum.Immediate if number % 2 else wire.ResetEnum.OnIdle
        await self._ask(wire.ResetRequest(type=kind, evse_id=(None, 1, 2)[number // 2 % 3]))


def _authorize(request: Request[Response]) -> Response | None:
    assert isinstance(request, wire.AuthorizeRequest)
    return wire.AuthorizeResponse(id_token_info=worth(request.id_token.id_token))


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
