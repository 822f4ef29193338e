"""A part of the station: the whole of it, one EVSE, or one connector."""

import msgspec

from ohmstead.wire.messages import EVSE


class Scope(msgspec.Struct, frozen=True, order=True, array_like=True):
    """The station `Scope()`, an EVSE `Scope(1)`, or a connector `Scope(1, 2)`; sorted from the whole to the part.

    In stored rows it is an array; `[]` and `[1]`, as earlier versions wrote them, are read as well.
    """

    evse_id: int = 0
    """0 is the station, as where the specification says EVSE 0."""
    connector_id: int = 0
    """0 is the whole EVSE, or the station."""

    @classmethod
    def of(cls, evse: EVSE | None) -> "Scope":
        """Return the scope that a request names; without an EVSE it is the station."""
        return cls() if evse is None else cls(evse.id, evse.connector_id or 0)

    def contains(self, other: "Scope") -> bool:
        """Say whether the other is this scope or a part of it."""
        if not self.evse_id:
            return True
        return self.evse_id == other.evse_id and self.connector_id in (0, other.connector_id)

    def __str__(self) -> str:
        """Name it for a person: `connector 2 of EVSE 1`."""
        if not self.evse_id:
            return "the station"
        evse = f"EVSE {self.evse_id}"
        return f"connector {self.connector_id} of {evse}" if self.connector_id else evse
