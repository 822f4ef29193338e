"""What one test has of stations, or of a CSMS: made when it asks for it, ended with it."""

import asyncio
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Protocol, TypedDict, Unpack

from ohmstead.testing.blocking import BlockingStation
from ohmstead.testing.blocking_csms import BlockingCsms
from ohmstead.testing.csms import AsyncCsms, CsmsSetup
from ohmstead.testing.setup import StationSetup
from ohmstead.testing.station import AsyncStation, Where


class StationOptions(TypedDict, total=False):
    """What may be said of a station; `StationSetup` describes each."""

    product: str | Path | None
    identity: str
    password: str | None
    csms_root: str | Path | None
    client_cert: str | Path | None
    client_key: str | Path | None
    security_profile: int | None
    seed: int | None
    patience: float


class CsmsOptions(TypedDict, total=False):
    """What may be said of a CSMS; `CsmsSetup` describes each."""

    listen: str
    identity: str
    password: str
    security_profile: int | None
    names: tuple[str, ...]
    folder: Path | None
    patience: float


class _Closable(Protocol):
    async def close(self) -> None: ...


class TestEndings:
    """What has to be ended with a test, last first."""

    __test__ = False

    def __init__(self) -> None:
        self._endings: list[Callable[[], None]] = []

    def ends_here(self, made: _Closable) -> None:
        """Take on something of the event loop that runs."""
        loop = asyncio.get_running_loop()
        self._endings.append(lambda: _close(made, loop))

    def ends(self, close: Callable[[], None]) -> None:
        """Take on something of another thread."""
        self._endings.append(close)

    def close(self) -> None:
        """End everything; the first error is raised once all of it has been ended."""
        errors: list[Exception] = []
        while self._endings:
            try:
                self._endings.pop()()
            except Exception as error:
                errors.append(error)
        if errors:
            raise errors[0]


class ChargingStations(TestEndings):
    """Makes stations: `await charging_station(url)` in an async test, `charging_station.blocking(url)` in another."""

    def __init__(self) -> None:
        super().__init__()
        self._made: list[AsyncStation | BlockingStation] = []
        self._numbers = count(1)

    async def __call__(
        self, csms_url: str, *, where: Where = "loop", accepted: bool = True, **options: Unpack[StationOptions]
    ) -> AsyncStation:
        """Start a station in the event loop of the test, and return it once its CSMS has accepted it.

        Args:
            csms_url: `ws://` or `wss://`, without the identity.
            where: `"process"`: it runs as a process of its own.
            accepted: False: do not wait for the CSMS.
            options: see `StationSetup`. Without `identity` they are OHM-0001, OHM-0002 and so on.

        Raises SetupError, ProductError, AssertionError where the CSMS does not accept it.
        """
        __tracebackhide__ = True
        station = AsyncStation(self._setup(csms_url, options), where=where)
        self._made.append(station)
        self.ends_here(station)
        await station.start()
        return await station.accepted() if accepted else station

    def blocking(
        self, csms_url: str, *, where: Where = "loop", accepted: bool = True, **options: Unpack[StationOptions]
    ) -> BlockingStation:
        """Start a station whose event loop runs in a thread, and return it once its CSMS has accepted it."""
        __tracebackhide__ = True
        station = BlockingStation(self._setup(csms_url, options), where=where)
        self._made.append(station)
        self.ends(station.close)
        station.start()
        return station.accepted() if accepted else station

    @property
    def all(self) -> tuple[AsyncStation | BlockingStation, ...]:
        """Every station of the test so far."""
        return tuple(self._made)

    def only(self) -> AsyncStation | BlockingStation:
        """Return the one station of the test. Raises RuntimeError where it has none, or several."""
        if not self._made:
            raise RuntimeError("the test has no station yet: make one with charging_station(csms_url)")
        if len(self._made) > 1:
            names = ", ".join(one.setup.identity for one in self._made)
            raise RuntimeError(f"the test has several stations ({names}): use station.hand, station.wire ... of one")
        return self._made[0]

    def _setup(self, csms_url: str, options: StationOptions) -> StationSetup:
        number = next(self._numbers)
        given: StationOptions = {"identity": f"OHM-{number:04d}", **options}
        return StationSetup(csms_url=csms_url, **given)


class ListeningCsms(TestEndings):
    """Makes CSMSs for a station: `await csms(...)` in an async test, `csms.blocking(...)` in another."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[AsyncCsms | BlockingCsms] = []
        """Every one of the test so far."""

    async def __call__(self, **options: Unpack[CsmsOptions]) -> AsyncCsms:
        """Listen in the event loop of the test; see `CsmsSetup` for the options. Raises PlaceError, OSError."""
        csms = AsyncCsms(CsmsSetup(**options))
        self.all.append(csms)
        self.ends_here(csms)
        return await csms.start()

    def blocking(self, **options: Unpack[CsmsOptions]) -> BlockingCsms:
        """Listen in a thread."""
        csms = BlockingCsms(CsmsSetup(**options))
        self.all.append(csms)
        self.ends(csms.close)
        return csms.start()


def _close(made: _Closable, loop: asyncio.AbstractEventLoop) -> None:
    """End a station or a CSMS whose event loop may be running, waiting, or closed, whoever made it.

    Whoever closes a loop cancels its tasks first (`asyncio.Runner` does, which all plugins use), and with its task it
    ends.
    """
    if loop.is_closed():
        return
    if not loop.is_running():
        loop.run_until_complete(made.close())
        return
    try:
        here = asyncio.get_running_loop() is loop
    except RuntimeError:
        here = False
    ending = asyncio.run_coroutine_threadsafe(made.close(), loop)
    if not here:
        ending.result()
