"""What a transaction costs: the import register at the outlet, at its end minus at its beginning (J02, I03)."""

from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmstead.csms.settings import Tariff
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.wire import messages as m
from ohmstead.wire.messages import LocationEnum, MeasurandEnum, ReadingContextEnum, TransactionEventEnum
from tests.csms.office import World, event, metered, run, with_settings
from tests.csms.test_csms_transactions import filed

STARTED, UPDATED, ENDED = TransactionEventEnum.Started, TransactionEventEnum.Updated, TransactionEventEnum.Ended
BEGIN, END = ReadingContextEnum.Transaction_Begin, ReadingContextEnum.Transaction_End
TARIFF = Tariff(currency="EUR", per_kwh=1.0)


def sample(value: float, **fields: object) -> m.SampledValue:
    return m.SampledValue(value=value, **fields)  # type: ignore[arg-type]


def unit(name: str | None = None, multiplier: int | None = None) -> m.UnitOfMeasure:
    return m.UnitOfMeasure(unit=name, multiplier=multiplier)


def told(*events: m.TransactionEventRequest, tariff: Tariff = TARIFF) -> float | None:
    """Return the totalCost in the response to the last event, which is the transaction's end."""
    costs: list[float | None] = []

    async def main() -> None:
        world = World(with_settings(tariff=tariff), store=MemoryStore())
        async with world.station() as station:
            await station.boot()
            costs.extend([(await station.call(each)).total_cost for each in events])
        (transaction,) = world.csms.transactions()
        assert transaction.cost == costs[-1]

    run(main)
    return costs[-1]


@pytest.mark.parametrize(
    "other",
    [
        *(sample(9e6, location=place) for place in LocationEnum if place is not LocationEnum.Outlet),
        *(sample(9e6, phase=phase) for phase in m.PhaseEnum),
        *(
            sample(9e6, measurand=kind)
            for kind in MeasurandEnum
            if kind is not MeasurandEnum.Energy_Active_Import_Register
        ),
        sample(9e6, unit_of_measure=unit("furlong")),
    ],
    ids=lambda each: "-".join(str(part) for part in (each.location, each.phase, each.measurand) if part),
)
def test_only_the_import_register_at_the_outlet_counts(other: m.SampledValue) -> None:
    first = metered(other, sample(1000.0), sample(1.0, location=LocationEnum.Inlet))
    last = metered(sample(3000.0, location=LocationEnum.Outlet), other)
    assert told(event(0, STARTED, meter=first), event(1, meter=metered(other)), event(2, ENDED, meter=last)) == 2.0


@pytest.mark.parametrize(
    "reading",
    [
        sample(12345.0),
        sample(12345.0, unit_of_measure=unit("Wh")),
        sample(12345.0, unit_of_measure=unit()),
        sample(12.345, unit_of_measure=unit("kWh")),
        sample(12.345, unit_of_measure=unit("Wh", 3)),
        sample(12345.0, unit_of_measure=unit("kWh", -3)),
        sample(123450.0, unit_of_measure=unit(None, -1)),
        sample(1.2345, unit_of_measure=unit("kWh", 1)),
    ],
)
def test_every_way_to_write_a_reading_is_the_same_energy(reading: m.SampledValue) -> None:
    assert told(event(0, STARTED, wh=2345.0), event(1, ENDED, meter=metered(reading))) == 10.0


@pytest.mark.parametrize("readings", [(5_000_000.0, 1000.0), (1000.0, 5_000_000.0, 2000.0), (10.0, 0.0, 4999.0)])
def test_a_register_that_falls_bills_nothing_and_is_noted(readings: tuple[float, ...]) -> None:
    async def main() -> None:
        world = World(with_settings(tariff=TARIFF))
        async with world.station() as station:
            await station.boot()
            for number, reading in enumerate(readings):
                kind = STARTED if number == 0 else ENDED if number == len(readings) - 1 else UPDATED
                response = await station.call(event(number, kind, wh=reading))
        assert response.total_cost is None
        (transaction,) = world.csms.transactions()
        assert (transaction.cost, transaction.energy_wh) == (None, 0.0)
        assert any("the register fell" in fault for fault in transaction.faults)
        assert any("the register fell" in notice for notice in world.csms.notices("CP1"))

    run(main)


def test_an_end_whose_beginning_never_came_has_no_cost_rather_than_none() -> None:
    """0.0 would say that it was free (I03.FR.04)."""
    assert told(event(7, ENDED, wh=5000.0)) is None
    assert told(event(6, wh=1000.0), event(7, ENDED, wh=5000.0)) is None


def test_an_end_that_says_what_the_meter_read_at_the_beginning_is_billed_without_it() -> None:
    history = metered(sample(1000.0, context=BEGIN)) + metered(sample(4000.0, context=END), after=60.0)
    assert told(event(7, ENDED, meter=history)) == 3.0


