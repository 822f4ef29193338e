"""The variables that Part 2, Part 4, errata 2025-09 and the features of the certificate ask of a station."""

import pytest

from ohmstead.model.device import AuthCacheCtrlr, DeviceModel, OCPPCommCtrlr, TxCtrlr
from ohmstead.model.device.component import Component
from ohmstead.product.load import load, shipped
from ohmstead.product.profile import VariableSetting
from ohmstead.wire.messages import MutabilityEnum
from tests.model.device.asking import certified, component, product, text, variable

READ_ONLY, READ_WRITE, WRITE_ONLY = "ReadOnly", "ReadWrite", "WriteOnly"

# Component, variable, data type, mutability, unit: what sec1000-240y must have.
REQUIRED = """
AlignedDataCtrlr Interval integer ReadWrite s
AlignedDataCtrlr Measurands MemberList ReadWrite -
AlignedDataCtrlr SendDuringIdle boolean ReadWrite -
AlignedDataCtrlr TxEndedInterval integer ReadWrite s
AlignedDataCtrlr TxEndedMeasurands MemberList ReadWrite -
AuthCacheCtrlr Available boolean ReadOnly -
AuthCacheCtrlr Enabled boolean ReadWrite -
AuthCacheCtrlr LifeTime integer ReadWrite s
AuthCacheCtrlr Policy OptionList ReadWrite -
AuthCacheCtrlr Storage integer ReadOnly B
AuthCtrlr AuthorizeRemoteStart boolean ReadWrite -
AuthCtrlr DisableRemoteAuthorization boolean ReadWrite -
AuthCtrlr LocalAuthorizeOffline boolean ReadWrite -
AuthCtrlr LocalPreAuthorize boolean ReadWrite -
AuthCtrlr MasterPassGroupId string ReadWrite -
AuthCtrlr OfflineTxForUnknownIdEnabled boolean ReadWrite -
AuthCtrlr SupportedIdTokenTypes MemberList ReadOnly -
ChargingStation AllowNewSessionsPendingFirmwareUpdate boolean ReadWrite -
ChargingStation AvailabilityState OptionList ReadOnly -
ChargingStation Available boolean ReadOnly -
ChargingStation SupplyPhases integer ReadOnly -
ClockCtrlr DateTime dateTime ReadOnly -
ClockCtrlr NextTimeOffsetTransitionDateTime dateTime ReadWrite -
ClockCtrlr TimeOffset string ReadWrite -
ClockCtrlr TimeOffset[NextTransition] string ReadWrite -
ClockCtrlr TimeSource SequenceList ReadWrite -
ClockCtrlr TimeZone string ReadWrite -
DeviceDataCtrlr BytesPerMessage[GetReport] integer ReadOnly -
DeviceDataCtrlr BytesPerMessage[GetVariables] integer ReadOnly -
DeviceDataCtrlr BytesPerMessage[SetVariables] integer ReadOnly -
DeviceDataCtrlr ItemsPerMessage[GetReport] integer ReadOnly -
DeviceDataCtrlr ItemsPerMessage[GetVariables] integer ReadOnly -
DeviceDataCtrlr ItemsPerMessage[SetVariables] integer ReadOnly -
OCPPCommCtrlr ActiveNetworkProfile integer ReadOnly -
OCPPCommCtrlr FileTransferProtocols MemberList ReadOnly -
OCPPCommCtrlr HeartbeatInterval integer ReadWrite s
OCPPCommCtrlr MessageAttemptInterval[TransactionEvent] integer ReadWrite s
OCPPCommCtrlr MessageAttempts[TransactionEvent] integer ReadWrite -
OCPPCommCtrlr MessageTimeout[Default] integer ReadOnly s
OCPPCommCtrlr MinimumStatusDuration integer ReadWrite s
OCPPCommCtrlr NetworkConfigurationPriority SequenceList ReadWrite -
OCPPCommCtrlr NetworkProfileConnectionAttempts integer ReadWrite -
OCPPCommCtrlr OfflineThreshold integer ReadWrite s
OCPPCommCtrlr QueueAllMessages boolean ReadWrite -
OCPPCommCtrlr ResetRetries integer ReadWrite -
OCPPCommCtrlr RetryBackOffRandomRange integer ReadWrite s
OCPPCommCtrlr RetryBackOffRepeatTimes integer ReadWrite -
OCPPCommCtrlr RetryBackOffWaitMinimum integer ReadWrite s
OCPPCommCtrlr UnlockOnEVSideDisconnect boolean ReadOnly -
OCPPCommCtrlr WebSocketPingInterval integer ReadWrite s
SampledDataCtrlr TxEndedInterval integer ReadWrite s
SampledDataCtrlr TxEndedMeasurands MemberList ReadWrite -
SampledDataCtrlr TxStartedMeasurands MemberList ReadWrite -
SampledDataCtrlr TxUpdatedInterval integer ReadWrite s
SampledDataCtrlr TxUpdatedMeasurands MemberList ReadWrite -
SecurityCtrlr AllowCSMSTLSWildcards boolean ReadWrite -
SecurityCtrlr BasicAuthPassword string WriteOnly -
SecurityCtrlr CertificateEntries integer ReadOnly -
SecurityCtrlr Identity string ReadOnly -
SecurityCtrlr MaxCertificateChainSize integer ReadOnly -
SecurityCtrlr OrganizationName string ReadWrite -
SecurityCtrlr SecurityProfile integer ReadOnly -
TxCtrlr EVConnectionTimeOut integer ReadWrite s
TxCtrlr MaxEnergyOnInvalidId integer ReadWrite Wh
TxCtrlr StopTxOnEVSideDisconnect boolean ReadOnly -
TxCtrlr StopTxOnInvalidId boolean ReadWrite -
TxCtrlr TxStartPoint MemberList ReadWrite -
TxCtrlr TxStopPoint MemberList ReadWrite -
""".strip().splitlines()

