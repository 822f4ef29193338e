"""Transactions as the back office files and bills them."""

from hypothesis import given
from hypothesis import strategies as st

from ohmstead.csms.settings import CsmsToken, Tariff
from ohmstead.csms.transaction_log import KEPT, TransactionLog
from ohmstead.csms.transaction_record import TransactionRecord
from ohmstead.ports.bench import CsmsTransaction
from ohmstead.wire import messages as m
from ohmstead.wire.messages import TransactionEventEnum
from tests.csms.office import START, World, event, run, token, with_settings

STARTED, ENDED = TransactionEventEnum.Started, TransactionEventEnum.Ended
TARIFF = Tariff(currency="EUR", per_kwh=0.5, session_fee=1.0)


def filed(*events: m.TransactionEventRequest) -> CsmsTransaction:
    ledger = TransactionLog()
    for each in events:
        ledger.take(each)
    (record,) = ledger.records()
    return record.snapshot("CP1", TARIFF)


def test_a_whole_charge_is_billed_at_its_end() -> None:
    async def main() -> None:
        world = World(with_settings(tariff=TARIFF))
        async with world.station() as station:
            await station.boot()
            first = await station.call(event(0, STARTED, id_token=token("04a1b2c3"), wh=1000.0))
            middle = await station.call(event(1, wh=5000.0))
            last = await station.call(event(2, ENDED, wh=11000.0))
        assert first.id_token_info is not None
        assert first.id_token_info.status is m.AuthorizationStatusEnum.Accepted
        assert (first.total_cost, middle.total_cost, last.total_cost) == (None, None, 6.0)
        (transaction,) = world.csms.transactions()
        assert (transaction.energy_wh, transaction.cost, transaction.currency) == (10000.0, 6.0, "EUR")
        assert (transaction.station, transaction.evse_id, transaction.events) == ("CP1", 1, 3)
        assert (transaction.missing, transaction.stopped_reason) == ((), "Local")
        assert transaction.id_token == "••••b2c3"

    run(main)


def test_a_free_transaction_costs_zero_and_one_without_readings_is_not_priced() -> None:
    async def main() -> None:
        world = World(with_settings(tariff=Tariff(per_kwh=0.0)))
        async with world.station() as station:
            await station.boot()
            await station.call(event(0, STARTED, wh=1.0))
            free = await station.call(event(1, ENDED, wh=2.0))
            await station.call(event(0, STARTED, transaction_id="tx-2"))
            unknown = await station.call(event(1, ENDED, transaction_id="tx-2"))
        assert free.total_cost == 0.0
        assert unknown.total_cost is None

    run(main)


def test_a_repeated_event_gets_the_same_answer_and_counts_once() -> None:
    async def main() -> None:
        world = World(with_settings(tariff=TARIFF))
        async with world.station() as station:
            await station.boot()
            start = event(0, STARTED, id_token=token("04A1B2C3"), wh=0.0)
            assert await station.call(start) == await station.call(start)
            end = event(1, ENDED, wh=2000.0)
            assert await station.call(end) == await station.call(end)
        (transaction,) = world.csms.transactions()
        assert (transaction.events, transaction.energy_wh) == (2, 2000.0)
        assert world.csms.notices("CP1") == ("BootNotification: PowerUp",)

    run(main)


def test_the_same_seq_no_with_another_content_changes_nothing_and_is_noted() -> None:
    async def main() -> None:
        world = World()
        async with world.station() as station:
            await station.boot()
            await station.call(event(0, STARTED, wh=0.0))
            await station.call(event(0, STARTED, wh=9000.0))
        (transaction,) = world.csms.transactions()
        assert transaction.energy_wh == 0.0
        assert world.csms.notices("CP1")[-1] == "TransactionEvent: tx-1: seqNo 0 came again with another content"

    run(main)


def test_a_gap_is_named_and_a_late_event_fills_it() -> None:
    assert filed(event(0, STARTED), event(3), event(5, ENDED)).missing == (1, 2, 4)
    assert filed(event(0, STARTED), event(3), event(2), event(1)).missing == ()


