"""Stations that report, measure and charge in another way than ours, and are right by both texts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest

from ohmstead.blocks.g_availability import GAvailability
from ohmstead.cli.lab_bench_memory import run_in_memory
from ohmstead.lab.case import load_cases
from ohmstead.lab.config import LabConfig
from ohmstead.lab.verdict import Verdict
from ohmstead.ports.calls import Cause
from ohmstead.product.load import load
from ohmstead.wire.messages import (
    EVSE,
    Component,
    ConnectorStatusEnum,
    EventData,
    EventNotificationEnum,
    EventTriggerEnum,
    NotifyEventRequest,
    Variable,
)
from tests.lab.mutation import replaced
from tests.lab.wrongs import Wrong

Key = tuple[int, int]
CONFIG = LabConfig()


# Block G


def _told_again(right: Callable[..., Any], self: GAvailability, request: Any) -> object:
    """Whoever asks for an availability hears the status of the connectors, though it has not changed."""
    before = self.station.statuses()
    response = right(self, request)
    if self.station.statuses() == before:
        for key in before:
            if request.evse is None or request.evse.id == key[0]:
                self._tell(key, Cause.Own)
    return response


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
    now = self.station.clock.now()
    data = _availability("EVSE", EVSE(id=key[0]), self.station.statuses()[key], now)
    self.station.calls.send(NotifyEventRequest(generated_at=now, seq_no=0, event_data=(data,)), cause)


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
        self.station.later(0, lambda: _send_together(self, cause))
    waiting.add(key)


def _send_together(self: GAvailability, cause: Cause) -> None:
    now = self.station.clock.now()
    waiting: set[Key] = self.__dict__["_together"]
    statuses = self.station.statuses()
    data = tuple(
        _availability("Connector", EVSE(id=key[0], connector_id=key[1]), statuses[key], now) for key in sorted(waiting)
    )
    self._told.update({key: statuses[key] for key in waiting})
    waiting.clear()
    self.station.calls.send(NotifyEventRequest(generated_at=now, seq_no=0, event_data=data), cause)


OTHERS: tuple[tuple[str, str, Wrong, LabConfig], ...] = (
    *(
        (
            "told again",
            f"TC_G_{number}_CS",
            lambda: replaced(GAvailability, "on_change_availability", _told_again),
            CONFIG,
        )
        for number in ("09", "10", "12", "13", "15", "16")
    ),
    *(("by events", f"TC_G_{number}_CS", _by_events, CONFIG) for number in ("01", "04", "06", "14", "18")),
    *(
        ("events together", f"TC_G_{number}_CS", lambda: replaced(GAvailability, "_tell", _at_once), CONFIG)
        for number in ("01", "05", "06", "21")
    ),
)


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.parametrize(
    ("case", "mutate", "config"), [one[1:] for one in OTHERS], ids=[f"{one[1]}-{one[0]}" for one in OTHERS]
)
def test_the_case_passes(case: str, mutate: Wrong, config: LabConfig) -> None:
    """By both columns."""
    result = run_in_memory(load_cases()[case], load("sec1000-240y"), config, mutate=mutate)
    assert result.verdict is Verdict.PASS, result.reason
