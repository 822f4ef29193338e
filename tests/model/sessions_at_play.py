"""A machine and its people as far as one session sees them: only what can happen next is offered."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count

from ohmstead.model.facts import POWER_PATH, Fact, Facts, Suspension
from ohmstead.model.session import Authorization, FactChange, Session, TransactionOrigin, TransactionStep, advance
from ohmstead.wire.messages import IdToken, IdTokenEnum, ReasonEnum, TransactionEventEnum, TriggerReasonEnum

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CARD = IdToken(id_token="04A1B2C3", type=IdTokenEnum.ISO14443)
CONNECTED = frozenset({Fact.EVConnected})
AUTHORIZED = frozenset({Fact.Authorized})
ENERGY = frozenset({Fact.EnergyTransfer})
BAY = frozenset({Fact.ParkingBayOccupancy})


def authorization(remote_start_id: int | None = None) -> Authorization:
    """Return an authorization by the card, or by the CSMS."""
    return Authorization(id_token=CARD, remote_start_id=remote_start_id, at=NOW)


def plug() -> FactChange:
    """A cable connects an EV."""
    return FactChange(trigger=TriggerReasonEnum.CablePluggedIn, gained=CONNECTED, evse_id=1, connector_id=1)


def unplug() -> FactChange:
    """The EV is gone, and with it the authorization."""
    return FactChange(
        trigger=TriggerReasonEnum.EVCommunicationLost,
        lost=CONNECTED | ENERGY | AUTHORIZED,
        reason=ReasonEnum.EVDisconnected,
    )


def grant(remote_start_id: int | None = None) -> FactChange:
    """Somebody is authorized."""
    return FactChange(
        trigger=TriggerReasonEnum.Authorized, gained=AUTHORIZED, authorization=authorization(remote_start_id)
    )


def card_stop() -> FactChange:
    """The card takes its authorization back."""
    return FactChange(trigger=TriggerReasonEnum.StopAuthorized, lost=AUTHORIZED, reason=ReasonEnum.Local, id_token=CARD)


def supply(*, flows: bool, suspended: Suspension | None = None) -> FactChange:
    """The power path changed."""
    return FactChange(
        trigger=TriggerReasonEnum.ChargingStateChanged,
        gained=ENERGY if flows else frozenset(),
        lost=frozenset() if flows else ENERGY,
        suspended=suspended,
        suspends=True,
    )


def arrive() -> FactChange:
    """An EV drives into the bay."""
    return FactChange(trigger=TriggerReasonEnum.EVDetected, gained=BAY, evse_id=1)


def leave() -> FactChange:
    """It drives out."""
    return FactChange(trigger=TriggerReasonEnum.EVDeparted, lost=BAY, reason=ReasonEnum.Local)


def end(reason: ReasonEnum) -> FactChange:
    """Something ends the transaction whatever the stop points say."""
    return FactChange(trigger=TriggerReasonEnum.AbnormalCondition, lost=AUTHORIZED | ENERGY, ends=reason)


class Play:
    """One place, session after session, under one pair of point sets; records the steps."""

    def __init__(self, start_points: Facts, stop_points: Facts) -> None:
        self.start_points = start_points
        self.stop_points = stop_points
        self.steps: list[TransactionStep] = []
        self._numbers: Iterator[int] = count(1)
        self.session = self._fresh()

    def _fresh(self) -> Session:
        return Session(id=f"s{next(self._numbers)}", evse_id=1)

    def _origin(self) -> TransactionOrigin:
        return TransactionOrigin(
            new_id=lambda: f"t{next(self._numbers)}",
            now=NOW,
            start_points=self.start_points,
            stop_points=self.stop_points,
        )

    def feed(self, change: FactChange) -> TransactionStep | None:
        """Move the session; one that is over makes way for a new one."""
        moved, step = advance(self.session, change, self._origin())
        self.session = moved if moved.facts else self._fresh()
        if not moved.facts:
            assert moved.transaction is None, "a session that lost its last fact keeps a transaction"
        if step is not None:
            self.steps.append(step)
        return step

    @property
    def running(self) -> bool:
        """Say whether a transaction runs."""
        return self.session.transaction is not None

    def possible(self) -> list[Callable[[], FactChange]]:
        """Return what can happen next, in the order in which a shrunk example should prefer it."""
        facts = self.session.facts
        connected, authorized = Fact.EVConnected in facts, Fact.Authorized in facts
        found: list[Callable[[], FactChange]] = [unplug] if connected else [plug]
        found += [card_stop, lambda: end(ReasonEnum.EmergencyStop)] if authorized else [grant, lambda: grant(7)]
        if facts >= POWER_PATH:
            found += [
                lambda: supply(flows=True),
                lambda: supply(flows=False, suspended=Suspension.EV),
                lambda: supply(flows=False, suspended=Suspension.EVSE),
                lambda: supply(flows=False),
            ]
        elif connected:
            # What the machine had to say when the authorization went arrives a moment later.
            found += [lambda: supply(flows=False), lambda: supply(flows=True)]
        if Fact.ParkingBayOccupancy not in facts:
            found.append(arrive)
        elif not connected:
            found.append(leave)
        if self.running:
            found.append(lambda: end(ReasonEnum.PowerLoss))
        return found

    def check(self) -> None:
        """Every transaction: one Started first, contiguous numbers, Ended last unless it runs; no energy outside."""
        by_id: dict[str, list[TransactionStep]] = {}
        for step in self.steps:
            by_id.setdefault(step.transaction.id, []).append(step)
        owner = self.session.transaction
        for identifier, steps in by_id.items():
            kinds = [step.event_type for step in steps]
            assert kinds[0] is TransactionEventEnum.Started
            assert kinds.count(TransactionEventEnum.Started) == 1
            runs = owner is not None and owner.id == identifier
            assert kinds.count(TransactionEventEnum.Ended) == (0 if runs else 1)
            assert runs or kinds[-1] is TransactionEventEnum.Ended
            assert [step.seq_no for step in steps] == list(range(len(steps)))
        if Fact.EnergyTransfer in self.session.facts:
            assert owner is not None, "energy flows without a transaction"
