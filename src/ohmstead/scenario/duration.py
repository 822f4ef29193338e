"""Times in a scenario: seconds as a number, `90 s`, `5 min`, `2 h`, or the name of a timeout of its own."""

import re
from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta

LONGEST = 7 * 86400.0
"""Seconds of one wait at most."""
RIGHT = "right would be a number of seconds, `90 s`, `5 min`, `2 h`, or a name under `timeouts`"
UNITS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_TEXT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|min|h|d)\s*")

Duration = Annotated[int | float | str, Meta(description="Seconds, `90 s`, `5 min`, `2 h`, or a named timeout.")]


class NoDuration(ValueError):
    """It is none; the text says what would be right."""


def seconds(given: int | float | str, named: Mapping[str, int | float | str]) -> float:
    """Return the seconds. Raises NoDuration."""
    if isinstance(given, str) and given in named:
        given = named[given]
    if isinstance(given, str):
        match = _TEXT.fullmatch(given)
        if match is None:
            raise NoDuration(f"{given!r} is no time; {RIGHT}")
        given = float(match[1]) * UNITS[match[2]]
    if not 0 <= given <= LONGEST:
        raise NoDuration(f"{given:g} s are not between 0 and {LONGEST:g}; {RIGHT}")
    return float(given)
