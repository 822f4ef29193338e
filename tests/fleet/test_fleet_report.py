"""The report of a fleet: what a tally says, held to the limits of the file."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import msgspec
import pytest

from ohmstead.fleet.page import page
from ohmstead.fleet.plan import FleetCsms, FleetGroup, FleetLimits, FleetPlan
from ohmstead.fleet.report import FleetReport, build
from ohmstead.fleet.tally import ShardTally, total
from ohmstead.ports.figures import CallFigures, Latencies

BEGAN = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def latencies(*seconds: float) -> Latencies:
    counted = Latencies()
    for one in seconds:
        counted.add(one)
    return counted


SHARD = ShardTally(
    stations=2,
    started=2,
    accepted=2,
    events=5,
    waiting=1,
    connections=3,
    reconnects=1,
    processes=1,
    calls=(
        CallFigures(
            action="TransactionEvent",
            way="sent",
            outcomes={"CALLRESULT": 4, "InternalError": 1, "unanswered": 2},
            latencies=latencies(0.01, 0.02, 0.03, 0.04, 1.0),
        ),
        CallFigures(action="Reset", way="received", outcomes={"CALLRESULT": 1}, latencies=latencies(9.0)),
    ),
)


def reported(
    limits: FleetLimits | None = None, tally: ShardTally = SHARD, troubles: tuple[str, ...] = ()
) -> FleetReport:
    plan = FleetPlan(limits=limits or FleetLimits())
    return build(plan, tally, began=BEGAN, seconds=60.0, interrupted=False, troubles=troubles)


def test_what_two_shards_have_counted_adds_up() -> None:
    whole = total([SHARD, SHARD])
    assert (whole.stations, whole.events, whole.answered, whole.sent, whole.lost) == (4, 10, 8, 14, 0)
    assert whole.errors == {"InternalError": 2}
    (event,) = [one for one in whole.calls if one.way == "sent"]
    assert (event.latencies.count, event.latencies.highest) == (10, 1.0)


def test_a_tally_travels_between_processes() -> None:
    again = msgspec.json.decode(msgspec.json.encode(SHARD), type=ShardTally)
    assert again == SHARD
    assert again.calls[0].latencies.quantile(0.5) == pytest.approx(0.03, rel=0.01)


@pytest.mark.parametrize(
    ("limits", "met"),
    [
        (FleetLimits(), True),
        (FleetLimits(reconnects=0), False),
        (FleetLimits(reconnects=1), True),
        (FleetLimits(csms_errors=0), False),
        (FleetLimits(unanswered=1), False),
        (FleetLimits(waiting_events=0), False),
        (FleetLimits(p99=0.5), False),
        (FleetLimits(slowest=1.0), True),
    ],
)
def test_the_verdict_is_that_of_the_limits(limits: FleetLimits, met: bool) -> None:
    """Of the latencies only those of the CSMS count, which answers the stations."""
    report = reported(limits)
    assert report.verdict == ("PASS" if met else "FAIL")
    assert all(row.met for row in report.limits) == met


def test_an_event_that_neither_was_answered_nor_waits_is_lost() -> None:
    report = reported(tally=msgspec.structs.replace(SHARD, events=8))
    assert (report.events_lost, report.verdict) == (3, "FAIL")


def test_a_shard_that_broke_fails_the_run() -> None:
    assert reported(troubles=("shard 1 of 2 ended before its time",)).verdict == "FAIL"


def test_a_limit_that_the_file_does_not_have_is_not_told() -> None:
    none = FleetLimits(lost_events=None, not_accepted=None)
    assert reported(none).limits == ()


def test_a_report_is_read_back_and_knows_no_credentials() -> None:
    plan = FleetPlan(csms=FleetCsms(url="ws://ann:hidden-word@csms.example/x?key=hidden-word"))
    report = build(plan, SHARD, began=BEGAN, seconds=60.0, interrupted=True)
    text = msgspec.json.encode(report)
    assert msgspec.json.decode(text, type=FleetReport) == report
    assert b"hidden-word" not in text


class Cells(HTMLParser):
    """Collects the text of a page, and what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [str(value) for name, value in attrs if name in ("src", "href")]


def test_the_page_says_what_the_report_says_and_loads_nothing() -> None:
    group = FleetGroup(identity="<script>-{number}")
    report = build(FleetPlan(group=(group,)), SHARD, began=BEGAN, seconds=60.0, interrupted=False)
    text = page(report)
    found = Cells(text)
    assert found.loads == []
    assert "<script>" not in text
    assert "<script>-{number}" in found.words
    for row in report.latencies:
        assert row.action in found.words
        assert f"{1000 * row.highest:,.1f}" in found.words
    for limit in report.limits:
        assert limit.name in found.words
