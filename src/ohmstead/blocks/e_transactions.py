"""Block E: facts come from the machine, transactions follow from facts, and every step of them is reported."""

from ohmstead.blocks.contactors import Contactors
from ohmstead.blocks.context import CablePlugs, Charging, Csms, World
from ohmstead.blocks.first_signature import FirstSignature
from ohmstead.blocks.hooks import hears, serves
from ohmstead.blocks.work import Timer, Work
from ohmstead.model.device import DeviceModel, SampledDataCtrlr, changed
from ohmstead.model.events import (
    EvseReset,
    FactsChanged,
    FaultsChanged,
    LockMoved,
    LockTried,
    SessionMoved,
    TransactionEnded,
)
from ohmstead.model.facts import POWER_PATH, Fact, Facts, Suspension
from ohmstead.model.obstacles import EMERGENCY_STOP, PlaceFault
from ohmstead.model.scope import Scope
from ohmstead.model.session import FactChange, Session, energy_allowed
from ohmstead.model.sessions import takes
from ohmstead.ports.hardware import (
    CONNECTOR_LOCK_FAILURE,
    POWER_SWITCH_FAILURE,
    BayOccupied,
    EmergencyStopChanged,
    EvseState,
    EvStopped,
    FaultChanged,
    PlugIn,
    PlugOut,
    Supply,
    SupplyChanged,
)
from ohmstead.wire.identifiers import folded
from ohmstead.wire.messages import (
    GetTransactionStatusRequest,
    GetTransactionStatusResponse,
    ReasonEnum,
    TriggerReasonEnum,
)

CONNECTED = frozenset({Fact.EVConnected})
ENERGY = frozenset({Fact.EnergyTransfer})
AUTHORIZED = frozenset({Fact.Authorized})
BAY = frozenset({Fact.ParkingBayOccupancy})
NOTHING: Facts = frozenset()
OWN_FAULTS = frozenset({POWER_SWITCH_FAILURE, CONNECTOR_LOCK_FAILURE})
"""What the station finds out by itself about an EVSE; the machine does not name it."""
IN_THE_BAY = 0
"""Stands for a connector where an EV is in the bay and no cable is in."""
SUSPENSIONS = {Supply.SuspendedEV: Suspension.EV, Supply.SuspendedEVSE: Suspension.EVSE}


