"""A CSMS that is there and does not say what a card is worth is no outage (glossary of Part 2: Offline; C15)."""

import asyncio
from collections.abc import Callable
from itertools import product

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.ports.hardware import Supply
from ohmstead.wire import messages as wire
from ohmstead.wire.errors import ErrorCode
from tests.generators import sample
from tests.runtime.raw_csms import RawCsms, Reply, error, result, taken_over
from tests.runtime.site import Site, site

CARD = "04A1B2C3"
EVERY_RIGHT = {
    "OfflineTxForUnknownIdEnabled": "true",
    "LocalAuthorizeOffline": "true",
    "LocalPreAuthorize": "false",
    "AuthorizeRemoteStart": "true",
}
"""With these a station that took the CSMS for unreachable would let everybody in."""
REPEATED = (ErrorCode.RpcFrameworkError, ErrorCode.InternalError)


def _errors(code: str) -> Reply:
    return lambda identifier, _payload: error(identifier, code)


UNANSWERED: dict[str, Reply] = {
    **{f"CALLERROR {code}": _errors(code) for code in ErrorCode},
    "silence": lambda _identifier, _payload: None,
    "a response without idTokenInfo": lambda identifier, _payload: result(identifier),
    "a response of no known status": lambda identifier, _payload: result(
        identifier, '{"idTokenInfo":{"status":"Perhaps"}}'
    ),
}


async def _permissive(here: Site) -> None:
    for variable, value in EVERY_RIGHT.items():
        assert await here.set("AuthCtrlr", variable, value) == "Accepted"


async def _present(here: Site) -> None:
    await here.hand.plug(1)
    await here.hand.present(CARD)


async def _present_first(here: Site) -> None:
    await here.hand.present(CARD)
    await asyncio.sleep(70)
    await here.hand.plug(1)


async def _remote(_here: Site, csms: RawCsms) -> None:
    token = f'"idToken":{{"idToken":"{CARD}","type":"ISO14443"}}'
    answer = await csms.ask(f'[2,"r","RequestStartTransaction",{{"remoteStartId":1,"evseId":1,{token}}}]')
    assert '"Accepted"' in answer


WAYS = ("cable first", "card first", "remote start")


@pytest.mark.parametrize(("kind", "way"), sample(list(product(UNANSWERED, WAYS)), 20))
def test_an_unknown_card_is_refused(kind: str, way: str) -> None:
    """A repetition for what may pass by itself, then no energy: the CSMS is there, and has not said yes."""

    async def live() -> None:
        async with site() as here:
            await _permissive(here)
            csms = await taken_over(here)
            csms.replies["Authorize"] = UNANSWERED[kind]
            if way == "remote start":
                await here.hand.plug(1)
                await _remote(here, csms)
            else:
                await {"cable first": _present, "card first": _present_first}[way](here)
            await asyncio.sleep(100)
            assert here.simulator.state(1).supply is Supply.Off
            assert csms.of("TransactionEvent") == []
            twice = kind in [f"CALLERROR {code}" for code in REPEATED]
            assert len(csms.of("Authorize")) == (2 if twice else 1)
            # The place is free again: the next card is asked about, and charges.
            del csms.replies["Authorize"]
            await here.hand.present("04NEXT")
            await asyncio.sleep(20)
            assert here.simulator.state(1).supply is Supply.Delivering

    run(live(), limit=3600)


@pytest.mark.parametrize("code", REPEATED)
def test_an_error_of_the_moment_costs_no_driver_his_charge(code: ErrorCode) -> None:
    """A CSMS that was busy with a call of its own is asked once more."""

    async def live() -> None:
        async with site() as here:
            csms = await taken_over(here)
            answers: list[Callable[[str], str]] = [
                lambda identifier: error(identifier, code),
                lambda identifier: result(identifier, '{"idTokenInfo":{"status":"Accepted"}}'),
            ]
            csms.replies["Authorize"] = lambda identifier, _payload: answers.pop(0)(identifier)
            await _present(here)
            await asyncio.sleep(20)
            assert here.simulator.state(1).supply is Supply.Delivering
            first, second = csms.of("Authorize")
            assert first.payload == second.payload
            assert first.id != second.id

    run(live(), limit=3600)


