"""Fields of messages: found by path, named as the specification does, compared with every kind of wanted value."""

from datetime import UTC, datetime

import msgspec
import pytest

from ohmstead.lab.cases import checks
from ohmstead.lab.cases.checks import (
    ABSENT,
    PRESENT,
    Wanted,
    between,
    check,
    matches,
    name_of,
    not_,
    one_of,
    value_of,
)
from ohmstead.lab.verdict import Failed
from ohmstead.wire import messages as wire

EVENT = wire.TransactionEventRequest(
    event_type=wire.TransactionEventEnum.Started,
    timestamp=datetime(2026, 1, 1, tzinfo=UTC),
    trigger_reason=wire.TriggerReasonEnum.CablePluggedIn,
    seq_no=3,
    transaction_info=wire.Transaction(transaction_id="tx", charging_state=wire.ChargingStateEnum.EVConnected),
    evse=wire.EVSE(id=1, connector_id=2),
    meter_value=(
        wire.MeterValue(timestamp=datetime(2026, 1, 1, tzinfo=UTC), sampled_value=(wire.SampledValue(value=1.5),)),
    ),
)


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("event_type", "Started"),
        ("event_type", wire.TransactionEventEnum.Started),
        ("evse__connector_id", 2),
        ("meter_value__0__sampled_value__0__value", 1.5),
        ("meter_value__1", ABSENT),
        ("id_token__id_token", ABSENT),
        ("evse", PRESENT),
        ("trigger_reason", one_of("Authorized", "CablePluggedIn")),
        ("transaction_info__stopped_reason", one_of("Local", None)),
        ("trigger_reason", one_of(not_("Authorized"))),
        ("seq_no", between(0, 3)),
        ("seq_no", Wanted("three", lambda number: number == 3)),
    ],
)
def test_a_field_is_as_wanted(path: str, wanted: object) -> None:
    """Every way to say what is wanted."""
    assert matches(EVENT, {path: wanted})


@pytest.mark.parametrize(
    ("path", "wanted"),
    [("event_type", "Ended"), ("evse", ABSENT), ("id_token", PRESENT), ("seq_no", between(4, 9)), ("seq_no", "3")],
)
def test_a_field_is_not_as_wanted(path: str, wanted: object) -> None:
    """And that it can be told."""
    assert not matches(EVENT, {path: wanted})


def test_a_failure_says_step_field_wanted_and_got() -> None:
    """In the names of the specification."""
    with pytest.raises(Failed) as failed:
        check(4, EVENT, {"transaction_info__charging_state": one_of("Charging", None)})
    finding = failed.value.finding
    assert (finding.step, finding.field) == ("4", "TransactionEventRequest.transactionInfo.chargingState")
    assert (finding.wanted, finding.got) == ("Charging or nothing", "EVConnected")


def test_a_wrong_path_is_our_mistake() -> None:
    """A typing error in a case must not look like an absent field."""
    with pytest.raises(AttributeError):
        value_of(EVENT, "transaction_info__chargin_state")


def test_names_are_the_specification_s() -> None:
    """Camel case, dots."""
    assert name_of(EVENT, "evse__connector_id") == "TransactionEventRequest.evse.connectorId"


def test_a_bare_condition_is_refused() -> None:
    """A failure has to say in words what was wanted; a function has none."""
    with pytest.raises(TypeError, match="a condition needs its words"):
        checks.meets(3, lambda number: number == 3)


def test_values_are_told_as_json_has_them() -> None:
    """No Python reaches a report."""
    told = {
        "nothing": None,
        "true": True,
        "7.2": 7.2,
        "2026-03-02T08:30:12Z": datetime(2026, 3, 2, 8, 30, 12, tzinfo=UTC),
        '{"id":1}': wire.EVSE(id=1),
        '["Local",{"id":1}]': (wire.ReasonEnum.Local, wire.EVSE(id=1)),
        "Local": wire.ReasonEnum.Local,
    }
    assert {text: checks.words(value) for text, value in told.items()} == {text: text for text in told}


def test_what_is_asked_of_a_message_is_an_object() -> None:
    """With values where they are known, with words where not, and null where a field has to be absent."""
    fields = {
        "event_type": "Started",
        "transaction_info__charging_state": checks.one_of("Charging", None),
        "evse__id": checks.PRESENT,
        "offline": checks.ABSENT,
    }
    wanted = {
        "eventType": "Started",
        "transactionInfo": {"chargingState": "Charging"},
        "evse": {"id": "(a value)"},
        "offline": None,
    }
    assert msgspec.json.decode(checks.right_of(fields)) == wanted
