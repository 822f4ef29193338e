"""Block B, variables: set and get them, report them (B05 to B08)."""

from collections.abc import Sequence

import msgspec

from ohmstead.blocks.backlog import Backlog
from ohmstead.blocks.context import Csms, World
from ohmstead.blocks.hooks import hears, serves
from ohmstead.blocks.work import Settings, Work
from ohmstead.model.device import ClockCtrlr, DeviceModel, Plan, SecurityCtrlr, VariableChange, reports
from ohmstead.model.events import Accepted, Online, SettingChanged
from ohmstead.ports.calls import Answer, Cause
from ohmstead.ports.store import StoreFailed
from ohmstead.product.feature_table import Feature
from ohmstead.wire.codec import decode, encode
from ohmstead.wire.errors import CallError, ErrorCode
from ohmstead.wire.messages import (
    GenericDeviceModelStatusEnum,
    GetBaseReportRequest,
    GetBaseReportResponse,
    GetReportRequest,
    GetReportResponse,
    GetVariablesRequest,
    GetVariablesResponse,
    NotifyReportRequest,
    ReportBaseEnum,
    ReportData,
    SetVariableResult,
    SetVariablesRequest,
    SetVariablesResponse,
    SetVariableStatusEnum,
    StatusInfo,
)

KIND = "report"
MOST_REPORTS = 10
"""Reports that may wait; a further one is Rejected."""
MAX_ITEMS = 100
"""What one request may hold (B06.FR.16, B08.FR.17). The ItemsPerMessage that a product reports are advice: the
official cases send two items to a station that says one."""

_KEPT = (SetVariableStatusEnum.Accepted, SetVariableStatusEnum.RebootRequired)


class ReportPart(msgspec.Struct, frozen=True):
    """A part of a report that the CSMS does not have yet."""

    report: int
    seq_no: int
    payload: str
    """JSON text of the NotifyReportRequest."""

    @property
    def key(self) -> str:
        """The key of its row."""
        return f"{self.report:09d}.{self.seq_no:06d}"

    def message(self) -> NotifyReportRequest:
        """Return the part as it travels."""
        return decode(NotifyReportRequest, self.payload)


