"""Judging again without a station: the case runs once more, and the tape is its rig.

Frames and handshakes come when the tape says so; what the lab does is compared with what the tape says it did, and has
no other effect. A tape on which the lab does something else than this case does is no evidence for it: `Misfit`.

Run it on a loop whose time starts at `TapeHead.began` and jumps (`edge.virtual_time`), or it takes as long as the case
did.
"""

import asyncio
import base64
from collections import deque
from collections.abc import Awaitable, Callable
from types import NoneType
from typing import TypeVar, cast

import msgspec

from ohmstead.lab.evidence.alike import alike
from ohmstead.lab.evidence.border import MAYBE_TEXT
from ohmstead.lab.evidence.digests import Digests, Unreadable, unreadable
from ohmstead.lab.evidence.steps import Steps
from ohmstead.lab.evidence.tape import CANCELLED, ERRORS, PLAIN_FORMAT, Kind, TapeEntry, TapeHead
from ohmstead.wire import frames

T = TypeVar("T")


class Misfit(Exception):
    """The tape is not what this case leaves behind; the text says where and why."""


class Player:
    """Plays a tape to a case.

    Attributes:
        head: of the tape.
        misfit: set once the tape is found not to fit.
        on: what is told of things that come, by the first word of `TapeEntry.what`.
    """

    def __init__(self, head: TapeHead, entries: tuple[TapeEntry, ...]) -> None:
        self.head = head
        self.misfit: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.on: dict[str, Callable[[int, TapeEntry], None]] = {}
        self._entries = entries
        self._digests = Digests(head.key)
        self._slack = max(head.tolerance, 0.05)
        self._at = 0
        self._made: set[int] = set()
        self._asking: dict[int, asyncio.Future[None]] = {}
        self._ends: dict[int, asyncio.Future[TapeEntry]] = {}
        self._news = asyncio.Event()
        self._dids: dict[str, deque[int]] = {}
        self._sights: dict[str, deque[TapeEntry]] = {}
        self._last: dict[str, msgspec.Raw] = {}
        self._steps = Steps(entries)
        loop = asyncio.get_running_loop()
        for number, entry in enumerate(entries, start=1):
            if entry.kind is Kind.Action:
                self._dids.setdefault(entry.what, deque()).append(number)
            elif entry.kind is Kind.Observation:
                self._sights.setdefault(entry.what, deque()).append(entry)
            elif entry.kind is Kind.Done:
                self._ends[entry.of] = loop.create_future()

    # What the tape does

    async def play(self) -> None:
        """Play every entry in its order and at its time; what the lab took in one step comes at the time of its first.

        The lab took the second of two frames before it went on with the first: in between, its time stands still.
        """
        for number, entry in enumerate(self._entries, start=1):
            self._at = number
            if entry.kind is Kind.Action:
                await self._let(number, entry)
            elif entry.kind in (Kind.Message, Kind.Done):
                if not self._steps.is_open(number):
                    await _until(entry.at)
                self._open(number)
                if entry.kind is Kind.Done:
                    self._finish(number, entry)

    def _open(self, number: int) -> None:
        """A step of the lab begins: everything that it takes is there."""
        for one in self._steps.open(number):
            if self._entries[one - 1].kind is Kind.Message:
                self._bring(self._entries[one - 1])

    async def _let(self, number: int, entry: TapeEntry) -> None:
        """Wait for the lab to do what it did, and let it."""
        while number not in self._made:
            if number in self._asking:
                await _until(entry.at)
                self._open(number)
                self._made.add(number)
                self._asking.pop(number).set_result(None)
                return
            self._news.clear()
            left = entry.at + self._slack - _now()
            if left < 0:
                self._fail(f"{_place(entry)}: the lab did {_short(entry)}, which the case does not do then")
                return
            try:
                async with asyncio.timeout(left + 0.001):
                    await self._news.wait()
            except TimeoutError:
                continue
        self._open(number)

    def _bring(self, entry: TapeEntry) -> None:
        name, _, number = entry.what.partition(" ")
        handler = self.on.get(name)
        if handler is None or not number.isdigit():
            self._fail(f"{_place(entry)}: {entry.what!r} means nothing")
            return
        try:
            handler(int(number), self._known(entry))
        except (Misfit, msgspec.DecodeError, ValueError, KeyError) as error:
            self._fail(f"{_place(entry)}: {entry.what}: {error}")

    def _finish(self, number: int, entry: TapeEntry) -> None:
        future = self._ends[entry.of]
        if future.done() and self._steps.are_one(number, entry.of):
            return
        if entry.error == CANCELLED and entry.of in self._made:
            # The lab did not wait for it; nor will the case, at its own time.
            return
        if entry.of not in self._made or future.done():
            self._fail(f"{_place(entry)}: the end of line {entry.of + 1}, which did not begin")
        else:
            future.set_result(entry)

    def _fail(self, text: str) -> None:
        if not self.misfit.done():
            self.misfit.set_result(text)

    # What the lab does

    def take(self, what: str, kind: type[T], _action: Callable[[], T], /, *args: object) -> T:
        """The lab does something that returns at once (`border.Border`). Raises Misfit, or what it raised."""
        number, entry = self._match(what, args, None)
        self._made.add(number)
        self._news.set()
        return value(_outcome(self._known(entry)).value, kind)

    async def act(
        self, what: str, kind: type[T], _action: Callable[[], Awaitable[T]], /, *args: object, text: str | None = None
    ) -> T:
        """The lab does something that takes time. Raises Misfit, or what it raised."""
        number, entry = self._match(what, args, text)
        if self._steps.is_open(number) or (self._at == number and _now() >= entry.at):
            self._open(number)
            self._made.add(number)
            self._news.set()
        else:
            granted = self._asking[number] = asyncio.get_running_loop().create_future()
            self._news.set()
            await granted
        end = self._ends.get(number)
        at_once = self._steps.end_of(number)
        if end is not None and at_once is not None and not end.done():
            end.set_result(at_once)
        return value((_outcome(self._known(await end)) if end is not None else self._known(entry)).value, kind)

    def look(self, what: str, kind: type[T], _action: Callable[[], T], /) -> T:
        """The lab looks at something; what it sees now. Raises Misfit."""
        left = self._sights.get(what, deque())
        # On a real clock the lab may look a little earlier or later than it did, so once more or once less.
        while len(left) > 1 and left[1].at < _now() - self._slack:
            self._take(what, left)
        if left and left[0].at <= _now() + self._slack:
            self._take(what, left)
        if what not in self._last:
            raise self._misfit(f"the case looks at {what}, of which the log knows nothing")
        return value(msgspec.Raw(self._digests.known(bytes(self._last[what]).decode()).encode()), kind)

    def _take(self, what: str, left: deque[TapeEntry]) -> None:
        entry = left.popleft()
        if bytes(entry.value):
            self._last[what] = entry.value

    def _match(self, what: str, args: tuple[object, ...], text: str | None) -> tuple[int, TapeEntry]:
        left = self._dids.get(what)
        if not left:
            raise self._misfit(f"{_now():.3f} s: the case does {what}{_words(args, text)}, the log has no more of it")
        number = left.popleft()
        entry = self._entries[number - 1]
        digests = self._digests
        given = digests.arguments(what, msgspec.Raw(msgspec.json.encode(args) if args else b""))
        text = digests.text(text)
        # A log of before key codes had digests is read as if it had them.
        logged = digests.arguments(what, entry.args)
        slack = 0.0 if self.head.bench == "memory" else 1.0 + self._slack
        if not (
            alike(digests.text(entry.text) or "", text or "", slack)
            and alike(bytes(logged).decode(), bytes(given).decode(), slack)
        ):
            raise self._misfit(
                f"{_place(entry)}: the case does {what}{_words(args, text)}, the log has {_short(entry)}"
            )
        return number, entry

    def _known(self, entry: TapeEntry) -> TapeEntry:
        """Return a line with the passwords that the case has used so far."""
        if not self.head.key:
            return entry
        text = None if entry.text is None else self._digests.known(entry.text)
        value = msgspec.Raw(self._digests.known(bytes(entry.value).decode()).encode())
        return msgspec.structs.replace(entry, text=text, value=value)

    def _misfit(self, text: str) -> Misfit:
        self._fail(text)
        return Misfit(text)

    async def finish(self) -> None:
        """The case is over: it has to end when it ended, with nothing left over. Raises Misfit."""
        end = self._entries[-1].at
        if abs(end - _now()) > self._slack:
            raise self._misfit(f"the case is over at {_now():.3f} s, the log at {end:.3f} s")
        # Answers under way are still given, and what comes at the very end may come before or after it.
        await _until(end)
        await asyncio.sleep(0)
        for number, entry in enumerate(self._entries, start=1):
            undone = entry.kind is Kind.Action and number not in self._made
            ahead = number > self._at and entry.at < end and not self._steps.is_open(number)
            unheard = entry.kind in (Kind.Message, Kind.Done) and ahead
            if undone or unheard:
                raise self._misfit(f"{_place(entry)}: the case is over, the log goes on with {_short(entry)}")


