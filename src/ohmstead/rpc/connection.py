"""An OCPP-J connection that is alive: calls out, calls in, over whatever link carries them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TypeAlias, TypeVar, cast

import msgspec

from ohmstead.ports.calls import Answer, CallFailed, CallTimeout, Rank
from ohmstead.ports.link import Link, LinkLost
from ohmstead.rpc.turns import Turns
from ohmstead.wire.base import Request, Response
from ohmstead.wire.errors import CallError, ErrorCode
from ohmstead.wire.frames import DEFAULT_LIMIT
from ohmstead.wire.peer import CallReceived, Ignored, Peer, Reply, Settled

_log = logging.getLogger(__name__)

ResponseT = TypeVar("ResponseT", bound=Response)


_MAX_REPLIES = 64
# What a peer sends faster than it is answered is dropped beyond this, or it would fill the memory.


class Direction(StrEnum):
    """Which way a frame went, seen from the connection's own side."""

    Sent = "Sent"
    Received = "Received"


Handler: TypeAlias = Callable[[Request[Response]], "Response | Answer | Awaitable[Response | Answer]"]
"""Serves a CALL; raises CallError to answer with a CALLERROR."""


class _Waiting(msgspec.Struct, frozen=True):
    future: asyncio.Future[Response]
    timer: asyncio.TimerHandle