AT_PLACES = """
EVSE_1 AllowReset boolean ReadOnly -
EVSE_1 AvailabilityState OptionList ReadOnly -
EVSE_1 Available boolean ReadOnly -
EVSE_2 Power decimal ReadOnly W
EVSE_2 SupplyPhases integer ReadOnly -
Connector_1_1 AvailabilityState OptionList ReadOnly -
Connector_1_1 Available boolean ReadOnly -
Connector_2_1 ConnectorType string ReadOnly -
Connector_2_1 SupplyPhases integer ReadOnly -
""".strip().splitlines()


@pytest.mark.parametrize("row", REQUIRED + AT_PLACES)
def test_the_certified_product_has_the_required_variable(row: str) -> None:
    path, name, data_type, mutability, unit = row.split()
    found = DeviceModel(certified()).find(component(path.replace("_", " ")))
    assert found is not None
    asked = variable(name)
    declared = found.find(asked.name, asked.instance)
    assert declared is not None
    assert declared.data_type.value == data_type
    assert found.trait(declared).mutability.value == mutability
    assert (declared.unit or "-") == unit


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("ChargingStation", "SupplyPhases", "0"),
        ("EVSE 1", "SupplyPhases", "0"),
        ("EVSE 1", "AllowReset", "true"),
        ("Connector 1 1", "ConnectorType", "cCCS1"),
        ("Connector 2 1", "ConnectorType", "cTesla"),
        ("OCPPCommCtrlr", "FileTransferProtocols", "HTTP,HTTPS,FTP,FTPS"),
        ("OCPPCommCtrlr", "WebSocketPingInterval", "60"),
        ("OCPPCommCtrlr", "UnlockOnEVSideDisconnect", "false"),
        ("OCPPCommCtrlr", "MinimumStatusDuration", "0"),
        ("DeviceDataCtrlr", "ItemsPerMessage[SetVariables]", "1"),
        ("DeviceDataCtrlr", "BytesPerMessage[GetReport]", "500"),
        ("TxCtrlr", "TxStartPoint", "PowerPathClosed"),
        ("TxCtrlr", "TxStopPoint", "Authorized,EVConnected"),
        ("TxCtrlr", "StopTxOnEVSideDisconnect", "true"),
        ("AuthCtrlr", "SupportedIdTokenTypes", "ISO14443"),
        ("SecurityCtrlr", "MaxCertificateChainSize", "5600"),
        ("ClockCtrlr", "TimeSource", "Heartbeat"),
    ],
)
def test_values_follow_from_the_certificate(path: str, name: str, value: str) -> None:
    assert text(DeviceModel(certified()), path, name) == value


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("AuthCacheCtrlr", "DisablePostAuthorize"),  # C-59
        ("SecurityCtrlr", "CertSigningRepeatTimes"),  # AS-3
        ("SampledDataCtrlr", "SignReadings"),  # C-42
        ("SecurityCtrlr", "AllowSecurityProfileDowngrade"),  # TC_A_22
    ],
)
def test_variables_of_features_that_say_no_are_absent(path: str, name: str) -> None:
    found = DeviceModel(certified()).find(component(path))
    assert found is not None
    assert found.find(name, None) is None


