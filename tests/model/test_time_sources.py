"""TimeSource is an order: who is listened to, for each of its values and whoever gives the time (2.1.30)."""

from itertools import permutations

import pytest

from ohmstead.model.time_sources import HEARTBEAT, KEPT, NTP, TimeSources


@pytest.mark.parametrize(
    ("order", "giving", "counting"),
    [
        ((HEARTBEAT,), {HEARTBEAT, NTP}, {HEARTBEAT}),
        ((NTP,), {HEARTBEAT, NTP}, {NTP}),
        ((NTP, HEARTBEAT), {HEARTBEAT, NTP}, {NTP}),
        ((NTP, HEARTBEAT), {HEARTBEAT}, {NTP, HEARTBEAT}),
        ((HEARTBEAT, NTP), {HEARTBEAT}, {HEARTBEAT}),
        ((HEARTBEAT, NTP), {NTP}, {HEARTBEAT, NTP}),
        (("GPS", NTP, HEARTBEAT), {HEARTBEAT, NTP}, {"GPS"}),
        ((NTP, "RealTimeClock", HEARTBEAT), {HEARTBEAT}, {NTP, "RealTimeClock"}),
    ],
)
def test_the_first_that_gives_the_time_counts(order: tuple[str, ...], giving: set[str], counting: set[str]) -> None:
    """One that gives none may begin to, so it is listened to as well."""
    sources = TimeSources()
    for source in (HEARTBEAT, NTP):
        sources.hear(source, gives=source in giving)
    assert {source for source in (*KEPT, HEARTBEAT, NTP) if sources.counts(source, order)} == counting


def test_the_machine_is_followed_exactly_where_nobody_before_its_clock_gives_the_time() -> None:
    for order in permutations(("MobileNetwork", HEARTBEAT, NTP)):
        for giving in (set(), {HEARTBEAT}, {NTP}, {HEARTBEAT, NTP}):
            sources = TimeSources()
            for source in (HEARTBEAT, NTP):
                sources.hear(source, gives=source in giving)
            before = set(order[: order.index("MobileNetwork")])
            assert sources.kept(order) == (not before & giving)


def test_a_source_that_falls_silent_gives_way() -> None:
    """And counts again once it gives the time again."""
    sources, order = TimeSources(), (NTP, HEARTBEAT)
    for gives in (True, False, True):
        sources.hear(NTP, gives=gives)
        assert sources.counts(HEARTBEAT, order) is not gives
