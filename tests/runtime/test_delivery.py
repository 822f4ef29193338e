"""The outbox on its way out: attempts, intervals, late answers, lost links, what overtakes a waiting head (E13)."""

import asyncio
from functools import partial
from itertools import pairwise

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.model.device import OCPPCommCtrlr
from ohmstead.wire import messages as wire
from tests.runtime.raw_csms import RawCsms, error, result, taken_over
from tests.runtime.site import Site, site

EVENT = "TransactionEvent"


async def _prepare(here: Site, *, attempts: int = 3, interval: int = 10, periodic: int = 0) -> None:
    for component, variable, value in (
        ("TxCtrlr", "TxStartPoint", "EVConnected"),
        ("SampledDataCtrlr", "TxUpdatedInterval", str(periodic)),
        ("AlignedDataCtrlr", "Interval", "0"),
        ("OCPPCommCtrlr", "RetryBackOffWaitMinimum", "1"),
        ("OCPPCommCtrlr", "RetryBackOffRandomRange", "0"),
    ):
        assert await here.set(component, variable, value) == "Accepted"
    station = here.host.station
    assert station is not None
    with station.work.unit():
        station.settings.assign(OCPPCommCtrlr.message_attempts, attempts)
        station.settings.assign(OCPPCommCtrlr.message_attempt_interval, interval)


def _heard(csms: RawCsms, number: int) -> bool:
    return len(csms.of(EVENT)) == number


def _refuse_the_first(identifier: str, payload: str) -> str:
    return error(identifier) if '"seqNo":0' in payload else result(identifier)


def _waits(csms: RawCsms) -> list[int]:
    times = [call.at for call in csms.of(EVENT)]
    return [round(later - earlier) for earlier, later in pairwise(times)]


def test_an_error_is_retried_with_growing_waits_and_then_discarded(caplog: pytest.LogCaptureFixture) -> None:
    """E13.FR.02 to E13.FR.04: interval x preceding sends; the same id and payload; then the next message goes."""

    async def live() -> None:
        async with site() as here:
            await _prepare(here, attempts=4, interval=10)
            csms = await taken_over(here)
            csms.replies[EVENT] = lambda identifier, payload: (
                error(identifier) if '"seqNo":0' in payload else result(identifier)
            )
            await here.hand.plug(1)
            await csms.until(lambda: len(csms.of(EVENT)) == 4)
            await asyncio.sleep(100)
            assert _waits(csms) == [10, 20, 30]
            assert len({call.id for call in csms.of(EVENT)}) == 1
            assert len({call.payload for call in csms.of(EVENT)}) == 1
            assert here.host.station is not None
            assert not here.host.station.outbox.entries
            await here.hand.unplug(1)
            await csms.until(lambda: len(csms.of(EVENT)) == 5)
            assert '"seqNo":1' in csms.of(EVENT)[4].payload

    run(live(), limit=3600)
    assert any("discarded after 4 attempts" in record.message for record in caplog.records)


def test_silence_is_an_attempt_too_and_the_wait_counts_from_its_end() -> None:
    """E13.FR.03 read with MessageTimeout: 30 s of silence, then the interval."""

    async def live() -> None:
        async with site() as here:
            await _prepare(here, attempts=3, interval=10)
            csms = await taken_over(here)
            csms.replies[EVENT] = lambda _identifier, _payload: None
            await here.hand.plug(1)
            await csms.until(lambda: len(csms.of(EVENT)) == 3)
            assert _waits(csms) == [40, 50]

    run(live(), limit=3600)


def test_a_late_answer_settles_the_attempt() -> None:
    """Decided case 9: retries keep the messageId, so an answer that comes between two attempts counts."""

    async def live() -> None:
        async with site() as here:
            await _prepare(here)
            csms = await taken_over(here)
            csms.replies[EVENT] = lambda _identifier, _payload: None
            await here.hand.plug(1)
            await csms.until(lambda: len(csms.of(EVENT)) == 1)
            await asyncio.sleep(32)
            await csms.send(result(csms.of(EVENT)[0].id))
            await asyncio.sleep(200)
            assert len(csms.of(EVENT)) == 1
            assert here.host.station is not None
            assert not here.host.station.outbox.entries
            assert here.host.station.store.rows("outbox") == []

    run(live(), limit=3600)


@pytest.mark.parametrize("nonsense", ['{"totalCost":"free"}', '{"surprise":1}', "[]"])
def test_an_answer_that_makes_no_sense_is_an_attempt(nonsense: str) -> None:
    """Decided case 9: an invalid CALLRESULT counts, and the message goes again."""

    async def live() -> None:
        async with site() as here:
            await _prepare(here)
            csms = await taken_over(here)
            answers = iter([nonsense, "{}"])
            csms.replies[EVENT] = lambda identifier, _payload: result(identifier, next(answers))
            await here.hand.plug(1)
            await csms.until(lambda: len(csms.of(EVENT)) == 2)
            assert _waits(csms) == [10]

    run(live(), limit=3600)


