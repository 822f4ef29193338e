"""What keeps cables in their holders and sockets shut until a driver is authorized (AQ-2)."""

from functools import partial

from ohmstead.blocks.context import CablePlugs, Charging, World
from ohmstead.blocks.hooks import hears
from ohmstead.blocks.work import Work
from ohmstead.model.device import ConnectorProtectionRelease, DeviceModel
from ohmstead.model.events import CableReleased, EvseReset, FactsChanged, FaultsChanged, SessionMoved
from ohmstead.model.session import Session
from ohmstead.ports.hardware import CableInserted, CableRemoved, ProtectedHardware
from ohmstead.product.feature_table import Feature


class ConnectorProtection:
    """Tells the machine at which EVSE somebody may take a cable: where he is authorized, or has one already."""

    def __init__(self, work: Work, charging: Charging, plugs: CablePlugs, device: DeviceModel, world: World) -> None:
        self._work = work
        self._charging = charging
        self._plugs = plugs
        self._world = world
        self._told: dict[int, bool] = {}
        self._fitted = world.product.has(Feature.CABLE_LOCKED_UNTIL_AUTHORIZED)
        for evse in world.product.evses:
            for connector in evse.connectors:
                released = partial(self._released, evse.id)
                device.bind(ConnectorProtectionRelease.active, released, evse.id, connector.id)

    def start(self) -> None:
        """Tell each EVSE as the stored sessions and the machine have it."""
        self._told.clear()
        self._tell()

    @hears(SessionMoved)
    def when_session_moved(self, _moved: SessionMoved) -> None:
        """Somebody is authorized, or not any more; a cable left the EV."""
        self._work.after(self._tell)

    @hears(FactsChanged)
    def when_facts_changed(self, _changed: FactsChanged) -> None:
        """An EVSE is out of service, or in it again; a session is over; a cable lies in a socket."""
        self._work.after(self._tell)

    @hears(FaultsChanged)
    def when_faults_changed(self, _changed: FaultsChanged) -> None:
        """An EVSE is out of order, or not any more."""
        self._work.after(self._tell)

    @hears(CableReleased)
    def when_cable_released(self, _released: CableReleased) -> None:
        """The owner of a cable has come."""
        self._work.after(self._tell)

    @hears(EvseReset)
    def when_evse_reset(self, reset: EvseReset) -> None:
        """Tell an EVSE anew."""
        self._told.pop(reset.evse_id, None)
        self._work.after(self._tell)

    def observe_cable(self, _seen: CableInserted | CableRemoved) -> None:
        """A cable came into a socket, or left it."""
        self._work.after(self._tell)

    def _tell(self) -> None:
        machine = self._world.hardware
        if not self._fitted or not isinstance(machine, ProtectedHardware):
            return
        for evse in self._world.product.evses:
            protected = not self._wanted(evse.id)
            if self._told.get(evse.id) is not protected:
                machine.protect(evse.id, protected)
                self._told[evse.id] = protected

    def _wanted(self, evse_id: int) -> bool:
        session = self._charging.sessions.at(evse_id)
        if self._world.hardware.state(evse_id).used is not None or (session is not None and session.authorized):
            return True
        unbound = self._charging.sessions.unbound()
        return unbound is not None and self._may_bind(unbound, session, evse_id)

    def _may_bind(self, unbound: Session, session: Session | None, evse_id: int) -> bool:
        """Say whether a driver who was authorized without an EVSE may take the cable of this one."""
        if unbound.authorization is not None and not unbound.authorization.allows(evse_id):
            return False
        taken = session is not None and session.transaction is not None and unbound.transaction is not None
        kept = self._plugs.retained_at(evse_id) is not None
        return not taken and not kept and self._charging.standing.obstacle(evse_id, session=unbound) is None

    def _released(self, evse_id: int) -> bool:
        return self._world.hardware.state(evse_id).protected is False
