"""A charging session and the pure function that moves it: transactions start and stop on the edges of its facts.

A session exists while at least one fact holds. It may be authorized before its EVSE is known (one reader, two EVSEs).
"""

from collections.abc import Callable
from datetime import datetime

import msgspec

from ohmstead.model.facts import POWER_PATH, Fact, Facts, Suspension, charging_state, closure
from ohmstead.model.metering import Sample
from ohmstead.wire.messages import ChargingStateEnum, IdToken, ReasonEnum, TransactionEventEnum, TriggerReasonEnum

NOTHING: Facts = frozenset()


class Authorization(msgspec.Struct, frozen=True, kw_only=True):
    """Who authorized a session, and how."""

    id_token: IdToken
    group_id_token: IdToken | None = None
    remote_start_id: int | None = None
    evse_ids: tuple[int, ...] = ()
    """The EVSEs that the CSMS allows it for; empty: all of them (C01.FR.21)."""
    at: datetime
    invalid_since_wh: float | None = None
    """Meter reading when the CSMS called the token invalid while StopTxOnInvalidId is false (C15.FR.07)."""
    invalid_unplaced: bool = False
    """That was before an EVSE was known: the reading is still to be taken."""

    def allows(self, evse_id: int) -> bool:
        """Say whether it is good for an EVSE."""
        return not self.evse_ids or evse_id in self.evse_ids