class ETransactions:
    """Turns what the machine observes into changes of facts."""

    def __init__(
        self, work: Work, charging: Charging, plugs: CablePlugs, csms: Csms, device: DeviceModel, world: World
    ) -> None:
        self._work = work
        self._charging = charging
        self._plugs = plugs
        self._csms = csms
        self._device = device
        self._world = world
        self._timeouts: dict[str, Timer] = {}
        self._first_signature = FirstSignature(work, charging, device, world)
        self._contactors = Contactors(work, world, self._set_fault)

    def start(self) -> None:
        """Compare the stored facts with the machine and feed each difference as an ordinary change (decided case 5)."""
        self.observe_emergency_stop(EmergencyStopChanged(pressed=self._world.hardware.emergency_stop()))
        for evse in self._world.product.evses:
            self.reconcile(evse.id)
        for session in self._charging.sessions:
            self.rearm_timeout(session)
        self.rearm_signatures()

    @changed(SampledDataCtrlr.sign_readings)
    def rearm_signatures(self) -> None:
        """Readings are signed from now on, or not any more."""
        for session in self._charging.sessions:
            self._first_signature.follow(session)

    @hears(EvseReset)
    def when_evse_reset(self, reset: EvseReset) -> None:
        """Find the session of an EVSE anew; what the station has found of its contactor and lock is tried again."""
        for fault in sorted(self._charging.faults):
            scope = fault.scope
            if scope.evse_id == reset.evse_id and fault.code in OWN_FAULTS:
                self.observe_fault(FaultChanged(scope.evse_id, scope.connector_id, fault.code, active=False))
        self.reconcile(reset.evse_id)

    @hears(LockTried)
    def when_lock_tried(self, tried: LockTried) -> None:
        """A lock that does not answer is a fault of its connector until it does."""
        if self._plugs.has_lock(tried.evse_id, tried.connector_id):
            return  # it is looked after: LockMoved
        silent = not tried.answered
        self._set_fault(FaultChanged(tried.evse_id, tried.connector_id, CONNECTOR_LOCK_FAILURE, active=silent))

    def reconcile(self, evse_id: int) -> None:
        """Bring the session of one EVSE in line with what the machine finds there."""
        found = self._world.hardware.state(evse_id)
        session = self._charging.sessions.at(evse_id)
        if session is not None:
            session = self._lose(session, found)
        known = {
            (one.scope.connector_id, one.code)
            for one in self._charging.faults
            if one.scope.evse_id == evse_id and one.code not in OWN_FAULTS
        }
        for connector_id, code in sorted(found.faults ^ known):
            here = (connector_id, code) in found.faults
            self.observe_fault(FaultChanged(evse_id, connector_id, code, active=here))
        facts = session.facts if session is not None else NOTHING
        if found.occupied and Fact.ParkingBayOccupancy not in facts:
            self._charging.hold(evse_id, IN_THE_BAY, held=True)
        if found.connector_id is not None and Fact.EVConnected not in facts:
            self._charging.hold(evse_id, found.connector_id, held=True)
        self._take_up(evse_id)
        current = self._charging.sessions.at(evse_id)
        waits = self._plugs.has_lock(evse_id, found.connector_id) and not found.locked
        self._permit(evse_id, allowed=current is not None and energy_allowed(current) and not waits)

    def _take_up(self, evse_id: int) -> None:
        """Feed what was held at an EVSE: an EV in the bay, then a cable."""
        for connector_id in sorted(held for at, held in self._charging.held if at == evse_id):
            if connector_id == IN_THE_BAY:
                self.observe_bay(BayOccupied(evse_id, occupied=True))
            else:
                self.observe_plug_in(PlugIn(evse_id, connector_id))

    def _lose(self, session: Session, found: EvseState) -> Session:
        """Take away what the machine no longer finds; a cable that went with the power ends with PowerLoss."""
        if Fact.EVConnected in session.facts and found.connector_id is None:
            return self._charging.apply(
                session,
                FactChange(
                    trigger=TriggerReasonEnum.EVCommunicationLost,
                    lost=CONNECTED | ENERGY | AUTHORIZED,
                    ends=ReasonEnum.PowerLoss,
                ),
            )
        if Fact.ParkingBayOccupancy in session.facts and not found.occupied:
            session = self._charging.apply(session, FactChange(trigger=TriggerReasonEnum.EVDeparted, lost=BAY))
        if Fact.EnergyTransfer in session.facts and found.supply is not Supply.Delivering:
            change = FactChange(
                trigger=TriggerReasonEnum.ChargingStateChanged,
                lost=ENERGY,
                suspended=Suspension.EVSE,
                suspends=True,
                reason=ReasonEnum.PowerLoss if Fact.EnergyTransfer in session.stop_points else None,
            )
            session = self._charging.apply(session, change)
        return session

    # What the machine observes

    def observe_plug_in(self, seen: PlugIn) -> None:
        """A cable connects an EV: to the session that waits for one, or as the first fact of a new one (E02, E03).

        Where nobody may start it stays a cable: a session hears of it once the obstacle has gone (decided case 6).
        """
        self._contactors.watch(seen.evse_id)
        session = self._charging.sessions.at(seen.evse_id)
        waiting = self._charging.sessions.unbound()
        if waiting is not None and self._may_bind(waiting, session, seen):
            session = waiting if session is None else self._charging.merge(waiting, session)
        elif self._charging.standing.obstacle(seen.evse_id, seen.connector_id, session) is not None:
            self._charging.hold(seen.evse_id, seen.connector_id, held=True)
            return
        self._charging.hold(seen.evse_id, seen.connector_id, held=False)
        if session is None:
            session = Session(id=self._world.sources.new_id())
        change = FactChange(
            trigger=TriggerReasonEnum.CablePluggedIn,
            gained=CONNECTED,
            evse_id=seen.evse_id,
            connector_id=seen.connector_id,
        )
        self._charging.apply(session, change)

    def _may_bind(self, waiting: Session, session: Session | None, seen: PlugIn) -> bool:
        """Two sessions that own transactions never merge (decided case 4); where nobody may start, nobody does.

        A token that is for other EVSEs goes on waiting for them (C01.FR.21), and so does one that is not
        the first of the transaction there (C01.FR.23).
        """
        authorization = waiting.authorization
        if authorization is not None and not authorization.allows(seen.evse_id):
            return False
        if authorization is not None and session is not None and not takes(session, authorization.id_token):
            return False
        if self._charging.standing.obstacle(seen.evse_id, seen.connector_id, waiting) is not None:
            return False
        if session is None:
            return True
        return not session.authorized and (session.transaction is None or waiting.transaction is None)

    def observe_plug_out(self, seen: PlugOut) -> None:
        """The EV is gone: with StopTxOnEVSideDisconnect the authorization goes with it (E09.FR.01)."""
        self._charging.hold(seen.evse_id, seen.connector_id, held=False)
        session = self._charging.sessions.at(seen.evse_id)
        if session is None or Fact.EVConnected not in session.facts:
            return
        deauthorize = self._device.tx.stop_tx_on_ev_side_disconnect or session.transaction is None
        lost = CONNECTED | ENERGY | (AUTHORIZED if deauthorize else NOTHING)
        change = FactChange(trigger=TriggerReasonEnum.EVCommunicationLost, lost=lost, reason=ReasonEnum.EVDisconnected)
        self._charging.apply(session, change)

    def observe_bay(self, seen: BayOccupied) -> None:
        """An EV came into the parking bay, or left it; where nobody may start, the session begins later or never."""
        session = self._charging.sessions.at(seen.evse_id)
        barred = seen.occupied and self._charging.standing.obstacle(seen.evse_id, session=session) is not None
        self._charging.hold(seen.evse_id, IN_THE_BAY, held=barred)
        if barred:
            return
        if seen.occupied:
            session = session or Session(id=self._world.sources.new_id())
            change = FactChange(trigger=TriggerReasonEnum.EVDetected, gained=BAY, evse_id=seen.evse_id)
            self._charging.apply(session, change)
        elif session is not None and Fact.ParkingBayOccupancy in session.facts:
            change = FactChange(trigger=TriggerReasonEnum.EVDeparted, lost=BAY, reason=ReasonEnum.Local)
            self._charging.apply(session, change)

    def observe_supply(self, seen: SupplyChanged) -> None:
        """Energy flows, or somebody holds it back (E02.FR.13, E01.FR.19)."""
        self._contactors.watch(seen.evse_id)
        session = self._charging.sessions.at(seen.evse_id)
        if session is None or seen.supply is Supply.Preparing:
            return
        flows = seen.supply is Supply.Delivering
        suspended = SUSPENSIONS.get(seen.supply)
        reason = ReasonEnum.StoppedByEV if suspended is Suspension.EV else None
        change = FactChange(
            trigger=TriggerReasonEnum.ChargingStateChanged,
            gained=ENERGY if flows else NOTHING,
            lost=NOTHING if flows else ENERGY,
            suspended=suspended,
            suspends=True,
            reason=reason if Fact.EnergyTransfer in session.stop_points else None,
        )
        self._charging.apply(session, change)

    def observe_ev_stopped(self, seen: EvStopped) -> None:
        """The EV ended the session for good: its authorization ends as if it had stopped it (E15)."""
        session = self._charging.sessions.at(seen.evse_id)
        if session is None or not session.authorized:
            return
        change = FactChange(
            trigger=TriggerReasonEnum.StopAuthorized, lost=AUTHORIZED | ENERGY, reason=ReasonEnum.StoppedByEV
        )
        self._charging.apply(session, change)

    def observe_fault(self, seen: FaultChanged) -> None:
        """Take a fault of the machine, or that one is over: a contactor that was repaired is tried again."""
        if seen.code == POWER_SWITCH_FAILURE and not seen.active:
            self._contactors.repaired(seen.evse_id)
        self._set_fault(seen)

    def _set_fault(self, seen: FaultChanged) -> None:
        """A fault ends the transaction of its connector (E06.FR.16); connector 0 is the EVSE, EVSE 0 the station."""
        fault = PlaceFault(Scope(seen.evse_id, seen.connector_id), seen.code)
        if not self._charging.set_fault(fault, active=seen.active) or not seen.active:
            return
        for session in self._charging.sessions:
            if fault.scope.contains(Scope(session.evse_id or 0, session.connector_id or 0)):
                self._abort(session, ReasonEnum.Other)

    def observe_emergency_stop(self, seen: EmergencyStopChanged) -> None:
        """The emergency stop ends every transaction and blocks the station until it is released."""
        if seen.pressed:
            for session in self._charging.sessions:
                self._abort(session, ReasonEnum.EmergencyStop)
        self.observe_fault(FaultChanged(0, 0, EMERGENCY_STOP, seen.pressed))

    def _abort(self, session: Session, reason: ReasonEnum) -> None:
        if session.transaction is None and not session.authorized:
            return
        change = FactChange(trigger=TriggerReasonEnum.AbnormalCondition, lost=AUTHORIZED | ENERGY, ends=reason)
        self._charging.apply(session, change)

    # What follows when an obstacle comes or goes, and from a session that moved

    @hears(FactsChanged)
    def when_facts_changed(self, _changed: FactsChanged) -> None:
        """An availability was set, or something waits for transactions to end, or does not any more."""
        self._follow_obstacles()

    @hears(FaultsChanged)
    def when_faults_changed(self, _changed: FaultsChanged) -> None:
        """A fault came or went."""
        self._follow_obstacles()

    def _follow_obstacles(self) -> None:
        """What was granted and has not begun does not begin; what came meanwhile is taken up (decided cases 5, 6)."""
        for session in self._charging.sessions:
            self._part(session)
        for evse in self._world.product.evses:
            if self._charging.standing.obstacle(evse.id) is None:
                self._take_up(evse.id)

    def _part(self, session: Session) -> None:
        """Keep cable and authorization apart where energy may flow, but no transaction has begun, and none may."""
        evse_id, connector_id = session.evse_id, session.connector_id
        if (
            evse_id is None
            or connector_id is None
            or session.transaction is not None
            or not session.facts >= POWER_PATH
        ):
            return
        if self._charging.standing.obstacle(evse_id, connector_id, session) is not None:
            self._charging.hold(evse_id, connector_id, held=True)
            change = FactChange(trigger=TriggerReasonEnum.AbnormalCondition, lost=CONNECTED | ENERGY)
            self._charging.apply(session, change)

    @hears(SessionMoved)
    def when_session_moved(self, moved: SessionMoved) -> None:
        """Let energy flow or stop it, watch the time for the cable, and say that a transaction has ended."""
        self._rearm_energy(moved.before, moved.after)
        self._follow_timeout(moved.before, moved.after)
        self._first_signature.follow(moved.after)
        if moved.before.transaction is not None and moved.after.transaction is None:
            self._work.announce(TransactionEnded(moved.after.evse_id))

    def _rearm_energy(self, before: Session, after: Session) -> None:
        evse_id = after.evse_id
        if evse_id is None:
            return
        allowed = energy_allowed(after)
        if allowed and not energy_allowed(before):
            held = before.facts >= POWER_PATH and self._world.hardware.state(evse_id).locked
            if held or not self._plugs.has_lock(evse_id, after.connector_id):
                self._work.after(lambda: self._permit(evse_id, allowed=True))
        elif not allowed and Fact.Authorized in before.facts:
            self._permit(evse_id, allowed=False)

    @hears(LockMoved)
    def when_lock_moved(self, moved: LockMoved) -> None:
        """Energy flows once the cable is locked, and not at all where it cannot be (G05.FR.01)."""
        evse_id, connector_id = moved.evse_id, moved.connector_id
        self._set_fault(FaultChanged(evse_id, connector_id, CONNECTOR_LOCK_FAILURE, active=moved.failed))
        session = self._charging.sessions.at(evse_id)
        if moved.shut and session is not None and energy_allowed(session) and session.connector_id == connector_id:
            self._work.after(lambda: self._permit(evse_id, allowed=True))

    def _permit(self, evse_id: int, *, allowed: bool) -> None:
        """Energy is taken away before the commit and given after it: both are the safe side."""
        self._contactors.permit(evse_id, allowed=allowed and self._work.keeps)

    def _follow_timeout(self, before: Session, after: Session) -> None:
        """The time for the cable is a duration: what does not concern it leaves the running timer alone."""
        unplugged = Fact.EVConnected in before.facts - after.facts
        if unplugged or after.id not in self._timeouts or not self._waits_for_cable(after):
            self.rearm_timeout(after, restart=unplugged)

    def _waits_for_cable(self, session: Session) -> bool:
        """A cable that is locked in its socket waits for its owner instead, however long that takes (E10.FR.01)."""
        if not session.authorized or Fact.EVConnected in session.facts:
            return False
        return session.evse_id is None or self._plugs.retained_at(session.evse_id) is None

    def rearm_timeout(self, session: Session, *, restart: bool = False) -> None:
        """An authorized session without a cable ends after EVConnectionTimeOut (E03.FR.05)."""
        running = self._timeouts.pop(session.id, None)
        if running is not None:
            running.cancel()
        if session.authorization is None or not self._waits_for_cable(session):
            return
        waited = 0.0 if restart else self._charging.elapsed.of_authorization(session).total_seconds()
        delay = max(0.0, self._device.tx.ev_connection_time_out - waited)
        self._timeouts[session.id] = self._work.later(delay, lambda: self._time_out(session.id))

    def _time_out(self, identifier: str) -> None:
        session = self._charging.sessions.get(identifier)
        if session is None or not self._waits_for_cable(session):
            return
        stays = Fact.ParkingBayOccupancy in session.stop_points & session.facts
        change = FactChange(
            trigger=TriggerReasonEnum.EVConnectTimeout,
            lost=AUTHORIZED,
            ends=None if stays else ReasonEnum.Timeout,
            reason=ReasonEnum.Timeout,
        )
        self._charging.apply(session, change)

    # What the CSMS asks

    @serves(GetTransactionStatusRequest)
    def on_get_transaction_status(self, request: GetTransactionStatusRequest) -> GetTransactionStatusResponse:
        """Say whether a transaction goes on, and whether messages about it still wait (E14)."""
        waiting = self._csms.waiting_transactions()
        if request.transaction_id is None:
            return GetTransactionStatusResponse(messages_in_queue=bool(waiting))
        identifier = folded(request.transaction_id)
        return GetTransactionStatusResponse(
            ongoing_indicator=self._charging.sessions.of_transaction(identifier) is not None,
            messages_in_queue=identifier in waiting,
        )
