"""One connection of the station with the lab, frame by frame.

The lab does not use the RPC peer that station and CSMS share: it has to see retransmissions as messages of their own,
leave CALLs unanswered, and notice what a well-meaning peer puts right. Every frame is read strictly.
"""

import asyncio
import math
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from datetime import datetime
from typing import TypeAlias, TypeVar, cast

import msgspec

from ohmstead.lab.cases import primitives
from ohmstead.lab.cases.dialect import Speech
from ohmstead.lab.cases.readable import readable
from ohmstead.lab.evidence.digests import Unreadable
from ohmstead.ports.link import Link, LinkLost
from ohmstead.wire import codec, frames
from ohmstead.wire.actions import ACTION_OF, ACTIONS, RESPONSE_OF
from ohmstead.wire.base import Payload, Request, Response
from ohmstead.wire.errors import CallError, ErrorCode
from ohmstead.wire.printable import printable
from ohmstead.wire.secrets import undecodable

R = TypeVar("R", bound=Response)


class Arrived(msgspec.Struct, frozen=True, kw_only=True):
    """A CALL of the station that could be read."""

    message: Request[Response]
    id: str
    at: float
    """Seconds of the loop."""
    wall: datetime
    """The same on the lab's clock."""
    endpoint: int
    repeated: bool
    """The same message id has been seen before in this case."""


Answer: TypeAlias = Response | CallError | None
"""None: the CALL stays unanswered."""
Answering: TypeAlias = Callable[[Arrived], Answer | Awaitable[Answer]]


FLOOD = "flood"
"""Field of the finding for which the lab closed a connection."""
MOST_A_SECOND = 5000
"""Frames of a station: who waits for each answer sends a tenth of this over the fastest line."""
ALLOWED = "a payload that its schema allows"


class Unanswered(Exception):
    """The station did not answer in time, or the connection was lost before it did."""


