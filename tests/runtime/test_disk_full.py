"""A disk that fails at its n-th write, for every n: decided case 19 for everything that the station has to keep."""

import asyncio
import errno
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from random import Random

import httpx
import pytest

from ohmstead.edge.client_keys import ClientKeyFiles
from ohmstead.edge.interfaces import Interfaces
from ohmstead.edge.simulator import Simulator, StateFile
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.virtual_time import run
from ohmstead.ports.hand import NotKept
from ohmstead.ports.hardware import Supply
from ohmstead.product.profile import Product
from ohmstead.runtime.bench import StationBench
from ohmstead.web.app import create_app
from tests.generators import sample
from tests.runtime.disk import Disk, FailingStore, watched
from tests.runtime.own_certificate import Owner, config
from tests.runtime.site import Site, site
from tests.runtime.witness import Witness

CARDS = {1: "04A1B2C3", 2: "04D4E5F6"}
STEP = 20.0
OUTAGE = 40.0
ERRORS = {errno.ENOSPC: "full", errno.EIO: "broken", errno.EROFS: "read-only"}


def machine_on(folder: Path) -> type[Simulator]:
    """Return a machine that writes itself down in a folder, as that of a real station does."""

    class Kept(Simulator):
        def __init__(self, product: Product, *, random: Random) -> None:
            super().__init__(product, random=random, journal=StateFile(folder / "machine.json").save)

    return Kept


