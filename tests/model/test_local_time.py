"""What the clock on the display shows (C-25, C-26)."""

from datetime import UTC, datetime

import pytest

from ohmstead.model.device import DeviceModel
from ohmstead.model.local_time import local_time
from ohmstead.product.load import load
from ohmstead.wire import messages as wire

WINTER = datetime(2026, 1, 1, 12, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 12, tzinfo=UTC)


def _shown(now: datetime, **settings: str) -> str:
    device = DeviceModel(load("sec1000-240y"))
    for name, value in settings.items():
        variable, _, instance = name.partition("__")
        data = wire.SetVariableData(
            attribute_value=value,
            component=wire.Component(name="ClockCtrlr"),
            variable=wire.Variable(name=variable, instance=instance or None),
        )
        plan = device.plan(data)
        assert plan.results[0].attribute_status == "Accepted"
        device.adopt(plan)
    return f"{local_time(now, device.clock):%H:%M}"


def test_without_settings_it_is_utc() -> None:
    assert _shown(WINTER) == "12:00"


@pytest.mark.parametrize(("now", "shown"), [(WINTER, "13:00"), (SUMMER, "14:00")])
def test_a_time_zone_counts_with_its_summer_time(now: datetime, shown: str) -> None:
    """TimeOffset is +00:00 as it was delivered: an offset of nothing is no wish."""
    assert _shown(now, TimeZone="Europe/Berlin") == shown


def test_an_offset_goes_before_the_zone() -> None:
    assert _shown(SUMMER, TimeZone="Europe/Berlin", TimeOffset="-02:30") == "09:30"


@pytest.mark.parametrize(("now", "shown"), [(WINTER, "13:00"), (SUMMER, "14:00")])
def test_the_next_offset_counts_from_its_transition_on(now: datetime, shown: str) -> None:
    transition = "2026-03-29T01:00:00Z"
    settings = {"TimeOffset": "+01:00", "TimeOffset__NextTransition": "+02:00"}
    assert _shown(now, **settings, NextTimeOffsetTransitionDateTime=transition) == shown
