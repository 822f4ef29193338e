"""The connection to the CSMS: dial, serve, ping, and come back after a loss."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from urllib.parse import quote, urlsplit

from ohmstead.model.device import OCPPCommCtrlr, changed
from ohmstead.ports.clock import Clock
from ohmstead.ports.link import Dialer, Link, LinkLost, LinkRefused, Refusal, Target
from ohmstead.ports.store import StoreSevered
from ohmstead.runtime.backoff import BackOff
from ohmstead.runtime.counts import StationCounts
from ohmstead.wire.secrets import redact_url

_log = logging.getLogger(__name__)


class Retry(StrEnum):
    """When the next attempt follows one that failed."""

    Later = "Later"
    """After the next, longer wait."""
    Anew = "Anew"
    """After the shortest wait: the next target has not been tried since the link was lost."""
    AtOnce = "AtOnce"


class Route(Protocol):
    """Where the next attempt goes; block B decides it from the network profiles."""

    def target(self) -> Target:
        """Return the target of the next attempt."""
        ...

    def refused(self, refusal: LinkRefused) -> Retry:
        """Take note of an attempt that failed; the next target may be another. Returns when it is dialed."""
        ...

    def reached(self, link: Link) -> None:
        """Take note of an attempt that succeeded."""
        ...


def dialed(target: Target) -> str:
    """Return the URL of an attempt, with the identity, as it may be shown."""
    try:
        parts = urlsplit(target.url)
    except ValueError:
        return redact_url(target.url)
    path = f"{parts.path.rstrip('/')}/{quote(target.identity, safe='')}"
    return redact_url(parts._replace(path=path).geturl())


class Connection:
    """Keeps one link to the CSMS for as long as the station runs.

    Attributes:
        link: the open link, or None.
        lost_at: loop time at which the last link was lost.
        last_error: why the last attempt or link ended, with its URL.
        url: what was dialed last, with the identity, without secrets.
    """

    def __init__(
        self,
        dialer: Dialer,
        route: Route,
        settings: OCPPCommCtrlr,
        back_off: BackOff,
        clock: Clock,
        serve: Callable[[Link], Awaitable[str]],
        counts: StationCounts,
    ) -> None:
        self._dialer = dialer
        self._route = route
        self._settings = settings
        self._back_off = back_off
        self._clock = clock
        self._serve = serve
        self._counts = counts
        self._nudge = asyncio.Event()
        self._ping_changed = asyncio.Event()
        self.link: Link | None = None
        self.lost_at: float | None = None
        self.since: datetime | None = None
        self.next_attempt_at: datetime | None = None
        self.last_error: str | None = None
        self.url = ""
        self._leaving = False

    async def run(self) -> None:
        """Connect, serve until the link is lost, wait, connect again."""
        while True:
            try:
                link = await self._dial()
            except LinkRefused as refusal:
                self._counts.failed_attempts += 1
                self.last_error = f"{self.url}: {refusal}{'; ' if refusal.advice else ''}{refusal.advice}"
                _log.warning("connection attempt failed: %s", self.last_error)
                retry = self._route.refused(refusal)
                if retry is Retry.AtOnce:
                    continue
                if retry is Retry.Anew:
                    self._back_off.reset()
            else:
                self._back_off.reset()
                try:
                    await self._use(link)
                except Exception:
                    # An error of ours costs this link, not every one after it.
                    _log.exception("serving the connection failed")
                if self._leaving:
                    self._leaving = False
                    continue
            await self._pause()

    async def _dial(self) -> Link:
        """Do one attempt. Raises LinkRefused, also for a mistake of ours: another network profile may do."""
        target = self._route.target()
        self.url = dialed(target)
        try:
            return await self._dialer.dial(target)
        except (LinkRefused, StoreSevered):
            raise
        except Exception as mistake:
            _log.exception("dialling failed")
            raise LinkRefused(Refusal.Protocol, f"a mistake of the station's own: {mistake!r}") from mistake

    async def _use(self, link: Link) -> None:
        try:
            self.link = link
            self._counts.connections += 1
            self.since = self._clock.now()
            self._route.reached(link)
            async with asyncio.TaskGroup() as group:
                pings = group.create_task(self._ping(link))
                self.last_error = f"{self.url}: {await self._serve(link)}"
                pings.cancel()
        finally:
            self.link = None
            self.lost_at = asyncio.get_running_loop().time()
            await link.close()
            self.since = self._clock.now()
        _log.warning("the connection is lost: %s", self.last_error)

    async def _ping(self, link: Link) -> None:
        """Ping every WebSocketPingInterval seconds; a pong that stays away ends the link (Part 4, 5.3)."""
        while True:
            self._ping_changed.clear()
            interval = self._settings.web_socket_ping_interval
            try:
                async with asyncio.timeout(interval if interval > 0 else None):
                    await self._ping_changed.wait()
                continue
            except TimeoutError:
                pass
            try:
                async with asyncio.timeout(self._settings.message_timeout):
                    await link.ping()
            except TimeoutError:
                _log.warning("no pong within %d s", self._settings.message_timeout)
                await link.close(1001, "no pong")
                return
            except LinkLost:
                return

    async def _pause(self) -> None:
        """Wait for the back-off; a setting that changes meanwhile restarts the wait.

        A network that comes back does not end it: it grows until the station has reconnected (Part 4, 5.3).
        """
        delay = self._back_off.next()
        while True:
            self._nudge.clear()
            self.next_attempt_at = self._clock.now() + timedelta(seconds=delay)
            try:
                async with asyncio.timeout(delay):
                    await self._nudge.wait()
            except TimeoutError:
                self.next_attempt_at = None
                return
            delay = self._back_off.again()

    def shift(self, correction: timedelta) -> None:
        """The clock was corrected: what has been lasts as long, what is to come is as far away."""
        if self.since is not None:
            self.since += correction
        if self.next_attempt_at is not None:
            self.next_attempt_at += correction

    async def leave(self, reason: str) -> None:
        """Close the link and dial again at once: the target has changed."""
        if self.link is not None:
            self._leaving = True
            await self.link.close(1000, reason)

    @changed(
        OCPPCommCtrlr.retry_back_off_wait_minimum,
        OCPPCommCtrlr.retry_back_off_random_range,
        OCPPCommCtrlr.retry_back_off_repeat_times,
    )
    def rearm_back_off(self) -> None:
        """The back-off settings act at once."""
        self._nudge.set()

    @changed(OCPPCommCtrlr.web_socket_ping_interval)
    def rearm_ping(self) -> None:
        """The ping interval acts at once."""
        self._ping_changed.set()
