"""Reports of the device model: received part by part, and held against the standardized variables.

`data/variables.tsv` is Part 2, chapter "Referenced Components and Variables" (errata 2.57, 2.62, 2.63 and 2.66), and
Part 4, chapter 8: component, variable, instance, data type, mutability, and when it is required: `always`, or an
expression over features.
"""

import functools
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib import resources

import msgspec

from ohmstead.lab.cases.keys import spelled
from ohmstead.lab.cases.primitives import is_instant
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.cases.value_words import words_of
from ohmstead.lab.selection import decide
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import AttributeEnum, DataEnum, MutabilityEnum, ReportBaseEnum

LISTS = (DataEnum.OptionList, DataEnum.SequenceList, DataEnum.MemberList)
VALUELESS = ("EVSE", "Power")
"""Only its maxLimit is required (errata 6.2.19)."""


class Standard(msgspec.Struct, frozen=True):
    """One standardized variable."""

    component: str
    variable: str
    instance: str
    data_type: str
    mutability: str
    """One or, parted by a slash, two."""
    required: str

    def is_required(self, product: Product) -> bool:
        """Say whether a station of this product has to have it."""
        if self.required in ("", "always"):
            return self.required == "always"
        return decide(self.required, product).applies


@functools.cache
def standards() -> tuple[Standard, ...]:
    """Return the standardized variables."""
    text = resources.files("ohmstead.lab").joinpath("data", "variables.tsv").read_text(encoding="utf-8")
    return tuple(Standard(*line.split("\t")) for line in text.splitlines()[1:])


async def receive(t: Tester, base: ReportBaseEnum, *, step: int = 2, parts: int = 3) -> tuple[wire.ReportData, ...]:
    """Ask for a base report and return all of it; checks the response and every part (B07.FR.03, .04, .10)."""
    request_id, asked_at = t.next_id(), t.clock.now()
    response = await t.call(
        wire.GetBaseReportRequest(request_id=request_id, report_base=base), step=step, status="Accepted"
    )
    info = response.status_info
    t.require(
        step,
        info is None or info.reason_code == "NoError",
        "GetBaseReportResponse.statusInfo.reasonCode",
        "NoError",
        info,
    )
    data: list[wire.ReportData] = []
    seq_no, more = 0, True
    while more:
        part = await t.expect(parts, wire.NotifyReportRequest, request_id=request_id, seq_no=seq_no)
        _check_part(t, parts, part, asked_at)
        data += part.report_data or ()
        seq_no, more = seq_no + 1, part.tbc is True
    return tuple(data)


def _check_part(t: Tester, step: int, part: wire.NotifyReportRequest, asked_at: datetime) -> None:
    """A report that is made at once has one generatedAt, however long its parts are on their way."""
    slack = timedelta(seconds=t.rig.tolerance + 1)
    meanwhile = asked_at - slack <= part.generated_at <= t.arrived(part).wall + slack
    t.require(
        step,
        meanwhile,
        "NotifyReportRequest.generatedAt",
        f"since the request at {words_of(asked_at)}",
        part.generated_at,
    )
    for data in part.report_data or ():
        name = name_of(data)
        what = data.variable_characteristics
        t.require(step, what is not None, f"NotifyReportRequest: {name} variableCharacteristics", "present", "absent")
        if what is not None and what.data_type in LISTS:
            t.require(step, bool(what.values_list), f"NotifyReportRequest: {name} valuesList", "present", "absent")


def name_of(data: wire.ReportData) -> str:
    """Return component and variable in words, as the standard spells them: case does not matter in names."""
    component, variable = data.component, data.variable
    evse = component.evse
    place = "" if evse is None else f"#{evse.id}" + (f"/{evse.connector_id}" if evse.connector_id else "")
    of = f"[{spelled(component.instance)}]" if component.instance else ""
    instance = f"[{spelled(variable.instance)}]" if variable.instance else ""
    return f"{spelled(component.name)}{of}{place}.{spelled(variable.name)}{instance}"


