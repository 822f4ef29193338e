"""Block B: variables are read and set (B05, B06)."""

from datetime import datetime
from typing import TypeVar

from ohmstead.lab.case import case
from ohmstead.lab.checks import ABSENT, check, one_of
from ohmstead.lab.keys import parse_key
from ohmstead.lab.tester import Tester
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import AttributeEnum, GetVariableStatusEnum

OFFLINE_THRESHOLD = "OCPPCommCtrlr.OfflineThreshold"
LOCAL_AUTHORIZE_OFFLINE = "AuthCtrlr.LocalAuthorizeOffline"
AUTHORIZE_REMOTE_START = "AuthCtrlr.AuthorizeRemoteStart"
LIMIT_CHANGE_SIGNIFICANCE = "SmartChargingCtrlr.LimitChangeSignificance"
NEXT_TRANSITION = "ClockCtrlr.NextTimeOffsetTransitionDateTime"
UNKNOWN_COMPONENT = "UnknownComponent.OfflineThreshold"
UNKNOWN_VARIABLE = "OCPPCommCtrlr.UnknownVariable"
GET = ("B06.FR.01", "B06.FR.02", "B06.FR.03", "B06.FR.04", "B06.FR.10")
SET = ("B05.FR.01", "B05.FR.02", "B05.FR.03", "B05.FR.10", "B05.FR.12")
ACTUAL = one_of("Actual", None)
"""What is left out means Actual."""

Result = TypeVar("Result", wire.GetVariableResult, wire.SetVariableResult)


def _of(t: Tester, step: int | str, key: str, results: tuple[Result, ...]) -> Result:
    """Return the one result for a variable; they may come in any order."""
    wanted = parse_key(key)
    found = [result for result in results if (result.component, result.variable) == wanted]
    t.require(step, len(found) == 1, "component and variable", f"one result for {key}", f"{len(found)} of them")
    return found[0]


def _check_accepted(step: int | str, result: wire.GetVariableResult | wire.SetVariableResult) -> None:
    fields: dict[str, object] = {
        "attribute_status": "Accepted",
        "attribute_type": ACTUAL,
        "attribute_status_info__reason_code": one_of("NoError", None),
    }
    check(step, result, fields)


async def _get(
    t: Tester, *keys: str, attribute: AttributeEnum | None = AttributeEnum.Actual
) -> dict[str, wire.GetVariableResult]:
    """Ask for variables in one request; return the result of each."""
    data = []
    for key in keys:
        component, variable = parse_key(key)
        data.append(wire.GetVariableData(component=component, variable=variable, attribute_type=attribute))
    response = await t.call(wire.GetVariablesRequest(get_variable_data=tuple(data)), step=2)
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
    response = await t.call(wire.SetVariablesRequest(set_variable_data=tuple(data)), step=step)
    results = response.set_variable_result
    t.require(step, len(results) == len(wishes), "SetVariablesResponse.setVariableResult", len(wishes), len(results))
    return {key: _of(t, step, key, results) for key in wishes}


# Reading


async def _read_back(t: Tester, values: dict[str, str]) -> None:
    for key, result in (await _get(t, *values)).items():
        _check_accepted(2, result)
        check(2, result, {"attribute_value": values[key]})


@case("TC_B_06_CS", "A variable is read", requirements=(*GET, "B06.FR.11"), settings={OFFLINE_THRESHOLD: "300"})
async def get_one(t: Tester) -> None:
    """The value that was set comes back."""
    await _read_back(t, {OFFLINE_THRESHOLD: "300"})


@case(
    "TC_B_07_CS",
    "Two variables are read at once",
    requirements=GET,
    settings={OFFLINE_THRESHOLD: "300", LOCAL_AUTHORIZE_OFFLINE: "true"},
)
async def get_two(t: Tester) -> None:
    """Both values come back, in any order, also from a station that reports ItemsPerMessage 1."""
    await _read_back(t, {OFFLINE_THRESHOLD: "300", LOCAL_AUTHORIZE_OFFLINE: "true"})


@case("TC_B_32_CS", "A component that is not there is read", requirements=("B06.FR.06",))
async def get_unknown_component(t: Tester) -> None:
    """UnknownComponent, with the names that were asked for."""
    result = (await _get(t, UNKNOWN_COMPONENT, attribute=None))[UNKNOWN_COMPONENT]
    check(2, result, {"attribute_status": "UnknownComponent", "attribute_value": ABSENT})


@case("TC_B_33_CS", "A variable that is not there is read", requirements=("B06.FR.07",))
async def get_unknown_variable(t: Tester) -> None:
    """UnknownVariable, with the names that were asked for."""
    result = (await _get(t, UNKNOWN_VARIABLE, attribute=None))[UNKNOWN_VARIABLE]
    check(2, result, {"attribute_status": "UnknownVariable", "attribute_value": ABSENT})