@pytest.mark.parametrize("kind", ["silence", "CALLERROR InternalError", "CALLERROR GenericError"])
@pytest.mark.parametrize("pre_authorize", ["true", "false"])
def test_a_card_that_the_cache_knows(kind: str, pre_authorize: str) -> None:
    """With LocalPreAuthorize nobody is asked (C12); without it the operator wants the answer, and there is none."""

    async def live() -> None:
        async with site() as here:
            await _permissive(here)
            assert await here.set("AuthCtrlr", "LocalPreAuthorize", pre_authorize) == "Accepted"
            await _present(here)  # the cache gets to know it
            await asyncio.sleep(20)
            await here.hand.present(CARD)
            await here.hand.unplug(1)
            await asyncio.sleep(20)
            csms = await taken_over(here)
            csms.replies["Authorize"] = UNANSWERED[kind]
            await _present(here)
            await asyncio.sleep(100)
            charges = here.simulator.state(1).supply is Supply.Delivering
            assert charges is (pre_authorize == "true")

    run(live(), limit=3600)


def test_an_outage_is_one() -> None:
    """A link that goes while the CSMS is being asked, or has gone before, leaves the decision to the station (C15)."""

    async def live(*, before: bool) -> None:
        async with site() as here:
            await _permissive(here)
            csms = await taken_over(here)
            csms.replies["Authorize"] = lambda _identifier, _payload: None
            if before:
                await here.hand.cut_network()
            await _present(here)
            await asyncio.sleep(2)
            await here.hand.cut_network()
            await asyncio.sleep(20)
            assert here.simulator.state(1).supply is Supply.Delivering

    run(live(before=True), limit=3600)
    run(live(before=False), limit=3600)


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_a_station_that_is_not_accepted_yet_is_not_offline(status: str) -> None:
    """It may not ask; what it lets in is what it knows (B03.FR.01), for the CSMS is there."""

    async def live() -> None:
        async with site() as here:
            await _permissive(here)
            assert await here.set("TxCtrlr", "TxBeforeAcceptedEnabled", "true") == "Accepted"
            await here.hand.plug(2)
            await here.hand.present("04KNOWN")
            await asyncio.sleep(20)
            await here.hand.present("04KNOWN")
            await asyncio.sleep(5)
            await here.hand.unplug(2)
            await asyncio.sleep(5)
            here.csms.answers[wire.BootNotificationRequest] = lambda _request: wire.BootNotificationResponse(
                current_time=here.clock.now(), interval=600, status=wire.RegistrationStatusEnum(status)
            )
            await here.hand.reboot()
            await asyncio.sleep(30)
            await _present(here)
            await asyncio.sleep(20)
            assert here.simulator.state(1).supply is Supply.Off
            await here.hand.present("04KNOWN")
            await asyncio.sleep(20)
            assert here.simulator.state(1).supply is Supply.Delivering

    run(live(), limit=3600)


# C15.FR.01 and C10.FR.05


async def _charge_offline(here: Site, *, back_before_the_cable: bool) -> None:
    await here.hand.cut_network()
    await asyncio.sleep(5)
    await here.hand.present(CARD)
    await asyncio.sleep(5)
    if back_before_the_cable:
        await here.hand.restore_network()
        await asyncio.sleep(60)
    await here.hand.plug(1)
    await asyncio.sleep(20)
    await here.hand.restore_network()
    await here.csms.until(lambda: any(event.id_token for event in here.csms.events))
    await asyncio.sleep(5)


async def _end(here: Site) -> None:
    await here.hand.unplug(1)
    await asyncio.sleep(5)
    here.csms.received.clear()


OUTAGES = ("cable offline", "cable online", "power cut")