def value(raw: msgspec.Raw, kind: type[T]) -> T:
    """Return a value of the tape; of what comes to nothing, none is read. Raises Misfit."""
    if kind is NoneType or (kind == MAYBE_TEXT and not bytes(raw)):
        return cast(T, None)
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.DecodeError as error:
        raise Misfit(f"a value that cannot be read: {error}") from None


def frame(entry: TapeEntry, head: TapeHead) -> str | bytes:
    """Return the frame that an entry carries; one that cannot be read as earlier versions told of it."""
    if entry.text is None and bytes(entry.value).startswith(b"{"):
        return unreadable(entry.value)
    found = entry.text if entry.text is not None else base64.b64decode(value(entry.value, str))
    if head.format == PLAIN_FORMAT:
        try:
            frames.parse(found)
        except frames.FrameError as error:
            return Unreadable(str(error), repr(found[:200]))
    return found


def _outcome(entry: TapeEntry) -> TapeEntry:
    if entry.error:
        name, _, text = entry.error.partition(": ")
        raise ERRORS.get(name, Misfit)(text)
    return entry


async def _until(moment: float) -> None:
    """Wait for a moment of the loop, to the bit: `sleep` would add a difference and round."""
    if moment > _now():
        loop = asyncio.get_running_loop()
        arrived: asyncio.Future[None] = loop.create_future()
        loop.call_at(moment, arrived.set_result, None)
        await arrived


def _place(entry: TapeEntry) -> str:
    return f"{entry.at:.3f} s"


def _short(entry: TapeEntry) -> str:
    inside = entry.text or bytes(entry.args).decode() or bytes(entry.value).decode()
    return f"{entry.what} {inside[:120]}".strip()


def _words(args: tuple[object, ...], text: str | None) -> str:
    return f" {text[:120]}" if text else f" {msgspec.json.encode(args).decode()[:120]}" if args else ""


def _now() -> float:
    return asyncio.get_running_loop().time()
