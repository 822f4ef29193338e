"""What a station and its CSMS have said to each other: to wait for, to look at, and to assert on."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, TypeVar, overload

import msgspec

from ohmstead.ports.bench import TraceLine
from ohmstead.rpc.trace import Kind, Trace
from ohmstead.testing import failure
from ohmstead.testing.fields import WantedField, value_at, wanted_fields
from ohmstead.wire import codec
from ohmstead.wire.actions import ACTION_OF, ACTIONS
from ohmstead.wire.base import Request, Response

PATIENCE = 10.0
"""Seconds for which an expected message is waited for, unless told otherwise."""
LARGEST = 16 << 20
"""Bytes of a frame that is looked into."""
Sender = Literal["station", "csms"]
Q = TypeVar("Q", bound=Request[Response])


class WireMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One frame of OCPP-J.

    Attributes:
        number: counts up from 1 in the order of the wire.
        at: when it passed the station; of a process by the station's clock, which its CSMS sets.
        sender: whose it is.
        kind: `CALL`, `CALLRESULT`, `CALLERROR`, or `unreadable`.
        action: of a CALL, or of the CALL that it answers; empty where nobody knows.
        message_id: its message id.
        payload: the JSON object that it carries; of a CALLERROR errorCode, errorDescription and errorDetails.
        shown: the payload as text without secrets.
    """

    number: int
    at: datetime
    sender: Sender
    kind: Kind
    action: str
    message_id: str
    payload: Mapping[str, Any]
    shown: str

    def __getitem__(self, path: str) -> Any:
        """Return the value at a path, `message["transactionInfo.transactionId"]`; None where there is none."""
        return value_at(self.payload, tuple(path.split(".")))

    def to(self, kind: type[Q]) -> Q:
        """Return it as a typed message of `ohmstead.wire.messages`. Raises CallError where it is none of that kind."""
        return codec.decode(kind, msgspec.json.encode(self.payload))


