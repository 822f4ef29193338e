"""Mutants of delivery: what is kept without a connection, what is said of it, and how often a message goes again."""

from collections.abc import Callable
from typing import Any

import msgspec

from ohmstead.blocks.e_transactions import ETransactions
from ohmstead.runtime.calls import StationCalls
from ohmstead.runtime.delivery import Delivery
from ohmstead.runtime.outbox import OutboxEntry
from ohmstead.wire.base import Request, Response
from ohmstead.wire.messages import GetTransactionStatusResponse, TransactionEventRequest
from tests.lab.mutation import Mutant, replaced


def _forget_offline(right: Callable[..., None], self: StationCalls, request: Request[Response]) -> None:
    if self.online or not isinstance(request, TransactionEventRequest):
        right(self, request)


def _status(name: str, text: str, change: Callable[[GetTransactionStatusResponse], dict[str, Any]]) -> Mutant:
    """Answer GetTransactionStatus with other fields."""

    def wrong(right: Callable[..., GetTransactionStatusResponse], *arguments: object) -> GetTransactionStatusResponse:
        response = right(*arguments)
        return msgspec.structs.replace(response, **change(response))

    return Mutant(name, text, lambda: replaced(ETransactions, "on_get_transaction_status", wrong), "E")


def _failure(name: str, text: str, change: Callable[[OutboxEntry], OutboxEntry]) -> Mutant:
    """Count the failed attempts of a message in another way."""

    async def wrong(right: Callable[..., Any], self: Delivery, entry: OutboxEntry, failure: Exception) -> None:
        await right(self, change(entry), failure)

    return Mutant(name, text, lambda: replaced(Delivery, "_failed", wrong), "E")


async def _again_at_once(_right: object, self: Delivery, entry: OutboxEntry, _failure: Exception) -> None:
    self._outbox.replace(msgspec.structs.replace(entry, attempts=entry.attempts + 1))


async def _drop(_right: object, self: Delivery, entry: OutboxEntry, _failure: Exception) -> None:
    self._outbox.remove(entry)


def _settle_twice(right: Callable[..., None], self: Delivery, entry: OutboxEntry, response: Response) -> None:
    if entry.attempts == 1:
        self._outbox.replace(msgspec.structs.replace(entry, attempts=2))
    else:
        right(self, entry, response)


MUTANTS = (
    Mutant(
        "forgets-offline",
        "What happens to a transaction without a connection is never told.",
        lambda: replaced(StationCalls, "post", _forget_offline),
        "E",
    ),
    _status("all-go-on", "Every transaction goes on.", lambda _: {"ongoing_indicator": True}),
    _status("none-goes-on", "No transaction goes on.", lambda _: {"ongoing_indicator": False}),
    _status(
        "of-none-something",
        "ongoingIndicator is there, though no transaction was asked for.",
        lambda response: {"ongoing_indicator": bool(response.ongoing_indicator)},
    ),
    _status("always-waiting", "Messages always wait.", lambda _: {"messages_in_queue": True}),
    _status("never-waiting", "Messages never wait.", lambda _: {"messages_in_queue": False}),
    _failure(
        "one-attempt-less",
        "The first failure counts twice.",
        lambda entry: msgspec.structs.replace(entry, attempts=entry.attempts + 1),
    ),
    _failure(
        "attempts-without-end",
        "Failures are not counted: the interval does not grow, and no attempt is the last.",
        lambda entry: msgspec.structs.replace(entry, attempts=0),
    ),
    Mutant(
        "no-interval",
        "A message that failed goes again at once.",
        lambda: replaced(Delivery, "_failed", _again_at_once),
        "E",
    ),
    Mutant("no-retry", "A message that failed is dropped.", lambda: replaced(Delivery, "_failed", _drop), "E"),
    Mutant(
        "repeats-after-success",
        "A message that was answered at its second attempt goes a third time.",
        lambda: replaced(Delivery, "settle", _settle_twice),
        "E",
    ),
)
