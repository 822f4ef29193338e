"""CustomerInformation and GetLog after a long outage: neither goes through all that waits, no driver waits."""

import asyncio
import json
import sys
from collections.abc import Callable, Iterator

from msgspec.structs import replace

from benchmarks.backlog import PIECE, backlog
from ohmstead.blocks.customer_data import MOST_EVENTS, Customer, told
from ohmstead.blocks.log_files import diagnostics
from ohmstead.blocks.n_customer_information import PART
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.virtual_time import run
from ohmstead.ports.store import Put
from ohmstead.runtime.outbox import OutboxEntry
from ohmstead.wire import messages as wire
from ohmstead.wire.rows import from_row
from tests.generators import examples
from tests.runtime.site import Site, site

CARD = wire.IdToken(id_token="04A1B2C3D4", type=wire.IdTokenEnum.ISO14443)
MINE = 2 * PIECE
"""Events of the customer, who was there first."""
EVENTS = examples(3000, 100_000)


def waiting(events: int, mine: int) -> Iterator[Put]:
    """Yield an outbox; the first transactions are the customer's, each other one has a card of its own."""
    for put in backlog(events):
        entry = from_row(put.value, OutboxEntry)
        payload = json.loads(entry.payload)
        if payload["eventType"] != "Updated":
            card = CARD.id_token.lower() if entry.number <= mine else f"04{entry.number // PIECE:08d}"
            payload["idToken"] = {"idToken": card, "type": "ISO14443"}
        yield replace(entry, payload=json.dumps(payload)).put()


def refuses() -> wire.TransactionEventResponse:
    """A CSMS that takes no event."""
    raise RuntimeError("the CSMS has no database today")


def told_of(here: Site) -> list[wire.NotifyCustomerInformationRequest]:
    """Return what the CSMS was told of the customer."""
    return here.csms.of(wire.NotifyCustomerInformationRequest)


def calls_in(work: Callable[[], object]) -> int:
    """Return how many functions a piece of work calls, ours and others'; no clock is involved."""
    calls = 0

    def count(*_event: object) -> None:
        nonlocal calls
        calls += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls


async def effort(events: int) -> dict[str, int]:
    """Return what some questions cost while so many events wait, and the station hears nothing of its CSMS."""
    store = MemoryStore()
    store.commit(list(waiting(events, MINE)))
    async with site(store=store) as here:
        await here.hand.cut_network()
        await asyncio.sleep(600)
        station = here.host.station
        assert station is not None
        assert len(station.outbox.entries) > events - MINE
        customers = {"known": CARD, "unknown": wire.IdToken(id_token="04FFFFFF", type=wire.IdTokenEnum.ISO14443)}
        known = station.charging, station.csms, station.cache
        all_of_it = station.charging, station.csms, station.device, station.world
        other = replace(CARD, type=wire.IdTokenEnum.KeyCode)
        assert "Not yet" in told(*known, Customer(CARD))
        assert told(*known, Customer(other)) == "", "the same value, but the token of somebody else"
        cost = {
            name: calls_in(lambda: told(*known, Customer(card)))  # noqa: B023  # called at once
            for name, card in customers.items()
        }
        return cost | {"diagnostics": calls_in(lambda: diagnostics(*all_of_it, None, None))}


def test_what_waits_for_others_costs_nothing() -> None:
    """The same work with ten times as many events, up to what a life has in its journal: not a call for each."""
    few, many = (run(effort(events), limit=36_000) for events in (100, 1000))
    for question, cost in few.items():
        assert cost > 0
        assert many[question] - cost < 900 / 4, question


def test_one_card_in_all_that_waits_is_told_in_bounded_length_and_the_next_driver_does_not_wait() -> None:
    """N09.FR.05, N10.FR.05: the oldest events one by one, and how many follow; they reach the CSMS by themselves."""

    async def life() -> None:
        store = MemoryStore()
        store.commit(list(waiting(EVENTS, EVENTS)))
        async with site(store=store) as here:
            here.csms.answers[wire.TransactionEventRequest] = lambda _: refuses()
            answers = here.csms.answers
            answers[wire.NotifyCustomerInformationRequest] = lambda _: wire.NotifyCustomerInformationResponse()
            await scene(here)

    async def scene(here: Site) -> None:
        attempts = wire.SetVariableData(
            component=wire.Component(name="OCPPCommCtrlr"),
            variable=wire.Variable(name="MessageAttempts", instance="TransactionEvent"),
            attribute_value="9",
        )
        await here.csms.call(wire.SetVariablesRequest(set_variable_data=(attempts,)))
        station = here.host.station
        assert station is not None
        left = sum(entry.transaction_id is not None for entry in station.outbox.entries)
        ask = wire.CustomerInformationRequest(request_id=1, report=True, clear=False, id_token=CARD)
        assert (await here.csms.call(ask)).status == "Accepted"
        await here.hand.present("04EEEE05")
        await here.csms.until(lambda: bool(here.csms.of(wire.AuthorizeRequest)))
        assert all(part.tbc for part in told_of(here)), "the driver waited"
        await here.csms.until(lambda: not all(part.tbc for part in told_of(here)))
        parts = told_of(here)
        text = "".join(part.data for part in parts)
        assert text.count("Not yet at the CSMS: TransactionEvent ") == MOST_EVENTS
        assert text.endswith(f"Not yet at the CSMS: {left - MOST_EVENTS} more TransactionEvents")
        assert len(parts) < 200 * MOST_EVENTS / PART
        refused = await here.csms.call(replace(ask, clear=True, request_id=2))
        assert refused.status == "Rejected"

    run(life(), limit=36_000)