def test_a_lost_link_is_no_attempt() -> None:
    """Decided case 9: with one attempt allowed, a message survives any number of lost links."""

    async def live() -> None:
        async with site() as here:
            await _prepare(here, attempts=1)
            csms = await taken_over(here)
            csms.replies[EVENT] = lambda _identifier, _payload: None
            await here.hand.plug(1)
            for number in range(1, 4):
                await csms.until(partial(_heard, csms, number))
                await here.hand.cut_network()
                await asyncio.sleep(3)
                await here.hand.restore_network()
            csms.replies[EVENT] = lambda identifier, _payload: result(identifier)
            await csms.until(lambda: len(csms.of(EVENT)) == 4)
            await asyncio.sleep(1)
            assert len({(call.id, call.payload) for call in csms.of(EVENT)}) == 1
            assert here.host.station is not None
            assert not here.host.station.outbox.entries

    run(live(), limit=3600)


def test_attempts_are_counted_over_a_power_cut() -> None:
    """Decided case 9: the count is persisted; two failed before the cut, so one attempt is left of three."""

    async def live() -> None:
        async with site() as here:
            await _prepare(here, attempts=3, interval=10)
            csms = await taken_over(here)
            csms.replies[EVENT] = lambda identifier, payload: (
                error(identifier) if '"seqNo":0' in payload else result(identifier)
            )
            await here.hand.plug(1)
            await csms.until(lambda: len(csms.of(EVENT)) == 2)
            await asyncio.sleep(1)
            await here.hand.cut_power()
            await asyncio.sleep(5)
            await here.hand.restore_power()
            await asyncio.sleep(300)
            firsts = [call for call in csms.of(EVENT) if '"seqNo":0' in call.payload]
            assert len(firsts) == 3
            assert len({call.id for call in firsts}) == 1

    run(live(), limit=3600)


def test_calls_overtake_a_head_that_waits() -> None:
    """Decided case 9: cards are checked and hearts beat while an event waits for its next attempt."""

    async def live() -> None:
        async with site() as here:
            await _prepare(here, attempts=3, interval=1000)
            csms = await taken_over(here)
            csms.replies[EVENT] = lambda identifier, _payload: error(identifier)
            await here.hand.plug(1)
            await csms.until(lambda: len(csms.of(EVENT)) == 1)
            await here.hand.present("04A1B2C3")
            await csms.until(lambda: len(csms.of("Authorize")) == 1, 2)
            await csms.until(lambda: len(csms.of("Heartbeat")) == 1, 400)
            assert len(csms.of(EVENT)) == 1

    run(live(), limit=3600)


def test_a_lost_link_makes_offline_what_was_not_sent_yet() -> None:
    """E11.FR.07: what still waits in the queue; what was sent already keeps its payload (decided case 11)."""

    async def live() -> None:
        async with site() as here:
            await _prepare(here, attempts=5, interval=30)
            csms = await taken_over(here)
            csms.replies[EVENT] = lambda _identifier, _payload: None
            await here.hand.plug(1)
            await csms.until(lambda: len(csms.of(EVENT)) == 1)
            await here.hand.unplug(1)
            await asyncio.sleep(1)
            csms.replies[EVENT] = lambda identifier, _payload: result(identifier)
            await here.hand.cut_network()
            await asyncio.sleep(20)
            await here.hand.restore_network()
            await csms.until(lambda: len(csms.of(EVENT)) == 3)
            first, again, last = (call.payload for call in csms.of(EVENT))
            assert first == again
            assert '"offline":true' not in first
            assert '"offline":true' in last

    run(live(), limit=3600)


def test_a_full_outbox_drops_every_second_intermediate_event() -> None:
    """E04.FR.07/08, E11.FR.04/05, E12.FR.04/05, J02.FR.12/13: intermediate ones go, evenly; the numbers stay."""

    async def live() -> None:
        async with site() as here:
            await _prepare(here, periodic=10)
            station = here.host.station
            assert station is not None
            station.outbox.limit = 40
            await here.hand.cut_network()
            await here.hand.plug(1)
            await asyncio.sleep(1500)
            assert len(station.outbox.entries) <= 40
            await here.hand.unplug(1)
            await asyncio.sleep(1)
            here.csms.received.clear()
            await here.hand.restore_network()
            await here.csms.until(lambda: bool(here.csms.events) and here.csms.events[-1].event_type == "Ended")
            numbers = [event.seq_no for event in here.csms.events]
            assert numbers == sorted(set(numbers))
            assert (numbers[0], numbers[-1]) == (0, 151)
            assert here.csms.events[0].event_type is wire.TransactionEventEnum.Started

    run(live(), limit=10_000)


@pytest.mark.parametrize("queued", [True, False])
def test_queue_all_messages(*, queued: bool) -> None:
    """C-21: clock-aligned values of an idle station while offline are kept, or they are gone."""

    async def live() -> None:
        async with site() as here:
            await _prepare(here)
            assert await here.set("AlignedDataCtrlr", "Interval", "60") == "Accepted"
            assert await here.set("OCPPCommCtrlr", "QueueAllMessages", str(queued).lower()) == "Accepted"
            await here.hand.cut_network()
            await asyncio.sleep(650)
            here.csms.received.clear()
            await here.hand.restore_network()
            await asyncio.sleep(50)
            told = {value.meter_value[0].timestamp.minute for value in here.csms.of(wire.MeterValuesRequest)}
            assert told >= set(range(1, 10)) if queued else len(told) <= 1

    run(live(), limit=3600)
