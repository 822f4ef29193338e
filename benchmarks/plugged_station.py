"""The station of `ohmstead run` with a hand on a pipe: `python -m benchmarks.plugged_station URL IDENTITY FOLDER`.

Reads `plug` and `unplug` from standard input; says on standard output at which nanosecond of the monotonic clock the
hand acted.
"""

import asyncio
import sys
import time
from pathlib import Path

import uvloop

from benchmarks.csms import PASSWORD
from ohmstead.cli.run.data import open_folder
from ohmstead.cli.run.site import RunSite
from ohmstead.product.load import load
from ohmstead.runtime.config import StationConfig

PRODUCT = "sec1000-240y"


async def main(url: str, identity: str, folder: str) -> None:
    """Run until standard input ends."""
    directory = Path(folder)
    site = RunSite(load(PRODUCT), open_folder(directory / identity, PRODUCT))
    root = (directory / "root.pem").read_text()
    site.host.config = StationConfig(identity=identity, csms_url=url, password=PASSWORD, roots=(root,))
    hand = site.hand
    assert hand is not None
    running = asyncio.create_task(site.host.run(), name="host")
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := (await reader.readline()).decode().strip():
        at = time.monotonic_ns()
        await (hand.plug(1) if line == "plug" else hand.unplug(1))
        print(at, flush=True)
    running.cancel()
    await asyncio.wait([running])


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:4]))
