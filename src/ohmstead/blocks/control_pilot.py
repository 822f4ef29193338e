"""The control pilots of the connectors, as the device model tells of them (IEC 61851-1)."""

from functools import partial

from ohmstead.blocks.context import World
from ohmstead.model.device import CPPWMController, DeviceModel
from ohmstead.ports.hardware import ControlPilot, PilotState

UNUSED = ControlPilot(state=PilotState.A, duty_percent=100.0)
"""Of a connector that no EV is at, beside another one of the same EVSE."""
CONNECTED = frozenset({PilotState.B, PilotState.C, PilotState.D})


class ControlPilots:
    """Gives CPPWMController its values."""

    def __init__(self, device: DeviceModel, world: World) -> None:
        self._world = world
        for evse in world.product.evses:
            for connector in evse.connectors:
                self._bind(device, evse.id, connector.id)

    def _bind(self, device: DeviceModel, *place: int) -> None:
        look = partial(self._look, *place)
        device.bind(CPPWMController.active, lambda: look().state in CONNECTED, *place)
        device.bind(CPPWMController.dc_voltage, lambda: look().state.volts, *place)
        device.bind(CPPWMController.percent, lambda: look().duty_percent, *place)
        device.bind(CPPWMController.state, lambda: look().state.value, *place)

    def _look(self, evse_id: int, connector_id: int) -> ControlPilot:
        found = self._world.hardware.state(evse_id)
        if found.pilot is None or (found.connector_id not in (None, connector_id)):
            return UNUSED
        return found.pilot
