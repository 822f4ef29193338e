"""The lock of a socket: when it is shut, when it opens and for whom, and what a motor that does not move leads to."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from ohmstead.edge.simulator import Simulator
from ohmstead.edge.virtual_time import run
from ohmstead.ports.hand import HandRefused
from ohmstead.ports.hardware import EvseState, Supply
from ohmstead.product.load import load
from ohmstead.wire import messages as wire
from tests.requirements.charging import CARD, OTHER, charge, kinds
from tests.runtime.site import Site, site

Scene = Callable[[Site], Awaitable[None]]
MATE = "04AABBCC"
"""A card of the same group as CARD."""
GROUP = wire.IdToken(id_token="FAMILY", type=wire.IdTokenEnum.Central)


def play(scene: Scene) -> None:
    """Run a scene at a wallbox with a socket."""

    async def played() -> None:
        async with site(product=load("ac-wallbox")) as here:
            here.csms.answers[wire.AuthorizeRequest] = _authorized
            here.csms.answers[wire.NotifyEventRequest] = lambda _: wire.NotifyEventResponse()
            await here.set("TxCtrlr", "TxStopPoint", "Authorized,EVConnected")
            await scene(here)

    run(played(), limit=86_400)


def _authorized(request: object) -> wire.AuthorizeResponse:
    assert isinstance(request, wire.AuthorizeRequest)
    grouped = request.id_token.id_token in (CARD, MATE)
    status = wire.AuthorizationStatusEnum.Accepted
    info = wire.IdTokenInfo(status=status, group_id_token=GROUP if grouped else None)
    return wire.AuthorizeResponse(id_token_info=info)


def locked(here: Site) -> bool:
    """Say whether a cable is held."""
    return here.simulator.state(1).locked is True


def problems(here: Site) -> list[str]:
    """Return what was told of the lock, oldest first."""
    told = [data for event in here.csms.of(wire.NotifyEventRequest) for data in event.event_data]
    assert all(data.component.name == "ConnectorPlugRetentionLock" for data in told)
    assert [data.event_id for data in told] == list(range(1, len(told) + 1))
    return [data.actual_value for data in told]


async def unlock(here: Site, connector_id: int = 1) -> str:
    """Ask for it, and return the status."""
    request = wire.UnlockConnectorRequest(evse_id=1, connector_id=connector_id)
    return (await here.csms.call(request)).status.value


def test_the_lock_is_shut_while_somebody_charges_and_only_then() -> None:
    """E02, E06.FR.10, E07.FR.07."""

    async def scene(here: Site) -> None:
        await here.hand.plug(1)
        await asyncio.sleep(5)
        assert not locked(here)
        await here.hand.present(CARD)
        await asyncio.sleep(20)
        assert locked(here)
        with pytest.raises(HandRefused, match="locked"):
            await here.hand.remove_cable(1)
        await here.hand.present(CARD)
        await asyncio.sleep(5)
        assert not locked(here)
        await here.hand.unplug(1)
        await asyncio.sleep(5)
        assert here.csms.statuses[1, 1] == "Available"
        assert problems(here) == []

    play(scene)


def test_each_end_of_the_cable_has_its_own_say_in_status_and_transaction() -> None:
    """The socket is Occupied as long as a cable lies in it; the transaction hears of the EV only."""

    async def scene(here: Site) -> None:
        await here.set("TxCtrlr", "TxStartPoint", "EVConnected")
        await here.hand.insert_cable(1)
        await asyncio.sleep(5)
        assert here.csms.statuses[1, 1] == "Occupied" and not here.csms.events
        await here.hand.connect_ev(1)
        await asyncio.sleep(5)
        assert kinds(here.csms.events) == ["Started"]
        await here.hand.disconnect_ev(1)
        await asyncio.sleep(5)
        assert kinds(here.csms.events) == ["Started", "Ended"]
        assert here.csms.statuses[1, 1] == "Occupied"
        await here.hand.remove_cable(1)
        await asyncio.sleep(5)
        assert here.csms.statuses[1, 1] == "Available"

    play(scene)


@pytest.mark.parametrize("stops", [True, False], ids=["deauthorized", "suspended"])
@pytest.mark.parametrize("unlocks", [True, False], ids=["unlocks", "stays locked"])
def test_a_cable_that_leaves_the_ev(stops: bool, unlocks: bool) -> None:
    """E09.FR.02, E09.FR.03: it is let go at once, or for its owner; suspended it stays in any case (E10.FR.01)."""

    async def scene(here: Site) -> None:
        await here.set("TxCtrlr", "StopTxOnEVSideDisconnect", str(stops).lower())
        await here.set("OCPPCommCtrlr", "UnlockOnEVSideDisconnect", str(unlocks).lower())
        await here.set("TxCtrlr", "TxStopPoint", "Authorized")
        await charge(here)
        await here.hand.disconnect_ev(1)
        await asyncio.sleep(2 * 3600)
        assert locked(here) is not (stops and unlocks)
        assert here.csms.statuses[1, 1] == "Occupied"
        if locked(here):
            await here.hand.present(OTHER)
            await asyncio.sleep(30)
            assert locked(here)
            await here.hand.present(CARD)
            await asyncio.sleep(30)
        assert not locked(here)
        await here.hand.remove_cable(1)
        await asyncio.sleep(5)
        assert here.csms.statuses[1, 1] == "Available"
        assert kinds(here.csms.events)[-1] == "Ended"
        assert len({event.transaction_info.transaction_id for event in here.csms.events}) == 1

    play(scene)


def test_the_owner_of_a_suspended_charge_gets_his_cable_by_a_card_that_does_not_stop() -> None:
    """E10.FR.01: the cable is locked until the token is presented, whatever stops a charge at the station (C-70)."""
    wallbox = load("ac-wallbox")
    product = msgspec.structs.replace(wallbox, features={**wallbox.features, "C-70": False, "C-75": True})

    async def scene() -> None:
        async with site(product=product) as here:
            here.csms.answers[wire.AuthorizeRequest] = _authorized
            await here.set("TxCtrlr", "StopTxOnEVSideDisconnect", "false")
            await here.set("TxCtrlr", "TxStopPoint", "Authorized")
            await charge(here)
            await here.hand.present(CARD)
            await asyncio.sleep(30)
            assert kinds(here.csms.events)[-1] == "Updated" and locked(here)
            await here.hand.disconnect_ev(1)
            await asyncio.sleep(30)
            assert kinds(here.csms.events)[-1] == "Updated" and locked(here)
            await here.hand.present(CARD)
            await asyncio.sleep(30)
            assert not locked(here)
            assert kinds(here.csms.events)[-1] == "Ended"

    run(scene(), limit=86_400)


@pytest.mark.parametrize("card", [CARD, CARD.lower(), MATE], ids=["the card", "in lower case", "of the group"])
@pytest.mark.parametrize("dark", [False, True], ids=["at once", "after a power cut"])
def test_a_retained_cable_is_for_its_owner(card: str, dark: bool) -> None:
    """C15.FR.05, E09.FR.03: also of the group, also after a power cut; nothing begins by it."""

    async def scene(here: Site) -> None:
        await here.set("OCPPCommCtrlr", "UnlockOnEVSideDisconnect", "false")
        await here.set("TxCtrlr", "StopTxOnEVSideDisconnect", "true")
        await charge(here)
        await here.hand.disconnect_ev(1)
        await asyncio.sleep(30)
        if dark:
            await here.hand.cut_power()
            await here.hand.restore_power()
            await asyncio.sleep(60)
        assert locked(here)
        request = wire.RequestStartTransactionRequest(
            remote_start_id=4, id_token=wire.IdToken(id_token=OTHER, type=wire.IdTokenEnum.ISO14443), evse_id=1
        )
        assert (await here.csms.call(request)).status == "Rejected"
        before = len(here.csms.events)
        await here.hand.present(card)
        await asyncio.sleep(30)
        assert not locked(here)
        assert len(here.csms.events) == before

    play(scene)


def test_a_deauthorized_cable_stays_until_its_owner_comes() -> None:
    """E05.FR.11."""

    async def scene(here: Site) -> None:
        invalid = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Invalid)
        here.csms.answers[wire.TransactionEventRequest] = lambda event: wire.TransactionEventResponse(
            id_token_info=invalid if getattr(event, "id_token", None) else None
        )
        await here.hand.plug(1)
        await here.hand.present(CARD)
        await asyncio.sleep(30)
        assert kinds(here.csms.events)[-1] == "Ended" and locked(here)
        here.csms.answers[wire.AuthorizeRequest] = lambda _: wire.AuthorizeResponse(id_token_info=invalid)
        await here.hand.present(CARD)
        await asyncio.sleep(30)
        assert not locked(here)

    play(scene)


def test_energy_waits_for_the_lock_and_a_jammed_one_lets_no_charge_begin() -> None:
    """G05: told with Problem, over once the cable is out."""

    async def scene(here: Site) -> None:
        await here.hand.fault(1, 1, "Jammed")
        await here.hand.plug(1)
        await here.hand.present(CARD)
        await asyncio.sleep(60)
        assert here.simulator.state(1).supply is Supply.Off and not locked(here)
        assert here.csms.statuses[1, 1] == "Faulted"
        assert problems(here) == ["true"]
        await here.hand.clear(1, 1)
        await here.hand.unplug(1)
        await asyncio.sleep(60)
        assert here.csms.statuses[1, 1] == "Available"
        assert problems(here) == ["true", "false"]
        await charge(here)

    play(scene)


def test_a_lock_that_does_not_open_is_tried_again_until_it_does() -> None:
    """Its owner stands there and cannot go."""

    async def scene(here: Site) -> None:
        await charge(here)
        await here.hand.fault(1, 1, "Jammed")
        await here.hand.present(CARD)
        await asyncio.sleep(20)
        assert locked(here) and problems(here) == ["true"]
        assert await unlock(here) == "UnlockFailed"
        await here.hand.clear(1, 1)
        await asyncio.sleep(60)
        assert not locked(here) and problems(here) == ["true", "false"]

    play(scene)


def test_unlock_connector() -> None:
    """F05.FR.02 to F05.FR.06: whatever is in the socket; nothing is stopped by it."""

    async def scene(here: Site) -> None:
        assert await unlock(here, 2) == "UnknownConnector"
        assert await unlock(here) == "Unlocked"
        await here.hand.insert_cable(1)
        assert await unlock(here) == "Unlocked"
        await here.hand.connect_ev(1)
        assert await unlock(here) == "Unlocked"
        await here.hand.present(CARD)
        await asyncio.sleep(20)
        assert await unlock(here) == "OngoingAuthorizedTransaction"
        assert locked(here)
        await here.hand.fault(1, 1, "Jammed")
        await here.hand.present(CARD)
        await asyncio.sleep(1)
        assert await unlock(here) == "UnlockFailed"

    play(scene)


def test_a_retained_cable_is_let_go_by_the_csms() -> None:
    """F05.FR.04: no authorized transaction is there any more."""

    async def scene(here: Site) -> None:
        await here.set("OCPPCommCtrlr", "UnlockOnEVSideDisconnect", "false")
        await charge(here)
        await here.hand.disconnect_ev(1)
        await asyncio.sleep(10)
        assert locked(here)
        assert await unlock(here) == "Unlocked"
        await here.hand.remove_cable(1)
        await charge(here, card=OTHER)

    play(scene)


def test_a_power_cut_leaves_lock_and_charge_as_they_were() -> None:
    """Energy flows again once the lock is known to be shut."""

    async def scene(here: Site) -> None:
        await charge(here)
        await here.hand.cut_power()
        assert locked(here)
        await here.hand.restore_power()
        await asyncio.sleep(60)
        assert locked(here) and here.simulator.state(1).supply is Supply.Delivering

    play(scene)


def test_a_cable_that_left_the_ev_in_the_dark_is_let_go() -> None:
    """E08.FR.03, whatever UnlockOnEVSideDisconnect says."""

    async def scene(here: Site) -> None:
        await here.set("OCPPCommCtrlr", "UnlockOnEVSideDisconnect", "false")
        await charge(here)
        await here.hand.cut_power()
        await here.hand.disconnect_ev(1)
        await here.hand.restore_power()
        await asyncio.sleep(60)
        assert not locked(here)

    play(scene)


def test_each_event_of_a_lock_has_a_number_of_its_own_and_its_end_names_its_begin() -> None:
    """G05.FR.02, N07: eventId goes on over a boot; the end is `cleared`, with the begin as its cause."""

    async def scene(here: Site) -> None:
        for _ in range(2):
            await here.hand.fault(1, 1, "Jammed")
            await here.hand.plug(1)
            await here.hand.present(CARD)
            await asyncio.sleep(60)
            await here.hand.clear(1, 1)
            await here.hand.unplug(1)
            await asyncio.sleep(60)
            await here.hand.reboot()
            await asyncio.sleep(60)
        told = [data for event in here.csms.of(wire.NotifyEventRequest) for data in event.event_data]
        assert [one.event_id for one in told] == [1, 2, 3, 4]
        assert [one.cause for one in told] == [None, 1, None, 3]
        assert [one.cleared for one in told] == [None, True, None, True]
        assert [one.actual_value for one in told] == ["true", "false", "true", "false"]
        assert {(one.component.evse.id, one.component.evse.connector_id) for one in told if one.component.evse} == {
            (1, 1)
        }

    play(scene)


class Rewired(Simulator):
    """A machine that loses sight of a cable, and tells nobody."""

    blind = frozenset[int]()

    def state(self, evse_id: int) -> EvseState:
        """Say what it sees."""
        found = super().state(evse_id)
        return EvseState(supply=Supply.Off) if evse_id in self.blind else found


def test_a_cable_that_went_unnoticed_is_gone_after_the_reset_of_its_evse() -> None:
    """B12, decided case 7: the EVSE is found anew; the cable of another one is where it was."""
    depot = load("depot")

    async def live() -> None:
        resets = msgspec.structs.replace(depot, features={**depot.features, "C-13": True})
        async with site(product=resets, machine=Rewired) as here:
            assert isinstance(here.simulator, Rewired) and here.host.station is not None
            plugs = here.host.station.plugs
            await here.hand.insert_cable(3)
            await here.hand.insert_cable(4)
            await asyncio.sleep(5)
            assert plugs.inserted == {(3, 1), (4, 1)}
            here.simulator.blind = frozenset({3})
            for evse_id, left in ((4, {(3, 1), (4, 1)}), (3, {(4, 1)})):
                response = await here.csms.call(wire.ResetRequest(type=wire.ResetEnum.Immediate, evse_id=evse_id))
                assert response.status == "Accepted"
                await asyncio.sleep(5)
                assert plugs.inserted == left

    run(live(), limit=3600)


def test_a_cable_that_was_in_before_the_boot_is_found_there() -> None:
    """And it is noticed when it goes."""

    async def scene(here: Site) -> None:
        await here.hand.insert_cable(1)
        await here.hand.reboot()
        await asyncio.sleep(60)
        assert here.host.station is not None
        assert here.host.station.plugs.inserted == {(1, 1)}
        await here.hand.remove_cable(1)
        await asyncio.sleep(1)
        assert here.host.station.plugs.inserted == frozenset()

    play(scene)
