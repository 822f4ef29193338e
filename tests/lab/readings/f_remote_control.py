"""Block F."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from ohmstead.blocks import f_remote_control
from ohmstead.blocks.e_transactions import ETransactions
from ohmstead.blocks.f_remote_control import FRemoteControl
from ohmstead.blocks.g_availability import GAvailability
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.readings import f_remote_control as readings
from ohmstead.model import session
from ohmstead.model.facts import Fact
from ohmstead.model.session import FactChange, Session, TransactionStep
from ohmstead.ports.calls import Cause
from ohmstead.runtime.transaction_events import TransactionEvents
from ohmstead.wire.messages import (
    EVSE,
    Component,
    EventData,
    EventNotificationEnum,
    EventTriggerEnum,
    MeasurandEnum,
    NotifyEventRequest,
    ReasonEnum,
    RequestStartStopStatusEnum,
    RequestStopTransactionRequest,
    RequestStopTransactionResponse,
    TransactionEventRequest,
    TriggerMessageStatusEnum,
    TriggerReasonEnum,
    Variable,
)
from tests.lab.mutation import replaced
from tests.lab.shown import Shown
from tests.lab.wrongs import Wrong

Right = Callable[..., Any]
CASES = ("11", "12", "13", "14", "15", "16", "17", "18", "19", "20", "23", "24")


def _stops_in_two(right: Right, self: FRemoteControl, request: RequestStopTransactionRequest) -> object:
    """An Updated says RemoteStop, and the end is a change of the charging state."""
    running = self._charging.sessions.of_transaction(request.transaction_id)
    if running is None:
        return right(self, request)
    self._charging.report(running, TriggerReasonEnum.RemoteStop)
    change = FactChange(
        trigger=TriggerReasonEnum.ChargingStateChanged, lost=frozenset({Fact.Authorized}), reason=ReasonEnum.Remote
    )
    self._charging.apply(self._charging.sessions.get(running.id) or running, change)
    return RequestStopTransactionResponse(status=RequestStartStopStatusEnum.Accepted)


def _waits_for_the_bay(right: Right, self: ETransactions, identifier: str) -> None:
    """The transaction goes on until an EV has left the bay, though none is there."""
    found = self._charging.sessions.get(identifier)
    if found is not None:
        kept = msgspec.structs.replace(found, facts=found.facts | {Fact.ParkingBayOccupancy})
        self._charging.sessions.adopt(kept)
    right(self, identifier)


def _other_than_timeout(right: Right, *arguments: object) -> object:
    following, step = right(*arguments)
    if step.stopped_reason is ReasonEnum.Timeout:
        step = msgspec.structs.replace(step, stopped_reason=ReasonEnum.Other)
    return following, step


def _refuses(right: Right, self: FRemoteControl, request: object) -> object:
    answer = right(self, request)
    response = msgspec.structs.replace(answer.response, status=TriggerMessageStatusEnum.Rejected)
    return msgspec.structs.replace(answer, response=response, then=None)


def _of_power(values: Any) -> Any:
    """The same values, as if they were of another measurand."""
    return tuple(
        msgspec.structs.replace(
            value,
            sampled_value=tuple(
                msgspec.structs.replace(one, measurand=MeasurandEnum.Power_Active_Import) for one in value.sampled_value
            ),
        )
        for value in values
    )


def _values_of_power(right: Right, *arguments: object) -> object:
    request = right(*arguments)
    return msgspec.structs.replace(request, meter_value=_of_power(request.meter_value))


def _built(change: Callable[[TransactionEventRequest], TransactionEventRequest]) -> Wrong:
    """Change the events that were asked for."""

    def build(
        right: Right, self: object, of: Session, step: TransactionStep, *, offline: bool, at: datetime | None = None
    ) -> object:
        following, request = right(self, of, step, offline=offline, at=at)
        asked = request.trigger_reason is TriggerReasonEnum.Trigger
        return following, change(request) if asked else request

    return lambda: replaced(TransactionEvents, "build", build)


def _event_of_power(request: TransactionEventRequest) -> TransactionEventRequest:
    return msgspec.structs.replace(request, meter_value=_of_power(request.meter_value))


def _event_of_nowhere(request: TransactionEventRequest) -> TransactionEventRequest:
    return msgspec.structs.replace(request, evse=None)


def _notifies(_right: Right, self: GAvailability, evse: EVSE) -> object:
    """A NotifyEvent instead of the StatusNotification."""

    def send() -> None:
        now = self._world.clock.now()
        status = self._charging.statuses()[evse.id, evse.connector_id or 0]
        data = EventData(
            event_id=1,
            timestamp=now,
            trigger=EventTriggerEnum.Delta,
            actual_value=status.value,
            event_notification_type=EventNotificationEnum.HardWiredNotification,
            component=Component(name="Connector", evse=evse),
            variable=Variable(name="AvailabilityState"),
        )
        self._csms.calls.send(NotifyEventRequest(generated_at=now, seq_no=0, event_data=(data,)), Cause.Asked)

    return send


SHOWN = (
    Shown(
        reading=readings.REMOTE_STOP_IN_TWO,
        case="TC_F_08_CS",
        mutate=lambda: replaced(FRemoteControl, "on_request_stop_transaction", _stops_in_two),
        fails="specification",
    ),
    Shown(
        reading=readings.TIMEOUT_REASON,
        case="TC_F_04_CS",
        mutate=lambda: replaced(session, "_step", _other_than_timeout),
        fails="specification",
    ),
    Shown(
        reading=readings.TIMEOUT_IN_THE_BAY,
        case="TC_F_04_CS",
        mutate=lambda: replaced(ETransactions, "_time_out", _waits_for_the_bay),
        fails="tool",
        config=LabConfig(stop_points="ParkingBayOccupancy"),
        product="flagship",
    ),
    *(
        Shown(
            reading=readings.TRIGGER_REFUSED,
            case=f"TC_F_{number}_CS",
            mutate=lambda: replaced(FRemoteControl, "on_trigger_message", _refuses),
            fails="tool",
        )
        for number in CASES
    ),
    *(
        Shown(
            reading=readings.TRIGGERED_MEASURANDS,
            case=case,
            mutate=lambda: replaced(f_remote_control, "aligned_values", _values_of_power),
            fails="specification",
        )
        for case in ("TC_F_11_CS", "TC_F_12_CS")
    ),
    *(
        Shown(reading=readings.TRIGGERED_MEASURANDS, case=case, mutate=_built(_event_of_power), fails="specification")
        for case in ("TC_F_13_CS", "TC_F_14_CS")
    ),
    Shown(reading=readings.TRIGGERED_EVSE, case="TC_F_14_CS", mutate=_built(_event_of_nowhere), fails="tool"),
    *(
        Shown(
            reading=readings.TRIGGERED_STATUS,
            case=case,
            mutate=lambda: replaced(GAvailability, "_trigger_status", _notifies),
            fails="specification",
        )
        for case in ("TC_F_23_CS", "TC_F_24_CS")
    ),
)
