"""What each case needs of a hand and of the station: so many prompts, these messages, this long.

`data/needs.tsv` was seen when each case ran on our own station in memory (`python -m tests.lab.needs --write`): the
actions of the hand in order, the messages that the lab sent, the seconds that it took. On another product, a case may
need an action more or less.
"""

import functools
from collections.abc import Mapping
from importlib import resources

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
