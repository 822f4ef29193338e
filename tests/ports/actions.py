"""One action of every kind, made from its fields: what is added to the hand is tested without another word."""

import msgspec
from msgspec.inspect import BoolType, IntType, StrType, Type, UnionType

from ohmstead.ports.hand import KINDS, Action

TEXT = "[red]04"
"""Looks like markup, which nobody may take it for."""


def every_action(place: int = 2) -> list[Action]:
    """Return an action of every kind with each of its arguments given, all numbers the same."""
    return [_full(kind, place) for kind in KINDS.values()]


def every_short_action(place: int = 2) -> list[Action]:
    """Return an action of every kind that leaves out what may be left out."""
    short = []
    for kind, action in zip(KINDS.values(), every_action(place), strict=True):
        needed = [field.name for field in msgspec.structs.fields(kind) if field.required]
        short.append(msgspec.convert({name: getattr(action, name) for name in needed}, type=kind))
    return short


def _full(kind: type[Action], place: int) -> Action:
    given = {field.name: _some(msgspec.inspect.type_info(field.type), place) for field in msgspec.structs.fields(kind)}
    return msgspec.convert(given, type=kind)


def _some(of: Type, place: int) -> object:
    match of:
        case IntType():
            return place
        case StrType():
            return TEXT
        case BoolType():
            return True
        case UnionType(types=types):
            return _some(types[0], place)
        case msgspec.inspect.Metadata(type=inner):
            return _some(inner, place)
    if isinstance(of, msgspec.inspect.LiteralType):
        return of.values[0]
    raise TypeError(f"what is a good example of {of}?")
