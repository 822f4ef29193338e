"""B06: GetVariables, and the typed readers."""

from datetime import UTC, datetime

import pytest

from ohmstead.model.device import EVSE, AuthCacheCtrlr, ClockCtrlr, DeviceModel, OCPPCommCtrlr, TxCtrlr
from ohmstead.product.profile import VariableSetting
from ohmstead.wire.messages import AttributeEnum, Component, GetVariableData, GetVariableStatusEnum, Variable
from tests.model.device.asking import certified, get, product, put, text

Status = GetVariableStatusEnum


@pytest.fixture
def device() -> DeviceModel:
    return DeviceModel(certified())


def test_a_value_comes_with_its_names_and_type(device: DeviceModel) -> None:
    """TC_B_06, B06.FR.02, FR.04, FR.10, FR.11."""
    result = get(device, "OCPPCommCtrlr", "OfflineThreshold")
    assert result.attribute_status is Status.Accepted
    assert result.attribute_type is AttributeEnum.Actual
    assert result.attribute_value == "60"
    assert result.component.name == "OCPPCommCtrlr"
    assert result.variable.name == "OfflineThreshold"
    assert result.attribute_status_info is None


@pytest.mark.parametrize(
    ("path", "name", "status"),
    [
        ("UnknownComponent", "OfflineThreshold", Status.UnknownComponent),  # B06.FR.06
        ("OCPPCommCtrlr", "UnknownVariable", Status.UnknownVariable),  # B06.FR.07
        ("OCPPCommCtrlr", "MessageTimeout", Status.UnknownVariable),  # B06.FR.15: exists with an instance only
        ("EVSE", "Available", Status.UnknownComponent),
        ("SecurityCtrlr", "BasicAuthPassword", Status.Rejected),  # B06.FR.09
    ],
)
def test_what_cannot_be_read_has_no_value(device: DeviceModel, path: str, name: str, status: Status) -> None:
    result = get(device, path, name)
    assert result.attribute_status is status
    assert result.attribute_value is None


@pytest.mark.parametrize("kind", [AttributeEnum.Target, AttributeEnum.MinSet, AttributeEnum.MaxSet])
def test_only_actual_values_exist(device: DeviceModel, kind: AttributeEnum) -> None:
    """B06.FR.03, FR.08."""
    result = get(device, "OCPPCommCtrlr", "OfflineThreshold", kind)
    assert result.attribute_status is Status.NotSupportedAttributeType
    assert result.attribute_type is kind
    assert result.attribute_value is None


def test_instances_are_told_apart(device: DeviceModel) -> None:
    """B06.FR.14."""
    put(device, "ClockCtrlr", "TimeOffset[NextTransition]", "+02:00")
    assert text(device, "ClockCtrlr", "TimeOffset") == "+00:00"
    assert text(device, "ClockCtrlr", "TimeOffset[nexttransition]") == "+02:00"


def test_an_empty_instance_is_none(device: DeviceModel) -> None:
    """B06.FR.15."""
    data = GetVariableData(
        component=Component(name="ClockCtrlr", instance=""), variable=Variable(name="TimeOffset", instance="")
    )
    assert device.get(data).attribute_value == "+00:00"


def test_what_is_unset_is_empty(device: DeviceModel) -> None:
    """B06.FR.13."""
    assert get(device, "AuthCtrlr", "MasterPassGroupId").attribute_status is Status.Accepted
    assert text(device, "AuthCtrlr", "MasterPassGroupId") == ""
    assert text(device, "ClockCtrlr", "NextTimeOffsetTransitionDateTime") == ""


def test_computed_values_come_from_the_station(device: DeviceModel) -> None:
    device.bind(EVSE.availability_state, lambda: "Occupied", evse_id=2)
    device.bind(ClockCtrlr.date_time, lambda: datetime(2026, 11, 23, 12, tzinfo=UTC))
    assert text(device, "EVSE 1", "AvailabilityState") == "Available"
    assert text(device, "EVSE 2", "AvailabilityState") == "Occupied"
    assert text(device, "ClockCtrlr", "DateTime") == "2026-11-23T12:00:00Z"


def test_what_is_faulted_has_a_problem(device: DeviceModel) -> None:
    device.bind(EVSE.availability_state, lambda: "Faulted", evse_id=1)
    assert text(device, "EVSE 1", "Problem") == "true"
    assert text(device, "EVSE 2", "Problem") == "false"


def test_binding_to_a_place_that_does_not_exist_is_an_error(device: DeviceModel) -> None:
    with pytest.raises(KeyError):
        device.bind(EVSE.availability_state, lambda: "Occupied", evse_id=3)


@pytest.mark.parametrize(
    ("allowed", "value"), [(("LFU", "FIFO"), "LFU"), (("FIFO", "LRU"), "LRU"), (("CUSTOM",), "CUSTOM")]
)
def test_the_value_is_one_of_those_that_a_product_allows(allowed: tuple[str, ...], value: str) -> None:
    """C-54 names the policies; where the declared default is not among them, the first one acts."""
    device = DeviceModel(product(AuthCacheCtrlr__Policy=VariableSetting(values=allowed)))
    assert text(device, "AuthCacheCtrlr", "Policy") == value


def test_binding_to_a_component_that_the_product_does_not_have_is_none() -> None:
    """A station without an authorization cache (C-49 = No) has no AuthCacheCtrlr at all, and boots."""
    device = DeviceModel(product({"C-49": False, "C-53": False, "C-54": False}))
    device.bind(AuthCacheCtrlr.storage, lambda: 7)
    assert get(device, "AuthCacheCtrlr", "Storage").attribute_status is Status.UnknownComponent


def test_the_declaration_is_on_the_class_and_the_value_on_the_object(device: DeviceModel) -> None:
    timeout: int = device.tx.ev_connection_time_out
    points: tuple[str, ...] = device.tx.tx_start_point
    assert timeout == 120
    assert points == ("PowerPathClosed",)
    assert TxCtrlr.ev_connection_time_out.label == "TxCtrlr.EVConnectionTimeOut"


def test_reads_are_counted_but_messages_are_not_reads(device: DeviceModel) -> None:
    assert text(device, "OCPPCommCtrlr", "OfflineThreshold") == "60"
    assert device.reads[OCPPCommCtrlr.offline_threshold] == 0
    assert device.ocpp_comm.offline_threshold == 60
    assert device.reads[OCPPCommCtrlr.offline_threshold] == 1


def test_readers_and_displays_follow_the_hardware() -> None:
    assert text(DeviceModel(product()), "TokenReader", "Available") == "true"
    assert text(DeviceModel(product()), "Display", "Enabled") == "true"
