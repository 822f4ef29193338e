"""Which method serves a request of the CSMS, and which hears an event of the model: declared beside the method.

    @serves(ResetRequest)
    def on_reset(self, request: ResetRequest) -> Answer: ...

    @hears(TransactionEnded)
    def when_transaction_ended(self, ended: TransactionEnded) -> None: ...

What is wrong with a declaration is a TypeError where its module is imported: a request or an event that does not exist,
the lack of a feature that the request needs, a method that takes or returns something else. `runtime/station.py`
collects all declarations at import, and there a second method for the same request is an error too, and a method
`on_...` or `when_...` without a declaration.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TypeVar, cast, get_args, get_type_hints

import msgspec

from ohmstead.model.events import Event
from ohmstead.ports.calls import Answer
from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import Product
from ohmstead.wire.actions import ACTION_OF, ACTIONS
from ohmstead.wire.base import Request, Response

Served = Response | Answer | Awaitable[Response | Answer]
"""What a handler returns: the response, with what follows it where something does."""
B = TypeVar("B")
Q = TypeVar("Q", bound=Request[Response])
S = TypeVar("S", bound=Served)
E = TypeVar("E", bound=Event)
Part = Callable[..., object]
"""The class of a block, or of something else that hears events."""
_EVENTS: frozenset[type] = frozenset(get_args(Event))
_SERVES, _HEARS = "_serves", "_hears"
OPTIONAL = {
    "ClearCache": Feature.AUTH_CACHE,
    "SendLocalList": Feature.LOCAL_LIST,
    "GetLocalListVersion": Feature.LOCAL_LIST,
    "ReserveNow": Feature.RESERVATION,
    "CancelReservation": Feature.RESERVATION,
    "GetMonitoringReport": Feature.DEVICE_MANAGEMENT,
    "SetMonitoringBase": Feature.DEVICE_MANAGEMENT,
    "SetVariableMonitoring": Feature.DEVICE_MANAGEMENT,
    "SetMonitoringLevel": Feature.DEVICE_MANAGEMENT,
    "ClearVariableMonitoring": Feature.DEVICE_MANAGEMENT,
    "SetDisplayMessage": Feature.DISPLAY_MESSAGES,
    "GetDisplayMessages": Feature.DISPLAY_MESSAGES,
    "ClearDisplayMessage": Feature.DISPLAY_MESSAGES,
}
"""Actions that only a product with a feature serves; its handler has to say so."""


class Service(msgspec.Struct, frozen=True):
    """The declaration of a handler."""

    request: type[Request[Response]]
    feature: Feature | None
    """A product without it answers NotSupported."""
    commits_itself: bool
    """Whether the handler answers for a commit that fails; the others are served inside a unit of work."""


class Handler(msgspec.Struct, frozen=True):
    """A handler of one station."""

    serve: Callable[[Request[Response]], Served]
    commits_itself: bool


def serves(
    request: type[Q], *, feature: Feature | None = None, commits_itself: bool = False
) -> Callable[[Callable[[B, Q], S]], Callable[[B, Q], S]]:
    """Declare the method that serves a request; see `Service`. Raises TypeError, see above."""
    action = ACTION_OF.get(request)
    if action is None or ACTIONS[action][0] is not request:
        raise TypeError(f"{request.__name__} is no request of OCPP 2.0.1")
    if feature is not OPTIONAL.get(action):
        raise TypeError(f"{action} needs {_named(OPTIONAL.get(action))}, and is declared with {_named(feature)}")

    def declare(method: Callable[[B, Q], S]) -> Callable[[B, Q], S]:
        returned = _takes(method, request)
        if returned not in (ACTIONS[action][1], Answer):
            raise TypeError(f"{method.__qualname__} returns {returned}, and no {ACTIONS[action][1].__name__} or Answer")
        setattr(method, _SERVES, Service(request, feature, commits_itself))
        return method

    return declare


def _named(feature: Feature | None) -> str:
    return "no feature" if feature is None else feature.name


def hears(event: type[E]) -> Callable[[Callable[[B, E], None]], Callable[[B, E], None]]:
    """Declare a method that is called with each event of a type, before the commit. Raises TypeError, see above."""
    if event not in _EVENTS:
        raise TypeError(f"{event.__name__} is no event of the model")

    def declare(method: Callable[[B, E], None]) -> Callable[[B, E], None]:
        _takes(method, event)
        setattr(method, _HEARS, event)
        return method

    return declare


def _takes(method: Callable[..., object], wanted: type) -> object:
    """Return what a method returns; raises TypeError unless it takes just one thing, of the type that is wanted."""
    hints = get_type_hints(method)
    returned = hints.pop("return", None)
    if list(hints.values()) != [wanted]:
        raise TypeError(f"{method.__qualname__} does not take just one {wanted.__name__}")
    return returned


class Hooks:
    """The declarations of some classes. Raises TypeError where two methods serve the same request.

    Attributes:
        services: request -> class, method and declaration of its handler.
        listeners: event -> class and name of each method that hears it, in the order of the classes.
    """

    def __init__(self, classes: Sequence[Part]) -> None:
        self.services: dict[type[Request[Response]], tuple[Part, str, Service]] = {}
        self.listeners: dict[type, list[tuple[Part, str]]] = {event: [] for event in _EVENTS}
        for kind in classes:
            for name in dir(kind):
                self._collect(kind, name)

    def _collect(self, kind: Part, name: str) -> None:
        method = getattr(kind, name)
        service: Service | None = getattr(method, _SERVES, None)
        event: type | None = getattr(method, _HEARS, None)
        if service is None and event is None and name.startswith(("on_", "when_")):
            raise TypeError(f"{kind.__name__}.{name} does not declare what it is called for")
        if event is not None:
            self.listeners[event].append((kind, name))
        if service is None:
            return
        other = self.services.get(service.request)
        if other is not None:
            names = f"{other[0].__name__}.{other[1]} and {kind.__name__}.{name}"
            raise TypeError(f"{names} serve {service.request.__name__}")
        self.services[service.request] = (kind, name, service)

    def handlers(self, product: Product, objects: Iterable[object]) -> dict[type[Request[Response]], Handler]:
        """Return the handlers of a station: without those whose feature its product lacks."""
        by_class: dict[Part, object] = {type(one): one for one in objects}
        return {
            request: Handler(getattr(by_class[kind], name), service.commits_itself)
            for request, (kind, name, service) in self.services.items()
            if service.feature is None or product.has(service.feature)
        }

    def audience(self, objects: Iterable[object]) -> Mapping[type, Sequence[Callable[[Event], None]]]:
        """Return who hears an event among the objects of a station."""
        by_class: dict[Part, object] = {type(one): one for one in objects}
        return {
            event: tuple(cast(Callable[[Event], None], getattr(by_class[kind], name)) for kind, name in methods)
            for event, methods in self.listeners.items()
        }
