"""The four figures of a certificate's performance table, and a tour of the station that measures them."""

import math
from collections.abc import Sequence

import msgspec

from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.runner import configure, preconditions
from ohmstead.lab.cases.states_station import first_boot
from ohmstead.lab.cases.stopwatch import Stopwatch
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.rig import Provisioning, Rig
from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import Figure, Performance, Product
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from ohmstead.wire.identifiers import folded
from ohmstead.wire.messages import MessageTriggerEnum, ReportBaseEnum

NAMES = {
    "response": "OCPP response time",
    "triggered": "OCPP triggered function response time",
    "start": "Transaction authorization time by RequestStartTransactionRequest",
    "stop": "Transaction authorization end time by RequestStopTransactionRequest",
}
"""Field of `Figures` -> name of the row in the certificate."""
TRIGGERS: dict[Feature, tuple[MessageTriggerEnum, type[Request[Response]]]] = {
    Feature.TRIGGERS_METER_VALUES: (MessageTriggerEnum.MeterValues, wire.MeterValuesRequest),
    Feature.TRIGGERS_LOG_STATUS: (MessageTriggerEnum.LogStatusNotification, wire.LogStatusNotificationRequest),
    Feature.TRIGGERS_FIRMWARE_STATUS: (
        MessageTriggerEnum.FirmwareStatusNotification,
        wire.FirmwareStatusNotificationRequest,
    ),
    Feature.TRIGGERS_STATUS: (MessageTriggerEnum.StatusNotification, wire.StatusNotificationRequest),
}
"""Feature -> what it lets be triggered, and what comes."""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One row: seconds; without a single time it is `not measurable`."""

    number: int = 0
    min: float | None = None
    max: float | None = None
    average: float | None = None
    p50: float | None = None
    p99: float | None = None
    limit: float | None = None
    """What the vendor says is the valid maximum."""

    @property
    def within(self) -> bool:
        """Say whether no time was above the limit."""
        return self.max is None or self.limit is None or self.max <= self.limit

    @property
    def figure(self) -> Figure:
        """The row as a product profile has it."""
        return Figure(limit=self.limit, min=self.min, max=self.max, average=self.average)


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The performance table of one run."""

    technology: str
    """Communication technology that was measured over."""
    response: Measured
    triggered: Measured
    start: Measured
    stop: Measured
    whole_report: Measured
    """From the request for a report to its last part: not a figure of the certificate, and without a limit."""
    unanswered: int = 0
    """CALLs of the lab that were never answered: these miss every limit."""

    @property
    def missed(self) -> tuple[str, ...]:
        """The rows that were above their limit, by their names in the certificate."""
        over = [name for field, name in NAMES.items() if not self.row(field).within]
        if self.unanswered and NAMES["response"] not in over:
            over.append(NAMES["response"])
        return tuple(over)

    @property
    def performance(self) -> Performance:
        """The table as a product profile has it."""
        rows = {field: self.row(field).figure for field in NAMES}
        return Performance(technology=self.technology, **rows)

    def row(self, field: str) -> Measured:
        """Return a row by its field in `NAMES`."""
        return {"response": self.response, "triggered": self.triggered, "start": self.start, "stop": self.stop}[field]


def summary(times: Sequence[float], limit: float | None = None) -> Measured:
    """Return what is to be said of some times, in seconds; percentiles are times that were measured (nearest rank)."""
    if not times:
        return Measured(limit=limit)
    ordered = sorted(times)
    return Measured(
        number=len(ordered),
        min=round(ordered[0], 6),
        max=round(ordered[-1], 6),
        average=round(math.fsum(ordered) / len(ordered), 6),
        p50=round(_rank(ordered, 0.50), 6),
        p99=round(_rank(ordered, 0.99), 6),
        limit=limit,
    )


def _rank(ordered: Sequence[float], share: float) -> float:
    return ordered[math.ceil(share * len(ordered)) - 1]


def figures(watches: Sequence[Stopwatch], product: Product, technology: str) -> Figures:
    """Return the table of what some stopwatches have seen, against the limits of a product."""
    limits = product.performance
    return Figures(
        technology=technology,
        response=summary([time for watch in watches for time in watch.response], limits.response.limit),
        triggered=summary([time for watch in watches for time in watch.triggered], limits.triggered.limit),
        start=summary([time for watch in watches for time in watch.start], limits.start.limit),
        stop=summary([time for watch in watches for time in watch.stop], limits.stop.limit),
        whole_report=summary([time for watch in watches for time in watch.whole]),
        unanswered=sum(watch.unanswered for watch in watches),
    )


class _TimedTester(Tester):
    """A tester with a stopwatch at its wire log."""

    def __init__(self, rig: Rig, product: Product, config: LabConfig) -> None:
        self.stopwatch = Stopwatch()
        super().__init__(rig, product, config, Provisioning())

    def _log(self, way: str, text: str, endpoint: int) -> None:
        self.stopwatch.take(self.now(), way, text)
        super()._log(way, text, endpoint)


