"""What one variable of the device model is: its declaration, and what a product makes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeAlias, TypeVar, overload

import msgspec

from ohmstead.product import profile
from ohmstead.product.feature_table import Feature
from ohmstead.wire.messages import DataEnum, MutabilityEnum

if TYPE_CHECKING:
    from ohmstead.model.device.component import Component

T = TypeVar("T")
V = TypeVar("V")

READ_ONLY = MutabilityEnum.ReadOnly
READ_WRITE = MutabilityEnum.ReadWrite
WRITE_ONLY = MutabilityEnum.WriteOnly


class Place(msgspec.Struct, frozen=True):
    """Where in a station a component stands: nowhere in particular, at an EVSE, or at a connector of one."""

    product: profile.Product
    evse_id: int | None = None
    connector_id: int | None = None

    @property
    def evse(self) -> profile.Evse:
        """The EVSE of the product file; LookupError where the component stands at none."""
        for evse in self.product.evses:
            if evse.id == self.evse_id:
                return evse
        raise LookupError(f"no EVSE {self.evse_id}")

    @property
    def connector(self) -> profile.ProductConnector:
        """The connector of the product file; LookupError where the component stands at none."""
        for connector in self.evse.connectors:
            if connector.id == self.connector_id:
                return connector
        raise LookupError(f"no connector {self.connector_id} at EVSE {self.evse_id}")


ByPlace: TypeAlias = V | Callable[[Place], V]
"""A value, or how it follows from the product and the place in it."""


def at(value: ByPlace[V], place: Place) -> V:
    """Return what a declared value is at a place."""
    return value(place) if callable(value) else value


class Refused(Exception):
    """A value that a variable does not take: a reason code of the appendix and a text of at most 512 characters."""

    def __init__(self, reason_code: str, text: str) -> None:
        self.reason_code = reason_code
        self.text = text[:512]
        super().__init__(self.text)


class Trait(msgspec.Struct, Generic[T], frozen=True):
    """What a product makes of a declared variable at one place."""

    present: bool
    mutability: MutabilityEnum
    default: T
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] = ()
    """Allowed values of an OptionList, MemberList or SequenceList."""

    @property
    def writable(self) -> bool:
        """Say whether SetVariables may change it."""
        return self.mutability is not READ_ONLY


class Variable(Generic[T]):
    """The declaration of a variable, and the descriptor that reads its Actual value.

    On a component object it reads as the value (`device.tx.ev_connection_time_out` is an `int`), on the component class
    it is this declaration. Other attribute types than Actual are not supported by any variable of this station.
    """

    data_type: ClassVar[DataEnum]
    component: type[Component]
    attribute: str

    def __init__(
        self,
        name: str,
        default: ByPlace[T],
        *,
        instance: str | None = None,
        unit: str | None = None,
        minimum: ByPlace[float | None] = None,
        maximum: ByPlace[float | None] = None,
        values: ByPlace[tuple[str, ...]] = (),
        mutability: ByPlace[MutabilityEnum] = READ_ONLY,
        feature: Feature | Callable[[Place], bool] | None = None,
        absent: T | None = None,
        check: Callable[[T], str | None] | None = None,
        allow_empty: bool = False,
        computed: bool = False,
        secret: bool = False,
        reboot_required: bool = False,
        source: str,
    ) -> None:
        """Declare a variable.

        Args:
            name: as in the appendix.
            default: the value until somebody sets one.
            instance: VariableType.instance.
            unit: as in the list of standardized units.
            minimum: least value of a number; least length of a string.
            maximum: greatest value of a number; greatest length of a string or comma-separated list.
            values: what a list may hold.
            mutability: who may do what.
            feature: the feature of the certificate (or a condition) without which there is no such variable.
            absent: what readers see where there is no such variable; None: the default.
            check: says what is wrong with a well-formed value, or returns None.
            allow_empty: 0, or the empty string, is accepted too, whatever the limits say: it switches the function off.
            computed: the station works the value out (`DeviceModel.bind`), unless somebody may set it and did.
            secret: the value goes to its reader and to nobody else.
            reboot_required: a new value is stored and takes effect at the next boot (SetVariables: RebootRequired).
            source: section of the chapter Referenced Components and Variables of Part 2, or the document that has it.
        """
        self.name = name
        self.instance = instance
        self.unit = unit
        self.feature = feature
        self.absent = absent
        self.check = check
        self.allow_empty = allow_empty
        self.computed = computed
        self.secret = secret
        self.reboot_required = reboot_required
        self.source = source
        self._default = default
        self._minimum = minimum
        self._maximum = maximum
        self._values = values
        self._mutability = mutability

    def __set_name__(self, owner: type[Component], attribute: str) -> None:
        self.component = owner
        self.attribute = attribute

    @overload
    def __get__(self, instance: None, owner: type[object]) -> Self: ...
    @overload
    def __get__(self, instance: Component, owner: type[object]) -> T: ...
    @overload
    def __get__(self, instance: object, owner: type[object]) -> Self: ...
    def __get__(self, instance: object, owner: type[object]) -> Self | T:
        # Other classes may hold a declaration in a class attribute; only a component has a value for it.
        read: Callable[[Variable[T]], T] | None = getattr(instance, "read", None)
        return self if read is None else read(self)

    def __repr__(self) -> str:
        return f"<{self.label}>"

    @property
    def local_name(self) -> str:
        """`Variable` or `Variable[instance]`."""
        return f"{self.name}[{self.instance}]" if self.instance else self.name

    @property
    def label(self) -> str:
        """`Component.Variable` or `Component.Variable[instance]`, the key of a product's overrides."""
        return f"{self.component.name}.{self.local_name}"

    def parse(self, text: str, trait: Trait[T]) -> T:
        """Read the text of an attributeValue; raises Refused (B05.FR.07, B05.FR.08)."""
        raise NotImplementedError

    def format(self, value: T) -> str:
        """Return a value as it stands in an attributeValue; what is unset is the empty string (B06.FR.13)."""
        raise NotImplementedError

    def resolve(self, place: Place) -> Trait[T]:
        """Return what the product makes of this variable; ValueError names an override that cannot be."""
        product = place.product
        setting = product.variables.get(self.label, profile.VariableSetting())
        present = self._supported(place) and not setting.absent
        default = at(self._default, place)
        if not present:
            gone = default if self.absent is None else self.absent
            return Trait(present=False, mutability=READ_ONLY, default=gone)
        values = at(self._values, place) if setting.values is None else setting.values
        minimum = at(self._minimum, place) if setting.min is None else setting.min
        maximum = at(self._maximum, place) if setting.max is None else setting.max
        mutability = at(self._mutability, place)
        if setting.mutability is not None:
            mutability = MutabilityEnum(setting.mutability)
        if self.secret and mutability is not READ_ONLY:
            mutability = WRITE_ONLY
        trait = Trait(True, mutability, default, minimum, self.longest(maximum, values), values)
        if setting.value is None:
            if not self._bounded_by_product(setting):
                return trait
            return msgspec.structs.replace(trait, default=self.within(default, trait))
        try:
            return msgspec.structs.replace(trait, default=self.accept(_text(setting.value), trait))
        except Refused as refused:
            raise ValueError(f"{product.name}: {self.label}: {refused.text}") from None

    def longest(self, maximum: float | None, values: tuple[str, ...]) -> float | None:
        """Return the greatest length where none is declared: that of a list with every allowed value."""
        del values
        return maximum

    def _bounded_by_product(self, setting: profile.VariableSetting) -> bool:
        """Say whether a product has a say in what is allowed; a default outside of its own declaration is a mistake."""
        said = (setting.values, setting.min, setting.max)
        return any(one is not None for one in said) or any(map(callable, (self._values, self._minimum, self._maximum)))

    def within(self, value: T, trait: Trait[T]) -> T:
        """Return what is nearest to a default among what a product allows."""
        del trait
        return value

    def accept(self, text: str, trait: Trait[T]) -> T:
        """Parse and check a value; raises Refused."""
        value = self.parse(text, trait)
        if self.check is not None and (wrong := self.check(value)) is not None:
            raise Refused("InvalidValue", wrong)
        return value

    def _supported(self, place: Place) -> bool:
        if isinstance(self.feature, Feature):
            return place.product.has(self.feature)
        return self.feature is None or self.feature(place)


AnyVariable: TypeAlias = Variable[Any]
"""A variable of any type, where its type does not matter: `Variable` is invariant in it."""


def _text(value: str | int | float | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
