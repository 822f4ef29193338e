"""A component of the device model: one addressable thing with its variables and their values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import ClassVar, cast

import msgspec

from ohmstead.model.device.variable import AnyVariable, Place, T, Trait, Variable
from ohmstead.product import profile
from ohmstead.wire import messages as wire
from ohmstead.wire.identifiers import folded


class Component:
    """Base of the components; the class says which variables there are, an object stands at one place of a station."""

    name: ClassVar[str]
    """As in the appendix of standardized components."""
    declared: ClassVar[tuple[AnyVariable, ...]] = ()
    """In the order of the appendix."""

    def __init_subclass__(cls, name: str) -> None:
        cls.name = name
        cls.declared = tuple(value for value in vars(cls).values() if isinstance(value, Variable))

    def __init__(self, place: Place, reads: Counter[AnyVariable], instance: str | None = None) -> None:
        self.place = place
        self.instance = instance
        self._reads = reads
        self._values: dict[AnyVariable, object] = {}
        self._providers: dict[AnyVariable, Callable[[], object]] = {}
        self._traits = {variable: variable.resolve(place) for variable in self.declared}
        self.variables = tuple(variable for variable in self.declared if self._traits[variable].present)
        """Those that this product has here."""
        self._by_name = {_key(variable.name, variable.instance): variable for variable in self.variables}
        evse = None
        if place.evse_id is not None:
            evse = wire.EVSE(id=place.evse_id, connector_id=place.connector_id)
        self.address = wire.Component(name=self.name, instance=instance, evse=evse)
        """How messages name it."""

    def __repr__(self) -> str:
        return f"<{self.path}>"

    @property
    def path(self) -> str:
        """`TxCtrlr`, `EVSE(1)`, `Connector(1,2)`, `Display[2]`: the first part of the keys of stored rows."""
        place = self.place
        numbers = [str(number) for number in (place.evse_id, place.connector_id) if number is not None]
        instance = f"[{self.instance}]" if self.instance else ""
        return self.name + instance + (f"({','.join(numbers)})" if numbers else "")

    def key(self, variable: AnyVariable) -> str:
        """The key of a variable's stored row."""
        return f"{self.path}.{variable.local_name}"

    def find(self, name: str, instance: str | None) -> AnyVariable | None:
        """Return a variable by its name and instance, which compare case-insensitively."""
        return self._by_name.get(_key(name, instance))

    def has(self, variable: AnyVariable) -> bool:
        """Say whether this product has the variable here."""
        return self._traits[variable].present

    def trait(self, variable: Variable[T]) -> Trait[T]:
        """Return limits, allowed values and mutability of a variable here."""
        return cast(Trait[T], self._traits[variable])

    def read(self, variable: Variable[T]) -> T:
        """Return the Actual value, and count that somebody needed it."""
        self._reads[variable] += 1
        return self.value(variable)

    def value(self, variable: Variable[T]) -> T:
        """Return the Actual value, uncounted."""
        if variable in self._values:
            return cast(T, self._values[variable])
        if variable in self._providers:
            return cast(T, self._providers[variable]())
        return cast(T, self._traits[variable].default)

    def text(self, variable: AnyVariable) -> str:
        """Return the Actual value as text, uncounted."""
        return variable.format(self.value(variable))

    def adopt(self, variable: Variable[T], value: T) -> None:
        """Let a value be the Actual one from now on."""
        self._values[variable] = value

    def unbound(self) -> tuple[AnyVariable, ...]:
        """Return the computed variables that nobody gives a value: they would show their default for ever."""
        return tuple(one for one in self.variables if one.computed and one not in self._providers)

    def bind(self, variable: Variable[T], provider: Callable[[], T]) -> None:
        """Let a function give the value of a computed variable; without effect where the product does not have it."""
        assert variable.computed, f"{variable!r} is stored"
        if self.has(variable):
            self._providers[variable] = provider


class Addition(msgspec.Struct, frozen=True):
    """A component of somebody else's that a station has, too."""

    kind: type[Component]
    each_evse: bool = False
    """At each EVSE, instead of once."""

    def build(self, product: profile.Product, reads: Counter[AnyVariable]) -> tuple[Component, ...]:
        """Return it at each of its places in a station."""
        places = [Place(product, evse.id) for evse in product.evses] if self.each_evse else [Place(product)]
        return tuple(self.kind(place, reads) for place in places)


def _key(name: str, instance: str | None) -> tuple[str, str]:
    return folded(name), folded(instance or "")
