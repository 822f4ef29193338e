"""A lab is worth what it rejects: no case without a mutant that it kills, no mutant that survives unexplained."""

from collections.abc import Iterable

import pytest

from tests.lab.mutation import Mutant, applicable, concerns, killed, mutants, recorded

# A wrong station may leave work behind that it had just begun when its case ended.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")

KILLABLE = [name for name, mutant in mutants().items() if not mutant.survives]


def _first(known: Iterable[str], others: Iterable[str]) -> list[str]:
    """Return what the page says first, then the rest: a page that has grown old costs time and hides nothing."""
    return list(dict.fromkeys([*known, *others]))


@pytest.mark.parametrize("case", applicable())
def test_case_kills_a_mutant(case: str) -> None:
    """The one that it is about, as the page has it, or else any."""
    near: list[Mutant] = [mutant for mutant in mutants().values() if concerns(mutant, case)]
    known = [name for name in recorded().victims.get(case, []) if name in mutants()]
    assert any(killed(name, case) for name in _first(known, [mutant.name for mutant in near]))


@pytest.mark.parametrize("name", KILLABLE)
def test_mutant_is_killed(name: str) -> None:
    """By the case that the page names first, or else by any."""
    cases = applicable()
    known = [case for case in recorded().killers.get(name, []) if case in cases]
    assert any(killed(name, case) for case in _first(known, [c for c in cases if concerns(mutants()[name], c)]))


def test_the_page_knows_every_mutant_and_every_case() -> None:
    """`python -m tests.lab.mutation --write` writes it anew."""
    page = recorded()
    assert sorted(page.victims) == applicable()
    assert sorted(page.killers) == sorted(KILLABLE)
