"""A CSMS made of the npm package `ocpp-rpc`, in strict mode: `python -m benchmarks.ocpp_rpc_csms FOLDER`.

FOLDER is where `npm install ocpp-rpc` was run; Node.js serves with `ocpp_rpc_csms.cjs`. It prints its URL, and at the
end of standard input the same books as `benchmarks.sink`, kept of what the package was given; what the package refused
stands among the faults.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import msgspec

from benchmarks.sink import Sink

PROGRAM = Path(__file__).with_suffix(".cjs")
LONGEST = 1_000_000
"""Characters in a line of the program."""


async def main(folder: Path) -> None:
    """Serve until standard input ends."""
    sink = Sink()
    node = await asyncio.create_subprocess_exec(
        *("node", str(PROGRAM)),
        stdin=PIPE,
        stdout=PIPE,
        limit=LONGEST,
        env={**os.environ, "NODE_PATH": str(folder / "node_modules")},
    )
    assert node.stdin is not None
    assert node.stdout is not None
    keeping = asyncio.create_task(keep(node.stdout, sink))
    await asyncio.to_thread(sys.stdin.read)
    node.stdin.close()
    await keeping
    print(msgspec.json.encode(sink.summary()).decode(), flush=True)


async def keep(lines: asyncio.StreamReader, sink: Sink) -> None:
    """Enter what the program says into the books, until it ends."""
    while line := await lines.readline():
        kind, *words = msgspec.json.decode(line, type=list[str])
        match kind:
            case "url":
                print(words[0], flush=True)
            case "frame":
                sink.note(*words)
            case _:
                sink.faults.append(": ".join(words))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
