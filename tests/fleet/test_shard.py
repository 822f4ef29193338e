"""Whole stations of several products charge at one CSMS in virtual time: nothing is lost, and the energy adds up."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from ohmstead.csms.backoffice import EmbeddedCsms
from ohmstead.csms.settings import CsmsSettings, CsmsToken, KnownStation
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.memory_network import MemoryNetwork
from ohmstead.edge.sources import real
from ohmstead.edge.virtual_time import run
from ohmstead.fleet.plan import FleetGroup, FleetPlan, card_of, stations
from ohmstead.fleet.shard import Shard
from ohmstead.fleet.station import FleetAccess
from ohmstead.fleet.tally import ShardTally, total
from ohmstead.ports.bench import CsmsTransaction
from ohmstead.product.load import load

URL = "wss://csms.example/ocpp"
PASSWORD = "correct-horse-battery"
BUSY = FleetGroup(count=1, identity="CS-{number}", arrivals_per_hour=60.0, stay=(30.0, 90.0))
PLAN = FleetPlan(
    duration=240.0,
    ramp=5.0,
    drain=60.0,
    group=(
        BUSY,
        msgspec.structs.replace(BUSY, product="ac-wallbox", identity="AC-{number}"),
        msgspec.structs.replace(BUSY, product="depot", identity="DE-{number}"),
    ),
)


def live(plan: FleetPlan, folder: Path, wallet: bool = True) -> tuple[ShardTally, tuple[CsmsTransaction, ...]]:
    """Run a plan against the embedded CSMS; return what the shard has counted, and what the CSMS was told."""

    async def scene() -> tuple[ShardTally, tuple[CsmsTransaction, ...]]:
        fleet = list(stations(plan))
        evses = {one.identity: len(load(one.group.product).evses) for one in fleet}
        cards = [
            card_of(one.group, one.number, evse + 1, evses[one.identity])
            for one in fleet
            for evse in range(evses[one.identity])
        ]
        settings = CsmsSettings(
            stations=tuple(KnownStation(identity=one.identity, password=PASSWORD) for one in fleet),
            tokens=tuple(CsmsToken(id_token=card) for card in cards) if wallet else (),
            master_pass_group="",
        )
        csms = EmbeddedCsms(settings, clock=LoopClock(), sources=real())
        network = MemoryNetwork()
        network.listen(URL, csms.admit, csms.serve)
        access = FleetAccess(url=URL, security_profile=2, password=PASSWORD)
        shard = Shard(plan, access, folder, dialer=lambda _: network.dialer())
        await shard.run()
        return shard.tally(), csms.transactions()

    return run(scene(), limit=plan.duration * 2)


def test_nothing_is_lost_and_the_energy_adds_up(tmp_path: Path) -> None:
    tally, told = live(PLAN, tmp_path)
    assert (tally.stations, tally.accepted, tally.turned_away) == (3, 3, 0)
    assert tally.transactions > 5
    assert tally.transactions == tally.ended == len(told)
    assert (tally.lost, tally.waiting, tally.discarded) == (0, 0, 0)
    assert tally.answered == tally.events == sum(one.events for one in told)
    assert [one for one in told if one.missing or one.faults or one.ended_at is None] == []
    assert sum(one.energy_wh for one in told) == pytest.approx(tally.energy_wh, abs=0.2 * len(told))


def test_the_end_of_a_run_turns_nobody_away_who_has_come(tmp_path: Path) -> None:
    """Whoever stands before a station at the end of the duration still presents the card, and is counted."""
    group = msgspec.structs.replace(BUSY, count=4, arrivals_per_hour=720.0, stay=(1.0, 3.0))
    tally, told = live(msgspec.structs.replace(PLAN, duration=30.0, group=(group,)), tmp_path)
    assert (tally.turned_away, tally.waiting) == (0, 0)
    assert tally.visits == tally.transactions == tally.ended == len(told)
    assert [one for one in told if one.missing or one.ended_at is None] == []


def test_power_and_network_come_and_go(tmp_path: Path) -> None:
    groups = tuple(
        msgspec.structs.replace(
            group, outages_per_hour=30.0, outage=(10.0, 20.0), power_cuts_per_hour=20.0, power_cut=(5.0, 10.0)
        )
        for group in PLAN.group
    )
    tally, told = live(msgspec.structs.replace(PLAN, group=groups, drain=300.0), tmp_path)
    assert tally.reconnects > 0
    assert tally.lost == 0
    assert [one for one in told if one.missing] == []


def test_a_card_that_is_refused_charges_nobody(tmp_path: Path) -> None:
    plan = msgspec.structs.replace(PLAN, duration=300.0, group=(BUSY,))
    tally, told = live(plan, tmp_path, wallet=False)
    assert tally.visits > 0
    assert tally.turned_away == tally.visits
    assert tally.energy_wh == 0.0
    assert sum(one.energy_wh for one in told) == 0.0


def test_a_shard_that_is_stopped_ends_at_once(tmp_path: Path) -> None:
    async def scene() -> None:
        shard = Shard(PLAN, FleetAccess(url=URL, security_profile=2, password=PASSWORD), tmp_path)
        running = asyncio.create_task(shard.run())
        await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert shard.tally().started == 0

    run(scene())


def test_shards_share_the_stations_between_them(tmp_path: Path) -> None:
    async def scene() -> None:
        access = FleetAccess(url=URL, security_profile=2, password=PASSWORD)
        tallies = [Shard(PLAN, access, tmp_path, number=number, of=2).tally() for number in range(2)]
        assert [one.stations for one in tallies] == [2, 1]
        whole = total(tallies)
        assert (whole.stations, whole.processes) == (3, 2)

    run(scene())
