"""The caller of `run()`: gives a station its power, its store and its hands, life after life."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from functools import partial
from typing import Protocol

import msgspec

from ohmstead.ports.clock import Sources
from ohmstead.ports.hand import (
    Action,
    CutNetwork,
    CutPower,
    HandRefused,
    NotKept,
    Reboot,
    RestoreNetwork,
    RestorePower,
)
from ohmstead.ports.hand_methods import Awaited, HandMethods
from ohmstead.ports.hardware import Hardware
from ohmstead.ports.link import Dialer
from ohmstead.ports.store import Put, Store, StoreFailed, StoreSevered
from ohmstead.product.profile import Product
from ohmstead.runtime import slots
from ohmstead.runtime.config import StationConfig
from ohmstead.runtime.station import Outside, Station
from ohmstead.runtime.steps import take_all
from ohmstead.wire.messages import BootReasonEnum

BOOT_RETRY = 10.0
"""Seconds until the next attempt to boot on a store that fails."""

WATCHDOG = 20.0
"""Seconds after which a firmware that does not boot is started again."""

_log = logging.getLogger(__name__)


class Severable(Store, Protocol):
    """A store that a power cut can take away at any instant."""

    def sever(self) -> None:
        """Make every later use raise StoreSevered."""
        ...

    def reopen(self) -> "Severable":
        """Open what is durable of it again, for the next life. Raises StoreFailed where that is not possible now."""
        ...


class SeverableDialer(Dialer, Protocol):
    """A dialer whose open links a power cut takes away."""

    def sever(self) -> None:
        """End every open link at once, without a word to the other side."""
        ...


class Touched(Protocol):
    """The machine, for whoever touches it (`ports.hand`)."""

    def perform(self, action: Action) -> None:
        """Do at the machine what is done at a machine, power included. Raises HandRefused."""
        ...


class Cables(Protocol):
    """The network interfaces, each of which can be cut."""

    def cut(self, name: str | None = None) -> None:
        """Cut an interface, or all."""
        ...

    def restore(self, name: str | None = None) -> None:
        """Restore it."""
        ...


class Host(HandMethods[Awaited]):
    """Runs a station for as long as there is power, and is the `Hand` of everybody who touches it.

    Attributes:
        product: the station's, as it is with the firmware that runs.
        station: the present life; None while there is no power.
    """

    def __init__(
        self,
        product: Product,
        config: StationConfig,
        *,
        store: Severable,
        hardware: Hardware,
        touched: Touched,
        dialer: SeverableDialer,
        cables: Cables,
        outside: Callable[[Sources], Outside],
        sources: Callable[[int], Sources],
    ) -> None:
        self.product = product
        self._made_as = product
        self.config = config
        self.station: Station | None = None
        self.lives = 0
        self._store = store
        self._severed = False
        self._unbooted = ""
        self._hardware = hardware
        self._touched = touched
        self._dialer = dialer
        self._cables = cables
        self._outside = outside
        self._sources = sources
        self._mains = asyncio.Event()
        self._mains.set()
        self._life: asyncio.Task[BootReasonEnum] | None = None
        self._watchers: list[Callable[[], None]] = []

    # Life after life

    async def run(self) -> None:
        """Run the station until cancelled; a reboot or a power cut begins a new life on the same store."""
        reason = BootReasonEnum.PowerUp
        try:
            while True:
                await self._mains.wait()
                reason = await self._live(reason)
        finally:
            self._changed()

    async def _live(self, reason: BootReasonEnum) -> BootReasonEnum:
        try:
            self.lives += 1
            station = self._boot(reason)
            if station is None:
                self._give_no_energy()
                await asyncio.sleep(WATCHDOG)
                return BootReasonEnum.Watchdog
            station.watch(self._changed)
            self.station = station
            self._life = asyncio.get_running_loop().create_task(station.run(), name="station")
            self._changed()
            return await self._outcome(self._life)
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

    async def _outcome(self, life: asyncio.Task[BootReasonEnum]) -> BootReasonEnum:
        """Return why a life ended; after a mistake of its own the watchdog begins the next one."""
        try:
            return await life
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
            return Station(self.product, self.config, self._store, outside, reason)
        except (StoreFailed, StoreSevered):
            raise
        except Exception:
            if image is None:
                raise
            _log.exception("firmware %s does not start", image.version)
            return None

    async def _take_down(self) -> None:
        """Nothing of one life reaches into the next."""
        life, self._life = self._life, None
        if life is not None and not life.done():
            life.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await life
        self._dialer.sever()
        self._changed()

    def _count_boot(self) -> int:
        """Count this boot durably, before the first frame: seeded ids contain it (decided case 16)."""
        stored = self._store.get("boot", "")
        count = 1 + (0 if stored is None else int(stored))
        self._store.commit([Put("boot", "", str(count).encode())])
        return count

    # Hand

    async def perform(self, action: Action) -> None:
        """Do it: power, service button and network here, everything else at the machine."""
        match action:
            case CutPower():
                await self._cut_power()
            case RestorePower():
                await self._restore_power()
            case Reboot():
                self._press_service_button()
            case CutNetwork(interface=interface):
                self._rewire(self._cables.cut, interface)
            case RestoreNetwork(interface=interface):
                self._rewire(self._cables.restore, interface)
            case _ if action.fleeting:
                await self._tell(action)
            case _:
                self._touched.perform(action)

    async def _cut_power(self) -> None:
        """Take the mains away: first store and link, so that nobody tidies up (decided case 18)."""
        if not self._mains.is_set():
            raise HandRefused("there is no power already: restore it first")
        self.lose_power()
        life = self._life
        if life is not None:
            await asyncio.wait([life])

    def lose_power(self) -> None:
        """Cut the power in the middle of whatever is happening; `restore_power` gives it back."""
        self._mains.clear()
        self._severed = True
        files = [self.station.world.files.sever] if self.station is not None else []
        silence = partial(self._hardware.observe, None)
        take_all([self._store.sever, self._dialer.sever, *files, silence, partial(self._touched.perform, CutPower())])
        if self._life is not None:
            self._life.cancel()

    async def _restore_power(self) -> None:
        """Give the mains back; the station boots with what is durable."""
        if self._mains.is_set():
            raise HandRefused("there is power")
        life = self._life
        if life is not None:
            await asyncio.wait([life])
        self._touched.perform(RestorePower())
        self._mains.set()

    @property
    def powered(self) -> bool:
        """Say whether there is power."""
        return self._mains.is_set()

    def _press_service_button(self) -> None:
        if self.station is None:
            raise HandRefused("the station is not running: it has no power")
        self.station.reboot(BootReasonEnum.LocalReset)

    def _rewire(self, change: Callable[[str | None], None], interface: str | None) -> None:
        """Pull a network plug, or put it back."""
        try:
            change(interface)
        except KeyError as unknown:
            raise HandRefused(f"there is no interface {interface}") from unknown
        self._changed()

    async def _tell(self, action: Action) -> None:
        """Do what only the station can remember; NotKept where it could not."""
        self._need_memory()
        self._touched.perform(action)
        await asyncio.sleep(0)  # what is observed comes from the loop, in its order: it is there now
        self._need_memory()

    def _need_memory(self) -> None:
        failure = self._unbooted or (self.station.work.failure if self.station is not None else None)
        if failure:
            raise NotKept(f"the station is out of order, for nothing can be kept ({failure}): it forgets this")

    def _give_no_energy(self) -> None:
        """Where no station watches over it, no energy flows (decided case 19)."""
        take_all(partial(self._hardware.enable, evse.id, enabled=False) for evse in self.product.evses)

    # Watching

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call a function whenever something may have changed; for pages."""
        self._watchers.append(watcher)

    def _changed(self) -> None:
        for watcher in self._watchers:
            watcher()
