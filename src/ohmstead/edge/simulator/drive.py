"""Keeps a machine in step with the event loop: moves it, wakes it, and hands on what it observes."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from math import inf

from ohmstead.edge.simulator.machine import SimulatedCabinet
from ohmstead.edge.simulator.views import SimulatorState
from ohmstead.ports.hardware import MemoryFaultChanged, Observation, Observer

WRITE_AGAIN = 5.0
"""Seconds between two attempts to write to a journal that has failed."""

_log = logging.getLogger(__name__)


class Drive:
    """One machine on one loop. Observations are called back from the loop, in order, never from inside a command.

    A journal that fails (OSError) stops no command: it opens every contactor, and is tried again until it works.
    """

    def __init__(self, machine: SimulatedCabinet, journal: Callable[[SimulatorState], None] | None) -> None:
        self.machine = machine
        self._journal = journal
        self._observer: Observer | None = None
        self._epoch = 0
        self._now = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._again: asyncio.TimerHandle | None = None
        self._registers = {outlet.evse_id: outlet.register_wh for outlet in machine.capture(0.0).outlets}

    def observe(self, observer: Observer | None) -> None:
        """Change the observer; what has not reached the old one is dropped."""
        self._observer = observer
        self._epoch += 1

    def catch_up(self, at_least: float = 0.0) -> float:
        """Move the machine to now, and return now in seconds of the loop."""
        self._now = max(asyncio.get_running_loop().time(), at_least, self._now)
        if seen := self.machine.advance(self._now):
            self.emit(seen)
            self.write_down(self._now)
        return self._now

    @contextmanager
    def acting(self) -> Iterator[tuple[float, list[Observation]]]:
        """Change the machine inside the block: it yields now, and a list for the observations that are causes.

        What follows from the change is observed behind them.
        """
        now = self.catch_up()
        self.machine.settle(now)
        seen: list[Observation] = []
        yield now, seen
        seen += self.machine.refresh(now)
        self.emit(seen)
        self._arm()
        self.write_down(now)

    def emit(self, seen: Iterable[Observation]) -> None:
        """Hand observations to whoever observes now; nobody: they are lost, as the state tells them later."""
        if self._observer is None:
            return
        loop = asyncio.get_running_loop()
        for observation in seen:
            loop.call_soon(self._deliver, observation, self._epoch)

    def write_down(self, now: float) -> None:
        """Let the journal have the state, where there is one."""
        if self._journal is None:
            return
        state = self.machine.capture(now)
        try:
            self._journal(state)
        except OSError as error:
            self._memory_changed(now, f"the machine: {error}")
            self._write_again()
        else:
            self._registers = {outlet.evse_id: outlet.register_wh for outlet in state.outlets}
            self._memory_changed(now, None)

    def written_wh(self, evse_id: int) -> float:
        """Return the register of an EVSE as it was written down last, in Wh."""
        return self._registers[evse_id]

    def _memory_changed(self, now: float, fault: str | None) -> None:
        before, self.machine.memory_fault = self.machine.memory_fault, fault
        if (before is None) == (fault is None):
            return
        if fault is not None:
            _log.error("%s: no energy until it can be written down again", fault)
        self.machine.settle(now)
        self.emit([MemoryFaultChanged(fault), *self.machine.refresh(now)])
        self._arm()

    def _write_again(self) -> None:
        if self._again is None:
            self._again = asyncio.get_running_loop().call_later(WRITE_AGAIN, self._try_again)

    def _try_again(self) -> None:
        self._again = None
        self.write_down(self.catch_up())

    def _deliver(self, observation: Observation, epoch: int) -> None:
        if self._observer and epoch == self._epoch:
            self._observer(observation)

    def _arm(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        moment = self.machine.wake_at()
        if moment < inf:
            self._timer = asyncio.get_running_loop().call_at(moment, self._wake, moment)

    def _wake(self, moment: float) -> None:
        self.catch_up(at_least=moment)
        self._arm()