def test_an_end_with_a_gap_is_noted() -> None:
    async def main() -> None:
        world = World()
        async with world.station() as station:
            await station.boot()
            await station.call(event(0, STARTED))
            await station.call(event(2, ENDED))
        assert world.csms.notices("CP1")[-1] == "TransactionEvent: tx-1: ended while events are missing"

    run(main)


def test_a_missing_started_shows_as_the_event_before_the_first() -> None:
    assert filed(event(4), event(5, ENDED)).missing == (3,)


def test_numbering_may_begin_anywhere() -> None:
    record = TransactionRecord("tx-1", START)
    for each in (event(41, STARTED), event(42), event(43, ENDED)):
        record.take(each)
    assert record.complete


def test_a_huge_gap_is_cheap() -> None:
    missing = filed(event(0, STARTED), event(2**31 - 1)).missing
    assert missing == tuple(range(1, 101))


@given(st.permutations(range(12)), st.sets(st.integers(1, 10)))
def test_gaps_are_what_did_not_arrive_in_whatever_order(order: list[int], lost: set[int]) -> None:
    kinds = {0: STARTED, 11: ENDED}
    arrived = [event(number, kinds.get(number, TransactionEventEnum.Updated)) for number in order if number not in lost]
    assert filed(*arrived).missing == tuple(sorted(lost))


@given(st.permutations(list(enumerate([0.0, 10.0, 250.0, 250.0, 4000.0]))))
def test_energy_does_not_depend_on_the_order_of_arrival(readings: list[tuple[int, float]]) -> None:
    kinds = {0: STARTED, 4: ENDED}
    events = [
        event(number, kinds.get(number, TransactionEventEnum.Updated), wh=reading) for number, reading in readings
    ]
    transaction = filed(*events)
    assert (transaction.energy_wh, transaction.cost, transaction.faults) == (4000.0, 3.0, ())


def test_units_and_multipliers_count_and_other_measurands_do_not() -> None:
    samples = (
        m.SampledValue(value=2.0, unit_of_measure=m.UnitOfMeasure(unit="kWh")),
        m.SampledValue(value=4.0, unit_of_measure=m.UnitOfMeasure(multiplier=3)),
        m.SampledValue(value=9e9, measurand=m.MeasurandEnum.SoC),
        m.SampledValue(value=9e9, phase=m.PhaseEnum.L1),
        m.SampledValue(value=9e9, unit_of_measure=m.UnitOfMeasure(unit="furlong")),
        m.SampledValue(value=9e9, unit_of_measure=m.UnitOfMeasure(multiplier=2**31 - 1)),
        m.SampledValue(value=1e308, unit_of_measure=m.UnitOfMeasure(unit="kWh")),
    )
    meter = (m.MeterValue(sampled_value=samples, timestamp=START),)
    request = m.TransactionEventRequest(
        event_type=STARTED,
        timestamp=START,
        trigger_reason=m.TriggerReasonEnum.Authorized,
        seq_no=0,
        transaction_info=m.Transaction(transaction_id="tx-1"),
        meter_value=meter,
    )
    assert filed(request).energy_wh == 2000.0


def test_a_token_for_one_transaction_at_a_time_is_concurrent_at_the_second_start() -> None:
    async def main() -> None:
        world = World(with_settings(tokens=(CsmsToken(id_token="04A1B2C3", concurrent=False),)))
        async with world.station() as station:
            await station.boot()
            first = await station.call(event(0, STARTED, id_token=token("04A1B2C3")))
            second = await station.call(event(0, STARTED, transaction_id="tx-2", id_token=token("04a1b2c3")))
        assert first.id_token_info is not None and second.id_token_info is not None
        assert first.id_token_info.status is m.AuthorizationStatusEnum.Accepted
        assert second.id_token_info.status is m.AuthorizationStatusEnum.ConcurrentTx

    run(main)


def test_old_ended_transactions_are_forgotten_and_running_ones_kept() -> None:
    ledger = TransactionLog()
    ledger.take(event(0, STARTED, transaction_id="runs"))
    for number in range(KEPT + 5):
        ledger.take(event(0, ENDED, transaction_id=f"tx-{number}"))
    kept = [record.transaction_id for record in ledger.records()]
    assert len(kept) == KEPT + 1
    assert kept[:2] == ["runs", "tx-5"]
