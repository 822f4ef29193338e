"""docs/first-hour.md: each command of the page, as it stands there, on a station that nobody has seen before."""

import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ohmstead.lab.report.model import read
from ohmstead.product.load import load
from tests.first_hour.bench import filled

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "first-hour.md"
COMMANDS: tuple[str, ...] = tuple(
    line for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL) for line in block.splitlines()
)
OURS = Path(sys.executable).parent
WRONG = ("sets-read-only", "stops-unknown")
CASES = {"TC_B_39_CS": "Accepted", "TC_F_09_CS": "wanted Rejected, got Accepted"}
"""Cases of which the test has the campaign run, for its time -> what their failure says."""
HANG = 600.0
"""Seconds after which a command hangs."""


def _free() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])


class Desk:
    """A folder, and the commands of the page run in it, with addresses and ports of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.hand = _free(), _free()
        self._words = {
            "192.0.2.10": "127.0.0.1",
            "0.0.0.0:9000": f"127.0.0.1:{self.port}",
            "8099": str(self.hand),
        }
        self.environment = {
            **os.environ,
            "PATH": f"{OURS}{os.pathsep}{os.environ['PATH']}",
            "XDG_STATE_HOME": str(folder / "state"),
            "PYTHONPATH": str(ROOT),
        }

    def here(self, command: str) -> str:
        """Return a command of the page for this machine."""
        for word, local in self._words.items():
            command = command.replace(word, local)
        return command

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the page; nobody is at its terminal."""
        return subprocess.run(
            self.here(command),
            shell=True,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=HANG,
            check=False,
        )

    @contextmanager
    def running(self, *command: str) -> Iterator[subprocess.Popen[str]]:
        """Run something beside the commands."""
        with (self.folder / "beside.log").open("a") as log:
            process = subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def _command(*words: str) -> str:
    found = [line for line in COMMANDS if set(words) <= set(shlex.split(line))]
    assert len(found) == 1, words
    return found[0]


def test_the_page_is_run_as_it_stands(desk: Desk) -> None:
    url = f"ws://127.0.0.1:{desk.port}/ocpp"
    with desk.running(sys.executable, "-m", "tests.first_hour", url, "0", ",".join(WRONG)) as station:
        assert station.stdout is not None
        bench = int(station.stdout.readline().split()[1])

        described = desk.run(_command("describe"))
        assert described.returncode == 0, described.stderr
        product = load(desk.folder / "my-station.toml")
        assert product.identity.model == "Unknown One"
        assert product.start_points == ("PowerPathClosed",)
        assert "seen: TxCtrlr.TxStartPoint has it" in (desk.folder / "my-station.toml").read_text()

        assert desk.run(_command("adapter")).returncode == 0
        adapter = desk.folder / "adapter.py"
        adapter.write_text(filled(adapter.read_text(), bench))
        with desk.running(*shlex.split(desk.here(_command("python", "adapter.py")))):
            looked = desk.run(_command("preflight"))
            assert "yes  hand: plug" in looked.stdout, looked.stdout + looked.stderr
            assert "then it says StatusNotification Occupied" in looked.stdout
            assert re.search(r"\d+ of \d+ cases can be carried out", looked.stdout)

            first = desk.run(_command("run", "P_01"))
            assert first.returncode == 0, first.stdout + first.stderr
            assert "1 PASS" in first.stdout

            names = " ".join(CASES)
            certified = desk.run(_command("certify").replace("certify", f"certify {names}"))
            assert certified.returncode == 1, certified.stdout + certified.stderr
    report = read((desk.folder / "report" / "report.json").read_bytes())
    assert {case.id: case.verdict for case in report.cases if case.id in CASES} == dict.fromkeys(CASES, "FAIL")
    for case in report.cases:
        assert CASES.get(case.id, "") in case.reason

    judged = desk.run(_command("judge"))
    assert judged.returncode == 0, judged.stdout
    assert "2 of 2 verdicts are the same" in judged.stdout


def test_every_command_of_the_page_is_run() -> None:
    words = (("describe",), ("adapter",), ("python", "adapter.py"), ("preflight",), ("run", "P_01"), ("certify",))
    assert sorted(COMMANDS) == sorted(_command(*word) for word in (*words, ("judge",)))
