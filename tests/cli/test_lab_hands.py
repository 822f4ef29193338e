"""Hands at somebody else's station: what a person is asked, and what has to be undone."""

import asyncio
import json
from pathlib import Path

import httpx
import msgspec
import pytest
from rich.text import Text

from ohmstead.cli.lab.prompt import PromptHand, told
from ohmstead.edge.authority import Authority
from ohmstead.lab.rig import Pretend, ServerFault
from ohmstead.lab.rigs.external_endpoint import ExternalEndpoint
from ohmstead.lab.rigs.hand import HandMissing, HttpHand, LeasableHand, Paused, WatchedHand
from ohmstead.lab.rigs.listen_address import ListenAddress, PlaceError
from ohmstead.lab.verdict import Inconclusive
from ohmstead.ports.hand import (
    KINDS,
    Action,
    Arrive,
    Clear,
    CutNetwork,
    CutPower,
    EmergencyStop,
    Fault,
    HandRefused,
    Leave,
    Plug,
    Present,
    RestoreNetwork,
    RestorePower,
    StopByEv,
    Unplug,
    from_json,
)
from tests.ports.actions import every_action, every_short_action


class Terminal:
    """Answers every question in the same way; None: nobody is there."""

    def __init__(self, answer: str | None) -> None:
        self.answer = answer

    async def ask(self, _question: str) -> str:
        """Answer."""
        if self.answer is None:
            raise EOFError("nobody is at the terminal")
        return self.answer


class Kept(LeasableHand):
    """Keeps what it is told; some of it is impossible."""

    def __init__(self, *impossible: Action) -> None:
        self.done: list[Action] = []
        self.impossible = impossible

    async def perform(self, action: Action) -> None:
        """Keep it."""
        if action in self.impossible:
            raise HandRefused("not now")
        self.done.append(action)


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
    asyncio.run(PromptHand(Terminal("")).perform(Plug(1)))
    with pytest.raises(error, match=text):
        asyncio.run(PromptHand(Terminal(answer)).perform(Plug(1)))


@pytest.mark.parametrize("action", every_action(), ids=repr)
def test_every_action_has_its_sentence(action: Action) -> None:
    """A sentence for each action, with all that it needs to be done, and no markup from outside."""
    sentence = told(action)
    assert sentence.endswith(".")
    assert not {"{", "}", "*"} & set(sentence)
    assert " [red]" not in sentence
    shown = Text.from_markup(sentence).plain
    for name, value in msgspec.structs.asdict(action).items():
        assert name in ("ev", "pressed") or str(value) in shown, name


def test_a_sentence_shows_what_matters() -> None:
    assert told(Plug(2)) == "Connect an EV to [bold]EVSE 2[/], connector 1."
    assert told(Present("04A1")) == "Hold the token [bold]04A1[/] (ISO14443) against the reader."
    assert told(Present("04*A*1", evse_id=2)) == (
        "Hold the token [bold]04*A*1[/] (ISO14443) against the reader of EVSE 2."
    )
    assert told(EmergencyStop(True)) == "Press the emergency stop."
    assert told(EmergencyStop(False)) == "Release the emergency stop."
    assert told(CutNetwork()) == "Pull the network plug of every interface."
    assert told(RestoreNetwork("Wired0")) == "Put the network plug Wired0 back."


def test_what_was_done_is_undone_once() -> None:
    """In the order of the kinds that are asked for: power, faults, and what was plugged and not unplugged."""

    async def scene() -> list[Action]:
        kept = Kept()
        hand = WatchedHand(kept)
        for action in (
            Arrive(1),
            Plug(1),
            Plug(2),
            Unplug(2),
            EmergencyStop(True),
            EmergencyStop(False),
            Fault(1, 0, "GroundFailure"),
            Fault(1, 1, "GroundFailure"),
            CutPower(),
        ):
            await hand.perform(action)
        kept.done.clear()
        await hand.put_back(RestorePower, EmergencyStop, Clear)
        await hand.put_back(Unplug)
        await hand.put_back(Leave)
        await hand.put_back(Unplug, Leave, RestorePower, Clear)
        return kept.done

    assert asyncio.run(scene()) == [RestorePower(), Clear(1, 0), Clear(1, 1), Unplug(1), Leave(1)]


