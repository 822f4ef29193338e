"""Who may start here, and if not why: one question for cards, cables, remote starts, display, status and reports."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from ohmstead.model.scope import Scope
from ohmstead.model.session import Session
from ohmstead.model.status import Availability, connector_status, joint_status
from ohmstead.wire.messages import ConnectorStatusEnum

STORE_FAILED = "StoreFailed"
"""The station's own fault while nothing can be kept (decided case 19)."""
EMERGENCY_STOP = "EmergencyStop"


class PlaceFault(msgspec.Struct, frozen=True, order=True):
    """One fault of one place; a place can have several, and the end of one leaves the others."""

    scope: Scope
    code: str


class Why(StrEnum):
    """The kinds of obstacles."""

    Faulted = "Faulted"
    Inoperative = "Inoperative"
    """ChangeAvailability has put the place out of service (G03, G04)."""
    Reset = "Reset"
    """A reset waits, or is being carried out (B12)."""
    Firmware = "Firmware"
    """A firmware update waits for transactions to end, or is being installed (L01.FR.07)."""


class Obstacle(msgspec.Struct, frozen=True, kw_only=True):
    """Why nobody may start at a place."""

    why: Why
    text: str
    """One clause for a person: `EVSE 1 is out of service`."""


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """Work that waits for the transactions of its scope to end and lets no new session begin there meanwhile."""

    why: Why
    scope: Scope = Scope()
    unavailable: frozenset[int] | None = None
    """The EVSEs whose free connectors are Unavailable for it; None: all of its scope."""

    def makes_unavailable(self, evse_id: int) -> bool:
        """Say whether the free connectors of an EVSE are Unavailable for it."""
        return self.scope.contains(Scope(evse_id)) and (self.unavailable is None or evse_id in self.unavailable)

    def bars(self, evse_id: int, session: Session | None) -> bool:
        """Say whether a session would be a new one in its scope; one whose transaction runs there goes on (B12)."""
        if not self.scope.contains(Scope(evse_id)):
            return False
        running = session is not None and session.transaction is not None
        return not (running and (self.scope == Scope() or (session is not None and session.evse_id == evse_id)))


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """All that decides where a session may begin, at one instant; every answer and every status follows from it."""

    connectors: Mapping[int, tuple[int, ...]]
    """EVSE -> its connectors."""
    availability: Availability = Availability()
    faults: frozenset[PlaceFault] = frozenset()
    pending: tuple[Pending, ...] = ()
    cables: Mapping[int, int] = {}
    """EVSE -> the connector that an EV is connected to, or a cable lies in."""

    def obstacle(
        self, evse_id: int, connector_id: int | None = None, session: Session | None = None
    ) -> Obstacle | None:
        """Say why nobody may start at a connector, or at an EVSE; None: somebody may.

        An EVSE has as many chances as it has connectors, and with a cable in one of them, that one (F01.FR.23, G03).

        Args:
            evse_id: where.
            connector_id: None: any connector of the EVSE.
            session: who asks, if a session goes on there rather than begins.
        """
        if connector_id is not None:
            return self._broken(evse_id, connector_id) or self._waiting(evse_id, session)
        plugged = self.cables.get(evse_id)
        found = [
            self.obstacle(evse_id, connector, session)
            for connector in self.connectors.get(evse_id, ())
            if plugged in (None, connector)
        ]
        return next((one for one in found if one is None), found[0] if found else _unknown(evse_id))

    def _broken(self, evse_id: int, connector_id: int) -> Obstacle | None:
        connector = Scope(evse_id, connector_id)
        for fault in sorted(self.faults):
            if fault.scope.contains(connector):
                return Obstacle(why=Why.Faulted, text=f"{fault.scope} is out of order: {fault.code}")
        out_of_service = self.availability.cause(connector)
        if out_of_service is not None:
            return Obstacle(why=Why.Inoperative, text=f"{out_of_service} is out of service")
        return None

    def _waiting(self, evse_id: int, session: Session | None) -> Obstacle | None:
        for work in self.pending:
            if work.bars(evse_id, session):
                what = "a reset" if work.why is Why.Reset else "a firmware update"
                return Obstacle(why=work.why, text=f"{work.scope} waits for {what}")
        return None

    def connector_status(self, evse_id: int, connector_id: int) -> ConnectorStatusEnum:
        """Return the status of a connector (G01)."""
        connector = Scope(evse_id, connector_id)
        return connector_status(
            faulted=any(fault.scope.contains(connector) for fault in self.faults),
            operative=self.availability.operative(connector),
            occupied=self.cables.get(evse_id) == connector_id,
            unavailable=any(work.makes_unavailable(evse_id) for work in self.pending),
        )

    def evse_status(self, evse_id: int) -> ConnectorStatusEnum:
        """Return the AvailabilityState of an EVSE: with a cable in one connector the others are free for nobody."""
        status = joint_status(
            [self.connector_status(evse_id, connector) for connector in self.connectors.get(evse_id, ())]
        )
        taken = status is ConnectorStatusEnum.Available and evse_id in self.cables
        return ConnectorStatusEnum.Occupied if taken else status

    def station_status(self) -> ConnectorStatusEnum:
        """Return the AvailabilityState of the station."""
        return joint_status([self.evse_status(evse_id) for evse_id in self.connectors])

    def statuses(self) -> dict[tuple[int, int], ConnectorStatusEnum]:
        """Return the status of every connector."""
        return {
            (evse_id, connector): self.connector_status(evse_id, connector)
            for evse_id, connectors in self.connectors.items()
            for connector in connectors
        }


def _unknown(evse_id: int) -> Obstacle:
    return Obstacle(why=Why.Inoperative, text=f"there is no EVSE {evse_id}")
