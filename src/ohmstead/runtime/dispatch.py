"""From an incoming CALL to the block that serves it: the method that declares so with `@serves`."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext

from ohmstead.blocks.context import Registration
from ohmstead.blocks.hooks import Handler
from ohmstead.ports.calls import Answer
from ohmstead.ports.store import StoreFailed
from ohmstead.runtime.refusals import not_stored
from ohmstead.wire.actions import ACTION_OF, ACTIONS
from ohmstead.wire.base import Request, Response
from ohmstead.wire.errors import CallError, ErrorCode
from ohmstead.wire.identifiers import IDENTIFIER_WORDS, comes_back, slip

PENDING_SERVES = frozenset(
    {
        "GetBaseReport",
        "GetReport",
        "GetVariables",
        "RequestStartTransaction",
        "RequestStopTransaction",
        "SetVariables",
        "TriggerMessage",
    }
)
"""What a Pending station serves (B02.FR.01, B02.FR.05); the rest gets SecurityError, as after Rejected (B03.FR.08)."""


class Dispatch:
    """Serves CALLs with the handlers of the blocks, each inside a unit of work."""

    def __init__(
        self,
        handlers: Mapping[type[Request[Response]], Handler],
        unit: Callable[[], AbstractContextManager[None]],
        registration: Callable[[], Registration],
    ) -> None:
        self._unit = unit
        self._registration = registration
        self._handlers = handlers
        self._actions = {ACTION_OF[request] for request in handlers}
        self._serving = False
        self._then: list[Callable[[], None]] = []

    def supports(self, action: str) -> bool:
        """Say whether an action is served; a known one that is not gets NotSupported."""
        return action in self._actions

    def serve(self, request: Request[Response]) -> Response | Answer | Awaitable[Response | Answer]:
        """Serve a CALL. What the handler wrote is committed before its response leaves (decided case 13).

        What could not be stored is refused: Rejected where the response can say so, as in C11.FR.05.
        """
        action = ACTION_OF[type(request)]
        registration = self._registration()
        if registration is Registration.Rejected:
            raise CallError(ErrorCode.SecurityError, "the CSMS has rejected this station")
        if registration is not Registration.Accepted and action not in PENDING_SERVES:
            raise CallError(ErrorCode.SecurityError, f"{action} is not served until the CSMS has accepted this station")
        _check_repeatable(request)
        handler = self._handlers[type(request)]
        if inspect.iscoroutinefunction(handler.serve):
            return handler.serve(request)
        self._serving = True
        try:
            with nullcontext() if handler.commits_itself else self._unit():
                result = handler.serve(request)
        except StoreFailed:
            self._then.clear()
            return not_stored(ACTIONS[action][1])
        finally:
            self._serving = False
            then, self._then = self._then, []
        return _followed(result, then) if then else result

    def then(self, effect: Callable[[], None]) -> None:
        """Run an effect once the response to the CALL that is being served is written; at once if there is none."""
        if self._serving:
            self._then.append(effect)
        else:
            effect()


def _check_repeatable(request: Request[Response]) -> None:
    """Refuse, before anything is done, what the response would have to repeat and no station may say."""
    path = slip(request) if comes_back(type(request)) else None
    if path is not None:
        text = f"{path}: not {IDENTIFIER_WORDS}"
        raise CallError(ErrorCode.PropertyConstraintViolation, text, {"path": path})


def _followed(
    result: Response | Answer | Awaitable[Response | Answer], then: list[Callable[[], None]]
) -> Response | Answer | Awaitable[Response | Answer]:
    answer = Answer(result) if isinstance(result, Response) else result
    if not isinstance(answer, Answer):
        return answer

    def follow() -> None:
        for effect in (*([answer.then] if answer.then else []), *then):
            effect()

    return Answer(answer.response, follow)
