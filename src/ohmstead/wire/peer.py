"""The symmetric RPC peer of OCPP-J as a state machine without I/O: text in, events out, time as an argument.

One CALL of ours is outstanding at most (Part 4, 4.1.1). Responses are paired by message id. How repeated and late
messages are read:

* A CALL whose id is being served: the same text again is a retransmission and is left alone, the answer to the first
  one answers both; another text under that id is refused with RpcFrameworkError (Part 4, 4.2.3).
* A CALL whose id was answered lately: the same text gets the same answer again and is not served twice, but served
  anew if it had been refused, for that is a retry; another text is refused, for an id must not be used again
  (Part 4, 4.1.4).
* A response after the time-out settles the CALL if that is outstanding again under its id; between attempts it comes
  out as an event marked late; any other response is only reported.
* A frame that cannot be read is answered, unless it is a response: that fails the CALL it belongs to.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeAlias, TypeVar

import msgspec

from ohmstead.wire import codec, frames
from ohmstead.wire.actions import ACTION_OF, ACTIONS, RESPONSE_OF
from ohmstead.wire.base import Payload, Request, Response
from ohmstead.wire.codec import InvalidMessage
from ohmstead.wire.errors import CallError, ErrorCode
from ohmstead.wire.identifiers import hold

MAX_UNANSWERED = 16
"""CALLs that may wait for their answer; a peer may have one, more come only after its time-outs."""

_REMEMBERED = 4


class CallReceived(msgspec.Struct, frozen=True):
    """A valid CALL is to be served, then answered with `Peer.answer` or `Peer.refuse`."""

    id: str
    action: str
    request: Request[Response]


class Settled(msgspec.Struct, frozen=True):
    """Our CALL was answered: with a response, or with an error (a CALLERROR, or a CALLRESULT that is not valid)."""

    id: str
    outcome: Response | CallError
    late: bool = False
    """The CALL had timed out and is not outstanding now."""
    fault: str = ""
    """Why the response cannot be used, in one line that names message and field; empty: it can, or it was an error."""


class TimedOut(msgspec.Struct, frozen=True):
    """Our CALL was not answered in time; the next one may be sent."""

    id: str


class Reply(msgspec.Struct, frozen=True):
    """`text` is to be sent."""

    text: str
    fault: str
    """What the peer did wrong, in one line."""


class Ignored(msgspec.Struct, frozen=True):
    """A frame that nothing follows from."""

    fault: str
    """What the peer did wrong, in one line."""


Event: TypeAlias = CallReceived | Settled | Reply | Ignored


class _Outstanding(msgspec.Struct, frozen=True):
    id: str
    response: type[Response]
    deadline: float


def _everything(_action: str) -> bool:
    return True


class Peer:
    """One side of one connection. Not for several threads; a new connection takes a new peer."""

    def __init__(
        self,
        *,
        supported: Callable[[str], bool] = _everything,
        limit: int = frames.DEFAULT_LIMIT,
        validate_outgoing: bool = True,
        strict: bool = False,
    ) -> None:
        """Make a peer with nothing outstanding.

        Args:
            supported: whether a known action is served here; if not, its CALL is answered NotSupported.
            limit: bytes of the largest frame that is read.
            validate_outgoing: check what is sent against the schemas as well (some microseconds a message).
            strict: hold what is sent to identifierString as well. Not for a CSMS: it repeats what stations have said.
        """
        self._supported = supported
        self._limit = limit
        self._validate = validate_outgoing
        self._strict = strict
        self._outstanding: _Outstanding | None = None
        self._expired: OrderedDict[str, type[Response]] = OrderedDict()
        self._serving: dict[str, tuple[int, Request[Response]]] = {}
        self._answered: OrderedDict[str, tuple[int, str | None]] = OrderedDict()

    @property
    def outstanding(self) -> str | None:
        """The id of our CALL that waits for its response."""
        return self._outstanding.id if self._outstanding else None

    @property
    def next_deadline(self) -> float | None:
        """When `expire` has to be called, on the scale of `now`."""
        return self._outstanding.deadline if self._outstanding else None

    def call(
        self, request: Request[Response], message_id: str, now: float, timeout: float, *, stored: bool = False
    ) -> str:
        """Return the CALL to send; a retry passes the id of the first attempt.

        What was stored may break what `strict` asks for: a version that knew no better may have kept it.

        Raises InvalidMessage (nothing is outstanding then), RuntimeError if a CALL is outstanding.
        """
        if self._outstanding is not None:
            raise RuntimeError(f"the CALL {self._outstanding.id} is outstanding")
        if len(message_id) > frames.MESSAGE_ID_LENGTH:
            raise InvalidMessage(f"the message id {message_id} is longer than {frames.MESSAGE_ID_LENGTH} characters")
        kind = type(request)
        text = frames.call(message_id, ACTION_OF[kind], self._encode(request, self._strict and not stored))
        self._outstanding = _Outstanding(message_id, RESPONSE_OF[kind], now + timeout)
        self._expired.pop(message_id, None)
        return text

    def expire(self, now: float) -> TimedOut | None:
        """Give up the outstanding CALL if its deadline has come."""
        waiting = self._outstanding
        if waiting is None or now < waiting.deadline:
            return None
        self._outstanding = None
        _remember(self._expired, waiting.id, waiting.response)
        return TimedOut(waiting.id)

    def answer(self, message_id: str, response: Response) -> str:
        """Return the CALLRESULT to send for a `CallReceived`. Raises InvalidMessage; `refuse` is possible after it."""
        request = self._serving[message_id][1]
        expected = RESPONSE_OF[type(request)]
        if type(response) is not expected:
            raise InvalidMessage(f"{type(request).__name__} is not answered with {type(response).__name__}")
        text = frames.call_result(message_id, self._encode(response, self._strict))
        self._served(message_id, text)
        return text

    def refuse(self, message_id: str, error: CallError) -> str:
        """Return the CALLERROR to send for a `CallReceived`."""
        self._served(message_id, None)
        return frames.call_error(message_id, error)

    def receive(self, text: str | bytes) -> Event:
        """Take one frame; never raises for what a peer may send."""
        try:
            frame = frames.parse(text, self._limit)
        except frames.FrameError as error:
            return self._unreadable(error)
        match frame:
            case frames.Call():
                return self._call(frame, hash(text))
            case frames.CallResult():
                return self._result(frame)
            case frames.CallErrorFrame():
                return self._settle(frame.id, CallError(frame.code, frame.description, frame.details))

    def _encode(self, message: Payload, strict: bool) -> msgspec.Raw:
        if strict:
            hold(message)
        raw = codec.encode(message)
        if self._validate:
            codec.check(type(message), raw)
        return msgspec.Raw(raw)

    def _unreadable(self, fault: frames.FrameError) -> Event:
        if fault.number in (3, 4):
            if fault.id is None:
                return Ignored(f"a response that cannot be read: {fault}")
            return self._settle(fault.id, fault.error, f"the response to {fault.id} cannot be read: {fault}")
        return _refusal(frames.UNREADABLE_ID if fault.id is None else fault.id, fault.error)

    def _call(self, frame: frames.Call, digest: int) -> Event:
        known = self._serving.get(frame.id) or self._answered.get(frame.id)
        if known is not None and (event := self._repeated(frame.id, known[0] == digest)) is not None:
            return event
        try:
            if frame.action not in ACTIONS:
                raise CallError(ErrorCode.NotImplemented, f"{frame.action} is no action of OCPP 2.0.1")
            if not self._supported(frame.action):
                raise CallError(ErrorCode.NotSupported, f"{frame.action} is not supported here")
            if len(self._serving) >= MAX_UNANSWERED:
                raise CallError(ErrorCode.GenericError, f"{MAX_UNANSWERED} CALLs are waiting for their answer")
            request = codec.decode(ACTIONS[frame.action][0], frame.payload)
        except CallError as error:
            return _refusal(frame.id, error)
        self._serving[frame.id] = (digest, request)
        return CallReceived(frame.id, frame.action, request)

    def _repeated(self, message_id: str, same: bool) -> Event | None:
        if not same:
            error = CallError(ErrorCode.RpcFrameworkError, "the message id was used before")
            return _refusal(message_id, error)
        if message_id in self._serving:
            return Ignored(f"the CALL {message_id} came again while it is being served")
        text = self._answered[message_id][1]
        return None if text is None else Reply(text, f"the CALL {message_id} came again")

    def _served(self, message_id: str, text: str | None) -> None:
        digest, _ = self._serving.pop(message_id)
        _remember(self._answered, message_id, (digest, text))

    def _result(self, frame: frames.CallResult) -> Event:
        waiting = self._outstanding
        if waiting is not None and waiting.id == frame.id:
            kind: type[Response] | None = waiting.response
        else:
            kind = self._expired.get(frame.id)
        if kind is None:
            return Ignored(f"a response to {frame.id}, which is not outstanding")
        try:
            return self._settle(frame.id, codec.decode(kind, frame.payload))
        except CallError as error:
            return self._settle(frame.id, error, f"{kind.__name__} cannot be used: {error}{_hint(error)}")

    def _settle(self, message_id: str, outcome: Response | CallError, fault: str = "") -> Event:
        if self._outstanding is not None and self._outstanding.id == message_id:
            self._outstanding = None
            return Settled(message_id, outcome, fault=fault)
        if self._expired.pop(message_id, None) is not None:
            return Settled(message_id, outcome, late=True, fault=fault)
        what = f"the error {outcome}" if isinstance(outcome, CallError) else "a response"
        return Ignored(f"{what} to {message_id}, which is not outstanding")


def _hint(error: CallError) -> str:
    """Say what would be right, where the description does not."""
    return " (an instant ends with its offset: Z or +01:00)" if "timezone component" in error.description else ""


def _refusal(message_id: str, error: CallError) -> Reply:
    return Reply(frames.call_error(message_id, error), f"{message_id}: {error}")


_ValueT = TypeVar("_ValueT")


def _remember(memory: OrderedDict[str, _ValueT], key: str, value: _ValueT) -> None:
    """Keep the last few: one peer must not make another grow."""
    memory[key] = value
    while len(memory) > _REMEMBERED:
        memory.popitem(last=False)
