"""Cases that fail for the same: one station that does not do one thing fails many, and should be told once."""

import re
from collections.abc import Iterable, Mapping

import msgspec

from ohmstead.lab.report.explanation import ExplainedFinding, Explanation


class FailureCause(msgspec.Struct, frozen=True, kw_only=True):
    """What some cases fail for."""

    text: str
    """Of the first of them; of the others numbers and instants may be others."""
    cases: tuple[str, ...]

    def __str__(self) -> str:
        if len(self.cases) == 1:
            return f"1 case fails because {self.text}"
        return f"{len(self.cases)} cases fail because {self.text}"


def causes(explanations: Mapping[str, Explanation]) -> tuple[FailureCause, ...]:
    """Group cases by what was wrong in them, the cause of most cases first; a case may stand behind several.

    Args:
        explanations: case id -> why it failed.
    """
    grouped: dict[str, dict[str, ExplainedFinding]] = {}
    for identifier, explanation in sorted(explanations.items()):
        for one in (explanation, *explanation.also):
            grouped.setdefault(_without_numbers(one.cause), {}).setdefault(identifier, one)
    found = (FailureCause(text=_text(some.values()), cases=tuple(some)) for some in grouped.values())
    return tuple(sorted(found, key=lambda cause: (-len(cause.cases), cause.cases)))


def _text(explanations: Iterable[ExplainedFinding]) -> str:
    """Return the cause, and after what, where that is the same for all."""
    first, *others = explanations
    sent = first.cause.endswith((" comes", " should"))
    same = sent and first.after and all(one.after == first.after for one in others)
    return f"{first.cause} after {first.after}" if same else first.cause


def _without_numbers(text: str) -> str:
    return re.sub(r"[0-9a-f]{8}-[\w-]+|\b[0-9a-f]{32,}\b|\d{4}-\d\d-\d\dT[\d:.]+Z?|\d[\d.]*", "#", text)
