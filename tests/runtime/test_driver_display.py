"""What the driver's display says, and for how long."""

import asyncio

import pytest

from ohmstead.edge.simulator import Simulator
from ohmstead.edge.virtual_time import run
from ohmstead.ports.hardware import Screen, TokenPresented
from ohmstead.wire import messages as wire
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
            assert shown(here).headline == "Which outlet?"
            await here.hand.cut_network()
            await asyncio.sleep(after - 2)
            await here.hand.restore_network()
            await asyncio.sleep(1)
            assert (shown(here).headline == "Which outlet?") is asks

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
