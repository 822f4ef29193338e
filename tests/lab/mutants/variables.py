"""Mutants of block B: variables and reports."""

from collections.abc import Callable
from typing import Any

import msgspec

from ohmstead.blocks import b_variables
from ohmstead.blocks.b_variables import BVariables
from ohmstead.model.device import DeviceModel, reports
from ohmstead.model.device.kinds import Boolean, Integer
from ohmstead.ports.calls import Answer
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import MutabilityEnum
from tests.lab.mutation import Mutant, replaced, set_to

Wrong = Callable[..., object]


def _mutant(name: str, text: str, owner: object, function: str, wrong: Wrong) -> Mutant:
    return Mutant(name, text, lambda: replaced(owner, function, wrong), "B")


def _got(change: Callable[[wire.GetVariableResult], wire.GetVariableResult]) -> Wrong:
    def wrong(right: Callable[..., wire.GetVariableResult], *arguments: object) -> object:
        return change(right(*arguments))

    return wrong


def _one_result(field: str) -> Wrong:
    """Only the first item is answered."""

    def wrong(right: Callable[..., msgspec.Struct], *arguments: object) -> object:
        response = right(*arguments)
        return msgspec.structs.replace(response, **{field: getattr(response, field)[:1]})

    return wrong


def _get_as(before: str, after: str) -> Mutant:
    statuses = wire.GetVariableStatusEnum

    def change(result: wire.GetVariableResult) -> wire.GetVariableResult:
        if result.attribute_status is not statuses(before):
            return result
        return msgspec.structs.replace(result, attribute_status=statuses(after))

    return _mutant(f"get-{before}", f"Where {before} is due, {after} is answered.", DeviceModel, "get", _got(change))


def _set_as(before: str, after: str) -> Mutant:
    statuses = wire.SetVariableStatusEnum

    def wrong(right: Callable[..., wire.SetVariablesResponse], *arguments: object) -> object:
        results = tuple(
            msgspec.structs.replace(result, attribute_status=statuses(after))
            if result.attribute_status is statuses(before)
            else result
            for result in right(*arguments).set_variable_result
        )
        return wire.SetVariablesResponse(set_variable_result=results)

    return _mutant(
        f"set-{before}", f"Where {before} is due, {after} is answered.", BVariables, "on_set_variables", wrong
    )


def _round_off(right: Callable[..., int], self: object, text: str, trait: object) -> int:
    return right(self, text.split(".")[0], trait)


def _any_truth(right: Callable[..., bool], self: object, text: str, trait: object) -> bool:
    return right(self, "true" if text == "true" else "false", trait)


VARIABLES = (
    _mutant(
        "get-another-value",
        "Every value reads 1.",
        DeviceModel,
        "get",
        _got(lambda result: msgspec.structs.replace(result, attribute_value="1")),
    ),
    _mutant(
        "get-first-only",
        "Of two variables one is read.",
        BVariables,
        "on_get_variables",
        _one_result("get_variable_result"),
    ),
    _mutant(
        "set-first-only",
        "Of two variables one is answered.",
        BVariables,
        "on_set_variables",
        _one_result("set_variable_result"),
    ),
    _get_as("UnknownComponent", "UnknownVariable"),
    _get_as("UnknownVariable", "UnknownComponent"),
    _get_as("NotSupportedAttributeType", "Accepted"),
    _set_as("UnknownComponent", "UnknownVariable"),
    _set_as("UnknownVariable", "UnknownComponent"),
    _set_as("NotSupportedAttributeType", "Rejected"),
    _set_as("Accepted", "RebootRequired"),
    _set_as("Rejected", "Accepted"),
    _mutant("set-rounds-off", "An integer takes a decimal and cuts it.", Integer, "parse", _round_off),
    _mutant("set-any-truth", "A boolean takes every text.", Boolean, "parse", _any_truth),
)

# Reports


