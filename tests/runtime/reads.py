"""Which variables the lives of stations have read."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ohmstead.model.device import DeviceModel
from ohmstead.model.device.variable import AnyVariable
from ohmstead.product.profile import Product


@contextmanager
def recorded() -> Iterator[list[DeviceModel]]:
    """Collect the device models of every run that begins meanwhile."""
    models: list[DeviceModel] = []
    made = DeviceModel.__init__

    def remember(self: DeviceModel, *arguments: object, **options: object) -> None:
        made(self, *arguments, **options)  # type: ignore[arg-type]  # handed on as they came
        models.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DeviceModel, "__init__", remember)
        yield models


def unread(product: Product, models: list[DeviceModel]) -> list[str]:
    """Return the writable variables of a product that none of its device models was asked for."""
    read: set[AnyVariable] = set().union(*(model.reads for model in models))
    components = DeviceModel(product).components
    return sorted(
        variable.label
        for component in components
        for variable in component.variables
        if component.trait(variable).writable and variable not in read
    )
