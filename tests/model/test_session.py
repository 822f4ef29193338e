"""Transactions start and stop where the facts of a session meet the start and stop points."""

from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ohmstead.model.facts import Fact, Facts, Suspension, points
from ohmstead.model.session import FactChange
from ohmstead.product.load import load
from ohmstead.wire.messages import ReasonEnum, TransactionEventEnum, TriggerReasonEnum
from tests.model.sessions_at_play import (
    BAY,
    CARD,
    CONNECTED,
    Play,
    arrive,
    card_stop,
    end,
    grant,
    leave,
    plug,
    supply,
    unplug,
)

FLAGSHIP = load("flagship")
Started, Updated, Ended = TransactionEventEnum.Started, TransactionEventEnum.Updated, TransactionEventEnum.Ended


def subsets(names: tuple[str, ...]) -> list[Facts]:
    """Return every non-empty subset."""
    return [points(chosen) for chosen in chain(*(combinations(names, size) for size in range(1, len(names) + 1)))]


STARTS, STOPS = subsets(FLAGSHIP.start_points), subsets(FLAGSHIP.stop_points)
PAIRS = [(start, stop) for start in STARTS for stop in STOPS]


def facts(*names: str) -> Facts:
    """Return facts by name."""
    return points(names)


def play(start: str, stop: str) -> Play:
    """Return a place under point sets that are written as the variables' values are."""
    return Play(points(start.split(",")), points(stop.split(",")))


# Every pair of sets


def test_the_flagship_supports_every_set_of_five_points() -> None:
    """31 sets each; a pair that no product allows need not be right."""
    assert (len(STARTS), len(STOPS)) == (31, 31)


@settings(max_examples=400)
@given(st.data(), st.sampled_from(PAIRS))
def test_any_sequence_under_any_pair_keeps_transactions_whole(data: st.DataObject, pair: tuple[Facts, Facts]) -> None:
    """One Started, one Ended, contiguous seqNo, and no energy outside a transaction (invariant of decided case 1)."""
    here = Play(*pair)
    for _ in range(data.draw(st.integers(1, 30), "length")):
        possible = here.possible()
        here.feed(possible[data.draw(st.integers(0, len(possible) - 1), "choice")]())
        here.check()
    if here.session.facts:
        here.feed(end(ReasonEnum.Other))
        here.check()
        assert not here.running


@pytest.mark.parametrize("card_first", [True, False], ids=["card first", "cable first"])
def test_a_plain_charge_is_one_transaction_under_every_pair(*, card_first: bool) -> None:
    """Arrive, plug, card, energy, card, unplug, leave; all 961 pairs."""
    first = (grant, plug) if card_first else (plug, grant)
    for start, stop in PAIRS:
        here = Play(start, stop)
        for change in (arrive(), *(one() for one in first), supply(flows=True), card_stop(), supply(flows=False)):
            here.feed(change)
            here.check()
        here.feed(unplug())
        here.feed(leave())
        kinds = [step.event_type for step in here.steps]
        assert kinds.count(Started) == kinds.count(Ended) == 1, (start, stop, kinds)
        assert not here.session.facts


@pytest.mark.parametrize(
    ("start", "change"),
    [
        ("ParkingBayOccupancy", 0),
        ("Authorized", 1),
        ("EVConnected", 2),
        ("PowerPathClosed", 2),
        ("EnergyTransfer", 3),
        ("ParkingBayOccupancy,EnergyTransfer", 0),
        ("EVConnected,EnergyTransfer", 2),
    ],
)
def test_the_first_point_reached_starts(start: str, change: int) -> None:
    """TxStartPoint as a set: whatever of it comes first (Part 2, 2.6.4)."""
    here = play(start, "Authorized")
    changes = [arrive(), grant(), plug(), supply(flows=True)]
    kinds = [step.event_type if (step := here.feed(one)) is not None else None for one in changes]
    assert kinds[: change + 1] == [None] * change + [Started]


@pytest.mark.parametrize(
    ("stop", "change"),
    [
        ("EnergyTransfer", 0),
        ("Authorized", 1),
        ("PowerPathClosed", 1),
        ("EVConnected", 2),
        ("ParkingBayOccupancy", 3),
        ("ParkingBayOccupancy,EVConnected", 2),
    ],
)
def test_the_first_point_lost_stops(stop: str, change: int) -> None:
    """TxStopPoint as a set: whatever of it goes first (Part 2, 2.6.5)."""
    here = play("ParkingBayOccupancy", stop)
    for one in (arrive(), plug(), grant(), supply(flows=True)):
        here.feed(one)
    changes = [supply(flows=False, suspended=Suspension.EV), card_stop(), unplug(), leave()]
    ends = [step is not None and step.event_type is Ended for step in map(here.feed, changes)]
    assert ends.index(True) == change
    assert ends.count(True) == 1


