"""Block B, variables: B05 to B08 as a CSMS sees them, over a real unit of work and store."""

from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from typing import cast

import pytest
from msgspec.structs import replace

from ohmstead.blocks.b_variables import BVariables
from ohmstead.blocks.context import Csms, World
from ohmstead.blocks.work import Task, Work
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.virtual_time import VirtualLoop
from ohmstead.model.device import DeviceModel
from ohmstead.model.events import Event
from ohmstead.ports.calls import Answer, Cause
from ohmstead.ports.store import Store, StoreFailed, Write
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.runtime.settings import VariableWriter
from ohmstead.runtime.unit import Units
from ohmstead.wire.base import Request, Response
from ohmstead.wire.errors import CallError, ErrorCode
from ohmstead.wire.messages import (
    EVSE,
    Component,
    ComponentCriterionEnum,
    ComponentVariable,
    GenericDeviceModelStatusEnum,
    GetBaseReportRequest,
    GetBaseReportResponse,
    GetReportRequest,
    GetReportResponse,
    GetVariableData,
    GetVariablesRequest,
    NotifyReportRequest,
    NotifyReportResponse,
    ReportBaseEnum,
    SetVariableData,
    SetVariablesRequest,
    SetVariableStatusEnum,
    Variable,
)

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
Accepted = SetVariableStatusEnum.Accepted


class FullDisk(MemoryStore):
    """A store that reads, and cannot write any more."""

    def commit(self, writes: Sequence[Write]) -> None:
        """Fail."""
        raise StoreFailed(f"disk full: {len(writes)} rows are lost")


class SentMessages:
    """The way to the CSMS, as far as reports use it."""

    def __init__(self) -> None:
        self.sent: list[tuple[Request[Response], Cause]] = []

    async def call(self, request: Request[Response], cause: Cause = Cause.Own) -> Response:
        """Remember what was sent, and answer."""
        self.sent.append((request, cause))
        return NotifyReportResponse()


class _Done:
    """Work that has been done to its end."""

    def __init__(self, work: Coroutine[object, object, None]) -> None:
        with suppress(StopIteration):
            work.send(None)

    def done(self) -> bool:
        """It has."""
        return True

    def cancel(self) -> None:
        """Too late."""


class VariablesStation:
    """A station of which only the variables live."""

    identity = "CS001"

    def __init__(self, product: Product, store: Store) -> None:
        def ignore(event: Event) -> None:
            del event

        self.product = product
        self.store = store
        self.units = Units(store, ignore)
        self.loop = VirtualLoop()
        self.clock = LoopClock(START, loop=self.loop)
        self.calls = SentMessages()
        self.device = DeviceModel(product, store.rows("variable"))
        self.block = BVariables(
            cast(Work, self), cast(Csms, self), self.device, VariableWriter(self.device, self.units), cast(World, self)
        )

    def unit(self) -> AbstractContextManager[None]:
        """Open a unit of work."""
        return self.units.open()

    def write(self, *writes: Write) -> None:
        """Add rows to it."""
        self.units.write(*writes)

    def after(self, effect: Callable[[], None]) -> None:
        """Add an effect to it."""
        self.units.after(effect)

    def announce(self, event: Event) -> None:
        """Tell it whoever listens."""
        self.units.announce(event)

    def spawn(self, _name: str, begin: Callable[[], Coroutine[object, object, None]], *_options: object) -> Task:
        """Do the work at once; nothing in it waits."""
        return _Done(begin())

    def reports(self) -> list[NotifyReportRequest]:
        """Return what was reported."""
        return [request for request, _ in self.calls.sent if isinstance(request, NotifyReportRequest)]


@pytest.fixture
def product() -> Product:
    return load("sec1000-240y")


@pytest.fixture
def stations() -> Iterator[Callable[[Product, Store], VariablesStation]]:
    built: list[VariablesStation] = []

    def build(product: Product, store: Store) -> VariablesStation:
        built.append(VariablesStation(product, store))
        return built[-1]

    yield build
    for station in built:
        station.loop.close()


