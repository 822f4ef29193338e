"""Block G."""

from collections.abc import Callable

from ohmstead.lab.readings.g_availability import UNAVAILABLE_WHILE_PLUGGED
from ohmstead.model.facts import Fact
from ohmstead.runtime.facts import FactKeeper
from ohmstead.wire.messages import ConnectorStatusEnum
from tests.lab.mutation import replaced
from tests.lab.shown import Shown


def _waits_for_the_cable(
    right: Callable[..., ConnectorStatusEnum], self: FactKeeper, evse_id: int, connector_id: int
) -> ConnectorStatusEnum:
    """A connector with a cable is Occupied, whatever was scheduled for it."""
    status = right(self, evse_id, connector_id)
    session = self.sessions.at(evse_id)
    plugged = session is not None and Fact.EVConnected in session.facts
    return ConnectorStatusEnum.Occupied if plugged and status is ConnectorStatusEnum.Unavailable else status


SHOWN = tuple(
    Shown(
        reading=UNAVAILABLE_WHILE_PLUGGED,
        case=case,
        mutate=lambda: replaced(FactKeeper, "_status", _waits_for_the_cable),
        fails="tool",
    )
    for case in ("TC_G_11_CS", "TC_G_14_CS", "TC_G_17_CS")
)
