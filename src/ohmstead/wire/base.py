"""What the generated messages are built from: the struct bases, the primitive types, CustomData."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Generic, TypeVar, final

import msgspec

from ohmstead.wire.instants import utc

DateTime = Annotated[datetime, msgspec.Meta(tz=True)]
"""An instant; always with a time zone. What is sent comes from `timestamp`."""

Integer = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
"""OCPP integers have 32 bits and a sign (Part 2, primitive data types)."""


# gc=False: frozen data without cycles need not be looked at by the collector, of which a fleet has a lot.
class Payload(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename="camel", gc=False
):
    """Base of every type that travels. Optional means absent: `None` is never written, and `null` is refused."""


class Response(Payload, frozen=True, kw_only=True):
    """Base of the 64 responses."""


ResponseT_co = TypeVar("ResponseT_co", bound=Response, covariant=True)


class Request(Payload, Generic[ResponseT_co], frozen=True, kw_only=True):
    """Base of the 64 requests; the parameter is the response that answers it."""


NO_DATA = msgspec.Raw(b"")
"""The absent `data` of a DataTransfer."""


DEEPEST = 64
"""Levels of objects and lists in an extension object: it has to fit into the row and the message that carry it on."""


@final
class CustomData:
    """An extension object: `vendorId`, and whatever a vendor puts beside it, carried through untouched (Part 4, 9).

    Attributes:
        fields: the JSON object as decoded, `vendorId` included.
    """

    __slots__ = ("fields",)

    def __init__(self, fields: Mapping[str, object]) -> None:
        """Check `fields`; raises ValueError, in the words of msgspec, if `vendorId` is not a string[255]."""
        if not isinstance(fields, Mapping):
            raise ValueError(f"Expected `object`, got `{_json_type(fields)}`")
        if "vendorId" not in fields:
            raise ValueError("Object missing required field `vendorId`")
        vendor_id = fields["vendorId"]
        if not isinstance(vendor_id, str):
            raise ValueError(f"Expected `str`, got `{_json_type(vendor_id)}`")
        if len(vendor_id) > 255:
            raise ValueError("Expected `str` of length <= 255")
        if _deeper(fields, DEEPEST):
            raise ValueError(f"nested more than {DEEPEST} levels deep")
        self.fields = fields

    @property
    def vendor_id(self) -> str:
        """Who defined the other fields."""
        return str(self.fields["vendorId"])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CustomData) and self.fields == other.fields

    def __hash__(self) -> int:
        return hash(self.vendor_id)

    def __repr__(self) -> str:
        return f"CustomData({self.fields!r})"


def timestamp(moment: datetime) -> datetime:
    """Return `moment` as it is written: UTC, cut to whole seconds.

    Part 2 forbids more than three decimals and recommends none; msgspec writes none or six. `codec.encode` cuts what
    did not pass through here, but a stamp that is cut when it is made is equal to what comes back from a store.
    """
    return utc(moment).replace(microsecond=0)


def _deeper(value: object, levels: int) -> bool:
    if isinstance(value, Mapping):
        return levels == 0 or any(_deeper(item, levels - 1) for item in value.values())
    if isinstance(value, list):
        return levels == 0 or any(_deeper(item, levels - 1) for item in value)
    return False


def _json_type(value: object) -> str:
    names = {type(None): "null", bool: "bool", int: "int", float: "float", str: "str", list: "array", dict: "object"}
    return names.get(type(value), type(value).__name__)
