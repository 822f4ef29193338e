"""What is true of this run of the station, in step with its rows: sessions, availability, faults, and what follows."""

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from ohmstead.blocks.hooks import hears
from ohmstead.model.device import EVSE, ChargingStation, Connector, DeviceModel
from ohmstead.model.elapsed import Elapsed
from ohmstead.model.events import FactsChanged, FaultsChanged, SessionMoved, StatusChanged
from ohmstead.model.facts import Fact, points
from ohmstead.model.metering import Sample
from ohmstead.model.obstacles import Pending, PlaceFault, Standing
from ohmstead.model.scope import Scope
from ohmstead.model.session import FactChange, Session, TransactionOrigin, TransactionStep, advance, report
from ohmstead.model.sessions import Sessions
from ohmstead.model.status import Availability
from ohmstead.ports.clock import Clock, Sources
from ohmstead.ports.store import Delete, Put, Store
from ohmstead.product.profile import Product
from ohmstead.runtime.calls import StationCalls
from ohmstead.runtime.plugs import PlugKeeper
from ohmstead.runtime.transaction_events import TransactionEvents
from ohmstead.runtime.unit import Units
from ohmstead.wire.messages import ConnectorStatusEnum, TriggerReasonEnum
from ohmstead.wire.rows import from_row, to_row

SESSION = "session"
AVAILABILITY = "availability"
Statuses = dict[tuple[int, int], ConnectorStatusEnum]


