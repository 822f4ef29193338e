"""The asyncio shell serves the other side: requests in order, what follows an answer, and faults."""

import asyncio
import itertools
from collections.abc import Awaitable

import pytest

from ohmstead.edge import virtual_time
from ohmstead.rpc import Answer, Direction, Handler, RpcConnection
from ohmstead.wire import messages as m
from ohmstead.wire.base import Request, Response
from ohmstead.wire.errors import CallError, ErrorCode
from tests.rpc.scripted_link import (
    ACCEPTED,
    BEAT,
    RESET,
    Bench,
    ScriptedLink,
    beat_result,
    bench,
    in_virtual_time,
    reset_call,
)


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
