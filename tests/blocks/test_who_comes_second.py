"""Two EVSEs, two cars, two grants: what belongs to one of them leaves the other alone."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.ports.hardware import Supply
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire
from tests.requirements.charging import CARD, OTHER, TOKEN, charge, product, start_remotely
from tests.runtime.raw_csms import ACCEPTED, result, taken_over
from tests.runtime.site import Site, site

Scene = Callable[[Site], Awaitable[None]]
TIMEOUT = 60
"""EVConnectionTimeOut, s."""


def play(scene: Scene, built: Product | None = None) -> None:
    """Run a scene at a site."""

    async def played() -> None:
        async with site(product=built) as here:
            await scene(here)

    run(played(), limit=86_400)


def charges(here: Site) -> list[int]:
    """Return the EVSEs where energy flows."""
    return [one.id for one in here.host.product.evses if here.simulator.state(one.id).supply is Supply.Delivering]


# A remote start without an EVSE


def test_of_several_cars_a_remote_start_takes_the_first_evse() -> None:
    """F01.FR.20: the station selects it, and the answer to the same question is always the same one."""

    async def scene(here: Site) -> None:
        for evse_id in (2, 1):
            await here.hand.plug(evse_id)
            await asyncio.sleep(5)
        assert (await start_remotely(here, evse_id=None)).status == "Accepted"
        await asyncio.sleep(30)
        assert charges(here) == [1]
        assert (await start_remotely(here, evse_id=None, remote_start_id=8)).status == "Accepted"
        await asyncio.sleep(30)
        assert charges(here) == [1, 2]

    play(scene)


def test_cars_that_come_while_a_remote_start_is_checked() -> None:
    """F02.FR.09: by the time of the answer two cars wait, and the first EVSE is taken."""

    async def scene(here: Site) -> None:
        assert await here.set("AuthCtrlr", "AuthorizeRemoteStart", "true") == "Accepted"
        csms = await taken_over(here)
        csms.replies["Authorize"] = lambda _identifier, _payload: None
        token = msgspec.json.encode(TOKEN).decode()
        ask = f'[2,"c1","RequestStartTransaction",{{"remoteStartId":7,"idToken":{token}}}]'
        assert '"Accepted"' in await csms.ask(ask)
        await csms.until(lambda: bool(csms.of("Authorize")), 10)
        for evse_id in (2, 1):
            await here.hand.plug(evse_id)
            await asyncio.sleep(2)
        await csms.send(result(csms.of("Authorize")[0].id, f"{{{ACCEPTED}}}"))
        await asyncio.sleep(30)
        assert charges(here) == [1]

    play(scene)


# The reset of one EVSE


@pytest.mark.parametrize("kind", list(wire.ResetEnum))
def test_the_reset_of_an_evse_concerns_that_evse(kind: wire.ResetEnum) -> None:
    """B12.FR.07, B12.FR.08: it waits for its own transaction, ends its own, and the other one goes on."""

    async def scene(here: Site) -> None:
        await charge(here, 1, CARD)
        await charge(here, 2, OTHER)
        response = await here.csms.call(wire.ResetRequest(type=kind, evse_id=1))
        if kind is wire.ResetEnum.OnIdle:
            assert response.status == "Scheduled"
            # The other EVSE has nothing to do with it: whoever leaves may come back.
            await here.hand.unplug(2)
            await asyncio.sleep(5)
            await charge(here, 2, OTHER)
            here.csms.received.clear()
            await here.hand.present(CARD)
            await asyncio.sleep(5)
            await here.hand.unplug(1)
        await asyncio.sleep(60)
        assert charges(here) == [2]
        over = [event for event in here.csms.events if event.event_type is wire.TransactionEventEnum.Ended]
        assert [event.transaction_info.stopped_reason for event in over] == [
            "ImmediateReset" if kind is wire.ResetEnum.Immediate else "Local"
        ]
        if kind is wire.ResetEnum.Immediate:
            await here.hand.unplug(1)
            await asyncio.sleep(5)
        # Nothing waits any more: the next driver may start there.
        await charge(here, 1, "04AAAAAA")
        assert charges(here) == [1, 2]

    play(scene, product(having=["C-13"]))


# Two transactions never merge


def test_a_car_in_the_bay_and_a_card_that_waits_stay_two_transactions() -> None:
    """Decided case 4: each has its own end, and the cable is that of the car."""

    async def scene(here: Site) -> None:
        assert await here.set("TxCtrlr", "TxStartPoint", "Authorized,ParkingBayOccupancy") == "Accepted"
        assert await here.set("TxCtrlr", "EVConnectionTimeOut", str(TIMEOUT)) == "Accepted"
        await here.hand.present(CARD)
        await asyncio.sleep(1)
        await here.hand.arrive(1)
        await asyncio.sleep(1)
        await here.hand.plug(1)
        await asyncio.sleep(2 * TIMEOUT)
        started = {e.transaction_info.transaction_id for e in here.csms.events if e.event_type == "Started"}
        over = {e.transaction_info.transaction_id: e for e in here.csms.events if e.event_type == "Ended"}
        assert len(started) == 2
        assert [one.transaction_info.stopped_reason for one in over.values()] == ["Timeout"]
        assert charges(here) == []

    play(scene, product(name="flagship"))


# The time for the cable


def test_a_fresh_grant_has_the_whole_time_for_the_cable() -> None:
    """E03.FR.05: the time of a grant that was taken back says nothing about the next one."""

    async def scene(here: Site) -> None:
        assert await here.set("TxCtrlr", "EVConnectionTimeOut", str(TIMEOUT)) == "Accepted"
        await here.hand.arrive(1)
        await asyncio.sleep(5)
        assert (await start_remotely(here)).status == "Accepted"
        await asyncio.sleep(40)
        await here.hand.present(CARD)
        await asyncio.sleep(5)
        assert (await start_remotely(here, remote_start_id=8)).status == "Accepted"
        await asyncio.sleep(50)
        await here.hand.plug(1)
        await asyncio.sleep(30)
        assert charges(here) == [1]

    play(scene, product(name="flagship"))


@pytest.mark.parametrize("away", [TIMEOUT - 10, TIMEOUT + 10])
def test_a_car_that_left_may_come_back_within_the_time_for_the_cable(away: int) -> None:
    """E09.FR.01 without StopTxOnEVSideDisconnect: the time counts from when the cable went."""

    async def scene(here: Site) -> None:
        assert await here.set("TxCtrlr", "TxStopPoint", "Authorized") == "Accepted"
        assert await here.set("TxCtrlr", "StopTxOnEVSideDisconnect", "false") == "Accepted"
        assert await here.set("TxCtrlr", "EVConnectionTimeOut", str(TIMEOUT)) == "Accepted"
        await charge(here)
        await asyncio.sleep(10 * TIMEOUT)
        await here.hand.unplug(1)
        await asyncio.sleep(away)
        await here.hand.plug(1)
        await asyncio.sleep(30)
        assert charges(here) == ([1] if away < TIMEOUT else [])

    play(scene, product(name="flagship", having=["C-06.1"]))


def test_a_group_finds_what_its_members_charge() -> None:
    """N09.FR.02 with customerIdentifier: a running session whose card belongs to the group."""

    async def scene(here: Site) -> None:
        assert await here.set("AuthCacheCtrlr", "Enabled", "false") == "Accepted"
        group = wire.IdToken(id_token="FLEET-7", type=wire.IdTokenEnum.Central)
        info = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Accepted, group_id_token=group)
        here.csms.answers[wire.AuthorizeRequest] = lambda _: wire.AuthorizeResponse(id_token_info=info)
        here.csms.answers[wire.NotifyCustomerInformationRequest] = lambda _: wire.NotifyCustomerInformationResponse()
        await charge(here)
        request = wire.CustomerInformationRequest(
            request_id=1, report=True, clear=False, customer_identifier=group.id_token
        )
        response = await here.csms.call(request)
        assert response.status == "Accepted", response
        await asyncio.sleep(5)
        text = "".join(part.data for part in here.csms.of(wire.NotifyCustomerInformationRequest))
        assert "Session at EVSE 1" in text
        assert TOKEN.id_token in text

    play(scene, product(having=["C-14"]))
