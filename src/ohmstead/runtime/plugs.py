"""What is true of the sockets of this run of the station, in step with its rows."""

from collections.abc import Callable

from ohmstead.model.events import FactsChanged
from ohmstead.model.plugs import RetainedCable
from ohmstead.ports.store import Delete, Put, Store
from ohmstead.product.profile import Product
from ohmstead.runtime.unit import Units
from ohmstead.wire.rows import from_row, to_row

RETAINED = "retained_cable"
Place = tuple[int, int]


class PlugKeeper:
    """Implements `blocks.context.CablePlugs`."""

    def __init__(self, product: Product, store: Store, units: Units) -> None:
        self._units = units
        self._locks = frozenset(
            (evse.id, connector.id)
            for evse in product.evses
            for connector in evse.connectors
            if product.has_lock(connector)
        )
        self.inserted: frozenset[Place] = frozenset()
        entries = [from_row(value, RetainedCable) for _, value in store.rows(RETAINED)]
        self._retained: dict[Place, RetainedCable] = {
            (entry.evse_id, entry.connector_id): entry
            for entry in entries
            if (entry.evse_id, entry.connector_id) in self._locks
        }

    def has_lock(self, evse_id: int, connector_id: int | None) -> bool:
        """Say whether a motor holds a cable in a connector."""
        return (evse_id, connector_id) in self._locks

    def retained(self) -> tuple[RetainedCable, ...]:
        """Return every cable that stays locked for its owner."""
        return tuple(self._retained.values())

    def retained_at(self, evse_id: int) -> RetainedCable | None:
        """Return the cable of an EVSE that stays locked for its owner."""
        return next((entry for entry in self._retained.values() if entry.evse_id == evse_id), None)

    def insert(self, evse_id: int, connector_id: int, *, inserted: bool) -> None:
        """A cable lies in a socket, or does not any more."""
        place, previous = (evse_id, connector_id), self.inserted
        if (place in previous) is inserted:
            return
        with self._units.open():
            self._units.undo(lambda: setattr(self, "inserted", previous))
            self.inserted = previous | {place} if inserted else previous - {place}
            self._units.announce(FactsChanged())

    def retain(self, cable: RetainedCable) -> None:
        """Keep a cable for its owner."""
        place = (cable.evse_id, cable.connector_id)
        with self._units.open():
            self._units.undo(self._restore(place))
            self._retained[place] = cable
            self._units.write(Put(RETAINED, _key(place), to_row(cable)))

    def release(self, evse_id: int, connector_id: int) -> None:
        """Nobody has to be waited for any more."""
        place = (evse_id, connector_id)
        if place not in self._retained:
            return
        with self._units.open():
            self._units.undo(self._restore(place))
            del self._retained[place]
            self._units.write(Delete(RETAINED, _key(place)))

    def _restore(self, place: Place) -> Callable[[], None]:
        previous = self._retained.get(place)

        def restore() -> None:
            if previous is None:
                self._retained.pop(place, None)
            else:
                self._retained[place] = previous

        return restore


def _key(place: Place) -> str:
    return f"{place[0]}/{place[1]}"
