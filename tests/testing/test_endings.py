"""Nothing of a station is left when its test is over, however that ends."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ohmstead.cli.interruption import descendants
from ohmstead.testing import ChargingStations
from ohmstead.testing.station import Where
from tests.testing.small_csms import small_csms

USER_TEST = """
def test_waits(charging_station):
    charging_station.blocking({url!r}, product="minimal", where="process", accepted=False).accepted(within=120)
    print("waiting", flush=True)
    charging_station.all[0].wire.expect("Heartbeat", within=600)
"""


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Compare what there is before and after the test: threads, processes, folders."""
    before = _there()
    yield
    left = _there() - before
    assert not left


def _there() -> set[str]:
    threads = {thread.name for thread in threading.enumerate() if thread.name.startswith("station")}
    return threads | {f"process {pid}" for pid in descendants(os.getpid())} | _folders(os.getpid())


def _folders(pid: int) -> set[str]:
    return {path.name for path in Path(tempfile.gettempdir()).glob(f"ohmstead-testing-{pid}-*")}


@pytest.mark.parametrize("where", ["loop", "process"])
def test_of_a_test_that_blocks(where: Where) -> None:
    with small_csms(mute=True) as url:
        stations = ChargingStations()
        try:
            stations.blocking(url, product="minimal", accepted=False, where=where)
            raise AssertionError("the test fails")
        except AssertionError:
            stations.close()


@pytest.mark.parametrize("mute", [False, True], ids=["well", "hanging"])
def test_of_a_loop_that_is_closed_first(mute: bool) -> None:
    """As with a plugin whose loop ends before the fixture does."""
    with small_csms(mute=mute) as url:
        stations = ChargingStations()

        async def fails() -> None:
            await stations(url, product="minimal", accepted=False)
            raise AssertionError("the test fails")

        with pytest.raises(AssertionError):
            asyncio.run(fails())
        stations.close()


def test_of_a_loop_that_outlives_the_test() -> None:
    """As with a loop that all tests of a session share."""
    with small_csms() as url, asyncio.Runner() as runner:
        stations = ChargingStations()
        runner.run(stations(url, product="minimal"))
        stations.close()
        assert len(asyncio.all_tasks(runner.get_loop())) == 0


def test_of_a_session_that_is_interrupted(tmp_path: Path) -> None:
    with small_csms() as url:
        (tmp_path / "test_user.py").write_text(USER_TEST.format(url=url))
        session = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "pytest",
                "-s",
                "-q",
                "-p",
                "no:cacheprovider",
                "--rootdir",
                str(tmp_path),
                tmp_path,
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert session.stdout is not None
        said = ""
        while "waiting" not in said:
            line = session.stdout.readline()
            assert line, f"it has ended by itself: {said}"
            said += line
        started = descendants(session.pid)
        assert started
        session.send_signal(signal.SIGINT)
        rest, _ = session.communicate(timeout=120)
    assert session.returncode == 2, rest
    assert "KeyboardInterrupt" in rest
    assert _folders(session.pid) == set()
    assert [pid for pid in started if Path(f"/proc/{pid}").exists()] == []
