"""Block B: variables are read and set (B05, B06)."""

from datetime import datetime
from typing import TypeVar

from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import differs, name_of, one_of, value_of, words
from ohmstead.lab.cases.keys import is_named, parse_key
from ohmstead.lab.cases.states_station import ANYTHING
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.b_variables import ATTRIBUTE_TYPE, REASON_CODE, TOO_MANY_ITEMS, VALUE_OF_NOTHING
from ohmstead.product.feature_table import Feature
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from ohmstead.wire.errors import CallError, ErrorCode
from ohmstead.wire.messages import AttributeEnum, GetVariableStatusEnum

OFFLINE_THRESHOLD = "OCPPCommCtrlr.OfflineThreshold"
LOCAL_AUTHORIZE_OFFLINE = "AuthCtrlr.LocalAuthorizeOffline"
AUTHORIZE_REMOTE_START = "AuthCtrlr.AuthorizeRemoteStart"
LIMIT_CHANGE_SIGNIFICANCE = "SmartChargingCtrlr.LimitChangeSignificance"
NEXT_TRANSITION = "ClockCtrlr.NextTimeOffsetTransitionDateTime"
LIMITLESS = (OFFLINE_THRESHOLD, AUTHORIZE_REMOTE_START)
"""Where each value of the right type has to be taken; of the others a station may have limits (B05.FR.08)."""
UNKNOWN_COMPONENT = "UnknownComponent.OfflineThreshold"
UNKNOWN_VARIABLE = "OCPPCommCtrlr.UnknownVariable"
GET = ("B06.FR.01", "B06.FR.02", "B06.FR.03", "B06.FR.04", "B06.FR.10")
SET = ("B05.FR.01", "B05.FR.02", "B05.FR.03", "B05.FR.10", "B05.FR.12")
ACTUAL = differs(ATTRIBUTE_TYPE, specification="Actual", tool=ANYTHING)
NOTHING = differs(VALUE_OF_NOTHING, specification=None, tool=ANYTHING)

R = TypeVar("R", bound=Response)
Result = TypeVar("Result", wire.GetVariableResult, wire.SetVariableResult)


def _of(t: Tester, step: int | str, key: str, results: tuple[Result, ...]) -> Result:
    """Return the one result for a variable; they may come in any order."""
    found = [result for result in results if is_named(key, result.component, result.variable)]
    answer = _answer_of(next(iter(results), None)).partition(".")[0]
    t.require(step, len(found) == 1, answer, f"one result for {key}", f"{len(found)} of them")
    return found[0]


def _answer_of(result: wire.GetVariableResult | wire.SetVariableResult | None) -> str:
    """Return the message that a result stands in, and its field there."""
    if isinstance(result, wire.SetVariableResult):
        return "SetVariablesResponse.setVariableResult"
    return "GetVariablesResponse.getVariableResult"


def _check(
    t: Tester, step: int | str, result: wire.GetVariableResult | wire.SetVariableResult, **fields: object
) -> None:
    for path, wanted in fields.items():
        field = name_of(result, path).partition(".")[2]
        t.compare(step, f"{_answer_of(result)}.{field}", value_of(result, path), wanted)


def _check_accepted(t: Tester, step: int | str, result: wire.GetVariableResult | wire.SetVariableResult) -> None:
    _check(t, step, result, attribute_status="Accepted", attribute_type="Actual", **_reason("NoError"))


def _reason(code: str) -> dict[str, object]:
    """What the optional reasonCode may be."""
    path = "attribute_status_info__reason_code"
    return {path: differs(REASON_CODE, specification=ANYTHING, tool=one_of(code, None))}


async def _served(t: Tester, request: Request[R], items: int, limit: str) -> R | None:
    """Ask; None if the station does not serve more items than its limit, which it may say by a CALLERROR."""
    response = await t.ask(request, step=2)
    if not isinstance(response, CallError):
        return response
    most = await t.get_number(f"DeviceDataCtrlr.ItemsPerMessage[{limit}]", step=2)
    few = response.code == ErrorCode.OccurrenceConstraintViolation and most is not None and most < items
    t.require(2, few, f"{limit}Response", "a CALLRESULT", words(response))
    wanted = differs(TOO_MANY_ITEMS, specification=ANYTHING, tool="a CALLRESULT")
    t.compare(2, f"{limit}Response", f"CALLERROR {response} of a station that serves {most or 0:g} at once", wanted)
    return None