class RpcConnection:
    """A link with a peer on it. `run` reads and serves until the link is lost; `call` may be used from any task.

    CALLs of the other side are served one after the other, in the order of their arrival. While a handler waits the
    link is read on, so responses to calls of ours arrive meanwhile.
    """

    def __init__(
        self,
        link: Link,
        *,
        handler: Handler,
        new_id: Callable[[], str],
        message_timeout: Callable[[], float],
        supported: Callable[[str], bool] | None = None,
        on_frame: Callable[[Direction, str], None] | None = None,
        on_late: Callable[[str, Response | CallError], None] | None = None,
        on_fault: Callable[[str], None] | None = None,
        validate_outgoing: bool = True,
        strict: bool = False,
        limit: int = DEFAULT_LIMIT,
    ) -> None:
        """Take over an open link.

        Args:
            link: the connection; nobody else receives from it.
            handler: serves the CALLs of the other side, sync or async.
            new_id: returns a fresh message id.
            message_timeout: seconds a call waits for its response, asked anew for each call.
            supported: whether a known action is served; if not it is answered NotSupported. None: all are.
            on_frame: sees every frame, before it is sent or looked at.
            on_late: sees the outcome of a call that had timed out, by its message id, if it is not outstanding again.
            on_fault: told, in one line, whatever the other side does wrong.
            validate_outgoing: check what is sent against the schemas as well.
            strict: hold what is sent to identifierString, which the schemas do not tell, as well.
            limit: bytes of the largest frame that is read.
        """
        served = {"supported": supported} if supported is not None else {}
        self._peer = Peer(limit=limit, validate_outgoing=validate_outgoing, strict=strict, **served)
        self._link = link
        self._handler = handler
        self._new_id = new_id
        self._message_timeout = message_timeout
        self._on_frame = on_frame
        self._on_late = on_late
        self._on_fault = on_fault
        self._arrived: asyncio.Queue[CallReceived | Reply] = asyncio.Queue()
        self._turns = Turns()
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._waiting: _Waiting | None = None
        self._lost: str | None = None
        self._answered = 0

    @property
    def answered(self) -> int:
        """How many calls the other side has answered so far."""
        return self._answered

    @property
    def lost(self) -> bool:
        """Say whether the link has ended; nothing can be sent any more."""
        return self._lost is not None

    async def run(self) -> str:
        """Read and serve until the link is lost, and return why. Every call that waits then raises LinkLost."""
        try:
            async with asyncio.TaskGroup() as tasks:
                server = tasks.create_task(self._serve())
                reason = await self._read()
                self._end(reason)
                server.cancel()
        finally:
            self._end("the connection is no longer served")
        return reason

    async def call(
        self,
        request: Request[ResponseT],
        *,
        message_id: str | None = None,
        timeout: float | None = None,
        rank: Rank = Rank.Usual,
        stored: bool = False,
    ) -> ResponseT:
        """Send a CALL once the earlier ones are settled, and return its response.

        Args:
            request: the request; its type says the type of the response.
            message_id: the id of the first attempt, for a retry; None: a new one.
            timeout: seconds from sending to the response; None: `message_timeout`.
            rank: which of the calls that wait for their turn it goes before.
            stored: it was kept, perhaps by a version that was less strict.

        Raises CallFailed, CallTimeout, LinkLost, and InvalidMessage for a request that breaks the schemas. A caller
        that is cancelled leaves its CALL outstanding; the next one goes after its response or time-out.
        """
        await self._turns.take(rank)
        if self._lost is not None:
            raise LinkLost(self._lost)
        loop = asyncio.get_running_loop()
        try:
            limit = self._message_timeout() if timeout is None else timeout
            text = self._peer.call(request, message_id or self._new_id(), loop.time(), limit, stored=stored)
        except BaseException:
            self._turns.release()
            raise
        future: asyncio.Future[Response] = loop.create_future()
        self._waiting = _Waiting(future, loop.call_later(limit, self._expire))
        self._quiet.clear()
        try:
            await self._send(text)
            return cast(ResponseT, await future)
        finally:
            future.cancel()

    async def drain(self, seconds: float) -> None:
        """Begin no further call, and return once the one that is outstanding is settled, or after so many seconds.

        For a link that is about to be closed: what is answered need not go again over the next one.
        """
        self._turns.hold()
        try:
            async with asyncio.timeout(seconds):
                await self._quiet.wait()
        except TimeoutError:
            _log.info("a call is still without an answer after %g s", seconds)

    def _expire(self) -> None:
        # The timer and the peer add up the same two numbers, but a loop may run a timer a clock tick early.
        deadline = self._peer.next_deadline
        if deadline is not None and self._peer.expire(max(deadline, asyncio.get_running_loop().time())):
            self._finish(CallTimeout())

    def _finish(self, outcome: Response | Exception) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            return
        waiting.timer.cancel()
        if not waiting.future.done():
            if isinstance(outcome, Exception):
                waiting.future.set_exception(outcome)
            else:
                waiting.future.set_result(outcome)
        self._quiet.set()
        self._turns.release()

    def _end(self, reason: str) -> None:
        if self._lost is not None:
            return
        self._lost = reason
        self._finish(LinkLost(reason))
        self._turns.end()

    async def _send(self, text: str) -> None:
        if self._lost is not None:
            raise LinkLost(self._lost)
        if self._on_frame is not None:
            self._on_frame(Direction.Sent, text)
        await self._link.send(text)

    async def _read(self) -> str:
        while True:
            try:
                text = await self._link.receive()
            except LinkLost as lost:
                return str(lost)
            if self._on_frame is not None:
                seen = text if isinstance(text, str) else f"<binary frame of {len(text)} bytes>"
                self._on_frame(Direction.Received, seen)
            self._take(text)

    def _take(self, text: str | bytes) -> None:
        event = self._peer.receive(text)
        if isinstance(event, Settled) and event.fault:
            self._report(event.fault)
        match event:
            case CallReceived():
                self._arrived.put_nowait(event)
            case Reply(fault=fault):
                self._report(fault)
                if self._arrived.qsize() < _MAX_REPLIES:
                    self._arrived.put_nowait(event)
            case Ignored(fault=fault):
                self._report(fault)
            case Settled(id=message_id, outcome=outcome, late=True):
                _log.info("late response to %s", message_id)
                if self._on_late is not None:
                    self._on_late(message_id, outcome)
            case Settled(outcome=outcome):
                self._answered += 1
                self._finish(CallFailed(outcome) if isinstance(outcome, CallError) else outcome)

    def _report(self, fault: str) -> None:
        _log.warning("%s", fault)
        if self._on_fault is not None:
            self._on_fault(fault)

    async def _serve(self) -> None:
        while True:
            event = await self._arrived.get()
            try:
                if isinstance(event, Reply):
                    await self._send(event.text)
                else:
                    await self._answer(event)
            except LinkLost:
                return

    async def _answer(self, asked: CallReceived) -> None:
        text, then = await self._handle(asked)
        try:
            await self._send(text)
        except asyncio.CancelledError:
            # Only a lost link counts as "writing failed"; a station that is being cut off does no more work.
            if self._lost is None:
                then = None
            raise
        finally:
            if then is not None:
                self._then(asked.action, then)

    async def _handle(self, asked: CallReceived) -> tuple[str, Callable[[], None] | None]:
        try:
            result = self._handler(asked.request)
            if not isinstance(result, Response | Answer):
                result = await result
            answer = result if isinstance(result, Answer) else Answer(result)
            return self._peer.answer(asked.id, answer.response), answer.then
        except CallError as error:
            return self._peer.refuse(asked.id, error), None
        except Exception:
            _log.exception("serving %s failed", asked.action)
            ours = CallError(ErrorCode.InternalError, f"{asked.action} could not be processed")
            return self._peer.refuse(asked.id, ours), None

    def _then(self, action: str, then: Callable[[], None]) -> None:
        try:
            then()
        except Exception:
            _log.exception("what follows %s failed", action)
