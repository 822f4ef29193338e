"""Every field of a message, and extreme values for it by its type: made from the message types, not from a list."""

import copy
import itertools
import typing
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from types import UnionType
from typing import TypeAlias

import msgspec

from ohmstead.wire.base import CustomData, Payload

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
Path: TypeAlias = tuple[str | int, ...]

INSTANTS = (
    "0001-01-01T00:00:00+01:00",
    "0001-01-01T00:00:00Z",
    "1970-01-01T00:00:00Z",
    "2024-12-31T23:59:59.999Z",
    "2026-01-01T00:00:00+14:00",
    "2099-12-31T23:59:59Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-14:00",
)
INTEGERS = (-(2**31), -1, 0, 1, 2**31 - 1)
DECIMALS = (-1e300, -1.5, 0.0, 1e-6, 1e300)
TEXTS = (
    "",
    " ",
    "\x00\x1b[31m\r\n",
    "\u2028\u2029\u0085\u202e",
    "../../../etc/passwd",
    "<script>'\";--</script>${x}%s{0}",
    "🚗é",
)
LONGEST = 6000
"""Characters of a text for which the schema sets no limit."""
CUSTOM = {"vendorId": "org.example", "deep": {"list": [None, 1.5, {"x": None}]}}


def variants(kind: type[Payload], plain: dict[str, Json]) -> Iterator[tuple[Path, Json, dict[str, Json]]]:
    """Yield for each field of a message, however deep: its path, an extreme value, and the payload with it.

    Args:
        kind: the message.
        plain: a valid payload; what it leaves out is filled in with the least that is valid.
    """
    for path, values in _fields(kind, ()):
        for value in values:
            payload = copy.deepcopy(plain)
            _put(payload, kind, path, value)
            yield path, value, payload


def least(kind: object) -> Json:
    """Return the least that is valid for a type: required fields only."""
    kind = _bare(kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return {f.encode_name: least(f.type) for f in msgspec.structs.fields(kind) if f.required}
    if kind is CustomData:
        return dict(CUSTOM)  # type: ignore[arg-type]
    if typing.get_origin(kind) is tuple:
        return [least(typing.get_args(kind)[0])]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return str(next(iter(kind)).value)
    return {bool: True, int: 1, float: 1.0, str: "x", datetime: "2026-01-01T00:00:00Z"}.get(kind, {})  # type: ignore[call-overload, no-any-return]


def _fields(kind: type[msgspec.Struct], prefix: Path, seen: tuple[type, ...] = ()) -> Iterator[tuple[Path, list[Json]]]:
    for field in msgspec.structs.fields(kind):
        path = (*prefix, field.encode_name)
        bare = _bare(field.type)
        if typing.get_origin(bare) is tuple:
            path, bare = (*path, 0), _bare(typing.get_args(bare)[0])
        if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
            if bare not in seen:
                yield from _fields(bare, path, (*seen, bare))
        elif values := _values(bare, _limit(field.type)):
            yield path, values


def _values(kind: object, limit: int | None) -> list[Json]:
    if kind is CustomData:
        return [copy.deepcopy(CUSTOM)]  # type: ignore[list-item]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(member.value) for member in kind]
    if kind is str:
        most = limit or LONGEST
        return [*(text for text in TEXTS if len(text) <= most), "9" * most]
    if kind is msgspec.Raw:
        return [None, 1.5, "text", [None], {"a": None}]
    known: dict[object, tuple[Json, ...]] = {
        datetime: INSTANTS,
        int: INTEGERS,
        float: DECIMALS,
        bool: (True, False),
    }
    return list(known.get(kind, ()))


def _put(holder: dict[str, Json], kind: object, path: Path, value: Json) -> None:
    """Set a field, filling in what is missing on the way to it."""
    here: Json = holder
    for step, after in itertools.pairwise(path):
        kind = _type_at(kind, step)
        if isinstance(here, dict) and isinstance(step, str):
            here = here.setdefault(step, [] if isinstance(after, int) else least(kind))
        elif isinstance(here, list) and isinstance(step, int):
            if not here:
                here.append(least(kind))
            here = here[0]
    last = path[-1]
    if isinstance(here, dict) and isinstance(last, str):
        here[last] = value
    elif isinstance(here, list):
        here[:1] = [value]


def _type_at(kind: object, step: str | int) -> object:
    bare = _bare(kind)
    if isinstance(step, int):
        return typing.get_args(bare)[0]
    assert isinstance(bare, type)
    return next(f.type for f in msgspec.structs.fields(bare) if f.encode_name == step)


def _bare(kind: object) -> object:
    """Return a type without its limits, and without `None`."""
    while True:
        if typing.get_origin(kind) is typing.Annotated:
            kind = typing.get_args(kind)[0]
        elif isinstance(kind, UnionType) or typing.get_origin(kind) is typing.Union:
            kind = next(part for part in typing.get_args(kind) if part is not type(None))
        else:
            return kind


def _limit(kind: object) -> int | None:
    """Return the longest text that a type takes."""
    if typing.get_origin(kind) is typing.Annotated:
        base, *metas = typing.get_args(kind)
        limits = [meta.max_length for meta in metas if isinstance(meta, msgspec.Meta) and meta.max_length]
        return limits[0] if base is str and limits else _limit(base)
    for part in typing.get_args(kind):
        if (found := _limit(part)) is not None:
            return found
    return None
