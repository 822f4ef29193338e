"""The page and the control API as one ASGI application."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from importlib.resources import files

from litestar import Litestar, MediaType, Request, Response, Router, get
from litestar.datastructures import State
from litestar.exceptions import HTTPException, NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin
from litestar.types import ExceptionHandlersMap

import ohmstead.web
from ohmstead.ports.bench import (
    Backoffice,
    Bench,
    CacheRefused,
    CommandRefused,
    NoCache,
    ResetRefused,
    UnknownStation,
)
from ohmstead.ports.campaign import CampaignRefused, Campaigns, NoResult, UnknownCases
from ohmstead.ports.file_service import FileService, FirmwareNotMade, UnknownLog
from ohmstead.ports.hand import Hand, HandRefused, NotKept
from ohmstead.ports.protocol_faults import FaultNotTaken, NoSuchFault
from ohmstead.web.api_campaign import CampaignController
from ohmstead.web.api_csms import CsmsController
from ohmstead.web.api_faults import FaultController
from ohmstead.web.api_files import FilesController
from ohmstead.web.api_hand import hand_routes
from ohmstead.web.api_metrics import metrics
from ohmstead.web.api_preparation import PreparationController
from ohmstead.web.api_station import StationController
from ohmstead.web.feed import Feed
from ohmstead.web.guard import Gate, Problem
from ohmstead.web.lease import HandLease, HandLeased
from ohmstead.web.limits import LARGEST_BODY, PATIENCE, Patience, RequestLate
from ohmstead.web.openapi import openapi_config
from ohmstead.web.station_controls import (
    FaultsActive,
    NoBackoffice,
    NoFaults,
    NoFileService,
    NoHand,
    NoLab,
    NoSession,
    StationControls,
)
from ohmstead.wire.printable import printable

log = logging.getLogger(__name__)

AnyRequest = Request[object, object, State]
Handler = Callable[[AnyRequest, Exception], Response[Problem]]
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


def create_app(
    bench: Bench,
    hand: Hand | None,
    backoffice: Backoffice | None = None,
    token: str | None = None,
    lease: HandLease | None = None,
    campaigns: Campaigns | None = None,
    patience: Patience = PATIENCE,
    files: FileService | None = None,
    session: Callable[[], str] | None = None,
) -> Litestar:
    """Build the application.

    Args:
        bench: the station, seen from outside.
        hand: its physical side; None where only people can touch it.
        backoffice: the embedded CSMS, where there is one.
        token: what every request must show; None: none is needed, and only loopback host names are answered.
        lease: who holds the hand, shared with a lab in the same process; None: an own one.
        campaigns: runs the lab beside the station, where that is possible.
        patience: with the bodies of requests.
        files: the file servers, where there are some.
        session: returns what was done at the station as a scenario; None: nobody keeps it. Raises ValueError.
    """
    lease = lease or HandLease()
    feed = Feed(bench, backoffice, lease, campaigns, files)
    controls = StationControls(bench, hand, backoffice, lease, feed, campaigns, files, session)
    api = Router(
        "/api/v1",
        route_handlers=[
            StationController,
            PreparationController,
            hand_routes(),
            FaultController,
            CsmsController,
            FilesController,
            CampaignController,
        ],
    )
    return _Application(
        [api, metrics, *_pages()],
        dependencies={"controls": controls.provide()},
        middleware=[Gate(token, patience)],
        exception_handlers=_handlers(),
        lifespan=[lambda _: _feeding(feed)],
        state=State({"feed": feed, "needs_token": token is not None}),
        request_max_body_size=LARGEST_BODY,
        openapi_config=openapi_config(bench, backoffice, token is not None),
        logging_config=None,
    )


class _Application(Litestar):
    """Litestar without its plugins for pydantic and attrs, which nothing here speaks: 9 MB less."""

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


@asynccontextmanager
async def _feeding(feed: Feed) -> AsyncIterator[None]:
    task = asyncio.create_task(feed.run())
    try:
        yield
    finally:
        feed.close()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _pages() -> list[HTTPRouteHandler]:
    """Return routes for the files of `static/`, which are few and stay in memory."""
    folder = files(ohmstead.web) / "static"
    contents = {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.is_file()}

    def page(request: AnyRequest, name: str) -> Response[bytes]:
        if name not in contents:
            raise NotFoundException(f"there is no file {name}")
        body = contents[name]
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(b"", status_code=304, headers=headers)
        suffix = name[name.rfind(".") :]
        return Response(body, media_type=MEDIA_TYPES.get(suffix, "application/octet-stream"), headers=headers)

    @get("/", include_in_schema=False, sync_to_thread=False, media_type=MediaType.HTML)
    def index(request: AnyRequest) -> Response[bytes]:
        return page(request, "index.html")

    @get("/docs", include_in_schema=False, sync_to_thread=False, media_type=MediaType.HTML)
    def docs(request: AnyRequest) -> Response[bytes]:
        return page(request, "docs.html")

    @get("/static/{name:str}", include_in_schema=False, sync_to_thread=False)
    def static(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
        return page(request, name)

    return [index, docs, static]


def _handlers() -> ExceptionHandlersMap:
    def problem(status: int, hint: str = "") -> Handler:
        def answer(_: AnyRequest, error: Exception) -> Response[Problem]:
            return Response(Problem(printable(str(error)), hint), status_code=status)

        return answer

    return {
        HandRefused: problem(409),
        NotKept: problem(507, "make room on the disk, or mend it; the station tries again by itself"),
        HandLeased: problem(409, "wait until it is given back; GET /api/v1/hand/lease says when it ends"),
        NoCache: problem(404, "the feature is a line of the product's certificate"),
        CacheRefused: problem(409),
        ResetRefused: problem(409, "POST /api/v1/reset?discard=true loses it"),
        NoBackoffice: problem(404, "start it without --csms to have one"),
        UnknownStation: problem(404, "GET /api/v1/csms/stations lists them"),
        NoFileService: problem(404, "start it without --csms to have them"),
        UnknownLog: problem(404, "GET /api/v1/files lists those that are there"),
        FirmwareNotMade: problem(409),
        NoLab: problem(404),
        NoSession: problem(404),
        NoFaults: problem(404),
        NoSuchFault: problem(404, "GET /api/v1/faults lists those that are active"),
        FaultNotTaken: problem(409, "GET /api/v1/faults/kinds has what each kind takes"),
        FaultsActive: problem(409, "DELETE /api/v1/faults clears them"),
        NoHand: problem(404, "do at the machine what is to be done"),
        CampaignRefused: problem(
            409, "GET /api/v1/campaign says how it stands; DELETE stops it, and answers when it has ended"
        ),
        UnknownCases: problem(422, "an id is G_01 or TC_G_01_CS; without ids every case of the blocks is run"),
        NoResult: problem(404, "GET /api/v1/campaign lists those that have one"),
        CommandRefused: problem(422, "GET /api/v1/csms/commands has the schema of every request"),
        RequestLate: problem(408, "send what Content-Length promises"),
        RecursionError: _too_deep,
        UnicodeError: _not_text,
        HTTPException: _http_problem,
        Exception: _bug,
    }


def _http_problem(request: AnyRequest, error: HTTPException) -> Response[Problem]:
    """Answer what the framework refuses: a wrong body, an unknown path, a wrong method."""
    hint = printable("; ".join(_places(error.extra)))
    if error.status_code in (404, 405) and not hint:
        hint = "/docs lists every path"
    detail = error.detail
    if error.status_code == 400 and "Validation failed" in detail:
        detail = f"the request to {request.url.path} is not valid"
    return Response(
        Problem(printable(" ".join(detail.split())), hint), status_code=error.status_code, headers=error.headers
    )


def _places(extra: object) -> list[str]:
    """Return what a validation error says, `evse_id: Expected int`, place by place."""
    places = extra if isinstance(extra, list) else []
    named = [(place.get("key", ""), place.get("message", "")) for place in places if isinstance(place, dict)]
    # A KeyError of the framework: its text is the key itself.
    told = [(key, "it is missing" if message == repr(key) else message) for key, message in named]
    return [f"{key}: {message}" if key else str(message) for key, message in told]


def _too_deep(_: AnyRequest, __: Exception) -> Response[Problem]:
    return Response(Problem("the body is nested too deeply"), status_code=400)


def _not_text(_: AnyRequest, error: Exception) -> Response[Problem]:
    return Response(Problem(f"the request is not text in UTF-8: {error}"), status_code=400)


def _bug(request: AnyRequest, error: Exception) -> Response[Problem]:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return Response(Problem("something went wrong inside; the log has the details"), status_code=500)
