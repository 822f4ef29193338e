"""A charge during which the power goes at a chosen commit: the people go on once it is back, then all must be whole."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Literal

import msgspec

from ohmstead.edge.store_memory import CrashingStore, Reopenable
from ohmstead.model.facts import POWER_PATH, Fact
from ohmstead.model.session import Session
from ohmstead.ports.hand import HandRefused
from ohmstead.ports.hardware import Supply
from ohmstead.ports.link import LinkLost
from ohmstead.product.load import load
from ohmstead.rpc import CallTimeout
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from tests.runtime.hands import Hands
from tests.runtime.site import Site, site

FLAGSHIP = load("flagship")
DARK = 5.0
"""Seconds without power."""
BOOTED = 60.0
"""Seconds after which a station has booted, and a car charges again if it may."""
Moment = Literal["before", "after"]
Done = Callable[[], bool]


class Ordeal:
    """A site whose power fails at one commit."""

    def __init__(self, here: Site, store: CrashingStore, *, steal: bool) -> None:
        self.here = here
        self.hands = Hands(here)
        self.store = store
        self.steal = steal
        """Whether the cable of EVSE 1 is pulled while there is no power."""
        self.dark: asyncio.Task[None] | None = None

    def crash(self) -> None:
        """Take the power; it comes back by itself."""
        self.here.hand.lose_power()
        self.dark = asyncio.get_running_loop().create_task(self._come_back())

    async def _come_back(self) -> None:
        hand = self.here.hand
        await asyncio.sleep(DARK)
        if self.steal and self.here.simulator.state(1).connector_id is not None:
            await hand.unplug(1)
        rows = self.store.reopen().rows("session")
        stored = [msgspec.json.decode(value, type=Session) for _, value in rows]
        await hand.restore_power()
        await asyncio.sleep(BOOTED)
        for session in stored:
            self._check_continuation(session)

    def _check_continuation(self, stored: Session) -> None:
        """What the station knew when the power went goes on, or ends, as decided case 5 says."""
        station = self.here.host.station
        assert station is not None
        now = station.charging.sessions.get(stored.id)
        if Fact.EVConnected in stored.facts and self.here.simulator.state(stored.evse_id or 0).connector_id is None:
            running = None if now is None else now.transaction
            assert running is None or running != stored.transaction, "it goes on without a cable"
            return
        if stored.transaction is None or Fact.EVConnected not in stored.facts:
            return
        assert now is not None, "the session is forgotten though its cable is in"
        ended = Fact.EnergyTransfer in stored.stop_points & stored.facts
        late = Fact.Authorized in stored.facts and Fact.Authorized not in now.facts
        if ended or late:
            # The energy that stopped with the power was a stop point; or what the CSMS answered ended it since.
            return
        assert now.transaction is not None
        assert now.transaction.id == stored.transaction.id
        supply = self.here.simulator.state(stored.evse_id or 0).supply
        assert (supply is Supply.Delivering) == (stored.facts >= POWER_PATH), supply

    async def power(self) -> None:
        """Wait until there is power again, if there is none."""
        if self.dark is not None:
            await self.dark

    async def step(self, action: Callable[[], Awaitable[object]], done: Done, gap: float = 8.0) -> None:
        """Do something until it has worked: who was interrupted by the dark does it again."""
        for _ in range(4):
            await self.power()
            if done():
                return
            with suppress(HandRefused, LinkLost, CallTimeout):
                await action()
            await asyncio.sleep(gap)
        await self.power()
        assert done(), "nobody got any further"

    async def charge_for(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)
        await self.power()

    async def ask(self, request: Request[Response]) -> None:
        """Ask the station; raises LinkLost without a connection."""
        if self.here.csms.rpc is None:
            raise LinkLost("not connected")
        await self.here.csms.rpc.call(request, timeout=5)

    # What the steps look at

    def session(self) -> Session | None:
        """Return the session at EVSE 1, or the one without a place."""
        station = self.here.host.station
        assert station is not None
        return station.charging.sessions.at(1) or station.charging.sessions.unbound()

    def authorized(self) -> bool:
        """Say whether somebody is authorized."""
        session = self.session()
        return session is not None and session.authorized

    def plugged(self) -> bool:
        """Say whether a cable is in."""
        return self.here.simulator.state(1).connector_id is not None

    def heard(self, kind: wire.TransactionEventEnum) -> bool:
        """Say whether the CSMS knows of a start, or an end."""
        return any(heard.event.event_type is kind for heard in self.hands.witness.heard)


Scenario = Callable[[Ordeal], Awaitable[None]]


async def endure(
    scenario: Scenario,
    inner: Reopenable,
    points: tuple[str, str],
    crash_at: int | None,
    when: Moment,
    *,
    steal: bool = False,
) -> int:
    """Live through a scenario with a power cut at one commit; return the number of commits that it has."""
    ordeals: list[Ordeal] = []

    def crash() -> None:
        ordeals[0].crash()

    store = CrashingStore(inner, None, when, on_crash=crash)
    async with site(product=FLAGSHIP, store=store) as here:
        ordeal = Ordeal(here, store, steal=steal)
        ordeals.append(ordeal)
        for variable, value in zip(("TxStartPoint", "TxStopPoint"), points, strict=True):
            assert await here.set("TxCtrlr", variable, value) == "Accepted"
        assert await here.set("AuthCtrlr", "OfflineTxForUnknownIdEnabled", "true") == "Accepted"
        assert await here.set("TxCtrlr", "TxBeforeAcceptedEnabled", "true") == "Accepted"
        first = store.commits
        store.crash_at = None if crash_at is None else first + crash_at
        await scenario(ordeal)
        await ordeal.power()
        commits = store.commits - first
        await ordeal.hands.settle()
        await ordeal.power()
        ordeal.hands.witness.check_now()
        ordeal.hands.witness.check()
        assert crash_at is None or store.crashed
        return commits