Build = Callable[[Product, Store], VariablesStation]


@pytest.fixture
def station(stations: Build, product: Product) -> VariablesStation:
    return stations(product, MemoryStore())


def put(name: str, value: str, component: str = "OCPPCommCtrlr") -> SetVariableData:
    """Return one item of a SetVariablesRequest."""
    return SetVariableData(component=Component(name=component), variable=Variable(name=name), attribute_value=value)


def get(station: VariablesStation, component: str, name: str) -> str | None:
    """Get one variable."""
    data = GetVariableData(component=Component(name=component), variable=Variable(name=name))
    response = station.block.on_get_variables(GetVariablesRequest(get_variable_data=(data,)))
    return response.get_variable_result[0].attribute_value


def then(answer: Answer) -> None:
    """Do what follows once the response is on the wire."""
    if answer.then is not None:
        answer.then()


def test_a_setting_acts_at_once_and_survives_a_restart(station: VariablesStation, stations: Build) -> None:
    """TC_B_09, B05.FR.10, and persistent = true of every writable variable."""
    request = SetVariablesRequest(set_variable_data=(put("OfflineThreshold", "300"),))
    assert station.block.on_set_variables(request).set_variable_result[0].attribute_status is Accepted
    assert get(station, "OCPPCommCtrlr", "OfflineThreshold") == "300"
    assert get(stations(station.product, station.store), "OCPPCommCtrlr", "OfflineThreshold") == "300"


def test_two_items_are_served_though_the_product_reports_one(station: VariablesStation) -> None:
    """TC_B_10: ItemsPerMessage is advice."""
    assert station.device.device_data.items_per_message_set_variables == 1
    items = (put("OfflineThreshold", "300"), put("LocalAuthorizeOffline", "true", "AuthCtrlr"))
    results = station.block.on_set_variables(SetVariablesRequest(set_variable_data=items)).set_variable_result
    assert [result.attribute_status for result in results] == [Accepted, Accepted]


def test_what_cannot_be_stored_is_rejected_and_not_adopted(stations: Build, product: Product) -> None:
    """B05.FR.09."""
    station = stations(product, FullDisk())
    items = (put("OfflineThreshold", "300"), put("Nonsense", "1"))
    results = station.block.on_set_variables(SetVariablesRequest(set_variable_data=items)).set_variable_result
    assert [result.attribute_status for result in results] == [
        SetVariableStatusEnum.Rejected,
        SetVariableStatusEnum.UnknownVariable,
    ]
    assert get(station, "OCPPCommCtrlr", "OfflineThreshold") == "60"


def test_too_many_items_are_an_occurrence_violation(station: VariablesStation) -> None:
    """B06.FR.16, B08.FR.17."""
    one = GetVariableData(component=Component(name="TxCtrlr"), variable=Variable(name="TxStartPoint"))
    many = ComponentVariable(component=Component(name="TxCtrlr"))
    attempts: list[Callable[[], object]] = [
        lambda: station.block.on_get_variables(GetVariablesRequest(get_variable_data=(one,) * 101)),
        lambda: station.block.on_set_variables(SetVariablesRequest(set_variable_data=(put("X", "1"),) * 101)),
        lambda: station.block.on_get_report(GetReportRequest(request_id=1, component_variable=(many,) * 101)),
    ]
    for attempt in attempts:
        with pytest.raises(CallError) as caught:
            attempt()
        assert caught.value.code == ErrorCode.OccurrenceConstraintViolation


def test_a_hundred_items_are_served(station: VariablesStation) -> None:
    one = GetVariableData(component=Component(name="TxCtrlr"), variable=Variable(name="TxStartPoint"))
    response = station.block.on_get_variables(GetVariablesRequest(get_variable_data=(one,) * 100))
    assert len(response.get_variable_result) == 100


def test_the_clock_and_the_identity_are_variables(station: VariablesStation) -> None:
    assert get(station, "ClockCtrlr", "DateTime") == "2026-11-23T12:00:00Z"
    assert get(station, "SecurityCtrlr", "Identity") == "CS001"


