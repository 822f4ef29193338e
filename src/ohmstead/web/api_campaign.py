"""The lab beside the station over HTTP: start a campaign, follow it, and see why a case failed."""

from typing import Annotated

import msgspec
from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from ohmstead.ports.campaign import BenchName, CampaignOrder, CampaignView, CaseView
from ohmstead.web.openapi import problems
from ohmstead.web.station_controls import TheDesk

CaseId = Annotated[str, Meta(pattern="^[A-Za-z0-9_]{1,24}$")]


class StartCampaign(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which cases are to be run, and how."""

    bench: Annotated[BenchName, Meta(description="memory: virtual time, seconds. wire: real time, minutes.")] = "memory"
    block: Annotated[
        str, Meta(pattern="^[A-Pa-p]{0,16}$", description="Letters of functional blocks, `BG`; empty: all of them.")
    ] = ""
    cases: Annotated[
        tuple[CaseId, ...], Meta(max_length=500, description="`G_01` or `TC_G_01_CS`; none: all of the blocks.")
    ] = ()


EVERYTHING = StartCampaign()


class CampaignController(Controller):
    """Test cases on fresh stations of the same product, in processes of their own; the served station goes on."""

    path = "/campaign"
    tags = ("Lab",)

    @get(summary="How the campaign stands", responses=problems(404))
    async def campaign(self, controls: TheDesk) -> CampaignView:
        """Return the present or last campaign with every result so far; `state` is `none` if there was none."""
        return controls.lab().view()

    @post(status_code=201, summary="Start a campaign", responses=problems(404, 409, 422))
    async def start(self, controls: TheDesk, data: JSONBody[StartCampaign] = EVERYTHING) -> CampaignView:
        """Start a campaign; 409 if one runs, 422 for cases that nobody has written. Answers once it has begun."""
        return await controls.lab().start(CampaignOrder(bench=data.bench, block=data.block, cases=data.cases))

    @delete(status_code=200, summary="Stop the campaign", responses=problems(404, 409))
    async def stop(self, controls: TheDesk) -> CampaignView:
        """Stop what runs; the results so far stay. It is no error if nothing runs, 409 if it runs elsewhere."""
        return await controls.lab().stop()

    @get("/cases/{case_id:str}", summary="One case, with its wire log", responses=problems(404))
    async def case(self, controls: TheDesk, case_id: FromPath[str]) -> CaseView:
        """Return what failed and where, the requirements, the notes, and the wire log up to that point."""
        return controls.lab().result(case_id)
