"""Fields of a message as a test names them, and what is wrong with those that came.

A name is that of the specification (`eventType`) or its Python spelling (`event_type`); two underscores lead into an
object or a list (`transactionInfo__chargingState`, `meterValue__0__timestamp`), and so does a dict as the value.
"""

import types
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Union, get_args, get_origin

import msgspec

from ohmstead.lab.cases.value_words import plain, words_of
from ohmstead.wire.base import Payload
from ohmstead.wire.identifiers import folded, is_identifier


class WrongField(TypeError):
    """A test names a field that the message cannot have; the text says which it has."""


class WantedField(msgspec.Struct, frozen=True):
    """One field, and what it has to be.

    Attributes:
        path: its names in JSON, from the payload inwards.
        wanted: a value; None: the field is absent; `...`: it is there; a function: returns whether a value will do.
        case_free: it is an identifier, whose case says nothing.
    """

    path: tuple[str, ...]
    wanted: object
    case_free: bool = False

    @property
    def name(self) -> str:
        """Return the path in the words of the specification."""
        return ".".join(self.path)

    def words(self) -> str:
        """Return what is wanted, with the name of the field."""
        return f"{self.name} {_words(self.wanted)}"

    def is_met(self, payload: object) -> bool:
        """Say whether a payload is as wanted."""
        value = value_at(payload, self.path)
        if self.wanted is ...:
            return value is not None
        if isinstance(self.wanted, types.FunctionType | types.MethodType | type):
            return bool(_condition(self.wanted)(value))
        if self.case_free and isinstance(value, str) and isinstance(self.wanted, str):
            return folded(value) == folded(self.wanted)
        return plain(value) == plain(self.wanted)

    def difference(self, payload: object) -> str:
        """Return in words how a payload differs."""
        return f"{self.name} is {_words(value_at(payload, self.path))}, not {_words(self.wanted)}"


def wanted_fields(kind: type[Payload], fields: Mapping[str, object]) -> tuple[WantedField, ...]:
    """Return the fields of a kind of message that a test names. Raises WrongField."""
    return tuple(_flat(kind, {tuple(name.split("__")): wanted for name, wanted in fields.items()}))


def value_at(payload: object, path: tuple[str, ...]) -> object:
    """Return the value at a path into decoded JSON; None where there is none."""
    value = payload
    for name in path:
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def _flat(kind: type[Payload], fields: Mapping[tuple[str, ...], object]) -> Iterator[WantedField]:
    for path, wanted in fields.items():
        names, inner, case_free = _walk(kind, path)
        if isinstance(wanted, Mapping) and _payload(inner) is not None and wanted:
            yield from _flat(kind, {(*names, *str(name).split("__")): part for name, part in wanted.items()})
        else:
            yield WantedField(names, wanted, case_free)


def _walk(kind: type[Payload], path: tuple[str, ...]) -> tuple[tuple[str, ...], object, bool]:
    """Return the JSON names of a path, the type that it leads to, and whether that is an identifier."""
    names: list[str] = []
    at: object = kind
    case_free = False
    for name in path:
        holder = _payload(at)
        if name.isdigit() or holder is None:
            # What lies in a list, or in what a vendor may fill as he likes.
            at = _inner(at) if name.isdigit() else object
            names.append(name)
            continue
        found = {key: field for field in msgspec.structs.fields(holder) for key in (field.name, field.encode_name)}
        if name not in found:
            known = ", ".join(field.encode_name for field in msgspec.structs.fields(holder))
            raise WrongField(f"{holder.__name__} has no field {name!r}; it has {known}")
        field = found[name]
        names.append(field.encode_name)
        case_free = is_identifier(holder, field.name)
        at = field.type
    return tuple(names), at, case_free


def _inner(annotation: object) -> object:
    """Return what a list has in it."""
    bare = _bare(annotation)
    return get_args(bare)[0] if get_origin(bare) is tuple else object


def _payload(annotation: object) -> type[Payload] | None:
    bare = _bare(annotation)
    return bare if isinstance(bare, type) and issubclass(bare, Payload) else None


def _bare(annotation: object) -> object:
    """Return an annotation without what surrounds it: bounds, and that it may be absent."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, types.UnionType):
            annotation = next(one for one in get_args(annotation) if one is not types.NoneType)
        else:
            return annotation


def _condition(function: object) -> Callable[[object], object]:
    assert callable(function)
    return function


def _words(value: object) -> str:
    if value is None:
        return "absent"
    if value is ...:
        return "anything"
    if isinstance(value, types.FunctionType | types.MethodType | type):
        return f"what {value.__name__} takes"
    return words_of(value)
