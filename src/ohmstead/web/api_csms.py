"""The embedded CSMS over HTTP: what it knows, and any command it may send."""

from collections.abc import Mapping

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from ohmstead.ports.bench import Card, CommandResult, CsmsStation, CsmsTransaction, TraceLine
from ohmstead.web.api_station import Limit, Since, json_lines
from ohmstead.web.feed import CsmsEvent, csms_event
from ohmstead.web.openapi import problems
from ohmstead.web.station_controls import TheDesk


class CsmsController(Controller):
    """The embedded CSMS; 404 where the station speaks to an external one."""

    path = "/csms"
    tags = ("CSMS",)

    @get(summary="All it knows", responses=problems(404))
    async def csms(self, controls: TheDesk) -> CsmsEvent:
        """Return its URL, stations, cards and the newest 100 transactions."""
        return csms_event(controls.csms())

    @get("/stations", summary="The stations it knows", responses=problems(404))
    async def stations(self, controls: TheDesk) -> tuple[CsmsStation, ...]:
        """Return the stations by identity."""
        return controls.csms().stations()

    @get("/tokens", summary="The cards it knows", responses=problems(404))
    async def tokens(self, controls: TheDesk) -> tuple[Card, ...]:
        """Return the cards of the demonstration."""
        return controls.csms().tokens()

    @get("/transactions", summary="The transactions it was told of", responses=problems(404))
    async def transactions(self, controls: TheDesk) -> tuple[CsmsTransaction, ...]:
        """Return the transactions, newest first."""
        return controls.csms().transactions()

    @get("/trace", summary="The frames on its side of the wire", responses=problems(404))
    async def trace(self, controls: TheDesk, since: Since = 0, limit: Limit = 500) -> tuple[TraceLine, ...]:
        """Return the frames that the CSMS sent and received, oldest first."""
        return controls.csms().trace(since)[-limit:]

    @get(
        "/trace.jsonl", media_type="application/x-ndjson", summary="Its frames, as JSON lines", responses=problems(404)
    )
    async def trace_lines(self, controls: TheDesk, since: Since = 0) -> Response[bytes]:
        """Return every frame still kept, one JSON object a line."""
        return json_lines(controls.csms().trace(since), "csms-trace.jsonl")

    @get("/commands", summary="What it may send", responses=problems(404))
    async def commands(self, controls: TheDesk) -> Mapping[str, Mapping[str, object]]:
        """Return for each action the JSON schema of its request."""
        return controls.csms().commands()

    @post("/{station:str}/{action:str}", status_code=200, summary="Send a command", responses=problems(404, 422))
    async def send(
        self, controls: TheDesk, station: FromPath[str], action: FromPath[str], data: JSONBody[dict[str, object]]
    ) -> CommandResult:
        """Send a command to a station and return what came back; the body is the request's payload."""
        return await controls.csms().send(station, action, data)
