"""B05: SetVariables."""

import pytest

from ohmstead.model.device import DeviceModel, OCPPCommCtrlr, SecurityCtrlr, TxCtrlr, changed, validator
from ohmstead.product.profile import VariableSetting
from ohmstead.wire.messages import AttributeEnum, SetVariableStatusEnum
from tests.model.device.asking import certified, product, put, setting, text

Status = SetVariableStatusEnum


@pytest.fixture
def device() -> DeviceModel:
    return DeviceModel(certified())


def test_a_value_is_set_and_read(device: DeviceModel) -> None:
    """TC_B_09, B05.FR.10."""
    result = put(device, "OCPPCommCtrlr", "OfflineThreshold", "300")
    assert result.attribute_status is Status.Accepted
    assert result.attribute_status_info is None
    assert device.ocpp_comm.offline_threshold == 300


def test_names_compare_case_insensitively(device: DeviceModel) -> None:
    assert put(device, "ocppcommctrlr", "OFFLINETHRESHOLD", "7").attribute_status is Status.Accepted
    assert device.ocpp_comm.offline_threshold == 7


def test_one_result_for_each_item_in_their_order(device: DeviceModel) -> None:
    """TC_B_10, B05.FR.01 to FR.03 and FR.12."""
    items = [
        setting("OCPPCommCtrlr", "OfflineThreshold", "300"),
        setting("AuthCtrlr", "LocalAuthorizeOffline", "maybe", AttributeEnum.Actual),
        setting("TxCtrlr", "EVConnectionTimeOut", "60", AttributeEnum.Target),
    ]
    results = device.plan(*items).results
    assert [(result.component, result.variable) for result in results] == [
        (item.component, item.variable) for item in items
    ]
    assert [result.attribute_type for result in results] == [
        AttributeEnum.Actual,
        AttributeEnum.Actual,
        AttributeEnum.Target,
    ]
    assert [result.attribute_status for result in results] == [
        Status.Accepted,
        Status.Rejected,
        Status.NotSupportedAttributeType,
    ]


@pytest.mark.parametrize(
    ("path", "name", "status"),
    [
        ("UnknownComponent", "OfflineThreshold", Status.UnknownComponent),  # B05.FR.04
        ("OCPPCommCtrlr 1", "OfflineThreshold", Status.UnknownComponent),  # not at that EVSE
        ("EVSE", "Available", Status.UnknownComponent),
        ("EVSE 3", "Available", Status.UnknownComponent),
        ("Connector 1", "Available", Status.UnknownComponent),
        ("OCPPCommCtrlr", "UnknownVariable", Status.UnknownVariable),  # B05.FR.05
        ("OCPPCommCtrlr", "MessageAttempts", Status.UnknownVariable),  # exists with an instance only
        ("OCPPCommCtrlr", "MessageAttempts[Heartbeat]", Status.UnknownVariable),
        ("OCPPCommCtrlr", "MessageTimeout[Default]", Status.Rejected),  # TC_B_39, ReadOnly
        ("EVSE 1", "Available", Status.Rejected),
    ],
)
def test_what_cannot_be_set_says_why(device: DeviceModel, path: str, name: str, status: Status) -> None:
    assert put(device, path, name, "1").attribute_status is status


@pytest.mark.parametrize(
    ("path", "name", "value", "reason"),
    [
        ("OCPPCommCtrlr", "OfflineThreshold", "300.1", "InvalidValue"),  # TC_B_11, B05.FR.07
        ("OCPPCommCtrlr", "HeartbeatInterval", "0", "ValueOutOfRange"),  # ORS-11
        ("OCPPCommCtrlr", "HeartbeatInterval", "1801", "ValueOutOfRange"),  # ORS-12, B05.FR.08
        ("OCPPCommCtrlr", "MessageTimeout[Default]", "10", "ReadOnly"),  # B05.FR.09
        ("OCPPCommCtrlr", "NetworkConfigurationPriority", "0,7", "InvalidValue"),
        ("OCPPCommCtrlr", "NetworkConfigurationPriority", "", "InvalidValue"),
        ("TxCtrlr", "TxStartPoint", "DataSigned", "InvalidValue"),  # C-09.3 = No
        ("TxCtrlr", "TxStopPoint", "EnergyTransfer", "InvalidValue"),  # C-10.4 = No
        ("TxCtrlr", "TxStartPoint", "", "InvalidValue"),  # a station that never starts a transaction
        ("TxCtrlr", "MaxEnergyOnInvalidId", "10.000", "InvalidValue"),  # TC_C_15 means 10000
        ("ClockCtrlr", "TimeSource", "NTP", "InvalidValue"),  # C-23
        ("ClockCtrlr", "TimeOffset", "1:00", "InvalidValue"),
        ("ClockCtrlr", "TimeOffset", "+15:00", "InvalidValue"),
        ("ClockCtrlr", "TimeZone", "Europe/Atlantis", "InvalidValue"),
        ("ClockCtrlr", "TimeZone", "../../etc/passwd", "InvalidValue"),
        ("SampledDataCtrlr", "TxUpdatedMeasurands", "SoC", "InvalidValue"),  # C-40
        ("SecurityCtrlr", "OrganizationName", " ", "InvalidValue"),
        ("AuthCtrlr", "MasterPassGroupId", "x" * 37, "ValueOutOfRange"),
    ],
)
def test_a_value_that_is_not_taken_is_rejected(
    device: DeviceModel, path: str, name: str, value: str, reason: str
) -> None:
    before = text(device, path, name)
    result = put(device, path, name, value)
    assert result.attribute_status is Status.Rejected
    assert result.attribute_status_info is not None
    assert result.attribute_status_info.reason_code == reason
    assert text(device, path, name) == before


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("SampledDataCtrlr", "TxStartedMeasurands", ""),  # TC_J_03
        ("AlignedDataCtrlr", "Measurands", ""),
        ("OCPPCommCtrlr", "WebSocketPingInterval", "0"),  # Part 4, 8.4
        ("ClockCtrlr", "TimeZone", "Europe/Oslo"),
        ("ClockCtrlr", "TimeZone", ""),
        ("ClockCtrlr", "TimeOffset", "-02:30"),
        ("ClockCtrlr", "NextTimeOffsetTransitionDateTime", "2027-03-28T01:00:00Z"),
        ("ClockCtrlr", "NextTimeOffsetTransitionDateTime", ""),
        ("AuthCtrlr", "MasterPassGroupId", ""),
        ("TxCtrlr", "MaxEnergyOnInvalidId", "10000"),
    ],
)
def test_values_with_a_meaning_are_taken(device: DeviceModel, path: str, name: str, value: str) -> None:
    assert put(device, path, name, value).attribute_status is Status.Accepted
    assert text(device, path, name) == value


