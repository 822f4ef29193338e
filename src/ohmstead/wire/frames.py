"""OCPP-J frames: CALL, CALLRESULT and CALLERROR (Part 4, 4.2), read in one pass with the payload left raw."""

import re
from typing import Annotated, TypeAlias, TypeVar

import msgspec

from ohmstead.wire.codec import ENCODER
from ohmstead.wire.errors import CallError, ErrorCode

MESSAGE_ID_LENGTH = 36
"""Longest message id, in characters (Part 4, 4.1.4)."""

DEFAULT_LIMIT = 256 * 1024
"""Bytes of the largest frame that is read, unless told otherwise."""

UNREADABLE_ID = "-1"
"""The message id of a CALLERROR about a frame whose own id cannot be read (Part 4, 4.2.3)."""

MessageId = Annotated[str, msgspec.Meta(max_length=MESSAGE_ID_LENGTH)]


class Call(msgspec.Struct, frozen=True, array_like=True, tag=2, forbid_unknown_fields=True):
    """`[2, id, action, payload]`"""

    id: MessageId
    action: str
    payload: msgspec.Raw


class CallResult(msgspec.Struct, frozen=True, array_like=True, tag=3, forbid_unknown_fields=True):
    """`[3, id, payload]`"""

    id: MessageId
    payload: msgspec.Raw


class CallErrorFrame(msgspec.Struct, frozen=True, array_like=True, tag=4, forbid_unknown_fields=True):
    """`[4, id, code, description, details]`"""

    id: MessageId
    code: str
    description: str
    details: dict[str, object]


Frame: TypeAlias = Call | CallResult | CallErrorFrame


class FrameError(Exception):
    """A frame cannot be read.

    Attributes:
        number: the message type number, None if it cannot be told.
        id: the message id, None if it cannot be told.
        error: what a CALLERROR about it says.
    """

    def __init__(self, number: int | None, message_id: str | None, error: CallError) -> None:
        super().__init__(str(error))
        self.number = number
        self.id = message_id
        self.error = error


def parse(frame: str | bytes, limit: int = DEFAULT_LIMIT) -> Frame:
    """Return the frame; payloads of CALL and CALLRESULT are well-formed JSON that is not looked into yet.

    Raises FrameError. The size (bytes of UTF-8) is looked at before anything else; a binary frame is refused, for
    OCPP-J is text.
    """
    if isinstance(frame, bytes):
        raise FrameError(None, None, CallError(ErrorCode.RpcFrameworkError, "a binary frame is no OCPP-J message"))
    if len(frame) > limit or (4 * len(frame) > limit and _size(frame) > limit):
        raise _unreadable(frame, f"the message is longer than {limit} bytes", oversize=True)
    try:
        return _DECODER.decode(frame)
    except msgspec.ValidationError as error:
        raise _misshapen(frame, str(error)) from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise _unreadable(frame, str(error)) from None
    except RecursionError:
        raise _unreadable(frame, "the message is nested too deeply") from None


def call(message_id: str, action: str, payload: msgspec.Raw) -> str:
    """Return the CALL."""
    return ENCODER.encode((2, message_id, action, payload)).decode()


def call_result(message_id: str, payload: msgspec.Raw) -> str:
    """Return the CALLRESULT."""
    return ENCODER.encode((3, message_id, payload)).decode()


def call_error(message_id: str, error: CallError) -> str:
    """Return the CALLERROR; details that are no JSON are left out rather than failing the answer."""
    description = _clean(error.description)
    try:
        return ENCODER.encode((4, message_id, error.code, description, dict(error.details))).decode()
    except (TypeError, ValueError, RecursionError):
        return ENCODER.encode((4, message_id, error.code, description, {})).decode()


_DECODER: msgspec.json.Decoder[Frame] = msgspec.json.Decoder(Frame)
_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])
_PREFIX = re.compile(r'\s*\[\s*(?P<number>\d{1,9})\s*,\s*"(?P<id>[^"\\]{0,36})"\s*(?P<action>,\s*"\w+"\s*,)?', re.ASCII)


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _unreadable(frame: str, reason: str, *, oversize: bool = False) -> FrameError:
    """Say what is wrong with a frame that is no JSON, or is not looked at as a whole; its beginning may still tell.

    With type, id and action at hand it is the payload that is syntactically incorrect (FormatViolation).
    """
    match = _PREFIX.match(frame)
    if match is None:
        return FrameError(None, None, CallError(ErrorCode.RpcFrameworkError, reason))
    of_payload = match["action"] is not None and match["number"] == "2" and not oversize
    code = ErrorCode.FormatViolation if of_payload else ErrorCode.RpcFrameworkError
    return FrameError(int(match["number"]), _clean(match["id"]), CallError(code, reason))


def _misshapen(frame: str, reason: str) -> FrameError:
    """Say what is wrong with a frame that is JSON but none of the three."""
    try:
        elements = _ELEMENTS.decode(frame)
    except (msgspec.DecodeError, RecursionError):
        return FrameError(None, None, CallError(ErrorCode.RpcFrameworkError, reason))
    number = _element(elements, 0, int)
    message_id = _element(elements, 1, str)
    if message_id is not None and len(message_id) > MESSAGE_ID_LENGTH:
        message_id = None
    if number is not None and number not in (2, 3, 4):
        error = CallError(ErrorCode.MessageTypeNotSupported, f"message type number {number} is not supported")
    else:
        error = CallError(ErrorCode.RpcFrameworkError, reason)
    return FrameError(number, message_id, error)


_ElementT = TypeVar("_ElementT", int, str)


def _element(elements: list[msgspec.Raw], index: int, kind: type[_ElementT]) -> _ElementT | None:
    try:
        return msgspec.json.decode(elements[index], type=kind)
    except (IndexError, msgspec.DecodeError, UnicodeError):
        return None
