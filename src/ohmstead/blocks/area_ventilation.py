"""EVs that ask for ventilation by their control pilot (IEC 61851-1, state D): fans, or no energy."""

from ohmstead.blocks.context import World
from ohmstead.blocks.work import Work
from ohmstead.model.device import AreaVentilation, DeviceModel
from ohmstead.model.events import VentilationLacking
from ohmstead.ports.hardware import PilotState, Supply


class AreaVentilations:
    """Notices an EV that gets no energy because there is no ventilation, and says whether the fans run."""

    def __init__(self, work: Work, device: DeviceModel, world: World) -> None:
        self._work = work
        self._world = world
        self._lacking: dict[int, int] = {}
        """EVSE -> the connector where ventilation was asked for in vain."""
        device.bind(AreaVentilation.active, self._runs)

    def start(self) -> None:
        """Look at every EVSE: an EV may have been there while there was no power."""
        for evse in self._world.product.evses:
            self.look(evse.id)

    def look(self, evse_id: int) -> None:
        """See whether an EV asks for ventilation there in vain, or does not any more."""
        found = self._world.hardware.state(evse_id)
        held_back = found.supply is Supply.SuspendedEVSE and not self._world.product.hardware.ventilated
        lacks = held_back and self._asks(evse_id) and found.connector_id is not None
        if lacks is (evse_id in self._lacking):
            return
        place = self._lacking.pop(evse_id, None) if not lacks else found.connector_id
        if place is None:
            return
        if lacks:
            self._lacking[evse_id] = place
        self._work.announce(VentilationLacking(evse_id, place, lacking=lacks))

    def _asks(self, evse_id: int) -> bool:
        pilot = self._world.hardware.state(evse_id).pilot
        return pilot is not None and pilot.state is PilotState.D

    def _runs(self) -> bool:
        evses = [evse.id for evse in self._world.product.evses]
        return any(self._asks(each) and self._world.hardware.state(each).conducts for each in evses)
