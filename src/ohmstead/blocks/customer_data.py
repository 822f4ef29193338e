"""What the station knows of a customer (N09): cached answers, sessions, and messages that are still on their way."""

from datetime import datetime

import msgspec

from ohmstead.blocks.context import Charging, Csms
from ohmstead.model.session import Session
from ohmstead.model.sessions import same_token
from ohmstead.model.tokens import AuthorizationCache, CachedToken
from ohmstead.ports.calls import About
from ohmstead.wire.base import timestamp
from ohmstead.wire.messages import IdToken, TransactionEventRequest

MOST_EVENTS = 500
"""Waiting events of a customer that are told one by one. One card may have charged through a long outage: a line for
each of a hundred thousand is 10 MB, and all of them reach the CSMS by themselves."""


class Customer(msgspec.Struct, frozen=True):
    """Whom a request is about: a token, or another identifier of the customer (C-14)."""

    id_token: IdToken | None = None
    identifier: str = ""

    @property
    def value(self) -> str:
        """What is looked for: the customer's tokens have it, but others may have it too."""
        return self.identifier if self.id_token is None else self.id_token.id_token

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


def cached(cache: AuthorizationCache, customer: Customer) -> list[CachedToken]:
    """Return the customer's entries in the authorization cache."""
    return [e for e in cache.entries() if customer.owns(e.id_token, e.info.group_id_token)]


def sessions(charging: Charging, customer: Customer) -> list[Session]:
    """Return the sessions that the customer has authorized."""
    return [
        session
        for session in charging.sessions
        if session.authorization is not None
        and customer.owns(session.authorization.id_token, session.authorization.group_id_token)
    ]


def authorizing(charging: Charging, customer: Customer) -> bool:
    """Say whether the customer's token is being checked."""
    return any(customer.owns(token) for token in charging.sessions.authorizing.values())


def waiting(charging: Charging, csms: Csms, customer: Customer, most: int = MOST_EVENTS) -> About:
    """Return the oldest messages about the customer's transactions that the CSMS does not have yet."""
    mine = {s.transaction.id for s in sessions(charging, customer) if s.transaction is not None}
    mentions = csms.calls.waiting.mentions(customer.value)
    mine |= {mention.transaction_id for mention in mentions if customer.owns(mention.id_token)}
    return csms.calls.waiting.about(mine, most)


def told(charging: Charging, csms: Csms, cache: AuthorizationCache, customer: Customer) -> str:
    """Return everything as text for people, a line for each thing; empty if nothing is known."""
    lines = [_cached(entry) for entry in cached(cache, customer)]
    lines += [_session(session) for session in sessions(charging, customer)]
    on_the_way = waiting(charging, csms, customer)
    lines += [_event(event) for event in on_the_way.events]
    if on_the_way.more:
        lines.append(f"Not yet at the CSMS: {on_the_way.more} more TransactionEvents")
    return "\n".join(lines)


def _cached(entry: CachedToken) -> str:
    info = entry.info
    words = [f"Authorization cache: {shown_token(entry.id_token)}, {info.status}"]
    if info.group_id_token is not None:
        words.append(f"group {shown_token(info.group_id_token)}")
    if info.cache_expiry_date_time is not None:
        words.append(f"until {shown_time(info.cache_expiry_date_time)}")
    words.append(f"last used {shown_time(entry.used_at)}, used from the cache {entry.uses} times")
    return ", ".join(words)


def _session(session: Session) -> str:
    authorization, transaction = session.authorization, session.transaction
    where = "no EVSE yet" if session.evse_id is None else f"EVSE {session.evse_id}"
    words = [f"Session at {where}"]
    if authorization is not None:
        words.append(f"authorized {shown_time(authorization.at)} with {shown_token(authorization.id_token)}")
        if authorization.group_id_token is not None:
            words.append(f"group {shown_token(authorization.group_id_token)}")
    if transaction is not None:
        words.append(f"transaction {transaction.id} since {shown_time(transaction.started_at)}")
    return ", ".join(words)


def _event(event: TransactionEventRequest) -> str:
    token = "" if event.id_token is None else f" with {shown_token(event.id_token)}"
    what = f"TransactionEvent {event.event_type} of transaction {event.transaction_info.transaction_id}{token}"
    return f"Not yet at the CSMS: {what}, {shown_time(event.timestamp)}"


def shown_token(token: IdToken) -> str:
    """Return a token as text for people, with what it carries beside it."""
    others = "".join(f" + {info.type} {info.additional_id_token}" for info in token.additional_info or ())
    return f"{token.type} {token.id_token}{others}"


def shown_time(moment: datetime) -> str:
    """Return a moment as text for people."""
    return timestamp(moment).isoformat().replace("+00:00", "Z")
