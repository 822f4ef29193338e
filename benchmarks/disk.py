"""What the disk itself takes to make a few hundred bytes durable: the floor below every commit."""

import os
from functools import partial
from pathlib import Path

from benchmarks.measure import figure_of_rounds, in_rounds, microseconds
from benchmarks.report import Row
from ohmstead.edge.store_sqlite import SqliteStore
from ohmstead.ports.store import Put

SECTION = "The disk"
ROW = b"x" * 400
ROUND = 30
"""Writes of a round."""


def measure(folder: Path, *, writes: int) -> list[Row]:
    """Measure an append with fdatasync and a commit of the store with one row, which take turns."""
    raw, commits = [], []
    file = os.open(folder / "append", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    store = SqliteStore(folder / "commits.db")
    try:
        for number in range(writes):
            raw.append(microseconds(lambda: _append(file), 1) / 1000)
            row = Put("bench", f"{number:06d}", ROW)
            commits.append(microseconds(partial(store.commit, [row]), 1) / 1000)
    finally:
        os.close(file)
        store.close()
    return [
        Row(
            section=SECTION,
            what=f"append of {len(ROW)} bytes and fdatasync",
            ours=figure_of_rounds(in_rounds(raw, ROUND), "ms"),
        ),
        Row(
            section=SECTION,
            what=f"commit of a row of {len(ROW)} bytes",
            ours=figure_of_rounds(in_rounds(commits, ROUND), "ms"),
        ),
    ]


def _append(file: int) -> None:
    os.write(file, ROW)
    os.fdatasync(file)
