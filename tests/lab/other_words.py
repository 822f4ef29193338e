"""Our station with its frames changed on their way out: what it does stays right, what it says is another thing."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from ohmstead.rpc.connection import RpcConnection
from ohmstead.wire.base import Payload
from ohmstead.wire.errors import CallError, ErrorCode
from ohmstead.wire.peer import CallReceived, Peer
from tests.lab.mutation import replaced

Frame = list[Any]
Change = Callable[[Frame], list[Frame]]
"""What goes out instead of a frame: nothing, another one, several."""


@contextmanager
def says(change: Change) -> Iterator[None]:
    """Let the station say other things."""

    async def send(right: Callable[..., Any], self: RpcConnection, text: str) -> None:
        for frame in change(json.loads(text)):
            await right(self, json.dumps(frame))

    with replaced(RpcConnection, "_send", send):
        yield


def text_changed(change: Callable[[str], str]) -> Change:
    """Change the text of every frame."""
    return lambda frame: [json.loads(change(json.dumps(frame)))]


def field_changed(name: str, change: Callable[[Any], Any]) -> Change:
    """Change a field wherever it stands."""

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: change(one) if key == name else changed(one) for key, one in value.items()}
        return [changed(one) for one in value] if isinstance(value, list) else value

    return lambda frame: [changed(frame)]


def field_removed(name: str) -> Change:
    """Leave a field out wherever it may stand."""

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: changed(one) for key, one in value.items() if key != name}
        return [changed(one) for one in value] if isinstance(value, list) else value

    return lambda frame: [changed(frame)]


def without(action: str) -> Change:
    """Never send a CALL of this action."""
    return lambda frame: [] if frame[0] == 2 and frame[2] == action else [frame]


@contextmanager
def refuses(action: str, code: ErrorCode) -> Iterator[None]:
    """Answer every CALL of this action with a CALLERROR, and do nothing."""

    async def handle(right: Callable[..., Any], self: RpcConnection, asked: CallReceived) -> object:
        if asked.action != action:
            return await right(self, asked)
        return self._peer.refuse(asked.id, CallError(code)), None

    with replaced(RpcConnection, "_handle", handle):
        yield


@contextmanager
def bare(kind: type[Payload]) -> Iterator[None]:
    """Leave every optional field out of the messages of a kind."""

    def encode(right: Callable[..., Any], self: Peer, message: Payload, *options: object) -> object:
        return right(self, required_only(message) if isinstance(message, kind) else message, *options)

    with replaced(Peer, "_encode", encode):
        yield


def required_only(value: Any) -> Any:
    """Return a message, or what is in it, with what it must have."""
    if isinstance(value, tuple):
        return tuple(map(required_only, value))
    if not isinstance(value, Payload):
        return value
    fields = msgspec.structs.fields(value)
    return type(value)(**{one.name: required_only(getattr(value, one.name)) for one in fields if one.required})
