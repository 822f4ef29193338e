"""The charges that have ended: kept for a while, so that driver and operator can look one up afterwards."""

from datetime import timedelta

import msgspec

from ohmstead.blocks.context import Charging, World
from ohmstead.blocks.hooks import hears
from ohmstead.blocks.work import Work
from ohmstead.model.charges import Charge
from ohmstead.model.events import ChargeRecorded, SessionMoved, TransactionEventDelivered
from ohmstead.ports.store import Delete, Put
from ohmstead.wire.messages import TransactionEventEnum
from ohmstead.wire.rows import from_row, to_row

CHARGE = "charge"
KEPT = 20
"""Charges that are kept; the oldest go first."""


class EndedCharges:
    """Writes a row for each transaction that ends, and the price into it once the CSMS has told it."""

    def __init__(self, work: Work, charging: Charging, world: World) -> None:
        self._work = work
        self._charging = charging
        self._world = world
        self._rows = {key: from_row(value, Charge) for key, value in world.store.rows(CHARGE)}

    @property
    def recent(self) -> tuple[Charge, ...]:
        """The charges that are kept, newest first."""
        return tuple(self._rows[key] for key in sorted(self._rows, reverse=True))

    @hears(SessionMoved)
    def when_session_moved(self, moved: SessionMoved) -> None:
        """A transaction ended: what it was is known now, except for the price."""
        step = moved.step
        if step is None or step.event_type is not TransactionEventEnum.Ended:
            return
        evse_id, start = step.evse_id, step.transaction.energy_start_wh
        register = None if evse_id is None else self._world.hardware.read(evse_id).energy_wh
        took = self._charging.elapsed.of_transaction(moved.before) or timedelta()
        charge = Charge(
            transaction_id=step.transaction.id,
            evse_id=evse_id,
            started_at=step.transaction.started_at,
            ended_at=self._world.clock.now(),
            seconds=took.total_seconds(),
            energy_wh=None if register is None or start is None else max(0.0, register - start),
            reason=step.stopped_reason,
        )
        newest = max((int(key) for key in self._rows), default=0)
        self._keep(f"{newest + 1:012}", charge)

    @hears(TransactionEventDelivered)
    def when_delivered(self, delivered: TransactionEventDelivered) -> None:
        """The CSMS may say with its answer to the end what it costs (I03)."""
        cost = delivered.response.total_cost
        if cost is None or delivered.request.event_type is not TransactionEventEnum.Ended:
            return
        identifier = delivered.request.transaction_info.transaction_id
        for key, charge in self._rows.items():
            if charge.transaction_id == identifier:
                self._keep(key, msgspec.structs.replace(charge, cost=cost))
                return

    def _keep(self, key: str, charge: Charge) -> None:
        before = self._rows
        rows = {**before, key: charge}
        gone = sorted(rows)[:-KEPT]
        self._work.undo(lambda: setattr(self, "_rows", before))
        self._rows = {each: row for each, row in rows.items() if each not in gone}
        self._work.write(Put(CHARGE, key, to_row(charge)), *(Delete(CHARGE, each) for each in gone))
        self._work.announce(ChargeRecorded(charge))