@pytest.mark.parametrize(("status", "outage"), sample(list(product(wire.AuthorizationStatusEnum, OUTAGES)), 8))
def test_a_card_that_was_let_in_unknown_is_not_added(status: wire.AuthorizationStatusEnum, outage: str) -> None:
    """C15.FR.01: what is answered to its events updates an entry (C10.FR.05), and there is none to update."""

    async def live() -> None:
        async with site() as here:
            await _permissive(here)
            info = wire.IdTokenInfo(status=status)
            here.csms.answers[wire.TransactionEventRequest] = lambda request: wire.TransactionEventResponse(
                id_token_info=info if isinstance(request, wire.TransactionEventRequest) and request.id_token else None
            )
            if outage != "power cut":
                await _charge_offline(here, back_before_the_cable=outage == "cable online")
            else:
                await here.hand.cut_network()
                await here.hand.plug(1)
                await here.hand.present(CARD)
                await asyncio.sleep(20)
                await here.hand.cut_power()
                await here.hand.restore_power()
                await here.hand.restore_network()
                await here.csms.until(lambda: any(event.id_token for event in here.csms.events))
                await asyncio.sleep(5)
            assert here.host.station is not None
            assert len(here.host.station.cache) == 0
            await _end(here)

    run(live(), limit=3600)


def test_an_answer_to_authorize_adds_it() -> None:
    """C10.FR.04: from then on the CSMS has spoken for it, and an event updates the entry (C10.FR.05, C12.FR.06)."""

    async def live() -> None:
        async with site() as here:
            await _permissive(here)
            assert await here.set("AuthCtrlr", "LocalPreAuthorize", "true") == "Accepted"
            await _charge_offline(here, back_before_the_cable=False)
            await _end(here)
            await _present(here)
            await asyncio.sleep(20)
            assert len(here.csms.of(wire.AuthorizeRequest)) == 1
            await _end(here)
            await _present(here)
            await asyncio.sleep(20)
            assert here.csms.of(wire.AuthorizeRequest) == []
            assert here.simulator.state(1).supply is Supply.Delivering

    run(live(), limit=3600)


def test_an_entry_of_the_cache_is_updated_all_the_same() -> None:
    """C10.FR.05 for a card that the cache knows and that charges offline."""

    async def live() -> None:
        async with site() as here:
            await _permissive(here)
            await _present(here)
            await asyncio.sleep(20)
            await here.hand.present(CARD)
            await _end(here)
            blocked = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Blocked)
            here.csms.answers[wire.TransactionEventRequest] = lambda request: wire.TransactionEventResponse(
                id_token_info=blocked
                if isinstance(request, wire.TransactionEventRequest) and request.id_token
                else None
            )
            await _charge_offline(here, back_before_the_cable=False)
            await _end(here)
            await here.hand.cut_network()
            await _present(here)
            await asyncio.sleep(20)
            assert here.simulator.state(1).supply is Supply.Off

    run(live(), limit=3600)


@pytest.mark.parametrize("restart", [False, True], ids=["at once", "after a power cut"])
def test_a_card_that_the_csms_has_spoken_for_is_added_by_events_also_after_the_cache_was_cleared(restart: bool) -> None:
    """C15.FR.01 is over with the answer to Authorize: the next answer to an event makes an entry again (C10.FR.05)."""

    async def live() -> None:
        async with site() as here:
            await _permissive(here)
            await _charge_offline(here, back_before_the_cable=False)
            await _end(here)
            await here.hand.present(CARD)
            await asyncio.sleep(5)
            assert len(here.csms.of(wire.AuthorizeRequest)) == 1
            assert (await here.csms.call(wire.ClearCacheRequest())).status == "Accepted"
            if restart:
                await here.hand.cut_power()
                await here.hand.restore_power()
                await asyncio.sleep(60)
            await here.hand.plug(1)
            await asyncio.sleep(20)
            assert here.host.station is not None
            assert len(here.host.station.cache) == 1

    run(live(), limit=3600)


def test_a_cache_that_was_cleared_stays_empty_over_a_power_cut() -> None:
    """C11.FR.01: the rows are gone, not only what is in memory."""

    async def live() -> None:
        async with site() as here:
            await here.hand.present(CARD)
            await asyncio.sleep(5)
            assert (await here.csms.call(wire.ClearCacheRequest())).status == "Accepted"
            await here.hand.cut_power()
            await here.hand.cut_network()
            await here.hand.restore_power()
            await asyncio.sleep(60)
            assert here.host.station is not None
            assert len(here.host.station.cache) == 0

    run(live(), limit=3600)
