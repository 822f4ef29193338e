"""A machine's own log is part of what GetLog uploads, and its mistakes are not the upload's (N01)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from ohmstead.blocks.machine_lines import MOST_BYTES, READ_TIME
from ohmstead.edge.virtual_time import run
from ohmstead.wire import messages as wire
from tests.blocks.test_n_logs import PLACE, ask, told
from tests.runtime.site import START, Site, site

WHOLE = [("Uploading", 1), ("Uploaded", 1)]


class AcmeLog:
    """What a machine writes down."""

    def __init__(self) -> None:
        self.lines: list[str] = ["fan 3 is slow", "relay tripped"]
        self.asked: list[tuple[datetime | None, datetime | None]] = []
        self.error: Exception | None = None
        self.waits = 0.0

    async def read(self, oldest: datetime | None, latest: datetime | None) -> list[str]:
        """Return the lines."""
        self.asked.append((oldest, latest))
        await asyncio.sleep(self.waits)
        if self.error is not None:
            raise self.error
        return self.lines


def _play(scene: Callable[[Site, AcmeLog], Awaitable[None]]) -> None:
    async def life() -> None:
        async with site() as here:
            here.log = log = AcmeLog()
            await here.hand.reboot()
            await asyncio.sleep(30)
            here.csms.received.clear()
            here.servers.places.add(PLACE)
            await scene(here, log)

    run(life(), limit=36_000)


def _uploaded(here: Site) -> str:
    return here.servers.uploads[-1][1].decode()


def test_its_lines_stand_behind_those_of_the_station() -> None:
    async def scene(here: Site, log: AcmeLog) -> None:
        assert (await ask(here)).status is wire.LogStatusEnum.Accepted
        await asyncio.sleep(60)
        assert told(here) == WHOLE
        text = _uploaded(here)
        assert text.endswith("machine:\nfan 3 is slow\nrelay tripped\n")
        assert "registration: Accepted" in text
        assert log.asked == [(None, None)]

    _play(scene)


def test_they_are_asked_for_by_time_and_may_be_all_that_there_is() -> None:
    async def scene(here: Site, log: AcmeLog) -> None:
        long_ago = wire.LogParameters(
            remote_location=PLACE,
            oldest_timestamp=START - timedelta(days=9),
            latest_timestamp=START - timedelta(days=8),
        )
        assert (await ask(here, log=long_ago)).status is wire.LogStatusEnum.Accepted
        await asyncio.sleep(60)
        assert _uploaded(here) == "machine:\nfan 3 is slow\nrelay tripped\n"
        assert log.asked == [(START - timedelta(days=9), START - timedelta(days=8))]

    _play(scene)


def test_the_security_log_is_the_stations_alone() -> None:
    async def scene(here: Site, log: AcmeLog) -> None:
        await ask(here, kind=wire.LogEnum.SecurityLog)
        await asyncio.sleep(60)
        assert told(here) == WHOLE
        assert (log.asked, "fan" in _uploaded(here)) == ([], False)

    _play(scene)


@pytest.mark.parametrize("how", ["raises", "is silent"])
def test_a_log_that_cannot_be_read_is_told_in_its_place(how: str) -> None:
    async def scene(here: Site, log: AcmeLog) -> None:
        log.error = ConnectionError("the bus is gone") if how == "raises" else None
        log.waits = 0 if how == "raises" else 10 * READ_TIME
        await ask(here)
        await asyncio.sleep(2 * READ_TIME)
        assert told(here) == WHOLE
        last = _uploaded(here).splitlines()[-1]
        why = "ConnectionError: the bus is gone" if how == "raises" else f"it did not answer within {READ_TIME:g} s"
        assert last == f"machine: its log could not be read: {why}"

    _play(scene)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("wss://user:secret@csms.example/x", "secret"),
        ("two\nlines\r", "\r"),
        ("\x1b[31mred", "\x1b"),
        ("\udc80 of no text", "\udc80"),
    ],
)
def test_no_line_shows_a_secret_or_does_anything_to_a_terminal(line: str, shown: str) -> None:
    async def scene(here: Site, log: AcmeLog) -> None:
        log.lines = [line]
        await ask(here)
        await asyncio.sleep(60)
        assert told(here) == WHOLE
        tail = _uploaded(here).partition("machine:\n")[2]
        assert shown not in tail
        assert tail.count("\n") == 1

    _play(scene)


def test_of_a_log_without_end_the_newest_lines_are_uploaded() -> None:
    async def scene(here: Site, log: AcmeLog) -> None:
        log.lines = [f"{number:06} {'x' * 1000}" for number in range(MOST_BYTES // 1000 + 500)]
        await ask(here)
        await asyncio.sleep(600)
        tail = _uploaded(here).partition("machine:\n")[2]
        assert len(tail) <= MOST_BYTES
        assert tail.splitlines()[-1] == log.lines[-1]

    _play(scene)
