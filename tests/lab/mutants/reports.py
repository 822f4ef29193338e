"""Mutants of the device model: how it is told, and what a request may hold."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec

from ohmstead.blocks.b_variables import BVariables
from ohmstead.model.device import DeviceModel, reports
from ohmstead.runtime.calls import StationCalls
from ohmstead.wire.errors import CallError, ErrorCode
from ohmstead.wire.messages import DataEnum, NotifyReportRequest, ReportData, SetVariableStatusEnum
from tests.lab.mutation import Mutant, replaced
from tests.lab.wrongs import nothing

Wrong = Callable[..., Any]


def _mutant(name: str, text: str, owner: object, method: str, wrong: Wrong, blocks: str = "B") -> Mutant:
    return Mutant(name, text, lambda: replaced(owner, method, wrong), blocks)


def _default(right: Wrong, self: DeviceModel, data: Any) -> object:
    result = right(self, data)
    component = self.find(data.component)
    variable = None if component is None else component.find(data.variable.name, data.variable.instance)
    if component is None or variable is None or result.attribute_value is None:
        return result
    return msgspec.structs.replace(result, attribute_value=variable.format(component.trait(variable).default))


def _misnaming(right: Wrong, *arguments: object) -> object:
    result = right(*arguments)
    component = msgspec.structs.replace(result.component, name=f"{result.component.name}s")
    return msgspec.structs.replace(result, component=component)


def _no_actual(right: Wrong, self: DeviceModel, *items: Any) -> object:
    found = right(self, *items)
    results = tuple(
        result
        if item.attribute_type is None
        else msgspec.structs.replace(result, attribute_status=SetVariableStatusEnum.Rejected)
        for item, result in zip(items, found.results, strict=True)
    )
    return msgspec.structs.replace(found, results=results)


def _no_custom_data(right: Wrong, self: BVariables, request: Any) -> object:
    if request.custom_data is not None:
        raise CallError(ErrorCode.FormatViolation, "$.customData: unknown field")
    return right(self, request)


def _notify(name: str, text: str, change: Callable[[NotifyReportRequest], dict[str, Any]]) -> Mutant:
    async def call(right: Wrong, self: StationCalls, request: object, *arguments: object) -> object:
        if isinstance(request, NotifyReportRequest):
            request = msgspec.structs.replace(request, **change(request))
        return await right(self, request, *arguments)

    return _mutant(name, text, StationCalls, "call", call)


def _entry(name: str, text: str, change: Callable[[ReportData], ReportData]) -> Mutant:
    def entry_of(right: Callable[..., ReportData], *arguments: object) -> ReportData:
        return change(right(*arguments))

    return _mutant(name, text, reports, "entry_of", entry_of)


def _bare(entry: ReportData) -> ReportData:
    return msgspec.structs.replace(entry, variable_characteristics=None)


def _integers_as_decimals(entry: ReportData) -> ReportData:
    what = entry.variable_characteristics
    if what is None or what.data_type is not DataEnum.integer:
        return entry
    decimal = msgspec.structs.replace(what, data_type=DataEnum.decimal)
    return msgspec.structs.replace(entry, variable_characteristics=decimal)


def _twice(right: Wrong, *arguments: object) -> object:
    found = right(*arguments)
    return (*found, found[-1])


def _one_evse(right: Callable[..., tuple[ReportData, ...]], *arguments: object) -> object:
    return tuple(entry for entry in right(*arguments) if entry.component.evse is None or entry.component.evse.id < 2)


MUTANTS = (
    _mutant("get-tells-the-default", "GetVariables tells defaults.", DeviceModel, "get", _default, "BP"),
    _mutant("get-misnames", "GetVariables names other components.", DeviceModel, "get", _misnaming),
    _mutant("set-knows-no-actual", "SetVariables rejects attributeType Actual.", DeviceModel, "plan", _no_actual),
    _mutant("set-forgets", "SetVariables accepts and sets nothing.", BVariables, "_keep", nothing),
    _mutant(
        "set-without-custom-data",
        "SetVariables with customData is a format violation.",
        BVariables,
        "on_set_variables",
        _no_custom_data,
        "P",
    ),
    _mutant(
        "get-without-custom-data",
        "GetVariables with customData is a format violation.",
        BVariables,
        "on_get_variables",
        _no_custom_data,
        "P",
    ),
    _notify("report-without-end", "tbc is always true.", lambda _: {"tbc": True}),
    _notify("report-ends-at-once", "tbc is always false.", lambda _: {"tbc": False}),
    _notify(
        "report-of-yesterday",
        "generatedAt is a day old.",
        lambda notify: {"generated_at": notify.generated_at - timedelta(days=1)},
    ),
    _entry("report-without-characteristics", "variableCharacteristics are left out.", _bare),
    _entry("report-integers-as-decimals", "Integers are reported as decimals.", _integers_as_decimals),
    _mutant("report-one-twice", "FullInventory tells its last variable twice.", reports, "full", _twice),
    _mutant("report-one-evse", "Reports leave out the second EVSE.", reports, "_entries", _one_evse),
)
