"""The whole run: how much of each, in which order."""

import tempfile
from pathlib import Path

import msgspec

from benchmarks import backlog, codec, disk, live, startup
from benchmarks.csms import listening
from benchmarks.report import Results, machine, results


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How much is measured."""

    codec_rounds: int
    codec_seconds: float
    rounds: int
    calls: int
    """A round."""
    plugs: int
    """A round."""
    starts: int
    writes: int
    waiting: int
    """Events in the outbox."""


FULL = Size(codec_rounds=15, codec_seconds=0.15, rounds=15, calls=100, plugs=10, starts=5, writes=300, waiting=100_000)
SMOKE = Size(codec_rounds=2, codec_seconds=0.002, rounds=2, calls=5, plugs=1, starts=1, writes=3, waiting=50)


async def everything(size: Size, directory: Path) -> Results:
    """Measure everything; the stations' files lie in the directory, for its disk is part of what is measured."""
    about = machine()
    rows = codec.measure(size.codec_rounds, size.codec_seconds)
    with tempfile.TemporaryDirectory(dir=directory, prefix="run-") as name:
        folder = Path(name)
        rows += disk.measure(folder, writes=size.writes)
        async with listening(folder) as csms:
            rows += await live.measure(csms, folder, rounds=size.rounds, calls=size.calls, plugs=size.plugs)
            rows += await backlog.measure(csms, folder, waiting=size.waiting)
            rows += await startup.measure(csms, folder, starts=size.starts)
    return results(rows, about)
