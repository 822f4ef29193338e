"""Two tokens are one where value and type are; what held back the energy of one driver says nothing of the next."""

from datetime import UTC, datetime

import pytest

from ohmstead.model.facts import Fact, Suspension
from ohmstead.model.session import Session, TransactionOrigin, advance
from ohmstead.model.sessions import same_token
from ohmstead.wire.messages import IdToken, IdTokenEnum
from tests.model import sessions_at_play as play

ORIGIN = TransactionOrigin(
    new_id=lambda: "t",
    now=datetime(2026, 1, 1, tzinfo=UTC),
    start_points=frozenset({Fact.PowerPathClosed}),
    stop_points=frozenset({Fact.EVConnected}),
)


@pytest.mark.parametrize(
    ("value", "kind", "same"),
    [
        ("04A1B2C3", IdTokenEnum.ISO14443, True),
        ("04a1b2c3", IdTokenEnum.ISO14443, True),
        ("04A1B2C3", IdTokenEnum.ISO15693, False),
        ("04A1B2C4", IdTokenEnum.ISO14443, False),
    ],
)
def test_tokens_are_compared_by_value_and_type(value: str, kind: IdTokenEnum, same: bool) -> None:
    """C01.FR.25; identifierString: case does not count."""
    assert same_token(play.CARD, IdToken(id_token=value, type=kind)) is same


def test_a_suspension_goes_with_its_authorization() -> None:
    """The next driver's car has not been held back by anybody."""
    session = Session(id="s")
    suspended = play.supply(flows=False, suspended=Suspension.EVSE)
    for change in (play.plug(), play.grant(), suspended, play.card_stop()):
        session, _ = advance(session, change, ORIGIN)
    assert session.suspended is None
    session, _ = advance(session, play.grant(), ORIGIN)
    assert session.charging_state != "SuspendedEVSE"
