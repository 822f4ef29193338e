"""A station that is to go out of service takes its free EVSEs out at once (G04.FR.06)."""

from ohmstead.model.scope import Scope
from ohmstead.model.status import Availability
from ohmstead.wire.messages import OperationalStatusEnum

INOPERATIVE, OPERATIVE = OperationalStatusEnum.Inoperative, OperationalStatusEnum.Operative


def test_idle_evses_go_ahead_of_the_station() -> None:
    """The busy one stays in service until the request is carried out."""
    availability = Availability().schedule(Scope(), INOPERATIVE).take_idle_out(frozenset({2}))
    assert [availability.operative(scope) for scope in (Scope(1), Scope(2), Scope(2, 1))] == [True, False, False]


def test_nothing_goes_ahead_of_a_request_for_one_evse() -> None:
    """Only the station's own request does that."""
    assert Availability().schedule(Scope(1), INOPERATIVE).take_idle_out(frozenset({2})).operative(Scope(2))


def test_the_next_request_for_the_station_brings_them_back() -> None:
    """Operative cancels what was scheduled."""
    availability = Availability().schedule(Scope(), INOPERATIVE).take_idle_out(frozenset({2})).set(Scope(), OPERATIVE)
    assert availability == Availability()
