"""The file of results that a campaign on somebody else's station goes on with."""

from pathlib import Path

import pytest

from ohmstead.lab.rigs.results import Results, ResultsHead, ResumeError
from ohmstead.lab.verdict import Result, Verdict

HEAD = ResultsHead(product="strange-one")


def a_result(verdict: Verdict = Verdict.PASS, evidence: str = "") -> Result:
    """Return a result of a case."""
    return Result(id="TC_P_01_CS", title="", verdict=verdict, evidence=evidence)


@pytest.mark.parametrize(
    ("result", "record", "settled"),
    [
        (a_result(), False, True),
        (a_result(), True, False),
        (a_result(evidence="tape"), True, True),
        (a_result(Verdict.FAIL, "tape"), True, True),
        (a_result(Verdict.INCONCLUSIVE, "tape"), True, False),
        (a_result(Verdict.NOT_APPLICABLE), True, False),
    ],
)
def test_what_need_not_be_run_again(tmp_path: Path, result: Result, record: bool, settled: bool) -> None:
    """Where a report is to be written, a verdict without its evidence is none."""
    path = tmp_path / "results.jsonl"
    Results(path, HEAD).add(result)
    again = Results(path, HEAD, record=record)
    assert again.settled(result.id) is settled
    assert again.runs == 1


def test_what_does_not_hold_any_more_is_forgotten(tmp_path: Path) -> None:
    results = Results(tmp_path / "results.jsonl", HEAD)
    results.add(a_result())
    results.keep(lambda result: result.verdict is not Verdict.PASS)
    assert not results.done


def test_the_file_is_its_owners(tmp_path: Path) -> None:
    """Evidence holds a password."""
    path = tmp_path / "results.jsonl"
    Results(path, HEAD)
    assert path.stat().st_mode & 0o077 == 0


def test_results_of_another_product_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    Results(path, HEAD)
    with pytest.raises(ResumeError, match="of strange-one, not of other"):
        Results(path, ResultsHead(product="other"))