class RunningTransaction(msgspec.Struct, frozen=True, kw_only=True):
    """A running transaction; `seq_no` is the number of its next event (E01.FR.07)."""

    id: str
    seq_no: int
    started_at: datetime
    id_token: IdToken | None = None
    """Who authorized it first; nobody else may once that is over (C01.FR.23)."""
    begin_due: bool = False
    """Transaction.Begin values wait for the EVSE to be known (E01.FR.09, E01.FR.17)."""
    energy_start_wh: float | None = None
    reported_state: ChargingStateEnum | None = None
    key_told: bool = False
    """An event has told the public key of the meter that signs (PublicKeyWithSignedMeterValue)."""
    samples: tuple[Sample, ...] = ()
    """Meter values that belong into the Ended event, oldest first."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """What is true at one EVSE, or of one person who has not chosen an EVSE yet."""

    id: str
    evse_id: int | None = None
    connector_id: int | None = None
    facts: Facts = NOTHING
    start_points: Facts = NOTHING
    stop_points: Facts = NOTHING
    authorization: Authorization | None = None
    suspended: Suspension | None = None
    transaction: RunningTransaction | None = None
    ended: bool = False
    """A transaction of this session has ended, and since then neither an authorization nor a transaction has come."""
    stop_reason: ReasonEnum | None = None
    """Why the authorization went, while the transaction goes on to its stop point."""
    id_token_due: bool = False
    """The next event carries the idToken (E03.FR.01)."""
    remote_due: bool = False
    """The next event says RemoteStart (F02.FR.05)."""

    @property
    def charging_state(self) -> ChargingStateEnum:
        """What the facts amount to."""
        return charging_state(self.facts, self.suspended)

    @property
    def authorized(self) -> bool:
        """Say whether energy is allowed as far as the driver is concerned."""
        return Fact.Authorized in self.facts


class FactChange(msgspec.Struct, frozen=True, kw_only=True):
    """Facts gained and lost at one instant, with the reason that an event about it gives."""

    trigger: TriggerReasonEnum
    gained: Facts = NOTHING
    lost: Facts = NOTHING
    evse_id: int | None = None
    connector_id: int | None = None
    authorization: Authorization | None = None
    suspended: Suspension | None = None
    """Who holds back energy from now on; counts with a change of EnergyTransfer or where `suspends` is set."""
    suspends: bool = False
    ends: ReasonEnum | None = None
    """Ends a transaction whatever the stop points say (decided case 2)."""
    reason: ReasonEnum | None = None
    """The stoppedReason, should this change or a later one that follows from it end the transaction."""
    id_token: IdToken | None = None
    """The token that stopped the session (E07.FR.02)."""


class TransactionStep(msgspec.Struct, frozen=True, kw_only=True):
    """One TransactionEvent to be reported, still without time and meter values."""

    event_type: TransactionEventEnum
    trigger_reason: TriggerReasonEnum
    transaction: RunningTransaction
    seq_no: int
    charging_state: ChargingStateEnum
    evse_id: int | None
    connector_id: int | None
    id_token: IdToken | None = None
    remote_start_id: int | None = None
    stopped_reason: ReasonEnum | None = None
    begins: bool = False
    """Transaction.Begin values belong into this event."""


class TransactionOrigin(msgspec.Struct, frozen=True, kw_only=True):
    """What a new transaction needs from outside: its id, the time, and the point sets that are configured now."""

    new_id: Callable[[], str]
    now: datetime
    start_points: Facts
    stop_points: Facts


def advance(session: Session, change: FactChange, origin: TransactionOrigin) -> tuple[Session, TransactionStep | None]:
    """Move a session by one change; a session whose facts are empty afterwards is over.

    Edges count, not levels (decided case 1): a point that was true before starts nothing, except that an
    authorization after an Ended counts the facts that are still present as gained.
    """
    before = closure(session.facts)
    moved = _move(session, change, origin)
    after = closure(moved.facts)
    regrant = session.ended and Fact.Authorized in after and Fact.Authorized not in before
    gained = after if regrant else after - before
    lost = before - after
    if moved.transaction is None:
        if change.ends is None and gained & moved.start_points:
            return _start(moved, change, origin)
        return moved, None
    if change.ends is not None or lost & moved.stop_points or not moved.facts:
        return _end(moved, change)
    if gained or lost or moved.charging_state is not moved.transaction.reported_state:
        return _step(moved, TransactionEventEnum.Updated, change)
    return moved, None


def report(session: Session, trigger: TriggerReasonEnum) -> tuple[Session, TransactionStep]:
    """Make an Updated event that changes no fact (meter values, a trigger); the session owns a transaction."""
    return _step(session, TransactionEventEnum.Updated, FactChange(trigger=trigger))


def awaits_signature(session: Session) -> bool:
    """Say whether a transaction would begin with a signed reading that the meter has not given yet (E01.FR.04)."""
    begins = session.transaction is None and Fact.DataSigned in session.start_points - session.facts
    return begins and session.facts >= POWER_PATH


def energy_allowed(session: Session) -> bool:
    """Say whether energy may flow: not where that would be before the signature that a transaction begins with."""
    waits = awaits_signature(session) and Fact.EnergyTransfer not in session.start_points
    return session.facts >= POWER_PATH and not waits


def _move(session: Session, change: FactChange, origin: TransactionOrigin) -> Session:
    facts = _facts(session, change)
    authorized = Fact.Authorized in facts
    granted = authorized and Fact.Authorized not in session.facts
    fresh = not session.facts or (granted and session.ended)
    authorization = change.authorization if granted else session.authorization
    energy_changed = Fact.EnergyTransfer in change.gained | change.lost
    suspended = change.suspended if energy_changed or change.suspends else session.suspended
    return msgspec.structs.replace(
        session,
        evse_id=change.evse_id if session.evse_id is None else session.evse_id,
        connector_id=_connector(session, change, facts),
        facts=facts,
        start_points=origin.start_points if fresh else session.start_points,
        stop_points=origin.stop_points if fresh else session.stop_points,
        authorization=authorization if authorized else None,
        suspended=suspended if authorized else None,
        ended=session.ended and not granted,
        stop_reason=session.stop_reason or change.reason if not authorized else None,
        id_token_due=granted or (authorized and session.id_token_due),
        remote_due=(authorization is not None and authorization.remote_start_id is not None)
        if granted
        else authorized and session.remote_due,
    )


def _facts(session: Session, change: FactChange) -> Facts:
    """Return what is true after a change.

    Energy that is observed where it is not allowed was on its way when the authorization went: it does not count.
    """
    facts = (session.facts | change.gained) - change.lost
    if not facts >= POWER_PATH:
        # The next power path that closes wants a signed reading of its own.
        facts -= {Fact.DataSigned}
    if Fact.EnergyTransfer in session.facts or facts >= POWER_PATH:
        return facts
    return facts - {Fact.EnergyTransfer}


def _connector(session: Session, change: FactChange, facts: Facts) -> int | None:
    if Fact.EVConnected in change.gained:
        return change.connector_id
    return session.connector_id if Fact.EVConnected in facts or session.transaction is not None else None


def _start(session: Session, change: FactChange, origin: TransactionOrigin) -> tuple[Session, TransactionStep]:
    transaction = RunningTransaction(id=origin.new_id(), seq_no=0, started_at=origin.now, begin_due=True)
    started = msgspec.structs.replace(session, transaction=transaction, ended=False)
    return _step(started, TransactionEventEnum.Started, change)


def _end(session: Session, change: FactChange) -> tuple[Session, TransactionStep]:
    """End the transaction: energy is off by then, and the authorization goes with it."""
    quiet = msgspec.structs.replace(session, facts=session.facts - {Fact.EnergyTransfer})
    ended, step = _step(quiet, TransactionEventEnum.Ended, change)
    closed = msgspec.structs.replace(
        ended,
        facts=ended.facts - {Fact.Authorized, Fact.DataSigned},
        transaction=None,
        authorization=None,
        suspended=None,
        ended=True,
        stop_reason=None,
        id_token_due=False,
        remote_due=False,
        connector_id=ended.connector_id if Fact.EVConnected in ended.facts else None,
    )
    return closed, step


def _step(session: Session, kind: TransactionEventEnum, change: FactChange) -> tuple[Session, TransactionStep]:
    transaction = session.transaction
    if transaction is None:
        raise ValueError("a session without a transaction has no events")
    begins = transaction.begin_due and session.evse_id is not None
    authorization = session.authorization
    token = change.id_token
    if token is None and session.id_token_due and authorization is not None:
        token = authorization.id_token
    state = session.charging_state
    remote_start_id = authorization.remote_start_id if authorization is not None and session.remote_due else None
    step = TransactionStep(
        event_type=kind,
        trigger_reason=TriggerReasonEnum.RemoteStart if session.remote_due else change.trigger,
        transaction=transaction,
        seq_no=transaction.seq_no,
        charging_state=state,
        evse_id=session.evse_id,
        connector_id=session.connector_id,
        id_token=token,
        remote_start_id=remote_start_id,
        stopped_reason=(change.ends or session.stop_reason or change.reason or _reason(session))
        if kind is TransactionEventEnum.Ended
        else None,
        begins=begins,
    )
    following = msgspec.structs.replace(
        transaction,
        seq_no=transaction.seq_no + 1,
        id_token=transaction.id_token or (authorization.id_token if authorization is not None else None),
        begin_due=transaction.begin_due and not begins,
        reported_state=state,
    )
    return msgspec.structs.replace(session, transaction=following, id_token_due=False, remote_due=False), step


def _reason(session: Session) -> ReasonEnum:
    """The reason of an end that nobody named: the cable, or the EV."""
    if Fact.EVConnected not in session.facts:
        return ReasonEnum.EVDisconnected
    return ReasonEnum.StoppedByEV if session.suspended is not Suspension.EVSE else ReasonEnum.Other
