"""Each type of token, for local start, local stop and remote start, as the product says (C-30 ... C-75)."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise

import msgspec
import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.ports.hardware import Supply
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from tests.requirements.charging import ended, product, start_remotely
from tests.runtime.site import Site, site

EVERY = ("C-30", "C-31", "C-32", "C-33", "C-34", "C-35", "C-70", "C-71", "C-72", "C-75", "C-36", "C-37", "C-38", "C-39")
STARTS = {"C-30": "ISO14443", "C-31": "ISO15693", "C-32": "KeyCode", "C-33": "Local", "C-34": "MacAddress"}
STOPS = {"C-30": "C-70", "C-31": "C-71", "C-32": "C-72", "C-35": "C-75"}
REMOTE = {"C-36": "ISO14443", "C-37": "ISO15693", "C-38": "Central", "C-39": "NoAuthorization"}
VALUES = {
    "ISO14443": "04A1B2C3",
    "ISO15693": "E00401008A3F5C21",
    "KeyCode": "471108",
    "Local": "",
    "MacAddress": "0250C2A1B2C3",
    "NoAuthorization": "",
    "Central": "made-by-the-csms",
}
CARDS = ("ISO14443", "ISO15693")


def only(*features: str, readers: str = "Single", displays: int = 1) -> Product:
    """Return a product that takes tokens in these ways and in no other."""
    made = product(without=EVERY, having=features)
    hardware = msgspec.structs.replace(made.hardware, rfid_readers=readers, displays=displays)
    return msgspec.structs.replace(made, hardware=hardware)


async def present(here: Site, type: str, evse_id: int = 1, value: str | None = None) -> None:
    """Do what a driver does with a token of a type at an EVSE of a station with one reader and one keypad."""
    shared = type in (*CARDS, "KeyCode")
    await here.hand.present(VALUES[type] if value is None else value, type, None if shared else evse_id)


def tokens(here: Site) -> list[tuple[str, str]]:
    """Return the tokens that events named, with their types."""
    return [(one.id_token.type.value, one.id_token.id_token) for one in here.csms.events if one.id_token is not None]


def asked(here: Site) -> list[tuple[str, str]]:
    """Return the tokens that the CSMS was asked about."""
    return [(one.id_token.type.value, one.id_token.id_token) for one in here.csms.of(wire.AuthorizeRequest)]


@pytest.mark.parametrize("feature", STARTS)
def test_a_type_that_the_product_starts_by_is_asked_about_and_starts(feature: str) -> None:
    """C01, C04, C06: KeyCode, Local and MacAddress are authorized by the CSMS like a card."""

    async def scenario() -> None:
        type = STARTS[feature]
        async with site(product=only(feature)) as here:
            await here.hand.plug(1)
            await asyncio.sleep(1)
            await present(here, type)
            await asyncio.sleep(20)
            assert here.simulator.state(1).supply is Supply.Delivering
            ((kind, value),) = asked(here)
            assert kind == type
            assert value == VALUES[type] or (type == "Local" and value)
            assert tokens(here) == [(type, value)]

    run(scenario(), limit=3600)


def test_the_start_button_asks_nobody_and_the_event_says_so() -> None:
    """C02.FR.01, C02.FR.03: idToken is empty, its type NoAuthorization, and the cache knows nothing of it."""

    async def scenario() -> None:
        async with site(product=only("C-35", "C-75", readers="None")) as here:
            await here.hand.plug(1)
            await asyncio.sleep(1)
            await present(here, "NoAuthorization")
            await asyncio.sleep(20)
            assert here.simulator.state(1).supply is Supply.Delivering
            assert asked(here) == []
            assert tokens(here) == [("NoAuthorization", "")]
            assert here.host.station is not None
            assert len(here.host.station.cache) == 0
            await present(here, "NoAuthorization")
            await asyncio.sleep(20)
            assert ended(here).trigger_reason == "StopAuthorized"
            assert ended(here).transaction_info.stopped_reason in (None, "Local")

    run(scenario(), limit=3600)


@pytest.mark.parametrize("feature", ["C-30", "C-31", "C-32"])
@pytest.mark.parametrize("stops", [True, False])
def test_the_token_that_started_stops_where_the_product_says_so(feature: str, stops: bool) -> None:
    """E07.FR.01 and errata 5.2: start and stop are lines of their own."""

    async def scenario() -> None:
        async with site(product=only(feature, *([STOPS[feature]] if stops else ["C-75"]))) as here:
            await here.hand.plug(1)
            await asyncio.sleep(1)
            await present(here, STARTS[feature])
            await asyncio.sleep(20)
            await present(here, STARTS[feature])
            await asyncio.sleep(20)
            assert (here.simulator.state(1).supply is Supply.Off) is stops
            assert len(asked(here)) == 1

    run(scenario(), limit=3600)


@pytest.mark.parametrize("start", ["C-30", "C-32", "C-34", "C-33", "C-36"])
def test_a_stop_button_ends_whatever_was_authorized_at_its_evse_and_there_only(start: str) -> None:
    """Errata 5.2: a station with a reader to start and a button to stop."""

    async def scenario() -> None:
        async with site(product=only(start, "C-75")) as here:
            await here.hand.plug(1)
            await asyncio.sleep(1)
            if start == "C-36":
                assert (await start_remotely(here)).status == "Accepted"
            else:
                await present(here, STARTS[start])
            await asyncio.sleep(20)
            await present(here, "NoAuthorization", 2)
            await asyncio.sleep(20)
            assert here.simulator.state(1).supply is Supply.Delivering
            await present(here, "NoAuthorization", 1)
            await asyncio.sleep(20)
            assert here.simulator.state(1).supply is Supply.Off
            assert ended(here).trigger_reason == "StopAuthorized"
            assert ended(here).id_token is None, "nobody has shown a token"

    run(scenario(), limit=3600)


def test_a_button_that_only_stops_starts_nothing() -> None:
    async def scenario() -> None:
        async with site(product=only("C-30", "C-75")) as here:
            await here.hand.plug(1)
            await asyncio.sleep(1)
            await present(here, "NoAuthorization")
            await asyncio.sleep(20)
            assert here.csms.events == []

    run(scenario(), limit=3600)


def test_two_start_buttons_are_two_authorizations() -> None:
    """Both are named by the same empty token: the EVSE tells them apart."""

    async def scenario() -> None:
        async with site(product=only("C-35", "C-75", readers="None")) as here:
            for evse_id in (1, 2):
                await here.hand.plug(evse_id)
                await asyncio.sleep(1)
                await present(here, "NoAuthorization", evse_id)
                await asyncio.sleep(20)
            assert [here.simulator.state(one).supply for one in (1, 2)] == [Supply.Delivering] * 2
            await present(here, "NoAuthorization", 2)
            await asyncio.sleep(20)
            assert [here.simulator.state(one).supply for one in (1, 2)] == [Supply.Delivering, Supply.Off]

    run(scenario(), limit=3600)


def test_a_car_that_is_known_again_after_the_cable_was_out_does_not_stop() -> None:
    """The MAC address is told with each connection; it stops nothing (there is no C-74)."""

    async def scenario() -> None:
        async with site(product=only("C-34", "C-75", readers="None")) as here:
            await here.hand.plug(1)
            await present(here, "MacAddress")
            await asyncio.sleep(20)
            await present(here, "MacAddress")
            await asyncio.sleep(20)
            assert here.simulator.state(1).supply is Supply.Delivering
            assert len(asked(here)) == 1

    run(scenario(), limit=3600)


def test_a_car_is_not_asked_about_where_somebody_has_authorized_already() -> None:
    async def scenario() -> None:
        async with site(product=only("C-30", "C-70", "C-34")) as here:
            await here.hand.plug(1)
            await present(here, "ISO14443")
            await asyncio.sleep(20)
            await present(here, "MacAddress")
            await asyncio.sleep(20)
            assert [kind for kind, _ in asked(here)] == ["ISO14443"]

    run(scenario(), limit=3600)


def test_a_local_id_is_another_one_each_time_and_its_button_stops_nothing() -> None:
    async def scenario() -> None:
        async with site(product=only("C-33", "C-36", readers="None")) as here:
            for evse_id in (1, 2):
                await here.hand.plug(evse_id)
                await asyncio.sleep(1)
                await present(here, "Local", evse_id)
                await asyncio.sleep(20)
            await present(here, "Local", 1)
            await asyncio.sleep(20)
            assert [here.simulator.state(one).supply for one in (1, 2)] == [Supply.Delivering] * 2
            assert len({value for _, value in asked(here)}) == len(asked(here)) == 2

    run(scenario(), limit=3600)


@pytest.mark.parametrize("type", CARDS)
@pytest.mark.parametrize("others", [("C-36", "C-70"), ("C-37", "C-71"), ("C-38",), ("C-39",)])
def test_a_card_or_code_that_the_product_does_not_start_by_is_refused_without_asking(
    type: str, others: Sequence[str]
) -> None:
    """A reader reads any card, and the station says no to a type that only stops, or starts remotely."""

    async def scenario() -> None:
        async with site(product=only(*others)) as here:
            await here.hand.plug(1)
            await asyncio.sleep(1)
            await present(here, type)
            await asyncio.sleep(20)
            assert asked(here) == []
            assert here.csms.events == []

    run(scenario(), limit=3600)


@pytest.mark.parametrize("type", ["ISO14443", "ISO15693", "Central", "NoAuthorization", "KeyCode", "Local", "eMAID"])
@pytest.mark.parametrize("feature", REMOTE)
def test_a_remote_start_takes_the_types_of_its_own_lines_only(feature: str, type: str) -> None:
    """C-36 to C-39; what local start takes (here all of it) is another line."""

    async def scenario() -> None:
        async with site(product=only("C-30", "C-31", "C-32", "C-33", "C-34", "C-35", feature)) as here:
            token = wire.IdToken(id_token=VALUES.get(type, "X1"), type=wire.IdTokenEnum(type))
            response = await start_remotely(here, token=token)
            assert response.status == ("Accepted" if type == REMOTE[feature] else "Rejected")

    run(scenario(), limit=3600)


# A reader an EVSE


def test_a_card_at_the_reader_of_an_evse_means_that_evse() -> None:
    """Where each has its own reader, the card authorizes there, whichever car was there first."""

    async def scenario() -> None:
        async with site(product=only("C-30", "C-70", readers="PerEVSE")) as here:
            await here.hand.plug(1)
            await asyncio.sleep(1)
            await here.hand.present("04A1", "ISO14443", 2)
            await asyncio.sleep(20)
            assert here.simulator.state(1).supply is Supply.Off
            await here.hand.plug(2)
            await asyncio.sleep(20)
            assert here.simulator.state(2).supply is Supply.Delivering
            assert {event.evse.id for event in here.csms.events if event.evse is not None} == {2}

    run(scenario(), limit=3600)


def test_a_card_stops_only_what_runs_at_the_evse_of_the_reader() -> None:
    """The same card may charge at two EVSEs, and stops each at its own reader."""

    async def scenario() -> None:
        async with site(product=only("C-30", "C-70", readers="PerEVSE")) as here:
            for evse_id in (1, 2):
                await here.hand.plug(evse_id)
                await asyncio.sleep(1)
                await here.hand.present("04A1", "ISO14443", evse_id)
                await asyncio.sleep(20)
            assert [here.simulator.state(one).supply for one in (1, 2)] == [Supply.Delivering] * 2
            await here.hand.present("04A1", "ISO14443", 1)
            await asyncio.sleep(20)
            assert [here.simulator.state(one).supply for one in (1, 2)] == [Supply.Off, Supply.Delivering]

    run(scenario(), limit=3600)


def test_a_card_of_the_group_stops_only_at_the_reader_of_its_evse() -> None:
    async def scenario() -> None:
        async with site(product=only("C-30", "C-70", readers="PerEVSE")) as here:
            group = wire.IdToken(id_token="FLEET", type=wire.IdTokenEnum.Central)
            info = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Accepted, group_id_token=group)
            here.csms.answers[wire.AuthorizeRequest] = lambda _: wire.AuthorizeResponse(id_token_info=info)
            await here.hand.plug(1)
            await asyncio.sleep(1)
            await here.hand.present("04A1", "ISO14443", 1)
            await asyncio.sleep(20)
            await here.hand.present("04B2", "ISO14443", 2)
            await asyncio.sleep(20)
            assert here.simulator.state(1).supply is Supply.Delivering

    run(scenario(), limit=3600)


# No display


def test_without_a_display_the_car_that_came_last_is_the_one_that_is_meant() -> None:
    """One reader and two cars: nobody can be asked which."""

    async def scenario() -> None:
        async with site(product=only("C-30", "C-70", displays=0)) as here:
            await here.hand.plug(2)
            await asyncio.sleep(30)
            await here.hand.plug(1)
            await asyncio.sleep(30)
            await here.hand.present("04A1")
            await asyncio.sleep(20)
            assert here.simulator.state(1).supply is Supply.Delivering
            await here.hand.present("04B2")
            await asyncio.sleep(20)
            assert here.simulator.state(2).supply is Supply.Delivering

    run(scenario(), limit=3600)


# Guessing codes


def test_wrong_codes_make_the_keypad_wait_longer_and_longer() -> None:
    """C04.FR.06: two slips of the finger cost nothing, then each wrong code doubles the pause, up to ten minutes."""
    times: list[float] = []

    def wrong(_request: Request[Response]) -> Response:
        times.append(asyncio.get_running_loop().time())
        return wire.AuthorizeResponse(id_token_info=wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Invalid))

    async def scenario() -> None:
        async with site(product=only("C-32", "C-72", readers="None")) as here:
            here.csms.answers[wire.AuthorizeRequest] = wrong
            await here.hand.plug(1)
            while len(times) < 12:
                await present(here, "KeyCode", value="0000")
                await asyncio.sleep(1)

    run(scenario(), limit=36000)
    pauses = (0, 0, 5, 10, 20, 40, 80, 160, 320, 600, 600)
    waited = [later - earlier for earlier, later in pairwise(times)]
    assert all(pause <= seconds < pause + 2.5 for pause, seconds in zip(pauses, waited, strict=True)), waited


def test_a_right_code_after_the_pause_is_taken_and_ends_it() -> None:
    async def scenario() -> None:
        async with site(product=only("C-32", "C-72", readers="None")) as here:
            wrong = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Invalid)
            here.csms.answers[wire.AuthorizeRequest] = lambda asked: (
                wire.AuthorizeResponse(id_token_info=wrong) if asked.id_token.id_token != "471108" else None  # type: ignore[attr-defined]
            )
            await here.hand.plug(1)
            for number in range(6):
                await present(here, "KeyCode", value=f"{number:04}")
                await asyncio.sleep(1)
            await asyncio.sleep(700)
            await present(here, "KeyCode")
            await asyncio.sleep(20)
            assert here.simulator.state(1).supply is Supply.Delivering

    run(scenario(), limit=36000)


def test_a_car_is_asked_for_its_address_again_after_a_reboot() -> None:
    """C-34: nobody heard it before; one that was stopped is left alone."""

    async def main() -> None:
        async with site(product=product(having=["C-34"])) as here:
            here.csms.answers[wire.AuthorizeRequest] = lambda _: refused
            await here.hand.plug(1)
            await here.hand.present("0250C2A1B2C3", type="MacAddress", evse_id=1)
            await asyncio.sleep(5)
            del here.csms.answers[wire.AuthorizeRequest]
            await here.hand.reboot()
            await asyncio.sleep(60)
            asked = here.csms.of(wire.AuthorizeRequest)
            assert [one.id_token.id_token for one in asked] == ["0250C2A1B2C3"] * 2
            assert here.simulator.read(1).power_w > 0
            running = here.csms.events[-1].transaction_info.transaction_id
            await here.csms.call(wire.RequestStopTransactionRequest(transaction_id=running))
            await asyncio.sleep(5)
            await here.hand.reboot()
            await asyncio.sleep(60)
            assert len(here.csms.of(wire.AuthorizeRequest)) == 2

    refused = wire.AuthorizeResponse(id_token_info=wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Invalid))
    run(main())
