"""Which tests notice changes of which function: a table that is kept, for where nothing was recorded.

Every function has the tests that noticed its mutants, those that noticed most first, so that whoever has a fresh copy
of the repository tries mutants without running all tests before.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable

from tools.mutation.recording import Record
from tools.mutation.source import ROOT

FILE = ROOT / "tools" / "mutation" / "noticing.tsv"
MOST = 12
"""Tests of a function."""


def write(killers: Iterable[tuple[str, str]], seconds: dict[str, float], reaching: dict[str, set[str]]) -> None:
    """Write it: the tests that noticed mutants of a function, else the fastest three that run it."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for name, test in killers:
        if test in seconds:
            found[name][test] += 1
    rows = {name: [test for test, _ in tests.most_common(MOST)] for name, tests in found.items()}
    for name, reached in reaching.items():
        if len(rows.get(name, [])) < 3:
            fastest = sorted(reached, key=lambda test: (seconds[test], test))[:3]
            rows[name] = list(dict.fromkeys([*rows.get(name, []), *fastest]))
    tests = sorted({test for row in rows.values() for test in row})
    number = {test: index for index, test in enumerate(tests)}
    lines = [f"test\t{number[test]}\t{test}" for test in tests]
    lines += [f"function\t{name}\t{' '.join(str(number[test]) for test in rows[name])}" for name in sorted(rows)]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read() -> Record:
    """Return what it says as a record of which functions a test runs."""
    rows = [line.split("\t") for line in FILE.read_text(encoding="utf-8").splitlines()]
    tests = {number: test for kind, number, test in rows if kind == "test"}
    functions = {name: [tests[one] for one in numbers.split()] for kind, name, numbers in rows if kind == "function"}
    return Record(dict.fromkeys(tests.values(), 1.0), {f"{name}:": found for name, found in functions.items()})


def killers() -> list[tuple[str, str]]:
    """Return function and test of each line, in their order."""
    return [(line.removesuffix(":"), test) for line, tests in read().lines.items() for test in tests]
