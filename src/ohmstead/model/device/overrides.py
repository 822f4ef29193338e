"""Whether `[variables]` of a product says something that this station can be."""

from collections.abc import Sequence
from difflib import get_close_matches

from ohmstead.model.device.component import Addition
from ohmstead.model.device.device_model import DeviceModel
from ohmstead.model.device.variable import READ_ONLY
from ohmstead.product.load import ProductError
from ohmstead.product.profile import Product


def check_overrides(product: Product, source: str, additions: Sequence[Addition] = ()) -> None:
    """Raise ProductError for a variable that does not exist, a value that is worked out, or one that cannot be."""
    try:
        device = DeviceModel(product, (), additions)
    except ValueError as error:
        raise ProductError(source, "variables", str(error)) from None
    declared = {variable.label: (c, variable) for c in device.components for variable in c.declared}
    for name, setting in product.variables.items():
        where = f'variables."{name}"'
        if name not in declared:
            close = get_close_matches(name, declared, 1, 0.6) or ["a variable of docs/variables.md"]
            raise ProductError(source, where, "this station has no such variable", close[0])
        component, variable = declared[name]
        fixed = variable.computed and component.trait(variable).mutability is READ_ONLY
        if fixed and setting.value is not None:
            raise ProductError(source, where, "the station works its value out", "no value here")
