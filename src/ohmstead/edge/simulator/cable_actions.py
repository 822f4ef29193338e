"""What hands do with cables: at the EV, and at the socket of a station."""

from ohmstead.edge.simulator.at_machine import AtMachine
from ohmstead.edge.simulator.ev import draw
from ohmstead.edge.simulator.evse import SimulatedEvse
from ohmstead.edge.simulator.sockets import CABLE_A
from ohmstead.ports import hand
from ohmstead.ports.hand import HandRefused
from ohmstead.ports.hardware import CableInserted, CableRemoved, PlugIn, PlugOut
from ohmstead.product.profile import ProductConnector


class CableActions(AtMachine):
    """Hands at both ends of a cable."""

    def _plug(self, action: hand.Plug) -> None:
        """Plug in another car, drawn anew: `model`, `model@start` or `model@start-target` with charges in %."""
        self._connect(action.evse_id, action.connector_id, action.ev, brings_cable=True)

    def _connect_ev(self, action: hand.ConnectEv) -> None:
        """Plug in another car, at a cable that is there."""
        self._connect(action.evse_id, action.connector_id, action.ev, brings_cable=False)

    def _connect(self, evse_id: int, connector_id: int, ev: str | None, *, brings_cable: bool) -> None:
        outlet = self._outlet(evse_id)
        connector = self._connector(outlet, connector_id)
        if outlet.connector:
            raise HandRefused(f"EVSE {evse_id} has an EV at connector {outlet.connector.id}: unplug it first")
        inserts = connector_id in outlet.sockets and outlet.sockets.cable != connector_id
        if inserts and not brings_cable:
            raise HandRefused(f"no cable lies in connector {connector_id} of EVSE {evse_id}: put one in first")
        self._free_of_other_cables(outlet, connector_id)
        self._within_reach(outlet, connector)
        dc = outlet.evse.current_of(connector) == "DC"
        try:
            car = draw(ev, self._random, dc=dc)
        except ValueError as error:
            raise HandRefused(str(error)) from None
        if dc and not car.model.max_current_a:
            raise HandRefused(
                f"{car.model.name} has no DC inlet, and connector {connector_id} of EVSE {evse_id} gives DC"
            )
        if not dc and not car.model.ac_phases:
            raise HandRefused(
                f"{car.model.name} has no AC charger, and connector {connector_id} of EVSE {evse_id} gives AC"
            )
        with self._acting() as (now, seen):
            if inserts:
                outlet.sockets.insert(connector_id, CABLE_A)
                seen.append(CableInserted(evse_id, connector_id))
            outlet.plug(connector, car, now)
            seen.append(PlugIn(evse_id, connector_id))

    def _unplug(self, action: hand.Unplug) -> None:
        """Pull the cable out of the car, under power too: the contactors open at once (emergency separation).

        It comes out of its socket too, unless a lock holds it there.
        """
        self._plugged(action.evse_id)
        self._disconnect(action.evse_id, takes_cable=True)

    def _disconnect_ev(self, action: hand.DisconnectEv) -> None:
        """Pull the cable out of the car alone."""
        self._plugged(action.evse_id)
        self._disconnect(action.evse_id, takes_cable=False)

    def _disconnect(self, evse_id: int, *, takes_cable: bool) -> None:
        outlet = self._outlet(evse_id)
        with self._acting() as (now, seen):
            seen.append(PlugOut(evse_id, outlet.connector.id if outlet.connector else 0))
            outlet.unplug(now)
            if takes_cable and outlet.sockets.cable is not None and not outlet.locked:
                seen.append(CableRemoved(evse_id, outlet.sockets.cable))
                outlet.sockets.remove()

    def _insert_cable(self, action: hand.InsertCable) -> None:
        """Put a cable into a socket."""
        evse_id, connector_id = action.evse_id, action.connector_id
        outlet = self._outlet(evse_id)
        connector = self._connector(outlet, connector_id)
        if connector_id not in outlet.sockets:
            raise HandRefused(f"connector {connector_id} of EVSE {evse_id} is a fixed cable: it has no socket")
        if outlet.sockets.cable == connector_id:
            raise HandRefused(f"a cable lies in connector {connector_id} of EVSE {evse_id} already")
        if outlet.connector:
            raise HandRefused(f"EVSE {evse_id} has an EV at connector {outlet.connector.id}: unplug it first")
        self._free_of_other_cables(outlet, connector_id)
        self._within_reach(outlet, connector)
        with self._acting() as (_, seen):
            outlet.sockets.insert(connector_id, CABLE_A if action.rating is None else float(action.rating))
            seen.append(CableInserted(evse_id, connector_id))

    def _remove_cable(self, action: hand.RemoveCable) -> None:
        """Pull a cable out of its socket, with an EV at its other end too; a shut lock holds it."""
        outlet = self._outlet(action.evse_id)
        cable = outlet.sockets.cable
        if cable is None:
            raise HandRefused(f"no cable lies in a socket of EVSE {action.evse_id}")
        if outlet.locked:
            raise HandRefused(f"the cable is locked in connector {cable} of EVSE {action.evse_id}")
        with self._acting() as (now, seen):
            if outlet.connector:
                seen.append(PlugOut(action.evse_id, outlet.connector.id))
                outlet.unplug(now)
            seen.append(CableRemoved(action.evse_id, cable))
            outlet.sockets.remove()

    @staticmethod
    def _within_reach(outlet: SimulatedEvse, connector: ProductConnector) -> None:
        """A cable in its locked holder, or a socket behind its shutter, is for nobody who is not authorized (AQ-2)."""
        if outlet.protected and outlet.sockets.cable != connector.id:
            socket = connector.id in outlet.sockets
            kept = "is shut" if socket else "keeps its cable locked in the holder"
            where = f"{'socket' if socket else 'connector'} {connector.id} of EVSE {outlet.evse.id}"
            raise HandRefused(f"{where} {kept} until a driver is authorized: present a token, or start remotely, first")

    def _free_of_other_cables(self, outlet: SimulatedEvse, connector_id: int) -> None:
        cable = outlet.sockets.cable
        if cable not in (None, connector_id):
            raise HandRefused(f"a cable lies in connector {cable} of EVSE {outlet.evse.id}: take it out first")
