"""`/metrics`: the text format of Prometheus, under the same rules as the control API."""

import asyncio
import sys
from importlib import import_module

from litestar import Response, get

from ohmstead.web.station_controls import TheDesk

COLLECTOR = "ohmstead.web.metrics"
TEXT_FORMAT = "text/plain; version=0.0.4"


@get("/metrics", include_in_schema=False, media_type=TEXT_FORMAT)
async def metrics(controls: TheDesk) -> Response[bytes]:
    """Return the figures of now. The library is loaded with the first request: most stations are asked by nobody."""
    if COLLECTOR not in sys.modules:
        await asyncio.to_thread(import_module, COLLECTOR)
    from ohmstead.web.metrics import exposition

    return Response(exposition(controls.bench, controls.campaigns), media_type=TEXT_FORMAT)
