"""What a token may do beside beginning: end what nobody has authorized, never start as a master pass, unlock, go on."""

import asyncio

import msgspec
import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.ports.hardware import Supply
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire
from tests.runtime.site import Site, said, site

MASTER = wire.IdToken(id_token="SERVICE", type=wire.IdTokenEnum.Central)
CARD, OTHER = "04A1B2C3", "04D4E5F6"


def two_connectors() -> Product:
    """Return a product whose EVSEs have two detachable cables each."""
    base = load("flagship")
    evses = tuple(
        msgspec.structs.replace(
            evse,
            connectors=tuple(
                msgspec.structs.replace(evse.connectors[0], id=number, type="sType2", cable="Detachable")
                for number in (1, 2)
            ),
        )
        for evse in base.evses
    )
    return msgspec.structs.replace(base, evses=evses)


async def points(here: Site, start: str, stop: str) -> None:
    """Set where transactions start and stop."""
    assert await here.set("TxCtrlr", "TxStartPoint", start) == "Accepted"
    assert await here.set("TxCtrlr", "TxStopPoint", stop) == "Accepted"


def told(here: Site) -> list[tuple[str, str, str | None]]:
    """Return kind, trigger and stoppedReason of the events that are no samples."""
    return [
        (*said(event)[:2], event.transaction_info.stopped_reason)
        for event in here.csms.events
        if event.trigger_reason != "MeterValuePeriodic"
    ]


async def ask_to_stop(here: Site) -> str:
    """Ask for the end of the last transaction."""
    identifier = here.csms.events[-1].transaction_info.transaction_id
    response = await here.csms.call(wire.RequestStopTransactionRequest(transaction_id=identifier))
    await asyncio.sleep(5)
    return response.status


async def ask_to_start(here: Site, token: str, *, group: wire.IdToken | None = None) -> str:
    """Ask for a charge at EVSE 1."""
    card = wire.IdToken(id_token=token, type=wire.IdTokenEnum.ISO14443)
    request = wire.RequestStartTransactionRequest(id_token=card, remote_start_id=1, evse_id=1, group_id_token=group)
    response = await here.csms.call(request)
    await asyncio.sleep(30)
    return response.status


# A remote stop of a transaction that nobody has authorized, or whose authorization has ended


@pytest.mark.parametrize("start", ["EVConnected", "ParkingBayOccupancy"])
@pytest.mark.parametrize(
    ("stop", "ends"),
    [
        ("Authorized", True),
        ("PowerPathClosed", True),
        ("EnergyTransfer", True),
        ("EVConnected,Authorized", True),
        ("EVConnected", False),
        ("ParkingBayOccupancy", False),
    ],
)
def test_a_remote_stop_is_reported_though_nobody_is_authorized(start: str, stop: str, ends: bool) -> None:
    """F03.FR.02, F03.FR.03: stop points that need an authorization end the transaction, the others leave it."""

    async def main() -> None:
        async with site(product=load("flagship")) as here:
            await points(here, start, stop)
            await (here.hand.plug(1) if start == "EVConnected" else here.hand.arrive(1))
            await asyncio.sleep(5)
            assert await ask_to_stop(here) == "Accepted"
            assert told(here)[1:] == [("Ended", "RemoteStop", "Remote") if ends else ("Updated", "RemoteStop", None)]
            assert await ask_to_stop(here) == ("Rejected" if ends else "Accepted")
            await here.hand.present(CARD)
            if start == "ParkingBayOccupancy":
                await here.hand.plug(1)
            await asyncio.sleep(30)
            assert here.simulator.state(1).supply is Supply.Delivering

    run(main())


# A master pass never starts


@pytest.mark.parametrize("checked", ["true", "false"])
@pytest.mark.parametrize("cable", [True, False])
@pytest.mark.parametrize("cached", [True, False])
@pytest.mark.parametrize("named", [True, False])
def test_a_master_pass_starts_nothing_by_remote_either(checked: str, cable: bool, cached: bool, named: bool) -> None:
    """C16.FR.03: whoever says that a token is of the master group, the request, the CSMS or the cache."""

    async def main() -> None:
        async with site(product=load("flagship")) as here:
            info = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Accepted, group_id_token=MASTER)
            here.csms.answers[wire.AuthorizeRequest] = lambda _: wire.AuthorizeResponse(id_token_info=info)
            assert await here.set("AuthCtrlr", "MasterPassGroupId", MASTER.id_token) == "Accepted"
            assert await here.set("AuthCtrlr", "AuthorizeRemoteStart", checked) == "Accepted"
            if cached:
                await here.hand.present(CARD)
                await asyncio.sleep(20)
            if cable:
                await here.hand.plug(1)
                await asyncio.sleep(5)
            status = await ask_to_start(here, CARD, group=MASTER if named else None)
            assert status == ("Rejected" if named else "Accepted")
            if not cable:
                await here.hand.plug(1)
                await asyncio.sleep(30)
            starts = checked == "false" and not named and not cached  # nobody has said what it is
            assert (here.simulator.state(1).supply is Supply.Delivering) is starts

    run(main())


# Unlocking


def test_another_connector_of_the_evse_can_be_unlocked_while_one_charges() -> None:
    """F05.FR.02 speaks of the connector that is named; F05.FR.06: an attempt is made though no cable is there."""

    async def main() -> None:
        async with site(product=two_connectors()) as here:
            await here.hand.plug(1, 1)
            await here.hand.present(CARD)
            await asyncio.sleep(30)
            answers = [
                (await here.csms.call(wire.UnlockConnectorRequest(evse_id=1, connector_id=number))).status
                for number in (1, 2)
            ]
            assert answers == ["OngoingAuthorizedTransaction", "Unlocked"]
            assert here.simulator.state(1).supply is Supply.Delivering

    run(main())


