"""A writable variable that nothing reads is a defect: a lab run asks for every one."""

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.lab.cases.case import Case, load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.selection import applicable
from ohmstead.product.load import load
from tests.runtime.reads import recorded, unread
from tests.runtime.test_variables_read import day_before_the_station_is_accepted


def _mixed(cases: list[Case]) -> list[Case]:
    """Put cases of all blocks first, so that a run which has seen everything can end early."""
    place: dict[str, int] = {}
    rank: dict[str, int] = {}
    for case in cases:
        rank[case.id] = place.setdefault(case.block, 0)
        place[case.block] += 1
    return sorted(cases, key=lambda case: (rank[case.id], case.id))


def test_a_lab_run_reads_every_writable_variable() -> None:
    """It ends as soon as nothing is left.

    No case of the official list brings a card to a station that is not accepted yet, which is all that
    TxBeforeAcceptedEnabled is about: that day is lived first.
    """
    product = load("sec1000-240y")
    implemented = load_cases()
    wanted = applicable(product)
    missing = [identifier for identifier in wanted if identifier not in implemented]
    if missing:
        pytest.skip(f"{len(missing)} of {len(wanted)} applicable cases are not implemented yet")
    with recorded() as models:
        run(day_before_the_station_is_accepted(), limit=86400)
        for case in _mixed([implemented[identifier] for identifier in wanted]):
            run_in_memory(case, product, LabConfig())
            if not unread(product, models):
                return
    assert unread(product, models) == []
