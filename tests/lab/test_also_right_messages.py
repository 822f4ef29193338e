"""Stations that say more, or have less, than ours, and are right all the same: every case that applies passes."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from ohmstead.blocks.g_availability import GAvailability
from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.selection import select
from ohmstead.lab.verdict import Result, Verdict
from ohmstead.ports.calls import Cause
from ohmstead.product.load import load
from ohmstead.product.profile import Product, VariableSetting
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
from tests.generators import sample
from tests.lab.mutation import replaced
from tests.lab.wrongs import Wrong

PRODUCT = load("sec1000-240y")
CASES = [case for case in sorted(load_cases()) if select(case, PRODUCT).applies]
Key = tuple[int, int]


# One change by two messages, and events that no case asks for


def _event(self: GAvailability, key: Key, variable: str, value: str, trigger: EventTriggerEnum) -> NotifyEventRequest:
    now = self._world.clock.now()
    data = EventData(
        event_id=1,
        timestamp=now,
        trigger=trigger,
        actual_value=value,
        event_notification_type=EventNotificationEnum.HardWiredNotification,
        component=Component(name="Connector", evse=EVSE(id=key[0], connector_id=key[1])),
        variable=Variable(name=variable),
    )
    return NotifyEventRequest(generated_at=now, seq_no=0, event_data=(data,))


def _beside(
    variable: str,
    *,
    value: str = "",
    trigger: EventTriggerEnum = EventTriggerEnum.Delta,
    first: bool = False,
) -> Wrong:
    """Tell a variable of the connector by NotifyEvent beside each of its statuses."""

    def tell(right: Callable[..., None], self: GAvailability, key: Key, cause: Cause) -> None:
        status: ConnectorStatusEnum = self._charging.statuses()[key]
        event = _event(self, key, variable, value or status.value, trigger)
        if first:
            self._csms.calls.send(event, cause)
        right(self, key, cause)
        if not first:
            self._csms.calls.send(event, cause)

    return lambda: replaced(GAvailability, "_tell", tell)


TALKERS: dict[str, Wrong] = {
    "both": _beside("AvailabilityState"),
    "the event first": _beside("AvailabilityState", first=True),
    "now and then": _beside("AvailabilityState", trigger=EventTriggerEnum.Periodic),
    "a problem": _beside("Problem", value="false"),
    "an alert": _beside("Temperature", value="41.5", trigger=EventTriggerEnum.Alerting),
}
NOTES = {"both": "told by StatusNotification and by NotifyEvent", "a problem": "NotifyEvent of Connector.Problem"}


@pytest.mark.parametrize(
    ("case", "name"), sample([(case, name) for name in TALKERS for case in CASES], 40, "talkers"), ids=str
)
def test_what_nothing_forbids_fails_no_case(case: str, name: str) -> None:
    """Told by StatusNotification and NotifyEvent, or events of other variables."""
    result = run_in_memory(load_cases()[case], PRODUCT, LabConfig(), mutate=TALKERS[name])
    assert (result.verdict, result.reason) == (Verdict.PASS, "")


@pytest.mark.parametrize("name", NOTES)
def test_it_is_noted(name: str) -> None:
    """In the report of the case."""
    result = run_in_memory(load_cases()["TC_G_03_CS"], PRODUCT, LabConfig(), mutate=TALKERS[name])
    assert result.verdict is Verdict.PASS, result.reason
    assert any(NOTES[name] in note for note in result.notes)


def _contradicts(right: Callable[..., None], self: GAvailability, key: Key, cause: Cause) -> None:
    right(self, key, cause)
    event = _event(self, key, "AvailabilityState", "Faulted", EventTriggerEnum.Delta)
    self._csms.calls.send(event, cause)


def _stammers(right: Callable[..., None], self: GAvailability, key: Key, cause: Cause) -> None:
    for _ in range(2):
        right(self, key, cause)


@pytest.mark.parametrize("wrong", [_contradicts, _stammers])
def test_what_contradicts_or_repeats_still_fails(wrong: Callable[..., None]) -> None:
    """An event of another status, or the same message twice, is no second way to tell one change."""
    mutate: Wrong = lambda: replaced(GAvailability, "_tell", wrong)  # noqa: E731  # a table of one
    result = run_in_memory(load_cases()["TC_E_01_CS"], PRODUCT, LabConfig(), mutate=mutate)
    assert result.verdict is Verdict.FAIL


# What a station may have otherwise, or not at all


def _with(**variables: Any) -> Product:
    return msgspec.structs.replace(
        PRODUCT,
        variables={**PRODUCT.variables, **{key: VariableSetting(**one) for key, one in variables.items()}},
    )


def _run(case: str, product: Product) -> Result:
    return run_in_memory(load_cases()[case], product, LabConfig())


@pytest.mark.parametrize("case", sample(CASES, 25, "remote"))
@pytest.mark.parametrize("asks", [True, False])
def test_authorize_remote_start_may_be_either_unless_it_was_set(case: str, asks: bool) -> None:
    """F01.FR.01, F01.FR.02: a station may ask about the token of a remote start."""
    result = _run(case, _with(**{"AuthCtrlr.AuthorizeRemoteStart": {"value": asks}}))
    assert (result.verdict, result.reason) == (Verdict.PASS, "")


@pytest.mark.parametrize("case", ["TC_F_01_CS", "TC_E_13_CS", "TC_K_38_CS"])
def test_a_station_that_asks_passes_where_the_csms_starts(case: str) -> None:
    """They were judged as if nobody might ask."""
    result = _run(case, _with(**{"AuthCtrlr.AuthorizeRemoteStart": {"value": True}}))
    assert (result.verdict, result.reason) == (Verdict.PASS, "")


BACK_OFF = ("RetryBackOffWaitMinimum", "RetryBackOffRandomRange", "RetryBackOffRepeatTimes")
REPORTED = {"TC_B_12_CS", "TC_B_13_CS", "TC_B_53_CS"}
"""Cases that look for every required variable."""
WAITING = (
    *("TC_A_05_CS", "TC_B_46_CS", "TC_B_49_CS", "TC_B_51_CS", "TC_B_52_CS", "TC_B_57_CS", "TC_C_15_CS"),
    *("TC_E_29_CS", "TC_E_40_CS", "TC_E_43_CS", "TC_B_12_CS"),
)


@pytest.mark.parametrize("case", [case for case in WAITING if case in CASES])
@pytest.mark.parametrize("name", BACK_OFF)
def test_a_setting_that_is_not_there_is_skipped_and_noted_everywhere(case: str, name: str) -> None:
    """It fails only where the device model is looked at; a case that cannot do without it stays open."""
    result = _run(case, _with(**{f"OCPPCommCtrlr.{name}": {"absent": True}}))
    if case in REPORTED:
        assert result.verdict is Verdict.FAIL
        return
    assert result.verdict in (Verdict.PASS, Verdict.INCONCLUSIVE), result.reason
    assert "broke" not in result.reason
