"""Whether two JSON texts say the same, where moments may differ by some seconds."""

from datetime import datetime

import msgspec


def alike(one: str, other: str, slack: float) -> bool:
    """Compare two texts: equal, or JSON whose moments alone differ, by no more than `slack` seconds."""
    if one == other:
        return True
    if not slack:
        return False
    try:
        return _alike(msgspec.json.decode(one), msgspec.json.decode(other), slack)
    except msgspec.DecodeError:
        return False


def _alike(one: object, other: object, slack: float) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_alike(a, b, slack) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key], slack) for key in one)
    if isinstance(one, str) and isinstance(other, str) and one != other:
        first, second = _moment(one), _moment(other)
        return first is not None and second is not None and abs((first - second).total_seconds()) <= slack
    return type(one) is type(other) and one == other


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
