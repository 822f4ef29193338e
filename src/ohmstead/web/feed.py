"""What goes to open pages by itself: server-sent events, and the curves that pages draw."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress

import msgspec

from ohmstead.ports.bench import (
    Backoffice,
    Bench,
    Card,
    CsmsFileJob,
    CsmsStation,
    CsmsTariff,
    CsmsTransaction,
    EvseView,
    StationView,
    TraceLine,
)
from ohmstead.ports.campaign import Campaigns, CampaignView
from ohmstead.ports.file_service import FileService
from ohmstead.web.lease import HandLease, LeaseView

log = logging.getLogger(__name__)

SHORTEST = 0.2
"""Seconds between two rounds at least: five a second."""
SAMPLE = 1.0
"""Seconds between two points of a curve."""
KEPT = 1800
"""Points of a curve that are kept: half an hour."""
BATCH = 200
"""Trace lines in one event at most."""
SILENCE = 15.0
"""Seconds after which a comment keeps an idle stream open."""

WaitChanged = Callable[[int], Awaitable[int]]


class Point(msgspec.Struct, frozen=True, array_like=True):
    """One point of an EVSE's curves; travels as an array to keep it short."""

    at: float
    """Seconds since 1970 by the station's clock."""
    power_w: float
    soc_percent: float | None
    energy_wh: float


class StateEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The event `state`."""

    station: StationView
    lease: LeaseView


class CsmsEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The event `csms`."""

    url: str
    stations: tuple[CsmsStation, ...]
    tokens: tuple[Card, ...]
    tariff: CsmsTariff
    transactions: tuple[CsmsTransaction, ...]
    file_jobs: tuple[CsmsFileJob, ...]
    """Logs and firmware updates that it asked for, the newest 20."""


class CampaignEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The event `campaign`: how it stands, and the results that this stream has not been given yet."""

    since: int
    """So many results were sent before; 0: forget those of another campaign."""
    campaign: CampaignView


def event(name: str, data: object) -> bytes:
    """Return one server-sent event; JSON has no line breaks, so one data line carries it."""
    return b"event: " + name.encode() + b"\ndata: " + msgspec.json.encode(data) + b"\n\n"


class Feed:
    """Looks at the bench at most five times a second and wakes every open stream.

    A stream keeps only where it stands, and reads on when its client has taken what it was given: a slow client costs
    no memory and misses states, never trace lines that are still kept.
    """

    def __init__(
        self,
        bench: Bench,
        backoffice: Backoffice | None,
        lease: HandLease,
        campaigns: Campaigns | None = None,
        files: FileService | None = None,
    ) -> None:
        self._bench = bench
        self._files = files
        self._campaigns = campaigns
        self._backoffice = backoffice
        self._lease = lease
        self._curves: dict[int, deque[Point]] = {}
        self._rounds = 0
        self._next_round = asyncio.Event()
        self._closed = False
        self._state = b""
        self._csms = b""
        self._filed = b""

    def curve(self, evse_id: int) -> tuple[Point, ...]:
        """Return the points of an EVSE that are kept, oldest first."""
        return tuple(self._curves.get(evse_id, ()))

    def close(self) -> None:
        """End every open stream."""
        self._closed = True
        self._wake()

    async def run(self) -> None:
        """Look at the bench until cancelled."""
        async with asyncio.TaskGroup() as group:
            changed = asyncio.Event()
            group.create_task(self._watch(self._bench.wait_changed, changed))
            if self._backoffice is not None:
                group.create_task(self._watch(self._backoffice.wait_changed, changed))
            if self._campaigns is not None:
                group.create_task(self._watch(self._campaigns.wait_changed, changed))
            if self._files is not None:
                group.create_task(self._watch(self._files.wait_changed, changed))
            group.create_task(self._rounds_forever(changed))

    async def stream(self, trace: str) -> AsyncIterator[bytes]:
        """Yield server-sent events: `state`, `csms`, `files`, `campaign`, and `trace` of the source named."""
        state = csms = filed = b""
        campaign: CampaignView | None = None
        number = self._newest(trace)
        yield b"retry: 1000\n\n"
        while not self._closed:
            seen = self._rounds
            if self._rounds == 0:
                self._look()
            if self._state != state:
                state = self._state
                yield state
            if self._csms != csms:
                csms = self._csms
                yield csms
            if self._filed != filed:
                filed = self._filed
                yield filed
            told, campaign = campaign, self._campaigns.view() if self._campaigns is not None else None
            if campaign is not None and (news := _news(campaign, told)) is not None:
                yield event("campaign", news)
            for lines in _batches(self._lines(trace, number)):
                number = lines[-1].number
                yield event("trace", lines)
            if not await self._another(seen):
                yield b": still here\n\n"

    def _lines(self, source: str, since: int) -> tuple[TraceLine, ...]:
        if source == "station":
            return self._bench.trace(since)
        if source == "csms" and self._backoffice is not None:
            return self._backoffice.trace(since)
        return ()

    def _newest(self, source: str) -> int:
        lines = self._lines(source, 0)
        return lines[-BATCH].number - 1 if len(lines) > BATCH else 0

    async def _another(self, seen: int) -> bool:
        """Wait for a round after the one seen; say whether it came in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SILENCE):
                while self._rounds == seen and not self._closed:
                    await self._next_round.wait()
        return self._rounds != seen

    @staticmethod
    async def _watch(wait_changed: WaitChanged, changed: asyncio.Event) -> None:
        version = 0
        while True:
            try:
                version = await wait_changed(version)
            except Exception:
                log.exception("changes cannot be awaited; pages are renewed once a second")
            changed.set()
            await asyncio.sleep(SHORTEST)

    async def _rounds_forever(self, changed: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        sample_at = loop.time()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(sample_at):
                    await changed.wait()
            changed.clear()
            due = loop.time() >= sample_at
            if due:
                sample_at = loop.time() + SAMPLE
            try:
                view = self._look()
            except Exception:
                log.exception("a snapshot could not be taken; open pages keep the one before")
            else:
                for evse in view.evses if due else ():
                    self._sample(view, evse)
            await asyncio.sleep(SHORTEST)

    def _look(self) -> StationView:
        view = self._bench.view()
        self._state = event("state", StateEvent(station=view, lease=self._lease.view()))
        if self._backoffice is not None:
            self._csms = event("csms", csms_event(self._backoffice))
        if self._files is not None:
            self._filed = event("files", self._files.view())
        self._wake()
        return view

    def _wake(self) -> None:
        self._rounds += 1
        woken, self._next_round = self._next_round, asyncio.Event()
        woken.set()

    def _sample(self, view: StationView, evse: EvseView) -> None:
        curve = self._curves.setdefault(evse.id, deque(maxlen=KEPT))
        energy = evse.session.energy_wh if evse.session else 0.0
        point = Point(round(view.now.timestamp(), 3), evse.power_w, evse.soc_percent, energy)
        while curve and curve[-1].at >= point.at:
            # The clock was set back: what was drawn there is drawn anew.
            curve.pop()
        curve.append(point)


def csms_event(backoffice: Backoffice) -> CsmsEvent:
    """Return what pages show of the embedded CSMS."""
    return CsmsEvent(
        url=backoffice.url,
        stations=backoffice.stations(),
        tokens=backoffice.tokens(),
        tariff=backoffice.tariff(),
        transactions=backoffice.transactions()[:100],
        file_jobs=backoffice.file_jobs()[:20],
    )


def _news(now: CampaignView, before: CampaignView | None) -> CampaignEvent | None:
    """Return what a stream has to be told that knows how a campaign stood before; None: nothing is new."""
    if before is not None and before.version == now.version:
        return None
    since = len(before.cases) if before is not None and before.number == now.number else 0
    return CampaignEvent(since=since, campaign=msgspec.structs.replace(now, cases=now.cases[since:]))


def _batches(lines: tuple[TraceLine, ...]) -> Iterable[tuple[TraceLine, ...]]:
    for start in range(0, len(lines), BATCH):
        yield lines[start : start + BATCH]
