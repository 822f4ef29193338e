"""Stations that report, measure and charge in another way than ours, and are right by both texts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from ohmstead.blocks import j_metering
from ohmstead.blocks.a_security import ASecurity
from ohmstead.blocks.b_variables import BVariables
from ohmstead.blocks.g_availability import GAvailability
from ohmstead.blocks.j_metering import JMetering
from ohmstead.blocks.readings import aligned_values
from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.exchange import Arrived
from ohmstead.lab.cases.rules import Rules
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import Verdict
from ohmstead.model.device import AlignedDataCtrlr, SampledDataCtrlr
from ohmstead.model.events import SecurityEvent
from ohmstead.ports.calls import Cause
from ohmstead.product.load import load
from ohmstead.runtime import transaction_events
from ohmstead.runtime.delivery import Delivery
from ohmstead.runtime.outbox import OutboxEntry
from ohmstead.runtime.transaction_events import TransactionEvents
from ohmstead.wire.messages import (
    EVSE,
    ChargingStateEnum,
    Component,
    ConnectorStatusEnum,
    EventData,
    EventNotificationEnum,
    EventTriggerEnum,
    GetVariablesResponse,
    MeterValue,
    NotifyEventRequest,
    ReadingContextEnum,
    Transaction,
    TransactionEventEnum,
    TransactionEventRequest,
    TriggerReasonEnum,
    Variable,
)
from tests.lab.mutants.queue import backwards
from tests.lab.mutation import replaced
from tests.lab.wrongs import Wrong, ignored, nothing

Key = tuple[int, int]
CONFIG = LabConfig()
NOW = datetime(2026, 1, 1, tzinfo=UTC)


# Block G


def _availability(component: str, evse: EVSE | None, status: ConnectorStatusEnum, now: datetime) -> EventData:
    return EventData(
        event_id=0,
        timestamp=now,
        trigger=EventTriggerEnum.Delta,
        actual_value=status.value,
        event_notification_type=EventNotificationEnum.HardWiredNotification,
        component=Component(name=component, evse=evse),
        variable=Variable(name="AvailabilityState"),
    )


def _as_event(right: object, key: Key, status: ConnectorStatusEnum, now: datetime) -> NotifyEventRequest:
    del right
    data = _availability("Connector", EVSE(id=key[0], connector_id=key[1]), status, now)
    return NotifyEventRequest(generated_at=now, seq_no=0, event_data=(data,))


def _and_of_the_evse(right: Callable[..., None], self: GAvailability, key: Key, cause: Cause) -> None:
    right(self, key, cause)
    now = self._world.clock.now()
    data = _availability("EVSE", EVSE(id=key[0]), self._charging.statuses()[key], now)
    self._csms.calls.send(NotifyEventRequest(generated_at=now, seq_no=0, event_data=(data,)), cause)


@contextmanager
def _by_events() -> Iterator[None]:
    with (
        replaced(GAvailability, "_notification", _as_event),
        replaced(GAvailability, "_tell", _and_of_the_evse),
    ):
        yield


def _at_once(_right: object, self: GAvailability, key: Key, cause: Cause) -> None:
    """All that is told at one moment is told in one message."""
    waiting: set[Key] = self.__dict__.setdefault("_together", set())
    if not waiting:
        self._work.later(0, lambda: _send_together(self, cause))
    waiting.add(key)


def _send_together(self: GAvailability, cause: Cause) -> None:
    now = self._world.clock.now()
    waiting: set[Key] = self.__dict__["_together"]
    statuses = self._charging.statuses()
    data = tuple(
        _availability("Connector", EVSE(id=key[0], connector_id=key[1]), statuses[key], now) for key in sorted(waiting)
    )
    self._told.update({key: statuses[key] for key in waiting})
    waiting.clear()
    self._csms.calls.send(NotifyEventRequest(generated_at=now, seq_no=0, event_data=data), cause)


# Block E


async def _another_id(right: Callable[..., Any], self: Delivery, entry: OutboxEntry, failure: Exception) -> None:
    """What is sent again has a message id of its own."""
    await right(self, entry, failure)
    for waiting in tuple(self._outbox.entries):
        if waiting.number == entry.number:
            self._outbox.replace(msgspec.structs.replace(waiting, message_id=f"{entry.message_id}+"))


def _happened_earlier(right: Callable[..., None], self: ASecurity, event: SecurityEvent) -> None:
    """The start is told as of when it was, which was a while before there was a network."""
    now = self._world.clock.now
    self._world.clock.now = lambda: now() - timedelta(seconds=40)  # type: ignore[method-assign]
    try:
        right(self, event)
    finally:
        del self._world.clock.now


def _named(which: Callable[[TransactionEventRequest], dict[str, Any]]) -> Wrong:
    """Events differ in some fields."""

    def build(right: Callable[..., Any], *arguments: object, **options: object) -> object:
        after, event = right(*arguments, **options)
        return after, msgspec.structs.replace(event, **which(event))

    return lambda: replaced(TransactionEvents, "build", build)


def _names_who_stopped(event: TransactionEventRequest) -> dict[str, Any]:
    stops = event.trigger_reason is TriggerReasonEnum.RemoteStop
    return {"id_token": CONFIG.valid.wire} if stops else {}


def _tells_of_the_token(event: TransactionEventRequest) -> dict[str, Any]:
    starts = event.event_type is TransactionEventEnum.Started
    return {"trigger_reason": TriggerReasonEnum.Authorized} if starts else {}


def _ended_for_good(event: TransactionEventRequest) -> dict[str, Any]:
    info = event.transaction_info
    if info.charging_state is not ChargingStateEnum.SuspendedEV:
        return {}
    info = msgspec.structs.replace(info, charging_state=ChargingStateEnum.EVConnected)
    return {"trigger_reason": TriggerReasonEnum.StopAuthorized, "transaction_info": info}


SESSIONS: tuple[tuple[str, str, Wrong, LabConfig], ...] = (
    *(
        ("another message id", f"TC_E_{number}_CS", lambda: replaced(Delivery, "_failed", _another_id), CONFIG)
        for number in ("41", "42", "50", "51")
    ),
    (
        "a start told late",
        "TC_G_01_CS",
        lambda: replaced(ASecurity, "when_security_event", _happened_earlier),
        CONFIG,
    ),
    ("the token of a remote stop", "TC_E_32_CS", _named(_names_who_stopped), LabConfig(remote=True)),
    (
        "energy tells of the token",
        "TC_E_03_CS",
        _named(_tells_of_the_token),
        LabConfig(start_points="EnergyTransfer"),
    ),
    ("an EV that ends for good", "TC_E_54_CS", _named(_ended_for_good), CONFIG),
    *(("the queue backwards", f"TC_E_{number}_CS", backwards, CONFIG) for number in ("16", "43", "44", "45")),
)


def _arrived(identifier: str, event: TransactionEventRequest) -> Arrived:
    return Arrived(message=event, id=identifier, at=0.0, wall=NOW, endpoint=1, repeated=False)


@pytest.mark.parametrize(("links", "found"), [(1, 1), (2, 0)])
def test_what_waits_when_the_connection_is_lost_turns_offline(links: int, found: int) -> None:
    """And may be marked so when it is sent again (E11.FR.07); without an outage it may not."""
    event = TransactionEventRequest(
        event_type=TransactionEventEnum.Started,
        timestamp=NOW,
        trigger_reason=TriggerReasonEnum.CablePluggedIn,
        seq_no=0,
        transaction_info=Transaction(transaction_id="tx"),
    )
    rules = Rules(0.1)
    for _ in range(links):
        rules.linked(NOW)
    rules.disturbed = True
    rules.observe(_arrived("a", event))
    rules.observe(_arrived("a", msgspec.structs.replace(event, offline=True)))
    assert len(rules.findings) == found


# Block J

TWO = ("Energy.Active.Import.Register", "Voltage")


def _no_main_meter(
    right: Callable[..., object], device: object, world: object, evse_id: int, *arguments: object
) -> object:
    return None if evse_id == 0 else right(device, world, evse_id, *arguments)


def _by_meter_values(_right: object, self: JMetering, instant: datetime) -> None:
    """An EVSE that charges tells its clock-aligned values like the others do (J01.FR.22)."""
    for evse_id in (0, *(evse.id for evse in self._world.product.evses)):
        request = aligned_values(self._device, self._world, evse_id, instant, ReadingContextEnum.Sample_Clock)
        if request is not None:
            self._csms.calls.send(request)


def _one_by_one(_right: object, self: JMetering, instant: datetime) -> None:
    """Each measurand has a message of its own (J01.FR.15)."""
    for evse_id in (0, *(evse.id for evse in self._world.product.evses)):
        request = aligned_values(self._device, self._world, evse_id, instant, ReadingContextEnum.Sample_Clock)
        assert request is not None
        for value in request.meter_value[0].sampled_value:
            alone = msgspec.structs.replace(request.meter_value[0], sampled_value=(value,))
            self._csms.calls.send(msgspec.structs.replace(request, meter_value=(alone,)))


def _tells_two(right: Callable[..., GetVariablesResponse], *arguments: object) -> GetVariablesResponse:
    response = right(*arguments)
    results = tuple(
        msgspec.structs.replace(one, attribute_value=",".join(TWO)) if "Measurands" in one.variable.name else one
        for one in response.get_variable_result
    )
    return msgspec.structs.replace(response, get_variable_result=results)


@contextmanager
def _in_two_messages() -> Iterator[None]:
    with (
        replaced(BVariables, "on_get_variables", _tells_two),
        ignored(AlignedDataCtrlr.measurands, TWO)(),
        replaced(JMetering, "_send_aligned", _one_by_one),
    ):
        yield


def _each_alone(right: Callable[..., tuple[MeterValue, ...]], samples: object) -> tuple[MeterValue, ...]:
    return tuple(
        msgspec.structs.replace(value, sampled_value=(sampled,))
        for value in right(samples)
        for sampled in value.sampled_value
    )


@contextmanager
def _in_two_elements() -> Iterator[None]:
    """Each measurand has a meterValue of its own (J02.FR.10)."""
    with (
        replaced(BVariables, "on_get_variables", _tells_two),
        ignored(SampledDataCtrlr.tx_updated_measurands, TWO)(),
        ignored(SampledDataCtrlr.tx_ended_measurands, TWO)(),
        replaced(transaction_events, "meter_values", _each_alone),
    ):
        yield


def _usual_context_untold(right: Callable[..., tuple[MeterValue, ...]], samples: object) -> tuple[MeterValue, ...]:
    """Sample.Periodic is what no context means."""
    return tuple(
        msgspec.structs.replace(
            value,
            sampled_value=tuple(
                msgspec.structs.replace(one, context=None) if one.context is ReadingContextEnum.Sample_Periodic else one
                for one in value.sampled_value
            ),
        )
        for value in right(samples)
    )


METERING: tuple[tuple[str, str, Wrong, LabConfig], ...] = (
    *(
        (
            "no main meter",
            f"TC_J_{number}_CS",
            lambda: replaced(j_metering, "aligned_values", _no_main_meter),
            CONFIG,
        )
        for number in ("01", "02", "06")
    ),
    (
        "values of all EVSEs by MeterValues",
        "TC_J_02_CS",
        lambda: replaced(JMetering, "_send_aligned", _by_meter_values),
        CONFIG,
    ),
    ("a message for each measurand", "TC_J_01_CS", _in_two_messages, CONFIG),
    *(("an element for each measurand", f"TC_J_{number}_CS", _in_two_elements, CONFIG) for number in ("09", "10")),
    *(
        (
            "the usual context left out",
            f"TC_J_{number}_CS",
            lambda: replaced(transaction_events, "meter_values", _usual_context_untold),
            CONFIG,
        )
        for number in ("09", "10")
    ),
)


@pytest.mark.parametrize(
    ("case", "feature", "point"),
    [
        ("TC_J_07_CS", "C-09.4", "PowerPathClosed"),
        ("TC_J_07_CS", "C-09.5", "EnergyTransfer"),
        ("TC_J_08_CS", "C-09.6", "ParkingBayOccupancy"),
    ],
)
def test_a_station_with_one_start_point(case: str, feature: str, point: str) -> None:
    """Any of those that the text names will do."""
    flagship = load("flagship")
    points = {f"C-09.{number}": f"C-09.{number}" == feature for number in range(1, 7)}
    product = msgspec.structs.replace(flagship, features={**flagship.features, **points})
    result = run_in_memory(load_cases()[case], product, LabConfig(start_points=point))
    assert result.verdict is Verdict.PASS, result.reason


OTHERS: tuple[tuple[str, str, Wrong, LabConfig], ...] = (
    *(
        (
            "not told again",
            f"TC_G_{number}_CS",
            lambda: replaced(GAvailability, "_tell_scope", nothing),
            CONFIG,
        )
        for number in ("09", "10", "12", "15", "16")
    ),
    *(("by events", f"TC_G_{number}_CS", _by_events, CONFIG) for number in ("01", "04", "06", "14", "18")),
    *(
        ("events together", f"TC_G_{number}_CS", lambda: replaced(GAvailability, "_tell", _at_once), CONFIG)
        for number in ("01", "05", "06", "21")
    ),
    *METERING,
    *SESSIONS,
)


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.parametrize(
    ("case", "mutate", "config"), [one[1:] for one in OTHERS], ids=[f"{one[1]}-{one[0]}" for one in OTHERS]
)
def test_the_case_passes(case: str, mutate: Wrong, config: LabConfig) -> None:
    """By both columns."""
    result = run_in_memory(load_cases()[case], load("sec1000-240y"), config, mutate=mutate)
    assert result.verdict is Verdict.PASS, result.reason