# Energy on an invalid token


@pytest.mark.parametrize("bay", [True, False])
def test_the_energy_on_an_invalid_token_is_counted_from_the_outlet_that_is_chosen_later(bay: bool) -> None:
    """E05.FR.03: what others have drawn there before does not count; nor does a power cut begin the count anew."""

    async def main() -> None:
        async with site(product=load("flagship")) as here:
            await here.hand.plug(1)
            await here.hand.present(OTHER)
            await asyncio.sleep(100)
            await here.hand.present(OTHER)
            await here.hand.unplug(1)
            await asyncio.sleep(10)
            before = here.simulator.read(1).energy_wh
            assert before > 300
            await points(here, "Authorized", "EVConnected,Authorized")
            await here.set("TxCtrlr", "StopTxOnInvalidId", "false")
            await here.set("TxCtrlr", "MaxEnergyOnInvalidId", "300")
            blocked = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Blocked)
            here.csms.answers[wire.TransactionEventRequest] = lambda request: wire.TransactionEventResponse(
                id_token_info=blocked
                if isinstance(request, wire.TransactionEventRequest) and request.id_token is not None
                else None
            )
            await here.hand.present(CARD)
            await asyncio.sleep(10)
            if bay:
                await here.hand.arrive(1)
                await asyncio.sleep(5)
            await here.hand.plug(1)
            await asyncio.sleep(100)
            assert here.simulator.state(1).supply is Supply.SuspendedEVSE
            assert 300 <= here.simulator.read(1).energy_wh - before < 450
            await here.hand.cut_power()
            await here.hand.restore_power()
            await asyncio.sleep(200)
            assert here.simulator.read(1).energy_wh - before < 450

    run(main(), limit=7200)


# Another token in a transaction that has had one


@pytest.mark.parametrize("ended_by", ["card", "remote", "answer", "cable"])
@pytest.mark.parametrize("other_by", ["card", "remote", "card before the cable"])
def test_a_transaction_has_one_token(ended_by: str, other_by: str) -> None:
    """C01.FR.23: once its authorization has ended, no different token is let in; the same one is, and the next EV's."""

    async def main() -> None:
        async with site(product=load("flagship")) as here:
            await points(here, "ParkingBayOccupancy", "ParkingBayOccupancy")
            await here.hand.arrive(1)
            await here.hand.plug(1)
            await here.hand.present(CARD)
            await asyncio.sleep(30)
            await end_authorization(here, ended_by)
            assert here.simulator.state(1).supply is Supply.Off
            await let_in(here, OTHER, other_by)
            assert here.simulator.state(1).supply is Supply.Off
            assert {event.id_token.id_token for event in here.csms.events if event.id_token} == {CARD}
            here.csms.answers.clear()
            await asyncio.sleep(200)  # the other card's time for the cable
            await let_in(here, CARD, other_by)
            assert here.simulator.state(1).supply is Supply.Delivering
            await here.hand.present(CARD)
            await here.hand.unplug(1)
            await here.hand.leave(1)
            await asyncio.sleep(5)
            assert here.csms.events[-1].event_type == "Ended"
            await here.hand.arrive(1)
            await let_in(here, OTHER, other_by)
            assert here.simulator.state(1).supply is Supply.Delivering

    run(main())


async def end_authorization(here: Site, by: str) -> None:
    """End the authorization of a transaction that goes on."""
    if by == "card":
        await here.hand.present(CARD)
    elif by == "remote":
        assert await ask_to_stop(here) == "Accepted"
    elif by == "cable":
        await here.hand.unplug(1)
    else:
        await here.hand.present(CARD)
        await here.hand.present(CARD)
        blocked = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Blocked)
        here.csms.answers[wire.TransactionEventRequest] = lambda _: wire.TransactionEventResponse(id_token_info=blocked)
    await asyncio.sleep(30)


async def let_in(here: Site, token: str, by: str) -> None:
    """Let a token ask for a charge at EVSE 1, with a cable before or after."""
    plugged = here.simulator.state(1).connector_id is not None
    if by == "card before the cable" and plugged:
        await here.hand.unplug(1)
        plugged = False
    if by != "card before the cable" and not plugged:
        await here.hand.plug(1)
        plugged = True
    await asyncio.sleep(5)
    if by == "remote":
        await ask_to_start(here, token)
    else:
        await here.hand.present(token)
    await asyncio.sleep(10)
    if not plugged:
        await here.hand.plug(1)
    await asyncio.sleep(60)


def test_a_card_goes_to_the_free_outlet_past_one_whose_transaction_has_another_token() -> None:
    """One reader: the EV that waits there waits for its own card."""

    async def main() -> None:
        async with site(product=load("flagship")) as here:
            await points(here, "EVConnected", "EVConnected")
            await here.hand.plug(1)
            await here.hand.present(CARD)
            await asyncio.sleep(30)
            await here.hand.present(CARD)
            await asyncio.sleep(10)
            await here.hand.plug(2)
            await here.hand.present(OTHER)
            await asyncio.sleep(30)
            assert here.simulator.state(1).supply is Supply.Off
            assert here.simulator.state(2).supply is Supply.Delivering

    run(main())
