"""identifierString (Part 2, primitive data types), which the schemas do not check: which fields are, what may travel.

Of the other two primitive types that they do not check, an instant has no decimals once `codec.encode` has written it,
and a passwordString travels as the value of a variable only, which a station never sends.
"""

import functools
import re
from collections.abc import Callable
from typing import Annotated, TypeVar, get_args, get_origin

import msgspec

from ohmstead.wire import messages as wire
from ohmstead.wire.actions import RESPONSE_OF
from ohmstead.wire.base import Payload, Request, Response
from ohmstead.wire.codec import InvalidMessage

IDENTIFIER = re.compile(r"[A-Za-z0-9*\-_=:+|@.]*")
IDENTIFIER_WORDS = "an identifierString: a-z, A-Z, 0-9, and any of * - _ = : + | @ ."
P = TypeVar("P", bound=Payload)

LONGEST_TOKEN = 36
"""Characters of an IdToken."""

IDENTIFIERS: frozenset[tuple[type[Payload], str]] = frozenset(
    {
        (wire.APN, "preferred_network"),
        (wire.AdditionalInfo, "additional_id_token"),
        (wire.CertificateHashData, "issuer_name_hash"),
        (wire.CertificateHashData, "serial_number"),
        (wire.ChargingProfile, "transaction_id"),
        (wire.Component, "instance"),
        (wire.Component, "name"),
        (wire.CostUpdatedRequest, "transaction_id"),
        (wire.EventData, "transaction_id"),
        (wire.GetTransactionStatusRequest, "transaction_id"),
        (wire.IdToken, "id_token"),
        (wire.MessageInfo, "transaction_id"),
        (wire.Modem, "iccid"),
        (wire.Modem, "imsi"),
        (wire.OCSPRequestData, "issuer_name_hash"),
        (wire.OCSPRequestData, "serial_number"),
        (wire.PublishFirmwareRequest, "checksum"),
        (wire.RequestStartTransactionResponse, "transaction_id"),
        (wire.RequestStopTransactionRequest, "transaction_id"),
        (wire.Transaction, "transaction_id"),
        (wire.UnpublishFirmwareRequest, "checksum"),
        (wire.Variable, "instance"),
        (wire.Variable, "name"),
    }
)
"""Fields that the tables of Part 2 give the type identifierString."""


def folded(text: str) -> str:
    """Return what the spellings of an identifierString have in common: it is case insensitive. For every comparison."""
    return text.lower()


def is_identifier(kind: type, field: str) -> bool:
    """Say whether a field of a type of message is an identifierString."""
    return (kind, field) in IDENTIFIERS


def rewritten(message: P, change: Callable[[str], str]) -> P:
    """Return a message with every identifier in it changed, however deep."""
    return _rewritten(message, _fields(type(message)), change)


def _rewritten(message: P, fields: "tuple[_IdentifierField, ...]", change: Callable[[str], str]) -> P:
    changed: dict[str, object] = {}
    for field in fields:
        inner = getattr(message, field.name)
        if isinstance(inner, tuple):
            changed[field.name] = tuple(_rewritten(item, field.fields, change) for item in inner)
        elif inner is not None:
            changed[field.name] = _rewritten(inner, field.fields, change) if field.fields else change(inner)
    return msgspec.structs.replace(message, **changed)


def wrong_token(id_token: str) -> str | None:
    """Say what is wrong with what a reader has read or a person has typed, None if it can travel.

    Whatever its type: a station makes no presumption about the content (Part 2, C, IdTokenType), but a CSMS refuses
    every event with a text that is no identifierString.
    """
    if not 1 <= len(id_token) <= LONGEST_TOKEN:
        return f"an id token has 1 to {LONGEST_TOKEN} characters"
    if not IDENTIFIER.fullmatch(id_token):
        return "an id token has letters (a-z), digits and * - _ = : + | @ . only"
    return None


def slip(message: Payload) -> str | None:
    """Return the path of a field, however deep, that has to be an identifierString and is none; None: all are."""
    found = _slip(message, _fields(type(message)))
    return None if found is None else f"${found}"


def hold(message: Payload) -> None:
    """Raise InvalidMessage where a message has a slip. What is said instead is left out: it may be a card."""
    path = slip(message)
    if path is not None:
        raise InvalidMessage(f"{type(message).__name__}: {path} is not {IDENTIFIER_WORDS}")


@functools.cache
def comes_back(kind: type[Request[Response]]) -> bool:
    """Say whether the response to a request repeats identifiers of it, as one about variables does."""
    return bool(_holders(kind) & _holders(RESPONSE_OF[kind]))


class _IdentifierField(msgspec.Struct, frozen=True):
    """A field that is an identifier, or with identifiers somewhere in it."""

    name: str
    said: str
    fields: "tuple[_IdentifierField, ...]"
    """Of what is in it; none: it is an identifier itself."""


def _slip(value: Payload, fields: tuple[_IdentifierField, ...]) -> str | None:
    for field in fields:
        inner = getattr(value, field.name)
        if inner is None:
            continue
        if not field.fields:
            if IDENTIFIER.fullmatch(inner) is None:
                return f".{field.said}"
        elif isinstance(inner, tuple):
            for index, item in enumerate(inner):
                if (found := _slip(item, field.fields)) is not None:
                    return f".{field.said}[{index}]{found}"
        elif (found := _slip(inner, field.fields)) is not None:
            return f".{field.said}{found}"
    return None


@functools.cache
def _fields(kind: type[Payload]) -> tuple[_IdentifierField, ...]:
    found = []
    for field in msgspec.structs.fields(kind):
        child = _payload_in(field.type)
        inner = _fields(child) if child is not None else ()
        if inner or (kind, field.name) in IDENTIFIERS:
            found.append(_IdentifierField(field.name, field.encode_name, inner))
    return tuple(found)


def _holders(kind: type[Payload]) -> frozenset[type[Payload]]:
    """Return the types inside a message that have identifiers of their own."""
    found: set[type[Payload]] = set()
    for field in msgspec.structs.fields(kind):
        child = _payload_in(field.type)
        if child is not None:
            found |= _holders(child)
            if any(holder is child for holder, _ in IDENTIFIERS):
                found.add(child)
    return frozenset(found)


def _payload_in(annotation: object) -> type[Payload] | None:
    """Return the message type that a field has, or its items have; None: it has none."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation if issubclass(annotation, Payload) else None
    parts = get_args(annotation)[:1] if get_origin(annotation) is Annotated else get_args(annotation)
    return next((found for part in parts if (found := _payload_in(part)) is not None), None)
