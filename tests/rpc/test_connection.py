"""The asyncio shell, in virtual time, with a test that plays the other side of the link frame by frame."""

import asyncio

import pytest

from ohmstead.ports.calls import Rank
from ohmstead.ports.link import LinkLost
from ohmstead.rpc import CallFailed, CallTimeout, Direction
from ohmstead.wire import messages as m
from ohmstead.wire.codec import InvalidMessage
from ohmstead.wire.errors import ErrorCode
from tests.rpc.scripted_link import (
    BEAT,
    Bench,
    beat_result,
    bench,
    in_virtual_time,
)


@in_virtual_time
async def test_a_call_returns_the_response() -> None:
    async with bench() as b:
        call = b.beat()
        assert await b.link.sees() == [2, "1", "Heartbeat", {}]
        b.link.deliver(beat_result("1"))
        assert await call == BEAT
        assert b.trace == [(Direction.Sent, '[2,"1","Heartbeat",{}]'), (Direction.Received, beat_result("1"))]
        assert b.faults == []


@in_virtual_time
async def test_a_callerror_is_raised() -> None:
    async with bench() as b:
        call = b.beat()
        await b.link.sees()
        b.link.deliver('[4,"1","NotSupported","no",{}]')
        with pytest.raises(CallFailed) as caught:
            await call
        assert caught.value.error.code == ErrorCode.NotSupported


@in_virtual_time
async def test_an_invalid_response_is_raised() -> None:
    async with bench() as b:
        call = b.beat()
        await b.link.sees()
        b.link.deliver('[3,"1",{}]')
        with pytest.raises(CallFailed) as caught:
            await call
        assert caught.value.error.code == ErrorCode.OccurrenceConstraintViolation


@in_virtual_time
async def test_calls_wait_for_each_other_in_the_order_of_their_ranks_and_then_of_their_coming() -> None:
    async with bench() as b:
        calls = [b.beat(message_id=name, rank=Rank.Report) for name in ("r", "s")]
        calls += [b.beat(message_id=name) for name in ("a", "b", "c")]
        calls += [b.beat(message_id=name, rank=Rank.Driver) for name in ("x", "y")]
        order = []
        for _ in calls:
            frame = await b.link.sees()
            assert b.link.sent.empty()
            order.append(frame[1])
            b.link.deliver(beat_result(frame[1]))
        assert order == ["r", "x", "y", "a", "b", "c", "s"]
        assert await asyncio.gather(*calls) == [BEAT] * 7


@in_virtual_time
async def test_what_follows_from_an_answer_goes_before_a_report() -> None:
    """The event of a start is made only when the card has been answered."""
    async with bench() as b:

        async def driver() -> None:
            await b.beat(message_id="card", rank=Rank.Driver)
            await asyncio.sleep(0.01)
            await b.beat(message_id="event")

        report = b.beat(message_id="r", rank=Rank.Report)
        first = await b.link.sees()
        driving = asyncio.create_task(driver())
        await asyncio.sleep(0)
        later = [b.beat(message_id=name, rank=Rank.Report) for name in ("s", "t")]
        order = [first[1]]
        b.link.deliver(beat_result("r"))
        for _ in range(4):
            frame = await b.link.sees()
            order.append(frame[1])
            b.link.deliver(beat_result(frame[1]))
        assert order == ["r", "card", "event", "s", "t"]
        await asyncio.gather(report, driving, *later)


@in_virtual_time
async def test_a_link_that_is_about_to_be_closed_waits_for_its_answer_and_begins_nothing() -> None:
    async with bench() as b:
        first, second = b.beat(), b.beat(rank=Rank.Driver)
        await b.link.sees()
        draining = asyncio.create_task(b.connection.drain(0.5))
        await asyncio.sleep(0.2)
        b.link.deliver(beat_result("1"))
        await draining
        assert await first == BEAT
        third = b.beat()
        await asyncio.sleep(10)
        assert b.link.sent.empty()
        b.link.lose()
        for call in (second, third):
            with pytest.raises(LinkLost):
                await call


@in_virtual_time
async def test_an_answer_that_stays_away_is_not_waited_for_long() -> None:
    async with bench() as b:
        silent = b.beat()
        await b.link.sees()
        begun = asyncio.get_running_loop().time()
        await b.connection.drain(0.5)
        assert asyncio.get_running_loop().time() - begun == pytest.approx(0.5)
        silent.cancel()


