"""The device model: components and variables, declared once (Part 2, chapter "Referenced Components and Variables")."""

from ohmstead.model.device import reports
from ohmstead.model.device.changed import changed, validator
from ohmstead.model.device.component import Addition, Component
from ohmstead.model.device.controllers import (
    AuthCacheCtrlr,
    AuthCtrlr,
    ClockCtrlr,
    DeviceDataCtrlr,
    OCPPCommCtrlr,
    SecurityCtrlr,
)
from ohmstead.model.device.device_model import DeviceModel, Plan, SettingRow, VariableChange
from ohmstead.model.device.infrastructure import (
    EVSE,
    AreaVentilation,
    ChargingStation,
    Connector,
    ConnectorPlugRetentionLock,
    ConnectorProtectionRelease,
    CPPWMController,
    Display,
    TokenReader,
)
from ohmstead.model.device.transactions import AlignedDataCtrlr, SampledDataCtrlr, TxCtrlr
from ohmstead.model.device.variable import AnyVariable, Refused, Variable

__all__ = [
    "EVSE",
    "Addition",
    "AlignedDataCtrlr",
    "AnyVariable",
    "AreaVentilation",
    "AuthCacheCtrlr",
    "AuthCtrlr",
    "CPPWMController",
    "ChargingStation",
    "ClockCtrlr",
    "Component",
    "Connector",
    "ConnectorPlugRetentionLock",
    "ConnectorProtectionRelease",
    "DeviceDataCtrlr",
    "DeviceModel",
    "Display",
    "OCPPCommCtrlr",
    "Plan",
    "Refused",
    "SampledDataCtrlr",
    "SecurityCtrlr",
    "SettingRow",
    "TokenReader",
    "TxCtrlr",
    "Variable",
    "VariableChange",
    "changed",
    "reports",
    "validator",
]
