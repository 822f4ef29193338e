"""Numbers of events that are wrong, and tokens that may be used once at a time."""

from collections.abc import Awaitable

import pytest

from ohmstead.csms.settings import CsmsToken, Tariff
from ohmstead.csms.transaction_log import KEPT_RUNNING, TransactionLog
from ohmstead.csms.transaction_record import MAX_FAULTS, MAX_STRETCHES
from ohmstead.wire import messages as m
from ohmstead.wire.messages import AuthorizationStatusEnum, TransactionEventEnum
from tests.csms.office import START, World, event, run, token, with_settings
from tests.csms.test_csms_transactions import filed

STARTED, UPDATED, ENDED = TransactionEventEnum.Started, TransactionEventEnum.Updated, TransactionEventEnum.Ended
ONCE = with_settings(tokens=(CsmsToken(id_token="04A1B2C3", concurrent=False), CsmsToken(id_token="04D4E5F6")))
CARD = token("04A1B2C3")


@pytest.mark.parametrize("number", [-1, -7, -(2**31)])
def test_a_negative_number_is_answered_shown_and_counts_as_no_event_that_is_missing(number: int) -> None:
    async def main() -> None:
        world = World()
        async with world.station() as station:
            await station.boot()
            await station.call(event(0, STARTED, wh=0.0))
            await station.call(event(number, wh=9e6))
            await station.call(event(1, ENDED, wh=1000.0))
        (transaction,) = world.csms.transactions()
        assert (transaction.missing, transaction.last_seq_no, transaction.energy_wh) == ((), 1, 1000.0)
        assert transaction.faults == (f"seqNo {number} is no number of an event",)
        assert f"TransactionEvent: tx-1: {transaction.faults[0]}" in world.csms.notices("CP1")

    run(main)


def test_a_station_that_numbers_everything_minus_one_still_starts_and_ends() -> None:
    transaction = filed(event(-1, STARTED, id_token=CARD, wh=0.0), event(-1, wh=5.0), event(-1, ENDED, wh=9.0))
    assert transaction.started_at is not None and transaction.ended_at is not None
    assert (transaction.evse_id, transaction.id_token, transaction.cost) == (1, "••••B2C3", None)
    assert transaction.missing == ()


def test_a_second_beginning_and_a_second_end_are_named_and_change_nothing() -> None:
    transaction = filed(event(0, STARTED, wh=0.0), event(1, STARTED, wh=5.0), event(3, ENDED, wh=9.0), event(2, ENDED))
    assert transaction.energy_wh == 9.0
    assert transaction.faults == ("a second Started came, with seqNo 1", "a second Ended came, with seqNo 2")


def test_a_station_that_leaves_every_second_number_out_costs_no_more_memory_than_that() -> None:
    ledger = TransactionLog()
    ledger.take(event(0, STARTED))
    for number in range(2, 4 * MAX_STRETCHES, 2):
        ledger.take(event(number))
        ledger.take(event(-number))
        ledger.take(event(number, wh=1.0))
    (record,) = ledger.records()
    assert len(record.row.stretches) == MAX_STRETCHES
    assert len(record.row.faults) == MAX_FAULTS
    assert record.snapshot("CP1", Tariff()).last_seq_no == 4 * MAX_STRETCHES - 2


def test_transactions_that_never_end_are_not_kept_for_ever() -> None:
    ledger = TransactionLog()
    for number in range(KEPT_RUNNING + 5):
        ledger.take(event(0, STARTED, transaction_id=f"tx-{number}"))
    kept = [record.transaction_id for record in ledger.records()]
    assert (len(kept), kept[0]) == (KEPT_RUNNING, "tx-5")


@pytest.mark.parametrize("kind", [STARTED, UPDATED, ENDED])
@pytest.mark.parametrize("identity", ["CP1", "CP2"])
def test_a_token_for_one_transaction_at_a_time_is_concurrent_in_every_event_of_the_second(
    kind: TransactionEventEnum, identity: str
) -> None:
    """With TxStartPoint EVConnected its Started has no token; the other transaction may run at another station."""

    async def main() -> None:
        world = World(ONCE)
        async with world.station() as first, world.station("CP2") as elsewhere:
            second = first if identity == "CP1" else elsewhere
            assert await status_of(first.call(event(0, STARTED, id_token=CARD))) == "Accepted"
            if kind is not STARTED:
                await second.call(event(0, STARTED, transaction_id="tx-2"))
            other = event(0 if kind is STARTED else 1, kind, transaction_id="tx-2", id_token=token("04a1b2c3"))
            assert await status_of(second.call(other)) == "ConcurrentTx"

    run(main)


def test_the_first_of_two_goes_on_and_the_second_may_once_the_first_has_ended() -> None:
    async def main() -> None:
        async with World(ONCE).station() as station:
            await station.call(event(0, STARTED, id_token=CARD))
            begins = event(0, STARTED, transaction_id="tx-2", id_token=CARD)
            goes_on = event(1, transaction_id="tx-2", id_token=CARD)
            assert await status_of(station.call(begins)) == "ConcurrentTx"
            assert await status_of(station.call(event(1, id_token=CARD))) == "Accepted"
            assert await status_of(station.call(event(2, ENDED, id_token=CARD))) == "Accepted"
            assert await status_of(station.call(goes_on)) == "Accepted"

    run(main)


def test_a_card_that_only_stops_another_ones_transaction_is_in_no_use_there() -> None:
    async def main() -> None:
        async with World(ONCE).station() as station:
            await station.call(event(0, STARTED, id_token=CARD))
            await station.call(event(0, STARTED, transaction_id="tx-2", id_token=token("04D4E5F6")))
            assert await status_of(station.call(event(1, ENDED, transaction_id="tx-2", id_token=CARD))) == "Accepted"

    run(main)


def test_other_cards_may_be_used_as_often_as_they_like() -> None:
    async def main() -> None:
        async with World(ONCE).station() as station:
            for name in ("tx-1", "tx-2"):
                started = event(0, STARTED, transaction_id=name, id_token=token("04D4E5F6"))
                assert await status_of(station.call(started)) == "Accepted"

    run(main)


def test_a_card_for_evses_that_the_station_has_not_is_not_at_this_location() -> None:
    """C01.FR.22; where it has some of them they are listed (C01.FR.20), and where nobody knows as well."""

    async def main() -> None:
        world = World(with_settings(tokens=(CsmsToken(id_token="04A1B2C3", evse_ids=(2, 3)),)))
        async with world.station() as station:
            for evse, expected, listed in (
                (None, "Accepted", (2, 3)),
                (1, "NotAtThisLocation", None),
                (2, "Accepted", (2, 3)),
            ):
                if evse is not None:
                    await station.call(
                        m.StatusNotificationRequest(
                            timestamp=START,
                            connector_status=m.ConnectorStatusEnum.Available,
                            evse_id=evse,
                            connector_id=1,
                        )
                    )
                info = (await station.call(m.AuthorizeRequest(id_token=CARD))).id_token_info
                assert (info.status, info.evse_id) == (expected, listed)

    run(main)


async def status_of(response: Awaitable[m.TransactionEventResponse]) -> AuthorizationStatusEnum:
    info = (await response).id_token_info
    assert info is not None
    return info.status
