"""A lab is worth what it rejects: no case without a mutant that it kills, no mutant that survives."""

import pytest

from ohmstead.lab.case import load_cases
from ohmstead.lab.selection import select
from ohmstead.product.load import load
from tests.lab.mutation import PRODUCT, killed, mutants, recorded

APPLICABLE = sorted(case for case in load_cases() if select(case, load(PRODUCT)).applies)


@pytest.mark.parametrize("case", APPLICABLE)
def test_case_kills_a_mutant(case: str) -> None:
    """The mutants that it killed when the page was written are tried first."""
    order = dict.fromkeys([*recorded().get(case, []), *mutants()])
    assert any(
        killed(name, case)
        for name in order
        if name in mutants() and (not mutants()[name].blocks or case[3] in mutants()[name].blocks)
    )


@pytest.mark.parametrize("name", mutants())
def test_mutant_is_killed(name: str) -> None:
    """By some case."""
    known = [case for case, dead in recorded().items() if name in dead and case in load_cases()]
    blocks = mutants()[name].blocks
    others = [case for case in APPLICABLE if case not in known and (not blocks or case[3] in blocks)]
    assert any(killed(name, case) for case in (*known, *others))
