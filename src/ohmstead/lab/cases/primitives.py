"""The primitive types of Part 2 that the schemas do not check: how a station writes instants and identifiers.

The wire reads what a peer may mean; here it is held to the letter. RFC 3339 wants a colon in an offset, and Part 2 no
more than three decimals (2.1.3, "primitive datatypes"); an identifierString has a character set of its own.
"""

import functools
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, get_args, get_origin

import msgspec

from ohmstead.wire.base import Payload
from ohmstead.wire.identifiers import IDENTIFIER, IDENTIFIER_WORDS, IDENTIFIERS
from ohmstead.wire.instants import without_leap_second

INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,3})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
INSTANT_WORDS = "an instant of RFC 3339 with at most three decimals"


class PrimitiveFault(msgspec.Struct, frozen=True):
    """A value that is not written as its type wants it."""

    path: str
    wanted: str
    got: str


class _PrimitiveField(msgspec.Struct, frozen=True):
    name: str
    child: type[Payload] | None
    rule: tuple[re.Pattern[str], str] | None


def slips(kind: type[Payload], raw: bytes | msgspec.Raw) -> Iterator[PrimitiveFault]:
    """Return what is wrong with a payload that meets its schema."""
    yield from _slips(kind, msgspec.json.decode(raw), "")


def is_instant(text: str) -> bool:
    """Say whether a text is an instant as Part 2 wants it."""
    if INSTANT.fullmatch(text) is None:
        return False
    try:
        datetime.fromisoformat(without_leap_second(text).upper())
    except ValueError:
        return False
    return True


def _slips(kind: type[Payload], value: object, path: str) -> Iterator[PrimitiveFault]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _slips(kind, item, f"{path}[{index}]")
    if not isinstance(value, dict):
        return
    for field in _fields(kind):
        got, where = value.get(field.name), f"{path}.{field.name}"
        if field.child is not None:
            yield from _slips(field.child, got, where)
        elif field.rule is not None and isinstance(got, str) and field.rule[0].fullmatch(got) is None:
            yield PrimitiveFault(where.removeprefix("."), field.rule[1], repr(got))


@functools.cache
def _fields(kind: type[Payload]) -> tuple[_PrimitiveField, ...]:
    """Return the fields that there is something to look at in."""
    found = []
    for field in msgspec.structs.fields(kind):
        core = _core(field.type)
        rule = None
        if core is datetime:
            rule = (INSTANT, INSTANT_WORDS)
        elif (kind, field.name) in IDENTIFIERS:
            rule = (IDENTIFIER, IDENTIFIER_WORDS)
        child = core if isinstance(core, type) and issubclass(core, Payload) else None
        if rule is not None or child is not None:
            found.append(_PrimitiveField(field.encode_name, child, rule))
    return tuple(found)


def _core(annotation: object) -> object:
    """Return the type of a field or of its items, without what may be absent and without constraints."""
    if get_origin(annotation) is Annotated:
        return _core(get_args(annotation)[0])
    parts = [part for part in get_args(annotation) if part not in (type(None), ...)]
    return _core(parts[0]) if parts else annotation
