"""Payloads: JSON text to typed messages, with every rule of the schemas checked, and back."""

import functools
import re
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from ohmstead.wire.base import CustomData, Payload
from ohmstead.wire.errors import CallError, ErrorCode, from_null, from_validation
from ohmstead.wire.instants import with_instants, without_leap_second

T = TypeVar("T")
PayloadT = TypeVar("PayloadT", bound=Payload)


class InvalidMessage(ValueError):
    """A message of our own breaks the schemas: a bug on this side, found before anything was sent."""


def decode(kind: type[PayloadT], raw: bytes | str | msgspec.Raw) -> PayloadT:
    """Return the payload as a message of that kind. Raises CallError with the code and the field.

    Instants may have any offset and be in a leap second, integers may be written `300.0` or `3e2`; a `null` is refused
    wherever the schema does not leave the content open.
    """
    try:
        try:
            message: PayloadT = decoder(kind).decode(raw)
        except msgspec.ValidationError as error:
            message = _again(kind, raw, error)
        # msgspec takes null for None. The token cannot be written in another way, so most messages need only this look;
        # backwards it costs a third, for CPython then skips by the n.
        if (raw.rfind("null") if isinstance(raw, str) else bytes(raw).rfind(b"null")) >= 0:
            for path in _nulls_of_message(raw, kind):
                raise from_null(path)
    except msgspec.ValidationError as error:
        raise from_validation(str(error)) from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise CallError(ErrorCode.FormatViolation, str(error)) from None
    except RecursionError:
        raise CallError(ErrorCode.FormatViolation, "the payload is nested too deeply") from None
    return message


def encode(message: Payload) -> bytes:
    """Return the message as JSON, instants cut to whole seconds (see `base.timestamp`).

    Raises InvalidMessage if it holds what JSON cannot; nothing else is checked.
    """
    try:
        raw = ENCODER.encode(message)
        # Looks like an instant with decimals: rare, so that it may cost something to tell it from a text.
        if _DECIMALS.search(raw):
            raw = ENCODER.encode(with_instants(message, lambda moment: moment.replace(microsecond=0)))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidMessage(f"{type(message).__name__}: {error}") from error
    return raw


def check(kind: type[Payload], raw: bytes) -> None:
    """Raise InvalidMessage unless `raw` is a valid payload of that kind."""
    try:
        decode(kind, raw)
    except CallError as error:
        raise InvalidMessage(f"{kind.__name__}: {error}") from None


def _hook(kind: type, value: object) -> object:
    if kind is CustomData:
        return CustomData(value)  # type: ignore[arg-type]  # it checks
    raise NotImplementedError(kind)


def _unhook(value: object) -> object:
    if isinstance(value, CustomData):
        return dict(value.fields)
    raise TypeError(f"{type(value).__name__} does not travel")


_DECIMALS = re.compile(rb"T\d\d:\d\d:\d\d\.\d")


ENCODER = msgspec.json.Encoder(enc_hook=_unhook)
"""Writes messages, and frames with messages in them."""


@functools.cache
def decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    """Return what reads a message, or something with messages in it, from JSON."""
    return msgspec.json.Decoder(kind, dec_hook=_hook)


def _again(kind: type[PayloadT], raw: bytes | str | msgspec.Raw, refusal: msgspec.ValidationError) -> PayloadT:
    """Return the message if nothing is wrong but how its integers and instants are written; else raises a refusal."""
    fields = _FIELDS.decode(raw)
    while True:
        rewritten = _rewritten(kind, fields, str(refusal))
        if rewritten == fields:
            raise refusal
        fields = rewritten
        try:
            message: PayloadT = decoder(kind).decode(msgspec.json.encode(fields))
        except msgspec.ValidationError as another:
            refusal = another
        except OverflowError:
            raise refusal from None
        else:
            return message


def _rewritten(kind: type[Payload], fields: dict[str, msgspec.Raw], refusal: str) -> dict[str, msgspec.Raw]:
    """Return the fields of a message with what was refused in our own way of writing, if it can be."""
    if refusal.startswith("Expected `int") and "got `float`" in refusal:
        return {name: _integral(name, field, kind) for name, field in fields.items()}
    place = _INSTANT_REFUSED.match(refusal)
    name = place["field"] if place is not None else ""
    if place is None or name not in fields:
        return fields
    value = msgspec.json.decode(fields[name])
    told = _told(value, _STEP.findall(place["rest"]))
    return fields if told == value else {**fields, name: msgspec.Raw(msgspec.json.encode(told))}


_INSTANT_REFUSED = re.compile(r"Invalid RFC3339 encoded datetime - at `\$\.(?P<field>\w+)(?P<rest>[^`]*)`")
_STEP = re.compile(r"\.(\w+)")


def _told(value: object, path: list[str]) -> object:
    """Return a value with the instants at a path, in all items of lists on the way, without leap seconds."""
    if isinstance(value, list):
        return [_told(item, path) for item in value]
    if path and isinstance(value, dict) and path[0] in value:
        return {**value, path[0]: _told(value[path[0]], path[1:])}
    return without_leap_second(value) if isinstance(value, str) and not path else value


def _integral(name: str, field: msgspec.Raw, kind: type[Payload]) -> msgspec.Raw:
    """Return a field with `3e2` written `300`: JSON Schema, draft 6, calls both an integer. Open contents stay."""
    if name == "data" and _has_open_data(kind):
        return field
    return msgspec.Raw(msgspec.json.encode(_whole(msgspec.json.decode(field), f"$.{name}")))


def _whole(value: object, path: str) -> object:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict) and not path.endswith(".customData"):
        return {name: _whole(field, f"{path}.{name}") for name, field in value.items()}
    if isinstance(value, list):
        return [_whole(item, path) for item in value]
    return value


def _nulls_of_message(raw: bytes | str | msgspec.Raw, kind: type[Payload]) -> Iterator[str]:
    """Yield the path of every null that is the value of a field or an item, outside the contents left open."""
    for name, field in _FIELDS.decode(raw).items():
        if not (name == "data" and _has_open_data(kind)):
            yield from _nulls(msgspec.json.decode(field), f"$.{name}")


def _nulls(value: object, path: str) -> Iterator[str]:
    if value is None:
        yield path
    elif isinstance(value, dict) and not path.endswith(".customData"):
        for name, field in value.items():
            yield from _nulls(field, f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _nulls(item, f"{path}[{index}]")


_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])


@functools.cache
def _has_open_data(kind: type[Payload]) -> bool:
    """Whether the field `data` may hold anything, as in DataTransfer."""
    return any(field.name == "data" and field.type is msgspec.Raw for field in msgspec.structs.fields(kind))
