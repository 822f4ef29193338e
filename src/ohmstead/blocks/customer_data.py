"""What the station knows of a customer (N09): cached answers, sessions, and messages that are still on their way."""

from datetime import datetime

import msgspec

from ohmstead.blocks.context import Context
from ohmstead.model.session import Session
from ohmstead.model.sessions import same_token
from ohmstead.model.tokens import CachedToken
from ohmstead.wire.base import timestamp
from ohmstead.wire.codec import decode
from ohmstead.wire.messages import IdToken, TransactionEventRequest
from ohmstead.wire.rows import from_row

OUTBOX = "outbox"


class Customer(msgspec.Struct, frozen=True):
    """Whom a request is about: a token, or another identifier of the customer (C-14)."""

    id_token: IdToken | None = None
    identifier: str = ""

    def owns(self, token: IdToken | None, group: IdToken | None = None) -> bool:
        """Say whether a token is the customer's.

        An identifier is looked for in the token, in what it carries beside it, and in its group: a customer account is
        the one identifier beyond tokens that a CSMS gives to this station.
        """
        if token is None:
            return False
        if self.id_token is not None:
            return same_token(self.id_token, token)
        others = [info.additional_id_token for info in token.additional_info or ()]
        values = [token.id_token, *others, *([] if group is None else [group.id_token])]
        return self.identifier.lower() in [value.lower() for value in values]


class _Waiting(msgspec.Struct):
    """What counts here of a row of the outbox."""

    action: str
    payload: str


def cached(station: Context, customer: Customer) -> list[CachedToken]:
    """Return the customer's entries in the authorization cache."""
    return [e for e in station.cache.entries() if customer.owns(e.id_token, e.info.group_id_token)]


def sessions(station: Context, customer: Customer) -> list[Session]:
    """Return the sessions that the customer has authorised."""
    return [
        session
        for session in station.sessions
        if session.authorization is not None
        and customer.owns(session.authorization.id_token, session.authorization.group_id_token)
    ]


def authorizing(station: Context, customer: Customer) -> bool:
    """Say whether the customer's token is being checked."""
    return any(customer.owns(token) for token in station.sessions.authorizing.values())


def waiting(station: Context, customer: Customer) -> list[TransactionEventRequest]:
    """Return the messages about the customer's transactions that the CSMS does not have yet."""
    rows = (from_row(value, _Waiting) for _, value in station.store.rows(OUTBOX))
    events = [decode(TransactionEventRequest, row.payload) for row in rows if row.action == "TransactionEvent"]
    mine = {s.transaction.id for s in sessions(station, customer) if s.transaction is not None}
    mine |= {event.transaction_info.transaction_id for event in events if customer.owns(event.id_token)}
    return [event for event in events if event.transaction_info.transaction_id in mine]


def told(station: Context, customer: Customer) -> str:
    """Return everything as text for people, a line for each thing; empty if nothing is known."""
    lines = [_cached(entry) for entry in cached(station, customer)]
    lines += [_session(session) for session in sessions(station, customer)]
    lines += [_event(event) for event in waiting(station, customer)]
    return "\n".join(lines)


def _cached(entry: CachedToken) -> str:
    info = entry.info
    words = [f"Authorization cache: {_token(entry.id_token)}, {info.status}"]
    if info.group_id_token is not None:
        words.append(f"group {_token(info.group_id_token)}")
    if info.cache_expiry_date_time is not None:
        words.append(f"until {_time(info.cache_expiry_date_time)}")
    words.append(f"last used {_time(entry.used_at)}, used from the cache {entry.uses} times")
    return ", ".join(words)


def _session(session: Session) -> str:
    authorization, transaction = session.authorization, session.transaction
    where = "no EVSE yet" if session.evse_id is None else f"EVSE {session.evse_id}"
    words = [f"Session at {where}"]
    if authorization is not None:
        words.append(f"authorized {_time(authorization.at)} with {_token(authorization.id_token)}")
        if authorization.group_id_token is not None:
            words.append(f"group {_token(authorization.group_id_token)}")
    if transaction is not None:
        words.append(f"transaction {transaction.id} since {_time(transaction.started_at)}")
    return ", ".join(words)


def _event(event: TransactionEventRequest) -> str:
    token = "" if event.id_token is None else f" with {_token(event.id_token)}"
    what = f"TransactionEvent {event.event_type} of transaction {event.transaction_info.transaction_id}{token}"
    return f"Not yet at the CSMS: {what}, {_time(event.timestamp)}"


def _token(token: IdToken) -> str:
    others = "".join(f" + {info.type} {info.additional_id_token}" for info in token.additional_info or ())
    return f"{token.type} {token.id_token}{others}"


def _time(moment: datetime) -> str:
    return timestamp(moment).isoformat().replace("+00:00", "Z")