def check_required(t: Tester, report: tuple[wire.ReportData, ...], step: int | str, *, writable: bool = False) -> None:
    """Every required variable is there, on every EVSE and connector; no variable is there twice.

    Args:
        t: the tester.
        report: all of it.
        step: for the report.
        writable: only those that every station can set.
    """
    names = [name_of(data) for data in report]
    twice = sorted({name for name in names if names.count(name) > 1})
    t.require(step, not twice, "NotifyReportRequest.reportData", "each variable once", ", ".join(twice))
    for standard in standards():
        if not standard.is_required(t.product) or (writable and standard.mutability != "ReadWrite"):
            continue
        for name in _names(standard, t.product):
            t.require(step, name in names, f"NotifyReportRequest: {name}", "reported, as it is required", "absent")


def _names(standard: Standard, product: Product) -> Iterator[str]:
    instance = f"[{standard.instance}]" if standard.instance else ""
    variable = f"{standard.variable}{instance}"
    if standard.component not in ("EVSE", "Connector"):
        yield f"{standard.component}.{variable}"
        return
    for evse in product.evses:
        if standard.component == "EVSE":
            yield f"EVSE#{evse.id}.{variable}"
            continue
        for connector in evse.connectors:
            yield f"Connector#{evse.id}/{connector.id}.{variable}"


def check_standard(t: Tester, data: wire.ReportData, step: int | str) -> None:
    """A standardized variable has its data type and mutability; whether it persists is the station's to say."""
    standard = _standard_of(data)
    what = data.variable_characteristics
    if standard is None or what is None:
        return
    name = name_of(data)
    allowed = ("decimal", "integer") if standard.data_type == "decimal" else (standard.data_type,)
    t.require(
        step,
        what.data_type.value in allowed,
        f"NotifyReportRequest: {name} dataType",
        standard.data_type,
        what.data_type.value,
    )
    for attribute in data.variable_attribute:
        if attribute.type not in (None, AttributeEnum.Actual):
            continue
        mutability = (attribute.mutability or MutabilityEnum.ReadWrite).value
        t.require(
            step,
            mutability in standard.mutability.split("/"),
            f"NotifyReportRequest: {name} mutability",
            standard.mutability,
            mutability,
        )


def _standard_of(data: wire.ReportData) -> Standard | None:
    key = (spelled(data.component.name), spelled(data.variable.name), spelled(data.variable.instance or ""))
    return next((one for one in standards() if (one.component, one.variable, one.instance) == key), None)


def check_values(t: Tester, data: wire.ReportData, step: int | str) -> None:
    """Values are left out where they cannot be read, and only there; a list holds what its valuesList allows."""
    name = name_of(data)
    what = data.variable_characteristics
    for attribute in data.variable_attribute:
        secret = attribute.mutability is MutabilityEnum.WriteOnly
        if secret:
            t.require(
                step,
                attribute.value is None,
                f"NotifyReportRequest: {name} value",
                "left out: it is WriteOnly",
                "there",
            )
        elif (spelled(data.component.name), spelled(data.variable.name)) == VALUELESS:
            limit = what.max_limit if what is not None else None
            t.require(step, limit is not None, f"NotifyReportRequest: {name} maxLimit", "present", "absent")
        else:
            t.require(step, attribute.value is not None, f"NotifyReportRequest: {name} value", "present", "absent")
        if what is not None and attribute.value:
            fits = _WRITTEN.get(what.data_type, _anything)(attribute.value)
            t.require(
                step,
                fits,
                f"NotifyReportRequest: {name} value",
                f"one of dataType {what.data_type.value}",
                attribute.value,
            )
        if what is not None and what.data_type in LISTS and attribute.value is not None:
            listed = _items(what.values_list or "")
            value = [attribute.value.strip()] if what.data_type is DataEnum.OptionList else _items(attribute.value)
            foreign = [item for item in value if item and item not in listed]
            t.require(step, not foreign, f"NotifyReportRequest: {name} value", what.values_list, ", ".join(foreign))


def _anything(_text: str) -> bool:
    return True


def _is_decimal(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", text, re.ASCII) is not None


def _is_integer(text: str) -> bool:
    return re.fullmatch(r"-?\d{1,10}", text, re.ASCII) is not None and -(2**31) <= int(text) < 2**31


_WRITTEN: dict[DataEnum, Callable[[str], bool]] = {
    DataEnum.boolean: lambda text: text in ("true", "false"),
    DataEnum.dateTime: is_instant,
    DataEnum.decimal: _is_decimal,
    DataEnum.integer: _is_integer,
}
"""How the values of a dataType are written; what has none is empty."""


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",")]