@pytest.mark.parametrize("base", [ReportBaseEnum.FullInventory, ReportBaseEnum.ConfigurationInventory])
def test_a_base_report_follows_its_response(station: VariablesStation, base: ReportBaseEnum) -> None:
    """TC_B_12, TC_B_13, B07.FR.01 to FR.04 and FR.10."""
    answer = station.block.on_get_base_report(GetBaseReportRequest(request_id=42, report_base=base))
    assert answer.response == GetBaseReportResponse(status=GenericDeviceModelStatusEnum.Accepted)
    assert station.reports() == []
    then(answer)
    parts = station.reports()
    assert len(parts) > 1
    assert {part.request_id for part in parts} == {42}
    assert [part.seq_no for part in parts] == list(range(len(parts)))
    assert [part.tbc for part in parts] == [True] * (len(parts) - 1) + [False]
    assert {part.generated_at for part in parts} == {START}
    assert {cause for _, cause in station.calls.sent} == {Cause.Asked}


def test_a_report_shows_the_moment_of_its_response(station: VariablesStation) -> None:
    wanted = ComponentVariable(component=Component(name="TxCtrlr"), variable=Variable(name="EVConnectionTimeOut"))
    answer = station.block.on_get_report(GetReportRequest(request_id=1, component_variable=(wanted,)))
    station.block.on_set_variables(SetVariablesRequest(set_variable_data=(put("EVConnectionTimeOut", "9", "TxCtrlr"),)))
    then(answer)
    (report,) = station.reports()
    assert report.report_data is not None
    assert report.report_data[0].variable_attribute[0].value == "120"


def test_a_summary_is_not_supported_without_the_feature(station: VariablesStation) -> None:
    """TC_B_15, B07.FR.02 and FR.05: C-56 = No."""
    request = GetBaseReportRequest(request_id=1, report_base=ReportBaseEnum.SummaryInventory)
    answer = station.block.on_get_base_report(request)
    assert isinstance(answer.response, GetBaseReportResponse)
    assert answer.response.status is GenericDeviceModelStatusEnum.NotSupported
    then(answer)
    assert station.reports() == []


def test_a_summary_comes_with_the_feature(stations: Build, product: Product) -> None:
    """TC_B_14: C-56 = Yes."""
    station = stations(replace(product, features=product.features | {"C-56": True}), MemoryStore())
    request = GetBaseReportRequest(request_id=1, report_base=ReportBaseEnum.SummaryInventory)
    then(station.block.on_get_base_report(request))
    (report,) = station.reports()
    assert report.report_data is not None
    assert {entry.variable.name for entry in report.report_data} == {"AvailabilityState"}


def test_an_empty_result_set_is_said_and_not_sent(station: VariablesStation) -> None:
    """TC_B_18, B08.FR.15."""
    state = ComponentVariable(
        component=Component(name="EVSE", evse=EVSE(id=1)), variable=Variable(name="AvailabilityState")
    )
    request = GetReportRequest(
        request_id=1, component_criteria=(ComponentCriterionEnum.Problem,), component_variable=(state,)
    )
    answer = station.block.on_get_report(request)
    assert isinstance(answer.response, GetReportResponse)
    assert answer.response.status is GenericDeviceModelStatusEnum.EmptyResultSet
    assert answer.response.status_info is not None
    assert answer.response.status_info.reason_code == "NotFound"
    then(answer)
    assert station.reports() == []


def test_a_custom_report_follows_its_response(station: VariablesStation) -> None:
    """TC_B_16, B08.FR.01, FR.03, FR.04, FR.14."""
    request = GetReportRequest(request_id=7, component_criteria=(ComponentCriterionEnum.Enabled,))
    answer = station.block.on_get_report(request)
    assert answer.response == GetReportResponse(status=GenericDeviceModelStatusEnum.Accepted)
    then(answer)
    assert [part.request_id for part in station.reports()] == [7]
