"""A lock that keeps the cable away until somebody is authorized (AQ-2), and an EVSE that is chosen first (AQ-8)."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.model.session import Session
from ohmstead.ports.hand import HandRefused
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire
from tests.requirements.charging import CARD, OTHER, change_availability, product, start_remotely
from tests.runtime.site import Site, site

Scene = Callable[[Site], Awaitable[None]]
KEPT = "locked in the holder|is shut"


def play(scene: Scene, made: Product) -> None:
    """Run a scene at a product."""

    async def played() -> None:
        async with site(product=made) as here:
            await scene(here)

    run(played(), limit=86_400)


def freed(here: Site) -> list[int]:
    """Return the EVSEs whose cables can be taken."""
    outlets = here.simulator.snapshot().evses
    return [outlet.evse_id for outlet in outlets if not outlet.protected]


async def active(here: Site, evse_id: int) -> str | None:
    """Return ConnectorProtectionRelease.Active of a connector."""
    data = wire.GetVariableData(
        component=wire.Component(name="ConnectorProtectionRelease", evse=wire.EVSE(id=evse_id, connector_id=1)),
        variable=wire.Variable(name="Active"),
    )
    response = await here.csms.call(wire.GetVariablesRequest(get_variable_data=(data,)))
    return response.get_variable_result[0].attribute_value


def refusing(here: Site) -> None:
    """Let the CSMS accept nobody."""
    info = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Invalid)
    here.csms.answers[wire.AuthorizeRequest] = lambda _: wire.AuthorizeResponse(id_token_info=info)


@pytest.mark.parametrize("name", ["sec1000-240y", "ac-wallbox"], ids=["holster", "socket"])
def test_no_cable_comes_in_before_somebody_is_authorized(name: str) -> None:
    """TC_C_05: a refused card leaves it locked; an accepted one frees it until the cable is back."""

    async def scene(here: Site) -> None:
        with pytest.raises(HandRefused, match=KEPT):
            await here.hand.plug(1)
        answers, here.csms.answers = here.csms.answers, {}
        refusing(here)
        await here.hand.present(OTHER)
        await asyncio.sleep(5)
        with pytest.raises(HandRefused, match=KEPT):
            await here.hand.plug(1)
        assert not here.csms.events and await active(here, 1) == "false"
        here.csms.answers = answers
        await here.hand.present(CARD)
        await asyncio.sleep(5)
        assert await active(here, 1) == "true"
        await here.hand.plug(1)
        await asyncio.sleep(30)
        await here.hand.present(CARD)
        await asyncio.sleep(5)
        assert freed(here) == [1], "its cable is out"
        await here.hand.unplug(1)
        await asyncio.sleep(5)
        assert freed(here) == []

    play(scene, product(name=name, having=["AQ-2"]))


def test_a_card_at_the_one_reader_frees_each_cable_that_it_may_take_until_one_is_taken() -> None:
    async def scene(here: Site) -> None:
        await change_availability(here, "Inoperative", wire.EVSE(id=2))
        await here.hand.present(CARD)
        await asyncio.sleep(2)
        assert freed(here) == [1], "EVSE 2 is out of service"
        await change_availability(here, "Operative", wire.EVSE(id=2))
        await asyncio.sleep(2)
        assert freed(here) == [1, 2]
        await here.hand.plug(2)
        await asyncio.sleep(2)
        assert freed(here) == [2]

    play(scene, product(having=["AQ-2"]))


def test_what_was_freed_locks_again_when_nobody_comes() -> None:
    """E03.FR.05."""

    async def scene(here: Site) -> None:
        await here.set("TxCtrlr", "EVConnectionTimeOut", "20")
        await here.hand.present(CARD)
        await asyncio.sleep(10)
        assert freed(here) == [1, 2]
        await asyncio.sleep(15)
        assert freed(here) == []

    play(scene, product(having=["AQ-2"]))


def test_a_remote_start_frees_the_cable_of_its_evse() -> None:
    async def scene(here: Site) -> None:
        await start_remotely(here, evse_id=2)
        await asyncio.sleep(5)
        assert freed(here) == [2]

    play(scene, product(having=["AQ-2"]))


def test_a_reboot_finds_the_lock_as_the_sessions_have_it() -> None:
    async def scene(here: Site) -> None:
        await here.hand.present(CARD)
        await asyncio.sleep(5)
        await here.hand.plug(1)
        await asyncio.sleep(20)
        here.simulator.hand.cut_power()
        assert freed(here) == [], "a lock without power holds"
        here.simulator.hand.restore_power()
        await here.hand.reboot()
        await asyncio.sleep(60)
        assert freed(here) == [1]

    play(scene, product(having=["AQ-2"]))


def test_a_product_without_the_lock_has_no_such_component() -> None:
    async def scene(here: Site) -> None:
        assert freed(here) == [1, 2] and await active(here, 1) is None
        await here.hand.plug(1)

    play(scene, product(without=["AQ-2"]))


# AQ-8


def sessions(here: Site) -> list[Session]:
    """Return the sessions of the station."""
    assert here.host.station is not None
    return list(here.host.station.charging.sessions)


def options(here: Site) -> list[str]:
    """Return what can be pressed."""
    screen = here.simulator.screen
    return [identifier for identifier, _ in screen.options] if screen is not None else []


@pytest.mark.parametrize("displays", [1, 0])
def test_nobody_is_asked_about_a_card_before_an_evse_is_chosen(displays: int) -> None:
    async def scene(here: Site) -> None:
        await asyncio.sleep(5)
        assert options(here) == ["select-1", "select-2"]
        await here.hand.present(CARD)
        await asyncio.sleep(5)
        assert not here.csms.of(wire.AuthorizeRequest)
        assert options(here) == ["evse-1", "evse-2"]
        await here.hand.choose("evse-2")
        await asyncio.sleep(5)
        assert len(here.csms.of(wire.AuthorizeRequest)) == 1
        assert [session.evse_id for session in sessions(here)] == [2]

    made = product(having=["AQ-8"], without=["C-07"])
    play(scene, msgspec.structs.replace(made, hardware=msgspec.structs.replace(made.hardware, displays=displays)))


def test_a_choice_is_for_one_card_and_waits_a_minute() -> None:
    async def scene(here: Site) -> None:
        await asyncio.sleep(5)
        await here.hand.choose("select-2")
        await here.hand.present(CARD)
        await asyncio.sleep(5)
        assert [session.evse_id for session in sessions(here)] == [2]
        await here.hand.present(OTHER)
        await asyncio.sleep(5)
        assert len(here.csms.of(wire.AuthorizeRequest)) == 1, "the next one has to choose, too"
        await asyncio.sleep(70)
        await here.hand.choose("select-1")
        await asyncio.sleep(70)
        await here.hand.present(OTHER)
        await asyncio.sleep(5)
        assert len(here.csms.of(wire.AuthorizeRequest)) == 1, "the choice was forgotten"

    play(scene, product(having=["AQ-8"]))


def test_a_cable_that_is_in_is_a_choice() -> None:
    """E02: one that waits is meant, several are asked about."""

    async def scene(here: Site) -> None:
        await here.hand.plug(2)
        await here.hand.present(CARD)
        await asyncio.sleep(20)
        assert [event.evse.id for event in here.csms.events if event.evse] == [2] * len(here.csms.events)
        assert here.csms.events
        await here.hand.present(CARD)
        await asyncio.sleep(5)
        assert here.csms.events[-1].trigger_reason is wire.TriggerReasonEnum.StopAuthorized

    play(scene, product(having=["AQ-8"]))


def test_where_each_evse_has_a_reader_nothing_is_chosen() -> None:
    async def scene(here: Site) -> None:
        await asyncio.sleep(5)
        assert options(here) == []
        await here.hand.present(CARD, evse_id=2)
        await asyncio.sleep(5)
        assert [session.evse_id for session in sessions(here)] == [2]

    play(scene, product(name="depot", having=["AQ-8"]))


def test_a_choice_that_is_taken_back_is_not_shown_any_more() -> None:
    """The same button again; the display says at once which EVSE the next card is for."""

    async def scene(here: Site) -> None:
        def headline() -> str:
            screen = here.simulator.screen
            assert screen is not None
            return screen.headline

        await asyncio.sleep(5)
        await here.hand.choose("select-2")
        await asyncio.sleep(15)
        assert headline() == "Hold your card for EVSE 2"
        await here.hand.choose("select-2")
        await asyncio.sleep(0.1)
        assert headline() == "Choose an EVSE, then show your card"

    play(scene, product(having=["AQ-8"]))


def test_a_second_choice_waits_its_own_minute() -> None:
    """AQ-8: what was chosen before it does not end it."""

    async def scene(here: Site) -> None:
        await asyncio.sleep(5)
        await here.hand.choose("select-2")
        await asyncio.sleep(40)
        await here.hand.choose("select-1")
        await asyncio.sleep(40)
        await here.hand.present(CARD)
        await asyncio.sleep(5)
        assert [session.evse_id for session in sessions(here)] == [1]

    play(scene, product(having=["AQ-8"]))
