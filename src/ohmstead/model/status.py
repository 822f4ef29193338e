"""Every status is a function of facts and is never assigned."""

import msgspec

from ohmstead.model.scope import Scope
from ohmstead.wire.messages import ConnectorStatusEnum, OperationalStatusEnum


class Availability(msgspec.Struct, frozen=True):
    """The operational status that the CSMS has set: of the station, of EVSEs and of connectors (G03, G04)."""

    inoperative: frozenset[Scope] = frozenset()
    scheduled: tuple[tuple[Scope, bool], ...] = ()
    """(scope, operative) of the requests that wait for a transaction to end, oldest first."""
    idle_out: frozenset[int] = msgspec.field(default=frozenset(), name="ahead")
    """EVSEs without a transaction, which a scheduled request for the whole station has put out of service already."""

    def operative(self, scope: Scope) -> bool:
        """Say whether a scope and everything that contains it is operative."""
        return self.cause(scope) is None

    def cause(self, scope: Scope) -> Scope | None:
        """Return the largest scope out of service that contains this one; None: it is operative."""
        out = [one for one in self.inoperative if one.contains(scope)]
        if scope.evse_id in self.idle_out:
            out.append(Scope(scope.evse_id))
        return min(out, default=None)

    def set(self, scope: Scope, status: OperationalStatusEnum) -> "Availability":
        """Return the availability with one scope changed at once; requests that wait for the same scope are dropped."""
        changed = {scope} if status is OperationalStatusEnum.Inoperative else set()
        return Availability(
            inoperative=(self.inoperative - {scope}) | frozenset(changed),
            scheduled=tuple(entry for entry in self.scheduled if entry[0] != scope),
            idle_out=self.idle_out if scope.evse_id else frozenset(),
        )

    def schedule(self, scope: Scope, status: OperationalStatusEnum) -> "Availability":
        """Return the availability with a request that waits for the transactions of its scope."""
        waiting = tuple(entry for entry in self.scheduled if entry[0] != scope)
        scheduled = (*waiting, (scope, status is OperationalStatusEnum.Operative))
        return Availability(self.inoperative, scheduled, self.idle_out if scope.evse_id else frozenset())

    def take_idle_out(self, idle: frozenset[int]) -> "Availability":
        """Return the availability with idle EVSEs out of service, if the whole station is going to be (G04.FR.06)."""
        if (Scope(), False) not in self.scheduled:
            return self
        return Availability(self.inoperative, self.scheduled, self.idle_out | idle)


def connector_status(
    *, faulted: bool, operative: bool, occupied: bool, reserved: bool = False, unavailable: bool = False
) -> ConnectorStatusEnum:
    """Return the first status that holds of Faulted, Unavailable, Occupied, Reserved, Available (G01).

    `unavailable`: what would be Available is not, because of work that waits (L01.FR.07).
    """
    if faulted:
        return ConnectorStatusEnum.Faulted
    if not operative:
        return ConnectorStatusEnum.Unavailable
    if occupied:
        return ConnectorStatusEnum.Occupied
    if reserved:
        return ConnectorStatusEnum.Reserved
    return ConnectorStatusEnum.Unavailable if unavailable else ConnectorStatusEnum.Available


def joint_status(statuses: list[ConnectorStatusEnum]) -> ConnectorStatusEnum:
    """Return the AvailabilityState of an EVSE or of the station from those of its parts: the best of what can be used.

    One free part leaves the whole Available; a whole of which nothing can be used takes the status of its first part.
    """
    order = (
        ConnectorStatusEnum.Available,
        ConnectorStatusEnum.Occupied,
        ConnectorStatusEnum.Reserved,
        ConnectorStatusEnum.Unavailable,
        ConnectorStatusEnum.Faulted,
    )
    return next((status for status in order if status in statuses), ConnectorStatusEnum.Unavailable)