def test_another_order_of_slots_waits_for_the_reboot(device: DeviceModel) -> None:
    """TC_A_19, TC_B_45: the CSMS resets the station once it has answered RebootRequired (B10.FR.04)."""
    plan = device.plan(setting("OCPPCommCtrlr", "NetworkConfigurationPriority", "2,1"))
    device.adopt(plan)
    assert plan.results[0].attribute_status is Status.RebootRequired
    assert device.ocpp_comm.network_configuration_priority == ("1",)
    rebooted = DeviceModel(certified(), [(row.key, row.value) for row in plan.rows])
    assert rebooted.ocpp_comm.network_configuration_priority == ("2", "1")


def test_every_supported_set_of_points_is_taken(device: DeviceModel) -> None:
    """Decided case 2: SetVariables accepts every set the product supports."""
    supported = certified().start_points
    for number in range(1, 2 ** len(supported)):
        chosen = [name for bit, name in enumerate(supported) if number >> bit & 1]
        assert put(device, "TxCtrlr", "TxStartPoint", ",".join(chosen)).attribute_status is Status.Accepted
        assert list(device.tx.tx_start_point) == chosen


def test_planning_changes_nothing(device: DeviceModel) -> None:
    """Decided case 19: decided, committed, and only then adopted."""
    plan = device.plan(setting("OCPPCommCtrlr", "OfflineThreshold", "300"))
    assert device.ocpp_comm.offline_threshold == 60
    assert [(row.kind, row.key, row.value) for row in plan.rows] == [
        ("variable", "OCPPCommCtrlr.OfflineThreshold", b"300")
    ]
    assert device.adopt(plan) == (OCPPCommCtrlr.offline_threshold,)
    assert device.ocpp_comm.offline_threshold == 300


def test_the_last_item_on_a_variable_wins(device: DeviceModel) -> None:
    plan = device.plan(
        setting("OCPPCommCtrlr", "OfflineThreshold", "1"), setting("OCPPCommCtrlr", "OfflineThreshold", "2")
    )
    device.adopt(plan)
    assert len(plan.rows) == 1
    assert device.ocpp_comm.offline_threshold == 2


def test_the_same_value_again_is_no_change(device: DeviceModel) -> None:
    assert device.adopt(device.plan(setting("OCPPCommCtrlr", "OfflineThreshold", "60"))) == ()


def test_a_value_that_acts_at_the_next_boot() -> None:
    station = product(SecurityCtrlr__Identity=VariableSetting(mutability="ReadWrite"))
    device = DeviceModel(station)
    device.bind(SecurityCtrlr.identity, lambda: "old")
    plan = device.plan(setting("SecurityCtrlr", "Identity", "new"))
    device.adopt(plan)
    assert plan.results[0].attribute_status is Status.RebootRequired
    assert device.security.identity == "old"
    rebooted = DeviceModel(station, [(row.key, row.value) for row in plan.rows])
    rebooted.bind(SecurityCtrlr.identity, lambda: "old")
    assert rebooted.security.identity == "new"


def test_the_station_sets_what_the_csms_may_not(device: DeviceModel) -> None:
    plan = device.assign(OCPPCommCtrlr.heartbeat_interval, 900)
    device.adopt(plan)
    assert device.ocpp_comm.heartbeat_interval == 900
    assert [row.key for row in plan.rows] == ["OCPPCommCtrlr.HeartbeatInterval"]