def test_a_refused_action_leaves_nothing_to_undo_and_forgets_nothing() -> None:
    async def refused() -> list[Action]:
        hand = WatchedHand(PromptHand(Terminal("n")))
        with pytest.raises(HandRefused):
            await hand.perform(Plug(1))
        return hand.undo

    async def refused_the_second_time() -> list[Action]:
        kept = Kept()
        hand = WatchedHand(kept)
        await hand.perform(Plug(1))
        kept.impossible = (Plug(1),)
        with pytest.raises(HandRefused):
            await hand.perform(Plug(1))
        return hand.undo

    assert asyncio.run(refused()) == []
    assert asyncio.run(refused_the_second_time()) == [Unplug(1)]


def test_what_cannot_be_undone_is_named() -> None:
    async def scene() -> list[str]:
        hand = WatchedHand(Kept(EmergencyStop(False), Clear(1, 1)))
        await hand.perform(EmergencyStop(True))
        await hand.perform(Fault(1, 1, "GroundFailure"))
        return await hand.put_back(EmergencyStop, Clear)

    assert asyncio.run(scene()) == ["emergency-stop: not now", "clear: not now"]


@pytest.mark.parametrize("action", [*every_action(), *every_short_action()], ids=repr)
def test_an_adapter_is_sent_the_action(action: Action) -> None:
    """Its name in the path, its arguments as the body, none left out; what comes back is obeyed."""
    heard: list[Action] = []

    def adapter(request: httpx.Request) -> httpx.Response:
        assert request.headers["content-type"] == "application/json"
        assert set(json.loads(request.content)) == set(type(action).__struct_fields__)
        heard.append(from_json(request.url.path.removeprefix("/hand/"), request.content))
        return httpx.Response(200) if len(heard) == 1 else httpx.Response(409, json={"error": "not twice"})

    async def post() -> None:
        hand = HttpHand("http://adapter.example/hand/", transport=httpx.MockTransport(adapter))
        await hand.perform(action)
        with pytest.raises(HandRefused, match="not twice"):
            await hand.perform(action)
        await hand.close()

    asyncio.run(post())
    assert heard == [action, action]


def test_who_writes_an_adapter_finds_every_action() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "external.md").read_text("utf-8")
    table = guide.partition("## An adapter")[2].partition("\n## ")[0]
    for kind in KINDS.values():
        rows = [row for row in table.splitlines() if row.startswith("|") and f"`{kind.path()}`" in row.split("|")[1]]
        assert len(rows) == 1, kind.path()
        assert all(f"`{field}`" in rows[0] for field in kind.__struct_fields__), rows


def test_somebody_else_does_what_the_adapter_never_can() -> None:
    def adapter(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(501)

    async def post() -> list[Action]:
        kept = Kept()
        hand = HttpHand("http://adapter.example", kept, transport=httpx.MockTransport(adapter))
        await hand.perform(StopByEv(1))
        await hand.close()
        alone = HttpHand("http://adapter.example", transport=httpx.MockTransport(adapter))
        with pytest.raises(HandMissing, match="cannot do stop-by-ev"):
            await alone.perform(StopByEv(1))
        await alone.close()
        return kept.done

    assert asyncio.run(post()) == [StopByEv(1)]


def test_where_the_lab_listens() -> None:
    """Scheme, address, port, and the names that a certificate has to carry."""
    place = ListenAddress.parse("wss://192.0.2.7:9000", ("lab.example", "192.0.2.7"))
    assert (place.tls, place.address, place.port, place.path) == (True, "192.0.2.7", 9000, "/ocpp")
    assert (place.host, place.ips) == ("lab.example", ("192.0.2.7",))
    for wrong in ("http://x:1", "wss://:1", "wss://lab.example", "ws://lab.example:port"):
        with pytest.raises(PlaceError):
            ListenAddress.parse(wrong)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_without_a_domain_there_is_no_wildcard(tmp_path: Path, name: str) -> None:
    """The case says so at once; at the attempt it would look as if the station had turned away."""
    authority = Authority.load_or_create(tmp_path)

    def endpoint(called: str) -> ExternalEndpoint:
        place = ListenAddress.parse("wss://127.0.0.1:9000", (called,))
        return ExternalEndpoint(place, authority, lambda: authority, (), (), tmp_path)

    endpoint("lab.example").set_policy(Pretend(ServerFault.Wildcard))
    with pytest.raises(Inconclusive, match="needs a host name with a domain"):
        endpoint(name).set_policy(Pretend(ServerFault.Wildcard))
