"""What the processes of a fleet say to each other: one JSON object a line, on standard input and output."""

import asyncio
import os
import sys

import msgspec

from ohmstead.fleet.plan import FleetPlan
from ohmstead.fleet.station import FleetAccess
from ohmstead.fleet.tally import ShardTally

LONGEST = 1 << 24
"""Bytes of a line: the passwords of thousands of stations."""


class ShardOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What a shard is to run. It is told on standard input, for it has passwords."""

    plan: FleetPlan
    access: FleetAccess
    number: int
    of: int


class ShardLine(msgspec.Struct, frozen=True, kw_only=True):
    """How a shard stands."""

    tally: ShardTally
    done: bool = False
    """It is the last line."""


class EmbeddedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the embedded CSMS is to know."""

    passwords: dict[str, str]
    """By identity."""
    cards: tuple[tuple[str, str], ...]
    """Id token and its type."""
    tls: bool

    def __repr__(self) -> str:
        return f"EmbeddedOrder(tls={self.tls})"


class EmbeddedLine(msgspec.Struct, frozen=True, kw_only=True):
    """Where it listens."""

    url: str
    root: str = ""
    """PEM."""


async def standard_input() -> asyncio.StreamReader:
    """Return what the parent says."""
    reader = asyncio.StreamReader(limit=LONGEST)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def tell(line: msgspec.Struct) -> None:
    """Say a line to the parent, who reads at all times."""
    rest = memoryview(msgspec.json.encode(line) + b"\n")
    while rest:
        rest = rest[os.write(1, rest) :]
