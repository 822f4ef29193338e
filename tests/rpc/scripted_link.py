"""A link whose other end is the test, and a connection that runs on it."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from ohmstead.edge import virtual_time
from ohmstead.ports.link import Handshake, LinkLost
from ohmstead.rpc import Direction, Handler, RpcConnection
from ohmstead.wire import messages as m
from ohmstead.wire.base import Request, Response
from ohmstead.wire.errors import CallError

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
