"""Block F: the CSMS asks for messages."""

from datetime import timedelta

from ohmstead.lab import states, states_station
from ohmstead.lab.bench import FirmwareKind
from ohmstead.lab.case import case
from ohmstead.lab.tester import Tester
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import MessageTriggerEnum, ReadingContextEnum

ANSWERED = ("F06.FR.04", "F06.FR.05", "F06.FR.10")


async def _trigger(
    t: Tester, message: MessageTriggerEnum, step: int, evse: wire.EVSE | None = None, status: str = "Accepted"
) -> None:
    await t.call(wire.TriggerMessageRequest(requested_message=message, evse=evse), step=step, status=status)


def _here(t: Tester, connector_id: int | None = None) -> wire.EVSE:
    return wire.EVSE(id=t.config.evse_id, connector_id=connector_id)


def _triggered(values: object) -> bool:
    """Say whether the first sampled value of meterValue says that it was triggered."""
    if not isinstance(values, tuple) or not values or not isinstance(values[0], wire.MeterValue):
        return False
    return values[0].sampled_value[0].context is ReadingContextEnum.Trigger


# Meter values


@case("TC_F_11_CS", "MeterValues of one EVSE", requirements=("F06.FR.02", "F06.FR.06", *ANSWERED))
async def meter_values(t: Tester) -> None:
    """The values of the EVSE that was named, and of no other."""
    t.forbid(wire.MeterValuesRequest)
    await _trigger(t, MessageTriggerEnum.MeterValues, 2, _here(t))
    await t.expect(3, wire.MeterValuesRequest, evse_id=t.config.evse_id, meter_value=_triggered)


@case("TC_F_12_CS", "MeterValues of all EVSEs", requirements=("F06.FR.06", "F06.FR.11", *ANSWERED))
async def all_meter_values(t: Tester) -> None:
    """The values of every EVSE."""
    await _trigger(t, MessageTriggerEnum.MeterValues, 2)
    for evse in t.product.evses:
        await t.expect(3, wire.MeterValuesRequest, evse_id=evse.id, meter_value=_triggered)


# Transaction events


async def _expect_triggered(t: Tester, evse_id: int) -> None:
    await t.event(
        3,
        evse_id=evse_id,
        event_type="Updated",
        trigger_reason="Trigger",
        transaction_info__charging_state="Charging",
        meter_value=_triggered,
        evse=lambda evse: evse is None or evse.id == evse_id,
    )


@case(
    "TC_F_13_CS",
    "TransactionEvent of one EVSE",
    requirements=("F06.FR.02", "F06.FR.07", *ANSWERED),
    begin=states.energy_transfer_started,
)
async def transaction_event(t: Tester) -> None:
    """One event of the transaction that runs there."""
    await _trigger(t, MessageTriggerEnum.TransactionEvent, 2, _here(t))
    await _expect_triggered(t, t.config.evse_id)


async def _both_charge(t: Tester) -> None:
    """Every EVSE charges: the second one with a second token."""
    await states.energy_transfer_started(t)
    await states.energy_transfer_started(t, t.config.evse_id2, token=t.config.valid2)


@case(
    "TC_F_14_CS",
    "TransactionEvent of all EVSEs",
    requirements=("F06.FR.07", "F06.FR.11", *ANSWERED),
    begin=_both_charge,
)
async def all_transaction_events(t: Tester) -> None:
    """One event of every transaction that runs."""
    await _trigger(t, MessageTriggerEnum.TransactionEvent, 2)
    for evse in t.product.evses:
        await _expect_triggered(t, evse.id)


# Logs and firmware


@case("TC_F_15_CS", "LogStatusNotification while idle", requirements=("F06.FR.15", *ANSWERED))
async def log_idle(t: Tester) -> None:
    """Nothing is being uploaded."""
    await _trigger(t, MessageTriggerEnum.LogStatusNotification, 2)
    await t.expect(3, wire.LogStatusNotificationRequest, status="Idle")


@case("TC_F_16_CS", "LogStatusNotification while uploading", requirements=("F06.FR.14", *ANSWERED))
async def log_uploading(t: Tester) -> None:
    """The server holds the upload, so that the station is caught at it."""
    t.files.hold(True)
    log = wire.LogParameters(remote_location=t.files.place("logs"))
    request_id = t.next_id()
    request = wire.GetLogRequest(log_type=wire.LogEnum.DiagnosticsLog, request_id=request_id, log=log)
    await t.call(request, step=2, status="Accepted")
    await t.expect(3, wire.LogStatusNotificationRequest, status="Uploading", request_id=request_id)
    await _trigger(t, MessageTriggerEnum.LogStatusNotification, 6)
    await t.expect(7, wire.LogStatusNotificationRequest, status="Uploading", request_id=request_id)
    t.files.hold(False)
    await t.maybe(wire.LogStatusNotificationRequest, status="Uploaded", within=10)