@pytest.mark.parametrize(
    "name", ["LocalAuthListCtrlr", "ReservationCtrlr", "SmartChargingCtrlr", "MonitoringCtrlr", "DisplayMessageCtrlr"]
)
def test_controllers_of_absent_profiles_are_absent(name: str) -> None:
    assert DeviceModel(certified()).find(component(name)) is None


@pytest.mark.parametrize("name", shipped())
def test_every_component_can_be_asked_for_availability_and_enabled(name: str) -> None:
    # 2.13.1: Available exists on each component, B08.FR.08 and FR.09 look for both.
    for found in DeviceModel(load(name)).components:
        assert found.find("Available", None) is not None
        assert found.find("Enabled", None) is not None


def _all() -> list[Component]:
    return [found for name in shipped() for found in DeviceModel(load(name)).components]


@pytest.mark.parametrize("found", _all(), ids=lambda found: found.path)
def test_lists_have_values_and_hold_nothing_else(found: Component) -> None:
    # TC_B_53 and errata 6.2.19
    for declared in found.variables:
        if declared.data_type.value in ("OptionList", "MemberList", "SequenceList"):
            allowed = found.trait(declared).values
            assert allowed
            assert set(found.text(declared).split(",")) <= {*allowed, ""}
            assert len(",".join(allowed)) <= 1000


@pytest.mark.parametrize("found", _all(), ids=lambda found: found.path)
def test_defaults_are_values_that_could_be_set(found: Component) -> None:
    for declared in found.variables:
        if not declared.computed and not declared.secret:
            trait = found.trait(declared)
            assert declared.accept(declared.format(trait.default), trait) == trait.default


@pytest.mark.parametrize("found", _all(), ids=lambda found: found.path)
def test_names_and_instances_fit_into_the_messages(found: Component) -> None:
    for declared in found.variables:
        assert len(declared.name) <= 50
        assert len(declared.instance or "") <= 50
        assert len(declared.unit or "") <= 16


@pytest.mark.parametrize(
    ("features", "value", "writable"),
    [
        ({"C-06.1": True, "C-06.2": False}, False, False),
        ({"C-06.1": False, "C-06.2": True}, True, False),
        ({"C-06.1": True, "C-06.2": True}, True, True),
    ],
)
def test_a_boolean_with_a_feature_for_each_value(features: dict[str, bool], value: bool, writable: bool) -> None:
    device = DeviceModel(product(features))
    assert device.tx.stop_tx_on_ev_side_disconnect is value
    assert device.tx.trait(TxCtrlr.stop_tx_on_ev_side_disconnect).writable is writable


def test_readers_of_an_absent_cache_see_it_switched_off() -> None:
    device = DeviceModel(product({"C-49": False, "C-53": False, "C-54": False}))
    assert device.find(component("AuthCacheCtrlr")) is None
    assert not device.has(AuthCacheCtrlr.enabled)
    assert device.auth_cache.enabled is False


def test_a_product_overrides_value_limits_and_mutability() -> None:
    setting = VariableSetting(value=45, max=50.0, mutability="ReadOnly")
    device = DeviceModel(product(OCPPCommCtrlr__OfflineThreshold=setting))
    trait = device.ocpp_comm.trait(OCPPCommCtrlr.offline_threshold)
    assert device.ocpp_comm.offline_threshold == 45
    assert trait.maximum == 50
    assert trait.mutability is MutabilityEnum.ReadOnly


def test_a_product_takes_a_variable_away() -> None:
    device = DeviceModel(product(OCPPCommCtrlr__QueueAllMessages=VariableSetting(absent=True)))
    assert not device.has(OCPPCommCtrlr.queue_all_messages)
    assert device.ocpp_comm.queue_all_messages is False


def test_an_impossible_override_is_named() -> None:
    with pytest.raises(ValueError, match=r"OCPPCommCtrlr\.OfflineThreshold: not an integer"):
        DeviceModel(product(OCPPCommCtrlr__OfflineThreshold=VariableSetting(value="soon")))


def test_a_computed_variable_that_nothing_computes_is_found() -> None:
    """It would show its default for ever; a station does not start with one."""
    with pytest.raises(LookupError, match="AvailabilityState"):
        DeviceModel(load("sec1000-240y")).check_bound()
