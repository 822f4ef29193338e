"""What is not the same in two products, field by field: whatever a product profile has, or will have."""

from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from ohmstead.product.features import FEATURES
from ohmstead.product.profile import Product

Key: TypeAlias = tuple[str | int, ...]
"""From the product to a field: `("evses", 2, "connectors", 1, "type")`, where the numbers are ids."""
Value: TypeAlias = bool | int | float | str | tuple["Value", ...] | dict[str | int, "Value"] | None
NUMBERED = ("evses", "connectors")
"""Lists whose entries have ids; every other list counts as one value."""
KEYED = ("features", "settings", "variables", "results", "words")
"""Fields with keys of their own, which may be missing; the fields of everything else are always there."""

FLAGS = tuple(name for name, feature in FEATURES.items() if feature.kind == "flag")


class FieldDifference(msgspec.Struct, frozen=True, kw_only=True):
    """One field, or one EVSE, connector or variable as a whole, that is not the same."""

    key: Key
    before: Value
    """None: it is not there."""
    after: Value

    @property
    def where(self) -> str:
        """The path of the key: `evses[2].connectors[1].type`, `features["C-49"]`."""
        return "".join(map(_step, self.key)).removeprefix(".")


def differences(before: Product, after: Product) -> tuple[FieldDifference, ...]:
    """Return what is not the same, in the order of a product file.

    A feature that is not listed is not supported: it is no difference whether a file says so.
    """
    return tuple(_between(tree(before), tree(after), ()))


def with_difference(product: Product, difference: FieldDifference) -> Product:
    """Return a product with a field as it is after a difference, and all else as it was; it need not make sense."""
    whole = tree(product)
    *way, last = difference.key
    at = whole
    for step in way:
        below = at.setdefault(step, {})
        if not isinstance(below, dict):
            raise KeyError(difference.where)
        at = below
    if difference.after is None and way and way[-1] in (*NUMBERED, *KEYED):
        at.pop(last, None)
    else:
        at[last] = difference.after
    return msgspec.convert(_listed(whole), Product)


def reverse(difference: FieldDifference) -> FieldDifference:
    """Return the difference seen from the other side."""
    return msgspec.structs.replace(difference, before=difference.after, after=difference.before)


def tree(product: Product) -> dict[str | int, Value]:
    """Return a product as nested mappings, EVSEs and connectors by their ids, and every feature with its answer."""
    whole = _numbered(msgspec.to_builtins(product))
    answers: dict[str | int, Value] = dict.fromkeys(FLAGS, False)
    answers.update(product.features)
    whole["features"] = answers
    return whole


def _between(before: dict[str | int, Value], after: dict[str | int, Value], key: Key) -> Iterator[FieldDifference]:
    for step in dict.fromkeys((*before, *after)):
        one, other = before.get(step), after.get(step)
        if isinstance(one, dict) and isinstance(other, dict):
            yield from _between(one, other, (*key, step))
        elif one != other:
            yield FieldDifference(key=(*key, step), before=one, after=other)


def _numbered(value: dict[str | int, Value]) -> dict[str | int, Value]:
    """Return fields in which lists of entries with ids are mappings."""
    found: dict[str | int, Value] = {}
    for name, below in value.items():
        if name in NUMBERED and isinstance(below, tuple):
            entries = (_numbered(entry) for entry in below if isinstance(entry, dict))
            found[name] = {number: entry for entry in entries if isinstance(number := entry["id"], int)}
        else:
            found[name] = _numbered(below) if isinstance(below, dict) else below
    return found


def _listed(value: dict[str | int, Value]) -> dict[str | int, Value]:
    """Return them as lists again."""
    found: dict[str | int, Value] = {}
    for name, below in value.items():
        if isinstance(below, dict):
            inner = _listed(below)
            found[name] = tuple(inner[number] for number in sorted(inner, key=int)) if name in NUMBERED else inner
        else:
            found[name] = below
    return found


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if step.isidentifier() else f'["{step}"]'
