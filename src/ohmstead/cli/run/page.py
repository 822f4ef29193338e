"""The page and the control API of a running station. Importing this takes as long as the rest of the start together."""

import asyncio
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from litestar import Litestar

from ohmstead.cli.run.campaign import ChildCampaigns
from ohmstead.cli.run.options import RunOptions, RunRefused
from ohmstead.edge.clock import LoopClock
from ohmstead.ports.bench import Bench
from ohmstead.ports.campaign import Campaigns
from ohmstead.ports.hand import Hand
from ohmstead.web.server import Served, create_app, serve

if TYPE_CHECKING:
    from ohmstead.cli.run.embedded_csms import RunningCsms

PORT = 8080


class PageCampaigns(Campaigns, Protocol):
    """Campaigns that end with the page."""

    async def close(self) -> None:
        """Stop what runs here."""
        ...


class Page:
    """A page that is being served; made by `open_page`."""

    def __init__(self, served: Served, campaigns: PageCampaigns) -> None:
        self._served = served
        self._campaigns = campaigns
        self.url = served.url

    async def close(self) -> None:
        """Stop serving, and end the campaign that runs."""
        await asyncio.gather(self._campaigns.close(), self._served.stop())


async def open_page(
    options: RunOptions,
    bench: Bench,
    hand: Hand | None,
    office: "RunningCsms | None",
    note: Callable[[str], None],
    session: Callable[[], str] | None = None,
) -> Page:
    """Serve the page. Raises RunRefused where address or port cannot be had."""
    product = ("--product", options.product, *(("--without-unbuilt",) if options.without_unbuilt else ()))
    campaigns: PageCampaigns
    campaigns = ChildCampaigns(product, LoopClock()) if options.follow is None else _followed(options.follow)
    # In a thread, for it takes longer than a station should keep its CSMS waiting.
    app = await asyncio.to_thread(
        create_app,
        bench,
        hand,
        office.csms if office is not None else None,
        options.token,
        campaigns=campaigns,
        files=office.files if office is not None else None,
        session=session,
    )
    served = await _serve(options, app, note)
    if options.open_page:
        rest = f"?token={quote(options.token, safe='')}" if options.token else ""
        webbrowser.open(served.url + rest)
    return Page(served, campaigns)


def _followed(path: Path) -> PageCampaigns:
    # It loads the lab, which no other station does.
    from ohmstead.cli.run.follow import FollowedCampaign, check_file

    check_file(path)
    return FollowedCampaign(path, LoopClock())


async def _serve(options: RunOptions, app: Litestar, note: Callable[[str], None]) -> Served:
    """Take the port that was asked for; if none was, the usual one or else a free one."""
    try:
        return await serve(app, options.host, PORT if options.port is None else options.port)
    except ValueError as error:
        raise RunRefused(f"--host {options.host}: {error}") from None
    except OSError as error:
        if options.port is not None:
            raise RunRefused(f"--host {options.host} --port {options.port}: {error.strerror or error}") from None
    note(f"port {PORT} is taken: the page is at a free one")
    try:
        return await serve(app, options.host, 0)
    except OSError as error:
        raise RunRefused(f"--host {options.host}: {error.strerror or error}") from None
