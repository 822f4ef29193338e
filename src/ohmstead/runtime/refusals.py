"""The response to a request that could not be stored."""

from enum import Enum

import msgspec

from ohmstead.wire.base import Response
from ohmstead.wire.codec import decode
from ohmstead.wire.errors import CallError, ErrorCode

REFUSALS = ("Failed", "Rejected", "UnlockFailed")
"""The statuses that refuse, the best one first."""
_TEXT = "it could not be stored"
_INFO = f',"statusInfo":{{"reasonCode":"OutOfStorage","additionalInfo":"{_TEXT}"}}'


def not_stored(kind: type[Response]) -> Response:
    """Return the response of a type that refuses. Raises CallError (InternalError) where the type cannot say so."""
    status = _refusal(kind)
    required = [field.name for field in msgspec.structs.fields(kind) if field.required]
    if status is None or required not in ([], ["status"]):
        raise CallError(ErrorCode.InternalError, _TEXT)
    info = _INFO if "status_info" in kind.__struct_fields__ else ""
    return decode(kind, f'{{"status":"{status.value}"{info}}}')


def _refusal(kind: type[Response]) -> Enum | None:
    for field in msgspec.structs.fields(kind):
        if field.name == "status" and isinstance(field.type, type) and issubclass(field.type, Enum):
            names = [name for name in REFUSALS if name in field.type.__members__]
            return field.type[names[0]] if names else None
    return None
