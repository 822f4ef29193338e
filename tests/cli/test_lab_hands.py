"""Hands at somebody else's station: what a person is asked, and what has to be undone."""

import asyncio
from pathlib import Path

import pytest

from ohmstead.cli.benches.hand import ActionHand, HandMissing, WatchedHand
from ohmstead.cli.benches.open_door import OpenDoor, Place, PlaceError
from ohmstead.cli.benches.prompt import Paused, PromptHand, told
from ohmstead.edge.authority import Authority
from ohmstead.lab.bench import Pretend, ServerFault
from ohmstead.lab.verdict import Inconclusive
from ohmstead.ports.hand import HandRefused


class Terminal:
    """Answers every question in the same way; None: nobody is there."""

    def __init__(self, answer: str | None) -> None:
        self.answer = answer

    async def ask(self, _question: str) -> str:
        """Answer."""
        if self.answer is None:
            raise EOFError("nobody is at the terminal")
        return self.answer


class Kept(ActionHand):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.done: list[tuple[str, dict[str, object]]] = []

    async def do(self, action: str, **arguments: object) -> None:
        """Keep it."""
        self.done.append((action, arguments))


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        ("n no second EV here", HandRefused, "no second EV here"),
        ("q", Paused, "another time"),
        (None, HandMissing, "nobody"),
    ],
)
def test_answers_of_a_person(answer: str | None, error: type[Exception], text: str) -> None:
    """Enter does it; n refuses with a reason, q goes on another time, an ended input means that nobody is there."""
    asyncio.run(PromptHand(Terminal("")).plug(1))
    with pytest.raises(error, match=text):
        asyncio.run(PromptHand(Terminal(answer)).plug(1))


def test_every_action_has_its_sentence() -> None:
    """A sentence for each action, with the place in it and no markup from outside."""

    async def everything() -> list[tuple[str, dict[str, object]]]:
        hand = Kept()
        await hand.plug(2, 1)
        await hand.unplug(2)
        await hand.present("[red]04", evse_id=2)
        await hand.choose("all")
        await hand.arrive(2)
        await hand.leave(2)
        await hand.suspend(2)
        await hand.resume(2)
        await hand.stop_by_ev(2)
        await hand.fault(2, 1, "GroundFailure")
        await hand.clear(2, 1)
        await hand.emergency_stop(True)
        await hand.cut_power()
        await hand.restore_power()
        await hand.reboot()
        await hand.cut_network()
        await hand.restore_network("Wired0")
        return hand.done

    for action, arguments in asyncio.run(everything()):
        sentence = told(action, **arguments)
        assert sentence.endswith(".")
        assert "{" not in sentence
        assert "EVSE 2" in sentence or "evse_id" not in arguments
        assert " [red]" not in sentence


def test_what_was_done_is_undone_once() -> None:
    """Unplugged what was plugged and not unplugged; the power comes back; a refused action leaves nothing to undo."""

    async def scene() -> list[str]:
        kept = Kept()
        hand = WatchedHand(kept)
        await hand.arrive(1)
        await hand.plug(1)
        await hand.plug(2)
        await hand.unplug(2)
        await hand.emergency_stop(True)
        await hand.emergency_stop(False)
        await hand.cut_power()
        kept.done.clear()
        await hand.put_back("restore-power", "emergency-stop")
        await hand.put_back("unplug")
        await hand.put_back("leave")
        await hand.put_back("unplug", "leave", "restore-power")
        return [action for action, _ in kept.done]

    assert asyncio.run(scene()) == ["restore-power", "unplug", "leave"]

    async def refused() -> dict[tuple[str, object], dict[str, object]]:
        hand = WatchedHand(PromptHand(Terminal("n")))
        with pytest.raises(HandRefused):
            await hand.plug(1)
        return hand.undo

    assert asyncio.run(refused()) == {}


def test_where_the_lab_listens() -> None:
    """Scheme, address, port, and the names that a certificate has to carry."""
    place = Place.parse("wss://192.0.2.7:9000", ("lab.example", "192.0.2.7"))
    assert (place.tls, place.address, place.port, place.path) == (True, "192.0.2.7", 9000, "/ocpp")
    assert (place.host, place.ips) == ("lab.example", ("192.0.2.7",))
    for wrong in ("http://x:1", "wss://:1", "wss://lab.example", "ws://lab.example:port"):
        with pytest.raises(PlaceError):
            Place.parse(wrong)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_without_a_domain_there_is_no_wildcard(tmp_path: Path, name: str) -> None:
    """The case says so at once; at the attempt it would look as if the station had turned away."""
    authority = Authority.load_or_create(tmp_path)

    def door(called: str) -> OpenDoor:
        place = Place.parse("wss://127.0.0.1:9000", (called,))
        return OpenDoor(place, authority, lambda: authority, (), (), tmp_path)

    door("lab.example").meet(Pretend(ServerFault.Wildcard))
    with pytest.raises(Inconclusive, match="needs a host name with a domain"):
        door(name).meet(Pretend(ServerFault.Wildcard))
