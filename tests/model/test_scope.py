"""A scope contains itself and its parts, and is kept in rows as earlier versions wrote it."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmstead.model.scope import Scope
from ohmstead.wire.messages import EVSE

SCOPES = [Scope(), Scope(1), Scope(2), Scope(1, 1), Scope(1, 2), Scope(2, 1)]
scopes = st.sampled_from(SCOPES)


@given(scopes, scopes)
def test_what_contains_all_parts_of_another_contains_it(one: Scope, other: Scope) -> None:
    """The station contains all, an EVSE its connectors, a connector itself."""
    parts = [scope for scope in SCOPES if other.contains(scope)]
    assert one.contains(other) == all(one.contains(part) for part in parts)


@given(scopes, scopes)
def test_two_that_contain_each_other_are_one(one: Scope, other: Scope) -> None:
    """Contains is an order, and sorting puts the whole before its parts."""
    assert (one.contains(other) and other.contains(one)) == (one == other)
    assert not (one.contains(other) and other < one)


@pytest.mark.parametrize(
    ("row", "scope"), [("[]", Scope()), ("[1]", Scope(1)), ("[1,2]", Scope(1, 2)), ("[1,0]", Scope(1))]
)
def test_rows_of_earlier_versions_are_read(row: str, scope: Scope) -> None:
    """They had as many numbers as the scope was deep."""
    assert msgspec.json.decode(row, type=Scope) == scope


@pytest.mark.parametrize(
    ("evse", "scope", "text"),
    [
        (None, Scope(), "the station"),
        (EVSE(id=0), Scope(), "the station"),
        (EVSE(id=2), Scope(2), "EVSE 2"),
        (EVSE(id=2, connector_id=1), Scope(2, 1), "connector 1 of EVSE 2"),
    ],
)
def test_a_request_names_a_scope(evse: EVSE | None, scope: Scope, text: str) -> None:
    """EVSE 0 is the station (G04)."""
    assert Scope.of(evse) == scope
    assert str(scope) == text
