"""`ohmstead fleet run` as a program: at a CSMS that keeps books, and ended by Ctrl-C in the middle."""

# ruff: noqa: TID251 - these programs run in real time

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import msgspec
import pytest

from ohmstead.fleet.report import FleetReport

ROOT = Path(__file__).parents[2]
PATIENCE = 240.0
"""Seconds for programs that take ten, on a machine that is busy with other tests."""
PLAN = """
duration = "{duration}"
ramp = "0.5s"
drain = "2m"
shards = 2
[[group]]
count = 3
identity = "PR-{{number}}"
arrivals_per_hour = 3600
stay = ["2s", "4s"]
[csms]
url = "{url}"
"""


def fleet(folder: Path, url: str, duration: str, more: str = "", *options: str) -> subprocess.Popen[str]:
    """Start a fleet; its report goes to `report` in the folder, what it keeps while it runs to `temporary`."""
    temporary = folder / "temporary"
    temporary.mkdir()
    file = folder / "fleet.toml"
    file.write_text(PLAN.format(url=url, duration=duration) + more, "utf-8")
    command = [sys.executable, "-m", "ohmstead", "fleet", "run", str(file), "-o", str(folder / "report"), *options]
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )


def report(folder: Path) -> FleetReport:
    """Return the report."""
    return msgspec.json.decode((folder / "report" / "fleet.json").read_bytes(), type=FleetReport)


class Books(msgspec.Struct):
    """What the sink says at its end."""

    transactions: int
    open: int
    events: int
    missing: int
    energy_wh: float
    faults: list[str]


@pytest.mark.parametrize("peer", ["sink", "ocpp_csms"])
def test_books_of_the_csms_and_the_report_agree(tmp_path: Path, peer: str) -> None:
    sink = subprocess.Popen(
        [sys.executable, "-m", f"benchmarks.{peer}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        assert sink.stdout is not None
        program = fleet(tmp_path, sink.stdout.readline().strip(), "12s", "security_profile = 0\n")
        said, wrong = program.communicate(timeout=PATIENCE)
        assert program.returncode == 0, said + wrong
        books = msgspec.json.decode(sink.communicate("", timeout=PATIENCE)[0], type=Books)
    finally:
        sink.kill()
    told = report(tmp_path)
    assert (told.verdict, told.accepted, told.processes) == ("PASS", 3, 2)
    assert (books.faults, books.missing, books.open) == ([], 0, 0)
    assert told.transactions == books.transactions > 0
    assert told.events == told.events_answered == books.events
    assert told.energy_wh == pytest.approx(books.energy_wh, abs=0.2 * books.transactions)
    assert "fleet.html" in said.splitlines()[-1]
    assert wrong == ""
    assert list((tmp_path / "temporary").iterdir()) == []


def test_control_c_ends_it_with_the_report_of_what_was(tmp_path: Path) -> None:
    program = fleet(tmp_path, "embedded", "1h", "", "--metrics", "0")
    assert program.stdout is not None
    first = program.stdout.readline()
    for line in program.stdout:
        if " 3/3 accepted" in line:
            break
    with urllib.request.urlopen(first.removeprefix("metrics: ").strip(), timeout=PATIENCE) as answer:
        assert "ohmstead_fleet_accepted_stations 3.0" in answer.read().decode().splitlines()
    os.killpg(program.pid, signal.SIGINT)
    said, wrong = program.communicate(timeout=PATIENCE)
    assert program.returncode == 128 + signal.SIGINT, said + wrong
    assert "Traceback" not in wrong
    told = report(tmp_path)
    assert told.interrupted
    assert told.accepted == 3
    text = (tmp_path / "report" / "fleet.json").read_text("utf-8")
    assert "assword" not in text
    assert list((tmp_path / "temporary").iterdir()) == []
    deadline = time.monotonic() + PATIENCE
    while children(program.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert children(program.pid) == []


def children(leader: int) -> list[str]:
    """Return the processes of a fleet that are there still: each has a session of its own, and the program's file."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_bytes().rpartition(b")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        if parent == leader:
            found.append(entry.name)
    return found
