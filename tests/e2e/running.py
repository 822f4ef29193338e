"""`ohmstead run` as a process of its own, for tests and tools that use it as a script would."""

# ruff: noqa: TID251 - these stations run in real time

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

PATIENCE = 60.0
"""Seconds for anything that should take one or two, on a machine that is busy with other tests."""
Json = dict[str, object]


class Running:
    """A station that runs, with its control API.

    Attributes:
        started_at: wall time at which the process was started.
        said: the line with which it said that it is ready.
    """

    def __init__(self, *options: str, errors: int | None = None) -> None:
        self.started_at = datetime.now(UTC)
        command = [sys.executable, "-m", "ohmstead.cli.main", "run", "--headless", "--port", "0"]
        if "--csms" not in options:
            command += ["--csms-port", "0"]
        self.process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=errors, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the process ended with {self.process.wait(PATIENCE)}"
        self.said: Json = json.loads(line)

    @property
    def api(self) -> str:
        """The control API's URL."""
        return str(self.said["api"])

    def get(self, path: str) -> Json:
        """Return what the API says."""
        return self._ask(urllib.request.Request(f"{self.api}/api/v1/{path}"))

    def hand(self, action: str, **body: object) -> Json:
        """Do something at the station."""
        return self.ask(f"hand/{action}", **body)

    def ask(self, path: str, **body: object) -> Json:
        """Post something to the API."""
        request = urllib.request.Request(f"{self.api}/api/v1/{path}", json.dumps(body).encode())
        request.add_header("content-type", "application/json")
        return self._ask(request)

    def set(self, component: str, variable: str, value: str) -> Json:
        """Set a variable as the local operator."""
        body = {"component": component, "variable": variable, "value": value}
        request = urllib.request.Request(f"{self.api}/api/v1/variables", json.dumps(body).encode(), method="PUT")
        request.add_header("content-type", "application/json")
        return self._ask(request)

    def _ask(self, request: urllib.request.Request) -> Json:
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                answer: Json = json.load(response)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{request.full_url}: {error.code} {error.read().decode()}") from None
        return answer

    def evse(self, number: int) -> Json:
        """Return an EVSE of the snapshot."""
        evses = self.get("station")["evses"]
        assert isinstance(evses, list)
        found: Json = evses[number - 1]
        return found

    def session(self, number: int) -> Json:
        """Return the session of an EVSE; empty where there is none."""
        session = self.evse(number)["session"]
        return session if isinstance(session, dict) else {}

    def until(self, what: str, condition: Callable[[], bool]) -> None:
        """Wait for something to become true."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"in vain waited for: {what}"
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a crash does."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """End it in good order; return how many seconds that took."""
        begun = time.monotonic()
        self.process.send_signal(number)
        assert self.process.wait(PATIENCE) == 128 + number
        return time.monotonic() - begun

    def memory_mb(self) -> float:
        """Return the resident memory of the process, in MB of 10^6 bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return float(status.partition("VmRSS:")[2].split()[0]) * 1024 / 1e6


@contextmanager
def running(*options: str, errors: int | None = None) -> Iterator[Running]:
    """Run a station for the length of the block, and leave nothing behind."""
    station = Running(*options, errors=errors)
    try:
        yield station
    finally:
        if station.process.poll() is None:
            station.kill()
        if station.process.stdout is not None:
            station.process.stdout.close()


def wire(log: Path) -> list[Json]:
    """Return the lines of a wire log."""
    return [json.loads(line) for line in log.read_text().splitlines()]


def events(log: Path) -> list[Json]:
    """Return the TransactionEvents of a wire log, in the order in which they left first."""
    first: dict[str, Json] = {}
    for line in wire(log):
        if line["kind"] == "CALL" and line["action"] == "TransactionEvent":
            payload = line["payload"]
            assert isinstance(payload, dict)
            first.setdefault(str(line["message_id"]), payload)
    return list(first.values())


def refused(*options: str) -> tuple[int, str]:
    """Run `ohmstead run` with options that cannot work; return exit code and stderr."""
    command = [sys.executable, "-m", "ohmstead.cli.main", "run", *options]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE, env={**os.environ, "COLUMNS": "200"}, check=False
    )
    assert done.stdout == ""
    return done.returncode, done.stderr
