"""What becomes of a grant: where it leads, how long it waits for the cable, and what keeps it from energy."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.ports.hardware import Supply
from ohmstead.product.load import load
from ohmstead.wire import messages as wire
from tests.runtime.site import Site, site
from tests.runtime.witness import no_errors

CARD = "04A1B2C3"
FLAGSHIP = load("flagship")
INOPERATIVE, OPERATIVE = wire.OperationalStatusEnum.Inoperative, wire.OperationalStatusEnum.Operative


def play(scene: Callable[[Site], Awaitable[None]]) -> None:
    """Run a scene at a site of the richer product."""

    async def live() -> None:
        async with site(product=FLAGSHIP) as here:
            await scene(here)

    with no_errors():
        run(live(), limit=7200)


async def start(here: Site, evse_id: int | None = None, token: str = CARD) -> str:
    """Ask for a remote start."""
    id_token = wire.IdToken(id_token=token, type=wire.IdTokenEnum.ISO14443)
    request = wire.RequestStartTransactionRequest(id_token=id_token, remote_start_id=1, evse_id=evse_id)
    response = await here.csms.call(request)
    await asyncio.sleep(20)
    return str(response.status)


async def make(here: Site, evse_id: int, status: wire.OperationalStatusEnum) -> str:
    """Send ChangeAvailability for an EVSE."""
    request = wire.ChangeAvailabilityRequest(operational_status=status, evse=wire.EVSE(id=evse_id))
    response = await here.csms.call(request)
    await asyncio.sleep(20)
    return str(response.status)


async def points(here: Site, begin: str, end: str) -> None:
    """Set where transactions start and stop."""
    assert await here.set("TxCtrlr", "TxStartPoint", begin) == "Accepted"
    assert await here.set("TxCtrlr", "TxStopPoint", end) == "Accepted"


def charging(here: Site) -> list[int]:
    """Return the EVSEs where energy flows."""
    return [evse.id for evse in FLAGSHIP.evses if here.simulator.state(evse.id).supply is Supply.Delivering]


# Where it leads


@pytest.mark.parametrize("broken", [1, 2])
def test_a_remote_start_takes_the_car_at_the_evse_that_is_in_order(broken: int) -> None:
    """F01.FR.20: two cars wait, and one of them stands at an EVSE that went out of order after it came."""

    async def scene(here: Site) -> None:
        await here.hand.plug(1)
        await here.hand.plug(2)
        await here.hand.fault(broken, 1, "GroundFailure")
        assert await start(here) == "Accepted"
        assert charging(here) == [3 - broken]

    play(scene)


def test_the_reset_of_an_evse_waits_for_nobody_else() -> None:
    """B12.FR.07: it follows the end of its own transaction, while another EVSE goes on charging."""

    async def scene(here: Site) -> None:
        for evse_id in (1, 2):
            await here.hand.plug(evse_id)
            assert await start(here, evse_id, f"04{evse_id}") == "Accepted"
        reset = wire.ResetRequest(type=wire.ResetEnum.OnIdle, evse_id=2)
        assert (await here.csms.call(reset)).status == "Scheduled"
        await here.hand.present("042")
        await asyncio.sleep(20)
        assert charging(here) == [1]
        assert await start(here, 2, "043") == "Accepted"
        assert charging(here) == [1, 2]
        assert here.host.runs == 1

    play(scene)


def test_two_transactions_never_become_one() -> None:
    """Decided case 4: a card has begun one, an EV in the bay another; the cable joins neither with the other."""

    async def scene(here: Site) -> None:
        await points(here, "Authorized,ParkingBayOccupancy", "Authorized,ParkingBayOccupancy")
        await here.hand.present(CARD)
        await asyncio.sleep(5)
        await here.hand.arrive(1)
        await asyncio.sleep(5)
        await here.hand.plug(1)
        await asyncio.sleep(20)
        events = here.csms.events
        assert [event.event_type for event in events].count(wire.TransactionEventEnum.Started) == 2
        assert wire.TransactionEventEnum.Ended not in [event.event_type for event in events]
        ids = {event.transaction_info.transaction_id for event in events if event.evse is not None}
        assert len(ids) == 1
        assert not charging(here)

    play(scene)


# The cable


@pytest.mark.parametrize("stops", [True, False])
def test_the_cable_that_leaves_the_ev_ends_the_authorization_or_does_not(stops: bool) -> None:
    """StopTxOnEVSideDisconnect (E09.FR.01, E10.FR.01): with false the transaction waits for the cable."""

    async def scene(here: Site) -> None:
        await points(here, "PowerPathClosed", "Authorized")
        assert await here.set("TxCtrlr", "StopTxOnEVSideDisconnect", str(stops).lower()) == "Accepted"
        await here.hand.plug(1)
        assert await start(here, 1) == "Accepted"
        await here.hand.unplug(1)
        await asyncio.sleep(20)
        left = next(event for event in here.csms.events if event.trigger_reason == "EVCommunicationLost")
        assert left.event_type == ("Ended" if stops else "Updated")
        assert left.transaction_info.charging_state == "Idle"
        await here.hand.plug(1)
        await asyncio.sleep(20)
        assert charging(here) == ([] if stops else [1])
        assert len({event.transaction_info.transaction_id for event in here.csms.events}) == 1

    play(scene)


def test_every_grant_has_the_whole_time_for_the_cable() -> None:
    """E03.FR.05: one that was taken back leaves nothing of its time to the next one."""

    async def scene(here: Site) -> None:
        assert await here.set("TxCtrlr", "EVConnectionTimeOut", "100") == "Accepted"
        await here.hand.arrive(1)
        assert await start(here, 1) == "Accepted"
        await asyncio.sleep(50)
        await here.hand.present(CARD)
        await asyncio.sleep(5)
        assert await start(here, 1) == "Accepted"
        await asyncio.sleep(60)
        await here.hand.plug(1)
        await asyncio.sleep(20)
        assert charging(here) == [1]

    play(scene)


# What keeps it from energy


def test_a_charge_that_has_no_transaction_yet_does_not_begin_at_an_inoperative_evse() -> None:
    """Cable and card are in, the EV takes nothing: with TxStartPoint EnergyTransfer no transaction runs (G03)."""

    async def scene(here: Site) -> None:
        await points(here, "EnergyTransfer", "Authorized")
        await here.hand.plug(1)
        await here.hand.suspend(1)
        assert await start(here, 1) == "Accepted"
        assert await make(here, 1, INOPERATIVE) == "Accepted"
        await here.hand.resume(1)
        await asyncio.sleep(30)
        assert here.simulator.state(1).supply is Supply.Off
        assert not here.csms.events
        assert await make(here, 1, OPERATIVE) == "Accepted"
        assert charging(here) == [1]
        assert here.csms.events[0].event_type == "Started"

    play(scene)


@pytest.mark.parametrize("point", ["ParkingBayOccupancy", "EVConnected"])
def test_what_comes_to_an_inoperative_evse_starts_no_transaction_until_it_is_operative(point: str) -> None:
    """Decided cases 5 and 6: an EV in the bay, and a cable."""

    async def scene(here: Site) -> None:
        await points(here, point, "ParkingBayOccupancy")
        assert await make(here, 1, INOPERATIVE) == "Accepted"
        await here.hand.arrive(1)
        await here.hand.plug(1)
        await asyncio.sleep(20)
        assert not here.csms.events
        assert await make(here, 1, OPERATIVE) == "Accepted"
        assert [event.event_type for event in here.csms.events][:1] == ["Started"]
        assert here.csms.statuses[1, 1] == "Occupied"

    play(scene)


def test_a_boot_with_the_emergency_stop_pressed_starts_no_transaction() -> None:
    """The cable is in, and TxStartPoint is EVConnected."""

    async def scene(here: Site) -> None:
        await points(here, "EVConnected", "EVConnected")
        await here.hand.emergency_stop(True)
        await here.hand.plug(1)
        await here.hand.reboot()
        await asyncio.sleep(60)
        assert here.host.runs == 2
        assert not here.csms.events
        await here.hand.emergency_stop(False)
        await asyncio.sleep(20)
        assert [event.event_type for event in here.csms.events] == ["Started"]

    play(scene)