@in_virtual_time
async def test_a_call_that_fails_before_it_leaves_gives_its_turn_to_the_next() -> None:
    """Whatever goes wrong on the way."""
    async with bench() as b:

        def stumble() -> str:
            raise RuntimeError("no id today")

        right, b.connection._new_id = b.connection._new_id, stumble
        with pytest.raises(RuntimeError):
            await b.beat()
        b.connection._new_id = right
        call = b.beat(message_id="a")
        await b.link.sees()
        b.link.deliver(beat_result("a"))
        assert await call == BEAT


@in_virtual_time
async def test_a_call_times_out_and_the_next_goes() -> None:
    async with bench(timeout=30) as b:
        loop = asyncio.get_running_loop()
        first, second = b.beat(), b.beat(timeout=5)
        with pytest.raises(CallTimeout):
            await first
        assert loop.time() == pytest.approx(30)
        with pytest.raises(CallTimeout):
            await second
        assert loop.time() == pytest.approx(35)
        assert b.link.sent.qsize() == 2


@in_virtual_time
async def test_a_late_response_settles_the_retry_under_the_same_id() -> None:
    async with bench(timeout=30) as b:
        with pytest.raises(CallTimeout):
            await b.beat(message_id="same")
        retry = b.beat(message_id="same")
        await asyncio.sleep(1)
        b.link.deliver(beat_result("same"))
        assert await retry == BEAT
        assert b.late == []


@in_virtual_time
async def test_a_late_response_between_attempts_is_told() -> None:
    async with bench(timeout=30) as b:
        with pytest.raises(CallTimeout):
            await b.beat(message_id="same")
        b.link.deliver(beat_result("same"), beat_result("same"))
        await asyncio.sleep(1)
        assert b.late == [("same", BEAT)]
        assert len(b.faults) == 1


@in_virtual_time
async def test_a_cancelled_caller_leaves_its_call_outstanding() -> None:
    async with bench() as b:
        first = b.beat()
        await b.link.sees()
        first.cancel()
        second = b.beat()
        await asyncio.sleep(10)
        assert b.link.sent.empty()
        b.link.deliver(beat_result("1"))
        assert (await b.link.sees())[1] == "2"
        b.link.deliver(beat_result("2"))
        assert await second == BEAT


@in_virtual_time
async def test_a_caller_that_is_cancelled_while_it_waits_gives_up_its_turn() -> None:
    async with bench() as b:

        async def first() -> None:
            await b.connection.call(m.HeartbeatRequest())
            second.cancel()  # it has its turn by now, and has not run yet

        canceller = asyncio.create_task(first())
        queued, second = b.beat(message_id="queued"), b.beat(message_id="second")
        await b.link.sees()
        queued.cancel()
        b.link.deliver(beat_result("1"))
        third = b.beat(message_id="third")
        assert (await b.link.sees())[1] == "third"
        b.link.deliver(beat_result("third"))
        assert await third == BEAT
        await canceller
        assert second.cancelled()


@in_virtual_time
async def test_an_invalid_request_is_raised_and_frees_the_turn() -> None:
    async with bench() as b:
        with pytest.raises(InvalidMessage):
            await b.connection.call(m.ResetRequest(type=m.ResetEnum.OnIdle, evse_id=2**31))
        call = b.beat(message_id="next")
        await b.link.sees()
        b.link.deliver(beat_result("next"))
        assert await call == BEAT


@in_virtual_time
async def test_a_lost_link_ends_every_call() -> None:
    b = Bench()
    calls = [b.beat() for _ in range(3)]
    await b.link.sees()
    b.link.lose()
    assert await b.running == "cable cut"
    for call in [*calls, b.beat()]:
        with pytest.raises(LinkLost, match="cable cut"):
            await call
    assert b.link.sent.empty()


@in_virtual_time
async def test_a_cancelled_run_ends_every_call() -> None:
    b = Bench()
    call = b.beat()
    await b.link.sees()
    b.running.cancel()
    with pytest.raises(LinkLost):
        await call
    assert b.running.cancelled()
