"""The control API of a station in memory for clients that are not asynchronous: time goes on in their requests only."""

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import Any, TypeVar

import httpx
import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from ohmstead.edge.virtual_time import VirtualLoop
from tests.web.desk import StationControls, desk

T = TypeVar("T")
URL = "http://127.0.0.1:8080"


class VirtualServer(BaseAdapter):
    """What `requests` sends to instead of a network: each request runs the loop until it is answered."""

    def __init__(self, loop: VirtualLoop, controls: StationControls) -> None:
        super().__init__()
        self.controls = controls
        self._loop = loop
        transport = httpx.ASGITransport(app=controls.app, raise_app_exceptions=False)  # type: ignore[arg-type]  # plain dicts
        self._client = httpx.AsyncClient(transport=transport)

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Let time go on until some work is done, and return its result."""
        return self._loop.run_until_complete(work)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002 - of the base class
        timeout: object = None,  # noqa: ARG002
        verify: bool | str = True,  # noqa: ARG002
        cert: object = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> requests.Response:
        """Answer one request."""
        answer = self.wait(self._ask(request))
        raw = HTTPResponse(
            BytesIO(answer.content),
            headers=HTTPHeaderDict(answer.headers.multi_items()),
            status=answer.status_code,
            reason=answer.reason_phrase,
            preload_content=False,
        )
        response = requests.Response()
        response.status_code, response.reason, response.raw = answer.status_code, answer.reason_phrase, raw
        response.headers.update(answer.headers)
        response.url, response.request = request.url or "", request
        response.encoding = answer.charset_encoding
        return response

    async def _ask(self, request: requests.PreparedRequest) -> httpx.Response:
        headers = [(_bytes(name), _bytes(value)) for name, value in request.headers.items()]
        body = request.body or b""
        assert isinstance(body, (str, bytes)), "nothing here streams its body"
        return await self._client.request(request.method or "GET", request.url or URL, headers=headers, content=body)

    def close(self) -> None:
        """Leave it running: it is its fixture that ends it."""


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")


@contextmanager
def serving(token: str | None = None, product: str | None = None) -> Iterator[VirtualServer]:
    """Serve the control API of a station that has booted."""
    loop = VirtualLoop()
    station = desk(token=token, product=product)
    try:
        asyncio.set_event_loop(loop)
        controls = loop.run_until_complete(station.__aenter__())
        try:
            yield VirtualServer(loop, controls)
        finally:
            loop.run_until_complete(station.__aexit__(None, None, None))
            loop.run_until_complete(_end_tasks())
    finally:
        asyncio.set_event_loop(None)
        loop.close()


async def _end_tasks() -> None:
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
