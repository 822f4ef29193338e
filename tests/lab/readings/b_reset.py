"""Block B: resets."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from ohmstead.blocks.b_reset import BReset
from ohmstead.lab.readings.b_reset import IDLE_WITH_CABLE, STATE_AFTER_RESET, TOKEN_OF_RESET, UNAVAILABLE_FOR_RESET
from ohmstead.model import session
from ohmstead.model.obstacles import Pending
from ohmstead.model.session import Session, TransactionStep
from ohmstead.ports.calls import Cause
from ohmstead.wire.messages import (
    BootReasonEnum,
    ChargingStateEnum,
    ConnectorStatusEnum,
    IdToken,
    IdTokenEnum,
    ReasonEnum,
    StatusNotificationRequest,
)
from tests.lab.mutation import replaced
from tests.lab.shown import Shown


def _closes(right: Callable[[BReset], list[Pending]], self: BReset) -> list[Pending]:
    """Whatever is or becomes free in the scope of a reset is Unavailable until it has been carried out."""
    return [msgspec.structs.replace(work, unavailable=None) for work in right(self)]


async def _tells(right: Callable[..., Awaitable[None]], self: BReset, evse_id: int) -> None:
    """The EVSE is Unavailable while it is reset, even with a cable in it, and then is what it was."""
    places = [place for place in self._charging.statuses() if place[0] == evse_id]

    def tell(status: ConnectorStatusEnum, connector_id: int) -> None:
        now = self._world.clock.now()
        message = StatusNotificationRequest(
            timestamp=now, connector_status=status, evse_id=evse_id, connector_id=connector_id
        )
        self._csms.calls.send(message, Cause.Own)

    for place in places:
        tell(ConnectorStatusEnum.Unavailable, place[1])
    await right(self, evse_id)
    for place in places:
        tell(self._charging.statuses()[place], place[1])


async def _when_unplugged(right: Callable[..., Awaitable[None]], self: BReset, reason: BootReasonEnum) -> None:
    """A cable that is in keeps the station from being idle."""
    hardware = self._world.hardware
    for evse in self._world.product.evses:
        while hardware.state(evse.id).connector_id is not None:  # noqa: ASYNC110 - nobody tells it
            await asyncio.sleep(0.5)
    await right(self, reason)


def _of_reset(**fields: object) -> Callable[..., object]:
    def wrong(right: Callable[..., tuple[Session, TransactionStep]], *arguments: object) -> object:
        following, step = right(*arguments)
        if step.stopped_reason is ReasonEnum.ImmediateReset:
            step = msgspec.structs.replace(step, **fields)
        return following, step

    return wrong


SUSPENDED = _of_reset(charging_state=ChargingStateEnum.SuspendedEVSE)
TOKEN = _of_reset(id_token=IdToken(id_token="04A1B2C3D4E5F6", type=IdTokenEnum.ISO14443))
_CLOSED = [
    Shown(
        reading=UNAVAILABLE_FOR_RESET,
        case=case,
        mutate=lambda: replaced(BReset, "_tell", _closes),
        fails="tool",
    )
    for case in ("TC_B_20_CS", "TC_B_23_CS", "TC_B_25_CS", "TC_B_41_CS")
]
_TOLD = [
    Shown(
        reading=UNAVAILABLE_FOR_RESET,
        case=case,
        mutate=lambda: replaced(BReset, "_reset_evse", _tells),
        fails="tool",
    )
    for case in ("TC_B_25_CS", "TC_B_26_CS", "TC_B_27_CS")
]
_WAITING = [
    Shown(
        reading=IDLE_WITH_CABLE,
        case=case,
        mutate=lambda: replaced(BReset, "_reset_station", _when_unplugged),
        fails="tool",
    )
    for case in ("TC_B_21_CS", "TC_B_41_CS")
]
_SUSPENDED = [
    Shown(
        reading=STATE_AFTER_RESET,
        case=case,
        mutate=lambda: replaced(session, "_step", SUSPENDED),
        fails="tool",
    )
    for case in ("TC_B_22_CS", "TC_B_27_CS")
]
SHOWN = (
    *_CLOSED,
    *_TOLD,
    *_WAITING,
    *_SUSPENDED,
    Shown(
        reading=TOKEN_OF_RESET,
        case="TC_B_22_CS",
        mutate=lambda: replaced(session, "_step", TOKEN),
        fails="tool",
    ),
)
