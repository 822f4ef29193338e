"""What the back office remembers after its restart, and what a full disk costs it."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from ohmstead.csms.settings import CsmsToken, Tariff
from ohmstead.csms.transaction_log import KEPT, KIND, TransactionLog
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.store_sqlite import SqliteStore
from ohmstead.ports.bench import CommandRefused
from ohmstead.ports.store import Put, StoreFailed, Write
from ohmstead.rpc import CallFailed
from ohmstead.wire import messages as m
from ohmstead.wire.messages import RegistrationStatusEnum, TransactionEventEnum
from tests.csms.office import World, event, run, token, with_settings

STARTED, ENDED = TransactionEventEnum.Started, TransactionEventEnum.Ended
SETTINGS = with_settings(tariff=Tariff(per_kwh=0.5), tokens=(CsmsToken(id_token="04A1B2C3", concurrent=False),))
CARD = token("04A1B2C3")


def test_a_transaction_goes_on_where_it_was(tmp_path: Path) -> None:
    async def main() -> None:
        path = tmp_path / "csms.db"
        store = SqliteStore(path)
        world = World(SETTINGS, store=store)
        begin, middle, end = (
            event(0, STARTED, id_token=CARD, wh=1000.0),
            event(1, wh=2000.0),
            event(3, ENDED, wh=5000.0),
        )
        async with world.station() as station:
            await station.boot()
            for each in (begin, middle):
                await station.call(each)
        before = world.csms.transactions()
        assert path.stat().st_mode & 0o777 == 0o600
        world = World(SETTINGS, store=store.reopen())
        assert world.csms.transactions() == before
        async with world.station() as station:
            await station.call(middle)
            assert world.csms.transactions() == before
            assert (await station.call(end)).total_cost == 2.0
        (transaction,) = world.csms.transactions()
        assert (transaction.energy_wh, transaction.missing, transaction.events) == (4000.0, (2,), 3)

    run(main)


def test_what_was_answered_is_kept_when_the_power_goes(tmp_path: Path) -> None:
    async def main() -> None:
        store = SqliteStore(tmp_path / "csms.db")
        world = World(SETTINGS, store=store)
        async with world.station() as station:
            await station.boot()
            await station.call(event(0, STARTED, wh=0.0))
            store.sever()
            (kept,) = TransactionLog("CP1", store.reopen()).records()
        assert (kept.transaction_id, kept.running) == ("tx-1", True)

    run(main)


def test_a_card_in_use_is_still_in_use_and_the_first_one_goes_on() -> None:
    async def main() -> None:
        store = MemoryStore()
        world = World(SETTINGS, store=store)
        async with world.station() as station:
            await station.call(event(0, STARTED, id_token=CARD))
        world = World(SETTINGS, store=store.reopen())
        async with world.station("CP2") as other, world.station() as station:
            second = await other.call(event(0, STARTED, transaction_id="tx-2", id_token=CARD))
            first = await station.call(event(1, id_token=CARD))
        assert second.id_token_info is not None and first.id_token_info is not None
        assert (second.id_token_info.status, first.id_token_info.status) == ("ConcurrentTx", "Accepted")

    run(main)


@pytest.mark.parametrize("status", [RegistrationStatusEnum.Pending, RegistrationStatusEnum.Rejected])
def test_a_station_that_was_not_accepted_is_not_served_after_a_restart(status: RegistrationStatusEnum) -> None:
    async def main() -> None:
        store = MemoryStore()
        async with World(with_settings(first_boot_answers=(status,)), store=store).station() as station:
            await station.boot()
        world = World(store=store.reopen())
        async with world.station() as station:
            with pytest.raises(CallFailed, match="SecurityError"):
                await station.call(m.HeartbeatRequest())
            with pytest.raises(CommandRefused, match=r"B0[23]"):
                await world.csms.send("CP1", "ClearCache", {})
            await station.boot()
            await station.call(m.HeartbeatRequest())

    run(main)


def test_stations_have_their_own_transactions_whatever_their_names() -> None:
    async def main() -> None:
        store = MemoryStore()
        for identity in ("A", "A/B", "a", "A%2FB"):
            TransactionLog(identity, store).take(event(0, STARTED, transaction_id="B/tx"))
        store = store.reopen()
        assert [len(TransactionLog(identity, store).records()) for identity in ("A", "A/B", "a", "A%2FB", "B")] == [
            1,
            1,
            1,
            1,
            0,
        ]

    run(main)


def test_a_row_that_cannot_be_read_costs_that_transaction_only() -> None:
    store = MemoryStore()
    ledger = TransactionLog("CP1", store)
    ledger.take(event(0, STARTED, transaction_id="good"))
    ledger.take(event(0, STARTED, transaction_id="bad"))
    store.commit([Put(KIND, "CP1/bad", b"\xff{")])
    assert [record.transaction_id for record in TransactionLog("CP1", store.reopen()).records()] == ["good"]


def test_what_is_forgotten_is_forgotten_on_the_disk_too() -> None:
    store = MemoryStore()
    ledger = TransactionLog("CP1", store)
    for number in range(KEPT + 3):
        ledger.take(event(0, ENDED, transaction_id=f"tx-{number}"))
    assert len(store.rows(KIND)) == KEPT


class Full(MemoryStore):
    """A disk that is full for a while."""

    full = False

    def commit(self, writes: Sequence[Write]) -> None:
        if self.full:
            raise StoreFailed("disk full")
        super().commit(writes)


def test_a_full_disk_loses_no_event_that_was_answered() -> None:
    """The station deletes what was answered: it stays in memory and is written as soon as there is room."""

    async def main() -> None:
        store = Full()
        world = World(SETTINGS, store=store)
        async with world.station() as station:
            await station.boot()
            await station.call(event(0, STARTED, wh=0.0))
            store.full = True
            await station.call(event(1, wh=3000.0))
            await station.call(event(0, STARTED, transaction_id="tx-2"))
            store.full = False
            assert len(store.rows(KIND)) == 1
            await station.call(event(0, STARTED, transaction_id="tx-3"))
        assert [record.transaction_id for record in TransactionLog("CP1", store.reopen()).records()] == [
            "tx-1",
            "tx-2",
            "tx-3",
        ]
        assert {one.energy_wh for one in World(SETTINGS, store=store.reopen()).csms.transactions()} == {0.0, 3000.0}

    run(main)
