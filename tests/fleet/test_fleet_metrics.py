"""What Prometheus is told of a fleet: every figure of the tally, and no name of a station or driver."""

import re
from pathlib import Path

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from ohmstead.cli.fleet.metrics import exposition
from ohmstead.fleet.tally import ShardTally
from ohmstead.ports.figures import CallFigures, Latencies


def scraped(tally: ShardTally) -> dict[tuple[str, ...], float]:
    """Return the value of every sample by its name and the values of its labels, action before direction."""
    families = text_string_to_metric_families(exposition(lambda: tally).decode())
    return {
        (one.name, *(text for _, text in sorted(one.labels.items()))): one.value
        for family in families
        for one in family.samples
    }


def test_every_figure_of_the_tally_is_told() -> None:
    """Each field has another number: a metric that told the wrong one, or none, would be noticed."""
    fields = [field for field in ShardTally.__struct_fields__ if field != "calls"]
    tally = msgspec.convert({name: 1000 + number for number, name in enumerate(fields)}, ShardTally)
    told = {value / 3600 if "joules" in key[0] else value for key, value in scraped(tally).items()}
    of_all = {float(getattr(tally, name)) for name in fields}
    assert told == of_all | {float(tally.lost)}


def test_every_metric_is_in_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text("utf-8").partition("## A fleet")[2]
    calls = CallFigures(action="Reset", way="sent", outcomes={"CALLRESULT": 1}, latencies=Latencies())
    names = {key[0] for key in scraped(ShardTally(calls=(calls,)))}
    families = {re.sub("_(bucket|count|sum)$", "", name).removeprefix("ohmstead_fleet") for name in names}
    assert {name for name in families if f"{name}`" not in page} == set()


def test_calls_are_told_by_action_and_outcome() -> None:
    latencies = Latencies()
    for seconds in (0.02, 0.3):
        latencies.add(seconds)
    calls = CallFigures(
        action="TransactionEvent", way="sent", outcomes={"CALLRESULT": 2, "InternalError": 1}, latencies=latencies
    )
    found = scraped(ShardTally(events=3, calls=(calls,)))
    assert found["ohmstead_fleet_calls_total", "TransactionEvent", "sent", "CALLRESULT"] == 2
    assert found["ohmstead_fleet_calls_total", "TransactionEvent", "sent", "InternalError"] == 1
    assert found["ohmstead_fleet_call_duration_seconds_sum", "TransactionEvent", "sent"] == pytest.approx(0.32)
    assert found["ohmstead_fleet_call_duration_seconds_bucket", "TransactionEvent", "sent", "0.1"] == 1
    assert found["ohmstead_fleet_lost_transaction_events",] == 1
