"""Mutants of block F: remote start and stop, triggers."""

from collections.abc import Callable
from typing import Any

import msgspec

from ohmstead.blocks import f_remote_control
from ohmstead.blocks.f_remote_control import FRemoteControl
from ohmstead.blocks.g_availability import GAvailability
from ohmstead.blocks.g_heartbeat import GHeartbeat
from ohmstead.blocks.l_firmware import LFirmware
from ohmstead.blocks.n_logs import NLogs
from ohmstead.model.facts import Fact
from ohmstead.ports.calls import Cause
from ohmstead.wire.messages import (
    EVSE,
    ConnectorStatusEnum,
    FirmwareStatusEnum,
    FirmwareStatusNotificationRequest,
    LogStatusNotificationRequest,
    MessageTriggerEnum,
    ReadingContextEnum,
    RequestStartStopStatusEnum,
    RequestStopTransactionResponse,
    TriggerMessageStatusEnum,
    UploadLogStatusEnum,
)
from tests.lab.mutation import Mutant, replaced
from tests.lab.wrongs import always, answered, instead

Wrong = Callable[..., Any]
Start = RequestStartStopStatusEnum
REFUSED = ("Unspecified", "no")


def _mutant(name: str, text: str, owner: object, method: str, wrong: Wrong, blocks: str = "F") -> Mutant:
    return Mutant(name, text, lambda: replaced(owner, method, wrong), blocks)


def _refuses(name: str, text: str, when: Callable[[FRemoteControl, Any], bool]) -> Mutant:
    def refusal(right: Wrong, self: FRemoteControl, request: object) -> object:
        return REFUSED if when(self, request) else right(self, request)

    return _mutant(name, text, FRemoteControl, "_refusal", refusal, "EFK")


def _connected(self: FRemoteControl, request: Any) -> bool:
    session = self._charging.sessions.at(request.evse_id or 1)
    return session is not None and Fact.EVConnected in session.facts


def _stop_any(right: Wrong, self: FRemoteControl, request: Any) -> object:
    running = self._charging.sessions.with_transaction()
    known = running[0].transaction if running else None
    return right(self, request if known is None else msgspec.structs.replace(request, transaction_id=known.id))


def _everywhere(right: Wrong, self: object, _evse: EVSE | None) -> object:
    return right(self, None)


def _first_evse(right: Wrong, self: object, _evse: EVSE | None) -> object:
    return right(self, EVSE(id=1))


def _of_the_main_meter(right: Wrong, self: object, _evse: EVSE | None) -> object:
    return right(self, EVSE(id=0))


def _as_sampled(right: Wrong, device: object, world: object, evse_id: int, at: object, _context: object) -> object:
    return right(device, world, evse_id, at, ReadingContextEnum.Sample_Periodic)


def _silently(right: Wrong, self: FRemoteControl, request: object) -> object:
    answer = right(self, request)
    return msgspec.structs.replace(answer, then=None)


def _not_of(message: MessageTriggerEnum, status: TriggerMessageStatusEnum) -> Mutant:
    def trigger(right: Wrong, self: FRemoteControl, request: Any) -> object:
        answer = right(self, request)
        if request.requested_message is not message:
            return answer
        response = msgspec.structs.replace(answer.response, status=status)
        return msgspec.structs.replace(answer, response=response, then=None)

    name = f"trigger-of-{message.value}-{status.value}"
    text = f"A trigger of {message.value} is {status.value}."
    return _mutant(name, text, FRemoteControl, "on_trigger_message", trigger)


def _no_evse(right: Wrong, self: FRemoteControl, request: Any) -> object:
    station_wide = (MessageTriggerEnum.FirmwareStatusNotification, MessageTriggerEnum.LogStatusNotification)
    if request.evse is not None and request.requested_message in station_wide:
        return self._rejected("UnknownEvse", "this message is not of an EVSE")
    return right(self, request)


def _status_is(status: ConnectorStatusEnum) -> Mutant:
    def trigger(_right: object, self: GAvailability, evse: EVSE) -> object:
        key = (evse.id, evse.connector_id or 0)
        notification = self._notification(key, status, self._world.clock.now())
        return lambda: self._csms.calls.send(notification, Cause.Asked)

    name = f"triggered-status-is-{status.value}"
    return _mutant(name, f"A triggered status is {status.value}.", GAvailability, "_trigger_status", trigger)


def _log_says(name: str, text: str, request: LogStatusNotificationRequest) -> Mutant:
    def trigger(_right: object, self: NLogs, _evse: object) -> object:
        return lambda: self._csms.calls.send(request, Cause.Asked)

    return _mutant(name, text, NLogs, "_trigger_log_status", trigger)


def _firmware_says(name: str, text: str, request: FirmwareStatusNotificationRequest) -> Mutant:
    def trigger(_right: object, self: LFirmware, _evse: object) -> object:
        return lambda: self._csms.calls.send(request, Cause.Asked)

    return _mutant(name, text, LFirmware, "_trigger_firmware_status", trigger)


