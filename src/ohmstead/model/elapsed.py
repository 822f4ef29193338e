"""How long sessions have lasted, whatever was done to the clock meanwhile."""

from collections.abc import Callable
from datetime import datetime, timedelta

from ohmstead.model.session import Session

MOST = 256
"""Beginnings that are kept; the oldest go first."""


class Elapsed:
    """Beginnings by the clock as it goes now: a correction moves them along, while what went on the wire stays.

    Args:
        now: the clock.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._begun: dict[tuple[str, ...], datetime] = {}

    def note(self, session: Session) -> None:
        """Take note of a session that has moved, or that an earlier run has left."""
        transaction, authorization = session.transaction, session.authorization
        if transaction is not None:
            self._note(("transaction", transaction.id), transaction.started_at)
        if authorization is not None:
            token = authorization.id_token.id_token
            self._note(("authorization", authorization.at.isoformat(), token), authorization.at)

    def shift(self, correction: timedelta) -> None:
        """The clock was corrected by so much."""
        self._begun = {key: begun + correction for key, begun in self._begun.items()}

    def of_transaction(self, session: Session) -> timedelta | None:
        """Return how long the transaction of a session has run; None: it has none. Never negative."""
        begun = self.begin_of_transaction(session)
        return None if begun is None else max(timedelta(), self._now() - begun)

    def begin_of_transaction(self, session: Session) -> datetime | None:
        """Return when the transaction of a session began, by the clock as it goes now."""
        if session.transaction is None:
            return None
        self.note(session)
        return self._begun["transaction", session.transaction.id]

    def of_authorization(self, session: Session) -> timedelta:
        """Return how long ago a session was authorized; zero if it is not. Never negative."""
        authorization = session.authorization
        if authorization is None:
            return timedelta()
        self.note(session)
        begun = self._begun["authorization", authorization.at.isoformat(), authorization.id_token.id_token]
        return max(timedelta(), self._now() - begun)

    def _note(self, key: tuple[str, ...], stamped: datetime) -> None:
        if key not in self._begun:
            self._begun[key] = min(stamped, self._now())
            if len(self._begun) > MOST:
                del self._begun[next(iter(self._begun))]
