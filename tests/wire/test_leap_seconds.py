"""23:59:60Z is an instant of RFC 3339: a peer may write it, and it is read as the last one before midnight."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmstead.wire import codec
from ohmstead.wire import messages as m
from ohmstead.wire.errors import CallError

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)


def beat(text: str) -> datetime:
    """Return what is read of an instant."""
    return codec.decode(m.HeartbeatResponse, json.dumps({"currentTime": text})).current_time


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-31T23:59:60Z",
        "2026-12-31T23:59:60.0Z",
        "2026-12-31T23:59:60.999Z",
        "2026-12-31T23:59:60.123456789Z",
        "2026-12-31t23:59:60z",
        "2026-12-31T23:59:60+00:00",
        "2026-12-31T23:59:60-00:00",
        "2027-01-01T00:59:60+01:00",
        "2026-12-31T18:29:60-05:30",
        "2027-01-01T05:44:60+05:45",
    ],
)
def test_a_leap_second_is_the_end_of_the_day_before(text: str) -> None:
    """Before midnight, and after every other instant of that day that is told in milliseconds."""
    assert NEW_YEAR - timedelta(milliseconds=1) <= beat(text) < NEW_YEAR
    assert beat("2026-12-31T23:59:59.998Z") < beat(text)


@pytest.mark.parametrize("month", range(1, 13))
def test_a_leap_second_may_end_every_month(month: int) -> None:
    """ITU-R TF.460: first of all June and December, and others where they do not suffice."""
    after = datetime(2028 + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    day = (after - timedelta(days=1)).date().isoformat()
    assert timedelta(0) < after - beat(f"{day}T23:59:60Z") < timedelta(seconds=1)


def test_the_last_one_of_all_can_be_told() -> None:
    assert beat("9999-12-31T23:59:60Z").year == 9999


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-31T23:58:60Z",
        "2026-12-31T22:59:60Z",
        "2026-12-30T23:59:60Z",
        "2026-12-31T23:59:60+01:00",
        "2027-01-01T00:59:60Z",
        "2026-12-31T23:59:61Z",
        "2026-12-31T23:59:60",
        "2026-12-31T23:59:60.Z",
        "2026-02-29T23:59:60Z",
        "2026-12-31 23:59:60Z ",
        "2026-12-31T23:59:60+25:00",
        "2026-12-31T23:59:٦0Z",
        "9999-12-31T23:59:60-00:01",
        "0001-01-01T00:00:60+00:01",
    ],
)
def test_what_is_no_leap_second_is_refused_with_the_field(text: str) -> None:
    with pytest.raises(CallError) as refused:
        beat(text)
    assert refused.value.code == "TypeConstraintViolation"
    assert refused.value.details == {"path": "$.currentTime"}


def test_in_lists_and_beside_other_ways_of_writing() -> None:
    """Several of them, deep inside, with integers that are written as decimals; texts stay what they are."""
    leap = "2026-12-31T23:59:60Z"
    report = {
        "generatedAt": leap,
        "seqNo": 0.0,
        "eventData": [
            {
                "eventId": number,
                "timestamp": at,
                "trigger": "Delta",
                "actualValue": leap,
                "eventNotificationType": "CustomMonitor",
                "component": {"name": "A"},
                "variable": {"name": "B"},
                "customData": {"vendorId": "v", "timestamp": leap},
            }
            for number, at in enumerate((leap, "2026-12-31T23:59:59Z", leap))
        ],
    }
    read = codec.decode(m.NotifyEventRequest, json.dumps(report))
    assert read.seq_no == 0
    assert [event.timestamp.year for event in read.event_data] == [2026] * 3
    assert {event.actual_value for event in read.event_data} == {leap}
    assert {event.custom_data.fields["timestamp"] for event in read.event_data if event.custom_data} == {leap}


def test_a_second_mistake_is_told() -> None:
    """Reading a leap second does not hide what else is wrong."""
    text = json.dumps({"currentTime": "2026-12-31T23:59:60Z", "status": "Accepted", "interval": "300"})
    with pytest.raises(CallError, match="interval"):
        codec.decode(m.BootNotificationResponse, text)


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2900, 1, 1)))  # noqa: DTZ001  (made UTC below)
def test_nothing_that_is_sent_has_one(moment: datetime) -> None:
    written = codec.encode(m.HeartbeatResponse(current_time=moment.replace(tzinfo=UTC)))
    assert b":60" not in written[-6:]
