"""What no official case looks at is looked at by a case of ours: our station passes it, the mutant does not."""

from contextlib import nullcontext

import pytest

from ohmstead.cli.lab_bench_memory import run_in_memory
from ohmstead.lab.config import LabConfig
from ohmstead.lab.verdict import Verdict
from ohmstead.product.load import load
from tests.lab.mutation import PRODUCT, mutants
from tests.lab.own_cases import KILLERS


@pytest.mark.parametrize("name", KILLERS)
def test_the_station_passes(name: str) -> None:
    """Or the next test would prove nothing."""
    result = run_in_memory(KILLERS[name], load(PRODUCT), LabConfig(), mutate=nullcontext)
    assert (result.verdict, result.reason) == (Verdict.PASS, "")


@pytest.mark.parametrize("name", KILLERS)
def test_the_mutant_fails(name: str) -> None:
    """FAIL, not INCONCLUSIVE."""
    result = run_in_memory(KILLERS[name], load(PRODUCT), LabConfig(), mutate=mutants()[name].mutate)
    assert result.verdict is Verdict.FAIL, result.reason
