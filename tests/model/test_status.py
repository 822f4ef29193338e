"""Every status is a function of facts (G01), and availability is a set of scopes (G03, G04)."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmstead.model.scope import Scope
from ohmstead.model.status import Availability, connector_status, joint_status
from ohmstead.wire.messages import ConnectorStatusEnum, OperationalStatusEnum

Inoperative, Operative = OperationalStatusEnum.Inoperative, OperationalStatusEnum.Operative
SCOPES = [Scope(), Scope(1), Scope(2), Scope(1, 1), Scope(1, 2), Scope(2, 1)]


@pytest.mark.parametrize(("faulted", "operative", "occupied", "reserved"), list(product([True, False], repeat=4)))
def test_the_first_status_that_holds(*, faulted: bool, operative: bool, occupied: bool, reserved: bool) -> None:
    """Faulted, Unavailable, Occupied, Reserved, Available, in this order."""
    holds = [faulted, not operative, occupied, reserved, True]
    names = ["Faulted", "Unavailable", "Occupied", "Reserved", "Available"]
    found = connector_status(faulted=faulted, operative=operative, occupied=occupied, reserved=reserved)
    assert found.value == names[holds.index(True)]


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (["Available", "Faulted"], "Available"),
        (["Occupied", "Available"], "Available"),
        (["Occupied", "Unavailable"], "Occupied"),
        (["Unavailable", "Faulted"], "Unavailable"),
        (["Faulted", "Faulted"], "Faulted"),
        ([], "Unavailable"),
    ],
)
def test_a_whole_is_as_good_as_its_best_part(parts: list[str], whole: str) -> None:
    """AvailabilityState of an EVSE and of the station (Part 2, 2.13.2)."""
    assert joint_status([ConnectorStatusEnum(part) for part in parts]).value == whole


@given(st.sets(st.sampled_from(SCOPES)), st.sampled_from(SCOPES))
def test_a_scope_is_operative_with_everything_that_contains_it(inoperative: set[Scope], scope: Scope) -> None:
    """An inoperative station or EVSE takes its connectors with it."""
    availability = Availability(frozenset(inoperative))
    above = {Scope(), Scope(scope.evse_id), scope}
    assert availability.operative(scope) == (not any(one in inoperative for one in above))


@given(st.lists(st.tuples(st.sampled_from(SCOPES), st.booleans(), st.booleans()), max_size=12))
def test_scopes_are_set_on_their_own(requests: list[tuple[Scope, bool, bool]]) -> None:
    """The last request for a scope counts, whether it came at once or waited; other scopes are left alone."""
    availability = Availability()
    now: dict[Scope, bool] = {}
    waiting: dict[Scope, bool] = {}
    for scope, operative, at_once in requests:
        status = Operative if operative else Inoperative
        waiting.pop(scope, None)
        if at_once:
            availability = availability.set(scope, status)
            now[scope] = operative
        else:
            availability = availability.schedule(scope, status)
            waiting[scope] = operative
    assert availability.inoperative == {scope for scope, operative in now.items() if not operative}
    assert dict(availability.scheduled) == waiting


@pytest.mark.parametrize(("scope", "kept"), [(Scope(), frozenset()), (Scope(2), {1}), (Scope(1, 1), {1})])
def test_a_request_for_the_whole_station_takes_the_place_of_what_waited_for_it(
    scope: Scope, kept: frozenset[int]
) -> None:
    """G04.FR.06: the EVSEs that were idle are out of service for the earlier request only."""
    waiting = Availability().schedule(Scope(), Inoperative).take_idle_out(frozenset({1}))
    assert waiting.idle_out == {1}
    assert waiting.schedule(scope, Operative).idle_out == kept
    assert waiting.set(scope, Operative).idle_out == kept
