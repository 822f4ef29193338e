"""What the driver's display says, and for how long."""

import asyncio

import pytest

from ohmstead.blocks.ended_charges import KEPT
from ohmstead.edge.simulator import Simulator
from ohmstead.edge.virtual_time import run
from ohmstead.ports.hardware import Screen, TokenPresented
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from tests.runtime.site import Site, site
from tests.runtime.witness import no_errors

ADA, GRACE = "04A1B2C3", "04D4E5F6"


def shown(here: Site) -> Screen:
    """Return what the display shows."""
    screen = here.simulator.snapshot().screen
    assert screen is not None
    return screen


def refuse(here: Site) -> None:
    """Let the CSMS block every card from now on."""
    blocked = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Blocked)
    here.csms.answers[wire.AuthorizeRequest] = lambda _request: wire.AuthorizeResponse(id_token_info=blocked)


def test_a_refusal_stays_though_something_happens_at_the_other_outlet() -> None:
    """A driver who is refused reads why, also while a neighbor's car begins to take energy."""

    async def live() -> None:
        async with site() as here:
            await here.hand.plug(1)
            await here.hand.present(ADA)
            await asyncio.sleep(1)
            refuse(here)
            await here.hand.present(GRACE)
            await asyncio.sleep(1)
            assert shown(here).headline == "This card is blocked."
            await here.hand.plug(2)
            await asyncio.sleep(5)
            assert shown(here).headline == "This card is blocked."
            await asyncio.sleep(5)
            assert shown(here).headline == "Hold your card to the reader"

    with no_errors():
        run(live(), limit=600)


def test_the_answer_takes_the_notice_away() -> None:
    async def live() -> None:
        async with site() as here:
            await here.hand.present(ADA)
            await asyncio.sleep(0.5)
            assert shown(here).headline == "Plug in your car"

    with no_errors():
        run(live(), limit=600)


@pytest.mark.parametrize(("after", "asks"), [(50, True), (70, False)])
def test_a_question_waits_a_minute_whatever_else_happens(after: float, *, asks: bool) -> None:
    async def live() -> None:
        async with site() as here:
            await here.hand.plug(1)
            await here.hand.plug(2)
            await here.hand.present(ADA)
            await asyncio.sleep(1)
            assert shown(here).headline == "Which EVSE?"
            await here.hand.cut_network()
            await asyncio.sleep(after - 2)
            await here.hand.restore_network()
            await asyncio.sleep(1)
            assert (shown(here).headline == "Which EVSE?") is asks

    with no_errors():
        run(live(), limit=600)


def test_a_second_card_before_the_first_cable_is_told_why_it_waits() -> None:
    """Both outlets are free, but the first card has not chosen one yet."""

    async def live() -> None:
        async with site() as here:
            await here.hand.present(ADA)
            await asyncio.sleep(1)
            await here.hand.present(GRACE)
            await asyncio.sleep(1)
            assert shown(here).headline == "One moment please: another driver is about to plug in."

    with no_errors():
        run(live(), limit=600)


def line(here: Site, evse_id: int) -> str:
    """Return what the display says of an EVSE."""
    start = f"EVSE {evse_id}: "
    return next(each.removeprefix(start) for each in shown(here).lines if each.startswith(start))


def cost(here: Site, amount: float) -> None:
    """Let the CSMS say with its answer to every end what it costs."""

    def answer(request: Request[Response]) -> Response | None:
        assert isinstance(request, wire.TransactionEventRequest)
        ended = request.event_type is wire.TransactionEventEnum.Ended
        return wire.TransactionEventResponse(total_cost=amount) if ended else None

    here.csms.answers[wire.TransactionEventRequest] = answer


async def charge(here: Site) -> None:
    """Let a car take energy for a while, with Ada's card."""
    await here.hand.plug(1)
    await here.hand.present(ADA)
    await asyncio.sleep(120)
    assert line(here, 1).startswith("charging")


