"""The connection of a station that is none of ours: it outlives cases, each of which borrows it.

What a case changes at the station is noted on the way, so that it can be changed back: before a variable is set, the
line asks for its value.
"""

import asyncio
import re
from contextlib import suppress
from itertools import count

import msgspec

from ohmstead.ports.link import Handshake, Link, LinkLost, Serve
from ohmstead.wire import codec, frames
from ohmstead.wire import messages as wire
from ohmstead.wire.errors import CallError

ASKING_TAKES = 15.0
"""Seconds for which the line waits for an answer to its own question."""
_OWN = "keep-"
_OF_A_CASE = re.compile(r'\s*\[\s*[34]\s*,\s*"(lab-\d+)-')

Key = tuple[wire.Component, wire.Variable]


class StationChanges:
    """What cases have changed at the station and nobody has changed back yet.

    Attributes:
        settings: variable -> the value that was found before it was set; None: it cannot be read.
        inoperative: EVSEs and connectors that were put out of service; None: the whole station.
        list_version: of the last local list that was sent.
        registered: the last BootNotification was Accepted.
        started_at: when a remote start was last asked for, seconds of the loop.
    """

    def __init__(self) -> None:
        self.settings: dict[Key, str | None] = {}
        self.inoperative: list[wire.EVSE | None] = []
        self.list_version: int | None = None
        self.registered = True
        self.started_at = 0.0

    def sent(self, frame: frames.Call) -> None:
        """Note what a request of the lab changes."""
        with suppress(CallError):
            match frame.action:
                case "ChangeAvailability":
                    change = codec.decode(wire.ChangeAvailabilityRequest, frame.payload)
                    if change.operational_status is wire.OperationalStatusEnum.Inoperative:
                        self.inoperative.append(change.evse)
                case "RequestStartTransaction":
                    self.started_at = asyncio.get_running_loop().time()
                case "SendLocalList":
                    self.list_version = codec.decode(wire.SendLocalListRequest, frame.payload).version_number

    def answered(self, frame: frames.CallResult) -> None:
        """Note whether an answer of the lab lets the station in."""
        # Only a BootNotificationResponse has these fields.
        with suppress(CallError):
            response = codec.decode(wire.BootNotificationResponse, frame.payload)
            self.registered = response.status is wire.RegistrationStatusEnum.Accepted


