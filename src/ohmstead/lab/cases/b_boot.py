"""Block B: cold boot (B01, B02, B03), and what is reported after an outage (B04)."""

from ohmstead.lab.cases import inventory, states, states_station, states_stopping
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import Wanted, differs, one_of
from ohmstead.lab.cases.runner import configure
from ohmstead.lab.cases.states_station import ANYTHING
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.b_boot import BOOT_AFTER_OUTAGE, BOOT_REASON, BOOT_TRIGGER, REPEATED_BOOT, SELF_CHECK
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from ohmstead.wire.errors import ErrorCode
from ohmstead.wire.messages import MessageTriggerEnum, RegistrationStatusEnum, ReportBaseEnum

FIRST = differs(BOOT_REASON, specification="PowerUp", tool=ANYTHING)
LONG = 300
OFFLINE_THRESHOLD = "OCPPCommCtrlr.OfflineThreshold"
"""Seconds of an interval that no case waits for."""


def _short(t: Tester) -> int:
    """Return seconds of an interval that a case waits for, well above the tolerance."""
    return max(6, round(4 * t.rig.tolerance))


def _register(t: Tester, status: RegistrationStatusEnum, interval: int) -> None:
    """Answer the next BootNotification in this way; what has to wait until Accepted comes late."""
    t.rules.disturbed = True

    def response(_boot: wire.BootNotificationRequest) -> wire.BootNotificationResponse:
        return wire.BootNotificationResponse(current_time=t.clock.now(), interval=interval, status=status)

    t.answer(wire.BootNotificationRequest, response, times=1)


async def _first_boot(t: Tester) -> wire.BootNotificationRequest:
    """Switch the station on and take its first BootNotification."""
    await t.start()
    await t.connection(within=300)
    return await t.expect(1, wire.BootNotificationRequest, reason=FIRST)


def _sent_only(t: Tester, step: int | str, *kinds: type[Request[Response]]) -> None:
    """Fail if the station has sent anything but these so far."""
    others = [type(message).__name__ for message in t.received(Request) if not isinstance(message, kinds)]
    names = ", ".join(kind.__name__ for kind in kinds)
    t.require(
        step,
        not others,
        "BootNotificationResponse: what came before it said Accepted",
        f"{names} only",
        ", ".join(others),
    )


def _check_on_time(t: Tester, step: int, interval: int, *boots: wire.BootNotificationRequest) -> None:
    """The second boot comes once the interval of the first one's response is over, and not long after it."""
    first, second = boots
    field, waited = "BootNotificationRequest: seconds until it", t.arrived(second).at - t.answered(first)
    t.require(step, waited >= interval - t.rig.tolerance, field, interval, waited)
    if len(t.endpoint().handshakes) == 1:
        # A connection that was closed meanwhile has to be made again first (B03.FR.04).
        about = Wanted(f"about {interval}", lambda _: waited < 1.5 * interval)
        t.compare(step, field, round(waited, 2), differs(REPEATED_BOOT, specification=about, tool=ANYTHING))


@case(
    "TC_B_01_CS",
    "A cold boot, Accepted",
    requirements=("B01.FR.01", "B01.FR.05", "B01.FR.09"),
    readings=(BOOT_REASON, SELF_CHECK),
    boots=False,
)
async def accepted(t: Tester) -> None:
    """BootNotification is the first message and tells who boots; then the status of every connector."""
    await t.start()
    await t.connection(within=300)
    boot = await states_station.check_boot(t, step="Booted", reason=FIRST)
    await states_station.check_self_check(t, "Booted.5")
    t.require(
        1,
        t.received(Request)[0] is boot,
        "BootNotificationRequest: the first message",
        "BootNotification",
        "another one",
    )
    wanted, station = t.product.identity, boot.charging_station
    t.require(
        1, station.model == wanted.model, "BootNotificationRequest.chargingStation.model", wanted.model, station.model
    )
    t.require(
        1,
        station.vendor_name == wanted.vendor_name,
        "BootNotificationRequest.chargingStation.vendorName",
        wanted.vendor_name,
        station.vendor_name,
    )
    version, told = wanted.firmware_version, station.firmware_version
    # A product need not claim one: its station then tells which it has, or none.
    field = "BootNotificationRequest.chargingStation.firmwareVersion"
    t.require(1, version in ("", told), field, version, told)


