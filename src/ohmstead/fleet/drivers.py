"""Who comes to a station: drivers with their EVs at each EVSE, and what befalls network and power."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random

from ohmstead.fleet.plan import Range, card_of
from ohmstead.fleet.station import FleetStation
from ohmstead.ports.hand import HandRefused, NotKept
from ohmstead.product.profile import Evse
from ohmstead.product.token_types import CARDS, local_start_types, local_stop_types

PATIENCE = 30.0
"""Seconds that a driver waits for a station to take a card."""
LOOK = 0.25
"""Seconds between two looks at it."""
ATTEMPTS = 10
"""Times that a driver tries to take the cable out, two seconds apart."""
HOUR = 3600.0

_log = logging.getLogger(__name__)


class Driver:
    """All who charge at one EVSE of one station, one after the other.

    Attributes:
        visits: EVs that came.
        turned_away: drivers who could not charge.
        gone: nobody is there any more, and nobody will come.
    """

    def __init__(self, station: FleetStation, evse: Evse, reader: asyncio.Lock, random: Random) -> None:
        """Make them.

        Args:
            station: where.
            evse: at which EVSE.
            reader: held by whoever stands before the reader of the station.
            random: of arrivals and stays.
        """
        self._station = station
        self._evse = evse
        self._reader = reader
        self._random = random
        self._leaving = asyncio.Event()
        self._plugged = False
        self.visits = 0
        self.turned_away = 0
        self.gone = False
        plan, product = station.plan, station.product
        self._card = card_of(plan.group, plan.number, evse.id, len(product.evses))
        self._type = local_start_types(product)[0]

    async def run(self) -> None:
        """Come and go until `leave`."""
        rate = self._station.plan.group.arrivals_per_hour
        while rate and not await self._left_within(self._random.expovariate(rate / HOUR)):
            try:
                await self._visit()
            except (HandRefused, NotKept) as refused:
                _log.info("%s, EVSE %d: %s", self._station.plan.identity, self._evse.id, refused)
                self.turned_away += 1
                await self._unplug()
        self.gone = True

    def leave(self) -> None:
        """Let nobody come any more, and whoever is there go, once the station has taken or refused their card."""
        self._leaving.set()

    async def _left_within(self, seconds: float) -> bool:
        """Wait; say whether everybody has to go."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._leaving.wait()
        return self._leaving.is_set()

    async def _visit(self) -> None:
        group, hand = self._station.plan.group, self._station.hand
        ev = self._random.choice(group.evs) if group.evs else None
        stay = self._random.uniform(*group.stay)
        stops = self._random.random() < group.card_stops
        connector = self._random.choice(self._evse.connectors)
        async with self._reader:
            if self._leaving.is_set():
                return
            self.visits += 1
            await hand.plug(self._evse.id, connector.id, ev)
            self._plugged = True
            begun = await self._begin()
        if not begun:
            self.turned_away += 1
        elif not await self._left_within(stay) and stops:
            with suppress(HandRefused):
                async with self._reader:
                    await self._show(stopping=True)
                await asyncio.sleep(1)
        await self._unplug()

    async def _begin(self) -> bool:
        """Present the card and wait until the station has taken it; say whether it did."""
        await asyncio.sleep(self._random.uniform(1, 3))
        if not self._station.is_charged_at(self._evse.id):
            await self._show()
        for _ in range(int(PATIENCE / LOOK)):
            if self._station.is_charged_at(self._evse.id):
                break
            await self._press(f"evse-{self._evse.id}")
            await asyncio.sleep(LOOK)
        return self._station.is_charged_at(self._evse.id)

    async def _show(self, *, stopping: bool = False) -> None:
        product = self._station.product
        if stopping and self._type not in local_stop_types(product):
            return
        await self._press(f"select-{self._evse.id}")
        button = self._type in ("Local", "NoAuthorization")
        shared = self._type in (*CARDS, "KeyCode") and product.hardware.rfid_readers != "PerEVSE"
        await self._station.hand.present("" if button else self._card, self._type, None if shared else self._evse.id)

    async def _press(self, option: str) -> None:
        """Choose the own EVSE where the display asks."""
        if option in self._station.options():
            await self._station.hand.choose(option)

    async def _unplug(self) -> None:
        """Take the cable out, which a lock may hold for another moment."""
        for attempt in range(ATTEMPTS):
            if not self._plugged:
                return
            try:
                await self._station.hand.unplug(self._evse.id)
                self._plugged = False
            except (HandRefused, NotKept) as refused:
                if attempt == 0 and self._station.is_charged_at(self._evse.id):
                    with suppress(HandRefused):
                        await self._show(stopping=True)
                _log.info("%s, EVSE %d: %s", self._station.plan.identity, self._evse.id, refused)
                await asyncio.sleep(2)


async def trouble(
    rate: float,
    lasts: Range,
    cut: Callable[[], Awaitable[object]],
    restore: Callable[[], Awaitable[object]],
    random: Random,
) -> None:
    """Take something away so many times an hour, and give it back.

    Args:
        rate: times an hour; 0: never.
        lasts: shortest and longest, s.
        cut: takes it away.
        restore: gives it back.
        random: of moments and durations.
    """
    while rate:
        await asyncio.sleep(random.expovariate(rate / HOUR))
        try:
            await cut()
            await asyncio.sleep(random.uniform(*lasts))
        finally:
            with suppress(HandRefused):
                await restore()