class LentLink:
    """The station's connection for one case (`ports.link.Link`)."""

    def __init__(self, line: "SharedConnection", link: Link) -> None:
        self._line = line
        self._link = link
        self.frames: asyncio.Queue[str | bytes | LinkLost] = asyncio.Queue()

    @property
    def handshake(self) -> Handshake:
        """How it was opened."""
        return self._link.handshake

    async def send(self, text: str) -> None:
        """Send a frame, after asking for what it is going to change."""
        await self._line.before(text)
        await self._link.send(text)

    async def receive(self) -> str | bytes:
        """Return the next frame for the case. Raises LinkLost."""
        frame = await self.frames.get()
        if isinstance(frame, LinkLost):
            raise frame
        return frame

    async def ping(self) -> None:
        """Ping."""
        await self._link.ping()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close it for the case and for the station."""
        await self._link.close(code, reason)


class SharedConnection:
    """Holds the connection, and lends it to one case after the other.

    Attributes:
        changes: of the cases so far.
        made: connections so far.
        arrived: set when a connection is made.
    """

    def __init__(self) -> None:
        self.changes = StationChanges()
        self.made = 0
        self.arrived = asyncio.Event()
        self._link: Link | None = None
        self._borrowed: LentLink | None = None
        self._serve: Serve | None = None
        self._lent: set[asyncio.Task[None]] = set()
        self._kept: list[str | bytes] = []
        self._asked: dict[str, asyncio.Future[wire.GetVariablesResponse]] = {}
        self._numbers = count(1)
        self._case = ""

    @property
    def connected(self) -> bool:
        """Say whether the station has its connection."""
        return self._link is not None

    @property
    def handshake(self) -> Handshake | None:
        """How the present connection was opened."""
        return self._link.handshake if self._link is not None else None

    @property
    def lent(self) -> bool:
        """Say whether a case has the connection, or gets the next one."""
        return self._serve is not None

    # For cases

    def lend(self, serve: Serve, case: str) -> None:
        """Hand the connection, or the next one, to a case whose message ids begin like this."""
        self._serve, self._case = serve, case
        if self._link is not None:
            self._hand_over(self._link)

    def take_back(self) -> None:
        """The case is over; the connection stays, and what comes is kept for the next case."""
        self._serve = None
        if self._borrowed is not None:
            self._borrowed.frames.put_nowait(LinkLost("the case is over"))
        self._borrowed = None

    async def drop(self) -> None:
        """Close the connection, if there is one."""
        if self._link is not None:
            link, self._link = self._link, None
            await link.close(1001, "the station is to start anew")

    def _hand_over(self, link: Link) -> None:
        self._borrowed = LentLink(self, link)
        for frame in self._kept:
            self._borrowed.frames.put_nowait(frame)
        self._kept.clear()
        assert self._serve is not None
        task = asyncio.ensure_future(self._serving(self._serve, self._borrowed))
        self._lent.add(task)
        task.add_done_callback(self._lent.discard)

    @staticmethod
    async def _serving(serve: Serve, link: Link) -> None:
        await serve(link)

    # For the listener

    async def serve(self, link: Link) -> None:
        """Serve a connection that was accepted; one that is there already is given up for it."""
        before, self._link = self._link, link
        if before is not None:
            self._lose(LinkLost("the station has made another connection"))
            await before.close(1001, "another connection was made")
        self._kept.clear()
        self.made += 1
        self.arrived.set()
        if self._serve is not None:
            self._hand_over(link)
        try:
            while True:
                self._take(await link.receive())
        except LinkLost as lost:
            if self._link in (link, None):
                self._link = None
                self._lose(lost)

    def _lose(self, lost: LinkLost) -> None:
        if self._borrowed is not None:
            self._borrowed.frames.put_nowait(lost)
        self._borrowed = None
        for future in self._asked.values():
            future.cancel()

    def _take(self, text: str | bytes) -> None:
        if isinstance(text, str):
            if self._answers_us(text):
                return
            answered = _OF_A_CASE.match(text)
            if answered is not None and answered[1] != self._case:
                return
        if self._borrowed is not None:
            self._borrowed.frames.put_nowait(text)
        else:
            self._kept.append(text)

    # What is asked before something is changed

    async def before(self, text: str) -> None:
        """Note what a frame of the lab is going to change."""
        try:
            frame = frames.parse(text)
        except frames.FrameError:
            return
        if isinstance(frame, frames.CallResult):
            self.changes.answered(frame)
        if not isinstance(frame, frames.Call):
            return
        self.changes.sent(frame)
        if frame.action != "SetVariables":
            return
        with suppress(CallError):
            data = codec.decode(wire.SetVariablesRequest, frame.payload).set_variable_data
            await self._remember([(one.component, one.variable) for one in data if _actual(one)])

    async def _remember(self, keys: list[Key]) -> None:
        unknown = list(dict.fromkeys(key for key in keys if key not in self.changes.settings))
        for key in unknown:
            got = await self._ask(key)
            # What the station does not have is not changed by setting it.
            if got is not None and got.attribute_status in _THERE:
                self.changes.settings[key] = got.attribute_value

    async def _ask(self, key: Key) -> wire.GetVariableResult | None:
        if self._link is None:
            return None
        message_id = f"{_OWN}{next(self._numbers)}"
        data = wire.GetVariableData(component=key[0], variable=key[1])
        payload = msgspec.Raw(codec.encode(wire.GetVariablesRequest(get_variable_data=(data,))))
        future: asyncio.Future[wire.GetVariablesResponse] = asyncio.get_running_loop().create_future()
        self._asked[message_id] = future
        try:
            await self._link.send(frames.call(message_id, "GetVariables", payload))
            async with asyncio.timeout(ASKING_TAKES):
                return (await asyncio.shield(future)).get_variable_result[0]
        except (TimeoutError, LinkLost, CallError, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and not future.cancelled():
                raise
            return None
        finally:
            del self._asked[message_id]

    def _answers_us(self, text: str) -> bool:
        if f'"{_OWN}' not in text[:60]:
            return False
        try:
            frame = frames.parse(text)
        except frames.FrameError:
            return False
        if isinstance(frame, frames.Call) or not frame.id.startswith(_OWN):
            return False
        future = self._asked.get(frame.id)
        if future is None or future.done():
            return True
        try:
            if isinstance(frame, frames.CallErrorFrame):
                raise CallError(frame.code, frame.description, frame.details)
            future.set_result(codec.decode(wire.GetVariablesResponse, frame.payload))
        except CallError as error:
            future.set_exception(error)
        return True


_THERE = (wire.GetVariableStatusEnum.Accepted, wire.GetVariableStatusEnum.Rejected)


def _actual(data: wire.SetVariableData) -> bool:
    return data.attribute_type in (None, wire.AttributeEnum.Actual)
