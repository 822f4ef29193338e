"""What a case needs is in the table; a person is told beforehand, asked once for what goes together."""

import asyncio

import pytest

from ohmstead.cli.lab.effort import effort_of
from ohmstead.cli.lab.prompt import PromptHand
from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.needs import needs
from ohmstead.lab.rig import Provisioning
from ohmstead.lab.rigs.hand import WatchedHand, needless_for
from ohmstead.ports.hand import Action, Arrive, Fault, Leave, Plug, Unplug
from ohmstead.product.load import load
from tests.lab.needs import needs_of

SAMPLED = ("TC_E_03_CS", "TC_F_01_CS", "TC_G_01_CS", "TC_B_12_CS")
WITHOUT_A_BAY = load("ac-wallbox")


class Person:
    """Somebody who does what is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def ask(self, question: str) -> str:
        """Keep the question."""
        self.asked.append(question)
        return ""


def _asked(*actions: Action, back: tuple[type[Action], ...] = (), without_a_bay: bool = True) -> list[str]:
    person = Person()
    hand = PromptHand(person)
    hand.leave_out(needless_for(WITHOUT_A_BAY) if without_a_bay else ())
    watched = WatchedHand(hand)

    async def perform() -> None:
        for action in actions:
            await watched.perform(action)
        assert await watched.put_back(*back) == []

    asyncio.run(perform())
    return person.asked


def test_the_table_has_every_case() -> None:
    assert sorted(needs()) == sorted(load_cases())


@pytest.mark.parametrize("case", SAMPLED)
def test_the_table_says_what_a_case_does(case: str) -> None:
    seen, listed = needs_of(case), needs()[case]
    assert (seen.hand, seen.messages) == (listed.hand, listed.messages)


def test_nobody_drives_into_a_bay_that_nothing_watches() -> None:
    assert needless_for(WITHOUT_A_BAY) == (Arrive, Leave)
    assert len(_asked(Arrive(1), Plug(1), back=(Unplug, Leave))) == 2
    assert len(_asked(Arrive(1), Plug(1), without_a_bay=False)) == 2


def test_what_goes_together_is_asked_at_once() -> None:
    asked = _asked(Plug(1), Plug(2), back=(Unplug,))
    assert len(asked) == 3
    assert "EVSE 1" in asked[-1]
    assert "EVSE 2" in asked[-1]


def test_nothing_is_asked_where_nothing_is_left() -> None:
    assert len(_asked(Fault(1, 1, "GroundFailure"), back=(Unplug, Leave))) == 1


def test_a_campaign_by_hand_says_what_it_will_take() -> None:
    cases = [load_cases()[case] for case in SAMPLED]
    effort = effort_of(cases, WITHOUT_A_BAY, Provisioning(security_profile=1))
    assert effort.cases == 4
    assert effort.by_hand == 3
    bays = sum(need.hand.count("arrive") for need in map(needs().__getitem__, SAMPLED))
    assert bays
    assert effort.prompts == sum(len(needs()[case].hand) for case in SAMPLED) - bays + effort.by_hand
    assert str(effort).startswith("4 cases, 3 of them need a hand: about ")
