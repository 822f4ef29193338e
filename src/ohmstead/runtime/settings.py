"""The one writer of variables: rows first, memory once they are committed."""

from functools import partial
from typing import TypeVar

from ohmstead.model.device import DeviceModel, Plan, Variable
from ohmstead.ports.store import Put
from ohmstead.runtime.unit import Units

T = TypeVar("T")


class VariableWriter:
    """Implements `blocks.work.Settings`."""

    def __init__(self, device: DeviceModel, units: Units) -> None:
        self._device = device
        self._units = units

    def assign(self, variable: Variable[T], value: T, evse_id: int | None = None) -> None:
        """Give a variable a value on the station's own account."""
        with self._units.open():
            self.keep(self._device.assign(variable, value, evse_id))

    def keep(self, plan: Plan) -> None:
        """Write what was planned."""
        self._units.write(*(Put(row.kind, row.key, row.value) for row in plan.rows))
        self._units.after(partial(self._adopt, plan))

    def _adopt(self, plan: Plan) -> None:
        self._device.adopt(plan)
