"""The evidence of one case: everything that crossed the border between the lab and its rig, in order and with times.

What the lab did, what came of it, what came by itself and what was looked at: enough to run the case again without a
station (`replay`). A tape is text, one JSON object a line: a `TapeHead`, then entries up to one of kind `end`; after
that comes only what became of a station that outlives its cases, entries of kind `after`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

import msgspec

from ohmstead.lab.rig import PersistentStation
from ohmstead.lab.verdict import Inconclusive
from ohmstead.ports.hand import HandRefused
from ohmstead.ports.link import LinkLost
from ohmstead.wire.printable import json_line

T = TypeVar("T")

FORMAT = "ohmstead-evidence/4"
FIRST_FINDING_FORMAT = "ohmstead-evidence/3"
"""Of a lab that ended a case at its first finding."""
ONE_PROFILE_FORMAT = "ohmstead-evidence/2"
"""Of one that began a case in the first of its security profiles only, too."""
PLAIN_FORMAT = "ohmstead-evidence/1"
"""Of earlier versions, which are still judged: passwords stand there as they were."""
NOTHING = msgspec.Raw(b"")
"""Where a line has no value; it is left out of the JSON."""
ERRORS: dict[str, type[Exception]] = {
    error.__name__: error for error in (HandRefused, Inconclusive, LinkLost, ValueError)
}
"""What an action of the rig may raise, by name."""
CANCELLED = "CancelledError: "
"""What an action came to that the lab did not wait for any longer."""
INTERRUPTED = "interrupted"
"""`after`: why nothing can be said of what was seen: somebody else was at the station."""
LEFT = "left"
"""`after`: what could not be brought back to what was found, a list of texts."""
SECOND = "second connection"
"""`after`: connections that took the place of one that was still open, a list of sentences."""
ASK = "hand.ask"
"""`after`: what a person was asked to do before the next case."""


class TapeError(Exception):
    """Evidence that cannot be read: which line, and why."""


class Kind(StrEnum):
    """What a line of a tape tells of."""

    Action = "did"
    """The lab did something: sent a frame, moved the hand, opened an endpoint."""
    Done = "done"
    """What the line `of` has come to."""
    Message = "came"
    """Something came by itself: a handshake, a connection, a frame, the end of a connection."""
    Observation = "saw"
    """The lab looked at something that changes by itself; no value: as before."""
    End = "end"
    After = "after"
    """What became of the station when the case was over."""


class TapeHead(msgspec.Struct, frozen=True, kw_only=True):
    """The first line."""

    format: str = FORMAT
    case: str
    bench: str
    tolerance: float
    patience: float
    began: float
    """Seconds of the loop; `at` of every entry counts like this."""
    wall: datetime
    """The lab's clock at `began`."""
    key: str = ""
    """Of the digests that stand for passwords (`digests`); empty where these were kept."""
    persistent: PersistentStation | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="guest")
    """Where the station was there before the case."""


class TapeEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Every other line."""

    at: float
    kind: Kind
    what: str = ""
    """`send 1`, `hand.plug`, `frame 1`, `handshake` ...; the number is that of the connection or the endpoint."""
    text: str | None = None
    """A frame."""
    args: msgspec.Raw = NOTHING
    """With what it was done: a JSON array."""
    value: msgspec.Raw = NOTHING
    """What came, what was seen, what was returned."""
    of: int = 0
    """Of `done`: the number of the line that it ends; the first entry is number 1."""
    error: str = ""
    """What it came to instead: the exception, and after a colon its text."""
    same_step: bool = False
    """In one step of one task of the lab with the line before: nothing else of the lab ran between the two, whatever
    their times say. Earlier versions did not write it."""


class Tape:
    """A tape that is being written.

    Attributes:
        head: its first line.
        entries: the other ones.
    """

    def __init__(self, head: TapeHead) -> None:
        self.head = head
        self.entries: list[TapeEntry] = []
        self._seen: dict[str, bytes] = {}
        self._over = False
        self._steps = _Steps()

    def did(self, what: str, *args: object, text: str | None = None, value: object = None, error: str = "") -> int:
        """The lab does something, which returns at once; returns the number of the line."""
        arguments = _raw(args or None)
        return self._write(
            TapeEntry(at=_now(), kind=Kind.Action, what=what, text=text, args=arguments, value=_raw(value), error=error)
        )

    def take(self, what: str, _kind: type[T], action: Callable[[], T], /, *args: object) -> T:
        """Do what returns at once, write it down with what it came to, and return that (`border.Border`)."""
        try:
            value = action()
        except tuple(ERRORS.values()) as error:
            self.did(what, *args, error=named(error))
            raise
        self.did(what, *args, value=value)
        return value

    def came(self, what: str, value: object = None, *, text: str | None = None) -> None:
        """Something came by itself."""
        self._write(TapeEntry(at=_now(), kind=Kind.Message, what=what, text=text, value=_raw(value)))

    def look(self, what: str, _kind: type[T], action: Callable[[], T], /) -> T:
        """The lab looks at something (`border.Border`)."""
        value = action()
        written = msgspec.json.encode(value)
        news = NOTHING if self._seen.get(what) == written else msgspec.Raw(written)
        self._seen[what] = written
        self._write(TapeEntry(at=_now(), kind=Kind.Observation, what=what, value=news))
        return value

    async def act(
        self, what: str, _kind: type[T], action: Callable[[], Awaitable[T]], /, *args: object, text: str | None = None
    ) -> T:
        """Write down an action, do it, and write down what it came to, unless that was at once and nothing."""
        number = self.did(what, *args, text=text)
        began = _now()
        try:
            value = await action()
        except tuple(ERRORS.values()) as error:
            self.done(number, error=named(error))
            raise
        except asyncio.CancelledError:
            self.done(number, error=CANCELLED)
            raise
        if text is None or len(self.entries) > number or _now() > began:
            self.done(number, value)
        return value

    def done(self, number: int, value: object = None, *, error: str = "") -> None:
        """What the line of this number has come to."""
        self._write(TapeEntry(at=_now(), kind=Kind.Done, of=number, value=_raw(value), error=error))

    def end(self) -> None:
        """The case is over; what comes now is not written any more."""
        self._write(TapeEntry(at=_now(), kind=Kind.End))
        self._over = True

    def _write(self, entry: TapeEntry) -> int:
        if not self._over:
            same = self._steps.goes_on()
            self.entries.append(msgspec.structs.replace(entry, same_step=True) if same else entry)
        return len(self.entries)


class _Steps:
    """Tells whether a task has run on since the last question, or something else has run meanwhile."""

    def __init__(self) -> None:
        self._task: asyncio.Task[object] | None = None
        self._fresh = False

    def goes_on(self) -> bool:
        """Say whether the present task asked last, and has not waited for anything since.

        A task that waits is run again by the loop's next turn or a later one, after the mark that is set here.
        """
        before, self._task = self._task, asyncio.current_task()
        same = self._fresh and self._task is not None and self._task is before
        if not self._fresh:
            self._fresh = True
            asyncio.get_running_loop().call_soon(self._turn)
        return same

    def _turn(self) -> None:
        self._fresh = False


def named(error: Exception) -> str:
    """Return what a line says of an error of the rig: the name in `ERRORS`, a colon, its text."""
    name = next((name for name, kind in ERRORS.items() if isinstance(error, kind)), type(error).__name__)
    return f"{name}: {error}"


def after(what: str, *args: object, value: object = None, error: str = "") -> TapeEntry:
    """Return an entry that may follow the end of a tape."""
    return TapeEntry(at=_now(), kind=Kind.After, what=what, args=_raw(args or None), value=_raw(value), error=error)


def line(of: TapeHead | TapeEntry) -> str:
    """Return one line of a tape."""
    return f"{json_line(msgspec.json.encode(of)).decode()}\n"


def parted(entries: tuple[TapeEntry, ...]) -> tuple[tuple[TapeEntry, ...], tuple[TapeEntry, ...]]:
    """Return the entries up to the end of the case, and those after it. Raises TapeError if there is not one end."""
    ends = [number for number, entry in enumerate(entries, start=1) if entry.kind is Kind.End]
    played, later = entries[: ends[0] if ends else 0], entries[ends[0] if ends else 0 :]
    misplaced = any(entry.kind is Kind.After for entry in played)
    if not ends or misplaced or any(entry.kind is not Kind.After for entry in later):
        raise TapeError("it has no end, or goes on after it")
    return played, later


def read(text: str) -> tuple[TapeHead, tuple[TapeEntry, ...]]:
    """Read a tape. Raises TapeError."""
    # Not splitlines: a text in a frame may hold U+2028 and its like.
    lines = text.split("\n")[: text.count("\n") or 1]
    try:
        head = msgspec.json.decode(lines[0] if lines else "", type=TapeHead)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise TapeError(f"line 1: {error}") from None
    if head.format not in (FORMAT, FIRST_FINDING_FORMAT, ONE_PROFILE_FORMAT, PLAIN_FORMAT):
        raise TapeError(f"line 1: the format is {head.format!r}, not {FORMAT!r}")
    return head, tuple(_entries(lines[1:]))


def _entries(lines: list[str]) -> Iterator[TapeEntry]:
    before = float("-inf")
    for number, text in enumerate(lines, start=2):
        try:
            entry = msgspec.json.decode(text, type=TapeEntry)
        except (msgspec.DecodeError, UnicodeEncodeError) as error:
            raise TapeError(f"line {number}: {error}") from None
        if entry.at < before:
            raise TapeError(f"line {number}: earlier than the line before it")
        before = entry.at
        yield entry


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value)) if value is not None else NOTHING


def _now() -> float:
    return asyncio.get_running_loop().time()
