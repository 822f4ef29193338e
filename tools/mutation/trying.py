"""Tries mutants, each in a process of its own, until a test fails: a plugin of pytest in the place of its loop.

`pytest -p tools.mutation.trying --mutation-plan FILE --mutation-results FILE`: the tests are collected once, and every
mutant is a fork in which the code of one function is another. The plan says which tests run a statement.
"""

import gc
import json
import os
import resource
import select
import signal
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from time import monotonic, process_time
from types import CodeType, FunctionType

import pytest
from _pytest.runner import runtestprotocol

from tools.mutation.operators import Mutant, mutated
from tools.mutation.source import ROOT, TARGETS

PATIENCE = 5
"""How many times as long as a test takes without a change, before it counts as one that never ends."""
LEAST = 8
"""Seconds of CPU that every test has."""
IDLE = 20
"""How many times that by the wall clock: the cores are shared."""
MEMORY = 2 * 1024**3
"""Bytes that a mutant may have: one that never ends may also never stop to collect."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a mutant."""

    key: str
    digest: str
    """Of the function."""
    outcome: str
    """killed, timeout, survived, unfinished (it lives after the seconds that a mutant has), unreached (no test runs the
    statement), or broken (the change could not be made)."""
    killer: str = ""
    """The first test that failed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one process is to try."""

    mutants: list[Mutant]
    digests: dict[str, str]
    tests: dict[str, list[str]]
    """Lines of a mutant -> the tests that run them, in the order in which they are tried."""
    seconds: dict[str, float]
    """Test -> seconds of CPU."""
    most: float | None = None
    """Seconds of CPU of tests that a mutant has; None: all of them run."""
    whole: bool = True
    """Whether these are all tests that run the lines: else a mutant that lives through them is not decided."""
    until: float | None = None
    """When no further mutant is begun, by `time.monotonic`."""

    def write(self, file: Path) -> None:
        """Write it as JSON."""
        file.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, file: Path) -> "Plan":
        """Read what was written."""
        data = json.loads(file.read_text(encoding="utf-8"))
        mutants = [Mutant(**{**one, "lines": tuple(one["lines"])}) for one in data["mutants"]]
        return cls(**{**data, "mutants": mutants})


class Trying:
    """Takes the place of pytest's loop."""

    def __init__(self, plan: Plan, results: Path) -> None:
        self._plan = plan
        self._results = results
        self._killers: dict[str, str] = {}
        """Function, or file -> the test that noticed the last mutant there."""
        self._codes: dict[tuple[str, str, int], list[FunctionType]] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try every mutant of the plan, and add a line to the results for each."""
        items = {item.nodeid: item for item in session.items}
        self._codes = _functions()
        gc.freeze()
        for mutant in self._plan.mutants:
            if self._plan.until is not None and monotonic() > self._plan.until:
                break
            result = self._try(mutant, items)
            with self._results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(result)) + "\n")
        return True

    def _try(self, mutant: Mutant, items: dict[str, pytest.Item]) -> Result:
        name = f"{mutant.path}:{mutant.function}"
        digest = self._plan.digests[name]
        tests = [test for test in self._in_order(mutant) if test in items]
        if not tests:
            return Result(mutant.key, digest, "unreached" if self._plan.whole else "unfinished")
        within = self._within_limit(tests)
        outcome, killer = self._in_a_fork(mutant, [items[test] for test in within])
        if outcome == "survived" and (len(within) < len(tests) or not self._plan.whole):
            outcome = "unfinished"
        if killer:
            self._killers[name] = self._killers[mutant.path] = killer
        return Result(mutant.key, digest, outcome, killer)

    def _within_limit(self, tests: list[str]) -> list[str]:
        if self._plan.most is None:
            return tests
        spent = accumulate(self._plan.seconds.get(test, 1.0) for test in tests)
        return [test for test, seconds in zip(tests, spent, strict=True) if seconds <= self._plan.most] or tests[:1]

    def _in_order(self, mutant: Mutant) -> Iterable[str]:
        tests = self._plan.tests.get(place(mutant), [])
        last = [self._killers.get(f"{mutant.path}:{mutant.function}", ""), self._killers.get(mutant.path, "")]
        return dict.fromkeys([*(test for test in last if test in tests), *tests])

    def _in_a_fork(self, mutant: Mutant, items: list[pytest.Item]) -> tuple[str, str]:
        limit = LEAST + sum(self._plan.seconds.get(item.nodeid, 1.0) for item in items)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            self._live(mutant, items, writing)
        os.close(writing)
        said = _heard(reading, IDLE * limit)
        if said is None:
            os.kill(child, signal.SIGKILL)
        os.close(reading)
        os.waitpid(child, 0)
        if not said:
            return "timeout", ""
        return (said, "") if said in ("survived", "broken") else ("killed", said)

    def _live(self, mutant: Mutant, items: list[pytest.Item], writing: int) -> None:
        """Change the function, run its tests until one fails, say which, and end."""
        said = "broken"
        try:
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, resource.RLIM_INFINITY))
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            self._change(mutant)
            said = "survived"
            for item, following in zip(items, [*items[1:], None], strict=True):
                seconds = process_time() + LEAST + PATIENCE * self._plan.seconds.get(item.nodeid, 1.0)
                resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), resource.RLIM_INFINITY))
                reports = runtestprotocol(item, log=False, nextitem=following)
                if any(report.failed for report in reports):
                    said = item.nodeid
                    break
        except BaseException as error:
            said = "broken" if said == "broken" else f"{type(error).__name__}: {error}"
        os.write(writing, said.encode())
        os._exit(0)

    def _change(self, mutant: Mutant) -> None:
        source = (ROOT / mutant.path).read_text(encoding="utf-8")
        module = compile(mutated(source, mutant), str(ROOT / mutant.path), "exec")
        place = (mutant.path, mutant.function, mutant.first_line)
        code = next(code for code in _within(module) if _place(code) == place)
        for function in self._codes.get(place, []):
            function.__code__ = code


def place(mutant: Mutant) -> str:
    """Name the lines of a mutant, as `Plan.tests` does."""
    return f"{mutant.path}:{mutant.lines[0]}-{mutant.lines[1]}"


def _heard(reading: int, limit: float) -> str | None:
    """Return what a child says, empty if it ended without a word; None: it says nothing in time."""
    ready, _, _ = select.select([reading], [], [], limit)
    return os.read(reading, 65536).decode() if ready else None


def _functions() -> dict[tuple[str, str, int], list[FunctionType]]:
    """Return every function under `TARGETS`, by its place."""
    within = tuple(f"{ROOT / target}/" for target in TARGETS)
    found: dict[tuple[str, str, int], list[FunctionType]] = defaultdict(list)
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename.startswith(within):
            found[_place(one.__code__)].append(one)
    return found


def _place(code: CodeType) -> tuple[str, str, int]:
    return Path(code.co_filename).relative_to(ROOT).as_posix(), code.co_qualname, code.co_firstlineno


def _within(code: CodeType) -> Iterable[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _within(constant)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the plan, and where the results go."""
    parser.addoption("--mutation-plan", type=Path, required=True)
    parser.addoption("--mutation-results", type=Path, required=True)


def pytest_configure(config: pytest.Config) -> None:
    """Begin."""
    plan = Plan.read(config.getoption("--mutation-plan"))
    config.pluginmanager.register(Trying(plan, config.getoption("--mutation-results")))
