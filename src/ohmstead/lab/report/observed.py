"""What the wire logs of a campaign say about a station beyond the verdicts: handshakes, identity, EVSEs, measurands."""

from collections.abc import Iterable, Iterator

import msgspec

from ohmstead.lab.cases.keys import spelled
from ohmstead.lab.evidence.tape import Kind, read
from ohmstead.lab.report.model import Seen, SeenVariable
from ohmstead.lab.rig import Attempt
from ohmstead.ports.link import Handshake
from ohmstead.wire import codec, frames
from ohmstead.wire import messages as wire
from ohmstead.wire.actions import ACTIONS
from ohmstead.wire.base import Request, Response
from ohmstead.wire.errors import CallError
from ohmstead.wire.messages import (
    AttributeEnum,
    MutabilityEnum,
    ReadingContextEnum,
    TransactionEventEnum,
    TriggerReasonEnum,
)

FULL = '"FullInventory"'
REGISTER = "Energy.Active.Import.Register"
"""What a sampled value without a measurand is."""


def observe(tapes: Iterable[str]) -> Seen:
    """Read all tapes (empty ones are passed over) and return what they show."""
    eye = _Observer()
    for text in tapes:
        if text:
            eye.read(text)
    return eye.seen()


class _Observer:
    def __init__(self) -> None:
        self.frames = 0
        self.found: dict[str, set[str]] = {}
        self.places: set[tuple[int, int]] = set()
        self.booted = False
        self.variables: dict[str, SeenVariable] = {}
        self.inventory = False
        self._full: set[int] = set()

    def read(self, text: str) -> None:
        _, entries = read(text)
        self._full = set()
        self.booted = False
        for entry in entries:
            if entry.text is not None:
                self.frames += 1
            if entry.what.startswith("send ") and entry.text is not None and FULL in entry.text:
                self._asked(entry.text)
            if entry.kind is Kind.Observation and entry.what.startswith("attempts ") and bytes(entry.value):
                self._attempts(msgspec.json.decode(entry.value, type=tuple[Attempt, ...]))
            if entry.kind is not Kind.Message:
                continue
            if entry.what.startswith("link "):
                _, handshake = msgspec.json.decode(entry.value, type=tuple[int, Handshake])
                if handshake.tls is not None:
                    self._add("suite", handshake.tls.cipher_suite)
                    self._add("tls", handshake.tls.version)
            elif entry.what.startswith("frame ") and entry.text is not None:
                self._frame(entry.text)

    def seen(self) -> Seen:
        lists = ("tx_started", "tx_updated", "tx_ended", "aligned", "aligned_tx_ended")
        return Seen(
            cipher_suites=self._all("suite"),
            offered_suites=self._all("offered"),
            tls_versions=self._all("tls"),
            vendors=self._all("vendor"),
            models=self._all("model"),
            firmware_versions=self._all("firmware"),
            evses=tuple(sorted({evse for evse, _ in self.places})),
            connectors=tuple(f"{evse}/{connector}" for evse, connector in sorted(self.places)),
            measurands={name: self._all(name) for name in lists if name in self.found},
            started_by=self._all("start"),
            stopped_by=self._all("stop"),
            remote_by=self._all("remote"),
            variables=dict(sorted(self.variables.items())),
            inventory=self.inventory,
            frames=self.frames,
        )

    def _attempts(self, attempts: tuple[Attempt, ...]) -> None:
        for attempt in attempts:
            for suite in attempt.hello.cipher_suites if attempt.hello is not None else ():
                self._add("offered", suite)

    def _add(self, kind: str, value: str) -> None:
        self.found.setdefault(kind, set()).add(value)

    def _all(self, kind: str) -> tuple[str, ...]:
        return tuple(sorted(self.found.get(kind, ())))

    def _frame(self, text: str) -> None:
        message = _message(text)
        match message:
            # Only of the first boot: the case may put other firmware on the station later.
            case wire.BootNotificationRequest(charging_station=station) if not self.booted:
                self.booted = True
                self._add("vendor", station.vendor_name)
                self._add("model", station.model)
                self._add("firmware", station.firmware_version or "")
            case wire.StatusNotificationRequest():
                self.places.add((message.evse_id, message.connector_id))
            case wire.MeterValuesRequest(meter_value=values):
                self._values("aligned", values)
            case wire.TransactionEventRequest():
                self._event(message)
            case wire.AuthorizeRequest(id_token=token):
                self._add("start", token.type.value)
            case wire.NotifyReportRequest():
                for data in message.report_data or ():
                    self._variable(data)
                self.inventory |= message.request_id in self._full and not message.tbc

    def _event(self, event: wire.TransactionEventRequest) -> None:
        ended = event.event_type is TransactionEventEnum.Ended
        kinds = {TriggerReasonEnum.StopAuthorized: "stop", TriggerReasonEnum.RemoteStart: "remote"}
        if event.id_token is not None and event.trigger_reason in kinds:
            self._add(kinds[event.trigger_reason], event.id_token.type.value)
        for value in event.meter_value or ():
            for context, measurand in _measurands(value):
                match context:
                    case ReadingContextEnum.Transaction_Begin:
                        self._add("tx_started", measurand)
                    case ReadingContextEnum.Sample_Clock:
                        self._add("aligned_tx_ended" if ended else "aligned", measurand)
                    case _ if ended:
                        self._add("tx_ended", measurand)
                    case ReadingContextEnum.Sample_Periodic:
                        self._add("tx_updated", measurand)

    def _asked(self, text: str) -> None:
        message = _message(text)
        if isinstance(message, wire.GetBaseReportRequest):
            self._full.add(message.request_id)

    def _variable(self, data: wire.ReportData) -> None:
        instance = f"[{spelled(data.variable.instance)}]" if data.variable.instance else ""
        key = f"{spelled(data.component.name)}.{spelled(data.variable.name)}{instance}"
        actual = [one for one in data.variable_attribute if one.type in (None, AttributeEnum.Actual)]
        value = next((one.value for one in actual if one.value is not None), "")
        limits = data.variable_characteristics
        before = self.variables.get(key)
        if before is not None:
            values = tuple(sorted({*before.all_values, value}))
            self.variables[key] = msgspec.structs.replace(before, all_values=values)
            return
        self.variables[key] = SeenVariable(
            value=value,
            all_values=(value,),
            writable=any(one.mutability is not MutabilityEnum.ReadOnly for one in actual),
            min=limits.min_limit if limits else None,
            max=limits.max_limit if limits else None,
            values_list=(limits.values_list or "") if limits else "",
        )

    def _values(self, name: str, values: Iterable[wire.MeterValue]) -> None:
        for value in values:
            for context, measurand in _measurands(value):
                if context is ReadingContextEnum.Sample_Clock:
                    self._add(name, measurand)


def _measurands(value: wire.MeterValue) -> Iterator[tuple[ReadingContextEnum, str]]:
    for sample in value.sampled_value:
        context = sample.context or ReadingContextEnum.Sample_Periodic
        yield context, sample.measurand.value if sample.measurand else REGISTER


def _message(text: str) -> Request[Response] | None:
    """Return a CALL that can be read; what cannot is the cases' affair."""
    try:
        frame = frames.parse(text)
        if isinstance(frame, frames.Call) and frame.action in ACTIONS:
            return codec.decode(ACTIONS[frame.action][0], frame.payload)
    except (frames.FrameError, CallError):
        pass
    return None
