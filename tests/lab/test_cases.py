"""Every implemented case passes on the memory rig, for each product that it applies to."""

import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.selection import select
from ohmstead.lab.verdict import Verdict
from ohmstead.product.load import load
from tests.lab.tried import only_small, product


def applicable(product: str) -> list[str]:
    """Return the cases that are implemented and apply."""
    return sorted(case for case in load_cases() if select(case, load(product)).applies)


@pytest.mark.parametrize("case", applicable("sec1000-240y"))
def test_case_passes_on_the_certified_product(case: str) -> None:
    """In virtual time, from a fresh store."""
    result = run_in_memory(load_cases()[case], load("sec1000-240y"), LabConfig())
    assert (result.verdict, result.reason) == (Verdict.PASS, "")


@pytest.mark.parametrize("case", applicable("flagship"))
def test_case_passes_on_the_flagship(case: str) -> None:
    """Every feature that is built, switched on."""
    result = run_in_memory(load_cases()[case], load("flagship"), LabConfig())
    assert (result.verdict, result.reason) == (Verdict.PASS, "")


SHIPPED = [(name, case) for name in ("ac-wallbox", "depot", "minimal") for case in applicable(name)]


@pytest.mark.parametrize(("name", "case"), SHIPPED)
def test_case_passes_on_the_other_shipped_products(name: str, case: str) -> None:
    """AC with a lock, four EVSEs with a reader each, and the least that Core allows."""
    result = run_in_memory(load_cases()[case], load(name), LabConfig())
    assert (result.verdict, result.reason) == (Verdict.PASS, "")


SMALL = [(case, name) for case in sorted(load_cases()) for name in only_small(case)]


@pytest.mark.parametrize(("case", "name"), SMALL)
def test_case_passes_on_a_small_product(case: str, name: str) -> None:
    """What neither of the two can be asked."""
    result = run_in_memory(load_cases()[case], product(name), LabConfig())
    assert (result.verdict, result.reason) == (Verdict.PASS, "")


def test_each_case_is_tried_on_two_products_that_have_its_condition() -> None:
    """A case that asks only what its one product has would not be noticed."""
    shipped = [case for _, case in SHIPPED]
    assert not [case for case in {case for case, _ in SMALL} if len(only_small(case)) + shipped.count(case) < 2]
