"""What a vendor's package builds on: what is in `__all__` stays as it is, and nothing else does (docs/extensions.md).

A package that declares an entry point `ohmstead.extensions` adds messages of its vendorId (P01, P02) and components
with variables of its own to a station.
"""

import inspect
from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from ohmstead.model.device.changed import changed, validator
from ohmstead.model.device.component import Addition, Component
from ohmstead.model.device.infrastructure import EVSE, ChargingStation, Connector
from ohmstead.model.device.kinds import (
    Boolean,
    Decimal,
    Instant,
    Integer,
    MemberList,
    OptionList,
    SequenceList,
    String,
)
from ohmstead.model.device.variable import READ_ONLY, READ_WRITE, WRITE_ONLY, Refused, Variable
from ohmstead.wire.messages import DataTransferStatusEnum

__all__ = [
    "EVSE",
    "READ_ONLY",
    "READ_WRITE",
    "WRITE_ONLY",
    "Boolean",
    "ChargingStation",
    "Component",
    "Connector",
    "DataTransferStatusEnum",
    "Decimal",
    "Extension",
    "Instant",
    "Integer",
    "MemberList",
    "NotTransferred",
    "OptionList",
    "Refused",
    "SequenceList",
    "String",
    "VendorAnswer",
    "VendorMessage",
    "VendorStation",
    "answers",
    "changed",
    "validator",
]

GROUP = "ohmstead.extensions"
"""The group of the entry points."""

T = TypeVar("T")
C = TypeVar("C", bound=Component)
H = TypeVar("H", bound="Callable[..., VendorAnswer]")
_ANSWERS = "_answers"


class VendorMessage(msgspec.Struct, frozen=True):
    """A DataTransfer of the CSMS for the vendor."""

    message_id: str | None = None
    data: object = None
    """The JSON, decoded; None where there is none."""
    raw: bytes = b""
    """The same as it was written; empty where there is none."""


class VendorAnswer(msgspec.Struct, frozen=True):
    """The answer to a DataTransfer, of either side."""

    status: DataTransferStatusEnum = DataTransferStatusEnum.Accepted
    data: object = None
    """What can be written as JSON; None: nothing."""
    reason_code: str | None = None
    """At most 20 characters: with it goes a statusInfo."""
    additional_info: str | None = None
    """At most 512 characters, beside a reason code."""
    then: Callable[[], None] | None = None
    """In an answer to the CSMS: what follows, called once the answer has been written to the wire."""


class NotTransferred(Exception):
    """The CSMS did not get the message, or gave no answer; the text says why."""