class FactKeeper:
    """Implements `blocks.context.Charging`.

    Moves sessions: advance, report, write the rows, tell the blocks; all of it in the open unit of work.
    """

    def __init__(
        self,
        product: Product,
        device: DeviceModel,
        store: Store,
        units: Units,
        clock: Clock,
        sources: Sources,
        events: TransactionEvents,
        calls: StationCalls,
        plugs: PlugKeeper,
    ) -> None:
        self._product = product
        self._device = device
        self._units = units
        self._clock = clock
        self._sources = sources
        self._events = events
        self._calls = calls
        self._plugs = plugs
        self.sessions = Sessions(from_row(value, Session) for _, value in store.rows(SESSION))
        stored = store.get(AVAILABILITY, "")
        self.availability = Availability() if stored is None else from_row(stored, Availability)
        self.faults: frozenset[PlaceFault] = frozenset()
        self.pending: list[Callable[[], Iterable[Pending]]] = []
        self.held: frozenset[tuple[int, int]] = frozenset()
        """(evse_id, connector_id) of EVs that came while nobody might start there: no session has heard of them."""
        self.elapsed = Elapsed(clock.now)
        self._connectors = {evse.id: tuple(one.id for one in evse.connectors) for evse in product.evses}
        self._told: Statuses = self.statuses()
        self._bind()

    # Moving sessions

    def apply(self, session: Session, change: FactChange) -> Session:
        """Move a session by a change of facts."""
        with self._units.open():
            origin = TransactionOrigin(
                new_id=self._sources.new_id,
                now=self._clock.now(),
                start_points=self.start_points(),
                stop_points=points(self._device.tx.tx_stop_point),
            )
            after, step = advance(session, change, origin)
            return self._moved(session, after, step)

    def start_points(self) -> frozenset[Fact]:
        """TxStartPoint as it is configured now."""
        return points(self._device.tx.tx_start_point)

    def report(self, session: Session, trigger: TriggerReasonEnum, at: datetime | None = None) -> Session:
        """Report a running transaction without a change of facts."""
        with self._units.open():
            after, step = report(session, trigger)
            return self._moved(session, after, step, at)

    def amend(self, session: Session) -> Session:
        """Change what is remembered of a session."""
        with self._units.open():
            self._keep(session)
            return session

    def record(self, session: Session, sample: Sample) -> Session:
        """Keep a sample for the Ended event."""
        return self.amend(self._events.recorded(session, sample))

    def forget(self, session: Session) -> None:
        """Drop a session."""
        with self._units.open():
            self._keep(msgspec.structs.replace(session, facts=frozenset()))

    def merge(self, session: Session, into: Session) -> Session:
        """Join an unbound session with the one of an EVSE; at most one of them owns a transaction."""
        with self._units.open():
            if into.ended and into.transaction is None and session.transaction is None:
                return self._regranted(session, into)
            owner, other = (into, session) if into.transaction is not None else (session, into)
            joint = msgspec.structs.replace(
                owner,
                evse_id=into.evse_id,
                connector_id=into.connector_id,
                facts=session.facts | into.facts,
                authorization=session.authorization,
                id_token_due=session.id_token_due,
                remote_due=session.remote_due,
                ended=False,
            )
            self.forget(other)
            self._keep(joint)
            return joint

    def _regranted(self, session: Session, into: Session) -> Session:
        """A place whose transaction has ended is authorized anew: what is still true there counts (decided case 1)."""
        authorization = session.authorization
        remote = authorization is not None and authorization.remote_start_id is not None
        self.forget(session)
        change = FactChange(
            trigger=TriggerReasonEnum.RemoteStart if remote else TriggerReasonEnum.Authorized,
            gained=session.facts,
            authorization=authorization,
        )
        return self.apply(into, change)

    def _moved(
        self, before: Session, after: Session, step: TransactionStep | None, at: datetime | None = None
    ) -> Session:
        if step is not None:
            offline = not self._calls.online
            after, request = self._events.build(after, step, offline=offline, at=at)
            self._calls.post(request)
        if after != before:
            self._keep(after)
            self._units.announce(SessionMoved(before, after, step))
        return after

    def _keep(self, session: Session) -> None:
        previous = self.sessions.get(session.id)
        self._units.undo(lambda: self._restore(session.id, previous))
        self.sessions.adopt(session)
        if session.facts:
            self._units.write(Put(SESSION, session.id, to_row(session)))
        elif previous is not None:
            self._units.write(Delete(SESSION, session.id))

    def _restore(self, identifier: str, previous: Session | None) -> None:
        if previous is None:
            self.sessions.drop(identifier)
        else:
            self.sessions.adopt(previous)

    # Status, always a function

    def set_availability(self, availability: Availability) -> None:
        """Change the operational status."""
        previous = self.availability
        with self._units.open():
            self._units.undo(lambda: setattr(self, "availability", previous))
            self.availability = availability
            self._units.write(Put(AVAILABILITY, "", to_row(availability)))
            self._units.announce(FactsChanged())

    def set_fault(self, fault: PlaceFault, *, active: bool) -> bool:
        """Add a fault to those of its place, or take it away, and say whether that is news."""
        if (fault in self.faults) is active:
            return False
        with self._units.open():
            # Only this one is taken back: the failure of the commit may be a fault of its own.
            self._units.undo(lambda: self._toggle(fault, active=not active))
            self._toggle(fault, active=active)
            self._units.announce(FaultsChanged(fault.scope.evse_id, fault.scope.connector_id, fault.code, active))
        return True

    def _toggle(self, fault: PlaceFault, *, active: bool) -> None:
        self.faults = self.faults | {fault} if active else self.faults - {fault}

    def hold(self, evse_id: int, connector_id: int, *, held: bool) -> None:
        """Keep the EV at a connector (0: in the bay) from the sessions, or no longer."""
        place, previous = (evse_id, connector_id), self.held
        if (place in previous) is held:
            return
        with self._units.open():
            self._units.undo(lambda: setattr(self, "held", previous))
            self.held = previous | {place} if held else previous - {place}
            self._units.announce(FactsChanged())

    @property
    def standing(self) -> Standing:
        """All that decides where a session may begin, as it is now."""
        cables = {evse_id: connector_id for evse_id, connector_id in self._plugs.inserted | self.held if connector_id}
        for session in self.sessions:
            if session.evse_id is not None and session.connector_id is not None and Fact.EVConnected in session.facts:
                cables[session.evse_id] = session.connector_id
        return Standing(
            connectors=self._connectors,
            availability=self.availability,
            faults=self.faults,
            pending=tuple(work for tell in self.pending for work in tell()),
            cables=cables,
        )

    def statuses(self) -> Statuses:
        """Return the status of every connector."""
        return self.standing.statuses()

    @hears(SessionMoved)
    def when_session_moved(self, _moved: SessionMoved) -> None:
        """Statuses follow from sessions."""
        self._tell_statuses()

    @hears(FactsChanged)
    def when_facts_changed(self, _changed: FactsChanged) -> None:
        """Statuses follow from availability."""
        self._tell_statuses()

    @hears(FaultsChanged)
    def when_faults_changed(self, _changed: FaultsChanged) -> None:
        """Statuses follow from faults."""
        self._tell_statuses()

    def _tell_statuses(self) -> None:
        before, now = self._told, self.statuses()
        if now == before:
            return
        self._units.undo(lambda: setattr(self, "_told", before))
        self._told = now
        for key, status in now.items():
            if before.get(key) is not status:
                self._units.announce(StatusChanged(key[0], key[1], status))

    def _bind(self) -> None:
        """Give the device model its states (Part 2, 2.13)."""
        device = self._device
        device.bind(ChargingStation.availability_state, self._station_status)
        device.bind(ChargingStation.enabled, self._operative)
        for evse in self._product.evses:
            self._bind_evse(evse.id)
            for connector in evse.connectors:
                self._bind_connector(evse.id, connector.id)

    def _station_status(self) -> ConnectorStatusEnum:
        return self.standing.station_status()

    def _operative(self) -> bool:
        return self.availability.operative(Scope())

    def _bind_evse(self, evse_id: int) -> None:
        self._device.bind(EVSE.availability_state, lambda: self.standing.evse_status(evse_id), evse_id)
        self._device.bind(EVSE.enabled, lambda: self.availability.operative(Scope(evse_id)), evse_id)

    def _bind_connector(self, evse_id: int, connector_id: int) -> None:
        def enabled() -> bool:
            return self.availability.operative(Scope(evse_id, connector_id))

        place = (evse_id, connector_id)
        self._device.bind(Connector.availability_state, lambda: self.standing.connector_status(*place), *place)
        self._device.bind(Connector.enabled, enabled, *place)
