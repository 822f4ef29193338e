"""The station over HTTP: snapshot, curves, device model, trace, health and the stream of events."""

from typing import Annotated, Literal

import msgspec
from litestar import Controller, Response, get, put
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Stream
from msgspec import Meta

from ohmstead.ports.bench import BootStatus, SetOutcome, StationView, TraceLine, VariableKey, VariableView
from ohmstead.version import ERRATA, STANDARD, commit, version
from ohmstead.web.feed import Point
from ohmstead.web.openapi import problems
from ohmstead.web.station_controls import TheDesk
from ohmstead.wire.printable import json_line

Since = Annotated[int, QueryParameter(ge=0, description="Only frames whose number is greater.")]
Limit = Annotated[int, QueryParameter(ge=1, le=10_000, description="At most so many frames, the newest.")]
Text = Annotated[str, Meta(max_length=50)]


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the station is up and on speaking terms with its CSMS."""

    powered: bool
    connected: bool
    boot_status: BootStatus | None
    last_error: str | None
    waiting_messages: int
    version: str
    """Of Ohmstead, as `ohmstead --version` says it."""
    commit: str
    """That it was made of; `unknown` where nothing tells."""
    standard: str
    errata: str
    """Month of the errata sheet that goes with the standard."""


class SetValue(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One edit of the device model."""

    component: Text
    variable: Text
    component_instance: Text | None = None
    variable_instance: Text | None = None
    evse_id: int | None = None
    connector_id: int | None = None
    value: Annotated[str, Meta(max_length=2500, description="As it travels in SetVariables.")]


class StationController(Controller):
    """What can be seen of the station."""

    tags = ("Station",)

    @get("/health", summary="Is it up?")
    async def health(self, controls: TheDesk) -> Health:
        """Return the few facts that a monitor asks for."""
        view = controls.bench.view()
        return Health(
            powered=view.powered,
            connected=view.connection.state == "Connected",
            boot_status=view.connection.boot_status,
            last_error=view.connection.last_error,
            waiting_messages=len(view.queue),
            version=version(),
            commit=commit(),
            standard=STANDARD,
            errata=ERRATA,
        )

    @get("/station", summary="A snapshot of the station")
    async def station(self, controls: TheDesk) -> StationView:
        """Return everything that a page shows of the station, as it is now."""
        return controls.bench.view()

    @get("/station/evses/{evse_id:int}/curve", summary="Power and state of charge over time", responses=problems(404))
    async def curve(self, controls: TheDesk, evse_id: FromPath[int]) -> tuple[Point, ...]:
        """Return the last half hour, a point a second: [seconds since 1970, W, state of charge %, Wh of session]."""
        if evse_id not in {evse.id for evse in controls.bench.view().evses}:
            raise NotFoundException(f"there is no EVSE {evse_id}")
        return controls.feed.curve(evse_id)

    @get("/variables", summary="The device model")
    async def variables(
        self,
        controls: TheDesk,
        component: Annotated[str | None, QueryParameter(description="Only this component.")] = None,
        variable: Annotated[str | None, QueryParameter(description="Only this variable.")] = None,
    ) -> list[VariableView]:
        """Return the variables in the order of their declaration; names compare without regard to case."""
        return [
            entry
            for entry in controls.bench.variables()
            if _same(component, entry.key.component) and _same(variable, entry.key.variable)
        ]

    @put("/variables", summary="Set a variable", responses=problems(409))
    async def set_variable(self, controls: TheDesk, data: JSONBody[SetValue]) -> SetOutcome:
        """Set the attribute Actual under the same rules as SetVariables; 409 with the reason if it is not accepted."""
        key = VariableKey(
            component=data.component,
            variable=data.variable,
            component_instance=data.component_instance,
            variable_instance=data.variable_instance,
            evse_id=data.evse_id,
            connector_id=data.connector_id,
        )
        outcome = await controls.bench.set_variable(key, data.value)
        if outcome.status not in ("Accepted", "RebootRequired"):
            reason = f": {outcome.reason}" if outcome.reason else ""
            raise HTTPException(status_code=409, detail=f"{outcome.status}{reason}")
        return outcome

    @get("/trace", summary="The frames on the wire")
    async def trace(self, controls: TheDesk, since: Since = 0, limit: Limit = 500) -> tuple[TraceLine, ...]:
        """Return the frames that the station sent and received, oldest first."""
        return controls.bench.trace(since)[-limit:]

    @get("/trace.jsonl", media_type="application/x-ndjson", summary="The frames on the wire, as JSON lines")
    async def trace_lines(self, controls: TheDesk, since: Since = 0) -> Response[bytes]:
        """Return every frame still kept, one JSON object a line."""
        return json_lines(controls.bench.trace(since), "station-trace.jsonl")

    @get("/scenario.yaml", media_type="text/plain", summary="The session as a scenario", responses=problems(404))
    async def scenario(self, controls: TheDesk) -> Response[str]:
        """Return what hands did at the station since it was started, and what came of it, as a scenario that runs.

        404 where nothing was done. Expectations are those of the frames that are still kept.
        """
        disposition = {"Content-Disposition": 'attachment; filename="session.yaml"'}
        return Response(controls.scenario(), media_type="text/plain", headers=disposition)

    @get("/events", media_type="text/event-stream", summary="Live: server-sent events")
    async def events(
        self,
        controls: TheDesk,
        trace: Annotated[
            Literal["none", "station", "csms"], QueryParameter(description="Whose frames come as events `trace`.")
        ] = "none",
    ) -> Stream:
        """Stream `state` (snapshot, lease), `csms`, `files`, `campaign` (new results), `trace`; 5 times a second."""
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return Stream(controls.feed.stream(trace), media_type="text/event-stream", headers=headers)


def json_lines(lines: tuple[TraceLine, ...], filename: str) -> Response[bytes]:
    """Return trace lines as a file with one JSON object a line."""
    encoder = msgspec.json.Encoder()
    body = b"".join(json_line(encoder.encode(line)) + b"\n" for line in lines)
    disposition = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return Response(body, media_type="application/x-ndjson", headers=disposition)


def _same(wanted: str | None, found: str) -> bool:
    return wanted is None or wanted.casefold() == found.casefold()