# Decided cases 1 to 4


def test_the_next_card_starts_anew_while_the_car_stays_plugged() -> None:
    """Decided case 1: after an Ended, granting Authorized counts the facts still present as gained."""
    here = play("EVConnected", "Authorized")
    for one in (plug(), grant(), supply(flows=True), card_stop()):
        here.feed(one)
    assert not here.running
    assert here.session.facts == CONNECTED
    step = here.feed(grant())
    assert step is not None
    assert (step.event_type, step.seq_no, step.id_token) == (Started, 0, CARD)
    assert step.transaction.id != here.steps[0].transaction.id


def test_a_level_starts_nothing_after_an_end() -> None:
    """Decided case 1: the cable that is still in is no reason to start."""
    here = play("EVConnected", "Authorized")
    for one in (plug(), grant(), supply(flows=True), card_stop()):
        here.feed(one)
    assert here.feed(supply(flows=False)) is None
    assert here.feed(arrive()) is None


def test_an_end_acts_whatever_the_stop_points_say() -> None:
    """Decided case 2: `ends` carries the stoppedReason."""
    here = play("EVConnected", "ParkingBayOccupancy")
    for one in (arrive(), plug(), grant()):
        here.feed(one)
    step = here.feed(end(ReasonEnum.EmergencyStop))
    assert step is not None
    assert (step.event_type, step.stopped_reason) == (Ended, ReasonEnum.EmergencyStop)
    assert here.session.facts == CONNECTED | BAY


def test_an_end_starts_nothing() -> None:
    """A change that ends cannot start the transaction that it would end."""
    here = play("Authorized", "Authorized")
    here.feed(plug())
    change = end(ReasonEnum.Timeout)
    assert here.feed(change) is None


def test_the_last_fact_ends_the_transaction() -> None:
    """Decided case 2: a session that loses its last fact ends, also where no stop point is lost."""
    here = play("Authorized", "EnergyTransfer")
    here.feed(grant())
    step = here.feed(card_stop())
    assert step is not None
    assert (step.event_type, step.stopped_reason) == (Ended, ReasonEnum.Local)


def test_points_are_copied_at_the_first_fact() -> None:
    """Decided case 3: a setting that changes meanwhile acts on later sessions."""
    here = play("EVConnected", "EVConnected")
    here.feed(plug())
    here.start_points, here.stop_points = facts("EnergyTransfer"), facts("Authorized")
    here.feed(grant())
    assert here.session.stop_points == facts("EVConnected")
    step = here.feed(card_stop())
    assert step is not None
    assert step.event_type is Updated


def test_points_are_copied_again_at_a_grant_after_an_end() -> None:
    """Decided case 3: such a session is as good as new."""
    here = play("EVConnected", "Authorized")
    for one in (plug(), grant(), card_stop()):
        here.feed(one)
    here.start_points, here.stop_points = facts("EnergyTransfer"), facts("EVConnected")
    assert here.feed(grant()) is None
    started = here.feed(supply(flows=True))
    assert started is not None
    assert started.event_type is Started
    stopped = here.feed(card_stop())
    assert stopped is not None
    assert stopped.event_type is Updated


def test_a_grant_within_a_transaction_copies_nothing() -> None:
    """Decided case 3: not even where the session has seen an Ended before."""
    here = play("EVConnected,Authorized", "EVConnected")
    for one in (arrive(), plug(), grant(), unplug(), plug()):
        here.feed(one)
    assert here.running
    here.stop_points = facts("EnergyTransfer")
    here.feed(grant())
    assert here.session.stop_points == facts("EVConnected")


def test_an_authorized_session_without_a_place_can_own_a_transaction() -> None:
    """Decided case 4: one reader, two EVSEs; the first values come once it is known (TC_J_08)."""
    here = play("Authorized", "Authorized")
    here.session = type(here.session)(id="unbound")
    started = here.feed(grant())
    assert started is not None
    assert (started.evse_id, started.begins) == (None, False)
    plugged = here.feed(plug())
    assert plugged is not None
    assert (plugged.evse_id, plugged.connector_id, plugged.begins) == (1, 1, True)
    charging = here.feed(supply(flows=True))
    assert charging is not None
    assert not charging.begins


# Details of the events


def test_an_authorization_that_went_is_nobodys() -> None:
    """Who took back a card before anything started holds nothing: presented again, it grants again."""
    here = play("EnergyTransfer", "EVConnected")
    for one in (plug(), grant(7), card_stop()):
        here.feed(one)
    assert here.session.authorization is None
    here.feed(grant())
    step = here.feed(supply(flows=True))
    assert step is not None
    assert (step.trigger_reason, step.remote_start_id) == (TriggerReasonEnum.ChargingStateChanged, None)


