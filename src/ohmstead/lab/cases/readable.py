"""What a payload that breaks its schema says all the same: a case goes on where only the writing is wrong."""

import re
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from ohmstead.lab.cases.primitives import is_instant
from ohmstead.wire import codec
from ohmstead.wire.base import Payload
from ohmstead.wire.errors import CallError

P = TypeVar("P", bound=Payload)

MOST = 50
"""Faults of one payload that are read over."""
BEYOND = re.compile(r"\$(?P<path>\S*): Object contains unknown field `(?P<name>\w+)`")
STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


def readable(kind: type[P], raw: bytes | msgspec.Raw) -> P | None:
    """Return a payload without the fields that its schema does not have, its instants in UTC where they name no offset.

    None where something else is wrong: what it means is not guessed.
    """
    try:
        payload = msgspec.json.decode(raw)
        _give_offsets(payload)
        for _ in range(MOST):
            try:
                return codec.decode(kind, msgspec.json.encode(payload))
            except CallError as error:
                beyond = BEYOND.fullmatch(error.description)
                if beyond is None:
                    return None
                _take_out(payload, beyond["path"], beyond["name"])
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None
    return None


def _give_offsets(value: object) -> None:
    for holder in _objects(value):
        for name, text in holder.items():
            if isinstance(text, str) and not is_instant(text) and is_instant(f"{text}Z"):
                holder[name] = f"{text}Z"


def _objects(value: object) -> Iterator[dict[str, object]]:
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from _objects(one)


def _take_out(payload: object, path: str, name: str) -> None:
    holder = payload
    for field, index in STEP.findall(path):
        if field and isinstance(holder, dict):
            holder = holder.get(field)
        elif index and isinstance(holder, list):
            holder = holder[int(index)]
    if isinstance(holder, dict):
        holder.pop(name, None)