@case(
    "TC_B_02_CS",
    "A cold boot, Pending and then Accepted",
    requirements=(
        *("B02.FR.01", "B02.FR.02", "B02.FR.04", "B02.FR.05", "B02.FR.06", "B02.FR.08"),
        *("F06.FR.05", "F06.FR.17"),
    ),
    readings=(BOOT_REASON, SELF_CHECK, REPEATED_BOOT, BOOT_TRIGGER),
    boots=False,
)
async def pending(t: Tester) -> None:
    """While Pending it waits as told, answers, reports and takes settings, starts nothing, and boots again if asked.

    The interval is looked at once (B02.FR.08) before the steps of the text.
    """
    interval = _short(t)
    _register(t, RegistrationStatusEnum.Pending, interval)
    first = await _first_boot(t)
    _register(t, RegistrationStatusEnum.Pending, LONG)
    second = await t.expect(1, wire.BootNotificationRequest, within=2 * interval + t.patience)
    _check_on_time(t, 1, interval, first, second)
    await t.set("OCPPCommCtrlr.OfflineThreshold", "300", step=4)
    value = await t.get("OCPPCommCtrlr.OfflineThreshold", step=6)
    t.require(6, value == "300", "GetVariablesResponse: OCPPCommCtrlr.OfflineThreshold", 300, value)
    await inventory.receive(t, ReportBaseEnum.FullInventory, step=8, parts=9)
    start = wire.RequestStartTransactionRequest(
        id_token=t.config.valid.wire, remote_start_id=t.next_id(), evse_id=t.config.evse_id
    )
    await t.call(start, step=12, status="Rejected")
    await t.elapse(t.settle)
    _sent_only(t, 12, wire.BootNotificationRequest, wire.NotifyReportRequest)
    trigger = wire.TriggerMessageRequest(requested_message=MessageTriggerEnum.BootNotification)
    text = one_of("Accepted", "NotImplemented")
    status = differs(BOOT_TRIGGER, specification=one_of("Accepted", "NotImplemented", "Rejected"), tool=text)
    response = await t.call(trigger, step=14, status=status)
    asked = response.status is wire.TriggerMessageStatusEnum.Accepted
    reason: object = "Triggered" if asked else FIRST
    await t.expect(15, wire.BootNotificationRequest, within=None if asked else LONG + t.patience, reason=reason)
    t.require(15, len(t.endpoint().handshakes) == 1, "WebSocket connection", "kept while Pending", "made anew")
    await t.expect_statuses(17, "Available")
    await states_station.check_self_check(t, 17)


@case(
    "TC_B_03_CS",
    "A cold boot, Rejected and then Accepted",
    requirements=("B03.FR.02", "B03.FR.04", "B03.FR.06"),
    readings=(BOOT_REASON, SELF_CHECK, REPEATED_BOOT),
    boots=False,
)
async def rejected(t: Tester) -> None:
    """Silence for the interval of the response, then the next BootNotification; the connection may be closed."""
    interval = _short(t)
    _register(t, RegistrationStatusEnum.Rejected, interval)
    first = await _first_boot(t)
    second = await t.expect(3, wire.BootNotificationRequest, within=2 * interval + t.patience)
    _check_on_time(t, 3, interval, first, second)
    before = [message for message in t.received(Request) if t.arrived(message).at < t.arrived(second).at]
    t.require(
        3, before == [first], "BootNotificationRequest: messages before the interval was over", "none", len(before) - 1
    )
    await t.expect_statuses(5, "Available")
    await states_station.check_self_check(t, 5)


