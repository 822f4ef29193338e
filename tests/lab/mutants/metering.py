"""Mutants of block J: meter values on the wall clock, and of transactions."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ohmstead.blocks import j_metering
from ohmstead.blocks.j_metering import JMetering
from ohmstead.blocks.readings import aligned_values
from ohmstead.model.metering import Sample
from ohmstead.runtime import transaction_events
from ohmstead.runtime.transaction_events import TransactionEvents
from ohmstead.wire.messages import LocationEnum, MeterValue, ReadingContextEnum, TransactionEventEnum
from tests.lab.mutation import Mutant, replaced
from tests.lab.wrongs import nothing

Wrong = Callable[..., Any]
Context = ReadingContextEnum


def _mutant(
    name: str, text: str, owner: object, method: str, wrong: Wrong, blocks: str = "JFE", survives: str = ""
) -> Mutant:
    return Mutant(name, text, lambda: replaced(owner, method, wrong), blocks, survives)


def _after_now(_right: object, now: datetime, interval: int) -> datetime:
    return now + timedelta(seconds=interval)


def _half(right: Wrong, now: datetime, interval: int) -> datetime:
    instant: datetime = right(now, max(1, interval // 2))
    return instant


def _uneven(right: Wrong, device: object, world: object, evse_id: int, at: datetime, context: Context) -> object:
    return right(device, world, evse_id, at - timedelta(seconds=evse_id), context)


def _arrival(right: Wrong, device: object, world: object, evse_id: int, at: datetime, context: Context) -> object:
    return right(device, world, evse_id, at + timedelta(seconds=1), context)


def _no_main_meter(right: Wrong, device: object, world: object, evse_id: int, at: datetime, context: Context) -> object:
    return None if evse_id == 0 else right(device, world, evse_id, at, context)


def _one_evse(right: Wrong, device: object, world: object, evse_id: int, at: datetime, context: Context) -> object:
    return None if evse_id > 1 else right(device, world, evse_id, at, context)


def _as(context: Context) -> Wrong:
    return lambda right, device, world, evse_id, at, _context: right(device, world, evse_id, at, context)


def _samples(name: str, text: str, keep: Callable[[Sample, Any], Sample | None]) -> Mutant:
    """Change the samples that an event carries, one by one."""

    def samples(right: Wrong, self: object, step: Any, at: datetime) -> tuple[Sample, ...]:
        changed = (keep(sample, step) for sample in right(self, step, at))
        return tuple(sample for sample in changed if sample is not None)

    return _mutant(name, text, TransactionEvents, "_samples", samples)


def _without(context: Context) -> Callable[[Sample, Any], Sample | None]:
    return lambda sample, _step: None if sample.context is context else sample


def _swapped(before: Context, after: Context) -> Callable[[Sample, Any], Sample | None]:
    return lambda sample, _step: msgspec.structs.replace(sample, context=after) if sample.context is before else sample


def _begin_late(right: Wrong, self: object, step: Any, at: datetime) -> object:
    return right(self, msgspec.structs.replace(step, begins=False), at)


def _begin_blind(right: Wrong, self: object, step: Any, at: datetime) -> object:
    started = step.event_type is TransactionEventEnum.Started
    if not started or step.evse_id is not None:
        return right(self, step, at)
    return right(self, msgspec.structs.replace(step, evse_id=1, begins=True), at)


def _at_the_ev(right: Wrong, samples: object) -> tuple[MeterValue, ...]:
    values: tuple[MeterValue, ...] = right(samples)
    return tuple(
        msgspec.structs.replace(
            value,
            sampled_value=tuple(msgspec.structs.replace(s, location=LocationEnum.EV) for s in value.sampled_value),
        )
        for value in values
    )


def _idle_only(_right: object, self: JMetering, instant: datetime) -> None:
    for evse_id in (0, *(evse.id for evse in self._world.product.evses)):
        request = aligned_values(self._device, self._world, evse_id, instant, Context.Sample_Clock)
        if request is not None:
            self._csms.calls.send(request)


def _records_as(context: Context) -> Wrong:
    return lambda right, self, session, measurands, at, _context: right(self, session, measurands, at, context)


def _records_when(at: datetime) -> Wrong:
    return lambda right, self, session, measurands, _at, context: right(self, session, measurands, at, context)


MUTANTS = (
    _mutant("aligned-to-nothing", "Aligned instants are an interval from now.", j_metering, "next_instant", _after_now),
    _mutant("aligned-twice-as-often", "Aligned instants come at half the interval.", j_metering, "next_instant", _half),
    _mutant(
        "aligned-one-by-one",
        "The EVSEs of one instant have timestamps of their own.",
        j_metering,
        "aligned_values",
        _uneven,
    ),
    _mutant("aligned-stamped-late", "Aligned values carry a later instant.", j_metering, "aligned_values", _arrival),
    _mutant(
        "aligned-without-main-meter",
        "The main meter has no aligned values.",
        j_metering,
        "aligned_values",
        _no_main_meter,
        survives="A station without a main meter does the same, and nothing says which stations have one.",
    ),
    _mutant("aligned-of-one-evse", "The second EVSE has no aligned values.", j_metering, "aligned_values", _one_evse),
    _mutant(
        "aligned-as-periodic",
        "Aligned values have the context Sample.Periodic.",
        j_metering,
        "aligned_values",
        _as(Context.Sample_Periodic),
    ),
    _mutant(
        "aligned-apart-from-transactions",
        "An EVSE that charges sends aligned values as MeterValues.",
        JMetering,
        "_send_aligned",
        _idle_only,
    ),
    _samples(
        "clock-values-as-periodic",
        "Aligned values in events have the context Sample.Periodic.",
        _swapped(Context.Sample_Clock, Context.Sample_Periodic),
    ),
    _mutant("aligned-not-recorded", "Ended lacks the aligned values.", JMetering, "_record_aligned", nothing),
    _mutant(
        "aligned-recorded-as-periodic",
        "What Ended holds has the context Sample.Periodic.",
        JMetering,
        "_record",
        _records_as(Context.Sample_Periodic),
    ),
    _mutant(
        "sampled-recorded-as-clock",
        "What Ended holds has the context Sample.Clock.",
        JMetering,
        "_record",
        _records_as(Context.Sample_Clock),
    ),
    _mutant(
        "recorded-at-one-instant",
        "What Ended holds has one timestamp.",
        JMetering,
        "_record",
        _records_when(datetime(2026, 3, 2, tzinfo=UTC)),
    ),
    _mutant("sampled-not-recorded", "Ended lacks the sampled values.", JMetering, "_sample_ended", nothing),
    _mutant("never-sampled", "No Updated event follows from TxUpdatedInterval.", JMetering, "_sample_updated", nothing),
    _samples("no-begin-values", "Transaction.Begin values are left out.", _without(Context.Transaction_Begin)),
    _samples(
        "begin-as-periodic",
        "Transaction.Begin values have the context Sample.Periodic.",
        _swapped(Context.Transaction_Begin, Context.Sample_Periodic),
    ),
    _mutant(
        "begin-values-never-late",
        "Values of the begin come with Started or not at all.",
        TransactionEvents,
        "_samples",
        lambda right, self, step, at: (
            right(self, step, at)
            if step.event_type is TransactionEventEnum.Started
            else _begin_late(right, self, step, at)
        ),
    ),
    _mutant(
        "begin-values-of-any-evse",
        "Started holds values of EVSE 1 where the EVSE is not known.",
        TransactionEvents,
        "_samples",
        _begin_blind,
    ),
    _samples("no-end-values", "Transaction.End values are left out.", _without(Context.Transaction_End)),
    _samples(
        "end-as-periodic",
        "Transaction.End values have the context Sample.Periodic.",
        _swapped(Context.Transaction_End, Context.Sample_Periodic),
    ),
    _samples(
        "periodic-as-trigger",
        "Periodic values have the context Trigger.",
        _swapped(Context.Sample_Periodic, Context.Trigger),
    ),
    _samples(
        "trigger-as-periodic",
        "Triggered values have the context Sample.Periodic.",
        _swapped(Context.Trigger, Context.Sample_Periodic),
    ),
    _mutant(
        "measured-at-the-ev",
        "Every value is said to be measured at the EV.",
        transaction_events,
        "meter_values",
        _at_the_ev,
    ),
)
