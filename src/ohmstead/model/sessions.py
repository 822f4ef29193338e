"""All sessions of a station: at most one per EVSE, and at most one that waits unbound for a cable."""

from collections.abc import Iterable, Iterator

from ohmstead.model.facts import Fact
from ohmstead.model.session import Session
from ohmstead.wire.identifiers import folded
from ohmstead.wire.messages import IdToken

BAY = frozenset({Fact.ParkingBayOccupancy})


class Sessions:
    """The adopted sessions by id. Facts change by `adopt` alone, after their commit."""

    def __init__(self, sessions: Iterable[Session] = ()) -> None:
        self._by_id: dict[str, Session] = {session.id: session for session in sessions}
        self.authorizing: dict[int | None, IdToken] = {}
        """Places that a token which is still being checked has reserved: EVSE id, None is the unbound place."""

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._by_id.values()))

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, identifier: str) -> Session | None:
        """Return a session by its id."""
        return self._by_id.get(identifier)

    def at(self, evse_id: int) -> Session | None:
        """Return the session of an EVSE."""
        return next((session for session in self._by_id.values() if session.evse_id == evse_id), None)

    def unbound(self) -> Session | None:
        """Return the session that is authorized and waits for a cable at any EVSE."""
        return next((session for session in self._by_id.values() if session.evse_id is None), None)

    def of_transaction(self, transaction_id: str) -> Session | None:
        """Return the session that owns a running transaction (identifierString: case does not matter)."""
        wanted = folded(transaction_id)
        for session in self._by_id.values():
            if session.transaction is not None and folded(session.transaction.id) == wanted:
                return session
        return None

    def with_transaction(self) -> list[Session]:
        """Return the sessions that own a running transaction."""
        return [session for session in self._by_id.values() if session.transaction is not None]

    def waiting(self, token: IdToken | None = None) -> list[Session]:
        """Return the sessions that nobody has authorized, in the order of the EVSEs: those whose EV is connected.

        Where there are none, those whose transaction runs because an EV stands in the bay. With a token: those only
        that it may authorize.
        """
        found = [
            session
            for session in self._by_id.values()
            if not session.authorized and session.evse_id is not None and (token is None or takes(session, token))
        ]
        connected = [session for session in found if Fact.EVConnected in session.facts]
        in_bay = [session for session in found if session.transaction is not None and session.facts >= BAY]
        return sorted(connected or in_bay, key=lambda session: session.evse_id or 0)

    def latest(self, evse_ids: Iterable[int]) -> int:
        """Return the EVSE, of some, whose session began last."""
        wanted = set(evse_ids)
        return [session.evse_id for session in self._by_id.values() if session.evse_id in wanted][-1] or 0

    def held_by(self, token: IdToken, evse_id: int | None = None) -> Session | None:
        """Return the session that a token has authorized, at an EVSE or at any."""
        for session in self._by_id.values():
            here = evse_id is None or session.evse_id == evse_id
            if here and session.authorization is not None and same_token(session.authorization.id_token, token):
                return session
        return None

    def adopt(self, session: Session) -> None:
        """Make a session true; one without facts is over and goes."""
        if session.facts:
            self._by_id[session.id] = session
        else:
            self._by_id.pop(session.id, None)

    def drop(self, identifier: str) -> None:
        """Forget a session that was merged into another."""
        self._by_id.pop(identifier, None)


def takes(session: Session, token: IdToken) -> bool:
    """Say whether a token may authorize a session: one whose transaction had a token takes that only (C01.FR.23)."""
    first = session.transaction.id_token if session.transaction is not None else None
    return not session.authorized and (first is None or same_token(first, token))


def same_token(one: IdToken, other: IdToken) -> bool:
    """Compare two tokens: value (case does not matter, Part 2 identifierString) and type."""
    return one.type == other.type and folded(one.id_token) == folded(other.id_token)
