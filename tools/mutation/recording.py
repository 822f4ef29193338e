"""Which lines each test runs, and how long it takes: a plugin of pytest that runs the tests as ever.

`pytest -p tools.mutation.recording --mutation-record FILE`
"""

import json
from collections.abc import Generator, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import process_time

import coverage
import pytest

from tools.mutation.operators import Mutant
from tools.mutation.source import ROOT, TARGETS


@dataclass(frozen=True, slots=True)
class Record:
    """What one process, or all of them, saw."""

    seconds: dict[str, float]
    """Test -> seconds of CPU, measured while its lines were noted."""
    lines: dict[str, list[str]]
    """`src/...py:12` -> the tests that ran the line."""

    def write(self, file: Path) -> None:
        """Write it as JSON, each test by its number."""
        number = {test: index for index, test in enumerate(self.seconds)}
        lines = {line: [number[test] for test in tests] for line, tests in self.lines.items()}
        file.write_text(json.dumps(asdict(Record(self.seconds, {})) | {"lines": lines}), encoding="utf-8")

    @classmethod
    def read(cls, files: Iterable[Path]) -> "Record":
        """Read what several processes have written."""
        seconds: dict[str, float] = {}
        lines: dict[str, list[str]] = {}
        for file in files:
            data = json.loads(file.read_text(encoding="utf-8"))
            tests = list(data["seconds"])
            seconds.update(data["seconds"])
            for line, numbers in data["lines"].items():
                lines.setdefault(line, []).extend(tests[number] for number in numbers)
        return cls(seconds, lines)

    def tests_of(self, mutant: Mutant) -> set[str]:
        """Return the tests that run the changed statement."""
        span = range(mutant.lines[0], mutant.lines[1] + 1)
        return {test for line in span for test in self.lines.get(f"{mutant.path}:{line}", [])}


class Recorder:
    """Notes the lines under `TARGETS` that run in a test."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seconds: dict[str, float] = {}
        self._failed: set[str] = set()
        places = [f"{ROOT / target}/*" for target in TARGETS]
        self._coverage = coverage.Coverage(data_file=None, include=places, config_file=False)
        self._coverage.start()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, None, None]:
        """Watch one test with its fixtures."""
        began = process_time()
        self._coverage.switch_context(item.nodeid)
        yield
        self._coverage.switch_context("")
        self._seconds[item.nodeid] = round(process_time() - began, 3)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Generator[None, None, None]:
        """A test that fails without a mutant notices none."""
        yield
        if not report.passed:
            self._failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write what was found."""
        self._coverage.stop()
        data = self._coverage.get_data()
        lines: dict[str, list[str]] = {}
        for file in data.measured_files():
            path = Path(file).relative_to(ROOT).as_posix()
            for line, contexts in data.contexts_by_lineno(file).items():
                lines[f"{path}:{line}"] = sorted(test for test in contexts if test and test not in self._failed)
        ran = {test for tests in lines.values() for test in tests}
        Record({test: seconds for test, seconds in self._seconds.items() if test in ran}, lines).write(self._file)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the file to write."""
    parser.addoption("--mutation-record", type=Path, required=True)


def pytest_configure(config: pytest.Config) -> None:
    """Begin."""
    config.pluginmanager.register(Recorder(config.getoption("--mutation-record")))