@case("TC_B_34_CS", "An attribute that is not there is read", requirements=("B06.FR.08",))
async def get_unsupported_attribute(t: Tester) -> None:
    """NotSupportedAttributeType, with the attribute that was asked for."""
    result = (await _get(t, OFFLINE_THRESHOLD, attribute=AttributeEnum.Target))[OFFLINE_THRESHOLD]
    check(2, result, {"attribute_status": "NotSupportedAttributeType", "attribute_type": "Target"})


# Setting


@case("TC_B_09_CS", "A variable is set", requirements=SET)
async def set_one(t: Tester) -> None:
    """Accepted."""
    for result in (await _set(t, {OFFLINE_THRESHOLD: "300"}, attribute=AttributeEnum.Actual)).values():
        _check_accepted(2, result)


@case("TC_B_10_CS", "Two variables are set at once", requirements=SET)
async def set_two(t: Tester) -> None:
    """Both Accepted, in any order, also by a station that reports ItemsPerMessage 1."""
    wishes = {OFFLINE_THRESHOLD: "300", LOCAL_AUTHORIZE_OFFLINE: "true"}
    for result in (await _set(t, wishes, attribute=AttributeEnum.Actual)).values():
        _check_accepted(2, result)


@case("TC_B_35_CS", "A component that is not there is set", requirements=("B05.FR.04",))
async def set_unknown_component(t: Tester) -> None:
    """UnknownComponent, with the names that were asked for."""
    result = (await _set(t, {UNKNOWN_COMPONENT: "300"}))[UNKNOWN_COMPONENT]
    check(2, result, {"attribute_status": "UnknownComponent"})


@case("TC_B_36_CS", "A variable that is not there is set", requirements=("B05.FR.05",))
async def set_unknown_variable(t: Tester) -> None:
    """UnknownVariable, with the names that were asked for."""
    result = (await _set(t, {UNKNOWN_VARIABLE: "300"}))[UNKNOWN_VARIABLE]
    check(2, result, {"attribute_status": "UnknownVariable"})


@case("TC_B_37_CS", "An attribute that is not there is set", requirements=("B05.FR.06",))
async def set_unsupported_attribute(t: Tester) -> None:
    """NotSupportedAttributeType, with the attribute that was asked for."""
    result = (await _set(t, {OFFLINE_THRESHOLD: "300"}, attribute=AttributeEnum.Target))[OFFLINE_THRESHOLD]
    check(2, result, {"attribute_status": "NotSupportedAttributeType", "attribute_type": "Target"})


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


@case("TC_B_11_CS", "Values of another type than the variable's", requirements=("B05.FR.07",))
async def set_wrong_types(t: Tester) -> None:
    """Only the value of the right type is Accepted, by each variable of the list that the station has.

    LimitChangeSignificance and NextTimeOffsetTransitionDateTime are optional; AuthorizeRemoteStart is passed over where
    the product cannot change it.
    """
    now = t.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    tried = [(2, OFFLINE_THRESHOLD, _is_integer)]
    if await _has(t, LIMIT_CHANGE_SIGNIFICANCE):
        tried.append((4, LIMIT_CHANGE_SIGNIFICANCE, _is_decimal))
    if t.product.has("C-48.1") and t.product.has("C-48.2"):
        tried.append((6, AUTHORIZE_REMOTE_START, _is_boolean))
    if await _has(t, NEXT_TRANSITION):
        tried.append((8, NEXT_TRANSITION, _is_instant))
    for value in ("300", "300.1", "true", now, "abc"):
        for step, key, fits in tried:
            result = (await _set(t, {key: value}, step=step))[key]
            if fits(value):
                _check_accepted(step, result)
                continue
            fields: dict[str, object] = {
                "attribute_status": "Rejected",
                "attribute_type": ACTUAL,
                "attribute_status_info__reason_code": one_of("InvalidValue", None),
            }
            check(f"{step} ({value})", result, fields)


async def _has(t: Tester, key: str) -> bool:
    result = (await _get(t, key))[key]
    there = result.attribute_status not in (
        GetVariableStatusEnum.UnknownComponent,
        GetVariableStatusEnum.UnknownVariable,
    )
    if not there:
        t.note(f"{key} is not implemented: its steps are passed over")
    return there


@case("TC_B_39_CS", "A read-only variable is set", requirements=("B05.FR.09",))
async def set_read_only(t: Tester) -> None:
    """Rejected, with the names that were asked for, the instance among them."""
    key = "OCPPCommCtrlr.MessageTimeout[Default]"
    result = (await _set(t, {key: "30"}))[key]
    check(2, result, {"attribute_status": "Rejected"})
