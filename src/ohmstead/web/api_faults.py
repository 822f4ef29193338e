"""Faults of the protocol, on purpose, over HTTP."""

from collections.abc import Mapping

import msgspec
from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody

from ohmstead.ports.protocol_faults import FAULT_KINDS, ActiveFault, ProtocolFault
from ohmstead.web.openapi import problems
from ohmstead.web.station_controls import LeaseKey, TheDesk


class FaultsView(msgspec.Struct, frozen=True, kw_only=True):
    """The faults of the protocol of one station."""

    active: tuple[ActiveFault, ...]
    """Oldest first."""
    spent: tuple[ActiveFault, ...]
    """The last that have ended, newest first."""


class FaultKind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of fault, for who makes a form of it."""

    summary: str
    description: str
    fields: Mapping[str, object]
    """JSON schema."""


class FaultController(Controller):
    """What the station does wrong on the wire because somebody wants it to (docs/faults.md)."""

    path = "/faults"
    tags = ("Faults",)

    @get(summary="The faults of the protocol", responses=problems(404))
    async def faults(self, controls: TheDesk) -> FaultsView:
        """Return those that are active and the last that were. 404: this station can have none."""
        faults = controls.faults()
        return FaultsView(active=faults.active, spent=faults.spent)

    @get("/kinds", summary="What can be made wrong")
    async def kinds(self) -> Mapping[str, FaultKind]:
        """Return each kind of fault with the schema of its fields."""
        return {
            name: FaultKind(
                summary=kind.summary,
                description=" ".join((kind.__doc__ or "").split()),
                fields=msgspec.json.schema(kind),
            )
            for name, kind in FAULT_KINDS.items()
        }

    @post(status_code=201, summary="Make something wrong", responses=problems(404, 409))
    async def add_fault(self, controls: TheDesk, data: JSONBody[ProtocolFault], lease: LeaseKey = None) -> ActiveFault:
        """Let a fault act from now on. 409: somebody else holds the hand, or too many are active."""
        controls.lease.check(lease)
        return controls.faults().add(data)

    @delete(summary="Clear all faults", responses=problems(404))
    async def clear_faults(self, controls: TheDesk) -> None:
        """Let the station do everything right again; nobody who holds the hand is asked."""
        controls.faults().clear()

    @delete("/{number:int}", operation_id="delete_fault", summary="Clear one fault", responses=problems(404))
    async def clear_fault(self, controls: TheDesk, number: FromPath[int]) -> None:
        """End one fault."""
        controls.faults().clear(number)
