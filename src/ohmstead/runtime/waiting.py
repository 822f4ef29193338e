"""Which of the waiting messages are about a transaction or a token: found by an index, however many wait."""

from collections.abc import Collection, Iterable
from heapq import nsmallest
from typing import Protocol, TypeVar

import msgspec

from ohmstead.ports.calls import About, Mention
from ohmstead.wire.codec import decode
from ohmstead.wire.messages import IdToken, TransactionEventRequest
from ohmstead.wire.rows import from_row

V = TypeVar("V")


class Message(Protocol):
    """A waiting message, as far as it counts here."""

    @property
    def number(self) -> int:
        """Grows with each message."""
        ...

    @property
    def payload(self) -> str:
        """JSON text of the request."""
        ...

    @property
    def transaction_id(self) -> str | None:
        """The transaction of a TransactionEvent; None: it is another message."""
        ...


class _Bearer(msgspec.Struct, frozen=True):
    """What counts here of a TransactionEvent."""

    id_token: IdToken | None = msgspec.field(default=None, name="idToken")


class WaitingEvents:
    """The TransactionEvents of an outbox by transaction and by token; see the port `Waiting`."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self._messages = 0
        self._events: dict[str, dict[int, Message]] = {}
        """Transaction (lower case) -> number -> event."""
        self._mentions: dict[str, dict[int, Mention]] = {}
        """Value of a token (lower case) -> number of the event that carries it."""
        self._values: dict[int, tuple[str, ...]] = {}
        """Number -> the values under which the event is found."""
        for message in messages:
            self.add(message)

    def __len__(self) -> int:
        return self._messages

    def add(self, message: Message) -> None:
        """Take a message that waits from now on."""
        self._messages += 1
        if message.transaction_id is None:
            return
        self._events.setdefault(message.transaction_id.lower(), {})[message.number] = message
        token = _token(message)
        if token is not None:
            values = tuple({value.lower() for value in _values(token)})
            self._values[message.number] = values
            for value in values:
                mention = Mention(token, message.transaction_id)
                self._mentions.setdefault(value, {})[message.number] = mention

    def remove(self, message: Message) -> None:
        """Forget a message that waits no longer."""
        self._messages -= 1
        if message.transaction_id is None:
            return
        _drop(self._events, message.transaction_id.lower(), message.number)
        for value in self._values.pop(message.number, ()):
            _drop(self._mentions, value, message.number)

    @property
    def transactions(self) -> Collection[str]:
        """The ids (lower case) of the transactions that messages are about, as they are now."""
        return self._events.keys()

    def mentions(self, value: str) -> Iterable[Mention]:
        """Return the tokens with a value; see the port."""
        return self._mentions.get(value.lower(), {}).values()

    def about(self, transactions: Collection[str], most: int) -> About:
        """Return the events of transactions; see the port."""
        found = [self._events.get(identifier.lower(), {}) for identifier in transactions]
        numbers = nsmallest(most, (pair for events in found for pair in events.items()), key=lambda pair: pair[0])
        events = tuple(decode(TransactionEventRequest, message.payload) for _, message in numbers)
        return About(events=events, more=sum(map(len, found)) - len(events))


def _token(message: Message) -> IdToken | None:
    # Most events carry none, and a search in the text costs a fraction of reading it.
    if '"idToken"' not in message.payload:
        return None
    try:
        return from_row(message.payload, _Bearer).id_token
    except (msgspec.DecodeError, RecursionError):
        return None  # whoever sends it will say so


def _values(token: IdToken) -> Iterable[str]:
    yield token.id_token
    for info in token.additional_info or ():
        yield info.additional_id_token


def _drop(index: dict[str, dict[int, V]], key: str, number: int) -> None:
    numbers = index[key]
    del numbers[number]
    if not numbers:
        del index[key]
