"""What a driver reads who is not let in, or not yet: for each reason a text of its own."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.ports.hand import HandRefused
from ohmstead.ports.hardware import Supply
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import AuthorizationStatusEnum as Status
from tests.blocks.test_c_token_types import only, present
from tests.requirements.charging import CARD, OTHER, charge, product, start_remotely
from tests.runtime.raw_csms import RawCsms, error, result
from tests.runtime.site import Site, site

Scene = Callable[[Site], Awaitable[None]]
NOTHING = "There is nothing to stop."


def play(scene: Scene, built: Product | None = None) -> None:
    """Run a scene at a site."""

    async def played() -> None:
        async with site(product=built) as here:
            await scene(here)

    run(played(), limit=86_400)


def read(here: Site) -> str:
    """Return the display's first line."""
    screen = here.simulator.snapshot().screen
    assert screen is not None
    return screen.headline


def answer(here: Site, status: Status) -> None:
    """Let the CSMS say this of every token from now on."""
    info = wire.IdTokenInfo(status=status)
    here.csms.answers[wire.AuthorizeRequest] = lambda _request: wire.AuthorizeResponse(id_token_info=info)


async def _of_another_kind(here: Site) -> None:
    await present(here, "ISO15693")


async def _only_stops(here: Site) -> None:
    await present(here, "ISO15693")


async def _a_stop_button_where_nobody_charges(here: Site) -> None:
    await here.hand.plug(2)
    await present(here, "ISO14443")
    await asyncio.sleep(20)
    await present(here, "NoAuthorization", 1)


@pytest.mark.parametrize(
    ("built", "scene", "text"),
    [
        (only("C-30"), _of_another_kind, "This kind of card is not supported here."),
        (only("C-30", "C-71"), _only_stops, NOTHING),
        (only("C-30", "C-70", "C-75"), _a_stop_button_where_nobody_charges, NOTHING),
    ],
)
def test_a_token_that_can_do_nothing_here(built: Product, scene: Scene, text: str) -> None:
    """It is not asked about, and the driver reads why."""

    async def played(here: Site) -> None:
        await scene(here)
        asked = [one.id_token.type.value for one in here.csms.of(wire.AuthorizeRequest)]
        await asyncio.sleep(0.5)
        assert read(here) == text
        assert asked in ([], ["ISO14443"])

    play(played, built)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (Status.Blocked, "This card is blocked."),
        (Status.Expired, "This card has expired."),
        (Status.NoCredit, "There is no credit left on this card."),
        (Status.ConcurrentTx, "This card is in use elsewhere."),
        (Status.NotAtThisLocation, "This card is not valid at this location."),
        (Status.NotAtThisTime, "This card is not valid at this time."),
        (Status.NotAllowedTypeEVSE, "This card is not valid at this kind of charger."),
        (Status.Invalid, "This card is not accepted."),
        (Status.Unknown, "This card is not accepted."),
    ],
)
@pytest.mark.parametrize("who", ["the CSMS", "the cache, offline", "the cache, without asking"])
def test_a_refusal_says_why(who: str, status: Status, text: str) -> None:
    """C01, C12: whoever decides; with DisableRemoteAuthorization the cache does though the CSMS could (2.4.6)."""

    async def played(here: Site) -> None:
        answer(here, status)
        await here.hand.present(CARD)
        await asyncio.sleep(30)
        if who == "the cache, offline":
            await here.hand.cut_network()
            await asyncio.sleep(1)
        elif who == "the cache, without asking":
            assert await here.set("AuthCtrlr", "DisableRemoteAuthorization", "true") == "Accepted"
        answer(here, Status.Accepted)
        if who != "the CSMS":
            await here.hand.present(CARD)
            await asyncio.sleep(0.5)
            assert read(here) == text
            return
        answer(here, status)
        await here.hand.present(OTHER)
        await asyncio.sleep(0.5)
        assert read(here) == text

    play(played, product(having=["C-23", "C-49"], name="flagship"))


def test_before_the_station_is_accepted() -> None:
    """B02.FR.02: with TxBeforeAcceptedEnabled = false nobody is let in."""

    async def played(here: Site) -> None:
        assert await here.set("TxCtrlr", "TxBeforeAcceptedEnabled", "false") == "Accepted"
        waiting = wire.BootNotificationResponse(
            current_time=here.clock.now(), interval=600, status=wire.RegistrationStatusEnum.Rejected
        )
        here.csms.answers[wire.BootNotificationRequest] = lambda _request: waiting
        await here.hand.reboot()
        await asyncio.sleep(60)
        await here.hand.plug(1)
        await here.hand.present(CARD)
        await asyncio.sleep(0.5)
        assert read(here) == "Not in service yet. Please come back later."
        del here.csms.answers[wire.BootNotificationRequest]
        await asyncio.sleep(700)
        assert here.simulator.state(1).supply is not Supply.Delivering

    play(played)


def test_while_a_card_is_checked_another_one_waits() -> None:
    """One question at a time for one place."""

    async def played(here: Site) -> None:
        csms = RawCsms(here)
        csms.replies["Authorize"] = lambda _identifier, _payload: None
        await csms.take_over()
        await here.hand.present(CARD)
        await asyncio.sleep(0.5)
        assert read(here) == "Checking your card ..."
        await here.hand.present(OTHER)
        await asyncio.sleep(0.5)
        assert read(here) == "One moment please: another card is being checked."
        assert len(csms.of("Authorize")) == 1
        await asyncio.sleep(60)
        await here.hand.present(OTHER)
        await asyncio.sleep(0.5)
        assert len(csms.of("Authorize")) == 2

    play(played)


