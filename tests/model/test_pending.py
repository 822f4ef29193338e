"""Work that waits lets nobody begin in its scope, and those go on whose transaction it waits for (B12, L01.FR.07)."""

from datetime import UTC, datetime

import pytest

from ohmstead.model.facts import Fact
from ohmstead.model.obstacles import Pending, Standing, Why
from ohmstead.model.scope import Scope
from ohmstead.model.session import RunningTransaction, Session

RUNNING = RunningTransaction(id="t", seq_no=1, started_at=datetime(2026, 1, 1, tzinfo=UTC))
STATION, FIRST, SECOND = Scope(), Scope(1), Scope(2)


def session(evse_id: int | None, *, running: bool) -> Session:
    """Return a session at an EVSE, or at none yet."""
    facts = frozenset({Fact.Authorized})
    return Session(id="s", evse_id=evse_id, facts=facts, transaction=RUNNING if running else None)


@pytest.mark.parametrize(
    ("scope", "at", "who", "barred"),
    [
        (STATION, 1, None, True),
        (STATION, 1, session(1, running=False), True),
        (STATION, 1, session(1, running=True), False),
        (STATION, 1, session(None, running=True), False),
        (FIRST, 1, None, True),
        (FIRST, 2, None, False),
        (FIRST, 1, session(1, running=False), True),
        (FIRST, 1, session(1, running=True), False),
        (FIRST, 1, session(None, running=True), True),
        (FIRST, 1, session(2, running=True), True),
        (SECOND, 1, session(2, running=False), False),
    ],
)
def test_who_is_barred(scope: Scope, at: int, who: Session | None, barred: bool) -> None:
    """A transaction that runs elsewhere, or nowhere yet, would be a new one at the EVSE that waits."""
    assert Pending(why=Why.Reset, scope=scope).bars(at, who) is barred


@pytest.mark.parametrize(("why", "what"), [(Why.Reset, "a reset"), (Why.Firmware, "a firmware update")])
def test_the_obstacle_says_what_is_waited_for(why: Why, what: str) -> None:
    """As the answer to a remote start tells it."""
    standing = Standing(connectors={1: (1,)}, pending=(Pending(why=why, scope=FIRST),))
    found = standing.obstacle(1)
    assert found is not None
    assert found.why is why
    assert found.text == f"EVSE 1 waits for {what}"
