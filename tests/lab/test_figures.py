"""The four figures: what counts for which, what is said of many times, and the tour that measures them."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmstead.edge.virtual_time import run
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.figures import NAMES, Figures, Measured, figures, measure, summary
from ohmstead.lab.cases.stopwatch import Stopwatch
from ohmstead.lab.rigs.memory import MemoryRig
from ohmstead.product.load import load

Line = tuple[str, object]
START: Line = (">", [2, "a", "RequestStartTransaction", {"remoteStartId": 7}])
STOP: Line = (">", [2, "a", "RequestStopTransaction", {"transactionId": "tx"}])
BASE_REPORT: Line = (">", [2, "a", "GetBaseReport", {"requestId": 3}])
ACCEPTED: Line = ("<", [3, "a", {"status": "Accepted"}])
REJECTED: Line = ("<", [3, "a", {"status": "Rejected"}])
FAULTY: Line = ("<", [4, "a", "InternalError", "", {}])


def started(state: str = "SuspendedEVSE", *, number: int = 7, reason: str = "RemoteStart") -> Line:
    """Return the event that a remote start brings."""
    info = {"transactionId": "tx", "chargingState": state, "remoteStartId": number}
    return "<", [2, "m", "TransactionEvent", {"triggerReason": reason, "transactionInfo": info}]


def stopped(state: str | None, *, transaction: str = "tx") -> Line:
    """Return the event that a remote stop brings."""
    info = {"transactionId": transaction} | ({"chargingState": state} if state else {})
    return "<", [2, "m", "TransactionEvent", {"triggerReason": "RemoteStop", "transactionInfo": info}]


def triggered(message: str) -> Line:
    """Return a TriggerMessage."""
    return ">", [2, "a", "TriggerMessage", {"requestedMessage": message}]


def arrives(action: str, **fields: object) -> Line:
    """Return a CALL of the station."""
    return "<", [2, "m", action, fields]


def watched(*lines: Line) -> Stopwatch:
    """Let a stopwatch look at lines that come one second apart."""
    watch = Stopwatch()
    for at, (way, content) in enumerate(lines):
        watch.take(float(at), way, content if isinstance(content, str) else json.dumps(content))
    return watch


@pytest.mark.parametrize("answer", [ACCEPTED, REJECTED, FAULTY])
def test_every_answer_is_a_response(answer: Line) -> None:
    assert watched(BASE_REPORT, answer).response == [1.0]


def test_an_answer_counts_once() -> None:
    assert watched(BASE_REPORT, ACCEPTED, ACCEPTED).response == [1.0]


def test_a_call_without_an_answer_is_counted() -> None:
    """Unless the connection ended, which the lab may have wanted."""
    assert watched(BASE_REPORT).unanswered == 1
    assert watched(BASE_REPORT, (".", "connection 1 ended: closed")).unanswered == 0


def test_a_report_is_there_with_its_first_part_and_whole_with_its_last() -> None:
    first, last = arrives("NotifyReport", requestId=3, tbc=True), arrives("NotifyReport", requestId=3)
    watch = watched(BASE_REPORT, ACCEPTED, first, first, last, last)
    assert (watch.triggered, watch.whole) == ([2.0], [4.0])


@pytest.mark.parametrize(
    "lines",
    [
        (BASE_REPORT, ACCEPTED, arrives("NotifyReport", requestId=4)),
        (BASE_REPORT, REJECTED, arrives("NotifyReport", requestId=3)),
        (BASE_REPORT, FAULTY, arrives("NotifyReport", requestId=3)),
        (BASE_REPORT, ACCEPTED, (".", "connection 1 ended: closed"), arrives("NotifyReport", requestId=3)),
        (triggered("Heartbeat"), ACCEPTED, arrives("StatusNotification")),
        (triggered("Heartbeat"), REJECTED, arrives("Heartbeat")),
        (triggered("TransactionEvent"), ACCEPTED, arrives("TransactionEvent", triggerReason="MeterValuePeriodic")),
    ],
)
def test_what_was_not_asked_for_is_no_triggered_function(lines: tuple[Line, ...]) -> None:
    assert watched(*lines).triggered == []


@pytest.mark.parametrize(
    ("message", "comes"),
    [
        ("Heartbeat", arrives("Heartbeat")),
        ("SignChargingStationCertificate", arrives("SignCertificate")),
        ("TransactionEvent", arrives("TransactionEvent", triggerReason="Trigger")),
    ],
)
def test_a_message_that_was_asked_for_is_a_triggered_function(message: str, comes: Line) -> None:
    assert watched(triggered(message), ACCEPTED, comes).triggered == [2.0]


def test_a_start_ends_with_its_event() -> None:
    """An Authorize in between belongs to it, events of others do not end it."""
    others = started(number=8), started(reason="CablePluggedIn")
    assert watched(START, ACCEPTED, arrives("Authorize"), *others, started()).start == [5.0]


@pytest.mark.parametrize(
    "lines",
    [
        (START, ACCEPTED, (".", "hand: plug(1, 1)"), started()),
        (START, ACCEPTED, started("Charging")),
        (START, REJECTED, started()),
        (START, ACCEPTED, (".", "m is left without an answer"), started()),
    ],
)
def test_a_start_that_needs_more_does_not_count(lines: tuple[Line, ...]) -> None:
    assert watched(*lines).start == []


@pytest.mark.parametrize("state", ["SuspendedEVSE", "Charging", "Idle", None])
def test_a_stop_ends_with_its_event(state: str | None) -> None:
    assert watched(STOP, ACCEPTED, stopped("Idle", transaction="other"), stopped(state)).stop == [3.0]


@pytest.mark.parametrize(
    "lines",
    [
        (STOP, ACCEPTED, stopped("EVConnected"), stopped("Idle")),
        (STOP, REJECTED, stopped("Idle")),
        (STOP, ACCEPTED, (".", "hand: unplug(1,)"), stopped("Idle")),
    ],
)
def test_a_stop_that_takes_the_power_away_first_does_not_count(lines: tuple[Line, ...]) -> None:
    assert watched(*lines).stop == []


@pytest.mark.parametrize("text", ["", "[", "[2]", '[2,"a","TriggerMessage",{"requestedMessage":1}]', '[3,"a",[]]'])
def test_what_cannot_be_read_is_passed_over(text: str) -> None:
    """The case will have its say about it."""
    watch = watched((">", text), ("<", text))
    assert (watch.response, watch.triggered, watch.start, watch.stop) == ([], [], [], [])


# What is said of many times


def test_percentiles_are_times_that_were_measured() -> None:
    hundred = summary([number / 10 for number in range(100, 0, -1)], 9.9)
    assert (hundred.number, hundred.min, hundred.max, hundred.average) == (100, 0.1, 10.0, 5.05)
    assert (hundred.p50, hundred.p99, hundred.within) == (5.0, 9.9, False)


def test_without_times_a_figure_is_not_measurable_and_within_its_limit() -> None:
    assert summary([], 30.0) == Measured(limit=30.0)
    assert summary([], 30.0).within


@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=200))
def test_the_order_of_times_does_not_matter(times: list[float]) -> None:
    one = summary(times)
    assert one == summary(sorted(times))
    numbers = (one.min, one.p50, one.p99, one.max)
    known = [number for number in numbers if number is not None]
    assert len(known) == 4
    assert known == sorted(known)
    assert one.average is not None
    assert math.isclose(one.average, sum(times) / len(times), abs_tol=1e-5)


def test_each_figure_has_its_limit() -> None:
    """50, 20, 10 and 30 seconds; one that is above is named as the certificate names it."""
    product = load("sec1000-240y")
    limits = product.performance
    watch = Stopwatch()
    rows = (
        ("response", watch.response, limits.response),
        ("triggered", watch.triggered, limits.triggered),
        ("start", watch.start, limits.start),
        ("stop", watch.stop, limits.stop),
    )
    for field, times, row in rows:
        assert row.limit is not None
        times.append(row.limit)
        assert figures([watch], product, "").missed == ()
        times.append(row.limit + 0.001)
        assert figures([watch], product, "").missed == (NAMES[field],)
        times.clear()


def test_a_call_without_an_answer_misses_the_limit() -> None:
    assert figures([watched(BASE_REPORT)], load("sec1000-240y"), "").missed == (NAMES["response"],)


def test_figures_fit_into_a_profile() -> None:
    product = load("sec1000-240y")
    both = [watched(START, ACCEPTED, started()), watched(BASE_REPORT, ACCEPTED)]
    performance = figures(both, product, "Mobile network").performance
    assert (performance.technology, performance.response.average, performance.start.max) == ("Mobile network", 1.0, 2.0)
    assert (performance.start.limit, performance.stop.limit, performance.stop.average) == (10.0, 30.0, None)


# The tour


def tour(config: LabConfig, *, rounds: int = 2) -> Figures:
    """Measure our station in memory and in virtual time."""
    product = load("sec1000-240y")

    async def main() -> Figures:
        rig = MemoryRig(product)
        try:
            return await measure(rig, product, config, rounds=rounds, technology="memory")
        finally:
            await rig.close()

    return run(main(), limit=3600)


def test_a_tour_measures_all_four() -> None:
    """Nothing takes long in virtual time; the second stop of a round goes by EVConnected and is left out."""
    measured = tour(LabConfig())
    assert (measured.start.number, measured.stop.number, measured.unanswered) == (4, 2, 0)
    assert measured.response.number >= 40
    assert measured.triggered.number >= 16
    assert measured.whole_report.number == 6
    assert measured.missed == ()


def test_a_stop_that_always_takes_the_power_away_first_is_not_measurable() -> None:
    """As it was for the certified product."""
    measured = tour(LabConfig(stop_points="PowerPathClosed"), rounds=1)
    assert (measured.start.number, measured.stop.number, measured.stop.average) == (1, 0, None)
