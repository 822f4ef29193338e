"""Our station with its frames changed on their way out: what it does stays right, what it says is another thing."""

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ohmstead.rpc.connection import RpcConnection
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


def without(action: str) -> Change:
    """Never send a CALL of this action."""
    return lambda frame: [] if frame[0] == 2 and frame[2] == action else [frame]


def refusing(served: dict[str, str], action: str, code: str) -> Change:
    """Answer every CALL of this action with a CALLERROR; `served` has the action of each message id of the CSMS."""
    refused = functools.partial(lambda frame: [4, frame[1], code, "", {}])
    return lambda frame: [refused(frame) if frame[0] == 3 and served.get(frame[1]) == action else frame]
