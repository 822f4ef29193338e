"""Tags for methods that react to variables, and for methods that have a say in their new values.

A block tags a method; the runtime hands all blocks to `DeviceModel.listen`, which finds the tagged ones and calls them.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Protocol, TypeVar, cast

from ohmstead.model.device.variable import AnyVariable, T, Variable

Reaction = Callable[[], None]
"""Called once after the new values were adopted, whichever of its variables changed."""

Objection = Callable[[T], str | None]
"""Says what is wrong with a well-formed new value in the present state of the station, or returns None."""

F = TypeVar("F", bound=Callable[..., object])

_CHANGED = "_reacts_to"
_VALIDATES = "_objects_to"


class Validating(Protocol):
    """A device model that asks before it accepts."""

    def validate(self, variable: Variable[T], objection: Objection[T]) -> None:
        """Ask the function before a new value of the variable is accepted."""
        ...


def changed(*variables: AnyVariable) -> Callable[[F], F]:
    """Tag a method without parameters: it is called after any of these variables, set or computed, has a new value."""

    def tag(method: F) -> F:
        setattr(method, _CHANGED, variables)
        return method

    return tag


def validator(*variables: Variable[T]) -> Callable[[F], F]:
    """Tag a method that takes a new value of these variables and returns what is wrong with it, or None."""

    def tag(method: F) -> F:
        setattr(method, _VALIDATES, variables)
        return method

    return tag


def reactions(blocks: Iterable[object]) -> dict[AnyVariable, list[Reaction]]:
    """Return the tagged methods of the objects by variable, in the order of the objects."""
    found: dict[AnyVariable, list[Reaction]] = {}
    for method, variables in _tagged(blocks, _CHANGED):
        for variable in variables:
            found.setdefault(variable, []).append(cast(Reaction, method))
    return found


def collect_validators(blocks: Iterable[object], device: Validating) -> None:
    """Let the device model ask the tagged methods of the objects."""
    for method, variables in _tagged(blocks, _VALIDATES):
        for variable in variables:
            device.validate(variable, cast("Objection[object]", method))


def objects_to(kind: type) -> frozenset[AnyVariable]:
    """Return the variables in whose new values the methods of a class have a say."""
    return frozenset(variable for _, variables in _tags(kind, _VALIDATES) for variable in variables)


def to_call(changes: Iterable[AnyVariable], by_variable: dict[AnyVariable, list[Reaction]]) -> list[Reaction]:
    """Return the reactions to a set of changes, each once, in the order of the changes."""
    once: dict[Reaction, None] = {}
    for variable in changes:
        once.update(dict.fromkeys(by_variable.get(variable, ())))
    return list(once)


def _tagged(blocks: Iterable[object], tag: str) -> Iterable[tuple[Callable[..., object], tuple[AnyVariable, ...]]]:
    for block in blocks:
        for name, variables in _tags(type(block), tag):  # type: ignore[arg-type]  # a class can be hashed
            yield getattr(block, name), variables


@cache
def _tags(kind: type, tag: str) -> tuple[tuple[str, tuple[AnyVariable, ...]], ...]:
    """Return the tagged methods of a class with their variables; looked for once a process."""
    found = ((name, getattr(getattr(kind, name), tag, None)) for name in dir(kind))
    return tuple((name, variables) for name, variables in found if variables is not None)
