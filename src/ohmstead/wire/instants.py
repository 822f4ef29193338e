"""Instants as peers may write them: with any offset, so that some have no value in UTC.

Comparing and subtracting works with all of them, `astimezone` does not: `utc` is used in its place
(`tests/architecture` keeps it so).
"""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar, cast

import msgspec

T = TypeVar("T")

EARLIEST = datetime(2025, 1, 1, tzinfo=UTC)
"""No build of this software is older, so that it cannot be earlier now."""
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
"""The clock goes up to here: a clock chip has two digits for the year."""
FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)


def can_be_now(moment: datetime) -> bool:
    """Say whether a clock may be set to a moment."""
    return EARLIEST <= moment < LATEST


def utc(moment: datetime) -> datetime:
    """Return a moment in UTC; the first or the last that can be told for one of before or after them.

    RFC 3339 allows `0001-01-01T00:00:00+01:00`, which in UTC belongs to the year 0. Raises ValueError for a moment
    without a time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a time zone: {moment.isoformat()}")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return FIRST if moment.year == 1 else LAST


def without_leap_second(text: str) -> str:
    """Return an instant in a leap second (`23:59:60Z`, RFC 3339 5.7) as the last millisecond before it, else the text.

    No clock of ours has that second. The one before keeps the day and the order of instants; the one after is in the
    next day, perhaps after the end of what was to end in this one, and after the year 9999 there is none. In UTC a leap
    second ends a month; which months have one, nobody knows long before.
    """
    match = _LEAP.fullmatch(text)
    if match is None:
        return text
    before = f"{match['minute']}:59.999{match['offset']}"
    try:
        moment = utc(datetime.fromisoformat(before.upper()))
    except ValueError:
        return text
    if moment == LAST:  # a year of five digits in UTC
        return text
    ends = (moment.hour, moment.minute, moment.day) == (23, 59, monthrange(moment.year, moment.month)[1])
    return before if ends else text


_LEAP = re.compile(r"(?P<minute>\d{4}-\d\d-\d\d[Tt]\d\d:\d\d):60(\.\d+)?(?P<offset>[Zz]|[+-]\d\d:\d\d)", re.ASCII)


def with_instants(value: T, change: Callable[[datetime], datetime]) -> T:
    """Return a copy of a message, or of something in it, with its instants changed."""
    return cast(T, _changed(value, change))


def _changed(value: object, change: Callable[[datetime], datetime]) -> object:
    if isinstance(value, datetime):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_changed(item, change) for item in value)
    if isinstance(value, msgspec.Struct):
        fields = {name: _changed(getattr(value, name), change) for name in value.__struct_fields__}
        return msgspec.structs.replace(value, **fields)
    return value
