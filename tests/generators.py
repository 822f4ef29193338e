"""How much of a generator runs: a sample in `make test`, the whole of it in `make nightly`."""

import os
from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")

WHOLE = os.environ.get("OHMSTEAD_NIGHTLY") == "1"
"""Set by `make nightly`."""


def sample(cells: Sequence[T], size: int, seed: str = "ohmstead") -> list[T]:
    """All cells in the nightly run, else `size` of them, drawn by a seed, in their order."""
    if WHOLE or size >= len(cells):
        return list(cells)
    drawn = sorted(Random(seed).sample(range(len(cells)), size))
    return [cells[index] for index in drawn]


def examples(few: int, many: int) -> int:
    """How many examples of a property are tried: `few` in `make test`, `many` in the nightly run."""
    return many if WHOLE else few
