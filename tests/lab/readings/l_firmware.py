"""Block L."""

from collections.abc import Callable

from ohmstead.lab.readings.l_firmware import PLACE_LEFT_BEFORE_INSTALLING
from ohmstead.runtime.facts import FactKeeper
from ohmstead.wire.messages import ConnectorStatusEnum
from tests.lab.mutation import replaced
from tests.lab.shown import Shown


def _left_open(right: Callable[..., ConnectorStatusEnum], self: FactKeeper, evse_id: int, connector_id: int) -> object:
    status = right(self, evse_id, connector_id)
    first = (evse_id, connector_id) == (1, 1)
    return ConnectorStatusEnum.Available if first and status is ConnectorStatusEnum.Unavailable else status


SHOWN = (
    Shown(
        reading=PLACE_LEFT_BEFORE_INSTALLING,
        case="TC_L_15_CS",
        mutate=lambda: replaced(FactKeeper, "_status", _left_open),
        fails="specification",
    ),
)
