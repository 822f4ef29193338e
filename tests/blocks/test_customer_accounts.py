"""Customers of a station that knows them by an identifier (C-14) and has no cache: kept, told, forgotten (N09, N10)."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from ohmstead.blocks import customer_accounts
from ohmstead.edge.virtual_time import run
from ohmstead.product.load import load
from ohmstead.wire import messages as wire
from tests.blocks.test_n_customer_information import answer, charged, takes
from tests.runtime.site import Site, site

ACCOUNT = "FLEET-7"
CARDS = [wire.IdToken(id_token=f"04A1B2C3{number:02}", type=wire.IdTokenEnum.ISO14443) for number in range(3)]


def play(scene: Callable[[Site], Awaitable[None]], *, cache: bool = False) -> None:
    """Run a scene at a site without a cache, whose CSMS names an account with each token."""
    flagship = load("flagship")
    without = dict.fromkeys(("C-49", "C-53", "C-54", "C-59"), False)
    product = flagship if cache else msgspec.structs.replace(flagship, features=flagship.features | without)
    group = wire.IdToken(id_token=ACCOUNT, type=wire.IdTokenEnum.Central)
    info = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Accepted, group_id_token=group)

    async def life() -> None:
        async with site(product=product) as here:
            here.csms.answers[wire.AuthorizeRequest] = lambda _: wire.AuthorizeResponse(id_token_info=info)
            here.csms.answers[wire.TransactionEventRequest] = lambda event: wire.TransactionEventResponse(
                id_token_info=info if getattr(event, "id_token", None) else None
            )
            takes(here)
            await scene(here)

    run(life(), limit=36_000)


async def of_the_account(here: Site, *, clear: bool = False) -> str:
    """Ask about the account."""
    return await answer(here, token=None, identifier=ACCOUNT, clear=clear)


def test_the_token_of_an_account_is_told_and_forgotten_even_after_a_reboot() -> None:
    """TC_N_62, N10.FR.03."""

    async def scene(here: Site) -> None:
        await charged(here, CARDS[0])
        await here.hand.reboot()
        await asyncio.sleep(60)
        assert f"Account: ISO14443 {CARDS[0].id_token}, group Central {ACCOUNT}" in await of_the_account(here)
        assert CARDS[0].id_token in await of_the_account(here, clear=True)
        assert await of_the_account(here) == ""
        await here.hand.reboot()
        await asyncio.sleep(60)
        assert await of_the_account(here) == ""

    play(scene)


def test_every_token_of_the_account_is_told_and_a_token_tells_of_itself() -> None:
    async def scene(here: Site) -> None:
        for card in CARDS[:2]:
            await charged(here, card)
        text = await of_the_account(here)
        assert [card.id_token in text for card in CARDS] == [True, True, False]
        assert "Account" in await answer(here, token=CARDS[1])

    play(scene)


def test_beyond_a_limit_the_token_that_was_used_longest_ago_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customer_accounts, "MOST", 2)

    async def scene(here: Site) -> None:
        for card in (CARDS[0], CARDS[1], CARDS[0], CARDS[2]):
            await charged(here, card)
        text = await of_the_account(here)
        assert [card.id_token in text for card in CARDS] == [True, False, True]

    play(scene)


def test_with_a_cache_the_cache_alone_says_so() -> None:
    async def scene(here: Site) -> None:
        await here.set("AuthCacheCtrlr", "Enabled", "true")
        await charged(here, CARDS[0])
        text = await of_the_account(here)
        assert "Authorization cache: " in text
        assert "Account: " not in text

    play(scene, cache=True)
