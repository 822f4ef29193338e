"""The machine of `ohmstead run`: the simulated one, which has a hand, or a vendor's, which people touch themselves."""

import asyncio
import logging
from abc import ABC, abstractmethod
from pathlib import Path
from random import Random

from ohmstead.cli.run.options import RunRefused
from ohmstead.edge.interfaces import Interfaces
from ohmstead.edge.simulator import FAULTS, SimulatedHand, Simulator, StateFile, ev_models
from ohmstead.ports.bench import EvModel
from ohmstead.ports.hand import Hand
from ohmstead.ports.hardware import Hardware
from ohmstead.ports.machine import Machine
from ohmstead.ports.supervisor import Supervisor
from ohmstead.product.profile import Product
from ohmstead.runtime.bench import MachineLook
from ohmstead.site.look import look_at

TEND = 1.0
"""Seconds of metering that the end of the process costs at most."""

_log = logging.getLogger(__name__)


class RunMachine(ABC):
    """What `ohmstead run` has to know of a machine."""

    hardware: Hardware
    ev_models: tuple[EvModel, ...] = ()
    """What can be plugged in."""
    fault_codes: tuple[str, ...] = ()
    """What can be broken."""

    def hand(self, _supervisor: Supervisor, _interfaces: Interfaces) -> Hand | None:
        """Return who touches it; None: only people of flesh and blood can."""
        return None

    @abstractmethod
    def look(self) -> MachineLook:
        """Look at it, for pages."""

    @abstractmethod
    async def tend(self) -> None:
        """Do what has to be done beside the station, until cancelled."""

    def keep(self) -> None:
        """Write down for the next process what is not written down yet."""
        return


class SimulatedMachine(RunMachine):
    """The simulator, kept in a file."""

    ev_models = ev_models()
    fault_codes = FAULTS

    def __init__(self, product: Product, path: Path, seed: int | None) -> None:
        self._product = product
        self._state = StateFile(path)
        try:
            self.simulator = Simulator(product, random=Random(seed), state=self._state.load(), journal=self._state.save)
        except ValueError as error:
            raise RunRefused(f"{path} does not fit ({error}): move it away, or use another --data folder") from None
        self.hardware = self.simulator

    def hand(self, supervisor: Supervisor, interfaces: Interfaces) -> SimulatedHand:
        """Return the hands at the simulator."""
        return SimulatedHand(self.simulator.hand, supervisor, interfaces)

    def look(self) -> MachineLook:
        """Look at it; no meter that somebody has seen goes back when the process is killed."""
        self._read_meters()
        return self.simulator.snapshot()

    async def tend(self) -> None:
        """Keep the meters up to date on the disk while energy flows, whoever looks at them."""
        while True:
            await asyncio.sleep(TEND)
            self._read_meters()

    def _read_meters(self) -> None:
        for evse in self._product.evses:
            self.simulator.read(evse.id)

    def keep(self) -> None:
        """Write down the machine for the next process."""
        try:
            self._state.save(self.simulator.capture())
        except OSError as error:
            _log.error("the machine could not be written down: %s", error)


class RealMachine(RunMachine):
    """What a vendor's factory has made."""

    def __init__(self, product: Product, machine: Machine) -> None:
        self._product = product
        self._machine = machine
        self.hardware = machine.hardware

    def look(self) -> MachineLook:
        """Ask it for what its port tells."""
        return look_at(self._product, self.hardware)

    async def tend(self) -> None:
        """Let the driver do its work. Raises RunRefused when it ends by itself: nobody has the machine then."""
        if self._machine.run is None:
            await asyncio.Event().wait()
            return
        try:
            await self._machine.run()
        except Exception as error:
            _log.exception("the driver failed")
            raise RunRefused(f"--hardware: the driver failed: {type(error).__name__}: {error}") from error
        raise RunRefused("--hardware: the driver came to an end by itself")
