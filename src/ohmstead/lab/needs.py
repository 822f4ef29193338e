"""What each case needs of a hand and of the station: so many prompts, these messages, this long.

`data/needs.tsv` was seen when each case ran on our own station in memory (`python -m tests.lab.needs --write`): the
actions of the hand in order, the messages that the lab sent, the seconds that it took. On another product, a case may
need an action more or less.
"""

import functools
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Protocol

import msgspec

TABLE = "needs.tsv"


class CaseNeeds(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table."""

    id: str
    """`TC_G_01_CS`"""
    hand: tuple[str, ...]
    """Actions of the hand in order, as adapters spell them: `plug`."""
    messages: tuple[str, ...]
    """What the lab asks the station, sorted: `SetVariables`."""
    seconds: int

    def line(self) -> str:
        """Return its line."""
        return "\t".join((self.id, " ".join(self.hand), " ".join(self.messages), str(self.seconds)))


@functools.cache
def needs() -> Mapping[str, CaseNeeds]:
    """Return the table, by case."""
    text = resources.files("ohmstead.lab").joinpath("data", TABLE).read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines()[1:])
    return {
        identifier: CaseNeeds(
            id=identifier, hand=tuple(hand.split()), messages=tuple(messages.split()), seconds=int(seconds)
        )
        for identifier, hand, messages, seconds in rows
    }


class CaseAsked(Protocol):
    """A case, as far as it matters here."""

    @property
    def id(self) -> str:
        """`TC_G_01_CS`"""
        ...

    @property
    def last(self) -> bool:
        """Afterwards the station has to be provisioned again."""
        ...


class Effort(msgspec.Struct, frozen=True):
    """What a campaign asks of a person."""

    cases: int
    by_hand: int
    """Of these need a hand."""
    prompts: int
    minutes: int

    def __str__(self) -> str:
        return (
            f"{self.cases} cases, {self.by_hand} of them need a hand: about {self.prompts} prompts "
            f"and {self.minutes} minutes"
        )


A_PROMPT = 20.0
"""Seconds that a person needs for what a prompt asks."""
A_CASE = 25.0
"""Seconds that the lab waits around a case until a station has nothing more to say."""
UNDOING = {
    "plug": "unplug",
    "connect-ev": "disconnect-ev",
    "insert-cable": "remove-cable",
    "fault": "clear",
    "cut-power": "restore-power",
    "cut-network": "restore-network",
}
"""Actions that are undone after a case where it has not done so itself, all in one prompt -> what undoes them."""


def effort(cases: Iterable[CaseAsked], needless: Iterable[str] = ()) -> Effort:
    """Return what running cases asks of a person.

    Args:
        cases: that will run.
        needless: actions that the product has nothing for (`arrive`).
    """
    spared, known = set(needless), needs()
    chosen, by_hand, prompts, seconds = 0, 0, 0, 0.0
    for case in cases:
        need = known.get(case.id)
        asked = [one for one in need.hand if one not in spared] if need is not None else []
        left = any(asked.count(one) > asked.count(back) for one, back in UNDOING.items()) or "emergency-stop" in asked
        asks = len(asked) + left + case.last
        chosen, by_hand, prompts = chosen + 1, by_hand + bool(asks), prompts + asks
        seconds += A_CASE + (need.seconds if need is not None else 0) + A_PROMPT * asks
    return Effort(chosen, by_hand, prompts, round(seconds / 60))