class Exchange:
    """A link on which the lab plays the CSMS.

    Attributes:
        open: whether the connection still stands.
    """

    def __init__(
        self,
        link: Link,
        *,
        number: int,
        ids: Iterator[str],
        seen: set[str],
        now: Callable[[], datetime],
        answer: Answering,
        log: Callable[[str, str, int], None],
        fault: Callable[[str, str, str, str], None],
        shown: Callable[[str], str],
        asked: Callable[[Request[Response], Response], None],
        speech: Speech,
        delay: float = 0.0,
        lenient: bool = False,
    ) -> None:
        """Take over a link.

        Args:
            link: the connection.
            number: of the endpoint.
            ids: message ids for CALLs of the lab.
            seen: message ids of the station so far, shared by the connections of a case.
            now: the lab's wall clock.
            answer: says what each CALL is answered with.
            log: takes way, text and endpoint of every frame.
            fault: takes field, wanted, got and message id of whatever breaks the protocol.
            shown: takes the secrets out of a payload that is told of.
            asked: told each CALL of the lab with its response, before the next frame is read.
            speech: writes the frames.
            delay: seconds after which a CALL is taken up and answered.
            lenient: answer a CALL that breaks its schema, once that is told, where it can be read all the same.
        """
        self.link = link
        self.open = True
        self._number = number
        self._ids = ids
        self._seen = seen
        self._now = now
        self._answer = answer
        self._log = log
        self._fault = fault
        self._shown = shown
        self._asked = asked
        self._speech = speech
        self._delay = delay
        self._lenient = lenient
        self._waiting: dict[str, tuple[Request[Response], asyncio.Future[Response]]] = {}
        self._late: set[asyncio.Task[None]] = set()
        self._unanswered: set[str] = set()
        self._second, self._frames = -math.inf, 0

    async def run(self) -> None:
        """Read until the link is lost."""
        try:
            while True:
                text = await self.link.receive()
                if self._floods():
                    wanted = f"{MOST_A_SECOND} messages at most within a second"
                    self._fault(FLOOD, wanted, "more; the lab closes the connection", "")
                    await self.link.close()
                    return
                await self._take(text)
        except LinkLost as lost:
            self._log(".", f"connection {self._number} ended: {lost}", self._number)
        finally:
            self.open = False
            for task in self._late:
                task.cancel()
            for _, future in self._waiting.values():
                if not future.done():
                    future.set_exception(Unanswered("the connection was lost"))

    def _floods(self) -> bool:
        """Count a frame; say whether there were too many lately. In virtual time nothing else would ever go on."""
        now = asyncio.get_running_loop().time()
        if now - self._second > 1.0:
            self._second, self._frames = now, 0
        self._frames += 1
        return self._frames > MOST_A_SECOND

    async def call(self, request: Request[R], within: float) -> R:
        """Send a CALL and return its response. Raises CallError, Unanswered."""
        message_id = next(self._ids)
        future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        asking = cast("Request[Response]", request)
        self._waiting[message_id] = (asking, future)
        action = ACTION_OF[type(asking)]
        try:
            await self.send(self._speech.call(message_id, action, asking))
            async with asyncio.timeout(within):
                return cast(R, await future)
        except TimeoutError:
            raise Unanswered(f"no answer to {action} within {within:g} s") from None
        except LinkLost as lost:
            raise Unanswered(str(lost)) from None
        finally:
            del self._waiting[message_id]

    async def send(self, text: str) -> None:
        """Send a frame as it stands. Raises LinkLost."""
        self._log(">", text, self._number)
        await self.link.send(text)

    async def _take(self, text: str | bytes) -> None:
        if isinstance(text, Unreadable):
            self._take_unreadable(text.error, text.told)
            return
        try:
            frame = frames.parse(text)
        except frames.FrameError as error:
            self._take_unreadable(str(error), undecodable(text))
            return
        self._log("<", str(text), self._number)
        match frame:
            case frames.Call():
                await self._take_call(frame)
            case frames.CallResult():
                self._take_result(frame)
            case frames.CallErrorFrame():
                self._settle(frame.id, CallError(frame.code, frame.description, frame.details))

    def _take_unreadable(self, error: str, told: str) -> None:
        self._log(".", f"a frame that cannot be read: {told}", self._number)
        self._fault("frame", "an OCPP-J frame", f"{error}: {told}", "")

    def _beginning(self, payload: msgspec.Raw) -> str:
        return printable(self._shown(bytes(payload).decode())[:300])

    async def _take_call(self, frame: frames.Call) -> None:
        if frame.action not in ACTIONS:
            self._fault("action", "an action of OCPP 2.0.1", frame.action, frame.id)
            await self._reply(frame.id, CallError(ErrorCode.NotImplemented))
            return
        if self._unanswered - {frame.id}:
            name = f"{frame.action}Request"
            self._fault(name, "one CALL at a time", "a CALL before the answer to the one before it", frame.id)
        try:
            message = codec.decode(ACTIONS[frame.action][0], frame.payload)
        except CallError as error:
            self._invalid(f"{frame.action}Request", error, frame)
            meant = readable(ACTIONS[frame.action][0], frame.payload) if self._lenient else None
            if meant is None:
                await self._reply(frame.id, error)
                return
            message = meant
        else:
            self._check_written(f"{frame.action}Request", type(message), frame)
        arrived = Arrived(
            message=message,
            id=frame.id,
            at=asyncio.get_running_loop().time(),
            wall=self._now(),
            endpoint=self._number,
            repeated=frame.id in self._seen,
        )
        self._seen.add(frame.id)
        if self._delay:
            self._unanswered.add(frame.id)
            self._until_later(self._take_up_later(arrived))
        else:
            await self._take_up(arrived)

    async def _take_up_later(self, arrived: Arrived) -> None:
        await asyncio.sleep(self._delay)
        self._unanswered.discard(arrived.id)
        await self._take_up(arrived)

    async def _take_up(self, arrived: Arrived) -> None:
        answer = self._answer(arrived)
        if isinstance(answer, Awaitable):
            self._unanswered.add(arrived.id)
            self._until_later(self._reply_later(arrived.id, answer))
        else:
            await self._reply(arrived.id, answer)

    def _until_later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _reply_later(self, message_id: str, answer: Awaitable[Answer]) -> None:
        ready = await answer
        self._unanswered.discard(message_id)
        await self._reply(message_id, ready)

    async def _reply(self, message_id: str, answer: Answer) -> None:
        if answer is None:
            self._log(".", f"{message_id} is left without an answer", self._number)
            return
        if isinstance(answer, CallError):
            text = self._speech.error(message_id, answer)
        else:
            text = self._speech.result(message_id, answer)
        try:
            await self.send(text)
        except LinkLost:
            return

    def _take_result(self, frame: frames.CallResult) -> None:
        waiting = self._waiting.get(frame.id)
        if waiting is None:
            self._fault("CALLRESULT", "the answer to a CALL", f"one to {frame.id}, which is not waiting", frame.id)
            return
        kind = RESPONSE_OF[type(waiting[0])]
        try:
            response = codec.decode(kind, frame.payload)
            self._check_written(kind.__name__, kind, frame)
            self._settle(frame.id, response)
        except CallError as error:
            self._invalid(kind.__name__, error, frame)
            self._settle(frame.id, error)

    def _check_written(self, name: str, kind: type[Payload], frame: frames.Call | frames.CallResult) -> None:
        for slip in primitives.slips(kind, frame.payload):
            self._fault(f"{name}.{slip.path}", slip.wanted, slip.got, frame.id)

    def _invalid(self, name: str, error: CallError, frame: frames.Call | frames.CallResult) -> None:
        """A payload breaks the schema: say where, as far as the error knows."""
        at, _, why = error.description.rpartition(": ")
        path = re.sub(r"\[(\d+)\]", r".\1", at.removeprefix("$"))
        lacks = re.fullmatch(r"Object missing required field `(\w+)`", why)
        beyond = re.fullmatch(r"Object contains unknown field `(\w+)`", why)
        wanted = ALLOWED
        if re.fullmatch(r"(\.\w+)*", path) is None:
            path, why = "", error.description
        elif lacks is not None:
            path, wanted, why = f"{path}.{lacks[1]}", "a value: the field is required", "nothing"
        elif beyond is not None:
            path, wanted, why = f"{path}.{beyond[1]}", "nothing: the schema has no such field", "a value"
        told = "" if lacks is not None else f" in {self._beginning(frame.payload)}"
        self._fault(f"{name}{path}", wanted, f"{why}{told}", frame.id)

    def _settle(self, message_id: str, outcome: Response | CallError) -> None:
        waiting = self._waiting.get(message_id)
        if waiting is None:
            return
        if waiting[1].done():
            # Whoever asked has not come to know the first one yet: two answers in one breath.
            name = f"{ACTION_OF[type(waiting[0])]}Response"
            self._fault(name, "one answer", "another one to the same CALL", message_id)
            return
        if isinstance(outcome, CallError):
            waiting[1].set_exception(outcome)
        else:
            self._asked(waiting[0], outcome)
            waiting[1].set_result(outcome)
