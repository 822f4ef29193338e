"""A token that is for some EVSEs only charges at no other, in whatever order card and cable come (C01.FR.21)."""

import asyncio

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.wire import messages as wire
from tests.runtime.site import Site, site

CARD = "04A1B2C3"
ALLOWED, OTHER = 2, 1


def limited(here: Site, *evse_ids: int) -> None:
    """Let the CSMS allow every token at these EVSEs."""
    info = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Accepted, evse_id=evse_ids or None)
    here.csms.answers[wire.AuthorizeRequest] = lambda _: wire.AuthorizeResponse(id_token_info=info)


def charged(here: Site) -> set[int]:
    """Return the EVSEs at which energy has flowed."""
    charging = wire.ChargingStateEnum.Charging
    events = [event for event in here.csms.events if event.transaction_info.charging_state is charging]
    return {event.evse.id for event in events if event.evse is not None}


async def show(here: Site) -> None:
    """Present the card, and wait for what follows."""
    await here.hand.present(CARD)
    await asyncio.sleep(5)


async def plug(here: Site, evse_id: int) -> None:
    """Connect a car, and wait for what follows."""
    await here.hand.plug(evse_id)
    await asyncio.sleep(30)


def test_the_card_comes_first() -> None:
    """A cable at another EVSE does not use the authorization up: it waits for one where it counts."""

    async def charge() -> None:
        async with site() as here:
            limited(here, ALLOWED)
            await show(here)
            await plug(here, OTHER)
            assert charged(here) == set()
            await plug(here, ALLOWED)
            assert charged(here) == {ALLOWED}

    run(charge(), limit=3600)


@pytest.mark.parametrize("evse_id", [ALLOWED, OTHER])
def test_the_cable_comes_first(evse_id: int) -> None:
    async def charge() -> None:
        async with site() as here:
            limited(here, ALLOWED)
            await plug(here, evse_id)
            await show(here)
            await asyncio.sleep(30)
            assert charged(here) == ({ALLOWED} & {evse_id})

    run(charge(), limit=3600)


def test_of_two_cars_that_wait_nobody_has_to_choose() -> None:
    async def charge() -> None:
        async with site() as here:
            limited(here, ALLOWED)
            await plug(here, OTHER)
            await plug(here, ALLOWED)
            await show(here)
            await asyncio.sleep(30)
            assert charged(here) == {ALLOWED}

    run(charge(), limit=3600)


@pytest.mark.parametrize("evse_id", [ALLOWED, OTHER])
def test_the_cache_knows_it_too(evse_id: int) -> None:
    async def charge() -> None:
        async with site() as here:
            for component, variable in (("AuthCacheCtrlr", "Enabled"), ("AuthCtrlr", "LocalPreAuthorize")):
                assert await here.set(component, variable, "true") == "Accepted"
            here.csms.answers[wire.TransactionEventRequest] = lambda _: wire.TransactionEventResponse()
            limited(here, ALLOWED)
            await plug(here, OTHER)
            await show(here)
            await here.hand.unplug(OTHER)
            await asyncio.sleep(5)
            await plug(here, evse_id)
            await show(here)
            await asyncio.sleep(30)
            assert len(here.csms.of(wire.AuthorizeRequest)) == 1
            assert charged(here) == ({ALLOWED} & {evse_id})

    run(charge(), limit=3600)


def test_evses_that_are_not_here() -> None:
    """Nothing waits for a cable then."""

    async def charge() -> None:
        async with site() as here:
            limited(here, 9)
            await show(here)
            await plug(here, OTHER)
            await plug(here, ALLOWED)
            assert charged(here) == set()
            limited(here)
            await here.hand.unplug(OTHER)
            await here.hand.unplug(ALLOWED)
            await show(here)
            await plug(here, OTHER)
            assert charged(here) == {OTHER}

    run(charge(), limit=3600)
