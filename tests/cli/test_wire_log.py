"""The wire log: what it writes, and that a full disk costs lines and nothing else."""

import asyncio
import json
import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ohmstead.cli.run.wire_log import WireLog
from ohmstead.edge.clock import LoopClock
from ohmstead.rpc.connection import Direction

FRAME = '[2,"1","Heartbeat",{}]'


Write = Callable[[WireLog], None]


def written(path: Path, *steps: Write) -> None:
    """Open a log on a path, let each step write, close it."""

    async def live() -> None:
        log = WireLog(path, "CS-1", LoopClock(), 1 << 20)
        for step in steps:
            step(log)
        log.close()

    asyncio.run(live())


def see(log: WireLog) -> None:
    """Write one frame."""
    log.seen(Direction.Sent, FRAME)


def test_each_frame_is_a_line(tmp_path: Path) -> None:
    written(tmp_path / "wire.jsonl", see, see)
    lines = [json.loads(line) for line in (tmp_path / "wire.jsonl").read_text().splitlines()]
    assert [(line["number"], line["station"], line["action"]) for line in lines] == [
        (1, "CS-1", "Heartbeat"),
        (2, "CS-1", "Heartbeat"),
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said_once_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        written(Path("/dev/full"), see, see)
    (said,) = caplog.messages
    assert said == "--log-wire /dev/full: No space left on device; frames are missing from now on"


def test_a_torn_line_does_not_run_into_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that stops half way, as on a disk that fills up."""
    path, write = tmp_path / "wire.jsonl", os.write

    def tear(log: WireLog) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", lambda file, data: write(file, data[:20]))
            see(log)

    written(path, tear, see)
    torn, line = path.read_text().splitlines()
    assert len(torn) == 20
    assert json.loads(line)["number"] == 2
