"""Block C, a token that turns out to be invalid while its transaction runs (C15, E05)."""

import msgspec

from ohmstead.blocks.context import Charging, World
from ohmstead.blocks.hooks import hears
from ohmstead.blocks.work import Timer, Work
from ohmstead.model.device import DeviceModel
from ohmstead.model.events import SessionMoved, TransactionEventDelivered
from ohmstead.model.facts import NEED_AUTHORIZATION, Fact
from ohmstead.model.session import FactChange, Session
from ohmstead.model.sessions import same_token
from ohmstead.wire.messages import AuthorizationStatusEnum, ReasonEnum, TriggerReasonEnum

WATCH_INTERVAL = 1.0
"""Seconds between two looks at the meter while the energy is limited."""
SHORTEST = 0.05
"""The same shortly before it is used up: MaxEnergyOnInvalidId is the most that is delivered (2.6.7)."""


class CInvalidToken:
    """Ends the authorization, or lets MaxEnergyOnInvalidId flow first."""

    def __init__(self, work: Work, charging: Charging, device: DeviceModel, world: World) -> None:
        self._work = work
        self._charging = charging
        self._device = device
        self._world = world
        self._watches: dict[str, Timer] = {}

    def start(self) -> None:
        """Go on watching the sessions whose energy was limited before a reboot."""
        for session in self._charging.sessions:
            self.rearm_watch(session)

    @hears(TransactionEventDelivered)
    def when_transaction_event_delivered(self, delivered: TransactionEventDelivered) -> None:
        """The CSMS checks every token that an event carries (E05.FR.01)."""
        info, token = delivered.response.id_token_info, delivered.request.id_token
        if info is None or token is None or info.status is AuthorizationStatusEnum.Accepted:
            return
        session = self._charging.sessions.of_transaction(delivered.request.transaction_info.transaction_id)
        if session is None or session.authorization is None:
            return
        if not same_token(session.authorization.id_token, token):
            return
        if self._device.tx.stop_tx_on_invalid_id:
            self._deauthorize(session)
        else:
            self._limit(session)

    def _deauthorize(self, session: Session) -> None:
        """Energy stops at once; the stop points decide whether the transaction ends (C15.FR.03/04, E05.FR.09/10).

        Those that need an authorization end it, also where energy has not flowed yet or no cable was there.
        """
        change = FactChange(
            trigger=TriggerReasonEnum.Deauthorized,
            lost=frozenset({Fact.Authorized, Fact.EnergyTransfer}),
            ends=ReasonEnum.DeAuthorized if session.stop_points & NEED_AUTHORIZATION else None,
            reason=ReasonEnum.DeAuthorized,
        )
        self._charging.apply(session, change)

    def _limit(self, session: Session) -> None:
        """The authorization stays; MaxEnergyOnInvalidId counts from this answer (C15.FR.06, C15.FR.07).

        Where no EVSE is known yet, it counts from the moment when one is.
        """
        authorization = session.authorization
        if authorization is None or authorization.invalid_since_wh is not None:
            return
        unplaced = session.evse_id is None
        energy = 0.0 if session.evse_id is None else self._world.hardware.read(session.evse_id).energy_wh
        limited = msgspec.structs.replace(authorization, invalid_since_wh=energy, invalid_unplaced=unplaced)
        changed = self._charging.amend(msgspec.structs.replace(session, authorization=limited))
        self.rearm_watch(changed)

    @hears(SessionMoved)
    def when_session_moved(self, moved: SessionMoved) -> None:
        """The watch begins when an EVSE is known, and ends with the authorization."""
        before, after = moved.before.authorization, moved.after.authorization
        if before is not after or moved.before.facts != moved.after.facts:
            self.rearm_watch(moved.after)

    def rearm_watch(self, session: Session) -> None:
        """Look at the meter until the energy is used up."""
        running = self._watches.pop(session.id, None)
        if running is not None:
            running.cancel()
        authorization = session.authorization
        if authorization is not None and authorization.invalid_since_wh is not None and session.evse_id is not None:
            self._work.after(lambda: self._look(session.id))

    def _look(self, identifier: str) -> None:
        session = self._charging.sessions.get(identifier)
        if session is None or session.evse_id is None or session.authorization is None:
            return
        since, now = session.authorization.invalid_since_wh, self._world.hardware.read(session.evse_id).energy_wh
        if since is None:
            return
        if session.authorization.invalid_unplaced:
            since = now
            placed = msgspec.structs.replace(session.authorization, invalid_since_wh=now, invalid_unplaced=False)
            self._charging.amend(msgspec.structs.replace(session, authorization=placed))
        left = self._device.tx.max_energy_on_invalid_id - (now - since)
        if left <= 0:
            self._world.hardware.suspend(session.evse_id, suspended=True)
        else:
            pause = self._pause(session.evse_id, left)
            self._watches[identifier] = self._work.later(pause, lambda: self._look(identifier))

    def _pause(self, evse_id: int, left_wh: float) -> float:
        """Return seconds in which no more than what is left can flow, within bounds."""
        evse = next(evse for evse in self._world.product.evses if evse.id == evse_id)
        most_w = evse.max_power_w or self._world.product.hardware.max_power_w
        return min(WATCH_INTERVAL, max(SHORTEST, left_wh * 3600.0 / most_w)) if most_w else WATCH_INTERVAL
