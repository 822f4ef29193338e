"""Block B, Reset: of the station or of one EVSE, at once or when idle (B11, B12)."""

import asyncio
import logging
from functools import partial

from ohmstead.blocks.context import Charging, Csms, World
from ohmstead.blocks.hooks import hears, serves
from ohmstead.blocks.work import Lifetime, Work
from ohmstead.model.device import DeviceModel
from ohmstead.model.events import EvseReset, FactsChanged, SessionMoved, TransactionEnded
from ohmstead.model.facts import Fact
from ohmstead.model.obstacles import Pending, Why
from ohmstead.model.scope import Scope
from ohmstead.model.session import FactChange, Session
from ohmstead.ports.calls import Answer
from ohmstead.ports.hardware import Supply
from ohmstead.ports.store import Delete, Put, StoreFailed
from ohmstead.product.feature_table import Feature
from ohmstead.wire.messages import (
    BootReasonEnum,
    ReasonEnum,
    ResetEnum,
    ResetRequest,
    ResetResponse,
    ResetStatusEnum,
    StatusInfo,
    TriggerReasonEnum,
)
from ohmstead.wire.rows import to_row

KIND = "reset"
SEEN = frozenset({Fact.EVConnected, Fact.ParkingBayOccupancy})
"""Facts that the machine sees by itself."""
DELIVERY = 10.0
"""Seconds that a station without a connection waits for one before it goes down; the events wait in the outbox."""
REPEAT = 10.0
"""Seconds between a reset that failed and the next attempt."""

_log = logging.getLogger(__name__)


class ResetFailed(Exception):
    """The machine did not obey: a power path stayed closed."""


