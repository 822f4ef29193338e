"""Fields of a message or a snapshot, compared with what a scenario wants of them."""

import re
from collections.abc import Mapping
from typing import NoReturn

COMPARISONS = ("one_of", "at_least", "at_most", "matches", "present")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


class _Missing:
    def __repr__(self) -> str:
        return "nothing"


MISSING = _Missing()
"""What is found where nothing is."""


def find(value: object, path: str) -> object:
    """Return what is at a path, or MISSING."""
    for name, index in _STEP.findall(path):
        if name and isinstance(value, Mapping) and name in value:
            value = value[name]
        elif index and isinstance(value, list | tuple) and int(index) < len(value):
            value = value[int(index)]
        else:
            return MISSING
    return value


def differences(found: object, wanted: Mapping[str, object]) -> list[str]:
    """Return what differs, a sentence a field: `evse.id is 2, and 1 is wanted`."""
    told = []
    for path, want in wanted.items():
        got = find(found, path)
        if not holds(got, want):
            told.append(f"{path} is {_shown(got)}, wanted is {_wanted(want)}")
    return told


def holds(got: object, want: object) -> bool:
    """Say whether a value is as it is wanted."""
    if isinstance(got, tuple):
        got = list(got)
    if not is_comparison(want):
        return bool(got == want) and isinstance(got, bool) == isinstance(want, bool)
    assert isinstance(want, Mapping)
    (word, bound), *_ = want.items()
    if word == "present":
        return (got is not MISSING) == bool(bound)
    if word == "one_of":
        return isinstance(bound, list | tuple) and got in bound
    if word == "matches":
        return isinstance(got, str) and re.search(str(bound), got) is not None
    if not isinstance(got, int | float) or not isinstance(bound, int | float):
        return False
    return got >= bound if word == "at_least" else got <= bound


def is_comparison(want: object) -> bool:
    """Say whether something is wanted of a value rather than the value."""
    return isinstance(want, Mapping) and len(want) == 1 and next(iter(want)) in COMPARISONS


def check_comparison(want: object) -> None:
    """Raise ValueError where a comparison cannot be made; the text says what would be right."""

    def refuse(right: str) -> NoReturn:
        raise ValueError(f"{want} cannot be compared; right would be {right}")

    if not is_comparison(want):
        return
    assert isinstance(want, Mapping)
    (word, bound), *_ = want.items()
    if word == "present" and not isinstance(bound, bool):
        refuse("{present: true} or {present: false}")
    if word == "one_of" and not isinstance(bound, list | tuple):
        refuse("{one_of: [Accepted, Rejected]}")
    if word in ("at_least", "at_most") and (not isinstance(bound, int | float) or isinstance(bound, bool)):
        refuse(f"{{{word}: 5}}")
    if word == "matches":
        try:
            re.compile(str(bound))
        except re.error as error:
            refuse(f"a regular expression ({error})")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]} ..."


def _wanted(want: object) -> str:
    if not is_comparison(want):
        return _shown(want)
    assert isinstance(want, Mapping)
    (word, bound), *_ = want.items()
    if word == "present":
        return "anything" if bound else "nothing"
    return f"{str(word).replace('_', ' ')} {_shown(bound)}"
