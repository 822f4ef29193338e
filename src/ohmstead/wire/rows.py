"""What is kept as JSON: rows of a store, with messages and parts of messages in them.

A message may carry customData in each of its types (Part 4, 9), which plain `msgspec.json` neither writes nor reads.
So this is the only way into a row and out of it; `tests/architecture` keeps it so.
"""

from typing import TypeVar

import msgspec

from ohmstead.wire.codec import ENCODER, decoder

T = TypeVar("T")


class RowUnreadable(ValueError):
    """A row that cannot be read: which one, why, and what would help."""


class StoredRow(bytes):
    """The value of a row that knows where it was."""

    place: str

    def __new__(cls, value: bytes, place: str) -> "StoredRow":
        """Make one of a row."""
        self = super().__new__(cls, value)
        self.place = place
        return self


def to_row(value: object) -> bytes:
    """Return a struct, a message or a collection of them as JSON."""
    return ENCODER.encode(value)


def from_row(row: bytes | str, kind: type[T]) -> T:
    """Return what `to_row` has written. Raises msgspec.DecodeError if it cannot be read; RowUnreadable for a Row."""
    try:
        value: T = decoder(kind).decode(row)  # type: ignore[arg-type]  # every type is hashable
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        if not isinstance(row, StoredRow):
            raise
        raise RowUnreadable(
            f"{row.place} cannot be read ({error}): put the file back as it was, or move it away to start anew"
        ) from None
    return value
