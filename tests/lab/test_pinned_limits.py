"""A variable whose limits leave one value: cases that set another do not apply, all others run with what is there."""

import re

import msgspec
import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.prerequisites import SET_BY_CASES, prerequisites
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.selection import select
from ohmstead.lab.verdict import Verdict
from ohmstead.product.load import load
from ohmstead.product.profile import Product, VariableSetting
from tests.generators import sample

PINNED = {**{key: max(values) + 1 for key, values in SET_BY_CASES.items()}, "AuthCacheCtrlr.LifeTime": 86400}
"""None of them is a value that a case sets; a cache that forgets within seconds is no cache for a case that uses it."""


def pinned(**values: int) -> Product:
    """Return the first product with variables that can have these values only."""
    product = load("sec1000-240y")
    said = {key: VariableSetting(value=value, min=value, max=value) for key, value in values.items()}
    return msgspec.structs.replace(product, variables={**product.variables, **said})


def asking(key: str, value: int | None = None) -> list[str]:
    """Return the cases whose line in the table asks for a value of a variable."""
    wanted = f'"{key} of {"" if value is None else f"{value}"}' + ('"' if value is not None else "")
    return [one for one, row in prerequisites().items() if wanted in row.needs]


def test_the_table_asks_for_each_number_that_a_case_sets() -> None:
    numbers = [
        (identifier, f'"{key} of {value}"')
        for identifier, case in load_cases().items()
        for key, value in case.settings_for(LabConfig()).items()
        if re.fullmatch(r"\d+", value)
    ]
    assert numbers
    table = prerequisites()
    assert [one for one in numbers if one[0] not in table or one[1] not in table[one[0]].needs] == []


@pytest.mark.parametrize("key", SET_BY_CASES)
def test_a_case_applies_exactly_where_the_limits_admit_what_it_sets(key: str) -> None:
    free = load("sec1000-240y")
    assert [one for one in asking(key) if select(one, pinned(**{key: PINNED[key]})).applies] == []
    for value in SET_BY_CASES[key]:
        here = pinned(**{key: value})
        for one in asking(key, value):
            also = [other for other in SET_BY_CASES[key] if other != value and one in asking(key, other)]
            assert select(one, here).applies is (select(one, free).applies and not also)


@pytest.mark.parametrize("case", sample(sorted(load_cases()), 30))
def test_with_every_limit_pinned_what_applies_passes(case: str) -> None:
    product = pinned(**PINNED)
    if not select(case, product).applies:
        return
    result = run_in_memory(load_cases()[case], product, LabConfig())
    assert (result.verdict, result.reason) == (Verdict.PASS, "")
