"""Tokens of which the CSMS is not asked: those that it made or that are nobody's, and cached ones that it refused."""

import asyncio

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.wire import messages as wire
from tests.requirements.charging import product, start_remotely
from tests.runtime.site import Site, site

CARD = "04A1B2C3"


def _answer(here: Site, status: wire.AuthorizationStatusEnum) -> None:
    info = wire.IdTokenInfo(status=status)
    here.csms.answers[wire.AuthorizeRequest] = lambda _: wire.AuthorizeResponse(id_token_info=info)


@pytest.mark.parametrize(
    ("feature", "token"),
    [
        ("C-38", wire.IdToken(id_token="made-by-the-csms", type=wire.IdTokenEnum.Central)),
        ("C-39", wire.IdToken(id_token="", type=wire.IdTokenEnum.NoAuthorization)),
    ],
)
@pytest.mark.parametrize("asking", ["true", "false"])
def test_a_remote_start_with_such_a_token_asks_nothing_and_caches_nothing(
    feature: str, token: wire.IdToken, asking: str
) -> None:
    """C05.FR.01, C05.FR.02, C02.FR.03: whatever AuthorizeRemoteStart says."""

    async def scenario() -> None:
        async with site(product=product(having=[feature])) as here:
            await here.set("AuthCtrlr", "AuthorizeRemoteStart", asking)
            await here.hand.plug(1)
            assert (await start_remotely(here, token=token)).status == "Accepted"
            await asyncio.sleep(30)
            assert here.csms.of(wire.AuthorizeRequest) == []
            assert [event.id_token for event in here.csms.events if event.id_token is not None] == [token]
            assert here.host.station is not None
            assert len(here.host.station.cache) == 0

    run(scenario(), limit=3600)


@pytest.mark.parametrize("off", [True, False])
def test_a_cached_token_that_was_refused_is_asked_again_unless_that_is_switched_off(off: bool) -> None:
    """C10.FR.03, C12.FR.05 and AuthCacheCtrlr.DisablePostAuthorize (2.4.6)."""

    async def scenario() -> None:
        async with site(product=product(having=["C-59"])) as here:
            await here.set("AuthCacheCtrlr", "DisablePostAuthorize", str(off).lower())
            _answer(here, wire.AuthorizationStatusEnum.Invalid)
            await here.hand.plug(1)
            await here.hand.present(CARD)
            await asyncio.sleep(5)
            _answer(here, wire.AuthorizationStatusEnum.Accepted)
            await here.hand.present(CARD)
            await asyncio.sleep(30)
            assert len(here.csms.of(wire.AuthorizeRequest)) == (1 if off else 2)
            assert bool([event for event in here.csms.events if event.id_token is not None]) is not off

    run(scenario(), limit=3600)


def test_an_unknown_token_is_asked_about_all_the_same() -> None:
    async def scenario() -> None:
        async with site(product=product(having=["C-59"])) as here:
            await here.set("AuthCacheCtrlr", "DisablePostAuthorize", "true")
            await here.hand.plug(1)
            await here.hand.present(CARD)
            await asyncio.sleep(30)
            assert len(here.csms.of(wire.AuthorizeRequest)) == 1
            assert here.csms.events != []

    run(scenario(), limit=3600)
