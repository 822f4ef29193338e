"""Block J: meter values on the wall clock, and during transactions."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import pairwise

from ohmstead.lab import states
from ohmstead.lab.case import case
from ohmstead.lab.tester import Tester
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import LocationEnum, MeasurandEnum, ReadingContextEnum

INTERVAL = 4
"""Seconds between two measurements: more than three times the greatest tolerance of our own benches."""
ENERGY = MeasurandEnum.Energy_Active_Import_Register
ALIGNED = (
    *("J01.FR.01", "J01.FR.02", "J01.FR.03", "J01.FR.06"),
    *("J01.FR.07", "J01.FR.08", "J01.FR.14", "J01.FR.15"),
)
SAMPLED = ("J02.FR.01", "J02.FR.02", "J02.FR.03", "J02.FR.04", "J02.FR.10")
ENDED = (
    *("E06.FR.11", "E07.FR.08", "E08.FR.09", "E09.FR.05"),
    *("E10.FR.04", "E12.FR.07"),
)
SILENT_SAMPLING = {
    "SampledDataCtrlr.TxStartedMeasurands": "",
    "SampledDataCtrlr.TxUpdatedMeasurands": "",
    "SampledDataCtrlr.TxEndedMeasurands": "",
    "AlignedDataCtrlr.TxEndedMeasurands": "",
}
"""No sampled values, so that every value that comes is one of the wall clock."""


def _measured(t: Tester, step: int, value: wire.MeterValue, wanted: Sequence[str], *contexts: str) -> None:
    """Check one meterValue: a context that may be, an element for each measurand, no location EV but for SoC."""
    for sampled in value.sampled_value:
        context = (sampled.context or ReadingContextEnum.Sample_Periodic).value
        t.require(step, context in contexts, "sampledValue.context", " or ".join(contexts), context)
        at_ev = sampled.location is LocationEnum.EV and sampled.measurand is not MeasurandEnum.SoC
        t.require(step, not at_ev, "sampledValue.location", "not EV", sampled.location)
    got = {(sampled.measurand or ENERGY).value for sampled in value.sampled_value}
    t.require(step, got == set(wanted), "sampledValue.measurand", ", ".join(wanted), ", ".join(sorted(got)))


def _regular(t: Tester, step: int, instants: Iterable[datetime], interval: int = INTERVAL) -> None:
    """Check that the distinct instants are one interval apart."""
    distinct = sorted(set(instants))
    t.require(step, len(distinct) >= 2, "number of instants", "2 or more", len(distinct))
    for earlier, later in pairwise(distinct):
        seconds = (later - earlier).total_seconds()
        t.require(step, abs(seconds - interval) <= t.bench.tolerance, "seconds between timestamps", interval, seconds)


async def _configured(t: Tester, key: str) -> list[str]:
    """Return the members of a measurand list."""
    return [name for name in (await t.get(key) or "").split(",") if name]


def _of(evse_id: int) -> Callable[[wire.MeterValuesRequest], bool]:
    return lambda message: message.evse_id == evse_id


async def _aligned_rounds(t: Tester, step: int, rounds: int, evses: Sequence[int]) -> list[datetime]:
    """Wait for some rounds of MeterValues, each with all the EVSEs at one instant; return the instants."""
    wanted = await _configured(t, "AlignedDataCtrlr.Measurands")
    instants: list[datetime] = []
    for _ in range(rounds):
        round_instants = set()
        for evse_id in evses:
            message = await t.expect(step, wire.MeterValuesRequest, where=_of(evse_id), within=2 * INTERVAL)
            for value in message.meter_value:
                _measured(t, step, value, wanted, "Sample.Clock")
                round_instants.add(value.timestamp)
        t.require(step, len(round_instants) == 1, "timestamps of one round", "one", len(round_instants))
        instants.extend(round_instants)
    return instants


def _on_the_clock(t: Tester, step: int, instants: Iterable[datetime]) -> None:
    """Check that the instants are whole multiples of the interval since midnight UTC."""
    for instant in instants:
        seconds = instant.hour * 3600 + instant.minute * 60 + instant.second
        t.require(step, seconds % INTERVAL == 0, "timestamp", f"a multiple of {INTERVAL} s", instant.isoformat())


def _everywhere(t: Tester) -> list[int]:
    return [0, *(evse.id for evse in t.product.evses)]


@case(
    "TC_J_01_CS",
    "Clock-aligned values without a transaction",
    requirements=ALIGNED,
    settings={"AlignedDataCtrlr.Interval": str(INTERVAL)},
)
async def aligned_idle(t: Tester) -> None:
    """Three rounds of the main meter and of every EVSE, one interval apart, on the wall clock."""
    instants = await _aligned_rounds(t, 1, 3, _everywhere(t))
    _regular(t, 1, instants)
    _on_the_clock(t, 1, instants)


@case(
    "TC_J_02_CS",
    "Clock-aligned values during a transaction",
    requirements=(*ALIGNED, "J01.FR.22"),
    settings={"AlignedDataCtrlr.Interval": str(INTERVAL), "AlignedDataCtrlr.SendDuringIdle": "false"},
    begin=states.energy_transfer_started,
)
async def aligned_charging(t: Tester) -> None:
    """The EVSE that charges reports by TransactionEvent, the idle ones and the main meter by MeterValues."""
    wanted = await _configured(t, "AlignedDataCtrlr.Measurands")
    instants: list[datetime] = []
    for _ in range(3):
        event = await t.event(3, event_type="Updated", trigger_reason="MeterValueClock", within=2 * INTERVAL)
        t.require(3, event.meter_value is not None, "TransactionEventRequest.meterValue", "present", None)
        for value in event.meter_value or ():
            _measured(t, 3, value, wanted, "Sample.Clock")
            instants.append(value.timestamp)
    _regular(t, 3, instants)
    _on_the_clock(t, 3, instants)
    idle = [evse_id for evse_id in _everywhere(t) if evse_id != t.config.evse_id]
    _regular(t, 1, await _aligned_rounds(t, 1, 2, idle))


def _ended(t: Tester, step: int) -> tuple[wire.MeterValue, ...]:
    """Return the meter values of the Ended event; there have to be some."""
    last = t.received(wire.TransactionEventRequest)[-1]
    t.require(step, last.event_type.value == "Ended", "TransactionEventRequest.eventType", "Ended", last.event_type)
    t.require(step, last.meter_value is not None, "TransactionEventRequest.meterValue", "present", None)
    return last.meter_value or ()


@case(
    "TC_J_03_CS",
    "Clock-aligned values in the Ended event",
    requirements=(*ALIGNED, *ENDED),
    settings={
        "AlignedDataCtrlr.TxEndedInterval": str(INTERVAL),
        "SampledDataCtrlr.TxEndedMeasurands": "",
        "AlignedDataCtrlr.SendDuringIdle": "false",
    },
    begin=states.energy_transfer_started,
)
async def aligned_ended(t: Tester) -> None:
    """A measurement for each instant of the wall clock that the transaction saw."""
    wanted = await _configured(t, "AlignedDataCtrlr.TxEndedMeasurands")
    await t.elapse(3 * INTERVAL)
    await states.parking_bay_unoccupied(t)
    values = _ended(t, 1)
    for value in values:
        _measured(t, 1, value, wanted, "Sample.Clock")
    instants = [value.timestamp for value in values]
    _regular(t, 1, instants)
    _on_the_clock(t, 1, instants)


@case(
    "TC_J_06_CS",
    "Clock-aligned values only while idle",
    requirements=("J01.FR.19", "J01.FR.20"),
    settings={
        **SILENT_SAMPLING,
        "AlignedDataCtrlr.Interval": str(INTERVAL),
        "AlignedDataCtrlr.SendDuringIdle": "true",
    },
)
async def only_idle(t: Tester) -> None:
    """One transaction silences the whole station; the sampled lists are empty, so no value may come at all."""
    _regular(t, 1, await _aligned_rounds(t, 1, 2, _everywhere(t)))
    await states.energy_transfer_started(t)
    running = t.received(wire.TransactionEventRequest)[0].timestamp
    await t.elapse(2 * INTERVAL + t.bench.tolerance)
    stopping = t.now()
    late = [
        message.evse_id
        for message in t.received(wire.MeterValuesRequest)
        if message.meter_value[0].timestamp > running and t.arrived(message).at < stopping
    ]
    t.require(4, not late, "MeterValuesRequest during the transaction", "none", late)
    await states.parking_bay_unoccupied(t)
    carried = [event.seq_no for event in t.received(wire.TransactionEventRequest) if event.meter_value is not None]
    t.require(4, not carried, "TransactionEventRequest.meterValue", "absent from all events", carried)
    _regular(t, 7, await _aligned_rounds(t, 7, 2, _everywhere(t)))


async def _begins(t: Tester, event: wire.TransactionEventRequest) -> None:
    """Check the Transaction.Begin values of an event."""
    wanted = await _configured(t, "SampledDataCtrlr.TxStartedMeasurands")
    t.require(1, event.meter_value is not None, "TransactionEventRequest.meterValue", "present", None)
    for value in event.meter_value or ():
        _measured(t, 1, value, wanted, "Transaction.Begin")


@case(
    "TC_J_07_CS",
    "Values in the Started event",
    requirements=(*SAMPLED, "E01.FR.09", "E02.FR.09", "E03.FR.07", "E04.FR.05", "E05.FR.05"),
    settings={"TxCtrlr.TxStartPoint": "EVConnected"},
    begin=states.parking_bay_occupied,
)
async def sampled_started(t: Tester) -> None:
    """The EVSE is known when the transaction starts."""
    await states.ev_connected_pre_session(t)
    started = t.received(wire.TransactionEventRequest)[0]
    t.require(1, started.event_type.value == "Started", "TransactionEventRequest.eventType", "Started", started)
    await _begins(t, started)
    await states.energy_transfer_started(t)


@case(
    "TC_J_08_CS",
    "Values as soon as the EVSE is known",
    requirements=(*SAMPLED, "E01.FR.16", "E01.FR.17", "E03.FR.11", "E05.FR.08"),
    settings={"TxCtrlr.TxStartPoint": "Authorized"},
)
async def sampled_evse_known(t: Tester) -> None:
    """The transaction starts with the card; its first values come with the first event that names an EVSE."""
    await states.energy_transfer_started(t, remote=False)
    events = t.received(wire.TransactionEventRequest)
    named = [event for event in events if event.evse is not None]
    t.require(1, bool(named), "TransactionEventRequest.evse", "present once the cable is in", None)
    unnamed = [event.seq_no for event in events if event.evse is None and event.meter_value is not None]
    t.require(1, not unnamed, "TransactionEventRequest.meterValue before the EVSE is known", "absent", unnamed)
    await _begins(t, named[0])


@case(
    "TC_J_09_CS",
    "Values during a transaction",
    requirements=(
        *SAMPLED,
        *("J02.FR.11", "J02.FR.14", "E02.FR.10", "E02.FR.11", "E03.FR.08", "E03.FR.09", "E04.FR.06"),
        *("E04.FR.09", "E11.FR.03", "E11.FR.06", "E12.FR.03", "E12.FR.06"),
    ),
    settings={"SampledDataCtrlr.TxUpdatedInterval": str(INTERVAL)},
    begin=states.energy_transfer_started,
)
async def sampled_updated(t: Tester) -> None:
    """Three Updated events, one interval apart."""
    wanted = await _configured(t, "SampledDataCtrlr.TxUpdatedMeasurands")
    instants: list[datetime] = []
    for _ in range(3):
        event = await t.event(1, event_type="Updated", trigger_reason="MeterValuePeriodic", within=2 * INTERVAL)
        t.require(1, event.meter_value is not None, "TransactionEventRequest.meterValue", "present", None)
        for value in event.meter_value or ():
            _measured(t, 1, value, wanted, "Sample.Periodic")
            instants.append(value.timestamp)
    _regular(t, 1, instants)


@case(
    "TC_J_10_CS",
    "Values in the Ended event",
    requirements=(*SAMPLED, *ENDED),
    settings={"SampledDataCtrlr.TxEndedInterval": str(INTERVAL), "AlignedDataCtrlr.TxEndedMeasurands": ""},
    begin=states.energy_transfer_started,
)
async def sampled_ended(t: Tester) -> None:
    """A measurement for each interval, and one at the end; one at the start is allowed (Part 2, 2.7.5)."""
    wanted = await _configured(t, "SampledDataCtrlr.TxEndedMeasurands")
    await t.elapse(3 * INTERVAL)
    await states.parking_bay_unoccupied(t)
    values = _ended(t, 1)
    for value in values:
        _measured(t, 1, value, wanted, "Transaction.Begin", "Sample.Periodic", "Transaction.End")
    contexts = [value.sampled_value[0].context for value in values]
    t.require(1, contexts.count(ReadingContextEnum.Transaction_End) == 1, "Transaction.End values", "one", contexts)
    periodic = [v.timestamp for v in values if v.sampled_value[0].context is ReadingContextEnum.Sample_Periodic]
    _regular(t, 1, periodic)
