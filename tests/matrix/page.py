"""The page docs/matrix.md: each value of each line of a certificate, and the cases that ran with it."""

from collections import Counter
from collections.abc import Iterator, Mapping

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.selection import rows_of
from ohmstead.product.features import FEATURES
from tests.matrix.campaign import Outcome
from tests.matrix.parameters import PARAMETERS, Assignment

HEAD = """# Products and cases

Written by `make matrix`. The seed {seed} draws {drawn} products, so that every pair of values occurs that a station can
have together (`tests/matrix/exclusions.py` says which cannot, and by what of Part 2 or Part 5). {products} of them ran:
each was printed as an abstract, imported from it, and booted, and every implemented case that applies ran on it in
memory. {passed:,} cases passed, {troubles:,} did not; {whole} products passed whole.

## Values

How many products had a value of a line, how many runs passed on them, of how many different cases; and the cases that
ran with this value of the line alone.

| Line | Meaning | Value | Products | Passed | Cases | With this value alone |
|---|---|---|---|---|---|---|
"""
CASES = """
## Cases

| Case | Passed on | Condition |
|---|---|---|
"""
NAMED = 12
"""Cases that are named in a row."""


def page(seed: int, drawn: Mapping[int, Assignment], found: Mapping[int, Outcome]) -> str:
    """Return the page."""
    whole = sum(not outcome.troubles for outcome in found.values())
    head = HEAD.format(
        seed=seed,
        drawn=len(drawn),
        products="All" if len(found) == len(drawn) else len(found),
        passed=sum(len(outcome.passed) for outcome in found.values()),
        troubles=sum(len(outcome.troubles) for outcome in found.values()),
        whole="all" if whole == len(found) else whole,
    )
    return head + "".join(_values(drawn, found)) + CASES + "".join(_cases(found))


def _values(drawn: Mapping[int, Assignment], found: Mapping[int, Outcome]) -> Iterator[str]:
    for name, values in PARAMETERS.items():
        passed = {value: Counter[str]() for value in values}
        products: Counter[str] = Counter()
        for number, outcome in found.items():
            value = drawn[number][name]
            products[value] += 1
            passed[value].update(outcome.passed)
        for value in values:
            others = {case for other in values if other != value for case in passed[other]}
            alone = _named(set(passed[value]) - others)
            meaning = FEATURES[name].text if name in FEATURES else ""
            counts = f"{products[value]} | {passed[value].total():,} | {len(passed[value])}"
            yield f"| {name} | {meaning} | {value} | {counts} | {alone} |\n"


def _named(cases: set[str]) -> str:
    short = sorted(case.removeprefix("TC_").removesuffix("_CS") for case in cases)
    more = f" and {len(short) - NAMED} more" if len(short) > NAMED else ""
    return ", ".join(short[:NAMED]) + more


def _cases(found: Mapping[int, Outcome]) -> Iterator[str]:
    passed = Counter(case for outcome in found.values() for case in outcome.passed)
    for case in sorted(load_cases()):
        conditions = " / ".join(dict.fromkeys(row.condition or row.profile for row in rows_of(case)))
        if conditions:
            yield f"| {case} | {passed[case]} | {conditions} |\n"
