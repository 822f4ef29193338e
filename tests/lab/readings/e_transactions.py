"""Block E."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from ohmstead.blocks.context import Charging
from ohmstead.blocks.e_transactions import ETransactions
from ohmstead.blocks.f_remote_control import FRemoteControl
from ohmstead.blocks.j_metering import JMetering
from ohmstead.blocks.stopping import Stopping
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.readings.e_transactions import (
    CABLE_TIMEOUT,
    PLUGGED_IN,
    RECONNECT_TIMEOUT,
    RETRY_AFTER_ERROR,
    STARTED_BY_TOKEN,
    STOP_IN_TWO,
    STOPPED_BY_DRIVER,
    STOPPED_OFFLINE,
    VALUES_OFFLINE,
)
from ohmstead.lab.readings.f_remote_control import REMOTE_STOP_IN_TWO
from ohmstead.model import session
from ohmstead.model.facts import Fact
from ohmstead.model.session import FactChange, Session, TransactionStep
from ohmstead.ports.calls import CallFailed
from ohmstead.runtime.delivery import Delivery
from ohmstead.runtime.transaction_events import TransactionEvents
from ohmstead.wire.messages import (
    IdToken,
    ReasonEnum,
    RequestStartStopStatusEnum,
    RequestStopTransactionRequest,
    RequestStopTransactionResponse,
    TransactionEventEnum,
    TransactionEventRequest,
    TriggerReasonEnum,
)
from tests.lab.mutation import replaced
from tests.lab.shown import Shown
from tests.lab.wrongs import Wrong


def _local_left_out(right: Callable[..., tuple[Session, TransactionStep]], *arguments: object) -> object:
    following, step = right(*arguments)
    if step.stopped_reason is ReasonEnum.Local:
        step = msgspec.structs.replace(step, stopped_reason=None)
    return following, step


def _names_the_cable(right: Callable[..., tuple[Session, TransactionStep]], *arguments: object) -> object:
    """A transaction that waited in vain for the EV ended with its cable."""
    following, step = right(*arguments)
    if step.stopped_reason is ReasonEnum.Timeout:
        step = msgspec.structs.replace(step, stopped_reason=ReasonEnum.EVDisconnected)
    return following, step


async def _late_after_error(right: Callable[..., Any], self: Delivery, entry: object, failure: Exception) -> None:
    if isinstance(failure, CallFailed):
        await asyncio.sleep(5)
    await right(self, entry, failure)


def _goes_on(right: Callable[..., None], self: ETransactions, identifier: str) -> None:
    """The authorization lapses, but not the transaction: as if the stop point Authorized were not set."""
    found = self._charging.sessions.get(identifier)
    if found is not None:
        kept = msgspec.structs.replace(
            found, stop_points=found.stop_points - {Fact.Authorized} | {Fact.ParkingBayOccupancy}
        )
        self._charging.sessions.adopt(kept)
    right(self, identifier)


def _said_as_a_change(which: Callable[[TransactionEventRequest], bool]) -> Wrong:
    """These events say ChargingStateChanged."""

    def build(right: Callable[..., Any], *arguments: object, **options: object) -> object:
        after, event = right(*arguments, **options)
        if which(event):
            event = msgspec.structs.replace(event, trigger_reason=TriggerReasonEnum.ChargingStateChanged)
        return after, event

    return lambda: replaced(TransactionEvents, "build", build)


def _of_the_cable(event: TransactionEventRequest) -> bool:
    return event.trigger_reason is TriggerReasonEnum.CablePluggedIn


def _starts_by_token(event: TransactionEventRequest) -> bool:
    starts = event.event_type is TransactionEventEnum.Started
    return starts and event.trigger_reason is TriggerReasonEnum.Authorized


def _stops_offline(event: TransactionEventRequest) -> bool:
    return event.offline is True and event.trigger_reason is TriggerReasonEnum.StopAuthorized


def _stops_in_two(_right: object, self: Stopping, running: Session, token: IdToken, reason: ReasonEnum) -> None:
    """An Updated says that the token stopped, and the end is a change of the charging state."""
    del token
    _in_two(self._charging, running, TriggerReasonEnum.StopAuthorized, reason)


def _stops_in_two_remotely(
    right: Callable[..., object], self: FRemoteControl, asked: RequestStopTransactionRequest
) -> object:
    running = self._charging.sessions.of_transaction(asked.transaction_id)
    if running is None:
        return right(self, asked)
    _in_two(self._charging, running, TriggerReasonEnum.RemoteStop, ReasonEnum.Remote)
    return RequestStopTransactionResponse(status=RequestStartStopStatusEnum.Accepted)


def _in_two(charging: Charging, running: Session, trigger: TriggerReasonEnum, reason: ReasonEnum) -> None:
    charging.report(running, trigger)
    lost = frozenset({Fact.Authorized})
    change = FactChange(trigger=TriggerReasonEnum.ChargingStateChanged, lost=lost, reason=reason)
    charging.apply(charging.sessions.get(running.id) or running, change)


def _samples_once_offline(right: Callable[..., None], self: JMetering, session_id: str) -> None:
    """Without a connection one value is enough."""
    online = self._csms.calls.online
    if online or not self.__dict__.get("_sampled_offline"):
        right(self, session_id)
    self.__dict__["_sampled_offline"] = not online


SHOWN = (
    Shown(
        reading=STOPPED_BY_DRIVER,
        case="TC_E_15_CS",
        mutate=lambda: replaced(session, "_step", _local_left_out),
        fails="tool",
    ),
    Shown(
        reading=RETRY_AFTER_ERROR,
        case="TC_E_51_CS",
        mutate=lambda: replaced(Delivery, "_failed", _late_after_error),
        fails="specification",
    ),
    Shown(
        reading=CABLE_TIMEOUT,
        case="TC_E_39_CS",
        mutate=lambda: replaced(ETransactions, "_time_out", _goes_on),
        fails="specification",
        config=LabConfig(start_points="ParkingBayOccupancy"),
        product="flagship",
    ),
    Shown(
        reading=STOPPED_BY_DRIVER,
        case="TC_E_06_CS",
        mutate=lambda: replaced(session, "_step", _local_left_out),
        fails="tool",
        config=LabConfig(stop_points="ParkingBayOccupancy"),
        product="flagship",
    ),
    Shown(
        reading=RECONNECT_TIMEOUT,
        case="TC_E_27_CS",
        mutate=lambda: replaced(session, "_step", _names_the_cable),
        fails="tool",
        product="depot",
    ),
    Shown(
        reading=PLUGGED_IN,
        case="TC_E_04_CS",
        mutate=_said_as_a_change(_of_the_cable),
        fails="tool",
        config=LabConfig(start_points="Authorized"),
    ),
    Shown(
        reading=PLUGGED_IN,
        case="TC_E_39_CS",
        mutate=_said_as_a_change(_of_the_cable),
        fails="tool",
        config=LabConfig(start_points="EVConnected,Authorized"),
    ),
    Shown(
        reading=STARTED_BY_TOKEN,
        case="TC_E_03_CS",
        mutate=_said_as_a_change(_starts_by_token),
        fails="specification",
    ),
    Shown(
        reading=STOP_IN_TWO,
        case="TC_E_15_CS",
        mutate=lambda: replaced(Stopping, "_stop", _stops_in_two),
        fails="tool",
    ),
    Shown(
        reading=REMOTE_STOP_IN_TWO,
        case="TC_E_35_CS",
        mutate=lambda: replaced(FRemoteControl, "on_request_stop_transaction", _stops_in_two_remotely),
        fails="specification",
    ),
    *(
        Shown(
            reading=VALUES_OFFLINE,
            case=case,
            mutate=lambda: replaced(JMetering, "_sample_updated", _samples_once_offline),
            fails="specification",
        )
        for case in ("TC_E_29_CS", "TC_E_33_CS", "TC_E_40_CS")
    ),
    *(
        Shown(
            reading=STOPPED_OFFLINE,
            case=case,
            mutate=_said_as_a_change(_stops_offline),
            fails="specification",
        )
        for case in ("TC_E_44_CS", "TC_E_45_CS")
    ),
)