class Wire:
    """Every frame of one station, reboots and reconnections included.

    Attributes:
        station: whose it is.
        patience: seconds for which `expect` waits unless told otherwise.
    """

    def __init__(self, station: str, patience: float = PATIENCE, state: Callable[[], str] = lambda: "") -> None:
        """Begin with nothing.

        Args:
            station: its identity.
            patience: seconds.
            state: says in a line how the station stands with its CSMS.
        """
        self.station = station
        self.patience = patience
        self._state = state
        self._messages: list[WireMessage] = []
        self._taken: dict[tuple[Sender, str], int] = {}
        self._cleared = 0
        self._trace = Trace(kept=1, characters=1, limit=LARGEST)
        self._news = asyncio.Event()

    # What was said

    @property
    def messages(self) -> tuple[WireMessage, ...]:
        """Every frame so far, oldest first."""
        return tuple(self._messages)

    def calls(self, action: str | None = None, *, sender: Sender = "station") -> tuple[WireMessage, ...]:
        """Return every CALL of one side so far, oldest first; of one action, if it is named."""
        return tuple(
            one
            for one in self._messages
            if one.kind == "CALL" and one.sender == sender and action in (None, one.action)
        )

    def answer_to(self, call: WireMessage) -> WireMessage | None:
        """Return the CALLRESULT or CALLERROR that a CALL got; None: none so far."""
        return next(
            (
                one
                for one in self._messages[call.number :]
                if one.message_id == call.message_id and one.sender != call.sender and one.kind != "CALL"
            ),
            None,
        )

    def text(self, last: int | None = None) -> str:
        """Return the frames (the last of them) as lines for people, without secrets."""
        return failure.lines(self._messages if last is None else self._messages[-last:])

    def clear(self) -> None:
        """Let `expect` look only at what comes from now on; `messages` keeps everything."""
        self._cleared = len(self._messages)

    # Waiting

    @overload
    async def expect(
        self, message: type[Q], /, *, within: float | None = None, sender: Sender = "station", **fields: object
    ) -> Q: ...

    @overload
    async def expect(
        self, message: str, /, *, within: float | None = None, sender: Sender = "station", **fields: object
    ) -> WireMessage: ...

    async def expect(
        self, message: str | type[Q], /, *, within: float | None = None, sender: Sender = "station", **fields: object
    ) -> WireMessage | Q:
        """Return the next CALL of an action with these fields; wait for it if it has not come.

        "Next" is after the one that was expected last of this action; those between that are otherwise are passed over.

        Args:
            message: the action (`"TransactionEvent"`), or its type of `ohmstead.wire.messages`, which is returned then.
            within: seconds; None: `patience`.
            sender: whose CALL it is.
            fields: see `ohmstead.testing.fields`; None: it is absent, `...`: it is there, a function: a condition.

        Raises AssertionError with what came instead, WrongField for a field that the action does not have.
        """
        __tracebackhide__ = True
        kind = _kind_of(message)
        wanted = wanted_fields(kind, fields)
        limit = self.patience if within is None else within
        found = await self._wait(ACTION_OF[kind], sender, wanted, limit)
        if found is None:
            raise AssertionError(self._missing(ACTION_OF[kind], sender, wanted, limit)) from None
        self._taken[sender, found.action] = found.number
        return found if isinstance(message, str) else found.to(message)

    async def expect_none(
        self, message: str | type[Request[Response]], /, *, seconds: float, sender: Sender = "station", **fields: object
    ) -> None:
        """Wait some seconds, in which no such CALL may come, nor have come since the last one that was expected.

        Raises AssertionError with the one that came.
        """
        __tracebackhide__ = True
        kind = _kind_of(message)
        wanted = wanted_fields(kind, fields)
        found = await self._wait(ACTION_OF[kind], sender, wanted, seconds)
        if found is not None:
            raise AssertionError(failure.unwanted(found, wanted, self.text(failure.SHOWN))) from None

    async def until(self, holds: Callable[["Wire"], bool], *, within: float | None = None) -> None:
        """Wait until a condition holds, looked at with every frame. Raises AssertionError."""
        __tracebackhide__ = True
        limit = self.patience if within is None else within
        try:
            async with asyncio.timeout(limit):
                while not holds(self):
                    await self._more()
        except TimeoutError:
            raise AssertionError(self.not_yet("the condition did not hold", limit)) from None

    def not_yet(self, what: str, limit: float) -> str:
        """Return the text of a failure: what has not happened in so many seconds, and what has."""
        return failure.not_yet(what, limit, self._state(), self.text(failure.SHOWN))

    async def _wait(
        self, action: str, sender: Sender, wanted: tuple[WantedField, ...], limit: float
    ) -> WireMessage | None:
        try:
            async with asyncio.timeout(limit):
                while True:
                    for one in self._ahead(action, sender):
                        if all(field.is_met(one.payload) for field in wanted):
                            return one
                    await self._more()
        except TimeoutError:
            return None

    async def _more(self) -> None:
        self._news.clear()
        await self._news.wait()

    def _ahead(self, action: str, sender: Sender) -> list[WireMessage]:
        """Return the CALLs of an action that have not been passed yet."""
        passed = max(self._cleared, self._taken.get((sender, action), 0))
        return [one for one in self.calls(action, sender=sender) if one.number > passed]

    def _missing(self, action: str, sender: Sender, wanted: tuple[WantedField, ...], limit: float) -> str:
        ahead = self._ahead(action, sender)
        passed = (sender, action) in self._taken
        return failure.missing(action, sender, wanted, limit, ahead, passed, self._state(), self.text(failure.SHOWN))

    # Recording

    def record(self, sender: Sender, frame: str, at: datetime) -> None:
        """Take note of a frame as it passes the station."""
        way: Literal["sent", "received"] = "sent" if sender == "station" else "received"
        self._trace.add(self.station, way, frame, at, asyncio.get_running_loop().time())
        (line,) = self._trace.since(len(self._messages))
        self.record_line(line, _payload(frame, line))

    def record_line(self, line: TraceLine, payload: Mapping[str, Any] | None = None) -> None:
        """Take note of a frame that somebody else has read; `payload`: with its secrets, where they are known."""
        self._messages.append(
            WireMessage(
                number=len(self._messages) + 1,
                at=line.at,
                sender="station" if line.direction == "sent" else "csms",
                kind=line.kind,
                action=line.action,
                message_id=line.message_id,
                payload=_object(msgspec.json.decode(line.payload)) if payload is None else payload,
                shown=line.payload,
            )
        )
        self._news.set()


def _kind_of(message: str | type[Request[Response]]) -> type[Request[Response]]:
    if not isinstance(message, str):
        return message
    if message not in ACTIONS:
        raise ValueError(f"{message!r} is no action of OCPP 2.0.1; right would be {_meant(message)}")
    return ACTIONS[message][0]


def _meant(action: str) -> str:
    from difflib import get_close_matches

    return " or ".join(get_close_matches(action, ACTIONS, 2)) or "TransactionEvent, for example"


def _payload(frame: str, line: TraceLine) -> Mapping[str, Any] | None:
    """Return the payload of a frame as it is; None where the line of the trace says all that can be said."""
    if line.kind not in ("CALL", "CALLRESULT"):
        return None
    return _object(msgspec.json.decode(frame)[3 if line.kind == "CALL" else 2])


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {"": value}
