"""Block G."""

from collections.abc import Callable

from ohmstead.blocks.g_availability import GAvailability
from ohmstead.lab.readings.g_availability import UNAVAILABLE_WHILE_PLUGGED, UNCHANGED_TOLD
from ohmstead.model.obstacles import Standing
from ohmstead.wire.messages import ConnectorStatusEnum
from tests.lab.mutation import replaced
from tests.lab.shown import Shown
from tests.lab.wrongs import nothing


def _waits_for_the_cable(
    right: Callable[..., ConnectorStatusEnum], self: Standing, evse_id: int, connector_id: int
) -> ConnectorStatusEnum:
    """A connector with a cable is Occupied, whatever was scheduled for it."""
    status = right(self, evse_id, connector_id)
    plugged = self.cables.get(evse_id) == connector_id
    return ConnectorStatusEnum.Occupied if plugged and status is ConnectorStatusEnum.Unavailable else status


SHOWN = (
    Shown(
        reading=UNCHANGED_TOLD,
        case="TC_G_13_CS",
        mutate=lambda: replaced(GAvailability, "_tell_scope", nothing),
        fails="tool",
    ),
    *(
        Shown(
            reading=UNAVAILABLE_WHILE_PLUGGED,
            case=case,
            mutate=lambda: replaced(Standing, "connector_status", _waits_for_the_cable),
            fails="tool",
        )
        for case in ("TC_G_11_CS", "TC_G_14_CS", "TC_G_17_CS")
    ),
)
