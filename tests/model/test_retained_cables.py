"""Whose a cable is that stays locked (E09.FR.03)."""

import pytest

from ohmstead.model.plugs import RetainedCable
from ohmstead.wire.messages import IdToken, IdTokenEnum

CARD, BUTTON = IdTokenEnum.ISO14443, IdTokenEnum.Local
FAMILY = IdToken(id_token="FAMILY", type=IdTokenEnum.Central)


def token(kind: IdTokenEnum, value: str) -> IdToken:
    """Return a token."""
    return IdToken(id_token=value, type=kind)


@pytest.mark.parametrize(
    ("owner", "presented", "evse_id", "opens"),
    [
        (token(CARD, "04A1"), token(CARD, "04a1"), None, True),
        (token(CARD, "04A1"), token(CARD, "04D4"), None, False),
        (token(BUTTON, "1"), token(BUTTON, "2"), 1, True),
        (token(BUTTON, "1"), token(BUTTON, "2"), 2, False),
        (token(CARD, "04A1"), token(BUTTON, "2"), 1, False),
        (token(BUTTON, "1"), token(CARD, "04A1"), 1, False),
    ],
)
def test_a_cable_opens_for_the_token_that_started_or_the_button_of_its_evse(
    owner: IdToken, presented: IdToken, evse_id: int | None, *, opens: bool
) -> None:
    """A button makes a token of its own each time; a card is no button."""
    cable = RetainedCable(evse_id=1, connector_id=1, id_token=owner)
    assert cable.belongs_to(presented, None, evse_id) is opens


@pytest.mark.parametrize(
    ("mine", "group", "opens"), [(FAMILY, FAMILY, True), (FAMILY, None, False), (None, FAMILY, False)]
)
def test_a_cable_opens_for_its_group(mine: IdToken | None, group: IdToken | None, *, opens: bool) -> None:
    """As a transaction is stopped by it (C09)."""
    cable = RetainedCable(evse_id=1, connector_id=1, id_token=token(CARD, "04A1"), group_id_token=mine)
    assert cable.belongs_to(token(CARD, "04D4"), group) is opens
