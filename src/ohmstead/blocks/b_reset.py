"""Block B, Reset: of the station or of one EVSE, at once or when idle (B11, B12)."""

from functools import partial

import msgspec

from ohmstead.blocks.context import Context
from ohmstead.model.events import FactsChanged, TransactionEnded
from ohmstead.model.facts import Fact
from ohmstead.model.session import Change, Session
from ohmstead.ports.calls import Answer
from ohmstead.ports.store import Delete, Put
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

KIND = "reset"
DELIVERY = 10.0
"""Seconds that the last events have to reach the CSMS before the station goes down; the rest waits in the outbox."""


class BReset:
    """Carries out resets; one that waits keeps new sessions out of its scope (decided case 6)."""

    def __init__(self, station: Context) -> None:
        self.station = station
        self._pending: dict[int, ResetEnum] = {}
        """Scope -> type: an EVSE id, or 0 for the station."""
        station.vetoes.append(self._keeps_out)

    def start(self) -> None:
        """The boot itself was the reset of the station; one of an EVSE that still waits goes on waiting."""
        for key, _ in self.station.store.rows(KIND):
            if key == "0":
                self.station.write(Delete(KIND, key))
            else:
                self._pending[int(key)] = ResetEnum.OnIdle

    def _keeps_out(self, evse_id: int | None) -> bool:
        return 0 in self._pending or evse_id in self._pending

    def on_reset(self, request: ResetRequest) -> Answer:
        """Accept, or schedule until the last transaction of the scope has ended (B12.FR.01, B12.FR.02)."""
        scope = request.evse_id or 0
        if scope and scope not in [evse.id for evse in self.station.product.evses]:
            return self._rejected("UnknownEvse", f"there is no EVSE {scope}")
        if scope and not self.station.product.has("C-13"):
            return self._rejected("UnsupportedRequest", "an EVSE cannot be reset on its own")
        if request.type is ResetEnum.OnIdle and self._running(scope):
            self._pending[scope] = request.type
            self.station.write(Put(KIND, str(scope), msgspec.json.encode(request.type)))
            return Answer(ResetResponse(status=ResetStatusEnum.Scheduled))
        self._pending[scope] = request.type
        reason = BootReasonEnum.RemoteReset
        return Answer(ResetResponse(status=ResetStatusEnum.Accepted), then=lambda: self._begin(scope, reason))

    @staticmethod
    def _rejected(code: str, text: str) -> Answer:
        info = StatusInfo(reason_code=code, additional_info=text)
        return Answer(ResetResponse(status=ResetStatusEnum.Rejected, status_info=info))

    def _running(self, scope: int) -> list[Session]:
        running = self.station.sessions.with_transaction()
        return [session for session in running if scope in (0, session.evse_id)]

    def when_transaction_ended(self, _ended: TransactionEnded) -> None:
        """Begin what waited for the last transaction of its scope (B12.FR.03, B12.FR.07)."""
        for scope, kind in list(self._pending.items()):
            if kind is ResetEnum.OnIdle and not self._running(scope):
                self.station.after(partial(self._begin, scope, BootReasonEnum.ScheduledReset))

    def _begin(self, scope: int, reason: BootReasonEnum) -> None:
        if scope:
            self._reset_evse(scope)
        else:
            self.station.spawn("reset", self._reset_station(reason))

    async def _reset_station(self, reason: BootReasonEnum) -> None:
        """End what runs, give its last events time to arrive, and reboot (B12.FR.04, B12.FR.05)."""
        with self.station.unit():
            for session in self._running(0):
                self.station.apply(session, self._ending())
        await self.station.drained(DELIVERY)
        with self.station.unit():
            self.station.write(Delete(KIND, "0"))
            self.station.reboot(reason)

    def _reset_evse(self, evse_id: int) -> None:
        """End what runs at the EVSE, then find its session anew as in a boot; the connection stays (decided case 7)."""
        with self.station.unit():
            for session in self._running(evse_id):
                self.station.apply(session, self._ending())
            left = self.station.sessions.at(evse_id)
            if left is not None:
                self.station.forget(left)
            self._pending.pop(evse_id, None)
            self.station.write(Delete(KIND, str(evse_id)))
        with self.station.unit():
            self.station.announce(FactsChanged())
            self.station.reconcile(evse_id)

    @staticmethod
    def _ending() -> Change:
        return Change(
            trigger=TriggerReasonEnum.ResetCommand,
            lost=frozenset({Fact.Authorized, Fact.EnergyTransfer}),
            ends=ReasonEnum.ImmediateReset,
        )
