"""The asyncio shell, in virtual time, with a test that plays the other side of the link frame by frame."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from ohmstead.edge import virtual_time
from ohmstead.ports.calls import Rank
from ohmstead.ports.link import Handshake, LinkLost
from ohmstead.rpc import Answer, CallFailed, CallTimeout, Direction, Handler, RpcConnection
from ohmstead.wire import messages as m
from ohmstead.wire.base import Request, Response
from ohmstead.wire.codec import InvalidMessage
from ohmstead.wire.errors import CallError, ErrorCode

BEAT = m.HeartbeatResponse(current_time=datetime(2026, 11, 23, 22, 4, 37, tzinfo=UTC))
RESET = m.ResetRequest(type=m.ResetEnum.OnIdle)
ACCEPTED = m.ResetResponse(status=m.ResetStatusEnum.Accepted)


class ScriptedLink:
    """One end of a link whose other end is the test."""

    def __init__(self) -> None:
        self.handshake = Handshake(url="/CS001", subprotocols=("ocpp2.0.1",))
        self.sent: asyncio.Queue[str] = asyncio.Queue()
        self.writable = asyncio.Event()
        self.writable.set()
        self._inbox: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self._lost = False

    async def send(self, text: str) -> None:
        await self.writable.wait()
        if self._lost:
            raise LinkLost("cable cut")
        self.sent.put_nowait(text)

    async def receive(self) -> str | bytes:
        message = await self._inbox.get()
        if message is None:
            raise LinkLost("cable cut")
        return message

    async def ping(self) -> None:
        raise AssertionError("the shell does not ping")

    async def close(self, code: int = 1000, reason: str = "") -> None:  # noqa: ARG002
        raise AssertionError("the shell does not close")

    def deliver(self, *messages: str | bytes) -> None:
        for message in messages:
            self._inbox.put_nowait(message)

    def lose(self) -> None:
        self._lost = True
        self.writable.set()
        self._inbox.put_nowait(None)

    async def sees(self) -> list[Any]:
        """Return the next frame that the connection sends."""
        frame: list[Any] = json.loads(await self.sent.get())
        return frame


class Bench:
    """A connection that runs, and what it told."""

    def __init__(self, handler: Handler | None = None, timeout: float = 30, **options: Any) -> None:
        self.link = ScriptedLink()
        self.trace: list[tuple[Direction, str]] = []
        self.faults: list[str] = []
        self.late: list[tuple[str, Response | CallError]] = []
        ids = itertools.count(1)
        self.connection = RpcConnection(
            self.link,
            handler=handler or serve_nothing,
            new_id=lambda: str(next(ids)),
            message_timeout=lambda: timeout,
            on_frame=lambda direction, text: self.trace.append((direction, text)),
            on_late=lambda message_id, outcome: self.late.append((message_id, outcome)),
            on_fault=self.faults.append,
            **options,
        )
        self.running = asyncio.create_task(self.connection.run())

    def beat(self, **options: Any) -> "asyncio.Task[m.HeartbeatResponse]":
        return asyncio.create_task(self.connection.call(m.HeartbeatRequest(), **options))


def serve_nothing(_request: Request[Response]) -> Response:
    raise AssertionError("no CALL is expected")


@asynccontextmanager
async def bench(handler: Handler | None = None, **options: Any) -> AsyncIterator[Bench]:
    made = Bench(handler, **options)
    try:
        yield made
    finally:
        made.link.lose()
        await asyncio.wait([made.running])


def beat_result(message_id: str) -> str:
    return f'[3,"{message_id}",{{"currentTime":"2026-11-23T22:04:37Z"}}]'


def reset_call(message_id: str) -> str:
    return f'[2,"{message_id}","Reset",{{"type":"OnIdle"}}]'


def in_virtual_time(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    def run() -> None:
        virtual_time.run(test(), limit=10_000)

    run.__name__ = test.__name__
    return run


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


@in_virtual_time
async def test_calls_are_served_in_order_while_the_link_is_read() -> None:
    served: list[str] = []

    async def slow(request: Request[Response]) -> Response:
        assert isinstance(request, m.ResetRequest)
        served.append(request.type)
        await asyncio.sleep(5 if request.type == m.ResetEnum.Immediate else 0)
        return ACCEPTED

    async with bench(slow) as b:
        b.link.deliver('[2,"a","Reset",{"type":"Immediate"}]', reset_call("b"))
        call = b.beat()
        assert (await b.link.sees())[2] == "Heartbeat"
        b.link.deliver(beat_result("1"))
        assert await call == BEAT
        assert asyncio.get_running_loop().time() < 5
        assert await b.link.sees() == [3, "a", {"status": "Accepted"}]
        assert await b.link.sees() == [3, "b", {"status": "Accepted"}]
        assert served == ["Immediate", "OnIdle"]


@in_virtual_time
async def test_a_handler_may_call_back() -> None:
    async def curious(_request: Request[Response]) -> Response:
        assert await b.connection.call(m.HeartbeatRequest()) == BEAT
        return ACCEPTED

    async with bench(curious) as b:
        b.link.deliver(reset_call("a"))
        assert (await b.link.sees())[2] == "Heartbeat"
        b.link.deliver(beat_result("1"))
        assert await b.link.sees() == [3, "a", {"status": "Accepted"}]


@in_virtual_time
async def test_what_follows_starts_after_the_response_was_written() -> None:
    written: list[int] = []
    async with bench(lambda _: Answer(ACCEPTED, lambda: written.append(b.link.sent.qsize()))) as b:
        b.link.writable.clear()
        b.link.deliver(reset_call("a"))
        await asyncio.sleep(1)
        assert written == []
        b.link.writable.set()
        await asyncio.sleep(1)
        assert written == [1]


@in_virtual_time
async def test_what_follows_starts_also_if_the_response_could_not_be_written() -> None:
    followed: list[bool] = []
    b = Bench(lambda _: Answer(ACCEPTED, lambda: followed.append(True)))
    b.link.writable.clear()
    b.link.deliver(reset_call("a"))
    await asyncio.sleep(1)
    b.link.lose()
    await b.running
    assert followed == [True]


@in_virtual_time
async def test_what_follows_does_not_start_when_the_station_is_cut_off() -> None:
    followed: list[bool] = []
    b = Bench(lambda _: Answer(ACCEPTED, lambda: followed.append(True)))
    b.link.writable.clear()
    b.link.deliver(reset_call("a"))
    await asyncio.sleep(1)
    b.running.cancel()
    await asyncio.wait([b.running])
    assert followed == []


def fails_with(error: Exception) -> Handler:
    def handler(_request: Request[Response]) -> Response:
        raise error

    return handler


async def fails_later(_request: Request[Response]) -> Response:
    await asyncio.sleep(1)
    raise KeyError("bug")


def follows_badly(_request: Request[Response]) -> Answer:
    def then() -> None:
        raise KeyError("bug")

    return Answer(ACCEPTED, then)


@pytest.mark.parametrize(
    ("handler", "answer"),
    [
        (fails_with(CallError(ErrorCode.SecurityError, "no")), [4, "a", "SecurityError", "no", {}]),
        (fails_with(KeyError("bug")), [4, "a", "InternalError", "Reset could not be processed", {}]),
        (fails_later, [4, "a", "InternalError", "Reset could not be processed", {}]),
        (lambda _: BEAT, [4, "a", "InternalError", "Reset could not be processed", {}]),
        (lambda _: None, [4, "a", "InternalError", "Reset could not be processed", {}]),
        (follows_badly, [3, "a", {"status": "Accepted"}]),
    ],
    ids=["call error", "bug", "bug in a coroutine", "another message's response", "nothing", "bug in what follows"],
)
def test_a_handler_that_fails_is_answered_and_the_connection_lives(handler: Handler, answer: list[object]) -> None:
    async def test() -> None:
        async with bench(handler) as b:
            b.link.deliver(reset_call("a"))
            assert await b.link.sees() == answer
            b.link.deliver(reset_call("b"))
            assert (await b.link.sees())[1] == "b"

    virtual_time.run(test())


@in_virtual_time
async def test_faults_of_the_other_side_are_answered_and_told() -> None:
    async with bench(supported=lambda action: action != "Reset") as b:
        b.link.deliver("nonsense", b"\x00", reset_call("a"), '[3,"unknown",{}]')
        assert (await b.link.sees())[1:3] == ["-1", "RpcFrameworkError"]
        assert (await b.link.sees())[1:3] == ["-1", "RpcFrameworkError"]
        assert (await b.link.sees())[1:3] == ["a", "NotSupported"]
        assert len(b.faults) == 4
        assert (Direction.Received, "<binary frame of 1 bytes>") in b.trace


@in_virtual_time
async def test_a_flood_of_nonsense_does_not_pile_up() -> None:
    async with bench() as b:
        b.link.writable.clear()
        b.link.deliver(*["nonsense"] * 1000)
        await asyncio.sleep(1)
        assert len(b.faults) == 1000
        b.link.writable.set()
        await asyncio.sleep(1)
        assert b.link.sent.qsize() < 100


@in_virtual_time
async def test_two_shells_serve_each_other_both_ways_at_once() -> None:
    near, far = ScriptedLink(), ScriptedLink()

    async def carry(source: ScriptedLink, target: ScriptedLink) -> None:
        while True:
            text = await source.sent.get()
            await asyncio.sleep(0.05)
            target.deliver(text)

    def shell(link: ScriptedLink) -> RpcConnection:
        ids = itertools.count(1)
        return RpcConnection(link, handler=serve, new_id=lambda: str(next(ids)), message_timeout=lambda: 30.0)

    async def serve(request: Request[Response]) -> Response | Answer:
        await asyncio.sleep(0.01)
        return BEAT if isinstance(request, m.HeartbeatRequest) else Answer(ACCEPTED)

    def many(connection: RpcConnection) -> list[Awaitable[Response]]:
        return [connection.call(request) for request in (m.HeartbeatRequest(), RESET) for _ in range(20)]

    async with asyncio.TaskGroup() as tasks:
        station, csms = shell(near), shell(far)
        background = [tasks.create_task(c) for c in (station.run(), csms.run(), carry(near, far), carry(far, near))]
        responses = await asyncio.gather(*many(station), *many(csms))
        for task in background:
            task.cancel()
    assert responses == ([BEAT] * 20 + [ACCEPTED] * 20) * 2
