"""What a CSMS may ask of a station: the actions, their JSON schemas with an example each, and the strict decoding."""

import functools
from collections.abc import Mapping

import msgspec

from ohmstead.csms.examples import EXAMPLES
from ohmstead.ports.bench import CommandRefused
from ohmstead.wire.actions import ACTIONS
from ohmstead.wire.base import CustomData, Request, Response
from ohmstead.wire.codec import decode
from ohmstead.wire.errors import CallError

_CUSTOM_DATA: dict[str, object] = {
    "type": "object",
    "properties": {"vendorId": {"type": "string", "maxLength": 255}},
    "required": ["vendorId"],
}
_DATA_TRANSFER: dict[str, object] = {
    # msgspec writes no schema for raw content, and this is the only request that has some.
    "$ref": "#/$defs/DataTransferRequest",
    "$defs": {
        "DataTransferRequest": {
            "title": "DataTransferRequest",
            "type": "object",
            "properties": {
                "messageId": {"anyOf": [{"type": "string", "maxLength": 50}, {"type": "null"}], "default": None},
                "data": {},
                "vendorId": {"type": "string", "maxLength": 255},
                "customData": {"anyOf": [_CUSTOM_DATA, {"type": "null"}], "default": None},
            },
            "required": ["vendorId"],
            "additionalProperties": False,
        }
    },
}


@functools.cache
def schemas() -> Mapping[str, Mapping[str, object]]:
    """Return for each action of the CSMS the JSON schema of its request, with a valid payload in `examples`."""
    return {action: {**_schema(action), "examples": [dict(example)]} for action, example in EXAMPLES.items()}


def request_of(action: str, payload: Mapping[str, object]) -> Request[Response]:
    """Return the request of an operator's command. Raises CommandRefused with the path of the field and the reason."""
    if action not in EXAMPLES:
        kind = "is sent by stations only" if action in ACTIONS else "is no action of OCPP 2.0.1"
        raise CommandRefused(f"{action} {kind}")
    try:
        text = msgspec.json.encode(payload)
    except (TypeError, ValueError, RecursionError) as error:
        raise CommandRefused(f"the payload is no JSON: {error}") from None
    try:
        return decode(ACTIONS[action][0], text)
    except CallError as error:
        raise CommandRefused(error.description) from None


def _schema(action: str) -> Mapping[str, object]:
    if action == "DataTransfer":
        return _DATA_TRANSFER
    return msgspec.json.schema(ACTIONS[action][0], schema_hook=_hook)


def _hook(kind: type) -> dict[str, object]:
    if kind is CustomData:
        return _CUSTOM_DATA
    raise NotImplementedError(kind)
