"""What hands can do, and what they are told when they cannot."""

import asyncio
import importlib.util
from collections.abc import Callable
from contextlib import suppress
from random import Random

import msgspec
import pytest

from ohmstead.edge.simulator import Simulator, operator_actions
from ohmstead.edge.simulator.operator_actions import OperatorActions
from ohmstead.edge.virtual_time import run
from ohmstead.ports import hand
from ohmstead.ports.hand import HandRefused
from ohmstead.ports.hardware import DisplayChosen, Observation, Screen, TokenPresented
from ohmstead.product.profile import Product
from tests.ports.actions import every_action, every_short_action

Action = Callable[[OperatorActions], None]


def refused(product: Product, *actions: Action) -> str:
    """Do actions, the last of which must be refused, and return what the person is told."""

    async def main() -> str:
        sim = Simulator(product, random=Random(4))
        for action in actions[:-1]:
            action(sim.hand)
        with pytest.raises(HandRefused) as caught:
            actions[-1](sim.hand)
        return str(caught.value)

    return run(main())


def observed(product: Product, action: Action, screen: Screen | None = None) -> list[Observation]:
    """Do one action and return what the station observes."""

    async def main() -> list[Observation]:
        sim = Simulator(product, random=Random(4))
        seen: list[Observation] = []
        sim.observe(seen.append)
        if screen:
            sim.show(screen)
        action(sim.hand)
        await asyncio.sleep(0)
        return seen

    return run(main())


