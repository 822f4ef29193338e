"""Calls are counted by their outcome, and how long they took, within one percent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmstead.ports.figures import CallFigures, Latencies, Way
from ohmstead.rpc.call_statistics import CallStatistics


def of(statistics: CallStatistics, way: Way, action: str) -> CallFigures:
    (found,) = [one for one in statistics.calls if (one.way, one.action) == (way, action)]
    return found


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ('[3,"1",{}]', "CALLRESULT"),
        ('[4,"1","InternalError","",{}]', "InternalError"),
        ('[4,"1","OutOfCoffee","",{}]', "other"),
    ],
)
def test_an_answer_is_an_outcome_and_a_latency(answer: str, outcome: str) -> None:
    statistics = CallStatistics()
    statistics.seen("sent", '[2,"1","Heartbeat",{}]', 5.0)
    statistics.seen("received", answer, 5.5)
    told = of(statistics, "sent", "Heartbeat")
    assert told.outcomes == {outcome: 1}
    assert told.latencies.highest == 0.5


def test_the_next_call_says_that_the_one_before_had_no_answer() -> None:
    statistics = CallStatistics()
    statistics.seen("sent", '[2,"1","Heartbeat",{}]', 5.0)
    statistics.seen("sent", '[2,"2","Authorize",{}]', 35.0)
    statistics.seen("received", '[3,"1",{}]', 36.0)
    assert of(statistics, "sent", "Heartbeat").outcomes == {"unanswered": 1}


def test_a_lost_connection_answers_nothing() -> None:
    statistics = CallStatistics()
    statistics.seen("sent", '[2,"1","Heartbeat",{}]', 5.0)
    statistics.seen("received", '[2,"a","Reset",{}]', 5.0)
    statistics.disconnected()
    assert [one.outcomes for one in statistics.calls] == [{"unanswered": 1}, {"unanswered": 1}]


def test_a_stranger_cannot_make_new_series() -> None:
    statistics = CallStatistics()
    for number in range(1000):
        statistics.seen("received", f'[2,"{number}","Action{number}",{{}}]', float(number))
        statistics.seen("received", f"nonsense {number}", float(number))
    assert [one.action for one in statistics.calls] == ["other"]
    assert statistics.unreadable == {"received": 1000}


@given(st.lists(st.floats(0.0001, 900.0), min_size=1, max_size=200), st.sampled_from([0.5, 0.99, 1.0]))
def test_a_quantile_is_right_within_one_percent(durations: list[float], share: float) -> None:
    latencies = Latencies()
    for duration in durations:
        latencies.add(duration)
    exact = sorted(durations)[max(0, -int(-share * len(durations) // 1) - 1)]
    assert exact <= latencies.quantile(share) * (1 + 1e-12)
    assert latencies.quantile(share) <= exact * 1.011


@given(st.lists(st.floats(0.0, 900.0), max_size=50), st.lists(st.floats(0.0, 900.0), max_size=50))
def test_what_two_have_counted_adds_up(ones: list[float], others: list[float]) -> None:
    one, other, both = Latencies(), Latencies(), Latencies()
    for duration in ones:
        one.add(duration)
        both.add(duration)
    for duration in others:
        other.add(duration)
        both.add(duration)
    one.merge(other)
    assert (one.steps, one.count, one.highest) == (both.steps, both.count, both.highest)


@pytest.mark.parametrize("bound", [0.001, 0.0025, 0.05, 0.1, 1.0, 2.5, 10.0, 60.0])
def test_a_bucket_has_what_lies_on_its_bound(bound: float) -> None:
    latencies = Latencies()
    for duration in (bound, bound * 1.0001, bound * 0.9999):
        latencies.add(duration)
    assert latencies.up_to(bound) == 2
