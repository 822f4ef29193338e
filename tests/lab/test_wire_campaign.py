"""A campaign on the wire: in which order its cases begin, and what a machine without time is allowed to say."""

import asyncio
from collections.abc import Iterable

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.rigs.lateness import LOOK, Lateness
from ohmstead.lab.rigs.wire_campaign import (
    LATE,
    Tried,
    judged_in_time,
    longest_first,
    seconds_of_cases,
    stations_at_a_time,
)
from ohmstead.lab.verdict import Finding, Result, Verdict

PASSED = Result(id="TC_P_01_CS", verdict=Verdict.PASS)
FINDING = Finding(step="1", field="seconds", wanted="2", got="5")
FAILED = Result(id="TC_P_01_CS", verdict=Verdict.FAIL, reason="too late", finding=FINDING)
IN_TIME, BUSY = LATE / 2, LATE * 3


def judged(tries: Iterable[Tried]) -> tuple[Result, list[bool]]:
    """Return what comes of these tries, and which of them had nothing beside them."""
    ahead, alone = iter(tries), []

    async def once(nothing_beside: bool) -> Tried:
        alone.append(nothing_beside)
        return next(ahead)

    return asyncio.run(judged_in_time(once)), alone


@pytest.mark.parametrize(
    ("tries", "verdict", "alone"),
    [
        ([(PASSED, IN_TIME)], Verdict.PASS, [False]),
        ([(PASSED, BUSY)], Verdict.PASS, [False]),
        ([(FAILED, IN_TIME)], Verdict.FAIL, [False]),
        ([(FAILED, BUSY), (PASSED, IN_TIME)], Verdict.PASS, [False, True]),
        ([(FAILED, BUSY), (FAILED, IN_TIME)], Verdict.FAIL, [False, True]),
        ([(FAILED, BUSY), (FAILED, BUSY), (FAILED, IN_TIME)], Verdict.FAIL, [False, True, True]),
        ([(FAILED, BUSY)] * 3, Verdict.INCONCLUSIVE, [False, True, True]),
    ],
)
def test_a_fail_counts_on_a_machine_that_has_time(tries: list[Tried], verdict: Verdict, alone: list[bool]) -> None:
    """What fails meanwhile is tried again with nothing beside it, and stays open where that does not help."""
    result, found = judged(tries)
    assert (result.verdict, found) == (verdict, alone)
    assert (result.finding is not None) == (verdict is Verdict.FAIL)


def test_a_loop_that_nothing_holds_up_is_not_late() -> None:
    """Virtual time has all the time of the world."""

    async def undisturbed() -> tuple[float, float]:
        lateness = Lateness()
        began = asyncio.get_running_loop().time()
        await asyncio.sleep(10 * LOOK)
        idle = lateness.worst(began)
        lateness.close()
        return idle, lateness.worst(began + 1000)

    assert max(run(undisturbed())) < LOOK


def test_the_longest_case_begins_first() -> None:
    ordered = [case.id for case in longest_first(list(load_cases().values()))]
    assert ordered[:2] == ["TC_E_41_CS", "TC_E_42_CS"]
    assert len(ordered) == len(load_cases())


def test_the_table_of_durations_knows_cases_that_are_there() -> None:
    assert set(seconds_of_cases()) <= set(load_cases())


def test_there_is_room_for_a_station_on_every_machine() -> None:
    assert stations_at_a_time() >= 1