def _entry(change: Callable[[wire.ReportData], wire.ReportData]) -> Wrong:
    def wrong(right: Callable[..., wire.ReportData], *arguments: object) -> object:
        return change(right(*arguments))

    return wrong


def _attribute(**fields: Any) -> Callable[[wire.ReportData], wire.ReportData]:
    def change(entry: wire.ReportData) -> wire.ReportData:
        attribute = msgspec.structs.replace(entry.variable_attribute[0], **fields)
        return msgspec.structs.replace(entry, variable_attribute=(attribute,))

    return change


def _no_values(entry: wire.ReportData) -> wire.ReportData:
    what = entry.variable_characteristics
    assert what is not None
    return msgspec.structs.replace(entry, variable_characteristics=msgspec.structs.replace(what, values_list=None))


def _foreign_values(entry: wire.ReportData) -> wire.ReportData:
    what = entry.variable_characteristics
    assert what is not None
    values = "Nothing" if what.values_list else None
    return msgspec.structs.replace(entry, variable_characteristics=msgspec.structs.replace(what, values_list=values))


def _tells_secrets(entry: wire.ReportData) -> wire.ReportData:
    secret = entry.variable_attribute[0].mutability is MutabilityEnum.WriteOnly
    return _attribute(value="correct-horse")(entry) if secret else entry


def _without(name: str) -> Wrong:
    def wrong(right: Callable[..., tuple[wire.ReportData, ...]], selection: object) -> object:
        return tuple(entry for entry in right(selection) if entry.variable.name != name)

    return wrong


def _all(_right: object, device: DeviceModel) -> object:
    return reports.full(device)


def _numbered_from_one(right: Callable[..., object], self: BVariables, request_id: int, entries: object) -> None:
    def wrong(*arguments: Any, seq_no: int, **options: Any) -> wire.NotifyReportRequest:
        return wire.NotifyReportRequest(*arguments, seq_no=seq_no + 1, **options)

    with set_to(b_variables, "NotifyReportRequest", wrong):
        right(self, request_id, entries)


def _summary_served(right: Callable[..., Answer], self: BVariables, request: wire.GetBaseReportRequest) -> object:
    full = wire.ReportBaseEnum.FullInventory
    return right(self, msgspec.structs.replace(request, report_base=full))


REPORTS = (
    _mutant("report-no-values-list", "No variable has a valuesList.", reports, "entry_of", _entry(_no_values)),
    _mutant(
        "report-foreign-values", "No list has values of its valuesList.", reports, "entry_of", _entry(_foreign_values)
    ),
    _mutant("report-no-values", "No value is reported.", reports, "entry_of", _entry(_attribute(value=None))),
    _mutant("report-secrets", "The password is reported.", reports, "entry_of", _entry(_tells_secrets)),
    _mutant(
        "report-all-read-only",
        "Every variable is ReadOnly.",
        reports,
        "entry_of",
        _entry(_attribute(mutability=MutabilityEnum.ReadOnly)),
    ),
    _mutant(
        "report-without-threshold", "OfflineThreshold is missing.", reports, "_entries", _without("OfflineThreshold")
    ),
    _mutant(
        "report-without-connector-type", "ConnectorType is missing.", reports, "_entries", _without("ConnectorType")
    ),
    _mutant("report-configuration-is-full", "What can be set is not told apart.", reports, "configuration", _all),
    _mutant("report-seq-no-from-one", "seqNo begins with 1.", BVariables, "_send", _numbered_from_one),
    _mutant(
        "report-another-request",
        "requestId is another one.",
        BVariables,
        "_send",
        lambda right, self, request_id, entries: right(self, request_id + 1, entries),
    ),
    _mutant(
        "report-summary-served",
        "SummaryInventory is answered with everything.",
        BVariables,
        "on_get_base_report",
        _summary_served,
    ),
)

MUTANTS = (*VARIABLES, *REPORTS)
