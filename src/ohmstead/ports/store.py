"""What survives a power cut: rows of bytes, changed by atomic commits.

The port is synchronous on purpose: a change of facts and the message that reports it are one commit, made before a
frame leaves.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec


class StoreFailed(Exception):
    """What has to be kept could not be (disk full, I/O error): a commit, a key; nothing of it is visible."""


class StoreSevered(Exception):
    """The store was cut off from its station by a power cut; what still runs without power writes nothing."""


class Put(msgspec.Struct, frozen=True):
    """Write one row."""

    kind: str
    """The kind of row: `variable`, `session`, `outbox` ..."""
    key: str
    value: bytes


class Delete(msgspec.Struct, frozen=True):
    """Remove one row; a row that is absent stays absent."""

    kind: str
    key: str


Write = Put | Delete


class Store(Protocol):
    """A durable table of (kind, key) -> bytes."""

    def get(self, kind: str, key: str) -> bytes | None:
        """Return a committed row, or None."""
        ...

    def rows(self, kind: str) -> list[tuple[str, bytes]]:
        """Return the committed rows of a kind, sorted by key."""
        ...

    def commit(self, writes: Sequence[Write]) -> None:
        """Make all the writes durable together, in order, or none. Raises StoreFailed."""
        ...

    def close(self) -> None:
        """Release the store; later use raises StoreSevered."""
        ...