STARTS = (
    _refuses("start-refused-with-cable", "A remote start is Rejected where a cable is in.", _connected),
    _refuses(
        "start-refused-without-cable",
        "A remote start is Rejected where no cable is in.",
        lambda self, request: not _connected(self, request),
    ),
    _refuses(
        "start-refused-with-profile",
        "A remote start with a charging profile is Rejected.",
        lambda _self, request: request.charging_profile is not None,
    ),
    Mutant(
        "start-names-no-transaction",
        "The answer to a remote start never names a transaction.",
        answered(FRemoteControl, "on_request_start_transaction", transaction_id=None),
        "EFK",
    ),
    Mutant(
        "start-names-another-transaction",
        "The answer to a remote start names another transaction.",
        answered(FRemoteControl, "on_request_start_transaction", transaction_id="another"),
        "EFK",
    ),
    Mutant(
        "stop-does-nothing",
        "A remote stop is Accepted, and nothing follows.",
        instead(FRemoteControl, "on_request_stop_transaction", RequestStopTransactionResponse(status=Start.Accepted)),
        "EF",
    ),
    _mutant(
        "stop-takes-any-id",
        "A remote stop stops what runs, whatever its id.",
        FRemoteControl,
        "on_request_stop_transaction",
        _stop_any,
        "EF",
    ),
)

TRIGGERS = (
    _mutant(
        "trigger-sends-nothing",
        "A trigger is Accepted, and nothing follows.",
        FRemoteControl,
        "on_trigger_message",
        _silently,
        "BF",
    ),
    *(
        _not_of(message, status)
        for message, status in (
            (MessageTriggerEnum.MeterValues, TriggerMessageStatusEnum.Rejected),
            (MessageTriggerEnum.TransactionEvent, TriggerMessageStatusEnum.NotImplemented),
            (MessageTriggerEnum.Heartbeat, TriggerMessageStatusEnum.Rejected),
            (MessageTriggerEnum.StatusNotification, TriggerMessageStatusEnum.Rejected),
            (MessageTriggerEnum.LogStatusNotification, TriggerMessageStatusEnum.NotImplemented),
            (MessageTriggerEnum.FirmwareStatusNotification, TriggerMessageStatusEnum.NotImplemented),
            (MessageTriggerEnum.SignCombinedCertificate, TriggerMessageStatusEnum.Rejected),
        )
    ),
    _mutant(
        "trigger-refuses-evse",
        "A trigger of a firmware or log status with an evse is Rejected.",
        FRemoteControl,
        "on_trigger_message",
        _no_evse,
    ),
    _mutant(
        "triggered-values-of-all",
        "Triggered MeterValues come of all EVSEs.",
        FRemoteControl,
        "_trigger_meter_values",
        _everywhere,
    ),
    _mutant(
        "triggered-values-of-one",
        "Triggered MeterValues come of the first EVSE only.",
        FRemoteControl,
        "_trigger_meter_values",
        _first_evse,
    ),
    _mutant(
        "triggered-values-of-main-meter",
        "Triggered MeterValues come of the main meter only.",
        FRemoteControl,
        "_trigger_meter_values",
        _of_the_main_meter,
    ),
    _mutant(
        "triggered-values-are-sampled",
        "Triggered MeterValues have the context Sample.Periodic.",
        f_remote_control,
        "aligned_values",
        _as_sampled,
    ),
    _mutant(
        "triggered-events-of-one",
        "TransactionEvents are triggered for the first EVSE only.",
        FRemoteControl,
        "_trigger_transaction_events",
        _first_evse,
    ),
    _mutant(
        "triggered-events-of-none",
        "No transaction is known where TransactionEvents are triggered.",
        FRemoteControl,
        "_trigger_transaction_events",
        always("no transaction is running"),
    ),
    _status_is(ConnectorStatusEnum.Available),
    _status_is(ConnectorStatusEnum.Occupied),
    _log_says(
        "log-always-idle",
        "A triggered log status is Idle.",
        LogStatusNotificationRequest(status=UploadLogStatusEnum.Idle),
    ),
    _log_says(
        "log-never-idle",
        "A triggered log status is Uploaded.",
        LogStatusNotificationRequest(status=UploadLogStatusEnum.Uploaded, request_id=1),
    ),
    _firmware_says(
        "firmware-always-idle",
        "A triggered firmware status is Idle.",
        FirmwareStatusNotificationRequest(status=FirmwareStatusEnum.Idle),
    ),
    _firmware_says(
        "firmware-never-idle",
        "A triggered firmware status is Installed.",
        FirmwareStatusNotificationRequest(status=FirmwareStatusEnum.Installed),
    ),
    _mutant(
        "heartbeat-not-triggered",
        "A triggered Heartbeat waits for its interval.",
        GHeartbeat,
        "_trigger_heartbeat",
        always(lambda: None),
    ),
)

MUTANTS = (*STARTS, *TRIGGERS)
