"""In which order the tests of a mutant are tried, so that the one that notices it comes early."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, zip_longest
from math import log
from pathlib import PurePosixPath

from tools.mutation.operators import Mutant
from tools.mutation.recording import file_of

COMMON = frozenset({"test", "tests", "py", "the", "of", "is", "it", "and", "not", "blocks", "model", "runtime", "on"})


class Turns:
    """Knows of each test how long it takes, what its name says, and what it has noticed.

    Args:
        seconds: test -> seconds of CPU.
        killers: function and test that noticed a mutant of it, once for each mutant.
    """

    def __init__(self, seconds: dict[str, float], killers: Iterable[tuple[str, str]]) -> None:
        self._seconds = seconds
        self._turn = {test: index for index, test in enumerate(_in_turn(seconds))}
        self._words = {test: _words(test) for test in seconds}
        self._rare = Counter(word for words in self._words.values() for word in words)
        self._of_function: dict[str, Counter[str]] = defaultdict(Counter)
        self._of_file: dict[str, Counter[str]] = defaultdict(Counter)
        for name, test in killers:
            self._of_function[name][test] += 1
            self._of_file[file_of(name.replace(":", "::", 1))][test] += 1

    def order(self, mutant: Mutant, tests: set[str]) -> list[str]:
        """Return the tests of a mutant in the order in which they are tried.

        First what has noticed others of its function and file; then in turns a test that speaks of the same as the
        function and the statement do, and a fast one of a kind that was not there yet.
        """
        known = chain(
            (test for test, _ in self._of_function[f"{mutant.path}:{mutant.function}"].most_common(8)),
            (test for test, _ in self._of_file[mutant.path].most_common(4)),
        )
        names = self._names(mutant)
        related = sorted(tests, key=lambda test: (-self._related(names, test), self._turn[test]))
        diverse = sorted(tests, key=lambda test: self._turn[test])
        mixed = (test for pair in zip_longest(related, diverse) for test in pair if test is not None)
        return list(dict.fromkeys(test for test in chain(known, mixed) if test in tests))

    def _names(self, mutant: Mutant) -> frozenset[str]:
        return _words(f"{PurePosixPath(mutant.path).stem} {mutant.function} {mutant.before}")

    def _related(self, names: frozenset[str], test: str) -> float:
        shared = names & self._words[test]
        return sum(log(len(self._words) / self._rare[word]) for word in shared)


@cache
def _words(text: str) -> frozenset[str]:
    """Return the words of a name, in whichever way it joins them, without a plural's s."""
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", text)
    return frozenset(part.lower().rstrip("s") for part in parts if len(part) > 1) - COMMON


def _in_turn(seconds: dict[str, float]) -> Iterator[str]:
    """Yield the fastest test of each test function, then the next of each, as rows of one table are alike.

    The official cases are one table of many kinds; each block of them counts as a function.
    """
    rounds: dict[str, int] = defaultdict(int)
    order: dict[str, tuple[int, float]] = {}
    for test in sorted(seconds, key=lambda one: seconds[one]):
        name, _, row = test.partition("[")
        kind = f"{name}[{row[:4]}"
        order[test] = (rounds[kind], seconds[test])
        rounds[kind] += 1
    yield from sorted(order, key=lambda one: order[one])
