"""`python -m tests.first_hour URL BENCH_PORT [SEED | BUG,BUG]`: the unknown station as a process."""

import asyncio
import sys

from tests.first_hour.bugs import BUGS, drawn
from tests.first_hour.station import UnknownStation

PASSWORD = "a-password-of-its-own"


def chosen(text: str) -> frozenset[str]:
    """Return the bugs that a seed draws, or those that are named."""
    if text.isdigit():
        return drawn(int(text))
    names = frozenset(filter(None, text.split(",")))
    assert names <= BUGS.keys(), f"known bugs are {', '.join(BUGS)}"
    return names


async def main(url: str, port: int, bugs: str = "") -> None:
    """Run for ever; the first line says at which port the bench listens."""
    station = UnknownStation(PASSWORD, bugs=chosen(bugs))
    server = await asyncio.start_server(station.serve, "127.0.0.1", port)
    print("bench", server.sockets[0].getsockname()[1], flush=True)
    await station.run(url)


asyncio.run(main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]))
