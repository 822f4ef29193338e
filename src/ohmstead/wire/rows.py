"""What is kept as JSON: rows of a store, with messages and parts of messages in them.

A message may carry customData in each of its types (Part 4, 9), which plain `msgspec.json` neither writes nor reads.
So this is the only way into a row and out of it; `tests/architecture` keeps it so.
"""

from typing import TypeVar

from ohmstead.wire.codec import ENCODER, decoder

T = TypeVar("T")


def to_row(value: object) -> bytes:
    """Return a struct, a message or a collection of them as JSON."""
    return ENCODER.encode(value)


def from_row(row: bytes | str, kind: type[T]) -> T:
    """Return what `to_row` has written. Raises msgspec.DecodeError if it cannot be read."""
    value: T = decoder(kind).decode(row)  # type: ignore[arg-type]  # every type is hashable
    return value
