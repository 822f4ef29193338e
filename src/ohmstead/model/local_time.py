"""What a wall clock at the station shows: UTC moved by ClockCtrlr.TimeZone or TimeOffset (C-25, C-26)."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from ohmstead.model.device import ClockCtrlr


def parse_offset(text: str) -> timedelta:
    """Return a TimeOffset (`+01:00`, `-03:30`, empty or `Z`: none) as a duration."""
    if text in ("", "Z"):
        return timedelta()
    sign = -1 if text.startswith("-") else 1
    hours, minutes = text.lstrip("+-").split(":")
    return sign * timedelta(hours=int(hours), minutes=int(minutes))


def local_time(now: datetime, clock: ClockCtrlr) -> datetime:
    """Return the local time of an instant; a TimeOffset other than zero goes before the TimeZone (Part 2 2.1.27/31)."""
    offset = clock.time_offset
    transition = clock.next_time_offset_transition_date_time
    if transition is not None and now >= transition and clock.time_offset_next_transition:
        offset = clock.time_offset_next_transition
    shift = parse_offset(offset)
    if shift:
        return now.astimezone(timezone(shift))
    return now.astimezone(ZoneInfo(clock.time_zone) if clock.time_zone else UTC)
