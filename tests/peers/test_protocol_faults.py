"""Each fault of the protocol as a CSMS sees it that is not ours; and the station that goes on as if nothing were."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from itertools import pairwise
from random import Random

import msgspec
import pytest

from ohmstead.edge.client_keys import MemoryClientKeys
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.files_memory import MemoryFiles, MemoryFileServers
from ohmstead.edge.interfaces import Interfaces
from ohmstead.edge.restartable_dialer import RestartableDialer
from ohmstead.edge.simulator import SimulatedHand, Simulator
from ohmstead.edge.sources import seeded
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.virtual_time import run
from ohmstead.edge.websocket_dialer import WebSocketDialer
from ohmstead.ports.protocol_faults import FAULT_KINDS, ProtocolFault
from ohmstead.product.load import load
from ohmstead.rpc.fault_table import FaultTable
from ohmstead.runtime.config import StationConfig
from ohmstead.site import Site, Surroundings
from tests.peers.watchful_csms import Arrival, WatchfulCsms, watching

VARIABLE = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
Seen = Callable[[WatchfulCsms], bool]


class Sight(msgspec.Struct, frozen=True):
    """A fault, and what its CSMS must have seen."""

    fault: str
    seen: Seen


def of_events(seen: Callable[[list[Arrival]], bool]) -> Seen:
    return lambda csms: seen(csms.calls("TransactionEvent"))


def wrong(code: str) -> Seen:
    return lambda csms: code in [frame.wrong for frame in csms.frames]


def key(event: Arrival) -> tuple[str, int]:
    payload = event.elements[3]
    assert isinstance(payload, dict)
    return payload["transactionInfo"]["transactionId"], payload["seqNo"]


def retried_after_its_timeout(events: list[Arrival]) -> bool:
    return events[0].at >= 30


def twice_at_once(events: list[Arrival]) -> bool:
    return any(one.text == other.text and one.at == other.at for one, other in pairwise(events))


def told_again_under_another_id(events: list[Arrival]) -> bool:
    return len({key(event) for event in events}) < len({event.elements[1] for event in events})


def answer(csms: WatchfulCsms) -> list[Arrival]:
    return csms.answers("csms-1")


SENT = {
    "drop": Sight('{"kind":"drop"}', of_events(retried_after_its_timeout)),
    "delay": Sight('{"kind":"delay","seconds":12.5}', of_events(lambda events: events[0].at >= 12.5)),
    "double": Sight('{"kind":"double"}', of_events(twice_at_once)),
    "reorder": Sight('{"kind":"reorder","seconds":7}', of_events(lambda events: events[0].at >= 7)),
    "not JSON": Sight('{"kind":"corrupt"}', wrong("FormatViolation")),
    "cut off": Sight('{"kind":"corrupt","damage":"cut_off"}', wrong("FormatViolation")),
    "payload type": Sight('{"kind":"corrupt","damage":"payload_type"}', wrong("TypeConstraintViolation")),
    "message type": Sight('{"kind":"corrupt","damage":"message_type"}', wrong("PropertyConstraintViolation")),
    "wrong id": Sight('{"kind":"wrong_id","message_id":"lost"}', lambda csms: '"lost"' in str(csms.frames)),
    "oversize": Sight('{"kind":"oversize"}', lambda csms: 1009 in csms.closed),
    "large": Sight('{"kind":"oversize","bytes":50000}', lambda csms: 50000 in [len(one.text) for one in csms.frames]),
    "wrong value": Sight('{"kind":"wrong_value","path":"evse.id","value":"one"}', wrong("TypeConstraintViolation")),
    "missing field": Sight('{"kind":"missing_field","path":"seqNo"}', wrong("ProtocolError")),
    "old call": Sight('{"kind":"old_call"}', of_events(lambda events: len({one.text for one in events}) < len(events))),
    "old call, new id": Sight('{"kind":"old_call","message_id":"new"}', of_events(told_again_under_another_id)),
}
ANSWERED = {
    "drop": Sight('{"kind":"drop"}', lambda csms: answer(csms) == []),
    "delay": Sight('{"kind":"delay","seconds":9}', lambda csms: answer(csms)[0].at > csms.answers("csms-2")[0].at + 8),
    "double": Sight('{"kind":"double"}', lambda csms: len(answer(csms)) == 2),
    "reorder": Sight('{"kind":"reorder"}', lambda csms: csms.answers("csms-2")[0].at < answer(csms)[0].at + 1e-9),
    "corrupt": Sight('{"kind":"corrupt"}', wrong("FormatViolation")),
    "wrong id": Sight('{"kind":"wrong_id"}', wrong("nobody asked")),
    "oversize": Sight('{"kind":"oversize","bytes":9999}', lambda csms: len(answer(csms)[0].text) == 9999),
    "wrong value": Sight(
        '{"kind":"wrong_value","path":"getVariableResult[0].attributeStatus","value":"Perhaps"}',
        wrong("FormatViolation"),
    ),
    "missing field": Sight('{"kind":"missing_field","path":"getVariableResult"}', wrong("ProtocolError")),
    "error": Sight(
        '{"kind":"error","code":"SecurityError","description":"no"}',
        lambda csms: answer(csms)[0].elements == [4, "csms-1", "SecurityError", "no", {}],
    ),
    "answer": Sight(
        '{"kind":"answer","payload":{"status":"Never"}}',
        lambda csms: answer(csms)[0].elements == [3, "csms-1", {"status": "Never"}],
    ),
}


def fault_of(sight: Sight, action: str, direction: str | None = None) -> ProtocolFault:
    fields = json.loads(sight.fault) | {"action": action, "times": 1}
    if direction is not None and fields["kind"] not in ("error", "answer", "old_call"):
        fields["direction"] = direction
    fault: ProtocolFault = msgspec.convert(fields, ProtocolFault)
    return fault


class SocketSite(Site):
    """A station in memory whose network is a socket."""

    def __init__(self, url: str) -> None:
        product = load("flagship")
        interfaces = Interfaces(dict.fromkeys(product.interfaces))
        self.simulator = Simulator(product, random=Random(1))
        surroundings = Surroundings(
            clock=LoopClock(datetime(2026, 1, 1, tzinfo=UTC)),
            store=MemoryStore(),
            dialer=RestartableDialer(lambda: WebSocketDialer(interfaces)),
            sources=lambda boot: seeded(1, boot),
            files=lambda: MemoryFiles(MemoryFileServers(), {}, passable=lambda: True),
            client_keys=MemoryClientKeys(),
        )
        config = StationConfig(identity="CS-1", csms_url=url, security_profile=1, without_password=True)
        self.table = FaultTable()
        super().__init__(product, self.simulator, surroundings, config, faults=self.table)
        self.hand = SimulatedHand(self.simulator.hand, self.host, interfaces)

    @property
    def waiting(self) -> int:
        return len(self.host.station.outbox.entries) if self.host.station is not None else 0


@asynccontextmanager
async def online() -> AsyncIterator[tuple[SocketSite, WatchfulCsms]]:
    async with watching() as csms:
        site = SocketSite(csms.url)
        task = asyncio.create_task(site.host.run())
        try:
            connectors = sum(len(evse.connectors) for evse in site.host.product.evses)
            await csms.until(lambda: len(csms.calls("StatusNotification")) >= connectors)
            yield site, csms
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def charge(site: SocketSite, csms: WatchfulCsms) -> None:
    """Charge a car from cable to cable, and wait until everything has been told."""
    await site.hand.plug(1)
    await site.hand.present("04A1B2C3")
    await csms.until(lambda: "Charging" in {state(event) for event in csms.calls("TransactionEvent")})
    await asyncio.sleep(60)
    site.table.clear()
    await site.hand.unplug(1)
    await csms.until(lambda: "Ended" in "".join(event.text for event in csms.calls("TransactionEvent")))
    await asyncio.sleep(60)
    assert site.waiting == 0


def state(event: Arrival) -> str:
    payload = event.elements[3]
    return (
        ""
        if event.wrong or not isinstance(payload, dict)
        else str(payload.get("transactionInfo", {}).get("chargingState"))
    )


def test_the_tables_have_every_kind_of_fault() -> None:
    told = {json.loads(sight.fault)["kind"] for sight in (*SENT.values(), *ANSWERED.values())}
    assert told == set(FAULT_KINDS)


@pytest.mark.parametrize("name", SENT)
def test_a_fault_in_what_the_station_sends_is_seen_and_the_transaction_stays_whole(name: str) -> None:
    async def with_fault() -> None:
        async with online() as (site, csms):
            began = asyncio.get_running_loop().time()
            site.table.add(fault_of(SENT[name], "TransactionEvent"))
            await charge(site, csms)
            csms.frames[:] = [msgspec.structs.replace(frame, at=frame.at - began) for frame in csms.frames]
            assert SENT[name].seen(csms)
            whole = {key(event) for event in csms.calls("TransactionEvent") if not event.wrong}
            assert sorted(number for _, number in whole) == list(range(len(whole)))
            assert len({transaction for transaction, _ in whole}) == 1
            assert site.table.spent[0].applied == 1

    run(with_fault(), limit=3600)


@pytest.mark.parametrize("name", ANSWERED)
def test_a_fault_in_what_the_station_answers_is_seen_and_the_next_answer_is_right(name: str) -> None:
    async def with_fault() -> None:
        async with online() as (site, csms):
            site.table.add(fault_of(ANSWERED[name], "GetVariables", "answers"))
            await csms.ask("GetVariables", getVariableData=[VARIABLE])
            second = await csms.ask("GetVariables", getVariableData=[VARIABLE])
            await asyncio.sleep(20)
            assert ANSWERED[name].seen(csms)
            (right,) = csms.answers(second)
            assert right.wrong == ""

    run(with_fault(), limit=3600)