@case(
    "TC_F_17_CS",
    "FirmwareStatusNotification, with an EVSE that does not matter",
    requirements=("F06.FR.03", *ANSWERED),
)
async def firmware_idle_for_evse(t: Tester) -> None:
    """The evse is ignored."""
    await _trigger(t, MessageTriggerEnum.FirmwareStatusNotification, 2, _here(t))
    await t.expect(3, wire.FirmwareStatusNotificationRequest, status="Idle")


@case("TC_F_18_CS", "FirmwareStatusNotification while idle", requirements=("F06.FR.16", "L01.FR.25", *ANSWERED))
async def firmware_idle(t: Tester) -> None:
    """No firmware is on its way, and none ever was."""
    await _trigger(t, MessageTriggerEnum.FirmwareStatusNotification, 2)
    await t.expect(3, wire.FirmwareStatusNotificationRequest, status="Idle")


@case("TC_F_19_CS", "FirmwareStatusNotification while downloading", requirements=("L01.FR.26", *ANSWERED))
async def firmware_downloading(t: Tester) -> None:
    """The server holds the download; the signature is wrong, so that nothing gets installed (errata 6.2.59)."""
    image = t.firmware(FirmwareKind.BadSignature)
    await states_station.certificate_installed(
        t, wire.InstallCertificateUseEnum.ManufacturerRootCertificate, image.root
    )
    t.files.hold(True)
    request_id = t.next_id()
    firmware = wire.Firmware(
        location=image.url,
        retrieve_date_time=t.clock.now() - timedelta(hours=2),
        signing_certificate=image.certificate,
        signature=image.signature,
    )
    await t.call(wire.UpdateFirmwareRequest(request_id=request_id, firmware=firmware), step=2, status="Accepted")
    await t.expect(3, wire.FirmwareStatusNotificationRequest, status="Downloading", request_id=request_id)
    await _trigger(t, MessageTriggerEnum.FirmwareStatusNotification, 6)
    await t.expect(7, wire.FirmwareStatusNotificationRequest, status="Downloading", request_id=request_id)
    t.files.hold(False)
    await t.maybe(wire.FirmwareStatusNotificationRequest, status="Downloaded", within=10)
    await t.maybe(wire.FirmwareStatusNotificationRequest, status="InvalidSignature", within=10)
    await t.maybe(wire.SecurityEventNotificationRequest, type="InvalidFirmwareSignature", within=10)


# The rest


@case("TC_F_20_CS", "Heartbeat", requirements=ANSWERED)
async def heartbeat(t: Tester) -> None:
    """A Heartbeat comes at once, long before its interval."""
    await _trigger(t, MessageTriggerEnum.Heartbeat, 2)
    await t.expect(3, wire.HeartbeatRequest)


async def _trigger_status(t: Tester, status: str) -> None:
    await _trigger(t, MessageTriggerEnum.StatusNotification, 2, _here(t, t.config.connector_id))
    await t.expect_status(3, status, evse_id=t.config.evse_id, connector_id=t.config.connector_id)


@case("TC_F_23_CS", "StatusNotification of an available connector", requirements=("F06.FR.02", *ANSWERED))
async def status_available(t: Tester) -> None:
    """Available."""
    await _trigger_status(t, "Available")


@case(
    "TC_F_24_CS",
    "StatusNotification of an occupied connector",
    requirements=("F06.FR.02", *ANSWERED),
    begin=states.ev_connected_pre_session,
)
async def status_occupied(t: Tester) -> None:
    """Occupied."""
    await _trigger_status(t, "Occupied")


@case("TC_F_26_CS", "BootNotification once it has been accepted", requirements=("F06.FR.04", "F06.FR.05", "F06.FR.17"))
async def boot(t: Tester) -> None:
    """Rejected, and none is sent."""
    await _trigger(t, MessageTriggerEnum.BootNotification, 2, status="Rejected")
    await t.expect_none(2, wire.BootNotificationRequest, 2)


@case("TC_F_27_CS", "SignCombinedCertificate", requirements=("F06.FR.08",))
async def combined_certificate(t: Tester) -> None:
    """A message that the station cannot send is NotImplemented."""
    await _trigger(t, MessageTriggerEnum.SignCombinedCertificate, 2, status="NotImplemented")
