"""The page docs/variables.md: every variable of the product `flagship`, from the declarations."""

from ohmstead.model.device import DeviceModel
from ohmstead.model.device.component import Component
from ohmstead.model.device.variable import AnyVariable
from ohmstead.product.load import load
from ohmstead.wire.messages import DataEnum

PRODUCT = "flagship"

_HEAD = f"""# Variables

The device model of the product `{PRODUCT}`, generated from the declarations in `src/ohmstead/model/device`; do not
edit. A product without a feature lacks its variables. Defaults, limits, values and mutability can be overridden in
the product file under `[variables]`, by the name in the first column with its component before it.
The source is a section of the chapter "Referenced Components and Variables" of OCPP 2.0.1 Part 2, unless it says
another document. Limits of text and lists are those of its length. `computed` values follow from the station's state.
"""
_COLUMNS = ("Variable", "Type", "Mutability", "Unit", "Limits", "Values", "Default", "Feature", "Source")


def page() -> str:
    """Return the text of the page."""
    device = DeviceModel(load(PRODUCT))
    seen: set[type[Component]] = set()
    sections = [_HEAD]
    for component in device.components:
        if type(component) not in seen:
            seen.add(type(component))
            sections.append(_section(component))
    return "\n".join(sections)


def _section(component: Component) -> str:
    doc = (type(component).__doc__ or "").strip()
    lines = [f"## {component.name}", "", doc, "", _row(_COLUMNS), _row(["---"] * len(_COLUMNS))]
    lines += [_row(_cells(component, variable)) for variable in component.variables]
    return "\n".join(lines) + "\n"


def _cells(component: Component, variable: AnyVariable) -> list[str]:
    trait = component.trait(variable)
    return [
        f"`{variable.local_name}`",
        variable.data_type.value,
        trait.mutability.value + (" (next boot)" if variable.reboot_required and trait.writable else ""),
        variable.unit or "",
        _limits(variable, trait.minimum, trait.maximum),
        " ".join(f"`{value}`" for value in trait.values),
        _default(variable, trait.default),
        "of the product" if callable(variable.feature) else variable.feature or "",
        variable.source,
    ]


def _limits(variable: AnyVariable, minimum: float | None, maximum: float | None) -> str:
    limits = []
    if minimum is not None or maximum is not None:
        limits.append(f"{'' if minimum is None else f'{minimum:.10g}'}..{'' if maximum is None else f'{maximum:.10g}'}")
    if variable.allow_empty:
        limits.append("0" if variable.data_type is DataEnum.integer else "empty")
    return " or ".join(limits)


def _default(variable: AnyVariable, value: object) -> str:
    if variable.computed:
        return "computed"
    text = variable.format(value)
    return f"`{text}`" if text else ""


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
