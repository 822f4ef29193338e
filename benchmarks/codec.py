"""Text of a frame to a validated message, and back: this project beside the package `ocpp`, validation on in both.

Both are measured over the whole path that a message takes. Ours: `frames.parse` and `codec.decode`; `codec.encode`, the
check of what is sent, and `frames.call`. The package's: `unpack`, its JSON-schema validation and its conversion of
names; conversion, validation and `to_json`. Its hand-over to a thread is left out, so it is measured at its best.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec
from ocpp.charge_point import camel_to_snake_case, remove_nones, serialize_as_dict, snake_to_camel_case
from ocpp.messages import Call, _validate_payload, unpack
from ocpp.v201 import call

from benchmarks.measure import Figure, figure, taking_turns
from benchmarks.report import Row
from benchmarks.samples import BOOT_NOTIFICATION, MESSAGE_ID, NOTIFY_REPORT, TRANSACTION_EVENT
from ohmstead.wire import codec, frames
from ohmstead.wire.actions import ACTION_OF
from ohmstead.wire.base import Request, Response

RequestT = TypeVar("RequestT", bound=Request[Response])
MESSAGES: Mapping[str, Request[Response]] = {
    "BootNotification": BOOT_NOTIFICATION,
    "TransactionEvent": TRANSACTION_EVENT,
    "NotifyReport, 50 entries": NOTIFY_REPORT,
}
TIMES = 200
"""How many times as fast as the package a TransactionEvent has to be read."""
MOST = 10.0
"""Microseconds that reading it may take."""


def measure(rounds: int, seconds: float) -> list[Row]:
    """Measure every message in both directions."""
    return [row for name, message in MESSAGES.items() for row in _rows(name, message, rounds, seconds)]


def _rows(name: str, message: Request[Response], rounds: int, seconds: float) -> list[Row]:
    text = write(message)
    payload = _payload(text)
    size = f"{len(text):,} B"
    read = taking_turns(_reader(type(message), text), lambda: ocpp_read(text), rounds=rounds, seconds=seconds)
    wrote = taking_turns(lambda: write(message), lambda: ocpp_write(payload), rounds=rounds, seconds=seconds)
    targeted = message is TRANSACTION_EVENT
    return [
        _row(f"read {name} ({size})", read, targeted=targeted),
        _row(f"write {name}", wrote, targeted=False),
    ]


def _row(what: str, times: tuple[list[float], list[float]], *, targeted: bool) -> Row:
    ours, theirs = times
    ratio = figure([their / our for our, their in zip(ours, theirs, strict=True)], "x")
    mine: Figure = figure(ours, "us")
    return Row(
        section="Messages, validated, microseconds",
        what=what,
        ours=mine,
        peer=figure(theirs, "us"),
        ratio=ratio,
        target=f"< {MOST:g} us and >= {TIMES}x" if targeted else "",
        passed=(mine.median < MOST and ratio.median >= TIMES) if targeted else None,
    )


def _reader(kind: type[RequestT], text: str) -> Callable[[], RequestT]:
    def read() -> RequestT:
        frame = frames.parse(text)
        assert isinstance(frame, frames.Call)
        return codec.decode(kind, frame.payload)

    return read


def write(message: Request[Response]) -> str:
    """Return the CALL, checked against the schema as the station does before it sends."""
    raw = codec.encode(message)
    codec.check(type(message), raw)
    return frames.call(MESSAGE_ID, ACTION_OF[type(message)], msgspec.Raw(raw))


def ocpp_read(text: str) -> object:
    """Take the way of an incoming CALL in the package's `route_message`, up to the handler."""
    message = unpack(text)
    _validate_payload(message, "2.0.1")
    return camel_to_snake_case(message.payload)


def _payload(text: str) -> object:
    """Make the package's request out of a CALL, nested dictionaries as its users write them."""
    message = unpack(text)
    return getattr(call, message.action)(**camel_to_snake_case(message.payload))


def ocpp_write(payload: object) -> str:
    """Take the way of an outgoing CALL in the package's `call`, up to the socket."""
    camel = snake_to_camel_case(serialize_as_dict(payload))
    message = Call(unique_id=MESSAGE_ID, action=type(payload).__name__, payload=remove_nones(camel))
    _validate_payload(message, "2.0.1")
    text: str = message.to_json()
    return text
