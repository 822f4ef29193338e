"""SIGINT and SIGTERM at any moment: the exit code says so, nobody sees a traceback, and no process stays behind."""

# ruff: noqa: TID251 - these programs run in real time

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.generators import examples

HANGS = 60.0
"""Seconds after which a program that should end in two has not, on a machine that is busy with other tests."""
LONGEST = 3.0
"""Seconds to the latest moment: imports, the first cases, stations that start."""
MOMENTS = examples(10, 40)
EXTERNAL = ("--bench", "external", "--product", "sec1000-240y", "--csms-listen", "ws://127.0.0.1:0")

COMMANDS: dict[str, tuple[str, ...]] = {
    "run": ("run", "--headless", "--port", "0", "--csms-port", "0", "--data", "{folder}/data"),
    "lab run in memory": ("lab", "run", "--json", "{folder}/results.json", "--junit", "{folder}/results.xml"),
    "lab run on the wire": ("lab", "run", "--bench", "wire"),
    "lab run on a station that does not come": ("lab", "run", *EXTERNAL, "--hand", "http://127.0.0.1:9"),
    "describe": ("lab", "describe", "--csms-listen", "ws://127.0.0.1:0"),
    "preflight": ("lab", "preflight", *EXTERNAL[2:], "--hand", "http://127.0.0.1:9"),
    "adapter": ("lab", "adapter"),
    "diff": ("lab", "diff", "sec1000-240y", "depot"),
    "lab run by lines": ("lab", "run", "--lines"),
    "certify": ("certify", "-o", "{folder}/report"),
    "certify on the wire": ("certify", "--bench", "wire", "-o", "{folder}/report"),
    "perf": ("lab", "perf"),
    "judge": ("lab", "judge", "{report}"),
    "import": ("product", "import", "{report}/report.json"),
    "list": ("lab", "list"),
}

SHORT = ("judge", "import", "list", "adapter")
"""May be at their end just when the signal comes."""


class Program:
    """A command as a process, in a session of its own like one at a terminal.

    Attributes:
        process: that was started.
    """

    def __init__(self, arguments: list[str], folder: Path) -> None:
        self._mark = f"OHMSTEAD_TEST_{Random().getrandbits(64):x}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ohmstead", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, self._mark: "", "XDG_STATE_HOME": str(folder / "state"), "TMPDIR": str(folder)},
            cwd=folder,
            start_new_session=True,
        )

    def begun(self) -> None:
        """Wait until it is our program that hears of signals, and no longer the interpreter, which starts."""
        while self.process.poll() is None and not self._takes(signal.SIGTERM):
            time.sleep(0.002)

    def _takes(self, number: signal.Signals) -> bool:
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return False
        return bool(int(status.partition("SigCgt:")[2].split()[0], 16) >> (number - 1) & 1)

    def strike(self, number: signal.Signals, times: int = 1) -> None:
        """Send a signal to all of its group, as a terminal does."""
        for _ in range(times):
            if self.process.poll() is None:
                os.killpg(self.process.pid, number)

    def ended(self) -> tuple[int, str]:
        """Wait for the end; return the exit code and what was said on stderr."""
        _, said = self.process.communicate(timeout=HANGS)
        return self.process.returncode, said.decode()

    def left(self) -> list[int]:
        """Return the processes that are there still, and have been started by it."""
        deadline = time.monotonic() + HANGS
        while (found := list(self._marked())) and time.monotonic() < deadline:
            time.sleep(0.02)
        return found

    def _marked(self) -> Iterator[int]:
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if self._mark.encode() in (entry / "environ").read_bytes():
                        yield int(entry.name)
                except OSError:
                    continue


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a report of enough cases to be judged for a while."""
    folder = tmp_path_factory.mktemp("judged")
    program = Program(["certify", "--network", "none", "-o", str(folder / "report"), "C_08", "C_32", "E_31"], folder)
    code, said = program.ended()
    assert code == 0, said
    return folder / "report"


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("name", COMMANDS)
def test_at_any_moment(name: str, report: Path, tmp_path: Path) -> None:
    """Drawn by a seed; a third of the signals comes twice at once, as `timeout -s INT` sends them."""
    draw = Random(f"interrupted {name}")
    for moment in range(MOMENTS):
        folder = tmp_path / str(moment)
        folder.mkdir()
        arguments = [argument.format(folder=folder, report=report) for argument in COMMANDS[name]]
        number = draw.choice((signal.SIGINT, signal.SIGTERM))
        after, times = draw.choice((0.0, draw.uniform(0, 0.5), draw.uniform(0, LONGEST))), draw.choice((1, 1, 2))
        program = Program(arguments, folder)
        program.begun()
        time.sleep(after)
        over_before = program.process.poll() is not None
        program.strike(number, times)
        code, said = program.ended()
        told = f"{name}, {number.name} {times} times after {after:.2f} s: {code}, {said}"
        assert code == 128 + number or (
            (code == 0 and (over_before or name in SHORT)) or (code == 1 and name == "diff")
        ), told
        assert "Traceback" not in said, told
        assert "Error" not in said, told
        assert program.left() == [], told
        assert [path.name for path in folder.glob("ohmstead-*")] == [], told


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_before_anything_is_imported(tmp_path: Path) -> None:
    """The interpreter itself may be what the signal meets; whoever looks at the exit code sees no difference."""
    for _ in range(examples(5, 50)):
        program = Program(["lab", "run"], tmp_path)
        program.strike(signal.SIGTERM)
        code, _ = program.ended()
        assert code in (128 + signal.SIGTERM, -signal.SIGTERM)
        assert program.left() == []


STUCK = """
import ctypes, os, signal
from ohmstead.cli import interruption
interruption.install()
os.write(1, b"!")
{}
"""


@pytest.mark.parametrize(
    "work",
    [
        "with interruption.gently(lambda: None):\n    while True: pass",
        "signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,)); os.read(0, 1)",
        "while True: ctypes.CDLL(None).sleep(1000)",
    ],
    ids=["goes on regardless", "hears of nothing", "is in a library"],
)
def test_what_does_not_end_is_ended(work: str) -> None:
    """After two seconds the program is gone, whatever its main thread does."""
    process = subprocess.Popen(
        [sys.executable, "-c", STUCK.format(work)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.read(1) == b"!"
    process.send_signal(signal.SIGINT)
    assert process.wait(HANGS) == 130
    process.communicate()