class BVariables:
    """Answers for the device model."""

    def __init__(self, work: Work, csms: Csms, device: DeviceModel, settings: Settings, world: World) -> None:
        self._work = work
        self._device = device
        self._settings = settings
        self._world = world
        self._backlog = Backlog(work, csms, world, KIND, ReportPart, ReportPart.message, cause=Cause.Asked, attempts=2)
        self._reports = self._backlog.waiting[-1].report if self._backlog.waiting else 0
        device.bind(ClockCtrlr.date_time, world.clock.now)
        device.bind(SecurityCtrlr.identity, lambda: world.identity)

    @serves(GetVariablesRequest)
    def on_get_variables(self, request: GetVariablesRequest) -> GetVariablesResponse:
        """B06: one result for each item, in their order."""
        _count(request.get_variable_data, "getVariableData")
        results = tuple(self._device.get(data) for data in request.get_variable_data)
        return GetVariablesResponse(get_variable_result=results)

    @serves(SetVariablesRequest, commits_itself=True)
    def on_set_variables(self, request: SetVariablesRequest) -> SetVariablesResponse:
        """B05: decide on all items, commit what is accepted, then let it act at once."""
        _count(request.set_variable_data, "setVariableData")
        plan = self._device.plan(*request.set_variable_data)
        try:
            self._keep(plan)
        except StoreFailed:
            return SetVariablesResponse(set_variable_result=tuple(_not_kept(result) for result in plan.results))
        return SetVariablesResponse(set_variable_result=plan.results)

    @serves(GetBaseReportRequest)
    def on_get_base_report(self, request: GetBaseReportRequest) -> Answer:
        """B07: SummaryInventory only with C-56."""
        device = self._device
        match request.report_base:
            case ReportBaseEnum.FullInventory:
                entries = reports.full(device)
            case ReportBaseEnum.ConfigurationInventory:
                entries = reports.configuration(device)
            case ReportBaseEnum.SummaryInventory if self._world.product.has(Feature.SUMMARY_INVENTORY):
                entries = reports.summary(device)
            case _:
                info = StatusInfo(reason_code="UnsupportedParam")
                status = GenericDeviceModelStatusEnum.NotSupported
                return Answer(GetBaseReportResponse(status=status, status_info=info))
        crowded = self._crowded()
        if crowded is not None:
            status = GenericDeviceModelStatusEnum.Rejected
            return Answer(GetBaseReportResponse(status=status, status_info=crowded))
        self._send(request.request_id, entries)
        return Answer(GetBaseReportResponse(status=GenericDeviceModelStatusEnum.Accepted), then=self._backlog.resume)

    @serves(GetReportRequest)
    def on_get_report(self, request: GetReportRequest) -> Answer:
        """B08: report by criteria and by component and variable; without either, everything."""
        filters = request.component_variable or ()
        _count(filters, "componentVariable")
        entries = reports.custom(self._device, request.component_criteria or (), filters)
        if not entries:
            info = StatusInfo(reason_code="NotFound")
            return Answer(GetReportResponse(status=GenericDeviceModelStatusEnum.EmptyResultSet, status_info=info))
        crowded = self._crowded()
        if crowded is not None:
            return Answer(GetReportResponse(status=GenericDeviceModelStatusEnum.Rejected, status_info=crowded))
        self._send(request.request_id, entries)
        return Answer(GetReportResponse(status=GenericDeviceModelStatusEnum.Accepted), then=self._backlog.resume)

    def _keep(self, plan: Plan) -> None:
        if not plan.changes:
            return
        with self._work.unit():
            for change in plan.changes:
                if change.component.value(change.variable) != change.value:
                    self._work.announce(SettingChanged(_told(change)))
            self._settings.keep(plan)

    def _send(self, request_id: int, entries: Sequence[ReportData]) -> None:
        """Keep the parts of a report, as part of the open unit of work: it outlives link and power."""
        self._reports += 1
        parts = reports.parts(entries)
        for seq_no, part in enumerate(parts):
            notify = NotifyReportRequest(
                request_id=request_id,
                generated_at=self._world.clock.now(),
                seq_no=seq_no,
                report_data=part,
                tbc=seq_no < len(parts) - 1,
            )
            self._backlog.keep(ReportPart(self._reports, seq_no, encode(notify).decode()))

    @hears(Accepted)
    def when_accepted(self, _accepted: Accepted) -> None:
        """Take up what a reboot interrupted."""
        self._work.after(self._backlog.resume)

    @hears(Online)
    def when_online(self, _online: Online) -> None:
        """Take up what an outage interrupted."""
        self._work.after(self._backlog.resume)

    def _crowded(self) -> StatusInfo | None:
        """Say why no further report is taken on, if so."""
        if len({part.report for part in self._backlog.waiting}) < MOST_REPORTS:
            return None
        return StatusInfo(reason_code="Unspecified", additional_info="the CSMS has not taken the reports that wait yet")


def _told(change: VariableChange) -> str:
    """Say what was set, and to what: numbers and choices alone, for a text may be a password or somebody's token."""
    name = change.component.key(change.variable)
    if isinstance(change.value, str) and not change.component.trait(change.variable).values:
        return f"{name} set"
    return f"{name} set to {change.variable.format(change.value)}"


def _count(items: Sequence[object], field: str) -> None:
    if len(items) > MAX_ITEMS:
        text = f"$.{field}: {len(items)} items are more than {MAX_ITEMS}"
        raise CallError(ErrorCode.OccurrenceConstraintViolation, text, {"path": f"$.{field}"})


def _not_kept(result: SetVariableResult) -> SetVariableResult:
    """B05.FR.09: a value that could not be stored was not set."""
    if result.attribute_status not in _KEPT:
        return result
    return SetVariableResult(
        attribute_type=result.attribute_type,
        attribute_status=SetVariableStatusEnum.Rejected,
        attribute_status_info=StatusInfo(reason_code="OutOfStorage", additional_info="the value could not be stored"),
        component=result.component,
        variable=result.variable,
    )
