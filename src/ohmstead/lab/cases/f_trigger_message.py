"""Block F: the CSMS asks for messages."""

from datetime import timedelta

from ohmstead.lab.cases import states, states_station, states_stopping
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import ABSENT, Wanted, differs, one_of
from ohmstead.lab.cases.states_metering import ALIGNED_LIST, UPDATED_LIST
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.f_remote_control import (
    TRIGGER_REFUSED,
    TRIGGERED_EVSE,
    TRIGGERED_MEASURANDS,
    TRIGGERED_STATUS,
)
from ohmstead.lab.rig import FirmwareKind
from ohmstead.wire import frames
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import MessageTriggerEnum, ReadingContextEnum

ANSWERED = ("F06.FR.04", "F06.FR.05", "F06.FR.10")


REFUSABLE = differs(TRIGGER_REFUSED, specification=one_of("Accepted", "Rejected"), tool="Accepted")
TRIGGERS = MessageTriggerEnum
PERIODIC_TOO = {TRIGGERS.MeterValues: '"Trigger"', TRIGGERS.TransactionEvent: '"Trigger"'}
"""Messages that may be sent at any time, with what tells the one that was asked for."""


async def _trigger(
    t: Tester, message: MessageTriggerEnum, step: int, evse: wire.EVSE | None = None, status: object = REFUSABLE
) -> bool:
    """Ask for a message; say whether it will come. The answer goes first (F06.FR.04)."""
    mark = len(t.log)
    response = await t.call(wire.TriggerMessageRequest(requested_message=message, evse=evse), step=step, status=status)
    early = _sent_before_answer(t, mark, message)
    t.require(step, early is None, "TriggerMessageResponse", "before the message that was asked for", early)
    if response.status is wire.TriggerMessageStatusEnum.Accepted:
        return True
    await t.elapse(t.settle)
    return False


def _sent_before_answer(t: Tester, mark: int, message: MessageTriggerEnum) -> str | None:
    """Return the message that was asked for, if it came before the answer; a Heartbeat has its own times."""
    names = {message.value, "NotifyEvent"} if message is TRIGGERS.StatusNotification else {message.value}
    if message is TRIGGERS.Heartbeat:
        return None
    for entry in t.log[mark:]:
        frame = _frame(entry.text) if entry.way == "<" else None
        if isinstance(frame, frames.CallResult):
            break
        if isinstance(frame, frames.Call) and frame.action in names and PERIODIC_TOO.get(message, "") in entry.text:
            return entry.text
    return None


def _frame(text: str) -> frames.Frame | None:
    try:
        return frames.parse(text)
    except frames.FrameError:
        return None


def _here(t: Tester, connector_id: int | None = None) -> wire.EVSE:
    return wire.EVSE(id=t.config.evse_id, connector_id=connector_id)


def _is_triggered(values: object) -> bool:
    """Say whether the first sampled value of meterValue says that it was triggered."""
    if not isinstance(values, tuple) or not values or not isinstance(values[0], wire.MeterValue):
        return False
    return values[0].sampled_value[0].context is ReadingContextEnum.Trigger


TRIGGERED = Wanted("values whose first one has context Trigger", _is_triggered)


async def _configured(t: Tester, key: str) -> set[str] | None:
    """Return the measurands of a list; None where the station does not tell it, and may give what it likes."""
    told = await t.get(key)
    return None if told is None else set(filter(None, told.split(",")))


def _check_measurands(t: Tester, values: tuple[wire.MeterValue, ...] | None, wanted: set[str] | None) -> None:
    """Every measurand of the list is there; without an EV nobody knows its state of charge."""
    if wanted is None:
        return
    sampled = [one.measurand for value in values or () for one in value.sampled_value]
    got = {wire.MeasurandEnum.Energy_Active_Import_Register.value if one is None else one.value for one in sampled}
    missing = wanted - got - (set() if t.outlet().plugged else {"SoC"})
    by_either = differs(TRIGGERED_MEASURANDS, specification="none", tool=Wanted("any", lambda _: True))
    t.compare(
        3, "MeterValuesRequest.meterValue: measurands that are missing", ", ".join(sorted(missing)) or "none", by_either
    )


# Meter values

VALUES = (TRIGGER_REFUSED, TRIGGERED_MEASURANDS)