@case(
    "TC_B_30_CS",
    "A message of the CSMS that has rejected the station",
    requirements=("B03.FR.08",),
    readings=(BOOT_REASON,),
    boots=False,
)
async def rejected_asks(t: Tester) -> None:
    """SecurityError, unless the station has left."""
    _register(t, RegistrationStatusEnum.Rejected, LONG)
    await _first_boot(t)
    await t.elapse(t.settle)
    if t.connected is None:
        t.note("the station has closed the connection (B03.FR.04)")
        return
    request = wire.GetBaseReportRequest(request_id=t.next_id(), report_base=ReportBaseEnum.FullInventory)
    await t.call_error(request, ErrorCode.SecurityError, step=4)
    await t.expect_none(4, wire.NotifyReportRequest, 2)


# After an outage


def _threshold(t: Tester) -> int:
    """Return seconds of an OfflineThreshold whose two seconds more or less are well above the tolerance."""
    return max(8, round(4 * t.rig.tolerance))


async def _wait_at_least(t: Tester, seconds: int) -> None:
    """Set OfflineThreshold, and the first wait before a reconnect to these seconds more or less."""
    threshold = _threshold(t)
    await configure(
        t,
        {
            OFFLINE_THRESHOLD: str(threshold),
            "OCPPCommCtrlr.RetryBackOffWaitMinimum": str(threshold + seconds),
            "OCPPCommCtrlr.RetryBackOffRandomRange": "0",
        },
    )
    if OFFLINE_THRESHOLD not in t.settings:
        t.inconclusive(f"{OFFLINE_THRESHOLD} is not implemented: what is a long outage is the station's own")
    if states.keeps_cable(t):
        await states_stopping.cable_in(t)


async def _longer(t: Tester) -> None:
    await _wait_at_least(t, 2)


async def _shorter(t: Tester) -> None:
    await _wait_at_least(t, -2)


async def _change_offline(t: Tester) -> str:
    """Cut the connection and plug in, and return the status that this makes.

    Where it starts a transaction, its queued events are nobody's concern here. A cable that a lock keeps away until
    somebody is authorized (AQ-2) is in before, and comes out.
    """
    if states.keeps_cable(t) or t.start_points & {"ParkingBayOccupancy", "EVConnected"}:
        t.allow(wire.TransactionEventRequest, offline=True)
    await t.disconnect()
    outlet = t.outlet()
    if outlet.plugged:
        await t.hand.unplug(outlet.evse_id)
    else:
        await t.hand.plug(outlet.evse_id, t.config.connector_id)
    outlet.plugged = not outlet.plugged
    await t.elapse(1)
    return "Occupied" if outlet.plugged else "Available"


@case(
    "TC_B_51_CS",
    "Offline for longer than OfflineThreshold",
    requirements=("B04.FR.01",),
    readings=(BOOT_AFTER_OUTAGE,),
    begin=_longer,
)
async def long_outage(t: Tester) -> None:
    """The status of every connector is reported, once."""
    began = t.now()
    made = await _change_offline(t)
    await t.elapse(_threshold(t) + 0.5 - (t.now() - began))
    await t.reconnect()
    await states_station.check_silent_return(t, 4)
    for evse in t.product.evses:
        for connector in evse.connectors:
            changed = (evse.id, connector.id) == (t.config.evse_id, t.config.connector_id)
            status = made if changed else "Available"
            await t.expect_status(4, status, evse_id=evse.id, connector_id=connector.id)


@case(
    "TC_B_52_CS",
    "Offline for shorter than OfflineThreshold",
    requirements=("B04.FR.02",),
    readings=(BOOT_AFTER_OUTAGE,),
    begin=_shorter,
)
async def short_outage(t: Tester) -> None:
    """Only the connector whose status has changed is reported."""
    began = t.now()
    made = await _change_offline(t)
    await t.reconnect()
    offline = t.now() - began
    if offline >= _threshold(t):
        t.inconclusive(f"the station was offline for {offline:.1f} s, not shorter than OfflineThreshold")
    await states_station.check_silent_return(t, 4)
    await t.expect_status(4, made, evse_id=t.config.evse_id, connector_id=t.config.connector_id)
