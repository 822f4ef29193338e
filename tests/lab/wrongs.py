"""Ways of being wrong that many mutants share."""

from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from typing import Any

import msgspec

from ohmstead.model.device import Variable
from ohmstead.model.device.component import Component
from ohmstead.ports.calls import Answer
from ohmstead.wire.base import Response
from tests.lab.mutation import replaced

Wrong = Callable[[], AbstractContextManager[None]]


def nothing(_right: object, *_arguments: object, **_options: object) -> None:
    """Do nothing."""


def always(value: object) -> Callable[..., object]:
    """Return a value, whatever is true."""
    return lambda _right, *_arguments, **_options: value


def ignored(variable: Variable[Any], value: object) -> Wrong:
    """Let the station behave as if a variable had this value; what it reports of the variable stays right."""

    def read(right: Callable[..., object], self: Component, asked: object) -> object:
        seen = right(self, asked)
        return value if asked is variable else seen

    return lambda: replaced(Component, "read", read)


def answered(owner: object, method: str, **fields: Any) -> Wrong:
    """Do what is right, and answer something else: the fields of the response that differ."""

    def wrong(right: Callable[..., Any], *arguments: object) -> object:
        result = right(*arguments)
        return _awaited(result, fields) if isinstance(result, Coroutine) else _changed(result, fields)

    return lambda: replaced(owner, method, wrong)


def instead(owner: object, method: str, response: Response) -> Wrong:
    """Answer this, and do nothing."""
    return lambda: replaced(owner, method, always(response))


async def _awaited(result: Coroutine[Any, Any, Any], fields: dict[str, Any]) -> object:
    return _changed(await result, fields)


def _changed(result: Response | Answer, fields: dict[str, Any]) -> object:
    if isinstance(result, Answer):
        return msgspec.structs.replace(result, response=msgspec.structs.replace(result.response, **fields))
    return msgspec.structs.replace(result, **fields)
