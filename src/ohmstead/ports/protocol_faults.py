"""Faults of the protocol, on purpose: what a station does wrong on the wire so that its CSMS can show what it bears.

A fault is one of the types of this file and nothing else: control API, page, scenario and Python say it in the same
words. It acts on frames that leave the station, so that the station itself stays as it is.
"""

from collections.abc import Callable
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal, Protocol, get_args

import msgspec
from msgspec import Meta

from ohmstead.wire.errors import DESCRIPTION_LENGTH, ErrorCode
from ohmstead.wire.frames import MESSAGE_ID_LENGTH

MOST_ACTIVE = 32
"""Faults at one time."""
LARGEST_FRAME = 16 << 20
"""Bytes of what `oversize` makes of a frame at most."""
WHOLE_PAYLOAD = "$"
"""The path of the payload as a whole."""

ActionName = Annotated[str, Meta(pattern="^[A-Za-z0-9]{1,50}$", description="An action of OCPP; none: all of them.")]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Seconds = Annotated[float, Meta(ge=0.001, le=86400)]
Path = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\[[0-9]{1,4}\])*(\.[A-Za-z_][A-Za-z0-9_]*(\[[0-9]{1,4}\])*){0,19}$",
        max_length=200,
        description="Where in the payload: `evse.id`, `meterValue[0].sampledValue[0].value`.",
    ),
]
AnyJson = Annotated[object, Meta(extra_json_schema={"description": "JSON of any kind."})]
Direction = Literal["sends", "answers"]


class FaultNotTaken(Exception):
    """A fault cannot be added; the text says why and what would be right."""


class NoSuchFault(Exception):
    """No fault with that number is active."""


