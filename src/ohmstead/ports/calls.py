"""How blocks talk to the CSMS: `call` asks and waits, `send` tells, `post` survives a power cut."""

from collections.abc import Callable, Collection, Iterable
from enum import IntEnum, StrEnum
from typing import Protocol, TypeVar

import msgspec

from ohmstead.wire.base import Request, Response
from ohmstead.wire.errors import CallError, ErrorCode
from ohmstead.wire.messages import IdToken, TransactionEventRequest

R = TypeVar("R", bound=Response)
PASSING = frozenset({ErrorCode.RpcFrameworkError, ErrorCode.InternalError})
"""CALLERRORs of the moment: a CSMS that is busy with a call of its own says the first, one that stumbled the other."""
PAUSE = 1.0
"""Seconds between a CALLERROR and the one repetition of what it answered."""


class Cause(StrEnum):
    """Why a message is sent; until the CSMS has accepted the station not every cause may pass (decided case 10)."""

    Boot = "Boot"
    """BootNotification itself."""
    Asked = "Asked"
    """The CSMS asked for it: a report, a trigger."""
    Own = "Own"
    """The station's own wish; waits until it has been accepted."""


class Rank(IntEnum):
    """Which of the calls that wait goes first; only one may be outstanding (Part 4, 4.1.1)."""

    Driver = 0
    """Somebody stands there and waits for the answer, or nothing else may go before it."""
    Usual = 1
    Report = 2
    """What was asked for and may take its time."""


class NotSent(Exception):
    """The message did not leave: no connection, or the CSMS has not accepted the station yet."""


class Answer(msgspec.Struct, frozen=True):
    """A response, and what follows it."""

    response: Response
    then: Callable[[], None] | None = None
    """Called once the response has been written to the wire, also if writing failed."""


class CallFailed(Exception):
    """The call was answered with a CALLERROR, or with a response that is not valid.

    Attributes:
        error: the CALLERROR, or what one about the response would say.
    """

    def __init__(self, error: CallError) -> None:
        super().__init__(str(error))
        self.error = error

    @property
    def passing(self) -> bool:
        """Say whether the same call may be answered otherwise a moment later."""
        return self.error.code in PASSING


class CallTimeout(Exception):
    """The call was not answered in time."""

    def __init__(self) -> None:
        super().__init__("no response in time")


class Mention(msgspec.Struct, frozen=True):
    """A token in an event that waits, and the transaction that the event is about."""

    id_token: IdToken
    transaction_id: str


class About(msgspec.Struct, frozen=True):
    """The waiting events of some transactions."""

    events: tuple[TransactionEventRequest, ...]
    """Oldest first."""
    more: int
    """How many follow that were not asked for."""


class Waiting(Protocol):
    """What waits in the outbox. It may be a hundred thousand messages, so nothing here goes through all of them."""

    def __len__(self) -> int: ...

    def mentions(self, value: str) -> Iterable[Mention]:
        """Return every event with a token of this value, its own or that of an additionalIdToken, whatever the case."""
        ...

    def about(self, transactions: Collection[str], most: int) -> About:
        """Return the oldest events of some transactions, as many as that at most."""
        ...


class Calls(Protocol):
    """The way to the CSMS."""

    @property
    def online(self) -> bool:
        """Say whether the link is up and the CSMS has accepted the station."""
        ...

    @property
    def offline(self) -> bool:
        """Say whether there is no connection at all (glossary of Part 2); a CSMS that is silent or refuses is there."""
        ...

    @property
    def waiting(self) -> Waiting:
        """What the CSMS does not have yet."""
        ...

    async def call(self, request: Request[R], cause: Cause = Cause.Own) -> R:
        """Send a request and return its response.

        Raises:
            NotSent: there is no connection, or the cause may not pass yet.
            CallFailed, CallTimeout: see there.
            LinkLost: the connection ended meanwhile.
        """
        ...

    def send(
        self, request: Request[R], cause: Cause = Cause.Own, undelivered: Callable[[], None] = lambda: None
    ) -> None:
        """Send a request without waiting; with QueueAllMessages it is posted, else it may be lost, with a log line.

        Args:
            request: the request.
            cause: why it is sent; only the station's own messages are posted.
            undelivered: called if it did not reach the CSMS, or was not answered.
        """
        ...

    def post(self, request: Request[R]) -> None:
        """Put a request into the outbox, as part of the unit of work that is open: sent in order, until answered."""
        ...
