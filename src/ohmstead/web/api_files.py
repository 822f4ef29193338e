"""The file servers over HTTP: logs that came, and firmware that is made for the station to fetch."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from ohmstead.ports.file_service import VERSION, FilesView, MadeFirmware
from ohmstead.ports.firmware import FirmwareKind
from ohmstead.web.openapi import problems
from ohmstead.web.station_controls import TheDesk


class WantedFirmware(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A firmware that is to be made."""

    version: Annotated[str, Meta(pattern=f"^{VERSION}$")]
    """What the station calls itself with it."""
    kind: FirmwareKind = FirmwareKind.Good
    """Good, or what is wrong with it."""


class FilesController(Controller):
    """The file servers beside the embedded CSMS; 404 where the station speaks to an external one."""

    path = "/files"
    tags = ("Files",)

    @get(summary="Where files go, logs that came, firmware that was made", responses=problems(404))
    async def files(self, controls: TheDesk) -> FilesView:
        """Return all there is; the first request lets the file servers listen."""
        service = controls.file_service()
        await service.open()
        return service.view()

    @get("/logs/{number:int}", media_type="text/plain", summary="A log that came", responses=problems(404))
    async def log(self, controls: TheDesk, number: FromPath[int]) -> Response[bytes]:
        """Return a log as it came."""
        return Response(controls.file_service().log(number), media_type="text/plain")

    @delete("/logs/{number:int}", summary="Remove a log", responses=problems(404))
    async def remove(self, controls: TheDesk, number: FromPath[int]) -> None:
        """Remove a log that came."""
        controls.file_service().remove(number)

    @post("/firmware", summary="Make firmware", responses=problems(404, 409))
    async def make(self, controls: TheDesk, data: JSONBody[WantedFirmware]) -> MadeFirmware:
        """Make firmware for this station, good or wrong on purpose; 409 where it cannot be signed or served."""
        return await controls.file_service().make(data.kind, data.version)