@pytest.mark.parametrize("amount", [None, 4.5], ids=["no-price", "price"])
def test_what_a_charge_was_stays_for_a_minute(amount: float | None) -> None:
    """Energy, time, and the price where the CSMS has said it (I03); afterwards the station still knows."""

    async def live() -> None:
        async with site() as here:
            if amount is not None:
                cost(here, amount)
            await charge(here)
            await here.hand.present(ADA)
            await asyncio.sleep(1)
            assert here.host.station is not None
            (kept,) = here.host.station.blocks.charges.recent
            assert kept.energy_wh is not None and kept.energy_wh > 100
            assert kept.cost == amount
            said = f"charge ended, {kept.energy_wh / 1000:.2f} kWh, 0:0"
            assert shown(here).headline == "Charge ended"
            assert line(here, 1).startswith(said)
            assert ("price 4.50" in line(here, 1)) is (amount is not None)
            await here.hand.unplug(1)
            await asyncio.sleep(50)
            assert line(here, 1).startswith(said)
            await asyncio.sleep(15)
            assert (shown(here).headline, line(here, 1)) == ("Welcome", "free")

    with no_errors():
        run(live(), limit=600)


def test_a_power_cut_is_told_once_the_power_is_back_and_what_was_charged_is_kept() -> None:
    async def live() -> None:
        async with site() as here:
            await charge(here)
            await here.hand.cut_power()
            await here.hand.unplug(1)
            await asyncio.sleep(5)
            await here.hand.restore_power()
            await asyncio.sleep(20)
            assert line(here, 1).startswith("charge ended (power cut), ")
            await here.hand.reboot()
            await asyncio.sleep(60)
            assert here.host.station is not None
            assert [str(each.reason) for each in here.host.station.blocks.charges.recent] == ["PowerLoss"]

    with no_errors():
        run(live(), limit=600)


def test_the_emergency_stop_says_what_happened_and_how_to_go_back() -> None:
    async def live() -> None:
        async with site() as here:
            await charge(here)
            await here.hand.emergency_stop(pressed=True)
            await asyncio.sleep(1)
            assert shown(here).headline == "Emergency stop"
            assert shown(here).lines[1] == "Once it is safe, release the red button."
            assert line(here, 1).startswith("charge ended (emergency stop), ")
            await here.hand.emergency_stop(pressed=False)
            await asyncio.sleep(70)
            assert shown(here).headline == "Hold your card to the reader"

    with no_errors():
        run(live(), limit=600)


def test_of_many_charges_the_newest_are_kept() -> None:
    async def live() -> None:
        async with site() as here:
            for _ in range(KEPT + 2):
                await here.hand.plug(1)
                await here.hand.present(ADA)
                await asyncio.sleep(1)
                await here.hand.unplug(1)
            await asyncio.sleep(5)
            assert here.host.station is not None
            ended = [one.transaction_info.transaction_id for one in here.csms.events if one.event_type == "Ended"]
            recent = [each.transaction_id for each in here.host.station.blocks.charges.recent]
            assert recent == ended[::-1][:KEPT]
            assert len(here.host.station.store.rows("charge")) == KEPT

    with no_errors():
        run(live(), limit=600)


class StrangeReader(Simulator):
    """A machine whose reader reads what no card of ours has."""

    def read_card(self, id_token: str) -> None:
        """Tell the station."""
        self._drive.emit([TokenPresented(id_token, "ISO14443", None)])


@pytest.mark.parametrize("read", ["XYZ not hex", "", "0" * 37, "04\x00A1", "Карта"])
def test_what_a_reader_reads_and_no_csms_can_take_is_refused_at_the_station(read: str) -> None:
    """IdToken is an identifierString: events with it would be refused until they are discarded."""

    async def live() -> None:
        async with site(machine=StrangeReader) as here:
            await here.hand.plug(1)
            assert isinstance(here.simulator, StrangeReader)
            here.simulator.read_card(read)
            await asyncio.sleep(1)
            assert shown(here).headline == "This card cannot be read."
            assert not here.csms.of(wire.AuthorizeRequest)
            await here.hand.present(ADA)
            await here.csms.until(lambda: bool(here.csms.of(wire.AuthorizeRequest)))

    run(live(), limit=600)
