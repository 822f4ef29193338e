"""The error codes of OCPP-J (Part 4, 4.3), and which of them says what is wrong with a payload."""

import re
from collections.abc import Mapping
from enum import StrEnum


class ErrorCode(StrEnum):
    """Every code that a CALLERROR may carry."""

    FormatViolation = "FormatViolation"
    GenericError = "GenericError"
    InternalError = "InternalError"
    MessageTypeNotSupported = "MessageTypeNotSupported"
    NotImplemented = "NotImplemented"
    NotSupported = "NotSupported"
    OccurrenceConstraintViolation = "OccurrenceConstraintViolation"
    PropertyConstraintViolation = "PropertyConstraintViolation"
    ProtocolError = "ProtocolError"
    RpcFrameworkError = "RpcFrameworkError"
    SecurityError = "SecurityError"
    TypeConstraintViolation = "TypeConstraintViolation"


DESCRIPTION_LENGTH = 255
"""Longest errorDescription, in characters."""


class CallError(Exception):
    """A CALLERROR: raised by a handler to send it, and by a call that was answered with it.

    Attributes:
        code: an ErrorCode; from a peer that invents codes, any text.
        description: cut to 255 characters.
        details: a JSON object; for a bad field `{"path": "$.evse.id"}`.
    """

    def __init__(self, code: str, description: str = "", details: Mapping[str, object] | None = None) -> None:
        super().__init__(code, description)
        self.code = code
        self.description = description[:DESCRIPTION_LENGTH]
        self.details: Mapping[str, object] = details or {}

    def __str__(self) -> str:
        return f"{self.code}: {self.description}" if self.description else self.code


_RULES: tuple[tuple[re.Pattern[str], ErrorCode], ...] = tuple(
    (re.compile(pattern), code)
    for pattern, code in (
        (r"Object missing required field", ErrorCode.OccurrenceConstraintViolation),
        (r"Object contains unknown field", ErrorCode.FormatViolation),
        (r"Expected `array` of (length|at least|at most)", ErrorCode.OccurrenceConstraintViolation),
        (r"Expected `str` of length", ErrorCode.PropertyConstraintViolation),
        (r"Expected `(int|float)` [<>]", ErrorCode.PropertyConstraintViolation),
        (r"Invalid enum value", ErrorCode.PropertyConstraintViolation),
        (r"(Integer value|Number) out of range", ErrorCode.PropertyConstraintViolation),
        # dateTime is a primitive data type of Part 2, so a text that is none has the wrong type.
        (r"Invalid RFC3339 encoded datetime", ErrorCode.TypeConstraintViolation),
        (r"Expected `datetime` with a timezone component", ErrorCode.TypeConstraintViolation),
        (r"Expected `[^`]+`, got `", ErrorCode.TypeConstraintViolation),
    )
)
_WORDS = {
    "Expected `datetime` with a timezone component": (
        "the instant has no offset from UTC, such as the Z of 2026-01-31T12:00:00Z"
    )
}
"""What the decoder says -> the same in words of OCPP."""
_PATH = re.compile(r"(?P<reason>.*) - at `(?P<path>\$.*)`", re.DOTALL)


def from_validation(text: str) -> CallError:
    """Return the CALLERROR for the text of a msgspec.ValidationError about a payload.

    The code follows decided case 14; description and details name the field. A payload that is no JSON object at all
    does not have the structure of a PDU (ProtocolError). A text that the table does not know is a FormatViolation.
    """
    match = _PATH.fullmatch(text)
    reason, path = (match["reason"], match["path"]) if match else (text, "$")
    if path == "$" and reason.startswith("Expected `object`, got"):
        return CallError(ErrorCode.ProtocolError, f"the payload is no JSON object: {reason}", {"path": path})
    code = next((code for rule, code in _RULES if rule.match(reason)), ErrorCode.FormatViolation)
    return CallError(code, f"{path}: {_WORDS.get(reason, reason)}", {"path": path})


def from_null(path: str) -> CallError:
    """Return the CALLERROR for a `null` where OCPP wants the field left out (Part 4, 4.1.5)."""
    return CallError(
        ErrorCode.TypeConstraintViolation, f"{path}: null is no value; leave the field out", {"path": path}
    )
