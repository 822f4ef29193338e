"""A transaction that goes on without its authorization takes the token back that had it, and no other (C01.FR.23)."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.ports.hardware import Supply
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire
from tests.requirements.charging import CARD, OTHER, TOKEN, charge, start_remotely
from tests.runtime.site import Site, site
from tests.runtime.witness import no_errors

ANOTHER = wire.IdToken(id_token=OTHER, type=wire.IdTokenEnum.ISO14443)


def _at(here: Site) -> int | None:
    """Return where the reader is that serves EVSE 1; None: there is one for all."""
    return 1 if here.host.product.hardware.rfid_readers == "PerEVSE" else None


async def _charge(here: Site) -> None:
    await here.hand.plug(1)
    await here.hand.present(CARD, evse_id=_at(here))
    await asyncio.sleep(20)
    assert here.simulator.state(1).supply is Supply.Delivering


async def _card(here: Site) -> None:
    """The driver presents the card again."""
    await _charge(here)
    await here.hand.present(CARD, evse_id=_at(here))


async def _remote(here: Site) -> None:
    """The CSMS stops it."""
    await _charge(here)
    running = here.csms.events[0].transaction_info.transaction_id
    await here.csms.call(wire.RequestStopTransactionRequest(transaction_id=running))


async def _invalid(here: Site) -> None:
    """The CSMS calls the token invalid in the answer to an event."""
    await here.set("TxCtrlr", "StopTxOnInvalidId", "true")
    invalid = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Invalid)
    here.csms.answers[wire.TransactionEventRequest] = lambda _: wire.TransactionEventResponse(id_token_info=invalid)
    await here.hand.plug(1)
    await here.hand.present(CARD, evse_id=_at(here))
    await asyncio.sleep(5)
    del here.csms.answers[wire.TransactionEventRequest]


STOPS: dict[str, Callable[[Site], Awaitable[None]]] = {"card": _card, "remote": _remote, "invalid": _invalid}


async def _stopped(here: Site, stop: str = "card") -> None:
    """Let a transaction begin at EVSE 1, and end its authorization; it goes on until the cable is pulled."""
    assert await here.set("TxCtrlr", "TxStopPoint", "EVConnected") == "Accepted"
    await STOPS[stop](here)
    await asyncio.sleep(20)
    assert here.simulator.state(1).supply is not Supply.Delivering
    assert [event.event_type.value for event in here.csms.events][-1] == "Updated"
    here.csms.received.clear()


def _with_readers() -> Product:
    """Return a product with a reader at each EVSE."""
    made = load("sec1000-240y")
    return msgspec.structs.replace(made, hardware=msgspec.structs.replace(made.hardware, rfid_readers="PerEVSE"))


def _granted(here: Site) -> list[str]:
    """Return whose authorization events told of."""
    return [event.id_token.id_token for event in here.csms.events if event.id_token]


@pytest.mark.parametrize("stop", STOPS)
def test_another_card_is_refused_and_the_first_one_goes_on(stop: str) -> None:
    async def live() -> None:
        async with site(product=_with_readers()) as here:
            await _stopped(here, stop)
            await here.hand.present(OTHER, evse_id=1)
            await asyncio.sleep(5)
            screen = here.simulator.snapshot().screen
            assert screen is not None
            assert screen.headline == "Another card has begun this charge."
            await asyncio.sleep(20)
            assert here.simulator.state(1).supply is not Supply.Delivering
            assert OTHER not in _granted(here)
            await here.hand.present(CARD.lower(), evse_id=1)
            await asyncio.sleep(20)
            assert here.simulator.state(1).supply is Supply.Delivering

    with no_errors():
        run(live(), limit=600)


def test_another_card_without_a_place_is_for_the_other_outlet() -> None:
    """Where a car waits for it, or comes later."""

    async def live() -> None:
        async with site() as here:
            await _stopped(here)
            await here.hand.present(OTHER)
            await asyncio.sleep(5)
            await here.hand.plug(2)
            await asyncio.sleep(20)
            assert here.simulator.state(1).supply is not Supply.Delivering
            assert here.simulator.state(2).supply is Supply.Delivering

    with no_errors():
        run(live(), limit=600)


@pytest.mark.parametrize("authorize", ["true", "false"])
def test_a_remote_start_with_another_token_is_rejected(authorize: str) -> None:
    async def live() -> None:
        async with site() as here:
            await here.set("AuthCtrlr", "AuthorizeRemoteStart", authorize)
            await _stopped(here)
            refused = await start_remotely(here, token=ANOTHER)
            assert refused.status is wire.RequestStartStopStatusEnum.Rejected
            assert refused.status_info is not None
            assert refused.status_info.reason_code == "TxInProgress"
            assert refused.status_info.additional_info == "another token has begun the transaction there"
            taken = await start_remotely(here, token=TOKEN)
            assert taken.status is wire.RequestStartStopStatusEnum.Accepted
            await asyncio.sleep(20)
            assert here.simulator.state(1).supply is Supply.Delivering

    with no_errors():
        run(live(), limit=600)


def test_a_remote_start_that_names_no_place_finds_another() -> None:
    async def live() -> None:
        async with site() as here:
            await _stopped(here)
            taken = await start_remotely(here, None, token=ANOTHER)
            assert taken.status is wire.RequestStartStopStatusEnum.Accepted
            assert taken.transaction_id is None
            await here.hand.plug(2)
            await asyncio.sleep(20)
            assert here.simulator.state(2).supply is Supply.Delivering
            assert here.simulator.state(1).supply is not Supply.Delivering

    with no_errors():
        run(live(), limit=600)


def test_who_was_first_is_known_after_a_power_cut_too() -> None:
    async def live() -> None:
        async with site(product=_with_readers()) as here:
            await _stopped(here)
            await here.hand.reboot()
            await asyncio.sleep(30)
            await here.hand.present(OTHER, evse_id=1)
            await asyncio.sleep(20)
            assert OTHER not in _granted(here)
            assert here.simulator.state(1).supply is not Supply.Delivering

    with no_errors():
        run(live(), limit=600)


def test_a_transaction_that_nobody_has_authorized_yet_takes_any_card() -> None:
    """It began with the cable."""

    async def live() -> None:
        async with site() as here:
            await here.set("TxCtrlr", "TxStartPoint", "EVConnected")
            await here.hand.plug(1)
            await asyncio.sleep(5)
            assert here.csms.events
            await charge_with(here, OTHER)

    async def charge_with(here: Site, card: str) -> None:
        await here.hand.present(card)
        await asyncio.sleep(20)
        assert here.simulator.state(1).supply is Supply.Delivering

    with no_errors():
        run(live(), limit=600)


def test_after_its_end_the_next_transaction_is_anybodys() -> None:
    async def live() -> None:
        async with site() as here:
            await _stopped(here)
            await here.hand.unplug(1)
            await asyncio.sleep(5)
            await charge(here, 1, OTHER)

    with no_errors():
        run(live(), limit=600)


def test_a_new_cable_does_not_bring_another_token_into_a_transaction_of_the_bay() -> None:
    """The first car is still in its bay, another card waits for a cable, and the one that comes is in that bay."""

    async def live() -> None:
        async with site(product=load("flagship")) as here:
            assert await here.set("TxCtrlr", "TxStopPoint", "ParkingBayOccupancy") == "Accepted"
            await here.hand.arrive(1)
            await _charge(here)
            await here.hand.unplug(1)
            await asyncio.sleep(5)
            await here.hand.present(OTHER)
            await asyncio.sleep(5)
            await here.hand.plug(1)
            await asyncio.sleep(20)
            assert here.simulator.state(1).supply is not Supply.Delivering
            await here.hand.plug(2)
            await asyncio.sleep(20)
            assert here.simulator.state(2).supply is Supply.Delivering
            tokens = {
                event.id_token.id_token
                for event in here.csms.events
                if event.id_token is not None and event.evse is not None and event.evse.id == 1
            }
            assert tokens <= {CARD}

    with no_errors():
        run(live(), limit=600)
