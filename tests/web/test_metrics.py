"""What Prometheus is told of a station, and that the dashboard asks for nothing else."""

import asyncio
import json
import re
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from ohmstead.edge.virtual_time import run
from ohmstead.web.metrics import BOUNDS
from tests.web.desk import StationControls, desk
from tests.web.station import ADA

DASHBOARD = Path(__file__).parents[2] / "examples" / "grafana" / "station.json"
LABELS = {
    "ohmstead_station_info": {"identity", "product", "vendor", "model", "firmware"},
    "ohmstead_boot_status": {"status"},
    "ohmstead_connector_status": {"evse", "connector", "status"},
    "ohmstead_evse_power_watts": {"evse"},
    "ohmstead_evse_energy_joules": {"evse"},
    "ohmstead_evse_transactions": {"evse"},
    "ohmstead_transaction_events": {"type"},
    "ohmstead_transactions_ended": {"reason"},
    "ohmstead_unreadable_frames": {"direction"},
    "ohmstead_calls": {"direction", "action", "outcome"},
    "ohmstead_call_duration_seconds": {"direction", "action", "le"},
    "ohmstead_campaign_cases": {"verdict"},
}
"""The only metrics with labels."""


async def scraped(here: StationControls) -> dict[str, Metric]:
    answer = await here.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


def value(families: dict[str, Metric], sample: str, **labels: str) -> float:
    """Return the value of one sample."""
    found = [
        one.value
        for family in families.values()
        for one in family.samples
        if (one.name, one.labels) == (sample, labels)
    ]
    assert len(found) == 1, f"{sample} {labels}: {found}"
    return found[0]


async def charge(here: StationControls) -> None:
    """Charge for a while at EVSE 1."""
    await here.hand("plug", evse_id=1, ev="sedan-77")
    await here.hand("present", id_token=ADA)
    await here.station.charges()
    await asyncio.sleep(60)


def test_a_charge_is_seen_in_the_metrics() -> None:
    async def scene() -> None:
        async with desk() as here:
            await charge(here)
            told = await scraped(here)
            assert value(told, "ohmstead_csms_connected") == 1
            assert value(told, "ohmstead_boot_status", status="Accepted") == 1
            assert value(told, "ohmstead_boot_status", status="Rejected") == 0
            assert value(told, "ohmstead_evse_transactions", evse="1") == 1
            assert value(told, "ohmstead_evse_power_watts", evse="1") > 10_000
            assert value(told, "ohmstead_evse_power_watts", evse="2") == 0
            assert value(told, "ohmstead_connector_status", evse="1", connector="1", status="Occupied") == 1
            assert value(told, "ohmstead_evse_energy_joules_total", evse="1") > 10_000 * 50
            assert value(told, "ohmstead_csms_connections_total") == 1
            assert value(told, "ohmstead_store_commits_total") > 3
            sent = {"direction": "sent", "action": "BootNotification"}
            assert value(told, "ohmstead_calls_total", **sent, outcome="CALLRESULT") == 1
            assert value(told, "ohmstead_call_duration_seconds_count", **sent) == 1
            assert value(told, "ohmstead_call_duration_seconds_bucket", **sent, le=str(BOUNDS[-1])) == 1
            assert value(told, "ohmstead_transaction_events_total", type="Started") == 1
            await here.hand("unplug", evse_id=1)
            await asyncio.sleep(1)
            told = await scraped(here)
            assert value(told, "ohmstead_transactions_ended_total", reason="EVDisconnected") == 1

    run(scene())


def test_a_reconnect_is_counted_over_a_power_cut() -> None:
    async def scene() -> None:
        async with desk() as here:
            await here.hand("cut-power")
            await here.hand("restore-power")
            await here.station.online()
            told = await scraped(here)
            assert value(told, "ohmstead_csms_connections_total") == 2
            assert value(told, "ohmstead_boots_total") == 2

    run(scene())


def test_no_label_can_have_any_number_of_values() -> None:
    async def scene() -> None:
        async with desk() as here:
            await charge(here)
            told = await scraped(here)
            labels = {name: set[str]().union(*(one.labels for one in family.samples)) for name, family in told.items()}
            assert {name: found for name, found in labels.items() if found} == {
                name: found for name, found in LABELS.items() if name != "ohmstead_transactions_ended"
            }
            assert ADA not in str(told)

    run(scene())


def test_the_token_of_the_api_is_asked_for() -> None:
    async def scene() -> None:
        async with desk(token="a-token-of-the-operator") as here:
            assert (await here.client.get("/metrics")).status_code == 401
            shown = {"Authorization": "Bearer a-token-of-the-operator"}
            assert (await here.client.get("/metrics", headers=shown)).status_code == 200

    run(scene())


def test_the_dashboard_asks_only_for_metrics_that_there_are() -> None:
    async def scene() -> None:
        async with desk() as here:
            await charge(here)
            await here.hand("unplug", evse_id=1)
            await asyncio.sleep(1)
            told = await scraped(here)
            dashboard = json.loads(DASHBOARD.read_text("utf-8"))
            asked = set(re.findall(r"\bohmstead_[a-z_]+", json.dumps(dashboard)))
            assert asked
            assert asked - {one.name for family in told.values() for one in family.samples} == set()

    run(scene())