def test_energy_that_comes_after_the_authorization_has_gone_does_not_count() -> None:
    """What the machine said a moment too late must not start a transaction that nobody has authorized."""
    here = play("EnergyTransfer", "Authorized")
    for one in (plug(), grant(), card_stop()):
        here.feed(one)
    assert here.feed(supply(flows=True)) is None
    assert here.session.facts == CONNECTED


def test_a_connected_ev_occupies_the_bay() -> None:
    """Start {ParkingBayOccupancy} where no sensor noticed the arrival: nobody charges without a transaction."""
    here = play("ParkingBayOccupancy", "ParkingBayOccupancy")
    started = here.feed(plug())
    assert started is not None
    assert started.event_type is Started
    ended = here.feed(unplug())
    assert ended is not None
    assert ended.event_type is Ended


def test_the_token_is_told_once() -> None:
    """E03.FR.01: the event after the grant carries the idToken, later ones do not."""
    here = play("EVConnected", "EVConnected")
    steps = [here.feed(one) for one in (plug(), grant(), supply(flows=True), supply(flows=False))]
    assert [step.id_token if step is not None else None for step in steps] == [None, CARD, None, None]


def test_a_remote_start_says_so_once() -> None:
    """F02.FR.05: remoteStartId and triggerReason RemoteStart in the first event after it."""
    here = play("PowerPathClosed", "EVConnected")
    steps = [here.feed(one) for one in (grant(7), plug(), supply(flows=True))]
    told = [None if step is None else (step.trigger_reason, step.remote_start_id) for step in steps]
    assert told == [None, (TriggerReasonEnum.RemoteStart, 7), (TriggerReasonEnum.ChargingStateChanged, None)]


@pytest.mark.parametrize(
    ("stop", "changes", "reason"),
    [
        ("Authorized", [card_stop()], ReasonEnum.Local),
        ("EVConnected", [card_stop(), unplug()], ReasonEnum.Local),
        ("EVConnected", [unplug()], ReasonEnum.EVDisconnected),
        ("EnergyTransfer", [supply(flows=False, suspended=Suspension.EV)], ReasonEnum.StoppedByEV),
    ],
)
def test_the_reason_is_the_first_cause(stop: str, changes: list[FactChange], reason: ReasonEnum) -> None:
    """stoppedReason says why, not what happened last."""
    here = play("EVConnected", stop)
    for one in (plug(), grant(), supply(flows=True), *changes):
        here.feed(one)
    assert here.steps[-1].stopped_reason is reason


def test_a_new_grant_forgets_the_reason_of_the_last_one() -> None:
    """Stop by card, go on with the next card, pull the cable: the cable is the reason."""
    here = play("EVConnected", "EVConnected")
    for one in (plug(), grant(), card_stop(), grant(), unplug()):
        here.feed(one)
    assert here.steps[-1].stopped_reason is ReasonEnum.EVDisconnected


def test_a_cable_that_came_back_is_no_reason() -> None:
    """E10: the cable was out for a while and the authorization stayed; the card that stops later is the reason."""
    here = play("PowerPathClosed", "Authorized")
    gone = FactChange(
        trigger=TriggerReasonEnum.EVCommunicationLost,
        lost=frozenset({Fact.EVConnected, Fact.EnergyTransfer}),
        reason=ReasonEnum.EVDisconnected,
    )
    for one in (plug(), grant(), supply(flows=True), gone, plug(), supply(flows=True), card_stop()):
        here.feed(one)
    assert here.steps[-1].stopped_reason is ReasonEnum.Local


def test_nothing_is_reported_where_nothing_changed() -> None:
    """A change that is true already moves nothing."""
    here = play("EVConnected", "Authorized")
    here.feed(plug())
    here.feed(grant())
    here.feed(supply(flows=True))
    assert here.feed(supply(flows=True)) is None


def test_suspension_is_a_state_of_its_own() -> None:
    """E02.FR.13: who holds back the energy is reported."""
    here = play("EVConnected", "Authorized")
    changes = [
        plug(),
        grant(),
        supply(flows=True),
        supply(flows=False, suspended=Suspension.EV),
        supply(flows=False, suspended=Suspension.EVSE),
        supply(flows=True),
    ]
    states = [step.charging_state.value for one in changes if (step := here.feed(one)) is not None]
    assert states == ["EVConnected", "EVConnected", "Charging", "SuspendedEV", "SuspendedEVSE", "Charging"]
    assert Fact.EnergyTransfer in here.session.facts
