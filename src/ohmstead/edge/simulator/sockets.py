"""The sockets of an EVSE: the cable that lies in one, and the lock that holds it there."""

from ohmstead.product.profile import Evse, ProductConnector

CABLE_A = 32.0
"""Amperes that a cable carries where nobody names its rating."""


class Sockets:
    """The detachable connectors of one EVSE. At most one cable lies in them: they share contactor and meter.

    Attributes:
        cable: the connector that a cable lies in; None: no socket has one.
        cable_a: what that cable carries, in A.
        shut: connectors whose lock is shut.
        jammed: connectors whose lock does not move.
    """

    def __init__(self, evse: Evse, motors: frozenset[int]) -> None:
        self._motors = motors
        self._connectors = frozenset(connector.id for connector in evse.connectors if connector.cable == "Detachable")
        self.cable: int | None = None
        self.cable_a = CABLE_A
        self.shut: set[int] = set()
        self.jammed: set[int] = set()

    def __contains__(self, connector_id: int) -> bool:
        return connector_id in self._connectors

    def motor(self, connector_id: int | None) -> bool:
        """Say whether a connector has a lock."""
        return connector_id in self._motors

    def insert(self, connector_id: int, amperes: float) -> None:
        """Put a cable in."""
        self.cable, self.cable_a = connector_id, amperes

    def remove(self) -> None:
        """Take it out."""
        self.cable = None

    def holds(self, connector_id: int) -> bool:
        """Say whether a cable is locked in a connector."""
        return self.cable == connector_id and connector_id in self.shut

    def move_lock(self, connector_id: int, *, shut: bool) -> bool:
        """Turn the motor of a lock; says whether it is where it should be, as its feedback contact has it."""
        if self.motor(connector_id) and connector_id not in self.jammed:
            (self.shut.add if shut else self.shut.discard)(connector_id)
        return (connector_id in self.shut) is shut

    def limit_a(self, connector: ProductConnector) -> float:
        """Return what the cable at a connector carries; a fixed one is as strong as its connector."""
        return self.cable_a if self.cable == connector.id else float("inf")