class VendorStation(Protocol):
    """What one run of a station offers an extension.

    What it calls back runs in a unit of work: when it fails, what it had assigned, spawned and set is taken back.
    """

    @property
    def identity(self) -> str:
        """The identity with which the station connects."""
        ...

    @property
    def online(self) -> bool:
        """Say whether there is a connection, and the CSMS has accepted the station."""
        ...

    def now(self) -> datetime:
        """Return the wall time of the station, which the CSMS may set."""
        ...

    def component(self, kind: type[C], evse_id: int | None = None) -> C:
        """Return a component of the extension, whose attributes are the values. Raises KeyError where there is none."""
        ...

    def read(self, variable: Variable[T], evse_id: int | None = None, connector_id: int | None = None) -> T:
        """Return what a variable of the station, an EVSE or a connector is: `EVSE.availability_state`.

        Raises KeyError where the station does not have it.
        """
        ...

    def assign(self, variable: Variable[T], value: T, evse_id: int | None = None) -> None:
        """Give a variable that can be set a value, which is kept. Raises Refused for one that it does not take."""
        ...

    def bind(self, variable: Variable[T], provider: Callable[[], T], evse_id: int | None = None) -> None:
        """Let a function give the value of a variable that is declared as computed, whenever somebody looks."""
        ...

    def limit(self, evse_id: int, *, power_w: float | None = None, current_a: float | None = None) -> bool:
        """Ask that an EVSE give no more than this; of all who ask, the product included, the lowest counts.

        Without figures it is taken back. It holds until this run ends. Raises KeyError where there is no such EVSE,
        ValueError and TypeError for what is no power or current.

        Args:
            evse_id: where.
            power_w: in W; 0 gives nothing.
            current_a: of one phase, in A.

        Returns:
            Whether the machine can be limited.
        """
        ...

    async def transfer(self, message_id: str | None = None, data: object = None) -> VendorAnswer:
        """Send a DataTransfer of the vendor, and return what the CSMS answers, whatever it is (P02).

        Nothing is queued: a message that cannot leave now is refused now.

        Raises:
            NotTransferred: there is no connection, the CSMS has not accepted the station, too many messages wait, or
                the CSMS answered with an error or not at all.
            ValueError, TypeError: it is no valid DataTransfer.
        """
        ...

    def spawn(self, name: str, begin: Callable[[], Coroutine[object, object, None]]) -> None:
        """Run work beside everything else, once, until it ends or this run does; an error in it is logged."""
        ...

    def later(self, seconds: float, action: Callable[[], None]) -> Callable[[], None]:
        """Run an action after a time, unless this run ends before; returns what cancels it.

        One that fails is tried again a few times.
        """
        ...

    def when_online(self, action: Callable[[], None]) -> None:
        """Run an action whenever messages can be sent again: after the CSMS accepted the station, after an outage."""
        ...


class Extension(msgspec.Struct, frozen=True, kw_only=True):
    """What the factory of an entry point returns."""

    vendor_id: str
    """Of its messages, as the CSMS writes it: a domain of the vendor, reversed (P01.FR.02)."""
    life: Callable[[VendorStation], object]
    """A class. Every run of a station makes one object of it, whose methods serve the messages; see `answers`."""
    components: tuple[type[Component], ...] = ()
    """What the station has more, once."""
    evse_components: tuple[type[Component], ...] = ()
    """What each EVSE has more."""


class Installed(msgspec.Struct, frozen=True):
    """An extension, and where it comes from."""

    name: str
    """Of the entry point."""
    package: str
    """The distribution with its version."""
    extension: Extension

    @property
    def label(self) -> str:
        """How it is named to people."""
        return f"{self.name} ({self.package})"

    @property
    def additions(self) -> Iterator[Addition]:
        """What it adds to the device model."""
        yield from (Addition(kind) for kind in self.extension.components)
        yield from (Addition(kind, each_evse=True) for kind in self.extension.evse_components)


def answers(*message_ids: str) -> Callable[[H], H]:
    """Declare the method that answers messages with these messageIds; without any: those that have no messageId.

    It takes a VendorMessage, returns a VendorAnswer, and does not wait: what takes time goes into `VendorAnswer.then`.
    """

    def declare(method: H) -> H:
        setattr(method, _ANSWERS, message_ids or (None,))
        return method

    return declare


def handlers(kind: type) -> dict[str | None, str]:
    """Return messageId -> name of the method that answers. Raises TypeError for a declaration that cannot be."""
    found: dict[str | None, str] = {}
    for name in dir(kind):
        method = getattr(kind, name)
        message_ids: tuple[str | None, ...] = getattr(method, _ANSWERS, ())
        if message_ids:
            _check_method(method)
        for message_id in message_ids:
            if message_id in found:
                raise TypeError(f"{found[message_id]} and {name} of {kind.__name__} both answer messageId {message_id}")
            found[message_id] = name
    return found


def _check_method(method: Callable[..., object]) -> None:
    name = method.__qualname__
    if inspect.iscoroutinefunction(method):
        raise TypeError(f"{name} is async; it has to answer at once, and what takes time goes into VendorAnswer(then=)")
    try:
        inspect.signature(method).bind("self", "message")
    except TypeError:
        raise TypeError(f"{name} does not take just one VendorMessage") from None
