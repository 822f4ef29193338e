"""One reader, two EVSEs: who gets which place (decided case 4), and what a power cut leaves (decided case 5)."""

import asyncio

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.model.facts import Fact
from ohmstead.model.session import Session
from ohmstead.ports.hardware import Supply
from ohmstead.product.load import load
from ohmstead.wire import messages as wire
from tests.runtime.raw_csms import ACCEPTED, result, taken_over
from tests.runtime.site import Site, site
from tests.runtime.witness import no_errors

CARD = "04A1B2C3"
FLAGSHIP = load("flagship")


def _at(here: Site, evse_id: int) -> Session | None:
    assert here.host.station is not None
    return here.host.station.charging.sessions.at(evse_id)


def _authorized(here: Site) -> set[int | None]:
    assert here.host.station is not None
    return {session.evse_id for session in here.host.station.charging.sessions if session.authorized}


def test_a_pending_authorize_keeps_its_place() -> None:
    """One car waits, its driver's card is being checked, a second car arrives: there is nothing to choose."""

    async def live() -> None:
        async with site() as here:
            csms = await taken_over(here)
            await here.hand.plug(1)
            await asyncio.sleep(1)
            csms.replies["Authorize"] = lambda _identifier, _payload: None
            await here.hand.present(CARD)
            await csms.until(lambda: len(csms.of("Authorize")) == 1)
            await here.hand.plug(2)
            await asyncio.sleep(1)
            await csms.send(result(csms.of("Authorize")[0].id, f"{{{ACCEPTED}}}"))
            await asyncio.sleep(1)
            assert _authorized(here) == {1}

    with no_errors():
        run(live(), limit=3600)


def test_a_place_that_was_left_meanwhile_is_no_place() -> None:
    """The car that waited is gone when the answer comes: the card waits for a cable anywhere."""

    async def live() -> None:
        async with site() as here:
            csms = await taken_over(here)
            await here.hand.plug(1)
            await asyncio.sleep(1)
            csms.replies["Authorize"] = lambda _identifier, _payload: None
            await here.hand.present(CARD)
            await csms.until(lambda: len(csms.of("Authorize")) == 1)
            await here.hand.unplug(1)
            await asyncio.sleep(1)
            await csms.send(result(csms.of("Authorize")[0].id, f"{{{ACCEPTED}}}"))
            await asyncio.sleep(1)
            assert _authorized(here) == {None}
            await here.hand.plug(2)
            await asyncio.sleep(1)
            assert _authorized(here) == {2}

    with no_errors():
        run(live(), limit=3600)


def test_two_cards_at_once_do_not_share_a_place() -> None:
    """The second one is not even asked about while the first one is being checked for the same place."""

    async def live() -> None:
        async with site() as here:
            csms = await taken_over(here)
            csms.replies["Authorize"] = lambda _identifier, _payload: None
            await here.hand.present(CARD)
            await csms.until(lambda: len(csms.of("Authorize")) == 1)
            await here.hand.present("04OTHER")
            await asyncio.sleep(1)
            await csms.send(result(csms.of("Authorize")[0].id, f"{{{ACCEPTED}}}"))
            await asyncio.sleep(60)
            assert len(csms.of("Authorize")) == 1
            assert _authorized(here) == {None}

    with no_errors():
        run(live(), limit=3600)


def test_a_broken_connector_takes_nobody_who_waits() -> None:
    """A card waits for a cable; the one that is plugged in at a faulted EVSE is not it, the next one is."""

    async def live() -> None:
        async with site() as here:
            await here.hand.fault(1, 1, "GroundFailure")
            await here.hand.present(CARD)
            await asyncio.sleep(1)
            await here.hand.plug(1)
            await asyncio.sleep(1)
            assert _authorized(here) == {None}
            await here.hand.plug(2)
            await asyncio.sleep(10)
            assert _authorized(here) == {2}
            assert here.simulator.state(2).supply is Supply.Delivering
            assert here.simulator.state(1).supply is not Supply.Delivering

    with no_errors():
        run(live(), limit=3600)


def test_the_time_for_the_cable_is_a_duration() -> None:
    """Decided case 21: a clock that is corrected by an hour meanwhile does not use it up."""

    async def live() -> None:
        async with site(product=FLAGSHIP) as here:
            assert await here.set("TxCtrlr", "EVConnectionTimeOut", "120") == "Accepted"
            token = wire.IdToken(id_token=CARD, type=wire.IdTokenEnum.ISO14443)
            request = wire.RequestStartTransactionRequest(id_token=token, remote_start_id=1, evse_id=1)
            assert (await here.csms.call(request)).status == "Accepted"
            await asyncio.sleep(30)
            here.clock.set(here.clock.now().replace(hour=5))
            await here.hand.arrive(1)
            await asyncio.sleep(60)
            assert _authorized(here) == {1}
            await asyncio.sleep(40)
            assert _authorized(here) == set()

    with no_errors():
        run(live(), limit=3600)


@pytest.mark.parametrize(("stop", "ends"), [("EnergyTransfer", True), ("Authorized", False)])
def test_energy_that_stopped_with_the_power(*, stop: str, ends: bool) -> None:
    """Decided case 5: it ends a transaction only at that stop point, and then the power was the reason."""

    async def live() -> None:
        async with site(product=FLAGSHIP) as here:
            assert await here.set("TxCtrlr", "TxStopPoint", stop) == "Accepted"
            await here.hand.plug(1)
            await here.hand.present(CARD)
            await asyncio.sleep(20)
            await here.hand.cut_power()
            await asyncio.sleep(20)
            await here.hand.restore_power()
            await asyncio.sleep(60)
            ended = [event for event in here.csms.events if event.event_type == "Ended"]
            assert [event.transaction_info.stopped_reason for event in ended] == (["PowerLoss"] if ends else [])
            assert (here.simulator.state(1).supply is Supply.Delivering) is not ends

    with no_errors():
        run(live(), limit=3600)


def test_a_cable_that_went_with_the_power_ends_with_power_loss() -> None:
    """Decided case 5, whatever the stop points say."""

    async def live() -> None:
        async with site(product=FLAGSHIP) as here:
            assert await here.set("TxCtrlr", "TxStopPoint", "ParkingBayOccupancy") == "Accepted"
            await here.hand.arrive(1)
            await here.hand.plug(1)
            await here.hand.present(CARD)
            await asyncio.sleep(20)
            await here.hand.cut_power()
            await here.hand.unplug(1)
            await here.hand.restore_power()
            await asyncio.sleep(60)
            assert here.csms.events[-1].event_type == "Ended"
            assert here.csms.events[-1].transaction_info.stopped_reason == "PowerLoss"
            session = _at(here, 1)
            assert session is not None
            assert session.facts == {Fact.ParkingBayOccupancy}

    with no_errors():
        run(live(), limit=3600)
