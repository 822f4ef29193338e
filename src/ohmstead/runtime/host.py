"""The caller of `run()`: gives a station its power and its store, run after run."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

import msgspec

from ohmstead.ports.clock import Sources
from ohmstead.ports.hardware import Hardware
from ohmstead.ports.link import SeverableDialer
from ohmstead.ports.store import Delete, Put, Store, StoreFailed, StoreSevered
from ohmstead.product.profile import Product
from ohmstead.runtime import slots
from ohmstead.runtime.config import StationConfig
from ohmstead.runtime.counts import StationCounts
from ohmstead.runtime.station import Outside, Station
from ohmstead.runtime.steps import take_all
from ohmstead.wire.messages import BootReasonEnum

BOOT_RETRY = 10.0
"""Seconds until the next attempt to boot on a store that fails."""

WATCHDOG = 20.0
"""Seconds after which a firmware that does not boot is started again."""

REASON = "reason"
"""Key of the row that tells the next process why the machine was restarted."""

_log = logging.getLogger(__name__)


class Severable(Store, Protocol):
    """A store that a power cut can take away at any instant."""

    def sever(self) -> None:
        """Make every later use raise StoreSevered."""
        ...

    def reopen(self) -> "Severable":
        """Open what is durable of it again, for the next run. Raises StoreFailed where that is not possible now."""
        ...

    def erase(self) -> None:
        """Remove every row, or none. Raises StoreFailed."""
        ...


class Host:
    """Runs a station for as long as there is power: knows its machine, its dialer and its store, and nobody's hands.

    Attributes:
        product: the station's, as it is with the firmware that runs.
        station: the present run; None while there is no power.
        runs: how many there were, those that did not boot included.
        counts: what happened in all of them.

    Args:
        reboot: restarts the machine after a run that ended in good order, and need not return: the process may end
            with it. None: a reboot is the next run, and nothing else.
    """

    def __init__(
        self,
        product: Product,
        config: StationConfig,
        *,
        store: Severable,
        hardware: Hardware,
        dialer: SeverableDialer,
        outside: Callable[[Sources], Outside],
        sources: Callable[[int], Sources],
        reboot: Callable[[BootReasonEnum], Awaitable[None]] | None = None,
    ) -> None:
        self.product = product
        self._made_as = product
        self.config = config
        self.station: Station | None = None
        self.runs = 0
        self.counts = StationCounts()
        self._store = store
        self._severed = False
        self._unbooted = ""
        self._hardware = hardware
        self._dialer = dialer
        self._outside = outside
        self._sources = sources
        self._reboot = reboot
        self._ended = False
        self._mains = asyncio.Event()
        self._mains.set()
        self._running: asyncio.Task[BootReasonEnum] | None = None
        self._watchers: list[Callable[[], None]] = []

    # run after run

    async def run(self) -> None:
        """Run the station until cancelled; a reboot or a power cut begins a new run on the same store."""
        try:
            reason = self._kept_reason()
            while True:
                await self._mains.wait()
                reason = await self._live(reason)
                if self._ended:
                    await self._restart_machine(reason)
        finally:
            self.changed()

    async def _live(self, reason: BootReasonEnum) -> BootReasonEnum:
        try:
            self.runs += 1
            station = self._boot(reason)
            if station is None:
                self._give_no_energy()
                await asyncio.sleep(WATCHDOG)
                return BootReasonEnum.Watchdog
            station.watch(self.changed)
            self.station = station
            self._running = asyncio.get_running_loop().create_task(station.run(), name="station")
            self.changed()
            ended = await self._outcome(self._running)
            self._ended = True
            return ended
        except StoreFailed as failure:
            self._unbooted = str(failure)
            self._give_no_energy()
            _log.error("the station does not boot: %s; the next attempt in %g s", failure, BOOT_RETRY)
            await asyncio.sleep(BOOT_RETRY)
            return reason
        except BaseException:
            # Whatever was raised because the power went is as gone as the rest.
            ours = asyncio.current_task()
            if self._mains.is_set() or (ours is not None and ours.cancelling()):
                raise
            return BootReasonEnum.PowerUp
        finally:
            self.station = None
            await self._take_down()

    async def _outcome(self, run: asyncio.Task[BootReasonEnum]) -> BootReasonEnum:
        """Return why a run ended; after a mistake of its own the watchdog begins the next one."""
        try:
            return await run
        except (StoreFailed, StoreSevered):
            raise
        except Exception:
            if not self._mains.is_set():
                raise
            _log.exception("the station came to an end; the watchdog starts it again in %g s", WATCHDOG)
        self.station = None
        self._give_no_energy()
        await asyncio.sleep(WATCHDOG)
        return BootReasonEnum.Watchdog

    def _boot(self, reason: BootReasonEnum) -> Station | None:
        """Build the station with the firmware of its slots; None: that one does not get so far.

        Raises StoreFailed where what is kept cannot be read, or this boot not be kept.
        """
        if self._severed:
            self._store, self._severed = self._store.reopen(), False
        image = slots.boot(self._store)
        if not slots.boots(image):
            return None
        try:
            outside = self._outside(self._sources(self._count_boot()))
        except OSError as error:
            raise StoreFailed(str(error)) from error
        self._unbooted = ""
        if not slots.connects(image):
            outside = msgspec.structs.replace(outside, dialer=slots.MuteDialer())
        try:
            self.product = slots.running(self._made_as, image)
            return Station(self.product, self.config, self._store, outside, reason, self.counts)
        except (StoreFailed, StoreSevered):
            raise
        except Exception:
            if image is None:
                raise
            _log.exception("firmware %s does not start", image.version)
            return None

    async def _take_down(self) -> None:
        """Nothing of one run reaches into the next."""
        run, self._running = self._running, None
        if run is not None and not run.done():
            run.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await run
        self._dialer.sever()
        self.changed()

    def _count_boot(self) -> int:
        """Count this boot durably, before the first frame: seeded ids contain it (decided case 16)."""
        stored = self._store.get("boot", "")
        count = 1 + (0 if stored is None else int(stored))
        told = [Delete("boot", REASON)] if self._store.get("boot", REASON) is not None else []
        self._store.commit([Put("boot", "", str(count).encode()), *told])
        return count

    async def _restart_machine(self, reason: BootReasonEnum) -> None:
        """Let the machine restart; the next process is told why, should this one end with it."""
        self._ended = False
        if self._reboot is None:
            return
        self._give_no_energy()
        try:
            self._store.commit([Put("boot", REASON, reason.value.encode())])
            await self._reboot(reason)
        except Exception:
            _log.exception("the machine was not restarted; the station is")

    def _kept_reason(self) -> BootReasonEnum:
        """Return why the machine restarted, where the run before it could say so."""
        try:
            stored = self._store.get("boot", REASON)
            return BootReasonEnum.PowerUp if stored is None else BootReasonEnum(stored.decode())
        except (StoreFailed, ValueError):
            return BootReasonEnum.PowerUp

    # Power (`ports.supervisor.Supervisor`)

    @property
    def powered(self) -> bool:
        """Say whether there is power."""
        return self._mains.is_set()

    @property
    def failure(self) -> str | None:
        """Why nothing can be kept at present; None: it can, or no station runs."""
        return self._unbooted or (self.station.work.failure if self.station is not None else None)

    def lose_power(self) -> None:
        """Lose the power in the middle of whatever is happening: first store and link, so that nobody tidies up."""
        self._mains.clear()
        self._severed = True
        files = [self.station.world.files.sever] if self.station is not None else []
        silence = partial(self._hardware.observe, None)
        take_all([self._store.sever, self._dialer.sever, *files, silence])
        if self._running is not None:
            self._running.cancel()

    async def down(self) -> None:
        """Return once nothing of the run that lost its power runs any more."""
        run = self._running
        if run is not None:
            await asyncio.wait([run])

    def restore_power(self) -> None:
        """Have power again: the next run begins with what is durable."""
        self._mains.set()

    async def forget(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Lose the power, and boot with an empty store; `meanwhile` is called between. Raises StoreFailed."""
        self.lose_power()
        await self.down()
        try:
            self._store, self._severed = self._store.reopen(), False
            self._store.erase()
            meanwhile()
        finally:
            self.restore_power()

    def restart(self) -> bool:
        """Restart the running station in good order (LocalReset); False: none runs."""
        if self.station is None:
            return False
        self.station.reboot(BootReasonEnum.LocalReset)
        return True

    def _give_no_energy(self) -> None:
        """Where no station watches over it, no energy flows (decided case 19)."""
        take_all(partial(self._hardware.enable, evse.id, enabled=False) for evse in self.product.evses)

    # Watching

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call a function whenever something may have changed; for pages."""
        self._watchers.append(watcher)

    def changed(self) -> None:
        """Tell whoever watches that something may have changed."""
        for watcher in self._watchers:
            watcher()
