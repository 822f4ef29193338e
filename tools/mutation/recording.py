"""Which functions each test runs, and how long it takes: a plugin of pytest that runs the tests as ever.

`pytest -p tools.mutation.recording --mutation-record FILE`
"""

import json
import sys
from collections.abc import Generator
from pathlib import Path
from time import process_time
from types import CodeType, FrameType

import pytest

from tools.mutation.source import ROOT, TARGETS


class Recorder:
    """Notes the functions under `TARGETS` that are called while a test runs."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._tests: dict[str, dict[str, object]] = {}
        self._failed: set[str] = set()
        self._codes: set[CodeType] = set()
        self._within = tuple(f"{ROOT / target}/" for target in TARGETS)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, None, None]:
        """Watch one test with its fixtures."""
        self._codes = set()
        began = process_time()
        sys.setprofile(self._called)
        yield
        sys.setprofile(None)
        functions = sorted({name(code) for code in self._codes if code.co_filename.startswith(self._within)})
        if functions:
            self._tests[item.nodeid] = {"seconds": round(process_time() - began, 3), "functions": functions}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Generator[None, None, None]:
        """A test that fails without a mutant notices none."""
        yield
        if not report.passed:
            self._tests.pop(report.nodeid, None)
            self._failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write what was found."""
        kept = {test: seen for test, seen in self._tests.items() if test not in self._failed}
        self._file.write_text(json.dumps(kept), encoding="utf-8")

    def _called(self, frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            self._codes.add(frame.f_code)


def name(code: CodeType) -> str:
    """Name the function that a code object belongs to, as `Mutant` does: `src/...py:BReset.on_reset`."""
    qualified = code.co_qualname.split(".<locals>")[0]
    return f"{Path(code.co_filename).relative_to(ROOT).as_posix()}:{qualified}"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the file to write."""
    parser.addoption("--mutation-record", type=Path, required=True)


def pytest_configure(config: pytest.Config) -> None:
    """Begin."""
    config.pluginmanager.register(Recorder(config.getoption("--mutation-record")))
