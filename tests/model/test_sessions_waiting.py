"""Which sessions a token may be for that names no EVSE (decided case 4)."""

from datetime import UTC, datetime

from ohmstead.model.facts import Fact
from ohmstead.model.session import RunningTransaction, Session
from ohmstead.model.sessions import Sessions

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
