"""How a CSMS asks for variables, in one line each."""

from functools import cache

from msgspec.structs import replace

from ohmstead.model.device import DeviceModel
from ohmstead.product.load import load
from ohmstead.product.profile import Product, VariableSetting
from ohmstead.wire.messages import (
    EVSE,
    AttributeEnum,
    Component,
    ComponentVariable,
    GetVariableData,
    GetVariableResult,
    SetVariableData,
    SetVariableResult,
    Variable,
)


@cache
def certified() -> Product:
    """Return the product of the certificate."""
    return load("sec1000-240y")


def product(features: dict[str, bool] | None = None, **variables: VariableSetting) -> Product:
    """Return it with other features, and settings of variables (`Component__Variable`)."""
    base = certified()
    settings = {name.replace("__", "."): setting for name, setting in variables.items()}
    return replace(base, features=base.features | (features or {}), variables=base.variables | settings)


def component(path: str) -> Component:
    """Return `TxCtrlr`, `EVSE 1`, or `Connector 1 2` as messages name it."""
    name, *numbers = path.split()
    evse = None
    if numbers:
        evse = EVSE(id=int(numbers[0]), connector_id=int(numbers[1]) if len(numbers) > 1 else None)
    return Component(name=name, evse=evse)


def variable(name: str) -> Variable:
    """Return `Variable` or `Variable[instance]` as messages name it."""
    name, _, instance = name.removesuffix("]").partition("[")
    return Variable(name=name, instance=instance or None)


def setting(path: str, name: str, value: str, kind: AttributeEnum | None = None) -> SetVariableData:
    """Return one item of a SetVariablesRequest."""
    return SetVariableData(
        component=component(path), variable=variable(name), attribute_value=value, attribute_type=kind
    )


def put(device: DeviceModel, path: str, name: str, value: str) -> SetVariableResult:
    """Set one variable, as if the store had kept it, and return the result."""
    plan = device.plan(setting(path, name, value))
    device.adopt(plan)
    return plan.results[0]


def get(device: DeviceModel, path: str, name: str, kind: AttributeEnum | None = None) -> GetVariableResult:
    """Get one variable."""
    return device.get(GetVariableData(component=component(path), variable=variable(name), attribute_type=kind))


def text(device: DeviceModel, path: str, name: str) -> str | None:
    """Return the attributeValue that a CSMS gets."""
    return get(device, path, name).attribute_value


def wanted(path: str, name: str | None = None) -> ComponentVariable:
    """Return one filter of a GetReportRequest."""
    return ComponentVariable(component=component(path), variable=variable(name) if name else None)
