"""A power cut at every commit of a renewal: the station comes back with a certificate that works."""

import asyncio
from contextlib import suppress
from typing import Literal

import pytest

from ohmstead.edge.simulator import SimulatedHand
from ohmstead.edge.store_memory import CrashingStore, MemoryStore
from ohmstead.edge.virtual_time import run
from ohmstead.ports.calls import CallFailed, CallTimeout
from ohmstead.ports.link import LinkLost
from tests.runtime.own_certificate import AUTHORITY, OLD, OWNER, VALID, Owner, owned


async def _renew(owner: Owner) -> None:
    """One try of the CSMS, which may break off anywhere."""
    with suppress(CallFailed, CallTimeout, LinkLost, TimeoutError, AssertionError):
        async with asyncio.timeout(300):
            await owner.deliver(AUTHORITY.sign_csr(await owner.ask(), validity=VALID))
    await asyncio.sleep(60)


async def _commits() -> range:
    """Return the numbers of the commits of a renewal that goes well."""
    store = CrashingStore(MemoryStore())
    async with owned(store=store) as owner:
        first = store.commits + 1
        await _renew(owner)
        assert f"O={OWNER}" in owner.shown
        return range(first, store.commits + 1)


async def _crash(at: int, when: Literal["before", "after"]) -> None:
    hands: list[SimulatedHand] = []

    def cut() -> None:
        hands[0].lose_power()

    store = CrashingStore(MemoryStore(), at, when, on_crash=cut)
    async with owned(store=store) as owner:
        hands.append(owner.here.hand)
        await _renew(owner)
        assert store.crashed
        await owner.here.hand.restore_power()
        await asyncio.sleep(60)
        assert f"O={OLD}" in owner.shown or f"O={OWNER}" in owner.shown
        if f"O={OLD}" in owner.shown:
            await _renew(owner)
        assert f"O={OWNER}" in owner.shown
        assert len(owner.here.client_keys.names()) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_station_comes_back_with_a_certificate_that_works(when: Literal["before", "after"]) -> None:
    commits = run(_commits(), limit=86400)
    assert len(commits) >= 5
    for at in commits:
        run(_crash(at, when), limit=86400)