class _Frames(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    """Which frames a fault befalls: those of an action, every n-th of them, so many times."""

    summary: ClassVar[str]

    action: ActionName | None = None
    every: Annotated[Count, Meta(description="Only each n-th of those frames.")] = 1
    times: Annotated[Count | None, Meta(description="So often; none: until it is cleared.")] = None


class _EitherWay(_Frames, frozen=True, kw_only=True):
    direction: Annotated[Direction, Meta(description="What the station sends, or what it answers to the CSMS.")] = (
        "sends"
    )


class _Sent(_Frames, frozen=True, kw_only=True):
    direction: ClassVar[Direction] = "sends"


class _Answered(_Frames, frozen=True, kw_only=True):
    direction: ClassVar[Direction] = "answers"


class DropFrame(_EitherWay, frozen=True, kw_only=True, tag="drop"):
    """The frame does not leave the station, which believes that it has."""

    summary = "Drop"


class DelayFrame(_EitherWay, frozen=True, kw_only=True, tag="delay"):
    """The frame leaves later; those after it may overtake it."""

    summary = "Delay"

    seconds: Seconds


class DoubleFrame(_EitherWay, frozen=True, kw_only=True, tag="double"):
    """The frame leaves twice, one right after the other."""

    summary = "Send twice"


class ReorderFrame(_EitherWay, frozen=True, kw_only=True, tag="reorder"):
    """The frame leaves right after the next one, whichever that is; if none comes, after so many seconds."""

    summary = "Let the next one overtake it"

    seconds: Annotated[Seconds, Meta(description="How long it waits for another one at most.")] = 10.0


class CorruptFrame(_EitherWay, frozen=True, kw_only=True, tag="corrupt"):
    """The frame is damaged: no JSON at all, cut off in the middle, or of a wrong type.

    `payload_type` makes a string of the payload, `message_type` writes 9 where 2, 3 or 4 should be.
    """

    summary = "Damage it"

    damage: Literal["not_json", "cut_off", "payload_type", "message_type"] = "not_json"


class WrongMessageId(_EitherWay, frozen=True, kw_only=True, tag="wrong_id"):
    """The frame carries another message id: an answer that nobody has asked for, a CALL whose answer goes astray."""

    summary = "Wrong message id"

    message_id: Annotated[
        str, Meta(min_length=1, max_length=MESSAGE_ID_LENGTH, description="The id that it carries instead.")
    ] = "00000000-0000-0000-0000-00000000dead"


class OversizeFrame(_EitherWay, frozen=True, kw_only=True, tag="oversize"):
    """The frame grows, by customData that the schemas allow, until it has so many bytes."""

    summary = "Oversize"

    bytes: Annotated[int, Meta(ge=1024, le=LARGEST_FRAME)] = (1 << 20) + 1


class WrongValue(_EitherWay, frozen=True, kw_only=True, tag="wrong_value"):
    """A field of the payload has another value, of any type; it is added where it is missing."""

    summary = "Wrong value of a field"

    path: Path
    value: AnyJson


class MissingField(_EitherWay, frozen=True, kw_only=True, tag="missing_field"):
    """A field of the payload is left out."""

    summary = "Leave a field out"

    path: Path


class ErrorInstead(_Answered, frozen=True, kw_only=True, tag="error"):
    """The station answers a CALL of the CSMS with a CALLERROR instead; what it was asked for it does all the same."""

    summary = "CALLERROR instead"

    code: Annotated[
        str, Meta(min_length=1, max_length=50, description="Of OCPP, or any other word.", examples=list(ErrorCode))
    ] = ErrorCode.InternalError.value
    description: Annotated[str, Meta(max_length=DESCRIPTION_LENGTH)] = ""


class OtherAnswer(_Answered, frozen=True, kw_only=True, tag="answer"):
    """The station answers a CALL of the CSMS with this payload; what it was asked for it does all the same."""

    summary = "Answer with this"

    payload: AnyJson


class OldCallAgain(_Sent, frozen=True, kw_only=True, tag="old_call"):
    """Ahead of the frame goes a CALL that the CSMS has answered before.

    With its own message id it is a repetition (Part 4, 4.1.4), with a new one an event that is told twice: the same
    transactionId and seqNo. Nothing happens before a CALL of that action has been answered.
    """

    summary = "An old CALL again"

    again: Annotated[str, Meta(pattern="^[A-Za-z0-9]{1,50}$", description="The action of the old CALL.")] = (
        "TransactionEvent"
    )
    back: Annotated[int, Meta(ge=1, le=20, description="1: the last one that was answered, 2: the one before ...")] = 1
    message_id: Annotated[Literal["same", "new"], Meta(description="Its own, or one that it has not had.")] = "same"


ProtocolFault = (
    DropFrame
    | DelayFrame
    | DoubleFrame
    | ReorderFrame
    | CorruptFrame
    | WrongMessageId
    | OversizeFrame
    | WrongValue
    | MissingField
    | ErrorInstead
    | OtherAnswer
    | OldCallAgain
)
FAULT_KINDS = MappingProxyType({str(kind.__struct_config__.tag): kind for kind in get_args(ProtocolFault)})
"""Each kind of fault by the word that names it where it travels."""


class ActiveFault(msgspec.Struct, frozen=True, kw_only=True):
    """One fault, and what has come of it."""

    number: int
    """Counts from 1 for the life of the process."""
    fault: ProtocolFault
    matched: int = 0
    """Frames that it is about, so far."""
    applied: int = 0
    """How often it has acted."""
    last: str = ""
    """What it did last, one line."""

    def label(self) -> str:
        """Return it in a few words, for people: `drop what the station sends: Heartbeat, 2 times`."""
        fault = self.fault
        often = [] if fault.every == 1 else [f"each {fault.every}th"]
        often += ["until it is cleared" if fault.times is None else f"{fault.times} times"]
        kind = fault.__struct_config__.tag
        return f"{kind} what the station {fault.direction}: {', '.join([fault.action or 'every action', *often])}"


class ProtocolFaults(Protocol):
    """The faults of one station; they outlive its reboots, and not its process."""

    @property
    def active(self) -> tuple[ActiveFault, ...]:
        """Return those that still act, oldest first."""
        ...

    @property
    def spent(self) -> tuple[ActiveFault, ...]:
        """Return the last of those that have acted as often as they should, or were cleared, newest first."""
        ...

    def add(self, fault: ProtocolFault) -> ActiveFault:
        """Let a fault act from now on. Raises FaultNotTaken."""
        ...

    def clear(self, number: int | None = None) -> None:
        """End one fault, or all of them. Raises NoSuchFault."""
        ...

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call a function whenever something about them has changed."""
        ...
