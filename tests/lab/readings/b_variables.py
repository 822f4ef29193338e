"""Block B: variables and reports."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import msgspec

from ohmstead.blocks.b_variables import BVariables
from ohmstead.lab.readings.b_variables import ATTRIBUTE_TYPE, REASON_CODE, TOO_MANY_ITEMS, VALUE_OF_NOTHING
from ohmstead.wire.errors import CallError, ErrorCode
from ohmstead.wire.messages import (
    GetVariablesResponse,
    GetVariableStatusEnum,
    SetVariablesResponse,
    SetVariableStatusEnum,
    StatusInfo,
)
from tests.lab.mutation import replaced
from tests.lab.shown import Shown
from tests.lab.wrongs import answered

Answer = GetVariablesResponse | SetVariablesResponse
ACCEPTED = (GetVariableStatusEnum.Accepted, SetVariableStatusEnum.Accepted)


def _refused(method: str, **fields: Any) -> AbstractContextManager[None]:
    """The results that are not Accepted have other fields."""

    def wrong(right: Callable[..., Answer], *arguments: object) -> Answer:
        response = right(*arguments)
        (name,) = (name for name in response.__struct_fields__ if name.endswith("_result"))
        results = tuple(
            one if one.attribute_status in ACCEPTED else msgspec.structs.replace(one, **fields)
            for one in getattr(response, name)
        )
        return msgspec.structs.replace(response, **{name: results})

    return replaced(BVariables, method, wrong)


def _one_at_once(method: str, items: str) -> AbstractContextManager[None]:
    def wrong(right: Callable[..., Answer], self: BVariables, request: object) -> Answer:
        if len(getattr(request, items)) > 1:
            raise CallError(ErrorCode.OccurrenceConstraintViolation, "one item at a time", {})
        return right(self, request)

    return replaced(BVariables, method, wrong)


_VALUE = [
    Shown(
        reading=VALUE_OF_NOTHING,
        case=case,
        mutate=lambda: _refused("on_get_variables", attribute_value=""),
        fails="specification",
    )
    for case in ("TC_B_32_CS", "TC_B_33_CS", "TC_B_34_CS")
]
_TYPE = [
    Shown(
        reading=ATTRIBUTE_TYPE,
        case=case,
        mutate=lambda method=method: _refused(method, attribute_type=None),  # type: ignore[misc]
        fails="specification",
    )
    for method, cases in (
        ("on_get_variables", ("TC_B_32_CS", "TC_B_33_CS")),
        ("on_set_variables", ("TC_B_35_CS", "TC_B_36_CS", "TC_B_39_CS")),
    )
    for case in cases
]
OUT_OF_RANGE = StatusInfo(reason_code="ValueOutOfRange")
SHOWN = (
    *_VALUE,
    *_TYPE,
    Shown(
        reading=REASON_CODE,
        case="TC_B_11_CS",
        mutate=lambda: _refused("on_set_variables", attribute_status_info=OUT_OF_RANGE),
        fails="tool",
    ),
    Shown(
        reading=REASON_CODE,
        case="TC_B_15_CS",
        mutate=answered(BVariables, "on_get_base_report", status_info=StatusInfo(reason_code="UnsupportedRequest")),
        fails="tool",
    ),
    Shown(
        reading=TOO_MANY_ITEMS,
        case="TC_B_07_CS",
        mutate=lambda: _one_at_once("on_get_variables", "get_variable_data"),
        fails="tool",
    ),
    Shown(
        reading=TOO_MANY_ITEMS,
        case="TC_B_10_CS",
        mutate=lambda: _one_at_once("on_set_variables", "set_variable_data"),
        fails="tool",
    ),
)