async def measure(rig: Rig, product: Product, config: LabConfig, *, rounds: int, technology: str) -> Figures:
    """Measure a fresh station on a rig; the caller closes the rig.

    Each round asks for what every station answers, for reports and messages, and starts and stops a transaction from
    afar without a cable (where Authorized starts and stops one) and one that charges.

    Raises Failed for what the station does wrong, Inconclusive where it cannot be measured.
    """
    t = _TimedTester(rig, product, config)
    await t.prepare()
    await first_boot(t)
    loose = "Authorized" in product.start_points and "Authorized" in t.config.stop_points.split(",")
    settings = preconditions(t) | ({"TxCtrlr.TxStartPoint": "Authorized"} if loose else {})
    await configure(t, settings)
    t.clear()
    for _ in range(rounds):
        await _questions(t)
        await _reports(t)
        await _triggers(t)
        if loose:
            await _start_and_stop(t)
        await _charge(t)
    return figures((t.stopwatch,), product, technology)


async def _questions(t: _TimedTester) -> None:
    """Requests that a response settles."""
    key = "OCPPCommCtrlr.HeartbeatInterval"
    value = await t.get(key)
    if value is not None:
        await t.try_set(key, value)
    await t.call(wire.GetTransactionStatusRequest())
    await t.call(wire.GetInstalledCertificateIdsRequest())
    await t.call(wire.ChangeAvailabilityRequest(operational_status=wire.OperationalStatusEnum.Operative))
    await t.call(wire.DataTransferRequest(vendor_id=t.config.vendor_id))
    if t.product.has(Feature.AUTH_CACHE):
        await t.call(wire.ClearCacheRequest())


async def _reports(t: _TimedTester) -> None:
    """The whole inventory, what can be configured, and one component."""
    for base in (ReportBaseEnum.FullInventory, ReportBaseEnum.ConfigurationInventory):
        number = t.next_id()
        whole = await t.call(wire.GetBaseReportRequest(request_id=number, report_base=base))
        await _receive(t, number, whole.status)
    number = t.next_id()
    asked = wire.ComponentVariable(component=wire.Component(name="TxCtrlr"))
    part = await t.call(wire.GetReportRequest(request_id=number, component_variable=(asked,)))
    await _receive(t, number, part.status)


async def _receive(t: _TimedTester, number: int, status: wire.GenericDeviceModelStatusEnum) -> None:
    more = status is wire.GenericDeviceModelStatusEnum.Accepted
    while more:
        part = await t.expect("report", wire.NotifyReportRequest, request_id=number)
        more = part.tbc is True


async def _triggers(t: _TimedTester) -> None:
    """Messages that come because the CSMS asks for them."""
    place = wire.EVSE(id=t.config.evse_id, connector_id=t.config.connector_id)
    for feature, (message, kind) in TRIGGERS.items():
        if not t.product.has(feature):
            continue
        evse = place if message is MessageTriggerEnum.StatusNotification else None
        response = await t.call(wire.TriggerMessageRequest(requested_message=message, evse=evse))
        if response.status is wire.TriggerMessageStatusEnum.Accepted:
            await t.expect("trigger", kind)
    t.clear()


async def _start(t: _TimedTester) -> str:
    """Start a transaction from afar, and return its id."""
    number = t.next_id()
    request = wire.RequestStartTransactionRequest(
        id_token=t.config.valid.wire, remote_start_id=number, evse_id=t.config.evse_id
    )
    await t.call(request, status="Accepted")
    event = await t.expect(
        "start",
        wire.TransactionEventRequest,
        where=lambda event: event.transaction_info.remote_start_id == number,
    )
    return event.transaction_info.transaction_id


async def _stop(t: _TimedTester, transaction: str) -> None:
    """Stop it from afar, and wait for the event that says so."""
    await t.call(wire.RequestStopTransactionRequest(transaction_id=transaction), status="Accepted")
    await t.expect("stop", wire.TransactionEventRequest, where=lambda event: _stops(event, transaction))


def _stops(event: wire.TransactionEventRequest, transaction: str) -> bool:
    mine = folded(event.transaction_info.transaction_id) == folded(transaction)
    return mine and event.trigger_reason is wire.TriggerReasonEnum.RemoteStop


async def _start_and_stop(t: _TimedTester) -> None:
    """A transaction that begins and ends by the authorization alone: no hand, no charging state in between."""
    await _stop(t, await _start(t))
    t.clear()


async def _plug(t: _TimedTester, evse_id: int, connector_id: int) -> None:
    await t.hand.plug(evse_id, connector_id)
    await t.expect_status("plug", "Occupied", evse_id=evse_id, connector_id=connector_id)


async def _charge(t: _TimedTester) -> None:
    """A transaction that charges; its stop takes the power away first."""
    place = t.config.evse_id, t.config.connector_id
    cable_first = not t.product.has(Feature.CABLE_LOCKED_UNTIL_AUTHORIZED)
    if cable_first:
        await _plug(t, *place)
    transaction = await _start(t)
    if not cable_first:
        await _plug(t, *place)
    await t.expect(
        "charging",
        wire.TransactionEventRequest,
        where=lambda event: event.transaction_info.charging_state is wire.ChargingStateEnum.Charging,
    )
    if t.product.has(Feature.TRIGGERS_TRANSACTION_EVENT):
        await t.call(
            wire.TriggerMessageRequest(
                requested_message=MessageTriggerEnum.TransactionEvent, evse=wire.EVSE(id=place[0])
            ),
            status="Accepted",
        )
        await t.expect("trigger", wire.TransactionEventRequest, where=_was_triggered)
    await _stop(t, transaction)
    await t.hand.unplug(place[0])
    await t.expect_status("unplug", "Available", evse_id=place[0], connector_id=place[1])
    t.clear()


def _was_triggered(event: wire.TransactionEventRequest) -> bool:
    return event.trigger_reason is wire.TriggerReasonEnum.Trigger
