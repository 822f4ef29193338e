"""Block E."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from ohmstead.blocks.e_transactions import ETransactions
from ohmstead.lab.config import LabConfig
from ohmstead.lab.readings.e_transactions import CABLE_TIMEOUT, RETRY_AFTER_ERROR, STOPPED_BY_DRIVER
from ohmstead.model import session
from ohmstead.model.facts import Fact
from ohmstead.model.session import Session, TransactionStep
from ohmstead.ports.calls import CallFailed
from ohmstead.runtime.delivery import Delivery
from ohmstead.wire.messages import ReasonEnum
from tests.lab.mutation import replaced
from tests.lab.shown import Shown


def _local_left_out(right: Callable[..., tuple[Session, TransactionStep]], *arguments: object) -> object:
    following, step = right(*arguments)
    if step.stopped_reason is ReasonEnum.Local:
        step = msgspec.structs.replace(step, stopped_reason=None)
    return following, step


async def _late_after_error(right: Callable[..., Any], self: Delivery, entry: object, failure: Exception) -> None:
    if isinstance(failure, CallFailed):
        await asyncio.sleep(5)
    await right(self, entry, failure)


def _goes_on(right: Callable[..., None], self: ETransactions, identifier: str) -> None:
    """The authorization lapses, but not the transaction: as if the stop point Authorized were not set."""
    found = self.station.sessions.get(identifier)
    if found is not None:
        kept = msgspec.structs.replace(
            found, stop_points=found.stop_points - {Fact.Authorized} | {Fact.ParkingBayOccupancy}
        )
        self.station.sessions.adopt(kept)
    right(self, identifier)


SHOWN = (
    Shown(
        reading=STOPPED_BY_DRIVER,
        case="TC_E_15_CS",
        mutate=lambda: replaced(session, "_step", _local_left_out),
        fails="tool",
    ),
    Shown(
        reading=RETRY_AFTER_ERROR,
        case="TC_E_51_CS",
        mutate=lambda: replaced(Delivery, "_failed", _late_after_error),
        fails="specification",
    ),
    Shown(
        reading=CABLE_TIMEOUT,
        case="TC_E_05_CS",
        mutate=lambda: replaced(ETransactions, "_time_out", _goes_on),
        fails="specification",
        config=LabConfig(start_points="ParkingBayOccupancy"),
        product="flagship",
    ),
)
