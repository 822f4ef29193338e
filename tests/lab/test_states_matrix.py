"""The reusable states over every start point, stop point, and way to authorize, as DECISIONS asks of a matrix run."""

from collections.abc import Iterator
from itertools import combinations, product

import pytest

from ohmstead.lab.cases import states, states_stopping, tester
from ohmstead.lab.cases.case import Case
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import Verdict
from ohmstead.product.load import load

SEC1000 = load("sec1000-240y")


def sets(points: tuple[str, ...]) -> Iterator[str]:
    """Every set of points that is not empty."""
    for size in range(1, len(points) + 1):
        yield from map(",".join, combinations(points, size))


async def card_first(t: tester.Tester) -> None:
    """Authorize, plug in, charge, stop, unplug, leave."""
    await states.energy_transfer_started(t)
    await states_stopping.parking_bay_unoccupied(t)


async def cable_first(t: tester.Tester) -> None:
    """Plug in, authorize, charge, stop, unplug, leave; then once more with the other order."""
    await states.ev_connected_pre_session(t)
    await states.energy_transfer_started(t)
    await states_stopping.parking_bay_unoccupied(t)
    await card_first(t)


@pytest.mark.parametrize("remote", [False, True], ids=["local", "remote"])
@pytest.mark.parametrize("stop", list(sets(SEC1000.stop_points)))
def test_every_start_and_stop_point(stop: str, remote: bool) -> None:
    """A session passes, whatever starts and stops its transaction."""
    results = {}
    for start, body in product(sets(SEC1000.start_points), (card_first, cable_first)):
        config = LabConfig(start_points=start, stop_points=stop, remote=remote)
        case = Case(id="TC_X_00_CS", title="", body=body)
        result = run_in_memory(case, SEC1000, config)
        if result.verdict is not Verdict.PASS:
            results[f"{start} {body.__name__}"] = result.reason
    assert results == {}
