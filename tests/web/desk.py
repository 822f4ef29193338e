"""The application on a real station in memory, with a client that needs no socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import msgspec
from litestar import Litestar

from ohmstead.ports.bench import StationView
from ohmstead.web.app import create_app
from ohmstead.web.lease import HandLease
from ohmstead.web.limits import PATIENCE, Patience
from tests.web.files import run_files
from tests.web.scripted_campaigns import ScriptedCampaigns
from tests.web.station import Station, running


class StationControls:
    """A station, its application, and a client of the control API."""

    def __init__(
        self,
        station: Station,
        token: str | None,
        csms: bool,
        lab: bool,
        patience: Patience = PATIENCE,
        hand: bool = True,
    ) -> None:
        self.station = station
        self.lease = HandLease()
        self.campaigns = ScriptedCampaigns()
        backoffice = station.csms if csms else None
        campaigns = self.campaigns if lab else None
        touch = station.hand if hand else None
        self.files = run_files(station)
        files = self.files if csms else None
        self.app: Litestar = create_app(station.bench, touch, backoffice, token, self.lease, campaigns, patience, files)
        transport = httpx.ASGITransport(app=self.app)  # type: ignore[arg-type]  # httpx types ASGI by plain dicts
        self.client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080")

    async def hand(self, action: str, lease: str | None = None, **body: object) -> httpx.Response:
        """Carry out one hand action."""
        headers = {"X-Ohmstead-Lease": lease} if lease else {}
        return await self.client.post(f"/api/v1/hand/{action}", json=body or None, headers=headers)

    async def view(self) -> StationView:
        """Return the snapshot that the API gives."""
        answer = await self.client.get("/api/v1/station")
        return msgspec.json.decode(answer.content, type=StationView)


@asynccontextmanager
async def desk(
    token: str | None = None,
    csms: bool = True,
    lab: bool = True,
    patience: Patience = PATIENCE,
    hand: bool = True,
    product: str | None = None,
) -> AsyncIterator[StationControls]:
    """Yield an application without a server."""
    async with running(hand=hand, product=product) as station:
        here = StationControls(station, token, csms, lab, patience, hand)
        try:
            async with here.client:
                yield here
        finally:
            await here.files.close()
