"""What no official case looks at is looked at by a case of ours: our station passes it, the mutant does not."""

from contextlib import nullcontext

import pytest

from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import Verdict
from tests.lab.mutation import mutants
from tests.lab.own_cases import KILLERS, SMALL

# A wrong station may leave work behind that it had just begun when its case ended.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")


@pytest.mark.parametrize("name", KILLERS)
def test_the_station_passes(name: str) -> None:
    """Or the next test would prove nothing."""
    result = run_in_memory(KILLERS[name], SMALL, LabConfig(), mutate=nullcontext)
    assert (result.verdict, result.reason) == (Verdict.PASS, "")


@pytest.mark.parametrize("name", KILLERS)
def test_the_mutant_fails(name: str) -> None:
    """FAIL, not INCONCLUSIVE."""
    result = run_in_memory(KILLERS[name], SMALL, LabConfig(), mutate=mutants()[name].mutate)
    assert result.verdict is Verdict.FAIL, result.reason


def test_every_survivor_has_a_case() -> None:
    """Whatever survives the official list is killed here."""
    assert sorted(KILLERS) == sorted(name for name, mutant in mutants().items() if mutant.survives)