@case(
    "TC_F_11_CS",
    "MeterValues of one EVSE",
    requirements=("F06.FR.02", "F06.FR.06", *ANSWERED),
    readings=VALUES,
    settings=ALIGNED_LIST,
)
async def meter_values(t: Tester) -> None:
    """The values of the EVSE that was named, and of no other; clock-aligned ones are none of ours."""
    t.forbid(wire.MeterValuesRequest)
    t.allow(wire.MeterValuesRequest, meter_value=Wanted("not triggered", lambda values: not _is_triggered(values)))
    wanted = await _configured(t, "AlignedDataCtrlr.Measurands")
    if await _trigger(t, TRIGGERS.MeterValues, 2, _here(t)):
        await _expect_values(t, t.config.evse_id, wanted)


async def _expect_values(t: Tester, evse_id: int, wanted: set[str] | None) -> None:
    message = await t.expect(3, wire.MeterValuesRequest, evse_id=evse_id, meter_value=TRIGGERED)
    _check_measurands(t, message.meter_value, wanted)


@case(
    "TC_F_12_CS",
    "MeterValues of all EVSEs",
    requirements=("F06.FR.06", "F06.FR.11", *ANSWERED),
    readings=VALUES,
    settings=ALIGNED_LIST,
)
async def all_meter_values(t: Tester) -> None:
    """The values of every EVSE."""
    wanted = await _configured(t, "AlignedDataCtrlr.Measurands")
    if await _trigger(t, TRIGGERS.MeterValues, 2):
        for evse in t.product.evses:
            await _expect_values(t, evse.id, wanted)


# Transaction events


async def _expect_triggered(t: Tester, evse_id: int, named: object, wanted: set[str] | None) -> None:
    """Expect the event, with values where there are any: F06.FR.07 wants those that are configured."""
    none = wanted is not None and not wanted
    if none:
        t.note("no values are sampled during a transaction, so the event has none (F06.FR.07)")
    event = await t.event(
        3,
        evse_id=evse_id,
        event_type="Updated",
        trigger_reason="Trigger",
        transaction_info__charging_state="Charging",
        meter_value=ABSENT if none else TRIGGERED,
        evse__id=named,
    )
    _check_measurands(t, event.meter_value, wanted)


@case(
    "TC_F_13_CS",
    "TransactionEvent of one EVSE",
    requirements=("F06.FR.02", "F06.FR.07", *ANSWERED),
    readings=VALUES,
    settings=UPDATED_LIST,
    begin=states.energy_transfer_started,
)
async def transaction_event(t: Tester) -> None:
    """One event of the transaction that runs there."""
    wanted = await _configured(t, "SampledDataCtrlr.TxUpdatedMeasurands")
    if await _trigger(t, TRIGGERS.TransactionEvent, 2, _here(t)):
        await _expect_triggered(t, t.config.evse_id, one_of(None, t.config.evse_id), wanted)


@case(
    "TC_F_14_CS",
    "TransactionEvent of all EVSEs",
    requirements=("F06.FR.07", "F06.FR.11", *ANSWERED),
    readings=(*VALUES, TRIGGERED_EVSE),
    settings=UPDATED_LIST,
    begin=states.every_evse_charges,
)
async def all_transaction_events(t: Tester) -> None:
    """One event of every transaction that runs."""
    wanted = await _configured(t, "SampledDataCtrlr.TxUpdatedMeasurands")
    if not await _trigger(t, TRIGGERS.TransactionEvent, 2):
        return
    for evse in t.product.evses:
        named = differs(TRIGGERED_EVSE, specification=one_of(None, evse.id), tool=evse.id)
        await _expect_triggered(t, evse.id, named, wanted)


# Logs and firmware


@case(
    "TC_F_15_CS", "LogStatusNotification while idle", requirements=("F06.FR.15", *ANSWERED), readings=(TRIGGER_REFUSED,)
)
async def log_idle(t: Tester) -> None:
    """Nothing is being uploaded."""
    if await _trigger(t, TRIGGERS.LogStatusNotification, 2):
        await t.expect(3, wire.LogStatusNotificationRequest, status="Idle")


@case(
    "TC_F_16_CS",
    "LogStatusNotification while uploading",
    requirements=("F06.FR.14", *ANSWERED),
    readings=(TRIGGER_REFUSED,),
)
async def log_uploading(t: Tester) -> None:
    """The server holds the upload, so that the station is caught at it."""
    t.files.hold(True)
    log = wire.LogParameters(remote_location=t.files.place("logs"))
    request_id = t.next_id()
    request = wire.GetLogRequest(log_type=wire.LogEnum.DiagnosticsLog, request_id=request_id, log=log)
    await t.call(request, step=2, status="Accepted")
    await t.expect(3, wire.LogStatusNotificationRequest, status="Uploading", request_id=request_id)
    if await _trigger(t, TRIGGERS.LogStatusNotification, 6):
        await t.expect(7, wire.LogStatusNotificationRequest, status="Uploading", request_id=request_id)
    t.files.hold(False)
    await t.maybe(wire.LogStatusNotificationRequest, status="Uploaded", within=60)