async def _get(
    t: Tester, *keys: str, attribute: AttributeEnum | None = AttributeEnum.Actual
) -> dict[str, wire.GetVariableResult]:
    """Ask for variables in one request; return the result of each."""
    data = []
    for key in keys:
        component, variable = parse_key(key)
        data.append(wire.GetVariableData(component=component, variable=variable, attribute_type=attribute))
    request = wire.GetVariablesRequest(get_variable_data=tuple(data))
    response = await _served(t, request, len(keys), "GetVariables")
    if response is None:
        return {}
    results = response.get_variable_result
    t.require(2, len(results) == len(keys), "GetVariablesResponse.getVariableResult", len(keys), len(results))
    return {key: _of(t, 2, key, results) for key in keys}


async def _set(
    t: Tester, wishes: dict[str, str], *, attribute: AttributeEnum | None = None, step: int | str = 2
) -> dict[str, wire.SetVariableResult]:
    """Set variables in one request; return the result of each."""
    data = []
    for key, value in wishes.items():
        component, variable = parse_key(key)
        data.append(
            wire.SetVariableData(
                component=component, variable=variable, attribute_type=attribute, attribute_value=value
            )
        )
    request = wire.SetVariablesRequest(set_variable_data=tuple(data))
    response = await _served(t, request, len(wishes), "SetVariables")
    if response is None:
        return {}
    results = response.set_variable_result
    t.require(step, len(results) == len(wishes), "SetVariablesResponse.setVariableResult", len(wishes), len(results))
    return {key: _of(t, step, key, results) for key in wishes}


# Reading


async def _read_back(t: Tester, values: dict[str, str]) -> None:
    for key, result in (await _get(t, *values)).items():
        _check_accepted(t, 2, result)
        _check(t, 2, result, attribute_value=values[key])


@case(
    "TC_B_06_CS",
    "A variable is read",
    requirements=(*GET, "B06.FR.11"),
    readings=(REASON_CODE,),
    settings={OFFLINE_THRESHOLD: "300"},
)
async def get_one(t: Tester) -> None:
    """The value that was set comes back."""
    await _read_back(t, {OFFLINE_THRESHOLD: "300"})


@case(
    "TC_B_07_CS",
    "Two variables are read at once",
    requirements=(*GET, "B06.FR.16"),
    readings=(REASON_CODE, TOO_MANY_ITEMS),
    settings={OFFLINE_THRESHOLD: "300", LOCAL_AUTHORIZE_OFFLINE: "true"},
)
async def get_two(t: Tester) -> None:
    """Both values come back, in any order, also from a station that reports ItemsPerMessage 1."""
    await _read_back(t, {OFFLINE_THRESHOLD: "300", LOCAL_AUTHORIZE_OFFLINE: "true"})


@case(
    "TC_B_32_CS",
    "A component that is not there is read",
    requirements=("B06.FR.06", "B06.FR.11"),
    readings=(ATTRIBUTE_TYPE, VALUE_OF_NOTHING),
)
async def get_unknown_component(t: Tester) -> None:
    """UnknownComponent, with the names that were asked for."""
    result = (await _get(t, UNKNOWN_COMPONENT, attribute=None))[UNKNOWN_COMPONENT]
    _check(t, 2, result, attribute_status="UnknownComponent", attribute_type=ACTUAL, attribute_value=NOTHING)


@case(
    "TC_B_33_CS",
    "A variable that is not there is read",
    requirements=("B06.FR.07", "B06.FR.11"),
    readings=(ATTRIBUTE_TYPE, VALUE_OF_NOTHING),
)
async def get_unknown_variable(t: Tester) -> None:
    """UnknownVariable, with the names that were asked for."""
    result = (await _get(t, UNKNOWN_VARIABLE, attribute=None))[UNKNOWN_VARIABLE]
    _check(t, 2, result, attribute_status="UnknownVariable", attribute_type=ACTUAL, attribute_value=NOTHING)


@case("TC_B_34_CS", "An attribute that is not there is read", requirements=("B06.FR.08",), readings=(VALUE_OF_NOTHING,))
async def get_unsupported_attribute(t: Tester) -> None:
    """NotSupportedAttributeType, with the attribute that was asked for."""
    result = (await _get(t, OFFLINE_THRESHOLD, attribute=AttributeEnum.Target))[OFFLINE_THRESHOLD]
    status = "NotSupportedAttributeType"
    _check(t, 2, result, attribute_status=status, attribute_type="Target", attribute_value=NOTHING)


# Setting


@case("TC_B_09_CS", "A variable is set", requirements=SET, readings=(REASON_CODE,))
async def set_one(t: Tester) -> None:
    """Accepted."""
    for result in (await _set(t, {OFFLINE_THRESHOLD: "300"}, attribute=AttributeEnum.Actual)).values():
        _check_accepted(t, 2, result)


