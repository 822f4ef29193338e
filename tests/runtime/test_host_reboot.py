"""A machine that restarts after a run that ended in good order; the next process hears why."""

import asyncio
from contextlib import suppress
from random import Random

import pytest

from ohmstead.edge.client_keys import MemoryClientKeys
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.files_memory import MemoryFiles, MemoryFileServers
from ohmstead.edge.memory_network import MemoryNetwork
from ohmstead.edge.restartable_dialer import RestartableDialer
from ohmstead.edge.simulator import SimulatedHand, Simulator
from ohmstead.edge.sources import seeded
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.virtual_time import run
from ohmstead.product.load import load
from ohmstead.site import Site, Surroundings
from ohmstead.wire import messages as wire
from tests.runtime.site import CONFIG, START, URL, ScriptedCsms

Reason = wire.BootReasonEnum


class Computer:
    """What a station runs on, process after process, on one disk.

    Attributes:
        restarts: the reasons for which it was asked to restart.
        breaks: what it does instead.
    """

    def __init__(self, *, ends: bool) -> None:
        self.store = MemoryStore()
        self.network = MemoryNetwork()
        self.csms = ScriptedCsms(LoopClock(START))
        self.network.listen(URL, self.csms.admit, self.csms.serve)
        self.restarts: list[Reason] = []
        self.breaks: Exception | None = None
        self._ends = ends

    async def restart(self, reason: Reason) -> None:
        """Restart: the process ends with it, or does not."""
        self.restarts.append(reason)
        if self.breaks is not None:
            raise self.breaks
        if self._ends:
            await asyncio.Event().wait()

    def process(self) -> Site:
        """Begin a process."""
        site = Site(
            load("sec1000-240y"),
            Simulator(load("sec1000-240y"), random=Random(1)),
            Surroundings(
                clock=LoopClock(START),
                store=self.store,
                dialer=RestartableDialer(self.network.dialer),
                sources=lambda boot: seeded(1, boot),
                files=lambda: MemoryFiles(MemoryFileServers(), {}),
                client_keys=MemoryClientKeys(),
            ),
            CONFIG,
            reboot=self.restart,
        )
        self.task = asyncio.create_task(site.host.run())
        return site

    async def end(self) -> None:
        """End the process."""
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task

    def reasons(self) -> list[Reason]:
        """Return the reasons of the boots that the CSMS heard of."""
        return [boot.reason for boot in self.csms.of(wire.BootNotificationRequest)]

    async def reset(self) -> None:
        """Let the CSMS reset the station."""
        await self.csms.call(wire.ResetRequest(type=wire.ResetEnum.Immediate))
        await asyncio.sleep(30)


@pytest.mark.parametrize("ends", [True, False], ids=["the process ends", "it comes back"])
def test_a_reset_restarts_the_machine(ends: bool) -> None:
    async def live() -> None:
        computer = Computer(ends=ends)
        computer.process()
        await asyncio.sleep(30)
        await computer.reset()
        assert computer.restarts == [Reason.RemoteReset]
        if ends:
            await computer.end()
            computer.process()
            await asyncio.sleep(30)
        assert computer.reasons() == [Reason.PowerUp, Reason.RemoteReset]
        await computer.end()
        computer.process()
        await asyncio.sleep(30)
        assert computer.reasons()[2:] == [Reason.PowerUp]
        await computer.end()

    run(live(), limit=3600)


def test_a_machine_that_cannot_restart_keeps_no_station_down() -> None:
    async def live() -> None:
        computer = Computer(ends=False)
        computer.breaks = OSError("no permission")
        computer.process()
        await asyncio.sleep(30)
        await computer.reset()
        assert computer.reasons() == [Reason.PowerUp, Reason.RemoteReset]
        await computer.end()

    run(live(), limit=3600)


def test_a_power_cut_is_no_restart() -> None:
    async def live() -> None:
        computer = Computer(ends=False)
        site = computer.process()
        assert isinstance(site.hardware, Simulator)
        hand = SimulatedHand(site.hardware.hand, site.host, computer.network)
        await asyncio.sleep(30)
        await hand.cut_power()
        await hand.restore_power()
        await asyncio.sleep(30)
        assert computer.restarts == []
        assert computer.reasons() == [Reason.PowerUp, Reason.PowerUp]
        await computer.end()

    run(live(), limit=3600)
