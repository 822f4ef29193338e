"""A station in the event loop of the test."""

import asyncio
from contextlib import ExitStack
from pathlib import Path

from ohmstead.edge.clock import LoopClock
from ohmstead.edge.private_files import temporary_folder
from ohmstead.ports.bench import ConnectionView, StationView
from ohmstead.ports.hand import Action
from ohmstead.rpc.connection import Direction
from ohmstead.rpc.fault_table import FaultTable
from ohmstead.site.simulated import SimulatedSite
from ohmstead.testing.setup import StationSetup
from ohmstead.testing.wire import Wire

END_WITHIN = 1.5
"""Seconds for the end in good order; what is not done by then loses its power."""


class StationInLoop:
    """Runs a `SimulatedSite` in one task, whose end is the end of all that it has: a loop that is closed closes it."""

    def __init__(self, setup: StationSetup) -> None:
        """Check what is wanted. Raises SetupError, ProductError."""
        self._product = setup.loaded()
        self._config = setup.config(self._product)
        self._seed = setup.seed
        self._ending = ExitStack()
        self.faults = FaultTable()
        self.wire = Wire(setup.identity, setup.patience, self._state)
        self._task: asyncio.Task[None] | None = None
        self._folder: Path | None = None

    async def start(self) -> None:
        """Give it its power."""
        self._clock = LoopClock()  # the station's own is set by its CSMS
        self._site = SimulatedSite(self._product, self._config, self._files, seed=self._seed, faults=self.faults)
        self._bench = self._site.bench()
        self._site.frames.append(self._seen)
        self._task = asyncio.get_running_loop().create_task(self._live(), name=f"station {self._config.identity}")

    async def _live(self) -> None:
        host = self._site.host
        running = asyncio.get_running_loop().create_task(host.run(), name=f"host of {self._config.identity}")
        try:
            await asyncio.shield(running)
        finally:
            running.cancel()
            try:
                await asyncio.wait((running,), timeout=END_WITHIN)
                if not running.done():
                    host.lose_power()
                    await asyncio.wait((running,), timeout=END_WITHIN)
            finally:
                self._ending.close()

    def _files(self) -> Path:
        if self._folder is None:
            self._folder = Path(self._ending.enter_context(temporary_folder("testing")))
        return self._folder / "files"

    def _seen(self, direction: Direction, text: str) -> None:
        self.wire.record("station" if direction is Direction.Sent else "csms", text, self._clock.now())

    async def perform(self, action: Action) -> None:
        """Do something at it."""
        await self._site.hand.perform(action)

    async def view(self) -> StationView:
        """Return what a page would show of it. Raises the mistake of a station that has come to an end by it."""
        if self._task is not None and self._task.done() and not self._task.cancelled():
            self._task.result()
        return self._bench.view()

    def delay(self, up: float, down: float) -> None:
        """Let messages travel so many seconds each way."""
        self._site.delay.set(up, down)

    def _state(self) -> str:
        return told_of(self._config.identity, self._bench.view().connection)

    async def close(self) -> None:
        """End it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
            self._task = None


def told_of(identity: str, connection: ConnectionView) -> str:
    """Return in a line how a station stands with its CSMS."""
    boot = f", BootNotification {connection.boot_status}" if connection.boot_status else ""
    last = f"; last error: {connection.last_error}" if connection.last_error else ""
    return f"station {identity} at {connection.url}: {connection.state}{boot}{last}"