PASSWORD = "correct horse battery staple"


def test_a_password_is_taken_and_never_shown(device: DeviceModel, caplog: pytest.LogCaptureFixture) -> None:
    plan = device.plan(setting("SecurityCtrlr", "BasicAuthPassword", PASSWORD))
    device.adopt(plan)
    assert device.security.basic_auth_password == PASSWORD
    shown = f"{plan.rows!r} {plan.changes!r} {plan.results!r} {device.security!r} {caplog.text}"
    assert PASSWORD not in shown


@pytest.mark.parametrize("value", ["x" * 15, "x" * 41, "tab\tseparated password", ""])
def test_a_password_has_16_to_40_printable_characters(device: DeviceModel, value: str) -> None:
    """A00.FR.205 with errata 2.1."""
    result = put(device, "SecurityCtrlr", "BasicAuthPassword", value)
    assert result.attribute_status is Status.Rejected
    assert not value or value not in repr(result)


class Block:
    """Reacts to variables, and has a say in them."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    @changed(OCPPCommCtrlr.offline_threshold, OCPPCommCtrlr.reset_retries)
    def rearm(self) -> None:
        """React."""
        self.heard.append("rearm")

    @changed(TxCtrlr.ev_connection_time_out)
    def stumble(self) -> None:
        """React wrongly."""
        raise RuntimeError("a bug")

    @validator(OCPPCommCtrlr.network_configuration_priority)
    def configured(self, value: tuple[str, ...]) -> str | None:
        """Object to a slot without a profile (B10.FR.02)."""
        return "slot 3 holds no profile" if "3" in value else None


def test_a_reaction_is_called_once_for_several_changes(device: DeviceModel) -> None:
    block = Block()
    device.listen([block])
    device.adopt(
        device.plan(setting("OCPPCommCtrlr", "OfflineThreshold", "1"), setting("OCPPCommCtrlr", "ResetRetries", "9"))
    )
    assert block.heard == ["rearm"]


def test_a_reaction_is_not_called_without_a_change(device: DeviceModel) -> None:
    block = Block()
    device.listen([block])
    put(device, "OCPPCommCtrlr", "OfflineThreshold", "60")
    assert block.heard == []


def test_a_failing_reaction_does_not_stop_the_others(device: DeviceModel) -> None:
    block = Block()
    device.listen([block])
    device.adopt(
        device.plan(setting("TxCtrlr", "EVConnectionTimeOut", "1"), setting("OCPPCommCtrlr", "ResetRetries", "9"))
    )
    assert block.heard == ["rearm"]
    assert device.tx.ev_connection_time_out == 1


def test_a_block_can_object_to_a_value(device: DeviceModel) -> None:
    device.listen([Block()])
    assert put(device, "OCPPCommCtrlr", "NetworkConfigurationPriority", "0,3").attribute_status is Status.Rejected
    assert put(device, "OCPPCommCtrlr", "NetworkConfigurationPriority", "0,1").attribute_status is not Status.Rejected


def test_values_survive_a_restart(device: DeviceModel) -> None:
    plan = device.plan(
        setting("OCPPCommCtrlr", "MessageAttempts[TransactionEvent]", "7"),
        setting("TxCtrlr", "TxStartPoint", "Authorized, EVConnected"),
        setting("ClockCtrlr", "TimeOffset[NextTransition]", "+02:00"),
        setting("SampledDataCtrlr", "TxUpdatedMeasurands", ""),
        setting("SecurityCtrlr", "BasicAuthPassword", PASSWORD),
    )
    rebooted = DeviceModel(certified(), [(row.key, row.value) for row in plan.rows])
    assert rebooted.ocpp_comm.message_attempts == 7
    assert rebooted.tx.tx_start_point == ("Authorized", "EVConnected")
    assert rebooted.clock.time_offset_next_transition == "+02:00"
    assert rebooted.sampled_data.tx_updated_measurands == ()
    assert rebooted.security.basic_auth_password == PASSWORD


@pytest.mark.parametrize(
    "row",
    [
        ("OldCtrlr.Gone", b"1"),
        ("OCPPCommCtrlr.HeartbeatInterval", b"86400"),  # a firmware with wider limits wrote it
        ("OCPPCommCtrlr.HeartbeatInterval", b"\xff"),
    ],
)
def test_rows_that_this_version_cannot_use_are_ignored(
    row: tuple[str, bytes], caplog: pytest.LogCaptureFixture
) -> None:
    assert DeviceModel(certified(), [row]).ocpp_comm.heartbeat_interval == 300
    assert row[0] in caplog.text


def test_a_product_that_locks_a_variable_forgets_what_was_stored() -> None:
    locked = product({"C-51": False})
    stored = [("TxCtrlr.TxStartPoint", b"EVConnected")]
    assert set(DeviceModel(locked, stored).tx.tx_start_point) == set(locked.start_points)
