"""Whether the installed extensions can be part of a station, and of the same one: asked before it starts."""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from ohmstead.model.device import Component, DeviceModel, reports
from ohmstead.model.device.changed import objects_to
from ohmstead.model.device.variable import AnyVariable
from ohmstead.ports.extensions import Installed, handlers
from ohmstead.product.profile import Product
from ohmstead.wire.codec import check, encode
from ohmstead.wire.identifiers import IDENTIFIER, IDENTIFIER_WORDS
from ohmstead.wire.messages import ReportData

LONGEST_VENDOR_ID = 255
LONGEST_NAME = 50
"""Characters of the name or instance of a component or variable."""
CONTROLLERS = (
    *("AlignedDataCtrlr", "AuthCtrlr", "AuthCacheCtrlr", "CHAdeMOCtrlr", "ClockCtrlr", "DeviceDataCtrlr"),
    *("DisplayMessageCtrlr", "ISO15118Ctrlr", "LocalAuthListCtrlr", "MonitoringCtrlr", "OCPPCommCtrlr"),
    *("ReservationCtrlr", "SampledDataCtrlr", "SecurityCtrlr", "SmartChargingCtrlr", "TariffCostCtrlr", "TxCtrlr"),
)
"""The standardized components that stand for what a station can do (appendix 3.1): a certificate speaks of them."""
MACHINE = (
    "ChargingStation",
    "EVSE",
    "Connector",
    "ConnectorPlugRetentionLock",
    "CPPWMController",
    "TokenReader",
    "Display",
)
"""The standardized components of the machine that a station has itself. Others an extension may add, and where one of
them is what it has, appendix 3.2 wants that name."""
_OURS = {name.casefold() for name in (*CONTROLLERS, *MACHINE)}


class ExtensionRefused(Exception):
    """An extension cannot be used; the text says which one, what is wrong and what would be right, in one line."""

    def __init__(self, label: str, wrong: str, right: str) -> None:
        super().__init__(f"extension {label}: {wrong}; right would be {right}, or --no-extensions")


def check_extensions(extensions: Sequence[Installed], product: Product) -> None:
    """Raise ExtensionRefused for what one of them must not be, or two of them not be together."""
    vendors: dict[str, Installed] = {}
    components: dict[str, Installed] = {}
    bare = msgspec.structs.replace(product, variables={})  # what the product says of variables is looked at later
    for installed in extensions:
        try:
            _check_vendor(installed, vendors)
            _check_life(installed)
            _check_names(installed, components)
            _check_components(installed, bare)
        except ExtensionRefused:
            raise
        except Exception as failure:
            wrong = f"{type(failure).__name__}: {failure}"
            raise ExtensionRefused(installed.label, wrong, "what docs/extensions.md shows") from failure


def _check_vendor(installed: Installed, taken: dict[str, Installed]) -> None:
    vendor_id: object = installed.extension.vendor_id
    if not isinstance(vendor_id, str) or not 1 <= len(vendor_id) <= LONGEST_VENDOR_ID:
        wrong = f"its vendor_id is {str(vendor_id)[:60]!r}"
        raise ExtensionRefused(installed.label, wrong, f"1 to {LONGEST_VENDOR_ID} characters, such as com.example")
    other = taken.setdefault(vendor_id.casefold(), installed)
    if other is not installed:
        wrong = f"its vendorId {vendor_id} is that of {other.label}"
        raise ExtensionRefused(installed.label, wrong, "to uninstall one of the two")


def _check_life(installed: Installed) -> None:
    life: object = installed.extension.life
    if not isinstance(life, type):
        wrong = f"its life is {str(life)[:60]!r}"
        raise ExtensionRefused(installed.label, wrong, "a class, which takes a VendorStation")
    try:
        handlers(life)
    except TypeError as wrong_method:
        raise ExtensionRefused(installed.label, str(wrong_method), "one plain method for each message") from None
    own = {variable for kind in _kinds(installed) for variable in kind.declared}
    for variable in objects_to(life) - own:
        wrong = f"it wants to validate {variable.label}"
        raise ExtensionRefused(installed.label, wrong, "a validator of its own variables")


def _check_names(installed: Installed, taken: dict[str, Installed]) -> None:
    for kind in _kinds(installed):
        if kind.name.casefold() in _OURS:
            wrong = f"its component {kind.name} has the name of one of the station's"
            raise ExtensionRefused(installed.label, wrong, "a name of its own, with the vendor's before it")
        if taken.setdefault(kind.name.casefold(), installed) is not installed:
            wrong = f"its component {kind.name} is one of {taken[kind.name.casefold()].label}, too"
            raise ExtensionRefused(installed.label, wrong, "to uninstall one of the two")
    names = Counter(kind.name.casefold() for kind in set(_kinds(installed)))
    listed = Counter((kind, each) for kind, each in _placed(installed))
    for kind, each in listed:
        if names[kind.name.casefold()] > 1 or listed[kind, each] > 1:
            raise ExtensionRefused(installed.label, f"it has two components {kind.name}", "one class for each name")


def _kinds(installed: Installed) -> Iterator[type[Component]]:
    return (kind for kind, _ in _placed(installed))


def _placed(installed: Installed) -> Iterator[tuple[type[Component], bool]]:
    for addition in installed.additions:
        kind: object = addition.kind
        if not (isinstance(kind, type) and issubclass(kind, Component)):
            raise ExtensionRefused(installed.label, f"{str(kind)[:60]!r} is no component", "a class of Component")
        yield addition.kind, addition.each_evse


def _check_components(installed: Installed, product: Product) -> None:
    for kind in _kinds(installed):
        _check_declared(installed, kind)
    for component in DeviceModel(product, (), tuple(installed.additions)).components:
        if type(component) in set(_kinds(installed)):
            for variable in component.variables:
                _check_variable(installed, component, variable)


def _check_declared(installed: Installed, kind: type[Component]) -> None:
    names = Counter((variable.name.casefold(), (variable.instance or "").casefold()) for variable in kind.declared)
    texts = [kind.name, *(text for v in kind.declared for text in (v.name, v.instance or "-"))]
    for text in texts:
        if not 1 <= len(text) <= LONGEST_NAME or not IDENTIFIER.fullmatch(text):
            wrong = f"{kind.name[:60]}: {text[:60]!r} is no name"
            raise ExtensionRefused(installed.label, wrong, f"1 to {LONGEST_NAME} characters of {IDENTIFIER_WORDS}")
    if not names or max(names.values()) > 1:
        wrong = f"its component {kind.name} has " + ("a variable twice" if names else "no variable")
        raise ExtensionRefused(installed.label, wrong, "each variable once, as an attribute of the class")


def _check_variable(installed: Installed, component: Component, variable: AnyVariable) -> None:
    """The default has to be a value of the variable, and a report with it valid."""
    try:
        trait = component.trait(variable)
        variable.accept(variable.format(trait.default), trait)
        check(ReportData, encode(reports.entry_of(component, variable)))
    except Exception as wrong:
        text = f"{variable.label} with its default: {wrong}"
        raise ExtensionRefused(installed.label, text, "a default within the limits that are declared") from None