def test_a_question_that_is_not_answered() -> None:
    """C01: nobody is let in for an error of the CSMS."""

    async def played(here: Site) -> None:
        csms = RawCsms(here)
        csms.replies["Authorize"] = lambda identifier, _payload: error(identifier, "NotSupported")
        await csms.take_over()
        await here.hand.plug(1)
        await here.hand.present(CARD)
        await asyncio.sleep(0.5)
        assert read(here) == "Your card could not be checked. Please try again."
        csms.replies["Authorize"] = lambda identifier, _payload: result(
            identifier, '{"idTokenInfo":{"status":"Accepted"}}'
        )
        await here.hand.present(CARD)
        await asyncio.sleep(20)
        assert here.simulator.state(1).supply is Supply.Delivering

    play(played)


def test_a_right_code_begins_the_count_of_wrong_ones_anew() -> None:
    """C04.FR.06: two slips, the right code, and two more slips cost nothing; the third in a row closes the keypad."""

    async def played(here: Site) -> None:
        async def code(value: str, status: Status) -> str:
            answer(here, status)
            await present(here, "KeyCode", value=value)
            await asyncio.sleep(0.5)
            return read(here)

        wrong, closed = "This card is not accepted.", "Too many wrong codes. Please wait a while."
        for status in (Status.Invalid, Status.Invalid, Status.Accepted, Status.Invalid, Status.Invalid):
            said = await code("4711" if status is Status.Accepted else "0000", status)
            assert said != closed
        assert await code("0001", Status.Invalid) == wrong
        assert await code("0002", Status.Invalid) == closed

    play(played, only("C-32", "C-72", readers="None"))


def test_another_card_takes_a_question_from_the_display() -> None:
    """Who was asked which EVSE and went away is not asked on."""

    async def played(here: Site) -> None:
        await here.hand.plug(1)
        await here.hand.plug(2)
        await here.hand.present(CARD)
        await asyncio.sleep(0.5)
        assert read(here) == "Which EVSE?"
        answer(here, Status.Blocked)
        await here.hand.present(OTHER)
        await asyncio.sleep(0.5)
        assert read(here) == "This card is blocked."
        await asyncio.sleep(10)
        assert read(here) == "Hold your card to the reader"

    play(played)


def test_a_card_that_does_not_stop_says_how_else() -> None:
    """Errata 5.2: where the product has no local stop by its type."""

    async def played(here: Site) -> None:
        await charge(here)
        await here.hand.present(CARD)
        await asyncio.sleep(0.5)
        assert read(here).startswith("This does not stop the charge.")
        assert here.simulator.state(1).supply is Supply.Delivering

    play(played, only("C-30"))


def test_a_card_that_nobody_knows_reads_so_without_the_csms() -> None:
    """OfflineTxForUnknownIdEnabled is off."""

    async def scene(here: Site) -> None:
        await here.set("AuthCtrlr", "OfflineTxForUnknownIdEnabled", "false")
        await here.hand.cut_network()
        await asyncio.sleep(1)
        await here.hand.present(CARD)
        await asyncio.sleep(1)
        assert read(here) == "This card is not accepted."

    play(scene)


def test_a_master_pass_where_nobody_charges_reads_that_there_is_nothing_to_stop() -> None:
    """C16.FR.03: it has not come to start."""

    async def scene(here: Site) -> None:
        await here.set("AuthCtrlr", "MasterPassGroupId", "SERVICE")
        master = wire.IdToken(id_token="SERVICE", type=wire.IdTokenEnum.Central)
        info = wire.IdTokenInfo(status=Status.Accepted, group_id_token=master)
        here.csms.answers[wire.AuthorizeRequest] = lambda _request: wire.AuthorizeResponse(id_token_info=info)
        await here.hand.present(CARD)
        await asyncio.sleep(1)
        assert read(here) == NOTHING

    play(scene)


def test_a_question_goes_with_its_answer_and_is_answered_once() -> None:
    """E02: of two cars that wait the driver chooses his own."""

    async def scene(here: Site) -> None:
        await here.hand.plug(1)
        await here.hand.plug(2)
        await here.hand.present(CARD)
        await asyncio.sleep(1)
        assert read(here) == "Which EVSE?"
        await here.hand.choose("evse-2")
        await asyncio.sleep(1)
        assert read(here) != "Which EVSE?"
        with pytest.raises(HandRefused):
            await here.hand.choose("evse-1")
        await asyncio.sleep(60)
        assert [here.simulator.state(evse_id).supply for evse_id in (1, 2)] == [Supply.Off, Supply.Delivering]

    play(scene)


def test_a_remote_start_by_a_master_pass_reads_that_it_only_stops() -> None:
    """C16.FR.03, granted as it stands (F02): what the cache says of the token counts."""

    async def scene(here: Site) -> None:
        await here.set("AuthCtrlr", "MasterPassGroupId", "SERVICE")
        await here.set("AuthCtrlr", "AuthorizeRemoteStart", "false")
        master = wire.IdToken(id_token="SERVICE", type=wire.IdTokenEnum.Central)
        info = wire.IdTokenInfo(status=Status.Accepted, group_id_token=master)
        here.csms.answers[wire.AuthorizeRequest] = lambda _request: wire.AuthorizeResponse(id_token_info=info)
        await here.hand.present(CARD)
        await asyncio.sleep(30)
        assert (await start_remotely(here)).status == "Accepted"
        await asyncio.sleep(1)
        assert read(here) == "This card stops charges and starts none."
        await here.hand.plug(1)
        await asyncio.sleep(30)
        assert here.simulator.state(1).supply is Supply.Off

    play(scene)