@case("TC_B_10_CS", "Two variables are set at once", requirements=SET, readings=(REASON_CODE, TOO_MANY_ITEMS))
async def set_two(t: Tester) -> None:
    """Both Accepted, in any order, also by a station that reports ItemsPerMessage 1."""
    wishes = {OFFLINE_THRESHOLD: "300", LOCAL_AUTHORIZE_OFFLINE: "true"}
    for result in (await _set(t, wishes, attribute=AttributeEnum.Actual)).values():
        _check_accepted(t, 2, result)


@case(
    "TC_B_35_CS",
    "A component that is not there is set",
    requirements=("B05.FR.04", "B05.FR.12"),
    readings=(ATTRIBUTE_TYPE,),
)
async def set_unknown_component(t: Tester) -> None:
    """UnknownComponent, with the names that were asked for."""
    result = (await _set(t, {UNKNOWN_COMPONENT: "300"}))[UNKNOWN_COMPONENT]
    _check(t, 2, result, attribute_status="UnknownComponent", attribute_type=ACTUAL)


@case(
    "TC_B_36_CS",
    "A variable that is not there is set",
    requirements=("B05.FR.05", "B05.FR.12"),
    readings=(ATTRIBUTE_TYPE,),
)
async def set_unknown_variable(t: Tester) -> None:
    """UnknownVariable, with the names that were asked for."""
    result = (await _set(t, {UNKNOWN_VARIABLE: "300"}))[UNKNOWN_VARIABLE]
    _check(t, 2, result, attribute_status="UnknownVariable", attribute_type=ACTUAL)


@case("TC_B_37_CS", "An attribute that is not there is set", requirements=("B05.FR.06",))
async def set_unsupported_attribute(t: Tester) -> None:
    """NotSupportedAttributeType, with the attribute that was asked for."""
    result = (await _set(t, {OFFLINE_THRESHOLD: "300"}, attribute=AttributeEnum.Target))[OFFLINE_THRESHOLD]
    _check(t, 2, result, attribute_status="NotSupportedAttributeType", attribute_type="Target")


def _is_integer(text: str) -> bool:
    return text.lstrip("-").isdigit()


def _is_decimal(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_boolean(text: str) -> bool:
    return text in ("true", "false")


def _is_instant(text: str) -> bool:
    # Python takes "300" and the like for a date of the calendar; a dateTime has a T.
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return "T" in text


@case(
    "TC_B_11_CS",
    "Values of another type than the variable's",
    requirements=("B05.FR.07", "B05.FR.12"),
    readings=(REASON_CODE,),
)
async def set_wrong_types(t: Tester) -> None:
    """Only a value of the right type is Accepted, by each variable of the list that the station has.

    LimitChangeSignificance and NextTimeOffsetTransitionDateTime are optional; AuthorizeRemoteStart is passed over where
    the product cannot change it.
    """
    now = t.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    tried = [(2, OFFLINE_THRESHOLD, _is_integer)]
    if await _has(t, LIMIT_CHANGE_SIGNIFICANCE):
        tried.append((4, LIMIT_CHANGE_SIGNIFICANCE, _is_decimal))
    if t.product.has(Feature.REMOTE_START_AUTHORIZED_FIRST) and t.product.has(Feature.REMOTE_START_NOT_AUTHORIZED):
        tried.append((6, AUTHORIZE_REMOTE_START, _is_boolean))
    if await _has(t, NEXT_TRANSITION):
        tried.append((8, NEXT_TRANSITION, _is_instant))
    for value in ("300", "300.1", "true", now, "abc"):
        for step, key, fits in tried:
            result = (await _set(t, {key: value}, step=step))[key]
            where = f"{step} ({value})"
            if fits(value) and (key in LIMITLESS or result.attribute_status == "Accepted"):
                _check_accepted(t, where, result)
            else:
                _check(
                    t, where, result, attribute_status="Rejected", attribute_type="Actual", **_reason("InvalidValue")
                )


async def _has(t: Tester, key: str) -> bool:
    result = (await _get(t, key))[key]
    there = result.attribute_status not in (
        GetVariableStatusEnum.UnknownComponent,
        GetVariableStatusEnum.UnknownVariable,
    )
    if not there:
        t.note(f"{key} is not implemented: its steps are passed over")
    return there


@case("TC_B_39_CS", "A read-only variable is set", requirements=("B05.FR.09", "B05.FR.12"), readings=(ATTRIBUTE_TYPE,))
async def set_read_only(t: Tester) -> None:
    """Rejected, with the names that were asked for, the instance among them."""
    key = "OCPPCommCtrlr.MessageTimeout[Default]"
    result = (await _set(t, {key: "30"}))[key]
    _check(t, 2, result, attribute_status="Rejected", attribute_type=ACTUAL)
