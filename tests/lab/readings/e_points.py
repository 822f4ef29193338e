"""Block E: start and stop points that only some stations have."""

from collections.abc import Callable

import msgspec

from ohmstead.lab.readings.e_points import SUSPENSION_ENDS
from ohmstead.lab.readings.e_transactions import NOT_READY_AT_ONCE, STOPPED_BY_DRIVER
from ohmstead.model import session
from ohmstead.model.session import Session, TransactionStep
from ohmstead.wire.messages import ChargingStateEnum, ReasonEnum, TriggerReasonEnum
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


def _with_the_cable(right: Callable[..., tuple[Session, TransactionStep]], *arguments: object) -> object:
    following, step = right(*arguments)
    transaction = following.transaction
    if step.trigger_reason is TriggerReasonEnum.CablePluggedIn and transaction is not None:
        state = ChargingStateEnum.SuspendedEV
        step = msgspec.structs.replace(step, charging_state=state)
        following = msgspec.structs.replace(
            following, transaction=msgspec.structs.replace(transaction, reported_state=state)
        )
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
    Shown(
        reading=NOT_READY_AT_ONCE,
        case="TC_E_38_CS",
        mutate=lambda: replaced(session, "_step", _with_the_cable),
        fails="tool",
        product="dc-pair",
    ),
)
