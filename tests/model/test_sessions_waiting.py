"""Which sessions a token may be for that names no EVSE (decided case 4)."""

from datetime import UTC, datetime

import pytest

from ohmstead.model.facts import Fact
from ohmstead.model.session import Authorization, RunningTransaction, Session
from ohmstead.model.sessions import Sessions
from ohmstead.wire.messages import IdToken, IdTokenEnum

RUNNING = RunningTransaction(id="t", seq_no=1, started_at=datetime(2026, 1, 1, tzinfo=UTC))
CONNECTED = Session(id="a", evse_id=2, facts=frozenset({Fact.EVConnected}))
IN_BAY = Session(id="b", evse_id=1, facts=frozenset({Fact.ParkingBayOccupancy}), transaction=RUNNING)


def test_an_ev_in_the_bay_waits_once_its_transaction_runs() -> None:
    """With start point ParkingBayOccupancy the token belongs into the transaction that the EV has started."""
    assert Sessions([IN_BAY]).waiting() == [IN_BAY]


def test_an_ev_that_stands_there_without_a_transaction_does_not_wait() -> None:
    """Without that start point nobody knows yet at which EVSE the cable will be taken."""
    assert Sessions([Session(id="b", evse_id=1, facts=IN_BAY.facts)]).waiting() == []


def test_a_connected_ev_goes_before_one_in_a_bay() -> None:
    """A cable says more than a sensor."""
    assert Sessions([IN_BAY, CONNECTED]).waiting() == [CONNECTED]


CARD, OTHER = (IdToken(id_token=value, type=IdTokenEnum.ISO14443) for value in ("04A1B2C3", "04D4E5F6"))
AUTHORIZED = Session(
    id="c",
    evse_id=3,
    facts=frozenset({Fact.EVConnected, Fact.Authorized}),
    authorization=Authorization(id_token=CARD, at=datetime(2026, 1, 1, tzinfo=UTC)),
)


def test_those_who_are_authorized_do_not_wait() -> None:
    """Neither does a session that stands nowhere yet: its token came before its cable."""
    nowhere = Session(id="d", facts=frozenset({Fact.EVConnected}))
    assert Sessions([AUTHORIZED, nowhere, CONNECTED]).waiting() == [CONNECTED]


def test_they_wait_in_the_order_of_the_evses() -> None:
    """Not of their arrival."""
    places = [Session(id=str(evse_id), evse_id=evse_id, facts=frozenset({Fact.EVConnected})) for evse_id in (3, 1, 2)]
    assert [session.evse_id for session in Sessions(places).waiting()] == [1, 2, 3]


@pytest.mark.parametrize(("token", "waits"), [(CARD, True), (OTHER, False), (None, True)])
def test_a_transaction_that_had_a_token_waits_for_that_only(token: IdToken | None, waits: bool) -> None:
    """C01.FR.23."""
    begun = RunningTransaction(id="t", seq_no=1, started_at=datetime(2026, 1, 1, tzinfo=UTC), id_token=CARD)
    session = Session(id="a", evse_id=2, facts=frozenset({Fact.EVConnected}), transaction=begun)
    assert bool(Sessions([session]).waiting(token)) is waits


def test_only_sessions_with_a_transaction_have_one() -> None:
    """As reset and availability ask."""
    assert Sessions([IN_BAY, CONNECTED, AUTHORIZED]).with_transaction() == [IN_BAY]


def test_the_latest_is_the_one_that_came_last_of_those_asked_for() -> None:
    """Whatever the numbers of the EVSEs."""
    places = [Session(id=str(evse_id), evse_id=evse_id, facts=frozenset({Fact.EVConnected})) for evse_id in (3, 1, 2)]
    assert Sessions(places).latest([1, 3]) == 1
    assert Sessions(places).latest([3, 2]) == 2


@pytest.mark.parametrize(("evse_id", "found"), [(None, True), (3, True), (2, False)])
def test_a_token_holds_a_session_at_its_evse(evse_id: int | None, *, found: bool) -> None:
    """At a reader of one EVSE it stops what it runs there, and nothing elsewhere."""
    sessions = Sessions([CONNECTED, AUTHORIZED])
    assert sessions.held_by(CARD, evse_id) == (AUTHORIZED if found else None)
    assert sessions.held_by(OTHER, evse_id) is None


def test_a_session_that_was_merged_into_another_is_gone() -> None:
    """As one that lost its last fact."""
    sessions = Sessions([CONNECTED, AUTHORIZED])
    sessions.drop(CONNECTED.id)
    assert list(sessions) == [AUTHORIZED]
    sessions.adopt(Session(id=AUTHORIZED.id, evse_id=3))
    assert list(sessions) == []
