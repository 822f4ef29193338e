"""Mutants of sessions: where transactions start and stop, who may charge, who may stop, and for how long one waits."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import msgspec

from ohmstead.blocks.c_authorization import CAuthorization
from ohmstead.blocks.c_invalid_token import CInvalidToken
from ohmstead.blocks.e_transactions import ETransactions
from ohmstead.blocks.f_remote_control import FRemoteControl
from ohmstead.blocks.starting import Demand
from ohmstead.blocks.stopping import Stopping
from ohmstead.model.facts import Fact, Facts
from ohmstead.model.session import FactChange, Session, TransactionOrigin
from ohmstead.ports.hardware import PlugOut
from ohmstead.runtime import facts
from ohmstead.wire.messages import (
    AuthorizationStatusEnum,
    IdToken,
    ReasonEnum,
    RequestStartStopStatusEnum,
    RequestStopTransactionRequest,
    RequestStopTransactionResponse,
    TriggerReasonEnum,
)
from tests.lab.mutation import Mutant, replaced

LATE = 1.0
"""Seconds by which a timeout is late: more than any tolerance that a rig of ours has."""


def _points(**wrong: Facts) -> Callable[[], AbstractContextManager[None]]:
    """Move sessions by other start or stop points than the configured ones."""

    def advance(
        right: Callable[..., object], session: Session, change: FactChange, origin: TransactionOrigin
    ) -> object:
        return right(session, change, msgspec.structs.replace(origin, **wrong))

    return lambda: replaced(facts, "advance", advance)


def _nothing(_right: object, *_arguments: object) -> None:
    """Do nothing."""


def _false(_right: object, *_arguments: object) -> bool:
    return False


def _no_energy(right: Callable[..., None], self: ETransactions, evse_id: int, *, allowed: bool) -> None:
    if not allowed:
        right(self, evse_id, allowed=allowed)


def _ask(_right: object, self: CAuthorization, demand: Demand, _cached: object) -> None:
    self._begin_check(demand, self._starting.place(demand))


def _grant(_right: object, self: CAuthorization, demand: Demand, _cached: object) -> None:
    self._grant(demand)


def _refuse(_right: object, self: CAuthorization, demand: Demand, _cached: object) -> None:
    self._refuse(AuthorizationStatusEnum.Unknown, demand)


def _stop_for_other(
    right: Callable[..., None], self: Stopping, session: Session, token: IdToken, _reason: ReasonEnum
) -> None:
    right(self, session, token, ReasonEnum.Other)


def _stop_as_if_local(
    _right: object, self: FRemoteControl, request: RequestStopTransactionRequest
) -> RequestStopTransactionResponse:
    session = self._charging.sessions.of_transaction(request.transaction_id)
    if session is not None:
        lost = frozenset({Fact.Authorized})
        self._charging.apply(
            session, FactChange(trigger=TriggerReasonEnum.RemoteStop, lost=lost, reason=ReasonEnum.Local)
        )
    return RequestStopTransactionResponse(status=RequestStartStopStatusEnum.Accepted)


def _unplug_as_if_stopped(_right: object, self: ETransactions, seen: PlugOut) -> None:
    session = self._charging.sessions.at(seen.evse_id)
    if session is not None:
        lost = frozenset({Fact.EVConnected, Fact.EnergyTransfer, Fact.Authorized})
        trigger = TriggerReasonEnum.EVCommunicationLost
        self._charging.apply(session, FactChange(trigger=trigger, lost=lost, reason=ReasonEnum.Local))


def _time_out_late(right: Callable[..., None], self: ETransactions, identifier: str) -> None:
    self._work.later(LATE, lambda: right(self, identifier))


def _token(
    name: str, text: str, method: str, wrong: Callable[..., object], owner: type[object] = CAuthorization
) -> Mutant:
    return Mutant(name, text, lambda: replaced(owner, method, wrong), "E")


def _session(name: str, text: str, method: str, wrong: Callable[..., object]) -> Mutant:
    return Mutant(name, text, lambda: replaced(ETransactions, method, wrong), "E")


MUTANTS = (
    Mutant(
        "starts-when-authorized",
        "TxStartPoint is taken for Authorized.",
        _points(start_points=frozenset({Fact.Authorized})),
        "E",
    ),
    Mutant(
        "starts-when-connected",
        "TxStartPoint is taken for EVConnected.",
        _points(start_points=frozenset({Fact.EVConnected})),
        "E",
    ),
    Mutant(
        "stops-at-no-point",
        "TxStopPoint is taken for ParkingBayOccupancy.",
        _points(stop_points=frozenset({Fact.ParkingBayOccupancy})),
        "E",
    ),
    _session("no-energy", "Energy is never let through.", "_permit", _no_energy),
    _session("cable-never-timed", "EVConnectionTimeOut does nothing.", "_time_out", _nothing),
    _session("cable-timed-late", "EVConnectionTimeOut acts a second late.", "_time_out", _time_out_late),
    _session(
        "cable-gives-other-reason",
        "A cable that leaves ends the transaction with Local.",
        "observe_plug_out",
        _unplug_as_if_stopped,
    ),
    _token("asks-although-told-not-to", "DisableRemoteAuthorization is ignored.", "_decide_locally", _ask),
    _token("grants-unasked", "A token that may not be asked about is accepted.", "_decide_locally", _grant),
    _token("refuses-offline", "Without a connection every token is refused.", "_decide_offline", _refuse),
    _token("stops-for-other", "The reason of a local stop is Other.", "_stop", _stop_for_other, Stopping),
    _token("token-stops-nothing", "A token never stops.", "_stop", _nothing, Stopping),
    _token("no-groups", "Only the token that started stops.", "_stops_group", _false),
    Mutant(
        "invalid-token-charges-on",
        "A token that the CSMS finds invalid keeps its authorization.",
        lambda: replaced(CInvalidToken, "_deauthorize", _nothing),
        "CE",
    ),
    Mutant(
        "remote-stop-says-local",
        "The reason of a remote stop is Local.",
        lambda: replaced(FRemoteControl, "on_request_stop_transaction", _stop_as_if_local),
        "EF",
    ),
)
