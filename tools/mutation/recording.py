"""Which lines each test runs, and how long it takes: a plugin of pytest that runs the tests as ever.

`pytest -p tools.mutation.recording --mutation-record FILE`
"""

import json
from collections import defaultdict
from collections.abc import Generator, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import process_time

import coverage
import pytest

from tools.mutation.operators import Mutant
from tools.mutation.source import ROOT, TARGETS, digest_of, digests, place_of_lines


@dataclass(frozen=True, slots=True)
class Record:
    """What one process, or all of them, saw."""

    seconds: dict[str, float]
    """Test -> seconds of CPU, measured while its lines were noted."""
    lines: dict[str, list[str]]
    """`src/...py:BReset.on_reset:2`, the second line after the function's first -> the tests that ran it."""
    digests: dict[str, str] = field(default_factory=dict)
    """Function -> digest of its source at that time: of another one it is not known which line is which."""
    files: dict[str, str] = field(default_factory=dict)
    """Test file -> digest of its source at that time."""

    def write(self, file: Path) -> None:
        """Write it as JSON, each test by its number."""
        number = {test: index for index, test in enumerate(self.seconds)}
        lines = {line: [number[test] for test in tests] for line, tests in self.lines.items()}
        file.write_text(json.dumps(asdict(self) | {"lines": lines}), encoding="utf-8")

    @classmethod
    def read(cls, files: Iterable[Path]) -> "Record":
        """Read what several processes have written; what was written last about a test file counts."""
        parts = [json.loads(file.read_text(encoding="utf-8")) for file in files]
        last = {test_file: index for index, part in enumerate(parts) for test_file in part["files"]}
        whole = cls({}, {})
        for index, part in enumerate(parts):
            tests = list(part["seconds"])
            counts = {test for test in tests if last.get(file_of(test)) == index}
            whole.seconds.update({test: seconds for test, seconds in part["seconds"].items() if test in counts})
            for line, numbers in part["lines"].items():
                name = line.rpartition(":")[0]
                found = [tests[number] for number in numbers if tests[number] in counts]
                same = whole.digests.setdefault(name, part["digests"][name]) == part["digests"][name]
                whole.lines.setdefault(line if same else f"{name}:", []).extend(found)
            whole.files.update(part["files"])
        return whole

    def joined(self, other: "Record") -> "Record":
        """Return both: what one of them says of a function, and what the other says."""
        lines: dict[str, list[str]] = defaultdict(list)
        for record in (self, other):
            for line, tests in record.lines.items():
                lines[f"{line.rpartition(':')[0]}:"] += tests
        return Record({**self.seconds, **other.seconds}, lines)

    def by_function(self) -> dict[str, set[str]]:
        """Return the tests of each function."""
        found: dict[str, set[str]] = defaultdict(set)
        for line, tests in self.lines.items():
            found[line.rpartition(":")[0]].update(tests)
        return found

    def tests_of(self, mutant: Mutant, digest: str) -> set[str]:
        """Return the tests that run the changed statement; all of its function, where that was another one."""
        name = f"{mutant.path}:{mutant.function}"
        if self.digests.get(name) != digest:
            return {test for line, tests in self.lines.items() if line.rpartition(":")[0] == name for test in tests}
        span = range(mutant.lines[0] - mutant.first_line, mutant.lines[1] - mutant.first_line + 1)
        found = {test for line in span for test in self.lines.get(f"{name}:{line}", [])}
        return found.union(self.lines.get(f"{name}:", []))


def file_of(test: str) -> str:
    """Return the file of a test, by its id."""
    return test.partition("::")[0]


class Recorder:
    """Notes the lines under `TARGETS` that run in a test."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seconds: dict[str, float] = {}
        self._failed: set[str] = set()
        self._files: dict[str, str] = {}
        places = [f"{ROOT / target}/*" for target in TARGETS]
        self._coverage = coverage.Coverage(data_file=None, include=places, config_file=False)
        self._coverage.start()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note what the files of the tests are now."""
        self._files = {name: digest_of(ROOT / name) for name in {file_of(item.nodeid) for item in session.items}}

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
        place_of = place_of_lines()
        lines: dict[str, list[str]] = {}
        for file in data.measured_files():
            path = Path(file).relative_to(ROOT).as_posix()
            for line, contexts in data.contexts_by_lineno(file).items():
                tests = sorted(test for test in contexts if test and test not in self._failed)
                if tests and (path, line) in place_of:
                    lines[place_of[path, line]] = tests
        ran = {test for tests in lines.values() for test in tests}
        seconds = {test: seconds for test, seconds in self._seconds.items() if test in ran}
        Record(seconds, lines, digests(), self._files).write(self._file)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the file to write."""
    parser.addoption("--mutation-record", type=Path, required=True)


def pytest_configure(config: pytest.Config) -> None:
    """Begin."""
    config.pluginmanager.register(Recorder(config.getoption("--mutation-record")))