@case(
    "TC_F_17_CS",
    "FirmwareStatusNotification, with an EVSE that does not matter",
    requirements=("F06.FR.03", *ANSWERED),
    readings=(TRIGGER_REFUSED,),
)
async def firmware_idle_for_evse(t: Tester) -> None:
    """The evse is ignored."""
    if await _trigger(t, TRIGGERS.FirmwareStatusNotification, 2, _here(t)):
        await t.expect(3, wire.FirmwareStatusNotificationRequest, status="Idle")


@case(
    "TC_F_18_CS",
    "FirmwareStatusNotification while idle",
    requirements=("F06.FR.16", "L01.FR.25", *ANSWERED),
    readings=(TRIGGER_REFUSED,),
)
async def firmware_idle(t: Tester) -> None:
    """No firmware is on its way, and none ever was."""
    if await _trigger(t, TRIGGERS.FirmwareStatusNotification, 2):
        await t.expect(3, wire.FirmwareStatusNotificationRequest, status="Idle")


@case(
    "TC_F_19_CS",
    "FirmwareStatusNotification while downloading",
    requirements=("L01.FR.26", *ANSWERED),
    readings=(TRIGGER_REFUSED,),
)
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
    if await _trigger(t, TRIGGERS.FirmwareStatusNotification, 6):
        await t.expect(7, wire.FirmwareStatusNotificationRequest, status="Downloading", request_id=request_id)
    # What follows is cleaning up; nothing of it is judged here (errata 6.2.59).
    t.allow(wire.FirmwareStatusNotificationRequest)
    t.files.hold(False)
    await t.maybe(wire.FirmwareStatusNotificationRequest, status="Downloaded", within=10)
    await t.maybe(wire.FirmwareStatusNotificationRequest, status="InvalidSignature", within=10)
    await t.maybe(wire.SecurityEventNotificationRequest, type="InvalidFirmwareSignature", within=10)


# The rest


@case("TC_F_20_CS", "Heartbeat", requirements=ANSWERED, readings=(TRIGGER_REFUSED,))
async def heartbeat(t: Tester) -> None:
    """A Heartbeat comes at once, long before its interval."""
    if await _trigger(t, TRIGGERS.Heartbeat, 2):
        await t.expect(3, wire.HeartbeatRequest)


STATUS = (TRIGGER_REFUSED, TRIGGERED_STATUS)


async def _trigger_status(t: Tester, status: str) -> None:
    told = len(t.received(wire.StatusNotificationRequest))
    t.ask_status()
    if not await _trigger(t, TRIGGERS.StatusNotification, 2, _here(t, t.config.connector_id)):
        return
    if not await t.expect_status(3, status, evse_id=t.config.evse_id, connector_id=t.config.connector_id):
        return
    both = len(t.received(wire.StatusNotificationRequest)) > told or await t.maybe(wire.StatusNotificationRequest)
    kind = "StatusNotification" if both else "NotifyEvent"
    either = one_of("StatusNotification", "NotifyEvent")
    t.compare(
        3,
        "StatusNotificationRequest: the message that tells the status",
        kind,
        differs(TRIGGERED_STATUS, specification="StatusNotification", tool=either),
    )


@case(
    "TC_F_23_CS", "StatusNotification of an available connector", requirements=("F06.FR.02", *ANSWERED), readings=STATUS
)
async def status_available(t: Tester) -> None:
    """Available."""
    await _trigger_status(t, "Available")


@case(
    "TC_F_24_CS",
    "StatusNotification of an occupied connector",
    requirements=("F06.FR.02", *ANSWERED),
    readings=STATUS,
    begin=states_stopping.cable_in,
)
async def status_occupied(t: Tester) -> None:
    """Occupied."""
    await _trigger_status(t, "Occupied")


@case("TC_F_26_CS", "BootNotification once it has been accepted", requirements=("F06.FR.04", "F06.FR.05", "F06.FR.17"))
async def boot(t: Tester) -> None:
    """Rejected, and none is sent."""
    await _trigger(t, TRIGGERS.BootNotification, 2, status="Rejected")
    await t.expect_none(2, wire.BootNotificationRequest, 2)


@case("TC_F_27_CS", "SignCombinedCertificate", requirements=("F06.FR.08",))
async def combined_certificate(t: Tester) -> None:
    """A message that the station cannot send is NotImplemented."""
    await _trigger(t, TRIGGERS.SignCombinedCertificate, 2, status="NotImplemented")
