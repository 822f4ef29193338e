"""Wrong stations for block E: each changes one thing, and names the cases that have to notice."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import NamedTuple

import msgspec

from ohmstead.blocks.c_authorization import CAuthorization, Demand
from ohmstead.blocks.c_invalid_token import CInvalidToken
from ohmstead.blocks.e_transactions import ETransactions
from ohmstead.blocks.f_remote_control import FRemoteControl
from ohmstead.model.facts import Fact, Facts
from ohmstead.model.session import Change, Origin, Session, TransactionStep, advance
from ohmstead.model.tokens import CachedToken
from ohmstead.ports.hardware import PlugOut
from ohmstead.runtime import facts
from ohmstead.runtime.calls import StationCalls
from ohmstead.runtime.delivery import Delivery
from ohmstead.runtime.outbox import Entry, Outbox
from ohmstead.runtime.transaction_events import TransactionEvents
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from ohmstead.wire.messages import ReasonEnum, TriggerReasonEnum

Status = wire.GetTransactionStatusResponse


class Mutant(NamedTuple):
    """A wrong station."""

    name: str
    cases: str
    """Numbers of the cases that reject it."""
    mutate: Callable[[], AbstractContextManager[object]]


MUTANTS: list[Mutant] = []


def mutant(cases: str) -> Callable[[Callable[[], Iterator[None]]], None]:
    """Keep the function below, up to its yield, as a mutant that these cases reject."""

    def keep(change: Callable[[], Iterator[None]]) -> None:
        MUTANTS.append(Mutant(change.__name__, cases, contextmanager(change)))

    return keep


@contextmanager
def swapped(owner: object, name: str, value: object) -> Iterator[None]:
    """Give an attribute another value for a while."""
    original = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, original)


def returns(value: object) -> Callable[..., object]:
    """Make a method that does nothing, and returns this."""

    def method(*_: object) -> object:
        return value

    return method


# Where transactions start and stop


def _advance_with(change: Callable[[Origin], Origin]) -> AbstractContextManager[None]:
    def wrong(session: Session, moved: Change, origin: Origin) -> tuple[Session, TransactionStep | None]:
        return advance(session, moved, change(origin))

    return swapped(facts, "advance", wrong)


def _started_at(*start: Fact) -> Callable[[Origin], Origin]:
    return lambda origin: msgspec.structs.replace(origin, start_points=Facts(start))


@mutant("01 02 09")
def starts_when_authorized() -> Iterator[None]:
    """TxStartPoint is taken for Authorized."""
    with _advance_with(_started_at(Fact.Authorized)):
        yield


@mutant("02 10 13")
def starts_when_connected() -> Iterator[None]:
    """TxStartPoint is taken for EVConnected."""
    with _advance_with(_started_at(Fact.EVConnected)):
        yield


@mutant("06 07 15 16 21 35")
def stops_at_no_point() -> Iterator[None]:
    """TxStopPoint is taken for the parking bay."""
    bay = Facts({Fact.ParkingBayOccupancy})
    with _advance_with(lambda origin: msgspec.structs.replace(origin, stop_points=bay)):
        yield


@mutant("01 02 03 04 09 10 13")
def no_energy() -> Iterator[None]:
    """Energy is never let through."""
    permit = ETransactions._permit

    def wrong(self: ETransactions, evse_id: int, *, allowed: bool) -> None:
        if not allowed:
            permit(self, evse_id, allowed=allowed)

    with swapped(ETransactions, "_permit", wrong):
        yield


# What events say


def _build_with(
    change: Callable[[wire.TransactionEventRequest], wire.TransactionEventRequest],
) -> AbstractContextManager[None]:
    build = TransactionEvents.build

    def wrong(
        self: TransactionEvents, session: Session, step: TransactionStep, *, offline: bool, at: datetime | None = None
    ) -> tuple[Session, wire.TransactionEventRequest]:
        after, request = build(self, session, step, offline=offline, at=at)
        return after, change(request)

    return swapped(TransactionEvents, "build", wrong)


@mutant("02 03 04 09 10 13")
def no_token() -> Iterator[None]:
    """Events do not say whose token it was."""
    with _build_with(lambda request: msgspec.structs.replace(request, id_token=None)):
        yield


@mutant("01 02 09")
def no_place() -> Iterator[None]:
    """Events do not say where."""
    with _build_with(lambda request: msgspec.structs.replace(request, evse=None)):
        yield


@mutant("29 33 40")
def no_meter_values() -> Iterator[None]:
    """Updated events have no meter values."""
    with _build_with(lambda request: msgspec.structs.replace(request, meter_value=None)):
        yield


@mutant("16 29 33 40 43 44 45")
def never_marked_offline() -> Iterator[None]:
    """Events that waited look like fresh ones."""
    with (
        _build_with(lambda request: msgspec.structs.replace(request, offline=None)),
        swapped(Outbox, "plan_offline", returns(list[Entry]())),
    ):
        yield


@mutant("16 29 31 33 40 43 44 45")
def nothing_kept_offline() -> Iterator[None]:
    """What happens to a transaction without a connection is forgotten."""
    post = StationCalls.post

    def wrong(self: StationCalls, request: Request[Response]) -> None:
        if self.online or not isinstance(request, wire.TransactionEventRequest):
            post(self, request)

    with swapped(StationCalls, "post", wrong):
        yield


# Tokens


@mutant("52")
def asks_although_switched_off() -> Iterator[None]:
    """DisableRemoteAuthorization is ignored."""
    place = CAuthorization._place

    def wrong(self: CAuthorization, demand: Demand, _cached: CachedToken | None) -> None:
        self._begin_check(demand, place(self, demand.evse_id))

    with swapped(CAuthorization, "_decide_locally", wrong):
        yield


@mutant("52")
def grants_what_it_may_not_ask() -> Iterator[None]:
    """A token that may not be asked about is accepted."""
    with swapped(CAuthorization, "_decide_locally", lambda self, demand, _cached: self._grant(demand)):
        yield


@mutant("16 43")
def starts_nothing_offline() -> Iterator[None]:
    """Tokens are refused while there is no connection."""
    refuse = CAuthorization._refuse

    def wrong(self: CAuthorization, _demand: Demand, _cached: CachedToken | None) -> None:
        refuse(self, wire.AuthorizationStatusEnum.Unknown)

    with swapped(CAuthorization, "_decide_offline", wrong):
        yield


@mutant("06 07 15 31 44 45")
def local_stop_says_other() -> Iterator[None]:
    """The reason of a local stop is Other."""
    stop = CAuthorization._stop

    def wrong(self: CAuthorization, session: Session, token: wire.IdToken, _reason: ReasonEnum) -> None:
        stop(self, session, token, ReasonEnum.Other)

    with swapped(CAuthorization, "_stop", wrong):
        yield


@mutant("06 07 15 31 44 45")
def token_stops_nothing() -> Iterator[None]:
    """A token never stops."""
    with swapped(CAuthorization, "_stop", returns(None)):
        yield


@mutant("45")
def groups_do_not_count() -> Iterator[None]:
    """Only the token that started stops."""
    with swapped(CAuthorization, "_stops_group", returns(False)):
        yield


@mutant("16")
def invalid_token_goes_on() -> Iterator[None]:
    """What the CSMS says of the token of an event is ignored."""
    with swapped(CInvalidToken, "_deauthorize", returns(None)):
        yield


@mutant("21 35")
def remote_stop_says_local() -> Iterator[None]:
    """The reason of a remote stop is Local."""

    def wrong(self: FRemoteControl, request: wire.RequestStopTransactionRequest) -> wire.RequestStopTransactionResponse:
        session = self.station.sessions.of_transaction(request.transaction_id)
        assert session is not None
        lost = Facts({Fact.Authorized})
        self.station.apply(session, Change(trigger=TriggerReasonEnum.RemoteStop, lost=lost, reason=ReasonEnum.Local))
        return wire.RequestStopTransactionResponse(status=wire.RequestStartStopStatusEnum.Accepted)

    with swapped(FRemoteControl, "on_request_stop_transaction", wrong):
        yield


# Cables


@mutant("54")
def cable_takes_another_reason() -> Iterator[None]:
    """A cable that leaves ends the transaction for another reason."""

    def wrong(self: ETransactions, seen: PlugOut) -> None:
        session = self.station.sessions.at(seen.evse_id)
        assert session is not None
        lost = Facts({Fact.EVConnected, Fact.EnergyTransfer, Fact.Authorized})
        change = Change(trigger=TriggerReasonEnum.EVCommunicationLost, lost=lost, reason=ReasonEnum.Local)
        self.station.apply(session, change)

    with swapped(ETransactions, "observe_plug_out", wrong):
        yield


@mutant("05 39")
def waits_for_ever() -> Iterator[None]:
    """EVConnectionTimeOut does nothing."""
    with swapped(ETransactions, "_time_out", returns(None)):
        yield


@mutant("05 39")
def times_out_late() -> Iterator[None]:
    """The timeout comes a second late."""
    time_out = ETransactions._time_out

    def late(self: ETransactions, identifier: str) -> None:
        self.station.later(1.0, lambda: time_out(self, identifier))

    with swapped(ETransactions, "_time_out", late):
        yield


# GetTransactionStatus


def _status_with(change: Callable[[Status], Status]) -> AbstractContextManager[None]:
    answer = ETransactions.on_get_transaction_status

    def wrong(self: ETransactions, request: wire.GetTransactionStatusRequest) -> Status:
        return change(answer(self, request))

    return swapped(ETransactions, "on_get_transaction_status", wrong)


@mutant("28 31 32")
def every_transaction_goes_on() -> Iterator[None]:
    """Ongoing, whatever was asked for."""
    with _status_with(lambda status: msgspec.structs.replace(status, ongoing_indicator=True)):
        yield


@mutant("29 30")
def no_transaction_goes_on() -> Iterator[None]:
    """Never ongoing."""
    with _status_with(lambda status: msgspec.structs.replace(status, ongoing_indicator=False)):
        yield


@mutant("33 34")
def of_none_goes_on() -> Iterator[None]:
    """Says something of no transaction."""
    with _status_with(lambda status: msgspec.structs.replace(status, ongoing_indicator=bool(status.ongoing_indicator))):
        yield


@mutant("28 30 32 34")
def messages_always_wait() -> Iterator[None]:
    """Messages in the queue, always."""
    with _status_with(lambda status: msgspec.structs.replace(status, messages_in_queue=True)):
        yield


@mutant("29 31 33")
def messages_never_wait() -> Iterator[None]:
    """Never messages in the queue."""
    with _status_with(lambda status: msgspec.structs.replace(status, messages_in_queue=False)):
        yield


# Retries


def _failed_with(change: Callable[[Entry], Entry]) -> AbstractContextManager[None]:
    failed = Delivery._failed

    async def wrong(self: Delivery, entry: Entry, failure: Exception) -> None:
        await failed(self, change(entry), failure)

    return swapped(Delivery, "_failed", wrong)


@mutant("41 50")
def tries_once_less() -> Iterator[None]:
    """The last attempt is left out, and the interval is an interval too long."""
    with _failed_with(lambda entry: msgspec.structs.replace(entry, attempts=entry.attempts + 1)):
        yield


@mutant("41 50")
def tries_for_ever() -> Iterator[None]:
    """Attempts are not counted: the interval does not grow, and there is no last one."""
    with _failed_with(lambda entry: msgspec.structs.replace(entry, attempts=0)):
        yield


@mutant("41 42 50 51")
def tries_at_once() -> Iterator[None]:
    """The interval is not waited for."""

    async def wrong(self: Delivery, entry: Entry, _failure: Exception) -> None:
        self._outbox.replace(msgspec.structs.replace(entry, attempts=entry.attempts + 1))

    with swapped(Delivery, "_failed", wrong):
        yield


@mutant("41 42 50 51")
def gives_up_at_once() -> Iterator[None]:
    """A message that failed is dropped."""

    async def wrong(self: Delivery, entry: Entry, _failure: Exception) -> None:
        self._outbox.remove(entry)

    with swapped(Delivery, "_failed", wrong):
        yield


@mutant("42 51")
def repeats_after_success() -> Iterator[None]:
    """A message that had failed before is sent once more after it was answered."""
    settle = Delivery.settle

    def wrong(self: Delivery, entry: Entry, response: Response) -> None:
        if entry.attempts == 1:
            self._outbox.replace(msgspec.structs.replace(entry, attempts=2))
        else:
            settle(self, entry, response)

    with swapped(Delivery, "settle", wrong):
        yield
