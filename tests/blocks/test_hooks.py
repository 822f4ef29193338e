"""Declarations of handlers and listeners: what is wrong with one is an error before a station runs."""

from collections.abc import Callable

import msgspec
import pytest

from ohmstead.blocks.hooks import Hooks, hears, serves
from ohmstead.model.events import FactsChanged, Online
from ohmstead.ports.calls import Answer
from ohmstead.product.feature_table import Feature
from ohmstead.product.load import load
from ohmstead.runtime.station import HOOKS
from ohmstead.wire import messages as wire


def _not_an_event() -> None:
    hears(wire.ResetRequest)  # type: ignore[type-var]  # what the test is about


def _not_a_request() -> None:
    serves(wire.ResetResponse)  # type: ignore[type-var]  # what the test is about


def _wrong_feature() -> None:
    serves(wire.ResetRequest, feature=Feature.EVSE_RESET)


def _no_feature() -> None:
    serves(wire.GetLocalListVersionRequest)


def _another_event_than_declared() -> None:
    class Block:
        @hears(Online)  # type: ignore[arg-type]  # what the test is about
        def when_online(self, _changed: FactsChanged) -> None: ...


def _another_request_than_declared() -> None:
    class Block:
        @serves(wire.ResetRequest)  # type: ignore[arg-type]  # what the test is about
        def on_reset(self, request: wire.ClearCacheRequest) -> Answer: ...  # type: ignore[empty-body]


def _the_response_of_another_request() -> None:
    class Block:
        @serves(wire.ResetRequest)
        def on_reset(self, request: wire.ResetRequest) -> wire.ClearCacheResponse: ...  # type: ignore[empty-body]


def _more_than_the_request() -> None:
    class Block:
        @serves(wire.ResetRequest)  # type: ignore[arg-type]  # what the test is about
        def on_reset(self, request: wire.ResetRequest, again: int) -> Answer: ...  # type: ignore[empty-body]


def _a_second_handler() -> None:
    class One:
        @serves(wire.ResetRequest)
        def on_reset(self, request: wire.ResetRequest) -> Answer: ...  # type: ignore[empty-body]

    class Other:
        @serves(wire.ResetRequest)
        def reset(self, request: wire.ResetRequest) -> Answer: ...  # type: ignore[empty-body]

    Hooks((One, Other))


def _a_handler_without_a_declaration() -> None:
    class Block:
        def on_rest(self, request: wire.ResetRequest) -> Answer: ...  # type: ignore[empty-body]

    Hooks((Block,))


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (_not_an_event, "ResetRequest is no event of the model"),
        (_not_a_request, "ResetResponse is no request"),
        (_wrong_feature, "Reset needs no feature, and is declared with EVSE_RESET"),
        (_no_feature, "GetLocalListVersion needs LOCAL_LIST, and is declared with no feature"),
        (_another_event_than_declared, "does not take just one Online"),
        (_another_request_than_declared, "does not take just one ResetRequest"),
        (_the_response_of_another_request, "no ResetResponse or Answer"),
        (_more_than_the_request, "does not take just one ResetRequest"),
        (_a_second_handler, r"One\.on_reset and Other\.reset serve ResetRequest"),
        (_a_handler_without_a_declaration, r"Block\.on_rest does not declare"),
    ],
)
def test_a_wrong_declaration_is_an_error_at_import(mistake: Callable[[], None], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        mistake()


class _Cache:
    @serves(wire.ClearCacheRequest, feature=Feature.AUTH_CACHE)
    def on_clear_cache(self, _request: wire.ClearCacheRequest) -> wire.ClearCacheResponse:
        return wire.ClearCacheResponse(status=wire.ClearCacheStatusEnum.Accepted)


@pytest.mark.parametrize("has", [True, False])
def test_a_handler_is_there_for_products_with_its_feature(has: bool) -> None:
    product = load("sec1000-240y")
    made = msgspec.structs.replace(product, features={**product.features, "C-49": has})
    assert (wire.ClearCacheRequest in Hooks((_Cache,)).handlers(made, [_Cache()])) is has


def test_the_handlers_of_the_station_know_their_features() -> None:
    declared = {request: service.feature for request, (_, _, service) in HOOKS.services.items()}
    assert declared[wire.ClearCacheRequest] == "C-49"
    assert declared[wire.ResetRequest] is None
