"""A long outage: what waits is delivered in order, whole, while new events come; and nothing goes through all of it."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from benchmarks.backlog import backlog
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.virtual_time import run
from ohmstead.ports.store import Put
from ohmstead.runtime.outbox import Outbox, OutboxEntry
from ohmstead.wire.codec import decode
from ohmstead.wire.messages import TransactionEventRequest
from ohmstead.wire.rows import from_row, to_row
from tests.generators import examples
from tests.runtime.site import site

CARDS = 4
EVENTS = examples(500, 100_000)


def test_a_long_outbox_drains_in_order_while_new_events_come(record_property: Callable[[str, object], None]) -> None:
    """Decided case 8, E12.FR.06: oldest first, what is new after all that waited; no event is dropped or told twice."""

    async def drain() -> list[tuple[str, int]]:
        store = MemoryStore()
        store.commit(list(backlog(EVENTS)))
        async with site(store=store) as here:
            assert await here.set("SampledDataCtrlr", "TxUpdatedInterval", "1") == "Accepted"
            await here.hand.plug(1)
            await here.hand.present("04A1B2C3")
            begun = time.perf_counter()
            station = here.host.station
            assert station is not None
            await here.csms.until(lambda: len(here.csms.events) >= EVENTS - 10, seconds=EVENTS)
            record_property("events/s", round(EVENTS / (time.perf_counter() - begun)))
            assert len(station.outbox.entries) > 2, "nothing new came meanwhile"
            await here.hand.unplug(1)
            await asyncio.sleep(EVENTS / 50)
            await station.outbox.empty.wait()
            return [(event.transaction_info.transaction_id, event.seq_no) for event in here.csms.events]

    told = run(drain(), limit=EVENTS * 10)
    first = told[0][1]  # the site shows what came once the connectors had been reported
    waited = [(f"waiting-{number // 10}", number % 10) for number in range(first, EVENTS)]
    assert told[: len(waited)] == waited
    new = told[len(waited) :]
    assert new == [(new[0][0], number) for number in range(len(new))]
    record_property("waiting events", EVENTS)
    record_property("MB of memory", _resident())


def _resident() -> int:
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)


class Plain:
    """What an outbox is, without thought for time."""

    def __init__(self, entries: list[OutboxEntry]) -> None:
        self.entries = entries

    def remove(self, entry: OutboxEntry) -> None:
        """Take one out."""
        self.entries = [waiting for waiting in self.entries if waiting.number != entry.number]

    def replace(self, entry: OutboxEntry) -> None:
        """Put one in the place of another."""
        self.entries = [entry if waiting.number == entry.number else waiting for waiting in self.entries]


@settings(max_examples=examples(60, 1000))
@given(st.lists(st.tuples(st.sampled_from(["remove", "replace", "drop"]), st.integers(0, 200)), max_size=60))
def test_any_change_of_the_outbox_is_what_a_plain_list_would_do(changes: list[tuple[str, int]]) -> None:
    outbox = Outbox(_with_cards(backlog(100)), limit=1)
    plain = Plain(list(outbox.entries))
    for what, number in changes:
        chosen = replace(outbox.entries[0], number=number) if outbox.entries else None
        if what == "drop" or chosen is None:
            dropped = outbox.plan_room()
            intermediate = [entry for entry in plain.entries if entry.intermediate]
            assert dropped == intermediate[::2]
            outbox.discard(dropped)
            for entry in dropped:
                plain.remove(entry)
        elif what == "remove":
            outbox.remove(chosen)
            plain.remove(chosen)
        else:
            changed = replace(chosen, attempts=number, intermediate=number % 10 not in (1, 0))
            if number not in [entry.number for entry in plain.entries]:
                continue
            outbox.replace(changed)
            plain.replace(changed)
        assert outbox.entries == deque(plain.entries)
    _find_the_same(outbox, plain.entries)


def _find_the_same(outbox: Outbox, entries: list[OutboxEntry]) -> None:
    """What the index finds is what a search through all entries would."""
    events = [decode(TransactionEventRequest, entry.payload) for entry in entries]
    assert len(outbox.waiting) == len(entries)
    assert outbox.transactions() == {event.transaction_info.transaction_id for event in events}
    for card in range(CARDS + 1):
        value = f"card-{card}"
        mine = {event.transaction_info.transaction_id for event in events if value in _values(event)}
        assert {mention.transaction_id for mention in outbox.waiting.mentions(value.upper())} == mine
        wanted = [event for event in events if event.transaction_info.transaction_id in mine]
        for most in (0, 1, 7, 1000):
            found = outbox.waiting.about(mine, most)
            assert list(found.events) == wanted[:most]
            assert found.more == len(wanted) - len(found.events)


def _values(event: TransactionEventRequest) -> list[str]:
    token = event.id_token
    if token is None:
        return []
    return [token.id_token.lower(), *(info.additional_id_token.lower() for info in token.additional_info or ())]


def _with_cards(rows: Iterable[Put]) -> Iterator[tuple[str, bytes]]:
    """Yield the rows of an outbox; where a transaction begins stands a card, which others have too, in any case."""
    for put in rows:
        entry = from_row(put.value, OutboxEntry)
        if not entry.intermediate:
            other = f'"additionalInfo":[{{"additionalIdToken":"CARD-{entry.number % 2}","type":"x"}}],'
            card = f'"idToken":{{{other}"idToken":"Card-{entry.number // 20 % CARDS}","type":"Central"}}'
            entry = replace(entry, payload=f"{entry.payload[:-1]},{card}}}")
        yield entry.key, to_row(entry)