def test_the_whole_history_in_an_end_is_read_in_the_order_in_which_it_was_taken() -> None:
    """TxEndedInterval: the samples of the transaction come with its end, whatever their order in the message."""
    history = (
        *metered(sample(4000.0, context=END), after=60.0),
        *metered(sample(2500.0), after=30.0),
        *metered(sample(1000.0, context=BEGIN)),
    )
    assert told(event(0, STARTED), event(1, wh=3990.0), event(2, ENDED, meter=history)) == 3.0


def test_the_readings_at_beginning_and_end_go_before_others_in_the_same_event() -> None:
    first = metered(sample(990.0), after=-60.0) + metered(sample(1000.0), sample(1000.0, context=BEGIN))
    last = metered(sample(4000.0, context=END), sample(4000.0)) + metered(sample(4010.0), after=1.0)
    assert told(event(0, STARTED, meter=first), event(1, ENDED, meter=last)) == 3.0


def test_events_missing_in_the_middle_change_no_price_and_one_at_the_end_does() -> None:
    assert told(event(0, STARTED, wh=0.0), event(5, ENDED, wh=2000.0)) == 2.0
    assert told(event(0, STARTED, wh=0.0), event(1, wh=2000.0), event(5, ENDED)) is None


def test_a_beginning_that_comes_late_makes_the_cost_known() -> None:
    async def main() -> None:
        world = World(with_settings(tariff=TARIFF))
        async with world.station() as station:
            await station.boot()
            end = event(1, ENDED, wh=2500.0)
            assert (await station.call(end)).total_cost is None
            await station.call(event(0, STARTED, wh=500.0))
            assert (await station.call(end)).total_cost == 2.0
        assert [one.cost for one in world.csms.transactions()] == [2.0]

    run(main)


@pytest.mark.parametrize("late", [event(3, wh=9000.0), event(9, wh=9000.0), event(3, ENDED, wh=9000.0)])
def test_events_after_the_end_change_nothing_and_are_noted(late: m.TransactionEventRequest) -> None:
    async def main() -> None:
        world = World(with_settings(tariff=TARIFF))
        async with world.station() as station:
            await station.boot()
            for each in (event(0, STARTED, wh=0.0), event(1), event(2, ENDED, wh=1000.0)):
                await station.call(each)
            (before,) = world.csms.transactions()
            await station.call(late)
        (after,) = world.csms.transactions()
        assert after.faults == (f"seqNo {late.seq_no} comes after the end",)
        assert (after.cost, after.energy_wh, after.events, after.last_seq_no, after.missing, after.ended_at) == (
            before.cost,
            before.energy_wh,
            before.events,
            before.last_seq_no,
            before.missing,
            before.ended_at,
        )

    run(main)


@pytest.mark.parametrize(
    "late", [event(1, wh=9e6), event(1, wh=500.0), event(0, STARTED, wh=1.0)], ids=["falls", "fits", "again"]
)
def test_what_was_told_at_the_end_stays_when_an_earlier_event_comes_late(late: m.TransactionEventRequest) -> None:
    async def main() -> None:
        world = World(with_settings(tariff=TARIFF))
        async with world.station() as station:
            await station.boot()
            end = event(2, ENDED, wh=1000.0)
            for each in (event(0, STARTED, wh=0.0), end):
                await station.call(each)
            await station.call(late)
            assert (await station.call(end)).total_cost == 1.0
        (transaction,) = world.csms.transactions()
        assert (transaction.cost, transaction.energy_wh) == (1.0, 1000.0)
        assert transaction.missing == ((1,) if late.seq_no == 0 else ())

    run(main)


def test_an_event_that_was_there_before_the_end_but_comes_after_it_counts_no_more() -> None:
    assert told(event(0, STARTED, wh=0.0), event(3, wh=9000.0), event(1), event(2, ENDED, wh=1000.0)) == 1.0


@pytest.mark.parametrize(
    ("wh", "per_kwh", "cost"),
    [(1005.0, 1.0, 1.01), (2675.0, 1.0, 2.68), (1000.0, 0.145, 0.15), (3.0, 0.49, 0.0), (70.0, 0.07, 0.0)],
)
def test_money_is_reckoned_in_decimals(wh: float, per_kwh: float, cost: float) -> None:
    """Half a hundredth goes up; as binary fractions 1.005 and 2.675 are less than that."""
    assert told(event(0, STARTED, wh=0.0), event(1, ENDED, wh=wh), tariff=Tariff(per_kwh=per_kwh)) == cost


@given(
    st.lists(st.integers(0, 10**6), min_size=2, max_size=12).map(sorted),
    st.integers(0, 3),
    st.randoms(use_true_random=False),
)
def test_whatever_arrives_when_the_energy_is_the_end_minus_the_beginning(
    tenths: list[int], places: int, random: Random
) -> None:
    last = len(tenths) - 1
    events = [
        event(
            number,
            STARTED if number == 0 else ENDED if number == last else UPDATED,
            meter=metered(sample(float(Decimal(value).scaleb(-places)), unit_of_measure=unit("kWh", places - 3))),
        )
        for number, value in enumerate(tenths)
    ]
    random.shuffle(events)
    assert filed(*events, *events[:3]).energy_wh == float(tenths[-1] - tenths[0])
