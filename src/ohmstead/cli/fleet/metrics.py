"""`/metrics` of a running fleet: what all its stations together have done so far, for Prometheus on this machine."""

from collections.abc import Callable, Iterator

from litestar import Litestar, Response, get
from litestar.datastructures import State
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ohmstead.fleet.tally import ShardTally
from ohmstead.web.api_metrics import TEXT_FORMAT
from ohmstead.web.guard import Gate
from ohmstead.web.metrics import JOULES, told_of_calls

PREFIX = "ohmstead_fleet"


class FleetCollector(Collector):
    """Tells of a fleet; no label names a station."""

    def __init__(self, tally: Callable[[], ShardTally]) -> None:
        """Tell what `tally` returns at each scrape."""
        self._tally = tally

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        tally = self._tally()
        for name, text, number in _gauges(tally):
            yield GaugeMetricFamily(f"{PREFIX}_{name}", text, number)
        for name, text, number in _counters(tally):
            yield CounterMetricFamily(f"{PREFIX}_{name}", text, number)
        yield from told_of_calls(PREFIX, tally.calls)


def _gauges(tally: ShardTally) -> tuple[tuple[str, str, float], ...]:
    return (
        ("stations", "Stations of the file.", tally.stations),
        ("started_stations", "Stations that have power.", tally.started),
        ("accepted_stations", "Stations that are connected, and the CSMS has accepted them.", tally.accepted),
        ("transactions", "Transactions that run.", tally.charging),
        ("power_watts", "Power that all EVSEs deliver.", tally.power_w),
        ("waiting_transaction_events", "TransactionEvents that wait in the outboxes.", tally.waiting),
        ("lost_transaction_events", "TransactionEvents that were neither acknowledged nor wait.", tally.lost),
        ("processes", "Processes that run the stations.", tally.processes),
        ("resident_memory_bytes", "Of the processes.", tally.memory_b),
    )


def _counters(tally: ShardTally) -> tuple[tuple[str, str, float], ...]:
    return (
        ("energy_joules", "What the meters of all EVSEs have counted since the begin.", tally.energy_wh * JOULES),
        ("transaction_events", "TransactionEvents that were put into the outboxes.", tally.events),
        ("outbox_discarded", "Messages of the outboxes that were given up.", tally.discarded),
        ("transactions_begun", "Transactions that have begun.", tally.transactions),
        ("transactions_ended", "Transactions that have ended.", tally.ended),
        ("csms_connections", "Connections to the CSMS that came about.", tally.connections),
        ("csms_reconnects", "Connections after the first one of a station.", tally.reconnects),
        ("csms_connection_failures", "Connection attempts that failed.", tally.failed_attempts),
        ("evs", "EVs that came.", tally.visits),
        ("drivers_turned_away", "Drivers who could not charge.", tally.turned_away),
        ("cpu_seconds", "Of the processes.", tally.cpu_s),
    )


def exposition(tally: Callable[[], ShardTally]) -> bytes:
    """Return what a scrape gets, from a registry that knows nothing else."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(FleetCollector(tally))
    return generate_latest(registry)


def metrics_app(tally: Callable[[], ShardTally]) -> Litestar:
    """Return the application, which has this one path and answers to loopback names only."""

    @get("/metrics", include_in_schema=False, sync_to_thread=False, media_type=TEXT_FORMAT)
    def metrics() -> Response[bytes]:
        return Response(exposition(tally), media_type=TEXT_FORMAT)

    return Litestar(
        [metrics],
        middleware=[Gate(None)],
        state=State({"needs_token": False}),
        openapi_config=None,
        logging_config=None,
    )
