"""Fields of messages, named as in Python and joined by two underscores, compared with what a case wants.

A wanted value is a plain value (enums compare as text), `one_of(...)`, `ABSENT`, `PRESENT`, `not_(...)`, a condition
with its words (`Wanted`), or `differs(...)` where the specification and the official case part.
"""

from collections.abc import Callable, Mapping

import msgspec

from ohmstead.lab.cases.value_words import UNKNOWN, plain, words_of
from ohmstead.lab.reading import Reading
from ohmstead.lab.verdict import Disputed, Failed, Finding
from ohmstead.wire.identifiers import folded, is_identifier
from ohmstead.wire.messages import IdToken, IdTokenEnum


class Wanted(msgspec.Struct, frozen=True):
    """A condition on one value, with the words that a failure prints, and a value that meets it where one is known."""

    words: str
    holds: Callable[[object], bool]
    example: object = UNKNOWN


class Differs(msgspec.Struct, frozen=True):
    """Two conditions on one value: what the specification wants, and what the text of the official case wants."""

    reading: Reading
    specification: object
    tool: object


def differs(reading: Reading, *, specification: object, tool: object) -> Differs:
    """Judge a value by each of two wanted ones; a value that meets neither fails the case."""
    return Differs(reading, specification, tool)


ABSENT = Wanted("nothing", lambda value: value is None, None)
PRESENT = Wanted("a value", lambda value: value is not None)


def one_of(*values: object) -> Wanted:
    """Any of these values or conditions; None among them allows the field to be absent."""
    known = (example_of(value) for value in values if value is not None)
    example = next((one for one in known if one is not UNKNOWN), UNKNOWN)
    return Wanted(" or ".join(map(words, values)), lambda value: any(meets(value, one) for one in values), example)


def not_(value: object) -> Wanted:
    """Anything but this."""
    return Wanted(f"not {words(value)}", lambda got: plain(got) != plain(value))


def between(low: float, high: float) -> Wanted:
    """A number within bounds, both included."""
    return Wanted(f"{low:g} to {high:g}", lambda value: isinstance(value, int | float) and low <= value <= high)


def check(step: int | str, message: msgspec.Struct, fields: Mapping[str, object]) -> tuple[Disputed, ...]:
    """Compare fields of a message. Raises Failed with all that differ; returns where only one reading was met."""
    disputed: list[Disputed] = []
    wrong: list[Finding] = []
    for path, wanted in fields.items():
        try:
            one = _check_one(step, message, path, wanted)
        except Failed as failed:
            wrong.append(msgspec.structs.replace(failed.finding, right=right_of(fields)))
        else:
            disputed += [msgspec.structs.replace(one, right=right_of(fields))] if one is not None else []
    if wrong:
        raise Failed(*wrong)
    return tuple(disputed)


def _check_one(step: int | str, message: msgspec.Struct, path: str, wanted: object) -> Disputed | None:
    value, name = value_of(message, path), name_of(message, path)
    if _is_key_code(message, path) and not meets(value, wanted):
        # C04.FR.04: which code it was is told nowhere.
        raise Failed(Finding(step=str(step), field=name, wanted="what the case wants", got="another key code"))
    return compare(step, name, value, wanted)


def _is_key_code(message: msgspec.Struct, path: str) -> bool:
    holder, _, field = path.rpartition("__")
    token = value_of(message, holder) if holder else message
    return field == "id_token" and isinstance(token, IdToken) and token.type is IdTokenEnum.KeyCode


def compare(step: int | str, field: str, value: object, wanted: object) -> Disputed | None:
    """Compare one value. Raises Failed if it is not as wanted; returns where only one of two readings was met."""
    if not meets(value, wanted):
        raise Failed(Finding(step=str(step), field=field, wanted=words(wanted), got=words(value)))
    if not isinstance(wanted, Differs) or (meets(value, wanted.specification) and meets(value, wanted.tool)):
        return None
    return Disputed(
        reading=wanted.reading.name,
        requirements=wanted.reading.requirements,
        step=str(step),
        field=field,
        specification=words(wanted.specification),
        tool=words(wanted.tool),
        got=words(value),
        fails="tool" if meets(value, wanted.specification) else "specification",
    )


def matches(message: msgspec.Struct, fields: Mapping[str, object]) -> bool:
    """Say whether all fields are as wanted."""
    return all(meets(value_of(message, path), wanted) for path, wanted in fields.items())


def meets(value: object, wanted: object) -> bool:
    """Say whether a value is as wanted."""
    if isinstance(wanted, Wanted):
        return wanted.holds(value)
    if isinstance(wanted, Differs):
        return meets(value, wanted.specification) or meets(value, wanted.tool)
    if callable(wanted):
        raise TypeError("a condition needs its words: Wanted(words, condition)")
    return plain(value) == plain(wanted)


def value_of(message: object, path: str) -> object:
    """Return the value at a path: `transaction_info__charging_state`, `event_data__0__trigger`; None if not there."""
    value = message
    for name in path.split("__"):
        if value is None:
            return None
        if name.isdigit():
            value = value[int(name)] if isinstance(value, tuple) and int(name) < len(value) else None
        elif isinstance(value, msgspec.Struct) and name in value.__struct_fields__:
            inner = getattr(value, name)
            case_free = isinstance(inner, str) and is_identifier(type(value), name)
            value = _Identifier(inner) if case_free else inner
        else:
            raise AttributeError(f"{type(value).__name__} has no field {name}")
    return value


class _Identifier(str):
    """An identifierString, which equals its other spellings (Part 2, primitive data types)."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and folded(self) == folded(other)

    def __hash__(self) -> int:
        return hash(folded(self))


def name_of(message: msgspec.Struct, path: str) -> str:
    """Return the specification's name of a field: `TransactionEventRequest.evse.connectorId`."""
    return f"{type(message).__name__}.{_dotted(path)}"


def _dotted(path: str) -> str:
    return ".".join(_camel(name) for name in path.split("__"))


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def words(value: object) -> str:
    """Return a wanted value, or one that came, in the words of a failure."""
    if isinstance(value, Wanted):
        return value.words
    if isinstance(value, Differs):
        return f"{words(value.specification)} (specification), {words(value.tool)} (official case)"
    return words_of(value)


def example_of(wanted: object) -> object:
    """Return a value that is as wanted, by both readings where there are two; UNKNOWN where none is known."""
    if isinstance(wanted, Differs):
        both = (example_of(wanted.tool), example_of(wanted.specification))
        return next((one for one in both if one is not UNKNOWN and meets(one, wanted.specification)), UNKNOWN)
    return wanted.example if isinstance(wanted, Wanted) else wanted


def fields_in_words(fields: Mapping[str, object]) -> str:
    """Return what is asked of the fields of a message: `eventType Started and offline true`; empty for none."""
    named = [f"{_dotted(path)} {words(wanted)}" for path, wanted in fields.items()]
    return " and ".join(filter(None, (", ".join(named[:-1]), *named[-1:])))


def right_of(fields: Mapping[str, object]) -> str:
    """Return fields as a JSON object with values that are as wanted; what only words say stands in parentheses."""
    tree: dict[str, object] = {}
    for path, wanted in fields.items():
        example = example_of(wanted)
        *above, last = _dotted(path).split(".")
        inner = tree
        for name in above:
            below = inner.setdefault(name, {})
            inner = below if isinstance(below, dict) else {}
        inner[last] = f"({words(wanted)})" if example is UNKNOWN else plain(example)
    return msgspec.json.encode(tree).decode() if tree else ""
