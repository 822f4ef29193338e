"""What overdoes the cells of docs/limits.md: (edge, column) -> what it does, with small limits."""

from collections.abc import Awaitable, Callable
from pathlib import Path

Overdone = Callable[[Path], Awaitable[None]]
OVERDONE: dict[tuple[str, str], Overdone] = {}
BYTES, BETWEEN, ALL, BESIDES = "Bytes", "Between two bytes", "In all", "Besides"
SHORT = 0.3
"""Seconds of a limit that a test waits for."""
OFTEN = 0.02
"""Seconds between two bytes of somebody who is never silent."""
MUCH = 12 << 20
"""Bytes that an endless talker cannot get rid of: the buffers of both ends, and what is read, are smaller."""


def overdo(edge: str, column: str) -> Callable[[Overdone], Overdone]:
    """Register what overdoes a cell."""

    def register(peer: Overdone) -> Overdone:
        OVERDONE[edge, column] = peer
        return peer

    return register
