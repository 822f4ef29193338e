"""The authorization cache as the CSMS and a driver see it (C02, C10, C11, C12, C16)."""

import asyncio
from collections.abc import Sequence

from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.virtual_time import run
from ohmstead.ports.hardware import Supply
from ohmstead.ports.store import Delete, StoreFailed, Write
from ohmstead.wire import messages as wire
from tests.requirements.charging import CARD, OTHER, charge, ended, product, start_remotely
from tests.runtime.site import Site, site

MASTER = wire.IdToken(id_token="SERVICE", type=wire.IdTokenEnum.Central)


def _answer_with(here: Site, status: str, group: wire.IdToken | None = None) -> None:
    info = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum(status), group_id_token=group)
    here.csms.answers[wire.AuthorizeRequest] = lambda _: wire.AuthorizeResponse(id_token_info=info)


async def _stored(here: Site) -> str:
    """Return how many bytes of tokens the cache holds: AuthCacheCtrlr.Storage."""
    component, variable = wire.Component(name="AuthCacheCtrlr"), wire.Variable(name="Storage")
    data = wire.GetVariableData(component=component, variable=variable)
    response = await here.csms.call(wire.GetVariablesRequest(get_variable_data=(data,)))
    return response.get_variable_result[0].attribute_value or ""


def test_the_cache_knows_every_token_whatever_was_said_of_it() -> None:
    """C10.FR.01: each status, the latest one counts."""

    async def scenario() -> None:
        async with site() as here:
            sizes = [int(await _stored(here))]
            for status in wire.AuthorizationStatusEnum:
                _answer_with(here, status.value)
                await here.hand.present(f"04AA{len(sizes):04d}")
                await asyncio.sleep(5)
                sizes.append(int(await _stored(here)))
            assert sizes == sorted(set(sizes))
            await here.set("TxCtrlr", "EVConnectionTimeOut", "5")
            await here.set("AuthCtrlr", "LocalPreAuthorize", "true")
            _answer_with(here, "Accepted")
            await here.hand.present(CARD)
            await asyncio.sleep(20)
            _answer_with(here, "Blocked")
            await here.csms.call(wire.ClearCacheRequest())
            await here.hand.present(CARD)
            await asyncio.sleep(5)
            asked = len(here.csms.of(wire.AuthorizeRequest))
            await here.hand.present(CARD)
            await asyncio.sleep(5)
            assert len(here.csms.of(wire.AuthorizeRequest)) == asked + 1

    run(scenario(), limit=3600)


class _KeepsTokens(MemoryStore):
    """A store that does not let go of tokens."""

    def commit(self, writes: Sequence[Write]) -> None:
        """Commit what deletes no token. Raises StoreFailed."""
        if any(isinstance(write, Delete) and write.kind == "token" for write in writes):
            raise StoreFailed("no space left on the disk")
        super().commit(writes)


def test_a_cache_that_cannot_be_cleared_says_so() -> None:
    """C11.FR.05: Rejected, and what it knew is still known."""

    async def scenario() -> None:
        async with site(store=_KeepsTokens()) as here:
            await charge(here)
            known = await _stored(here)
            assert (await here.csms.call(wire.ClearCacheRequest())).status == "Rejected"
            assert await _stored(here) == known

    run(scenario(), limit=3600)


def test_a_master_pass_starts_nothing_and_stops_from_the_cache() -> None:
    """C12.FR.09: it never starts; C16.FR.04: what the cache says of it is enough to stop while offline."""

    async def scenario() -> None:
        async with site() as here:
            await here.set("AuthCtrlr", "MasterPassGroupId", "SERVICE")
            await here.set("AuthCtrlr", "LocalPreAuthorize", "true")
            _answer_with(here, "Accepted", MASTER)
            await here.hand.plug(1)
            for _ in range(2):
                await here.hand.present(OTHER)
                await asyncio.sleep(20)
            assert here.simulator.state(1).supply is Supply.Off
            assert here.csms.events == []
            _answer_with(here, "Accepted")
            await here.hand.present(CARD)
            await asyncio.sleep(20)
            await here.hand.cut_network()
            await here.hand.present(OTHER)
            await asyncio.sleep(1)
            await here.hand.choose("all")
            await asyncio.sleep(5)
            assert here.simulator.state(1).supply is Supply.Off
            await here.hand.restore_network()
            await here.csms.until(lambda: any(event.event_type == "Ended" for event in here.csms.events))
            assert ended(here).transaction_info.stopped_reason == "MasterPass"

    run(scenario(), limit=3600)


def test_nobody_in_particular_is_not_remembered() -> None:
    """C02.FR.03: NoAuthorization is no identifier; what is said of it does not come into the cache."""

    async def scenario() -> None:
        async with site(product=product(having=["C-39"])) as here:
            await here.set("AuthCtrlr", "AuthorizeRemoteStart", "false")
            nobody = wire.IdToken(id_token="", type=wire.IdTokenEnum.NoAuthorization)
            await here.hand.plug(1)
            assert (await start_remotely(here, token=nobody)).status == "Accepted"
            await asyncio.sleep(30)
            assert [event.id_token for event in here.csms.events if event.id_token is not None] == [nobody]
            assert await _stored(here) == "0"

    run(scenario(), limit=3600)
