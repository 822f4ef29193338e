"""The embedded CSMS over HTTP: what it knows, and any command it may send."""

from collections.abc import Mapping

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from ohmstead.ports.bench import Card, CommandResult, CsmsStation, CsmsTransaction, TraceLine
from ohmstead.web.api_station import Limit, Since, json_lines
from ohmstead.web.desk import TheDesk
from ohmstead.web.feed import CsmsEvent, csms_event


class CsmsController(Controller):
    """The embedded CSMS; 404 where the station speaks to an external one."""

    path = "/csms"
    tags = ("CSMS",)

    @get(summary="All it knows")
    async def csms(self, desk: TheDesk) -> CsmsEvent:
        """Return its URL, stations, cards and the newest 100 transactions."""
        return csms_event(desk.csms())

    @get("/stations", summary="The stations it knows")
    async def stations(self, desk: TheDesk) -> tuple[CsmsStation, ...]:
        """Return the stations by identity."""
        return desk.csms().stations()

    @get("/tokens", summary="The cards it knows")
    async def tokens(self, desk: TheDesk) -> tuple[Card, ...]:
        """Return the cards of the demonstration."""
        return desk.csms().tokens()

    @get("/transactions", summary="The transactions it was told of")
    async def transactions(self, desk: TheDesk) -> tuple[CsmsTransaction, ...]:
        """Return the transactions, newest first."""
        return desk.csms().transactions()

    @get("/trace", summary="The frames on its side of the wire")
    async def trace(self, desk: TheDesk, since: Since = 0, limit: Limit = 500) -> tuple[TraceLine, ...]:
        """Return the frames that the CSMS sent and received, oldest first."""
        return desk.csms().trace(since)[-limit:]

    @get("/trace.jsonl", media_type="application/x-ndjson", summary="Its frames, as JSON lines")
    async def trace_lines(self, desk: TheDesk, since: Since = 0) -> Response[bytes]:
        """Return every frame still kept, one JSON object a line."""
        return json_lines(desk.csms().trace(since), "csms-trace.jsonl")

    @get("/commands", summary="What it may send")
    async def commands(self, desk: TheDesk) -> Mapping[str, Mapping[str, object]]:
        """Return for each action the JSON schema of its request."""
        return desk.csms().commands()

    @post("/{station:str}/{action:str}", status_code=200, summary="Send a command")
    async def send(
        self, desk: TheDesk, station: FromPath[str], action: FromPath[str], data: JSONBody[dict[str, object]]
    ) -> CommandResult:
        """Send a command to a station and return what came back; the body is the request's payload."""
        return await desk.csms().send(station, action, data)
