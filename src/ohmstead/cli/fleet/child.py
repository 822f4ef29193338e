"""A process with a share of a fleet: `python -m ohmstead.cli.fleet.child`, for `ohmstead fleet run`.

It reads its order, says how it stands once a second, and ends when its plan has ended or its parent says something.
"""

import asyncio
import contextlib
import logging
from pathlib import Path

import msgspec

from ohmstead.cli.fleet.lines import ShardLine, ShardOrder, standard_input, tell
from ohmstead.cli.logs import log_to_stderr
from ohmstead.cli.run.live import loop_factory
from ohmstead.edge.private_files import temporary_folder
from ohmstead.fleet.shard import Shard

EVERY = 1.0
"""Seconds between two lines."""


async def live() -> None:
    """Run the order that standard input brings."""
    parent = await standard_input()
    order = msgspec.json.decode(await parent.readline(), type=ShardOrder)
    with temporary_folder("fleet") as folder:
        shard = Shard(order.plan, order.access, Path(folder), number=order.number, of=order.of)
        running = asyncio.create_task(shard.run(), name="shard")
        told = asyncio.create_task(parent.readline(), name="parent")
        while not (await asyncio.wait((running, told), timeout=EVERY, return_when=asyncio.FIRST_COMPLETED))[0]:
            tell(ShardLine(tally=shard.tally()))
        tell(ShardLine(tally=shard.tally(), done=True))
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def main() -> None:
    """Run until the end of the plan, or of the parent."""
    log_to_stderr(logging.CRITICAL)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(live())


if __name__ == "__main__":
    main()
