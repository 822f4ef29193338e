"""Every case of block E rejects the wrong stations that it is there for."""

import logging

import pytest

from ohmstead.cli.lab_bench_memory import run_in_memory
from ohmstead.lab.case import load_cases
from ohmstead.lab.config import LabConfig
from ohmstead.lab.verdict import Verdict
from ohmstead.product.load import load
from tests.lab.mutants_e import MUTANTS, Mutant

SEC1000 = load("sec1000-240y")
CASES = {identifier: case for identifier, case in load_cases().items() if case.block == "E"}


@pytest.mark.parametrize("wrong", MUTANTS, ids=[wrong.name for wrong in MUTANTS])
def test_rejected(wrong: Mutant, caplog: pytest.LogCaptureFixture) -> None:
    """Each case that is named fails; it is not enough that it cannot be carried out."""
    caplog.set_level(logging.CRITICAL)
    verdicts = {}
    for number in wrong.cases.split():
        case = CASES[f"TC_E_{number}_CS"]
        verdicts[number] = run_in_memory(case, SEC1000, LabConfig(), mutate=wrong.mutate).verdict
    assert verdicts == dict.fromkeys(verdicts, Verdict.FAIL)


def test_each_case_rejects_something() -> None:
    """No case without a mutant."""
    named = {f"TC_E_{number}_CS" for wrong in MUTANTS for number in wrong.cases.split()}
    assert named == set(CASES)
