"""One line of the first certificate is other, and the lab asks for what that product is: nothing but PASS is left."""

import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.runner import not_applicable
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import Verdict
from ohmstead.product.check import problems
from tests.generators import sample
from tests.lab.other_products import CHANGES, other


@pytest.mark.parametrize("name", sample(list(CHANGES), 2))
def test_every_case_that_applies_passes(name: str) -> None:
    """No FAIL, and no INCONCLUSIVE: our station is what it claims."""
    product = other(name)
    ready = [case for _, case in sorted(load_cases().items()) if not_applicable(case, product) is None]
    results = [run_in_memory(case, product, LabConfig()) for case in ready]
    assert [f"{one.id} {one.verdict}: {one.reason}" for one in results if one.verdict is not Verdict.PASS] == []


@pytest.mark.parametrize("name", list(CHANGES))
def test_it_is_a_product(name: str) -> None:
    """Or the other test would prove nothing."""
    assert not list(problems(other(name)))
