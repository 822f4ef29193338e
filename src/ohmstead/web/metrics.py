"""The station in the text format of Prometheus: read from its bench whenever somebody scrapes, kept nowhere.

Every label has a bounded number of values: EVSEs and connectors of the product, words of the specification. There are
no id tokens, transactions or URLs among them.
"""

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from ohmstead.ports.bench import Bench, EvseView, StationView
from ohmstead.ports.campaign import Campaigns, CampaignView
from ohmstead.ports.figures import CallFigures, Latencies, StationFigures
from ohmstead.wire.messages import ConnectorStatusEnum, RegistrationStatusEnum, TransactionEventEnum

JOULES = 3600.0
"""In a Wh: Prometheus has base units."""
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Seconds: upper bounds of the buckets of a latency."""
BOOT_STATUSES = (*(status.value for status in RegistrationStatusEnum), "Failed", "None")
"""`Failed`: the last answer to BootNotification cannot be used; `None`: there was none yet."""
VERDICTS = ("PASS", "FAIL", "INCONCLUSIVE", "NOT APPLICABLE")


def exposition(bench: Bench, campaigns: Campaigns | None) -> bytes:
    """Return what a scrape gets, from a registry that knows nothing else."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(StationCollector(bench))
    if campaigns is not None:
        registry.register(CampaignCollector(campaigns))
    return generate_latest(registry)


def counter(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    """Return a counter with one label."""
    family = CounterMetricFamily(name, text, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def states(name: str, text: str, label: str, known: Iterable[str], present: dict[tuple[str, ...], str]) -> Metric:
    """Return a gauge that is 1 for the present state of each place, an EVSE and a connector, and 0 for every other."""
    placed = ["evse", "connector"] if all(present) else []
    family = GaugeMetricFamily(name, text, labels=[*placed, label])
    words = tuple(known)
    for place, state in present.items():
        for word in words:
            family.add_metric([*place, word], float(word == state))
    return family


class StationCollector(Collector):
    """Tells of one station."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def collect(self) -> Iterator[Metric]:
        """Read the bench and yield every metric."""
        view, figures = self._bench.view(), self._bench.figures()
        yield self._info(view)
        yield from self._standing(view)
        yield from self._evses(view.evses)
        yield from self._counted(figures)
        yield from told_of_calls("ohmstead", figures.calls)

    @staticmethod
    def _info(view: StationView) -> Metric:
        told = {
            "identity": view.identity,
            "product": view.product,
            "vendor": view.vendor,
            "model": view.model,
            "firmware": view.firmware,
        }
        return InfoMetricFamily("ohmstead_station", "What the station is.", told)

    @staticmethod
    def _standing(view: StationView) -> Iterator[Metric]:
        connected = view.connection.state == "Connected"
        yield GaugeMetricFamily("ohmstead_station_powered", "Whether the station has power.", float(view.powered))
        yield GaugeMetricFamily("ohmstead_csms_connected", "Whether the link to the CSMS is up.", float(connected))
        status = view.connection.boot_status or "None"
        text = "1 for the last status of a BootNotification."
        yield states("ohmstead_boot_status", text, "status", BOOT_STATUSES, {(): status})
        text = "Messages that wait for their response, at most 500 of them."
        yield GaugeMetricFamily("ohmstead_outbox_messages", text, len(view.queue))
        yield GaugeMetricFamily("ohmstead_active_faults", "Faults that are active.", len(view.faults))

    @staticmethod
    def _evses(evses: tuple[EvseView, ...]) -> Iterator[Metric]:
        status: dict[tuple[str, ...], str] = {
            (str(evse.id), str(connector.id)): connector.status for evse in evses for connector in evse.connectors
        }
        text = "1 for the present status of a connector."
        yield states("ohmstead_connector_status", text, "status", ConnectorStatusEnum, status)
        power = GaugeMetricFamily("ohmstead_evse_power_watts", "Power that an EVSE delivers.", labels=["evse"])
        text = "Register of the meter of an EVSE, for the life of the machine."
        energy = CounterMetricFamily("ohmstead_evse_energy_joules", text, labels=["evse"])
        transactions = GaugeMetricFamily("ohmstead_evse_transactions", "Transactions that run.", labels=["evse"])
        for evse in evses:
            place = [str(evse.id)]
            power.add_metric(place, evse.power_w)
            energy.add_metric(place, evse.energy_wh * JOULES)
            running = evse.session is not None and evse.session.transaction_id is not None
            transactions.add_metric(place, float(running))
        yield from (power, energy, transactions)

    @staticmethod
    def _counted(figures: StationFigures) -> Iterator[Metric]:
        for name, text, number in (
            ("ohmstead_boots", "Runs of the station.", figures.boots),
            ("ohmstead_csms_connections", "Connections to the CSMS that came about.", figures.connections),
            ("ohmstead_csms_connection_failures", "Connection attempts that failed.", figures.failed_attempts),
            ("ohmstead_store_commits", "Commits of the store.", figures.commits),
            ("ohmstead_outbox_discarded", "Messages of the outbox that were given up.", figures.discarded),
        ):
            yield CounterMetricFamily(name, text, number)
        text = "TransactionEvents that were put into the outbox."
        events = {kind.value: figures.events.get(kind.value, 0) for kind in TransactionEventEnum}
        yield counter("ohmstead_transaction_events", text, "type", events)
        yield counter("ohmstead_transactions_ended", "Transactions that have ended.", "reason", figures.ended)
        text = "Frames that were none of OCPP-J."
        unreadable = {way: figures.unreadable.get(way, 0) for way in ("sent", "received")}
        yield counter("ohmstead_unreadable_frames", text, "direction", unreadable)


def told_of_calls(prefix: str, figures: Iterable[CallFigures]) -> Iterator[Metric]:
    """Yield how many calls there were, and how long their answers took; `prefix` begins the names."""
    text = "Calls by who has sent them, and what became of them: CALLRESULT, unanswered, or an error code."
    calls = CounterMetricFamily(f"{prefix}_calls", text, labels=["direction", "action", "outcome"])
    text = "From a call to its answer."
    durations = HistogramMetricFamily(f"{prefix}_call_duration_seconds", text, labels=["direction", "action"])
    for one in figures:
        for outcome, number in one.outcomes.items():
            calls.add_metric([one.way, one.action, outcome], number)
        durations.add_metric([one.way, one.action], buckets(one.latencies), one.latencies.total)
    yield from (calls, durations)


def buckets(latencies: Latencies) -> list[tuple[str, float]]:
    """Return the cumulative buckets of a histogram."""
    return [*((str(bound), latencies.up_to(bound)) for bound in BOUNDS), ("+Inf", latencies.count)]


class CampaignCollector(Collector):
    """Tells of the lab's campaign beside the station: the present one, or the last."""

    def __init__(self, campaigns: Campaigns) -> None:
        self._campaigns = campaigns

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        yield from self._told(self._campaigns.view())

    @staticmethod
    def _told(view: CampaignView) -> Iterator[Metric]:
        running = float(view.state == "running")
        yield GaugeMetricFamily("ohmstead_campaign_running", "Whether a campaign of the lab runs.", running)
        yield GaugeMetricFamily("ohmstead_campaign_expected_cases", "Cases of the campaign.", view.total)
        text = "Cases of the campaign that run."
        yield GaugeMetricFamily("ohmstead_campaign_running_cases", text, len(view.running))
        cases = GaugeMetricFamily("ohmstead_campaign_cases", "Cases of the campaign by verdict.", labels=["verdict"])
        for verdict in VERDICTS:
            cases.add_metric([verdict], view.counts.get(verdict, 0))
        yield cases
