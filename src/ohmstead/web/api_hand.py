"""The physical side over HTTP: one route for each action of the hand, and its lease."""

from typing import Annotated

import msgspec
from litestar import Controller, Router, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import Meta

from ohmstead.ports.hand import KINDS, Action, EmergencyStop, Name, from_json
from ohmstead.web.lease import Lease, LeaseView
from ohmstead.web.openapi import problems
from ohmstead.web.station_controls import LeaseKey, TheDesk


class TakeLease(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who wants the hand, and for how long."""

    holder: Annotated[Name, Meta(description="Who it is, as others will read it.")]
    seconds: Annotated[float, Meta(ge=1, le=86400)] = 60.0


class Done(msgspec.Struct, frozen=True):
    """The action was carried out; what follows from it shows in the snapshot."""

    done: str


def _route(kind: type[Action]) -> HTTPRouteHandler:
    """Return the route of an action: its arguments are the body, which may be left out where each has a default."""

    async def perform(controls: TheDesk, data: Action, lease: LeaseKey = None) -> Done:
        hand = controls.touch()
        if isinstance(data, EmergencyStop) and data.pressed:
            controls.lease.interrupt(lease, "the emergency stop was pressed by somebody else")
        else:
            controls.lease.check(lease)
        await hand.perform(data)
        return Done(data.path())

    async def perform_plain(controls: TheDesk, lease: LeaseKey = None) -> Done:
        return await perform(controls, from_json(kind.name, b"{}"), lease)

    handler = perform if kind.__struct_fields__ else perform_plain
    perform.__annotations__["data"] = JSONBody[kind]  # type: ignore[misc, valid-type]  # known at run time only
    if not any(field.required for field in msgspec.structs.fields(kind)):
        perform.__defaults__ = (from_json(kind.name, b"{}"), None)
    handler.__name__, handler.__doc__ = kind.name, kind.__doc__
    return post(f"/{kind.path()}", status_code=200, summary=kind.summary, responses=problems(404, 409, 507))(handler)


class LeaseController(Controller):
    """Who may do it."""

    path = "/lease"

    @get(summary="Who holds the hand")
    async def lease(self, controls: TheDesk) -> LeaseView:
        """Return who holds the hand, or nobody."""
        return controls.lease.view()

    @post(status_code=200, summary="Take the hand, or renew the lease", responses=problems(409))
    async def take_lease(self, controls: TheDesk, data: JSONBody[TakeLease], lease: LeaseKey = None) -> Lease:
        """Take the hand for a while; with the key of the present lease: renew it, and learn of an interruption.

        409 while a fault of the protocol is active, unless it is a renewal: a lab is not to judge such a station.
        """
        if lease is None:
            controls.needs_right_protocol()
        return controls.lease.take(data.holder, data.seconds, lease)

    @delete(summary="Give the hand back", responses=problems(409))
    async def release_lease(self, controls: TheDesk, lease: LeaseKey = None) -> None:
        """Give the hand back; it is no error if nobody held it."""
        controls.lease.release(lease)


def hand_routes() -> Router:
    """Return what a person can do at the station. 404: a real machine; 409: not now; 507: it cannot be kept."""
    routes = [_route(KINDS[name]) for name in sorted(KINDS)]
    return Router("/hand", route_handlers=[*routes, LeaseController], tags=["Hand"])
