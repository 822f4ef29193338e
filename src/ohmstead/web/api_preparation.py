"""What a test needs before it starts, over HTTP: tokens in the authorization cache, and a station that begins anew."""

from typing import Annotated

from litestar import Controller, delete, get, post, put
from litestar.params import JSONBody, QueryParameter

from ohmstead.ports.bench import CacheEntry, StationView, TokenToCache
from ohmstead.web.openapi import problems
from ohmstead.web.station_controls import LeaseKey, TheDesk


class PreparationController(Controller):
    """What a test needs before it starts; variables are set at `/variables`."""

    tags = ("Preparation",)

    @get("/cache", summary="The authorization cache", responses=problems(404, 409))
    async def cache(
        self,
        controls: TheDesk,
        id_token: Annotated[
            str | None, QueryParameter(description="Only this token, in any case.", max_length=36)
        ] = None,
    ) -> tuple[CacheEntry, ...]:
        """Return the entries in the order of their arrival, tokens masked. 404: the product has no cache."""
        return controls.bench.cached_tokens(id_token)

    @put("/cache", summary="Put a token into the cache", responses=problems(404, 409, 507))
    async def put_token(self, controls: TheDesk, data: JSONBody[TokenToCache]) -> CacheEntry:
        """Put a token into the cache as the answer of a CSMS does: it makes room by the policy, and takes its place."""
        return controls.bench.cache_token(data)

    @delete("/cache", summary="Clear the cache", responses=problems(404, 409, 507))
    async def clear(self, controls: TheDesk) -> None:
        """Forget every token, under the same rules as ClearCache."""
        controls.bench.clear_cache()

    @post("/reset", status_code=200, summary="Begin anew with an empty memory", responses=problems(404, 409, 507))
    async def reset(
        self,
        controls: TheDesk,
        discard: Annotated[
            bool, QueryParameter(description="Also what nobody would hear of then: transactions, waiting messages.")
        ] = False,
        lease: LeaseKey = None,
    ) -> StationView:
        """Take the power away, empty the memory of the station, and return once it has booted as at its first start.

        409 while a transaction runs or messages wait for the CSMS, unless they are to be discarded: the CSMS never
        hears their end. The embedded CSMS forgets the station as well. Cars, cables, faults, plugs and registers of
        the machine stay as they are.
        """
        controls.touch()
        controls.lease.check(lease)
        identity, backoffice = controls.bench.view().identity, controls.backoffice
        await controls.bench.reset(
            discard=discard, meanwhile=lambda: backoffice.forget(identity) if backoffice is not None else None
        )
        return controls.bench.view()
