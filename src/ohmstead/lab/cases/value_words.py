"""Values in the words of OCPP and JSON: what a report says was wanted, and what came."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from enum import Enum
from typing import Final

import msgspec

from ohmstead.wire.base import Payload
from ohmstead.wire.codec import encode
from ohmstead.wire.errors import CallError


class _Unknown:
    """There is no such value, or nobody knows one."""


UNKNOWN: Final = _Unknown()


def plain(value: object) -> object:
    """Return a value as JSON has it: enumerations as texts, instants in RFC 3339, messages as objects."""
    match value:
        case Enum():
            return value.value
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case Payload():
            return msgspec.json.decode(encode(value))
        case msgspec.Struct():
            return {name: plain(part) for name, part in msgspec.structs.asdict(value).items() if part is not None}
        case Mapping():
            return {str(name): plain(part) for name, part in value.items()}
        case str() | bytes():
            return value if isinstance(value, str) else value.decode(errors="replace")
        case Set():
            return sorted((plain(part) for part in value), key=str)
        case Sequence():
            return [plain(part) for part in value]
    return value


def words_of(value: object) -> str:
    """Return a value as a failure prints it: `nothing` for none, texts as they are, all else as JSON."""
    if isinstance(value, CallError):
        return f"CALLERROR {value}"
    told = plain(value)
    match told:
        case None:
            return "nothing"
        case str():
            return told
        case bool():
            return "true" if told else "false"
        case int() | float():
            return f"{told:.15g}"
        case dict() | list():
            return msgspec.json.encode(told).decode()
    return str(told)
