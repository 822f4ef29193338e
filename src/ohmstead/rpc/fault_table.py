"""The faults of one station's protocol: which are active, and what they make of a frame that wants to leave."""

import logging
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import TypeVar

import msgspec

from ohmstead.ports.protocol_faults import (
    MOST_ACTIVE,
    ActiveFault,
    Direction,
    FaultNotTaken,
    NoSuchFault,
    OldCallAgain,
    ProtocolFault,
)
from ohmstead.rpc.connection import Direction as Way
from ohmstead.rpc.frame_faults import Departure, befall
from ohmstead.wire import frames
from ohmstead.wire.actions import ACTIONS
from ohmstead.wire.codec import ENCODER

SPENT = 20
"""Faults that are remembered after their end."""
_REMEMBERED = 256
"""CALLs in each direction whose answer is waited for."""
_OLD_CALLS = 20
"""CALLs of one action that are kept once they were answered, if they are no longer than this:"""
_OLD_CALL = 64 << 10

_log = logging.getLogger(__name__)


class FaultTable:
    """Implements `ports.protocol_faults.ProtocolFaults`; nothing acts on a frame unless a fault is active."""

    def __init__(self) -> None:
        self.active: tuple[ActiveFault, ...] = ()
        self.spent: tuple[ActiveFault, ...] = ()
        self._number = 0
        self._again = 0
        self._watchers: list[Callable[[], None]] = []
        self._asked: OrderedDict[str, str] = OrderedDict()
        self._said: OrderedDict[str, tuple[str, str]] = OrderedDict()
        self._answered: dict[str, deque[str]] = {}

    # What people do

    def add(self, fault: ProtocolFault) -> ActiveFault:
        """Let a fault act from now on. Raises FaultNotTaken."""
        if len(self.active) >= MOST_ACTIVE:
            raise FaultNotTaken(f"{MOST_ACTIVE} protocol faults are active already: clear some of them first")
        named = [fault.action] if fault.action is not None else []
        named += [fault.again] if isinstance(fault, OldCallAgain) else []
        for action in named:
            if action not in ACTIONS:
                raise FaultNotTaken(f"{action} is no action of OCPP 2.0.1; right would be Heartbeat, for example")
        self._number += 1
        one = ActiveFault(number=self._number, fault=fault)
        self.active = (*self.active, one)
        _log.warning("protocol fault %d is active: %s", one.number, one.label())
        self._changed()
        return one

    def clear(self, number: int | None = None) -> None:
        """End one fault, or all of them. Raises NoSuchFault."""
        ended = [one for one in self.active if number in (None, one.number)]
        if number is not None and not ended:
            raise NoSuchFault(f"no protocol fault {number} is active")
        for one in ended:
            self._end(one)
        if ended:
            self._changed()

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call a function whenever something about them has changed."""
        self._watchers.append(watcher)

    # What happens on the wire

    def seen(self, way: Way, text: str) -> None:
        """Take note of a frame as the station means it: what is asked, and what has been answered."""
        frame = _read(text)
        if way is Way.Received:
            if isinstance(frame, frames.Call):
                _remember(self._asked, frame.id, frame.action)
            elif frame is not None and (said := self._said.pop(frame.id, None)) is not None:
                self._answered.setdefault(said[0], deque(maxlen=_OLD_CALLS)).append(said[1])
        elif isinstance(frame, frames.Call) and frame.action in ACTIONS and len(text) <= _OLD_CALL:
            _remember(self._said, frame.id, (frame.action, text))

    def depart(self, text: str) -> tuple[Departure, ...]:
        """Return what leaves instead of a frame, in this order."""
        frame = _read(text)
        leaving: tuple[Departure, ...] = (Departure(text),)
        if frame is None:
            return leaving
        direction: Direction = "sends" if isinstance(frame, frames.Call) else "answers"
        action = frame.action if isinstance(frame, frames.Call) else self._asked.get(frame.id, "")
        for one in self.active:
            if one.fault.direction == direction and one.fault.action in (None, action):
                leaving = self._act(one, leaving, f"{action} {frame.id}")
        return leaving

    def _act(self, one: ActiveFault, leaving: tuple[Departure, ...], what: str) -> tuple[Departure, ...]:
        matched = msgspec.structs.replace(one, matched=one.matched + 1)
        outcome: tuple[Departure, ...] = ()
        acted = False
        for frame in leaving if matched.matched % one.fault.every == 0 else ():
            instead = befall(one.fault, frame, self._old_call)
            acted = acted or instead is not None
            outcome += (frame,) if instead is None else instead
        if acted:
            matched = msgspec.structs.replace(matched, applied=one.applied + 1, last=what)
            _log.warning("protocol fault %d acts on %s: %s", one.number, what, one.label())
        self.active = tuple(matched if each.number == one.number else each for each in self.active)
        if matched.applied == one.fault.times:
            self._end(matched)
        self._changed()
        return outcome if acted else leaving

    def _old_call(self, fault: OldCallAgain) -> str | None:
        kept = self._answered.get(fault.again, deque())
        if len(kept) < fault.back:
            return None
        text = kept[-fault.back]
        if fault.message_id == "same":
            return text
        self._again += 1
        elements: list[object] = msgspec.json.decode(text)
        elements[1] = f"again-{self._again}-{elements[1]}"[: frames.MESSAGE_ID_LENGTH]
        return ENCODER.encode(elements).decode()

    def _end(self, one: ActiveFault) -> None:
        self.active = tuple(each for each in self.active if each.number != one.number)
        self.spent = (one, *self.spent)[:SPENT]
        _log.warning("protocol fault %d has ended: it acted %d times", one.number, one.applied)

    def _changed(self) -> None:
        for watcher in self._watchers:
            watcher()


def _read(text: str) -> frames.Frame | None:
    try:
        return frames.parse(text, max(len(text), frames.DEFAULT_LIMIT) * 4)
    except frames.FrameError:
        return None


_Kept = TypeVar("_Kept")


def _remember(memory: OrderedDict[str, _Kept], key: str, value: _Kept) -> None:
    memory[key] = value
    while len(memory) > _REMEMBERED:
        memory.popitem(last=False)
