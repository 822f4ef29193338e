"""What the reports of B07 and B08 hold, and how they are cut into messages."""

from collections.abc import Iterable, Sequence

from ohmstead.model.device.component import Component
from ohmstead.model.device.device_model import DeviceModel
from ohmstead.model.device.infrastructure import EVSE, ChargingStation, Connector
from ohmstead.model.device.variable import WRITE_ONLY, AnyVariable
from ohmstead.wire import messages as wire
from ohmstead.wire.codec import encode
from ohmstead.wire.identifiers import folded

PART_BYTES = 8000
"""A NotifyReportRequest holds items until their JSON has this many bytes: few messages, each far below any limit."""

_NUMBERS = (wire.DataEnum.integer, wire.DataEnum.decimal)

Selection = Iterable[tuple[Component, AnyVariable]]


def full(device: DeviceModel) -> tuple[wire.ReportData, ...]:
    """Return every variable (FullInventory, B07.FR.08)."""
    return _entries(_all(device))


def configuration(device: DeviceModel) -> tuple[wire.ReportData, ...]:
    """Return the variables that can be set (ConfigurationInventory, B07.FR.07)."""
    return _entries((c, variable) for c, variable in _all(device) if c.trait(variable).writable)


def summary(device: DeviceModel) -> tuple[wire.ReportData, ...]:
    """Return availability and problems (SummaryInventory, B07.FR.09)."""
    return _entries(
        (component, variable) for component, variable in _all(device) if _summarised(device, component, variable)
    )


def custom(
    device: DeviceModel,
    criteria: Sequence[wire.ComponentCriterionEnum],
    filters: Sequence[wire.ComponentVariable],
) -> tuple[wire.ReportData, ...]:
    """Return what a GetReportRequest selects; nothing is an empty result set (B08.FR.15).

    A filter picks variables of components, where what it leaves out stands for all (B08.FR.20 to 25). A criterion picks
    components (B08.FR.07 to 10), several are a logical OR (B08.FR.13). Criteria alone report a component by the
    variables that meet them, which is what TC_B_16 looks at; one that has no such variable, by everything it has.
    """
    selection: Selection = _all(device)
    if filters:
        selection = [(c, v) for c, v in selection if any(_picked(c, v, wanted) for wanted in filters)]
    if criteria:
        names = [criterion.value for criterion in criteria]
        if filters:
            selection = [(c, v) for c, v in selection if any(_meets(c, name) for name in names)]
        else:
            selection = [(c, v) for c, v in selection if any(_meets_by(c, v, name) for name in names)]
    return _entries(selection)


def parts(entries: Sequence[wire.ReportData], limit: int = PART_BYTES) -> list[tuple[wire.ReportData, ...]]:
    """Cut a report into pieces whose items have at most `limit` bytes of JSON together, or are a single item."""
    cut: list[tuple[wire.ReportData, ...]] = []
    piece: list[wire.ReportData] = []
    size = 0
    for entry in entries:
        weight = len(encode(entry)) + 1
        if piece and size + weight > limit:
            cut.append(tuple(piece))
            piece, size = [], 0
        piece.append(entry)
        size += weight
    return [*cut, tuple(piece)] if piece else cut


def entry_of(component: Component, variable: AnyVariable) -> wire.ReportData:
    """Return what a report says about one variable; the value of a write-only one is left out (errata B07.FR.03)."""
    trait = component.trait(variable)
    attribute = wire.VariableAttribute(
        type=wire.AttributeEnum.Actual,
        value=None if trait.mutability is WRITE_ONLY else component.text(variable),
        mutability=trait.mutability,
        persistent=True if trait.writable or not variable.computed else None,
        constant=None if variable.computed or trait.writable else True,
    )
    characteristics = wire.VariableCharacteristics(
        unit=variable.unit,
        data_type=variable.data_type,
        min_limit=trait.minimum if variable.data_type in _NUMBERS else None,
        max_limit=trait.maximum,
        values_list=",".join(trait.values) or None,
        supports_monitoring=False,
    )
    return wire.ReportData(
        component=component.address,
        variable=wire.Variable(name=variable.name, instance=variable.instance),
        variable_attribute=(attribute,),
        variable_characteristics=characteristics,
    )


def _all(device: DeviceModel) -> Selection:
    return ((component, variable) for component in device.components for variable in component.variables)


def _entries(selection: Selection) -> tuple[wire.ReportData, ...]:
    return tuple(entry_of(component, variable) for component, variable in selection)


def _summarised(device: DeviceModel, component: Component, variable: AnyVariable) -> bool:
    if variable in (ChargingStation.availability_state, EVSE.availability_state):
        return True
    if variable is Connector.availability_state:
        evse = device.evses[component.place.evse_id or 0]
        return component.value(variable) != evse.value(EVSE.availability_state)
    return variable.name == "Problem" and component.value(variable) is True


def _picked(component: Component, variable: AnyVariable, wanted: wire.ComponentVariable) -> bool:
    address, evse, place = wanted.component, wanted.component.evse, component.place
    if not _same(component.name, address.name):
        return False
    if address.instance and not _same(component.instance or "", address.instance):
        return False
    if evse is not None and place.evse_id != evse.id:
        return False
    if evse is not None and evse.connector_id is not None and place.connector_id != evse.connector_id:
        return False
    if wanted.variable is None:
        return True
    if not _same(variable.name, wanted.variable.name):
        return False
    return not wanted.variable.instance or _same(variable.instance or "", wanted.variable.instance)


def _meets(component: Component, criterion: str) -> bool:
    variable = component.find(criterion, None)
    if variable is None:
        return criterion != "Problem"
    return component.value(variable) is True


def _meets_by(component: Component, variable: AnyVariable, criterion: str) -> bool:
    own = component.find(criterion, None)
    return _meets(component, criterion) and own in (None, variable)


def _same(one: str, other: str) -> bool:
    return folded(one) == folded(other)