class Day:
    """Two cars charge one after the other and leave; whoever is told that something was not kept does it again."""

    def __init__(self, here: Site, disk: Disk) -> None:
        self.here = here
        self.disk = disk
        self.flowed: list[str] = []
        """Where energy was seen though nothing could be kept."""
        disk.on_full = self._full

    async def charging(self) -> None:
        """Live it."""
        hand = self.here.hand
        await self.here.set("SampledDataCtrlr", "TxUpdatedInterval", "30")
        for evse_id, card in CARDS.items():
            await self._do(partial(hand.plug, evse_id), partial(self._plugged, evse_id))
            await self._do(partial(hand.present, card), partial(self._owned, evse_id))
            await asyncio.sleep(STEP)
        await self._well()
        for evse_id in CARDS:
            assert self.here.simulator.state(evse_id).supply is Supply.Delivering, f"EVSE {evse_id} does not go on"
        for evse_id in CARDS:
            await self._do(partial(hand.unplug, evse_id), partial(self._free, evse_id))
        await self._well()

    async def reboots(self) -> None:
        """A service technician and the mains restart a station that charges."""
        hand = self.here.hand
        await self._do(partial(hand.plug, 1), partial(self._plugged, 1))
        await self._do(partial(hand.present, CARDS[1]), partial(self._owned, 1))
        await self._well()
        await hand.reboot()
        await self._well()
        await hand.cut_power()
        await asyncio.sleep(STEP)
        await hand.restore_power()
        await self._well()
        assert self.here.simulator.state(1).supply is Supply.Delivering
        await self._do(partial(hand.unplug, 1), partial(self._free, 1))
        await self._well()

    async def _do(self, action: Callable[[], Awaitable[None]], done: Callable[[], bool]) -> None:
        """Do something until it has come about: an error may say that it has not, silence may not."""
        while not done():
            kept = True
            try:
                await action()
            except NotKept:
                kept = False
            await asyncio.sleep(5)
            assert done() or not kept or self._troubled(), "it was said to be done, and is not"
            await self._well()

    async def _well(self) -> None:
        """Wait until the disk has been well for a while."""
        well = 0.0
        while well < STEP:
            await asyncio.sleep(1)
            well = 0.0 if self._troubled() else well + 1

    def _troubled(self) -> bool:
        station = self.here.host.station
        return self.disk.full or station is None or not station.work.keeps

    def _plugged(self, evse_id: int) -> bool:
        return self.here.simulator.state(evse_id).connector_id is not None

    def _free(self, evse_id: int) -> bool:
        return not self._plugged(evse_id)

    def _owned(self, evse_id: int) -> bool:
        station = self.here.host.station
        session = station.charging.sessions.at(evse_id) if station is not None else None
        return session is not None and session.authorized

    def _full(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(OUTAGE, self.disk.mend)
        # From inside the failing write: whoever meets it has the rest of this turn of the loop, observations the next.
        loop.call_later(0.01, self._look)

    def _look(self) -> None:
        if self._troubled():
            flowing = [at for at in CARDS if self.here.simulator.snapshot().evses[at - 1].power_w]
            self.flowed += [f"energy flows at EVSE {at}" for at in flowing]
            asyncio.get_running_loop().call_later(0.5, self._look)


Way = Callable[[Day], Awaitable[None]]


def lived(way: Way, folder: Path, fails_at: int | None, error: int = errno.ENOSPC, *, once: bool = False) -> list[str]:
    """Live a day on a disk that fails at a write, check what anybody saw of it, and return its writes."""
    disk = Disk(folder, error=error)
    lasted: list[str] = []

    async def live() -> None:
        async with site(store=FailingStore(disk), machine=machine_on(folder)) as here:
            witness = Witness(here)
            day = Day(here, disk)
            disk.writes, disk.fails_at, disk.once = 0, fails_at, once
            disk.log.clear()
            await way(day)
            lasted.extend(disk.log)
            assert not day.flowed, day.flowed[:3]
            witness.check()

    with watched(disk):
        run(live(), limit=7200)
    return lasted


WAYS: dict[str, Way] = {"charging": Day.charging, "reboots": Day.reboots}


@pytest.fixture(scope="module")
def writes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Every write of each way, in its order."""
    return {name: lived(way, tmp_path_factory.mktemp(name), None) for name, way in WAYS.items()}


@pytest.mark.parametrize("way", WAYS)
def test_rows_and_files_are_written(writes: dict[str, list[str]], way: str) -> None:
    """What is counted is what has to be kept: commits, and the machine's own file."""
    assert writes[way].count("commit") > 20
    assert writes[way].count("write") > 20


@pytest.mark.parametrize("once", [False, True], ids=["for a while", "once"])
@pytest.mark.parametrize("error", ERRORS, ids=ERRORS.values())
@pytest.mark.parametrize("way", WAYS)
def test_a_disk_that_fails_at_any_write(
    writes: dict[str, list[str]], way: str, error: int, once: bool, tmp_path: Path
) -> None:
    """Energy is off everywhere at once, nothing is said to be done that is not, nothing is lost or renumbered."""
    for number in sample(range(1, len(writes[way]) + 1), 3, f"disk {way} {error} {once}"):
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            lived(WAYS[way], folder, number, error, once=once)
        except BaseException as failure:
            failure.add_note(f"at write {number}: {writes[way][number - 1]}")
            raise


@pytest.mark.parametrize("folder_fails", ["keys", "machine.json"])
def test_one_place_alone_that_cannot_be_written_is_enough(folder_fails: str, tmp_path: Path) -> None:
    """A key that cannot be kept is like a row that cannot: energy off, Faulted, and on again where it was."""
    disk = Disk(tmp_path / folder_fails)

    async def live() -> None:
        async with site(config=config(), machine=machine_on(tmp_path)) as here:
            here.client_keys = ClientKeyFiles(tmp_path / "keys")
            owner = Owner(here)
            await here.hand.reboot()
            await asyncio.sleep(STEP)
            await here.hand.plug(1)
            await here.hand.present(CARDS[1])
            await asyncio.sleep(STEP)
            assert here.simulator.state(1).supply is Supply.Delivering
            disk.full = True
            assert await owner.trigger() == "Accepted"
            await asyncio.sleep(OUTAGE)
            assert here.simulator.snapshot().evses[0].power_w == 0.0
            assert set(here.csms.statuses.values()) == {"Faulted"}
            assert folder_fails != "keys" or owner.requests == []
            with pytest.raises(NotKept, match="No space left"):
                await here.hand.present(CARDS[2])
            disk.mend()
            await here.csms.until(lambda: bool(owner.requests))
            await asyncio.sleep(2 * STEP)
            assert here.simulator.state(1).supply is Supply.Delivering
            await here.hand.unplug(1)
            await asyncio.sleep(STEP)
            transactions = [event.transaction_info.transaction_id for event in here.csms.events]
            assert len(set(transactions)) == 1
            assert [event.seq_no for event in here.csms.events] == list(range(len(transactions)))

    with watched(disk):
        run(live(), limit=7200)


def test_the_power_is_cut_whole_though_the_disk_fails(tmp_path: Path) -> None:
    """Contactors, link and station go with the mains, whatever becomes of what is written then; and they come again."""
    disk = Disk(tmp_path)

    async def live() -> None:
        async with site(store=FailingStore(disk), machine=machine_on(tmp_path)) as here:
            await here.hand.plug(1)
            await here.hand.present(CARDS[1])
            await asyncio.sleep(STEP)
            disk.full = True
            await here.hand.cut_power()
            assert here.host.station is None
            assert not here.host.powered
            assert here.simulator.snapshot().evses[0].power_w == 0.0
            await here.hand.restore_power()
            await asyncio.sleep(OUTAGE)
            with pytest.raises(NotKept, match="out of order"):
                await here.hand.present(CARDS[2])
            disk.mend()
            await asyncio.sleep(2 * OUTAGE)
            assert here.simulator.state(1).supply is Supply.Delivering

    with watched(disk):
        run(live(), limit=7200)


@pytest.mark.parametrize("rows", [True, False], ids=["everything", "the machine alone"])
def test_the_control_api_says_that_it_was_not_kept(rows: bool, tmp_path: Path) -> None:
    """507 and the reason, never 200; what a hand did to the machine has happened all the same."""
    disk = Disk(tmp_path)

    async def live() -> None:
        store = FailingStore(disk) if rows else MemoryStore()
        async with site(store=store, machine=machine_on(tmp_path)) as here:
            plugs = Interfaces({"Wired0": None})
            bench = StationBench(
                here.host, clock=here.clock, look=here.simulator.snapshot, plugs=plugs, technologies={}
            )
            transport = httpx.ASGITransport(app=create_app(bench, here.hand))  # type: ignore[arg-type]  # plain dicts
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost/api/v1/hand/") as client:
                disk.full = True
                for action, body in (
                    ("plug", {"evse_id": 1}),
                    ("present", {"id_token": CARDS[1]}),
                    ("emergency-stop", {"pressed": True}),
                ):
                    answer = await client.post(action, json=body)
                    assert answer.status_code == 507, action
                    assert "No space left" in answer.json()["error"]
                assert here.simulator.state(1).connector_id == 1
                assert here.simulator.emergency_stop()

    with watched(disk):
        run(live(), limit=7200)