REFUSED: dict[str, tuple[list[Action], str]] = {
    "occupied": ([lambda h: h.plug(1), lambda h: h.plug(1)], "EVSE 1 has an EV at connector 1"),
    "no such EVSE": ([lambda h: h.plug(3)], "there is no EVSE 3; name one of 1, 2"),
    "no such connector": ([lambda h: h.plug(1, 2)], "EVSE 1 has no connector 2; name one of 1"),
    "no such car": ([lambda h: h.plug(1, 1, "tank")], "hatchback-58, sedan-77, suv-100, city-36, truck-400"),
    "nothing to unplug": ([lambda h: h.unplug(2)], "no EV is plugged in at EVSE 2"),
    "nothing to suspend": ([lambda h: h.suspend(1)], "no EV is plugged in at EVSE 1"),
    "suspended twice": ([lambda h: h.plug(1), lambda h: h.suspend(1), lambda h: h.suspend(1)], "takes nothing already"),
    "not suspended": ([lambda h: h.plug(1), lambda h: h.resume(1)], "not suspended"),
    "full": ([lambda h: h.plug(1, 1, "city-36@80-80"), lambda h: h.resume(1)], "is full"),
    "no session to stop": ([lambda h: h.plug(1), lambda h: h.stop_by_ev(1)], "no session to end"),
    "bay occupied": ([lambda h: h.arrive(1), lambda h: h.arrive(1)], "is occupied"),
    "bay empty": ([lambda h: h.leave(1)], "is empty"),
    "leaving with the cable in": (
        [lambda h: h.arrive(1), lambda h: h.plug(1), lambda h: h.leave(1)],
        "unplug it first",
    ),
    "no such code": ([lambda h: h.fault(1, 1, "not a code")], "OverTemperature"),
    "fault twice": ([lambda h: h.fault(1, 1, "X"), lambda h: h.fault(1, 1, "X")], "has that fault already"),
    "fault of no connector": ([lambda h: h.fault(1, 7, "X")], "no connector 7"),
    "no lock to jam": ([lambda h: h.fault(1, 1, "Jammed")], "it has no lock"),
    "nothing to clear": ([lambda h: h.clear(1, 1)], "nothing is broken"),
    "pressed twice": ([lambda h: h.emergency_stop(True), lambda h: h.emergency_stop(True)], "pressed already"),
    "released twice": ([lambda h: h.emergency_stop(False)], "released already"),
    "cut twice": ([lambda h: h.cut_power(), lambda h: h.cut_power()], "cut already"),
    "not cut": ([lambda h: h.restore_power()], "has power"),
    "dark reader": ([lambda h: h.cut_power(), lambda h: h.present("04A1")], "the readers are dark"),
    "dark display": ([lambda h: h.cut_power(), lambda h: h.choose("1")], "the display is dark"),
    "one reader": ([lambda h: h.present("04A1", evse_id=1)], "leave the EVSE out"),
    "unreadable": ([lambda h: h.present("04A1", "eMAID")], "no reader reads eMAID"),
    "no radio to ask a car": (
        [lambda h: h.plug(1), lambda h: h.present("0250C2", "MacAddress", 1)],
        "no radio or wire",
    ),
    "no car to tell it": ([lambda h: h.present("0250C2", "MacAddress", 1)], "no EV is plugged in at EVSE 1"),
    "a car without a place": ([lambda h: h.present("0250C2", "MacAddress")], "name the EVSE"),
    "no start button": ([lambda h: h.present("", "NoAuthorization", 1)], "no such button"),
    "no button for an id": ([lambda h: h.present("", "Local", 1)], "no such button"),
    "a button with an id": ([lambda h: h.present("04A1", "Local", 1)], "leave id_token empty"),
    "no keypad": ([lambda h: h.present("1234", "KeyCode")], "no keypad to type a code at"),
    "empty token": ([lambda h: h.present("")], "1 to 36 characters"),
    "a token with blanks": ([lambda h: h.present("XYZ not hex")], "letters (a-z), digits and"),
    "a token with a bell": ([lambda h: h.present("04\x07A1")], "letters (a-z), digits and"),
    "a token in another script": ([lambda h: h.present("Карта")], "letters (a-z), digits and"),
    "a token with a line feed": ([lambda h: h.present("1234\n")], "letters (a-z), digits and"),
    "long token": ([lambda h: h.present("0" * 37)], "1 to 36 characters"),
    "nothing shown": ([lambda h: h.choose("evse-1")], "but nothing"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_impossible_action_says_why(dc: Product, case: str) -> None:
    actions, words = REFUSED[case]
    assert words in refused(dc, *actions)


def test_only_what_the_display_shows_can_be_chosen(dc: Product) -> None:
    screen = Screen(headline="Which one?", options=(("1", "left"), ("2", "right")))
    assert observed(dc, lambda h: h.choose("2"), screen) == [DisplayChosen("2")]


def test_a_choice_that_is_not_shown_names_those_that_are(dc: Product) -> None:
    screen = Screen(headline="Which one?", options=(("1", "left"), ("2", "right")))
    with pytest.raises(HandRefused, match="1, 2"):
        observed(dc, lambda h: h.choose("3"), screen)


@pytest.mark.parametrize("type", ["ISO14443", "ISO15693"])
def test_cards_reach_the_station(dc: Product, type: str) -> None:
    assert observed(dc, lambda h: h.present("04A1", type)) == [TokenPresented("04A1", type)]


@pytest.mark.parametrize(
    ("feature", "seen"),
    [
        ("C-32", TokenPresented("1234", "KeyCode")),
        ("C-72", TokenPresented("1234", "KeyCode")),
        ("C-33", TokenPresented("", "Local", 1)),
        ("C-35", TokenPresented("", "NoAuthorization", 1)),
        ("C-75", TokenPresented("", "NoAuthorization", 1)),
    ],
)
def test_keypad_and_buttons_are_there_where_a_line_of_the_certificate_needs_them(
    dc: Product, feature: str, seen: TokenPresented
) -> None:
    """No reader and no display are needed for them."""
    hardware = msgspec.structs.replace(dc.hardware, rfid_readers="None", displays=0)
    made = msgspec.structs.replace(dc, hardware=hardware, features={**dc.features, feature: True})
    assert observed(made, lambda h: h.present(seen.id_token, seen.type, seen.evse_id)) == [seen]


def test_a_keypad_stands_beside_each_reader(ac: Product) -> None:
    made = msgspec.structs.replace(ac, features={**ac.features, "C-32": True})
    assert observed(made, lambda h: h.present("1234", "KeyCode", 2)) == [TokenPresented("1234", "KeyCode", 2)]
    assert "name the EVSE" in refused(made, lambda h: h.present("1234", "KeyCode"))


def test_a_reader_of_an_evse_says_which(ac: Product) -> None:
    assert observed(ac, lambda h: h.present("04A1", evse_id=2)) == [TokenPresented("04A1", "ISO14443", 2)]
    assert "name the EVSE" in refused(ac, lambda h: h.present("04A1"))
    assert "there is no EVSE 9" in refused(ac, lambda h: h.present("04A1", evse_id=9))


def test_a_station_without_reader_or_keypad_takes_neither_card_nor_code(dc: Product) -> None:
    bare = msgspec.structs.replace(dc, hardware=msgspec.structs.replace(dc.hardware, rfid_readers="None", displays=0))
    assert "no card reader" in refused(bare, lambda h: h.present("04A1"))
    assert "no keypad" in refused(bare, lambda h: h.present("1234", "KeyCode"))


@pytest.mark.parametrize("action", [*every_action(1), *every_short_action(1)], ids=repr)
def test_every_action_is_known(dc: Product, action: hand.Action) -> None:
    """It is done, or refused with a reason."""

    async def main() -> None:
        with suppress(HandRefused):
            Simulator(dc, random=Random(4)).hand.perform(action)

    run(main())


def test_an_action_that_the_simulator_does_not_know_is_an_error_at_import(monkeypatch: pytest.MonkeyPatch) -> None:
    class Wave(hand.HandAction, frozen=True):
        """Wave at the station."""

        name = "wave"
        summary = "Wave"
        ask = "Wave."

    spec = importlib.util.spec_from_file_location("actions_once_more", operator_actions.__file__)
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    monkeypatch.setattr(hand, "KINDS", {**hand.KINDS, "wave": Wave})
    with pytest.raises(TypeError, match="does not know how to do Wave"):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


def test_a_truck_finds_no_ac(ac: Product) -> None:
    assert "has no AC charger" in refused(ac, lambda h: h.plug(1, 1, "truck-400"))


def test_a_second_connector_of_an_evse_waits_for_the_first(ac: Product) -> None:
    assert "EV at connector 2" in refused(ac, lambda h: h.plug(1, 2), lambda h: h.plug(1, 1))
