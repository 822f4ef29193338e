"""What a vendor's package brings so that `ohmstead run --hardware package:factory` starts a real machine."""

from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path

import msgspec

from ohmstead.ports.clock import StationClock
from ohmstead.ports.firmware import MachineFirmware
from ohmstead.ports.hardware import Hardware
from ohmstead.ports.machine_log import MachineLog
from ohmstead.product.profile import Product
from ohmstead.wire.messages import BootReasonEnum


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """A real machine: its hardware, and what else it does better than the defaults."""

    hardware: Hardware
    run: Callable[[], Coroutine[object, object, None]] | None = None
    """What goes on beside the station for as long as the process runs: polling, watchdogs. Begun before the station
    boots, cancelled after it has ended: no energy may flow then, for nobody watches over it. Should it end or raise by
    itself, the process ends and says so."""
    reboot: Callable[[BootReasonEnum], Awaitable[None]] | None = None
    """Restarts the machine, for instance its computer; none: a reboot restarts the station only."""
    firmware: MachineFirmware | None = None
    """Takes updates; none: images of `ohmstead firmware pack` go into the slots of the store, which changes the
    station only."""
    log: MachineLog | None = None
    """What GetLog uploads beside the diagnostics of the station."""
    clock: StationClock | None = None
    """None: the clock of the computer, which the CSMS corrects for the station alone."""


Factory = Callable[[Product, Path], Hardware | Machine]
"""Gets the product and a folder of its own for what it has to keep. Whatever it raises keeps the station from running,
and its text is shown."""
