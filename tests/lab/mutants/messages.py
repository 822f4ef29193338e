"""Mutants of single messages: told twice, told with the wrong name, or not at all."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec

from ohmstead.blocks.a_security import ASecurity
from ohmstead.blocks.g_availability import GAvailability
from ohmstead.model.session import FactChange, Session, TransactionOrigin
from ohmstead.runtime import facts
from ohmstead.runtime.calls import StationCalls
from ohmstead.runtime.transaction_events import TransactionEvents
from ohmstead.wire.messages import (
    AuthorizeRequest,
    IdToken,
    IdTokenEnum,
    TransactionEventRequest,
)
from tests.lab.mutation import Mutant, replaced
from tests.lab.wrongs import nothing

Wrong = Callable[..., Any]


def _mutant(name: str, text: str, owner: object, method: str, wrong: Wrong) -> Mutant:
    return Mutant(name, text, lambda: replaced(owner, method, wrong))


def _event(name: str, text: str, change: Callable[[TransactionEventRequest], dict[str, Any]]) -> Mutant:
    def build(right: Wrong, *arguments: object, **options: object) -> object:
        after, request = right(*arguments, **options)
        return after, msgspec.structs.replace(request, **change(request))

    return _mutant(name, text, TransactionEvents, "build", build)


def _twice(right: Wrong, self: GAvailability, *arguments: object) -> None:
    right(self, *arguments)
    right(self, *arguments)


def _post_twice(right: Wrong, self: StationCalls, request: object) -> None:
    right(self, request)
    if isinstance(request, TransactionEventRequest):
        right(self, request)


def _one_id(right: Wrong, session: Session, change: FactChange, origin: TransactionOrigin) -> object:
    return right(session, change, msgspec.structs.replace(origin, new_id=lambda: "transaction"))


def _evse_without_connector(event: TransactionEventRequest) -> dict[str, Any]:
    return {"evse": None if event.evse is None else msgspec.structs.replace(event.evse, connector_id=None)}


def _other_evse(event: TransactionEventRequest) -> dict[str, Any]:
    return {"evse": None if event.evse is None else msgspec.structs.replace(event.evse, id=3 - event.evse.id)}


def _central(token: IdToken | None) -> IdToken | None:
    return None if token is None else msgspec.structs.replace(token, type=IdTokenEnum.Central)


async def _asks_as_central(right: Wrong, self: StationCalls, request: Any, *arguments: object) -> object:
    if isinstance(request, AuthorizeRequest):
        request = msgspec.structs.replace(request, id_token=_central(request.id_token))
    return await right(self, request, *arguments)


async def _asks_twice(right: Wrong, self: StationCalls, request: Any, *arguments: object) -> object:
    if isinstance(request, AuthorizeRequest):
        await right(self, request, *arguments)
    return await right(self, request, *arguments)


MUTANTS = (
    _mutant("status-told-twice", "Every status is reported twice.", GAvailability, "_tell", _twice),
    _mutant("events-told-twice", "Every TransactionEvent is queued twice.", StationCalls, "post", _post_twice),
    _mutant("boots-without-security-event", "A boot is no security event.", ASecurity, "start", nothing),
    _mutant("one-transaction-id", "All transactions have the same id.", facts, "advance", _one_id),
    _event("no-connector", "No event names its connector.", _evse_without_connector),
    _event("the-other-evse", "Events name the other EVSE.", _other_evse),
    _event(
        "token-type-central",
        "Events say that the token is of type Central.",
        lambda event: {"id_token": _central(event.id_token)},
    ),
    _event(
        "an-hour-ahead",
        "Events are stamped with the local time.",
        lambda event: {"timestamp": event.timestamp + timedelta(hours=1)},
    ),
    _mutant(
        "asks-as-central",
        "AuthorizeRequest says that the token is of type Central.",
        StationCalls,
        "call",
        _asks_as_central,
    ),
    _mutant("asks-twice", "Every token is asked for twice.", StationCalls, "call", _asks_twice),
)
