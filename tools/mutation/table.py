"""Which tests notice changes of which function: a table that is kept, for where nothing was recorded.

Every function has the tests that noticed its mutants, those that noticed most first, and some that noticed others of
its file; so whoever has a fresh copy of the repository tries mutants without running all tests before.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable

from tools.mutation.recording import Record
from tools.mutation.source import ROOT

FILE = ROOT / "tools" / "mutation" / "noticing.tsv"
MOST = 12
"""Tests of a function that have noticed a mutant of it."""
OTHERS = 10
"""Tests beside them, each the best for another function of the file: a constructor is run by all and tried by none."""
FASTEST = 3
"""Tests that run a function of which nothing else is known."""


def write(killers: Iterable[tuple[str, str]], seconds: dict[str, float], reaching: dict[str, set[str]]) -> None:
    """Write which tests to try for each function: what has noticed mutants of it, or of its file, and the fastest."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for name, test in killers:
        if test in seconds:
            found[name][test] += 1
    best: dict[str, Counter[str]] = defaultdict(Counter)
    for name, counted in found.items():
        best[name.partition(":")[0]][counted.most_common(1)[0][0]] += 1
    rows: dict[str, list[str]] = {}
    for name in sorted({*found, *reaching}):
        own = [test for test, _ in found[name].most_common(MOST)]
        others = [test for test, _ in best[name.partition(":")[0]].most_common(OTHERS)]
        fastest = sorted(reaching.get(name, ()), key=lambda test: (seconds[test], test))[:FASTEST]
        rows[name] = list(dict.fromkeys([*own, *others, *fastest]))
    tests = sorted({test for row in rows.values() for test in row})
    number = {test: index for index, test in enumerate(tests)}
    lines = [f"test\t{number[test]}\t{test}" for test in tests]
    lines += [f"function\t{name}\t{' '.join(str(number[test]) for test in rows[name])}" for name in rows]
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
