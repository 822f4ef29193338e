"""A real station process with two people at it, made to be killed: `python -m tests.torture.station ...`.

Everything is what `ohmstead run` is built of: SQLite store, TLS WebSocket, simulated machine with its journal, real
time. The people look at what is there when the process begins and go on from it.
"""

import argparse
import asyncio
from collections.abc import Callable
from pathlib import Path
from random import Random

from ohmstead.cli.run.data import open_folder
from ohmstead.cli.run.machines import SimulatedMachine
from ohmstead.cli.run.site import RunSite
from ohmstead.edge.simulator.ev import MODELS, SimulatedEvModel
from ohmstead.ports.hand import HandRefused
from ohmstead.product.load import load
from ohmstead.runtime.config import StationConfig
from ohmstead.runtime.host import Host
from ohmstead.runtime.station import Station

PRODUCT = "sec1000-240y"
IDENTITY = "CS-0815"
CAR = SimulatedEvModel(
    name="quick",
    label="Ready in an instant",
    battery_wh=1_000_000,
    curve=((0.0, 180_000.0), (100.0, 180_000.0)),
    voltage=(600, 790),
    max_current_a=500,
    start_soc=(20.0, 20.0),
    cable_check_s=(0.05, 0.05),
    precharge_s=(0.05, 0.05),
)


class Person:
    """Charges at one EVSE again and again, with a card of their own."""

    def __init__(self, site: RunSite, evse_id: int, random: Random, reader: asyncio.Lock) -> None:
        assert isinstance(site.machine, SimulatedMachine) and site.hand is not None
        self.host = site.host
        self.hand = site.hand
        self.simulator = site.machine.simulator
        self.evse_id = evse_id
        self.card = f"04CARD{evse_id}"
        self.random = random
        self.reader = reader

    @property
    def plugged(self) -> bool:
        """Say whether the cable is in."""
        return self.simulator.state(self.evse_id).connector_id is not None

    @property
    def authorized(self) -> bool:
        """Say whether the display says that one may charge here."""
        station = self.host.station
        session = station.charging.sessions.at(self.evse_id) if station is not None else None
        return session is not None and session.authorized

    async def live(self) -> None:
        """Do the next sensible thing every now and then."""
        while True:
            await asyncio.sleep(self.random.uniform(0.02, 0.25))
            try:
                await self._next()
            except HandRefused:
                continue

    async def _next(self) -> None:
        if not self.plugged:
            await self.hand.plug(self.evse_id, ev=CAR.name)
        elif not self.authorized:
            await self._show_card()
        elif self.random.random() < 0.3:
            await self._stop()

    async def _show_card(self) -> None:
        """One at a time: there is one reader, and the display asks where two cars wait."""
        async with self.reader:
            await self.hand.present(self.card)
            await asyncio.sleep(0.12)
            screen = self.simulator.screen
            if screen is not None and (option := f"evse-{self.evse_id}") in dict(screen.options):
                await self.hand.choose(option)

    async def _stop(self) -> None:
        way = self.random.randrange(3)
        if way == 0:
            await self._show_card()
        elif way == 1:
            await self.hand.stop_by_ev(self.evse_id)
        await asyncio.sleep(self.random.uniform(0, 0.1))
        await self.hand.unplug(self.evse_id)

    async def go_home(self) -> None:
        """Pull the cable."""
        if self.plugged:
            await self.hand.unplug(self.evse_id)


async def main(arguments: argparse.Namespace) -> None:
    """Run the station until it is killed, or with `--finish` until everything has ended and is delivered."""
    MODELS[CAR.name] = CAR
    site = RunSite(load(PRODUCT), open_folder(arguments.data, PRODUCT))
    host = site.host
    host.config = StationConfig(
        identity=IDENTITY,
        csms_url=arguments.url,
        security_profile=2,
        password=arguments.password,
        roots=(arguments.root.read_text(),),
    )
    reader = asyncio.Lock()
    people = [Person(site, evse_id, Random(f"{arguments.seed}/{evse_id}"), reader) for evse_id in (1, 2)]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(host.run()), group.create_task(site.machine.tend())]
        if not arguments.finish:
            tasks += [group.create_task(person.live()) for person in people]
            return
        await until(host, lambda station: station.calls.online)
        for person in people:
            await person.go_home()
        await until(
            host, lambda station: not station.outbox.entries and not station.charging.sessions.with_transaction()
        )
        for task in tasks:
            task.cancel()


async def until(host: Host, condition: Callable[[Station], bool]) -> None:
    """Wait until a condition holds of the station; looked at whenever something may have changed."""
    changed = asyncio.Event()
    host.watch(changed.set)
    while host.station is None or not condition(host.station):
        changed.clear()
        await changed.wait()


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--url", required=True)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--seed", required=True)
    parser.add_argument("--finish", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(parse()))
