"""What a fault makes of one frame: text in, what leaves instead of it out. No I/O, no time."""

import re
from collections.abc import Callable
from typing import cast

import msgspec

from ohmstead.ports.protocol_faults import (
    CorruptFrame,
    DelayFrame,
    DoubleFrame,
    DropFrame,
    ErrorInstead,
    MissingField,
    OldCallAgain,
    OtherAnswer,
    OversizeFrame,
    ProtocolFault,
    ReorderFrame,
    WrongMessageId,
    WrongValue,
)
from ohmstead.wire.codec import ENCODER

VENDOR = "org.ohmstead.protocol-fault"
"""vendorId of the customData that makes a frame large."""
_STEP = re.compile(r"(\w+)|\[(\d+)\]")


class Departure(msgspec.Struct, frozen=True):
    """One frame that leaves the station."""

    text: str
    delay: float = 0.0
    """Seconds until it does."""
    overtaken: float | None = None
    """The next frame goes first; if none comes, it leaves after so many seconds."""


OldCalls = Callable[[OldCallAgain], str | None]
"""Returns the CALL that goes again; None: none of that action has been answered."""


def befall(fault: ProtocolFault, frame: Departure, old_calls: OldCalls) -> tuple[Departure, ...] | None:
    """Return what leaves instead of a frame; None: the fault finds nothing in it that it could act on."""
    match fault:
        case DropFrame():
            return ()
        case DoubleFrame():
            return (frame, frame)
        case DelayFrame(seconds=seconds):
            return (msgspec.structs.replace(frame, delay=frame.delay + seconds),)
        case ReorderFrame(seconds=seconds):
            return (msgspec.structs.replace(frame, overtaken=seconds),)
        case OldCallAgain():
            again = old_calls(fault)
            return None if again is None else (Departure(again), frame)
        case _:
            text = _rewritten(fault, frame.text)
            return None if text is None else (msgspec.structs.replace(frame, text=text),)


def _rewritten(fault: ProtocolFault, text: str) -> str | None:
    if isinstance(fault, CorruptFrame) and fault.damage in ("not_json", "cut_off"):
        return text[: len(text) // 2] if fault.damage == "cut_off" else text.replace('"', "'")
    elements: list[object] = msgspec.json.decode(text)
    match fault:
        case CorruptFrame(damage="message_type"):
            elements[0] = 9
        case CorruptFrame():
            elements[_payload_at(elements)] = ENCODER.encode(elements[_payload_at(elements)]).decode()
        case WrongMessageId(message_id=message_id):
            elements[1] = message_id
        case ErrorInstead(code=code, description=description):
            elements = [4, elements[1], code, description, {}]
        case OtherAnswer(payload=payload):
            elements = [3, elements[1], payload]
        case OversizeFrame(bytes=size):
            _grow(elements, size)
        case WrongValue(path=path, value=value):
            if not _set(elements[_payload_at(elements)], path, value):
                return None
        case MissingField(path=path):
            if not _remove(elements[_payload_at(elements)], path):
                return None
        case _:
            raise AssertionError(f"{fault!r} rewrites no frame")
    return ENCODER.encode(elements).decode()


def _payload_at(elements: list[object]) -> int:
    return {2: 3, 3: 2}.get(elements[0] if isinstance(elements[0], int) else 0, 4)


def _grow(elements: list[object], size: int) -> None:
    payload = elements[_payload_at(elements)]
    if not isinstance(payload, dict):
        return
    payload["customData"] = {"vendorId": VENDOR, "padding": ""}
    missing = size - len(ENCODER.encode(elements))
    payload["customData"]["padding"] = "x" * max(0, missing)


def _steps(path: str) -> list[str | int]:
    return [name or int(index) for name, index in _STEP.findall(path)]


def _set(payload: object, path: str, value: object) -> bool:
    """Set a field; objects on the way are made, items of lists have to be there."""
    *way, last = _steps(path)
    holder = payload
    for step in way:
        if isinstance(holder, dict) and isinstance(step, str):
            holder.setdefault(step, {})
        if not _has(holder, step):
            return False
        holder = _inside(holder)[step]
    if not _has(holder, last) and not (isinstance(holder, dict) and isinstance(last, str)):
        return False
    _inside(holder)[last] = value
    return True


def _remove(payload: object, path: str) -> bool:
    *way, last = _steps(path)
    holder = payload
    for step in way:
        if not _has(holder, step):
            return False
        holder = _inside(holder)[step]
    if not _has(holder, last):
        return False
    del _inside(holder)[last]
    return True


def _has(holder: object, step: str | int) -> bool:
    if isinstance(holder, list):
        return isinstance(step, int) and step < len(holder)
    return isinstance(holder, dict) and step in holder


def _inside(holder: object) -> dict[str | int, object]:
    """Return an object or a list as what both are to a step that `_has` has found."""
    return cast(dict[str | int, object], holder)