class BReset:
    """Carries out resets; one that waits keeps new sessions out of its scope (decided case 6)."""

    def __init__(self, work: Work, charging: Charging, csms: Csms, device: DeviceModel, world: World) -> None:
        self._work = work
        self._charging = charging
        self._csms = csms
        self._device = device
        self._world = world
        self._pending: dict[int, ResetEnum] = {}
        """Scope -> type: an EVSE id, or 0 for the station."""
        self._unavailable: frozenset[int] = frozenset()
        """EVSEs that were Available when a reset of their scope began to wait; one that becomes free later stays so."""
        charging.pending.append(self._tell)

    def start(self) -> None:
        """The boot itself was the reset of the station; one of an EVSE that still waits goes on waiting."""
        for key, _ in self._world.store.rows(KIND):
            scope = int(key)
            if not scope:
                self._work.write(Delete(KIND, key))
                continue
            self._pending[scope] = ResetEnum.OnIdle
        self._begin_idle()

    def _tell(self) -> list[Pending]:
        return [
            Pending(why=Why.Reset, scope=Scope(scope), unavailable=self._unavailable) for scope in sorted(self._pending)
        ]

    def _adopt(self, pending: dict[int, ResetEnum], unavailable: frozenset[int]) -> None:
        before = self._pending, self._unavailable
        self._work.undo(lambda: self._restore(*before))
        self._restore(pending, unavailable)
        self._work.announce(FactsChanged())

    def _restore(self, pending: dict[int, ResetEnum], unavailable: frozenset[int]) -> None:
        self._pending, self._unavailable = pending, unavailable

    def _wait(self, scope: int, kind: ResetEnum) -> None:
        """Let no new session begin in the scope; for OnIdle what nobody uses is Unavailable at once (B12, step 3a)."""
        used = self._charging.standing.cables
        scopes = [evse.id for evse in self._world.product.evses if scope in (0, evse.id) and evse.id not in used]
        free = scopes if kind is ResetEnum.OnIdle else []
        self._adopt({**self._pending, scope: kind}, self._unavailable.union(free))

    def _over(self, scope: int) -> None:
        """The scope is open again, unless another reset waits there."""
        pending = {one: kind for one, kind in self._pending.items() if one != scope}
        self._adopt(pending, frozenset(one for one in self._unavailable if 0 in pending or one in pending))

    @serves(ResetRequest)
    def on_reset(self, request: ResetRequest) -> Answer:
        """Accept, or schedule until the last transaction of the scope has ended (B12.FR.01, B12.FR.02)."""
        scope = request.evse_id or 0
        if scope and scope not in [evse.id for evse in self._world.product.evses]:
            return self._rejected("UnknownEvse", f"there is no EVSE {scope}")
        if scope and not self._world.product.has(Feature.EVSE_RESET):
            return self._rejected("UnsupportedRequest", "an EVSE cannot be reset on its own")
        if request.type is ResetEnum.OnIdle and self._running(scope):
            self._wait(scope, request.type)
            self._work.write(Put(KIND, str(scope), to_row(request.type)))
            return Answer(ResetResponse(status=ResetStatusEnum.Scheduled))
        self._wait(scope, ResetEnum.Immediate)
        reason = BootReasonEnum.RemoteReset
        return Answer(ResetResponse(status=ResetStatusEnum.Accepted), then=lambda: self._begin(scope, reason))

    @staticmethod
    def _rejected(code: str, text: str) -> Answer:
        info = StatusInfo(reason_code=code, additional_info=text)
        return Answer(ResetResponse(status=ResetStatusEnum.Rejected, status_info=info))

    def _running(self, scope: int) -> list[Session]:
        running = self._charging.sessions.with_transaction()
        return [session for session in running if scope in (0, session.evse_id)]

    @hears(SessionMoved)
    def when_session_moved(self, moved: SessionMoved) -> None:
        """An EVSE that was used meanwhile becomes free later, and is Available then (TC_B_41)."""
        if moved.after.evse_id in self._unavailable and Fact.EVConnected in moved.before.facts - moved.after.facts:
            self._adopt(self._pending, self._unavailable - {moved.after.evse_id})

    @hears(TransactionEnded)
    def when_transaction_ended(self, _ended: TransactionEnded) -> None:
        """Begin what waited for the last transaction of its scope (B12.FR.03, B12.FR.07)."""
        self._begin_idle()

    def _begin_idle(self) -> None:
        """Begin every reset that waits for nothing any more, once."""
        for scope, kind in self._pending.items():
            if kind is ResetEnum.OnIdle and not self._running(scope):
                self._adopt({**self._pending, scope: ResetEnum.Immediate}, self._unavailable)
                self._work.after(partial(self._begin, scope, BootReasonEnum.ScheduledReset))

    def _begin(self, scope: int, reason: BootReasonEnum) -> None:
        self._work.spawn(
            "reset", lambda: self._carry_out(scope, reason), Lifetime.Job, given_up=lambda: self._give_up(scope)
        )

    async def _carry_out(self, scope: int, reason: BootReasonEnum) -> None:
        """Reset, and repeat ResetRetries times what failed; a scope that cannot be reset is open again.

        After a store that failed, the station is out of order anyway until it writes again and a new run begins.
        """
        left = self._device.ocpp_comm.reset_retries
        while True:
            try:
                await (self._reset_evse(scope) if scope else self._reset_station(reason))
                return
            except (StoreFailed, ResetFailed) as failure:
                _log.error("the reset of %s failed: %s", f"EVSE {scope}" if scope else "the station", failure)
            if left <= 0:
                self._give_up(scope)
                return
            left -= 1
            await asyncio.sleep(REPEAT)

    async def _reset_station(self, reason: BootReasonEnum) -> None:
        """End what runs, give its last events time to arrive, and reboot (B12.FR.04, B12.FR.05)."""
        with self._work.unit():
            for session in self._running(0):
                self._charging.apply(session, self._ending())
        await self._csms.drained(DELIVERY)
        self._check_dead(0)
        with self._work.unit():
            self._work.write(Delete(KIND, "0"))
            self._world.reboot(reason)

    async def _reset_evse(self, evse_id: int) -> None:
        """End what runs at the EVSE, then find its session anew as in a boot; the connection stays (decided case 7)."""
        with self._work.unit():
            for session in self._running(evse_id):
                self._charging.apply(session, self._ending())
            self._strip(evse_id)
        self._check_dead(evse_id)
        with self._work.unit():
            self._work.write(Delete(KIND, str(evse_id)))
            self._work.after(lambda: self._open_again(evse_id))

    def _strip(self, evse_id: int) -> None:
        """Leave of a session what the machine sees: a cable that stays in stays Occupied, as over a boot."""
        left = self._charging.sessions.at(evse_id)
        if left is None:
            return
        if left.connector_id is not None and left.connector_id == self._world.hardware.state(evse_id).connector_id:
            self._charging.apply(left, FactChange(trigger=TriggerReasonEnum.ResetCommand, lost=left.facts - SEEN))
        else:
            self._charging.forget(left)

    def _open_again(self, evse_id: int) -> None:
        with self._work.unit():
            self._over(evse_id)
            self._work.announce(EvseReset(evse_id))

    def _give_up(self, scope: int) -> None:
        """Forget the reset; the CSMS may ask for it again."""
        with self._work.unit():
            self._work.write(Delete(KIND, str(scope)))
            self._over(scope)

    def _check_dead(self, scope: int) -> None:
        """Raise ResetFailed unless every power path of the scope is open; each is told so once more."""
        for evse_id in (evse.id for evse in self._world.product.evses if scope in (0, evse.id)):
            self._world.hardware.enable(evse_id, enabled=False)
            if self._world.hardware.state(evse_id).supply is not Supply.Off:
                raise ResetFailed(f"the power path of EVSE {evse_id} is still closed")

    @staticmethod
    def _ending() -> FactChange:
        return FactChange(
            trigger=TriggerReasonEnum.ResetCommand,
            lost=frozenset({Fact.Authorized, Fact.EnergyTransfer}),
            ends=ReasonEnum.ImmediateReset,
        )
