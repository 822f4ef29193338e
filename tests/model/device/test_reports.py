"""B07 and B08: what reports hold, and how they are cut."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmstead.model.device import EVSE, Connector, DeviceModel, reports
from ohmstead.wire.codec import decode, encode
from ohmstead.wire.messages import (
    AttributeEnum,
    Component,
    ComponentCriterionEnum,
    ComponentVariable,
    DataEnum,
    MutabilityEnum,
    NotifyReportRequest,
    ReportData,
    Variable,
)
from tests.model.device.asking import certified, component, put, wanted

Criterion = ComponentCriterionEnum


@pytest.fixture
def device() -> DeviceModel:
    return DeviceModel(certified())


def names(entries: tuple[ReportData, ...]) -> list[str]:
    """Return `EVSE 1 AvailabilityState`, `DeviceDataCtrlr ItemsPerMessage[GetReport]` ... of a report."""
    found = []
    for entry in entries:
        evse = entry.component.evse
        place = "" if evse is None else f" {evse.id}" + (f" {evse.connector_id}" if evse.connector_id else "")
        instance = f"[{entry.variable.instance}]" if entry.variable.instance else ""
        found.append(f"{entry.component.name}{place} {entry.variable.name}{instance}")
    return found


def value(entry: ReportData) -> str | None:
    """Return the Actual value of an entry."""
    return entry.variable_attribute[0].value


def test_a_full_inventory_has_every_variable_once(device: DeviceModel) -> None:
    """B07.FR.08."""
    entries = reports.full(device)
    assert len(set(names(entries))) == len(entries) == sum(len(found.variables) for found in device.components)


def test_a_configuration_inventory_has_what_can_be_set(device: DeviceModel) -> None:
    """TC_B_12, B07.FR.07."""
    entries = reports.configuration(device)
    mutabilities = {entry.variable_attribute[0].mutability for entry in entries}
    assert mutabilities == {MutabilityEnum.ReadWrite, MutabilityEnum.WriteOnly}
    assert "OCPPCommCtrlr OfflineThreshold" in names(entries)
    assert all(entry.variable_attribute[0].persistent for entry in entries)


def test_every_entry_is_complete(device: DeviceModel) -> None:
    """TC_B_53 with errata 6.2.19, B08.FR.12."""
    for entry in reports.full(device):
        attribute, characteristics = entry.variable_attribute[0], entry.variable_characteristics
        assert attribute.type is AttributeEnum.Actual
        assert (attribute.value is None) == (attribute.mutability is MutabilityEnum.WriteOnly)
        assert characteristics is not None
        assert not characteristics.supports_monitoring
        if characteristics.data_type in (DataEnum.OptionList, DataEnum.MemberList, DataEnum.SequenceList):
            assert characteristics.values_list


def test_a_password_is_listed_without_its_value(device: DeviceModel) -> None:
    """Errata on B07.FR.03."""
    put(device, "SecurityCtrlr", "BasicAuthPassword", "a password of 23 chars.")
    for entries in (reports.full(device), reports.custom(device, (), [wanted("SecurityCtrlr")])):
        assert "SecurityCtrlr BasicAuthPassword" in names(entries)
        assert all(b"a password" not in encode(entry) for entry in entries)


def test_characteristics_of_one_variable(device: DeviceModel) -> None:
    """TC_B_17."""
    (entry,) = reports.custom(device, (), [wanted("EVSE 1", "AvailabilityState")])
    assert entry.component == component("EVSE 1")
    assert entry.variable_characteristics is not None
    assert entry.variable_characteristics.data_type is DataEnum.OptionList
    assert entry.variable_characteristics.values_list == "Available,Occupied,Reserved,Unavailable,Faulted"
    assert entry.variable_attribute[0].mutability is MutabilityEnum.ReadOnly


def test_limits_are_reported_as_they_act(device: DeviceModel) -> None:
    (ping, power) = reports.custom(
        device, (), [wanted("OCPPCommCtrlr", "WebSocketPingInterval"), wanted("EVSE 1", "Power")]
    )[::-1]
    assert power.variable_characteristics is not None and ping.variable_characteristics is not None
    assert power.variable_characteristics.max_limit == 240000
    assert power.variable_characteristics.unit == "W"
    assert (ping.variable_characteristics.min_limit, ping.variable_characteristics.max_limit) == (1, 120)


@pytest.mark.parametrize(
    ("path", "name", "found"),
    [
        # B08.FR.21, TC_B_54: no instance is every instance
        (
            "DeviceDataCtrlr",
            "ItemsPerMessage",
            [
                "DeviceDataCtrlr ItemsPerMessage[GetReport]",
                "DeviceDataCtrlr ItemsPerMessage[GetVariables]",
                "DeviceDataCtrlr ItemsPerMessage[SetVariables]",
            ],
        ),
        # TC_B_55
        ("DeviceDataCtrlr", "ItemsPerMessage[GetReport]", ["DeviceDataCtrlr ItemsPerMessage[GetReport]"]),
        # B08.FR.23, TC_B_56: no EVSE is every EVSE
        ("EVSE", "AvailabilityState", ["EVSE 1 AvailabilityState", "EVSE 2 AvailabilityState"]),
        # B08.FR.22: no connector is every connector of the EVSE
        ("Connector 2", "ConnectorType", ["Connector 2 1 ConnectorType"]),
        ("connector 1 1", "connectortype", ["Connector 1 1 ConnectorType"]),
        # B08.FR.20: no variable is every variable
        ("TokenReader", None, ["TokenReader Available", "TokenReader Enabled"]),
        # B08.FR.15: nothing
        ("EVSE 3", "AvailabilityState", []),
        ("EVSE 1", "Nonsense", []),
        ("Nonsense", None, []),
        ("TxCtrlr 1", None, []),
    ],
)
def test_what_a_filter_leaves_out_stands_for_all(
    device: DeviceModel, path: str, name: str | None, found: list[str]
) -> None:
    assert names(reports.custom(device, (), [wanted(path, name)])) == found


def test_overlapping_filters_report_a_variable_once(device: DeviceModel) -> None:
    both = [wanted("EVSE", "AvailabilityState"), wanted("EVSE 1")]
    found = names(reports.custom(device, (), both))
    assert len(found) == len(set(found))


def test_no_criteria_and_no_filters_is_everything(device: DeviceModel) -> None:
    assert reports.custom(device, (), ()) == reports.full(device)


def test_enabled_components_are_reported_by_their_enabled(device: DeviceModel) -> None:
    """TC_B_16, B08.FR.09."""
    put(device, "AuthCacheCtrlr", "Enabled", "false")
    entries = reports.custom(device, [Criterion.Enabled], ())
    assert {entry.variable.name for entry in entries} == {"Enabled"}
    assert {value(entry) for entry in entries} == {"true"}
    everywhere = {f"{found.address}" for found in device.components} - {f"{component('AuthCacheCtrlr')}"}
    assert {f"{entry.component}" for entry in entries} == everywhere


def test_components_that_cannot_say_whether_they_are_active_are_reported_whole(device: DeviceModel) -> None:
    """B08.FR.07: no component of this station has the variable Active."""
    assert reports.custom(device, [Criterion.Active], ()) == reports.full(device)


def test_problems_are_reported_only_where_they_are(device: DeviceModel) -> None:
    """B08.FR.10: a component without the variable Problem has none."""
    assert reports.custom(device, [Criterion.Problem], ()) == ()
    device.bind(EVSE.availability_state, lambda: "Faulted", evse_id=2)
    assert names(reports.custom(device, [Criterion.Problem], ())) == ["EVSE 2 Problem"]


def test_criteria_and_filters_together(device: DeviceModel) -> None:
    """TC_B_18, B08.FR.05: the filters pick the variables, the criteria the components."""
    state = [wanted("EVSE 1", "AvailabilityState")]
    assert names(reports.custom(device, [Criterion.Available], state)) == ["EVSE 1 AvailabilityState"]
    assert reports.custom(device, [Criterion.Problem], state) == ()


def test_several_criteria_are_a_logical_or(device: DeviceModel) -> None:
    """B08.FR.13."""
    state = [wanted("EVSE", "AvailabilityState")]
    both = reports.custom(device, [Criterion.Problem, Criterion.Available], state)
    assert names(both) == ["EVSE 1 AvailabilityState", "EVSE 2 AvailabilityState"]


def test_a_summary_of_a_healthy_station(device: DeviceModel) -> None:
    """TC_B_14, B07.FR.09: connectors only where they differ from their EVSE."""
    assert names(reports.summary(device)) == [
        "ChargingStation AvailabilityState",
        "EVSE 1 AvailabilityState",
        "EVSE 2 AvailabilityState",
    ]


def test_a_summary_names_what_is_wrong(device: DeviceModel) -> None:
    device.bind(Connector.availability_state, lambda: "Faulted", evse_id=1, connector_id=1)
    found = names(reports.summary(device))
    assert "Connector 1 1 AvailabilityState" in found
    assert "Connector 1 1 Problem" in found
    assert "Connector 2 1 AvailabilityState" not in found


@given(st.integers(1, 40000))
def test_parts_hold_everything_in_order_and_fit(limit: int) -> None:
    entries = reports.full(DeviceModel(certified()))
    parts = reports.parts(entries, limit)
    assert [entry for part in parts for entry in part] == list(entries)
    for part in parts:
        assert len(part) == 1 or sum(len(encode(entry)) + 1 for entry in part) <= limit


def test_nothing_has_no_parts() -> None:
    assert reports.parts(()) == []


def test_entries_are_valid_messages(device: DeviceModel) -> None:
    for part in reports.parts(reports.full(device)):
        now = datetime(2026, 11, 23, tzinfo=UTC)
        request = NotifyReportRequest(request_id=1, generated_at=now, seq_no=0, report_data=part)
        assert decode(NotifyReportRequest, encode(request)) == request


@pytest.mark.parametrize("count", [1, 2, 3])
def test_components_of_which_there_are_several_have_an_instance_each(count: int) -> None:
    """B08.FR.21: no instance in a filter is every one, and one of them is that alone."""
    made = certified()
    displays = msgspec.structs.replace(made, hardware=msgspec.structs.replace(made.hardware, displays=count))
    device = DeviceModel(displays)
    instances = [str(number) for number in range(1, count + 1)]

    def found(instance: str | None) -> list[str | None]:
        address = Component(name="Display", instance=instance)
        entries = reports.custom(device, (), [ComponentVariable(component=address, variable=Variable(name="Enabled"))])
        return [entry.component.instance for entry in entries]

    assert found(None) == (instances if count > 1 else [None])
    assert [found(instance) for instance in instances] == ([[one] for one in instances] if count > 1 else [[]])
    assert found("7") == []


@pytest.mark.parametrize(
    ("path", "name", "persistent", "constant"),
    [
        ("TxCtrlr", "EVConnectionTimeOut", True, None),
        ("EVSE 1", "AvailabilityState", None, None),
        ("EVSE 1", "SupplyPhases", True, True),
    ],
)
def test_what_outlives_a_reboot_and_what_never_changes(
    device: DeviceModel, path: str, name: str, persistent: bool | None, constant: bool | None
) -> None:
    """VariableAttributeType: a setting is kept, a declaration is constant, and what is measured is neither."""
    (entry,) = reports.custom(device, (), [wanted(path, name)])
    (attribute,) = entry.variable_attribute
    assert (attribute.persistent, attribute.constant) == (persistent, constant)
