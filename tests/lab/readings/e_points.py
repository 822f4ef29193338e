"""Block E: start and stop points that only some stations have."""

from collections.abc import Callable

import msgspec

from ohmstead.lab.readings.e_points import SUSPENSION_ENDS
from ohmstead.lab.readings.e_transactions import STOPPED_BY_DRIVER
from ohmstead.model import session
from ohmstead.model.session import Session, TransactionStep
from ohmstead.wire.messages import ChargingStateEnum, ReasonEnum
from tests.lab.mutation import replaced
from tests.lab.shown import Shown


def _ends_without_reason(right: Callable[..., tuple[Session, TransactionStep]], *arguments: object) -> object:
    following, step = right(*arguments)
    if step.stopped_reason is ReasonEnum.StoppedByEV:
        step = msgspec.structs.replace(step, stopped_reason=None, charging_state=ChargingStateEnum.EVConnected)
    return following, step


def _local_left_out(right: Callable[..., tuple[Session, TransactionStep]], *arguments: object) -> object:
    following, step = right(*arguments)
    if step.stopped_reason is ReasonEnum.Local:
        step = msgspec.structs.replace(step, stopped_reason=None)
    return following, step


SHOWN = (
    Shown(
        reading=SUSPENSION_ENDS,
        case="TC_E_22_CS",
        mutate=lambda: replaced(session, "_step", _ends_without_reason),
        fails="specification",
        product="flagship",
    ),
    Shown(
        reading=STOPPED_BY_DRIVER,
        case="TC_E_19_CS",
        mutate=lambda: replaced(session, "_step", _local_left_out),
        fails="tool",
        product="flagship",
    ),
)
