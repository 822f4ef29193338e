"""What a vendor writes, as small as it gets: a machine on which nothing ever happens, and factories right and wrong."""

import asyncio
from pathlib import Path

from ohmstead.ports.hardware import EvseState, LockResult, MeterReading, Observer, PlugIn, Screen, UnlockResult
from ohmstead.ports.machine import Machine
from ohmstead.product.profile import Product


class Quiet:
    """A machine with a car that was plugged in before it was switched on."""

    def __init__(self, product: Product) -> None:
        self.evses = {evse.id for evse in product.evses}
        self.observer: Observer | None = None
        self.observed = asyncio.Event()

    def observe(self, observer: Observer | None) -> None:
        """Keep the observer."""
        self.observer = observer
        self.observed.set()

    def state(self, evse_id: int) -> EvseState:
        """Say that a car is there."""
        return EvseState(connector_id=1 if evse_id == 1 else None)

    def emergency_stop(self) -> bool:
        """Nobody presses it."""
        return False

    def memory_fault(self) -> str | None:
        """It has nothing to keep."""
        return None

    def read(self, evse_id: int) -> MeterReading:
        """Return a register that stands still."""
        return MeterReading(energy_wh=1000.0 * evse_id)

    def enable(self, evse_id: int, enabled: bool) -> None:
        """Do nothing with it."""

    def suspend(self, evse_id: int, suspended: bool) -> None:
        """Do nothing with it."""

    async def lock(self, evse_id: int, connector_id: int) -> LockResult:
        """There is no lock."""
        del evse_id, connector_id
        return LockResult.LockFailed

    async def unlock(self, evse_id: int, connector_id: int) -> UnlockResult:
        """There is no lock."""
        del evse_id, connector_id
        return UnlockResult.UnlockFailed

    def show(self, screen: Screen) -> None:
        """There is no display."""


def quiet(product: Product, _folder: Path) -> Quiet:
    """Return a bare Hardware."""
    return Quiet(product)


def driven(product: Product, folder: Path) -> Machine:
    """Return a machine whose driver sees a second car."""
    hardware = Quiet(product)

    async def drive() -> None:
        (folder / "driven").touch()
        await hardware.observed.wait()
        assert hardware.observer is not None
        hardware.observer(PlugIn(2, 1))
        await asyncio.Event().wait()

    return Machine(hardware=hardware, run=drive)


def ends(product: Product, _folder: Path) -> Machine:
    """Return a machine whose driver gives up."""

    async def drive() -> None:
        raise ConnectionError("the bus is gone")

    return Machine(hardware=Quiet(product), run=drive)


def stops(product: Product, _folder: Path) -> Machine:
    """Return a machine whose driver returns."""

    async def drive() -> None:
        return

    return Machine(hardware=Quiet(product), run=drive)


def unplugged(_product: Product, _folder: Path) -> Quiet:
    """Find no machine."""
    raise OSError("no machine at\n/dev/ttyUSB0")


def gives_up(_product: Product, _folder: Path) -> Quiet:
    """End the program."""
    raise SystemExit(3)


def nothing(_product: Product, _folder: Path) -> None:
    """Forget to return it."""


def without_arguments() -> None:
    """Take nothing."""


class Half:
    """Half of a machine."""

    def observe(self, observer: Observer | None) -> None:
        """Ignore it."""

    def show(self, screen: Screen) -> None:
        """Ignore it."""


def half(_product: Product, _folder: Path) -> Half:
    """Return half of a machine."""
    return Half()


def half_updated(product: Product, _folder: Path) -> Machine:
    """Return a machine whose firmware can do nothing, nor its log."""
    return Machine(hardware=Quiet(product), firmware=Half())  # type: ignore[arg-type]  # that is what is refused


def half_logged(product: Product, _folder: Path) -> Machine:
    """Return a machine whose log cannot be read."""
    return Machine(hardware=Quiet(product), log=Half())  # type: ignore[arg-type]  # that is what is refused


number = 7
