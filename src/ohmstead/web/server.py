"""Serves the page and the control API inside a running event loop."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

from litestar import Litestar
from uvicorn import Config, Server

from ohmstead.web.app import create_app
from ohmstead.web.feed import Feed
from ohmstead.web.guard import is_loopback
from ohmstead.web.limits import IDLE_TIME, LARGEST_HEAD, MOST_CONNECTIONS, PATIENCE, BoundedProtocol, Patience

__all__ = ["Served", "create_app", "serve"]

GRACE = 2
"""Seconds that open requests have to end in good order."""


class _Quiet(Server):
    """Leaves the signals to whoever owns the process."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.accepting = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say when connections are accepted."""
        await super().startup(sockets)
        self.accepting.set()


class Served:
    """A running server."""

    def __init__(self, server: Server, task: asyncio.Task[None], feed: Feed | None, url: str) -> None:
        self._server = server
        self._task = task
        self._feed = feed
        self.url = url
        """Where the page is, `http://127.0.0.1:8080/`, without a token."""

    async def stop(self) -> None:
        """End open streams, answer open requests, release the port."""
        if self._feed is not None:
            self._feed.close()
        self._server.should_exit = True
        await self._task


async def serve(app: Litestar, host: str = "127.0.0.1", port: int = 8080, *, patience: Patience = PATIENCE) -> Served:
    """Start serving and return once connections are accepted.

    Args:
        app: what `create_app` built, or another application whose state says `needs_token`.
        host: an address to bind to; another than loopback only if the application needs a token.
        port: 0 chooses a free one.
        patience: with the heads of requests, and with clients that do not read.

    Raises:
        ValueError: not loopback, and no token.
        OSError: the address is in use or does not exist.
    """
    if not is_loopback(host) and not app.state.needs_token:
        raise ValueError(f"listening on {host} needs a token: others than this machine could use the station")
    listening = bind(host, port)
    config = Config(
        app,
        loop="none",
        http=type("Bounded", (BoundedProtocol,), {"patience": patience}),
        lifespan="on",
        log_config=None,
        access_log=False,
        ws="none",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=IDLE_TIME,
        h11_max_incomplete_event_size=LARGEST_HEAD,
    )
    config.timeout_graceful_shutdown = GRACE
    server = _Quiet(config)
    task = asyncio.create_task(server.serve(sockets=[listening]), name="web server")
    accepting = asyncio.create_task(server.accepting.wait())
    await asyncio.wait((accepting, task), return_when=asyncio.FIRST_COMPLETED)
    accepting.cancel()
    if task.done():
        listening.close()
        await task
    return Served(server, task, app.state.get("feed"), _url(listening))


def bind(host: str, port: int) -> socket.socket:
    """Return a bound socket that does not listen yet; port 0 chooses a free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The event loop switches Nagle's delay off only where the protocol is named: 44 ms an answer otherwise.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.setblocking(False)
    except OSError:
        listening.close()
        raise
    return listening


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{name}]:{port}/" if ":" in name else f"http://{name}:{port}/"
