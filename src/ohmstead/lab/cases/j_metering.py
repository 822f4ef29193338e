"""Block J: meter values on the wall clock, and during transactions."""

from collections.abc import Iterable

from ohmstead.lab.cases import states, states_stopping
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import between, differs
from ohmstead.lab.cases.runner import configure
from ohmstead.lab.cases.states_metering import (
    ALIGNED_ENDED_LIST,
    ALIGNED_LIST,
    ENDED_LIST,
    INTERVAL,
    STARTED_LIST,
    UPDATED_LIST,
    Taken,
    aligned_rounds,
    check_measured,
    check_on_the_clock,
    check_regular,
    configured,
    context_of,
    instants_of,
    taken_of,
)
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.prerequisites import OF_AN_EV
from ohmstead.lab.readings.j_metering import ALIGNED_EVERYWHERE, BEGIN_VALUES, FROM_MIDNIGHT, MEASURED_ELSEWHERE
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import ChargingStateEnum

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


def _everywhere(t: Tester) -> list[int]:
    return [evse.id for evse in t.product.evses]


@case(
    "TC_J_01_CS",
    "Clock-aligned values without a transaction",
    requirements=ALIGNED,
    readings=(FROM_MIDNIGHT, ALIGNED_EVERYWHERE, MEASURED_ELSEWHERE),
    settings={**ALIGNED_LIST, "AlignedDataCtrlr.Interval": str(INTERVAL)},
)
async def aligned_idle(t: Tester) -> None:
    """Three rounds of the main meter and of every EVSE, one interval apart, on the wall clock."""
    instants = await aligned_rounds(t, 1, 3, _everywhere(t))
    check_regular(t, 1, instants)
    check_on_the_clock(t, 1, instants)


@case(
    "TC_J_02_CS",
    "Clock-aligned values during a transaction",
    requirements=(*ALIGNED, "J01.FR.22"),
    readings=(FROM_MIDNIGHT, ALIGNED_EVERYWHERE, MEASURED_ELSEWHERE),
    settings={
        **ALIGNED_LIST,
        "AlignedDataCtrlr.Interval": str(INTERVAL),
        "AlignedDataCtrlr.SendDuringIdle": "false",
    },
    begin=states.energy_transfer_started,
)
async def aligned_charging(t: Tester) -> None:
    """The EVSE that charges reports by TransactionEvent or MeterValues, all others by MeterValues."""
    wanted = await configured(t, "AlignedDataCtrlr.Measurands")
    instants = await _aligned_of_the_busy(t, 3, 3)
    for instant in instants:
        check_measured(t, 3, instant, wanted, "Sample.Clock")
    found = [instant[0].at for instant in instants]
    check_regular(t, 3, found)
    check_on_the_clock(t, 3, found)
    idle = [evse_id for evse_id in _everywhere(t) if evse_id != t.config.evse_id]
    if idle and set(wanted) - OF_AN_EV:
        check_regular(t, 1, await aligned_rounds(t, 1, 2, idle))


async def _aligned_of_the_busy(t: Tester, step: int, rounds: int) -> list[list[Taken]]:
    """Wait for some rounds of the EVSE that charges, by events or by MeterValues: either is right (J01.FR.22)."""
    evse_id = t.config.evse_id
    taken: list[Taken] = []
    over = t.now() + (rounds + 2) * INTERVAL + t.rig.tolerance
    while len(instants_of(t, taken)) <= rounds and t.now() < over:
        event = await t.maybe_event(event_type="Updated", trigger_reason="MeterValueClock")
        if event is not None:
            t.require(step, event.meter_value is not None, "TransactionEventRequest.meterValue", "present", None)
            taken += taken_of(evse_id, *event.meter_value or ())
        message = await t.maybe(wire.MeterValuesRequest, where=lambda message: message.evse_id == evse_id, within=0)
        if message is not None:
            taken += taken_of(evse_id, *message.meter_value)
    found = instants_of(t, taken)[:rounds]
    t.require(
        step,
        len(found) == rounds,
        "MeterValuesRequest: clock-aligned instants of the EVSE that charges",
        rounds,
        len(found),
    )
    return found


def _one_of_the_events(t: Tester, step: int, index: int) -> wire.TransactionEventRequest:
    """Return the first (0) or the last (-1) TransactionEvent so far; without any the case fails."""
    events = t.received(wire.TransactionEventRequest)
    t.require(step, bool(events), "TransactionEventRequest", "one at least", "none")
    return events[index]


def _ended(t: Tester, step: int) -> tuple[wire.MeterValue, ...]:
    """Return the meter values of the Ended event; there have to be some."""
    last = _one_of_the_events(t, step, -1)
    t.require(step, last.event_type.value == "Ended", "TransactionEventRequest.eventType", "Ended", last.event_type)
    t.require(step, last.meter_value is not None, "TransactionEventRequest.meterValue", "present", None)
    return last.meter_value or ()


@case(
    "TC_J_03_CS",
    "Clock-aligned values in the Ended event",
    requirements=(*ALIGNED, *ENDED),
    readings=(FROM_MIDNIGHT,),
    settings={
        **ALIGNED_ENDED_LIST,
        "AlignedDataCtrlr.TxEndedInterval": str(INTERVAL),
        "SampledDataCtrlr.TxEndedMeasurands": "",
        "AlignedDataCtrlr.SendDuringIdle": "false",
    },
    begin=states.energy_transfer_started,
)
async def aligned_ended(t: Tester) -> None:
    """A measurement for each instant of the wall clock that the transaction saw."""
    await check_aligned_ended(t)


async def check_aligned_ended(t: Tester) -> tuple[wire.MeterValue, ...]:
    """Charge, end the transaction, and return the clock-aligned values of its Ended event."""
    wanted = await configured(t, "AlignedDataCtrlr.TxEndedMeasurands")
    await t.elapse(3 * INTERVAL)
    await states_stopping.parking_bay_unoccupied(t)
    told = _ended(t, 1)
    instants = instants_of(t, taken_of(t.config.evse_id, *told))
    for instant in instants:
        check_measured(t, 1, instant, wanted, "Sample.Clock")
    found = [instant[0].at for instant in instants]
    check_regular(t, 1, found)
    check_on_the_clock(t, 1, found)
    return told


@case(
    "TC_J_06_CS",
    "Clock-aligned values only while idle",
    requirements=("J01.FR.19", "J01.FR.20"),
    readings=(ALIGNED_EVERYWHERE, MEASURED_ELSEWHERE),
    settings={
        **SILENT_SAMPLING,
        **ALIGNED_LIST,
        "AlignedDataCtrlr.Interval": str(INTERVAL),
        "AlignedDataCtrlr.SendDuringIdle": "true",
    },
)
async def only_idle(t: Tester) -> None:
    """One transaction silences the whole station; the sampled lists are empty, so no value may come at all."""
    check_regular(t, 1, await aligned_rounds(t, 1, 2, _everywhere(t)))
    await states.energy_transfer_started(t)
    running = _one_of_the_events(t, 4, 0).timestamp
    await t.elapse(2 * INTERVAL + t.rig.tolerance)
    stopping = t.now()
    late = [
        message.evse_id
        for message in t.received(wire.MeterValuesRequest)
        if message.meter_value[0].timestamp > running and t.arrived(message).at < stopping
    ]
    t.require(4, not late, "MeterValuesRequest.evseId: of those during the transaction", "none", late)
    await states_stopping.parking_bay_unoccupied(t)
    carried = [event.seq_no for event in t.received(wire.TransactionEventRequest) if event.meter_value is not None]
    t.require(4, not carried, "TransactionEventRequest.meterValue", "absent from all events", carried)
    check_regular(t, 7, await aligned_rounds(t, 7, 2, _everywhere(t)))


async def _begins(t: Tester, event: wire.TransactionEventRequest) -> None:
    """Check the Transaction.Begin values of an event."""
    wanted = await configured(t, "SampledDataCtrlr.TxStartedMeasurands")
    t.require(1, event.meter_value is not None, "TransactionEventRequest.meterValue", "present", None)
    check_measured(t, 1, taken_of(t.config.evse_id, *event.meter_value or ()), wanted, "Transaction.Begin")


async def _start_at(t: Tester, *points: str) -> None:
    """Let transactions start at the first of these points that the station has (C-09)."""
    claimed = [point for point in points if point in t.product.start_points]
    await configure(t, {"TxCtrlr.TxStartPoint": (claimed or points)[0]})


async def _evse_known(t: Tester) -> None:
    await _start_at(t, "EVConnected", "PowerPathClosed", "DataSigned", "EnergyTransfer", "Authorized")
    await states.parking_bay_occupied(t)


async def _evse_unknown(t: Tester) -> None:
    await _start_at(t, "Authorized", "ParkingBayOccupancy")


@case(
    "TC_J_07_CS",
    "Values in the Started event",
    requirements=(*SAMPLED, "E01.FR.09", "E02.FR.09", "E03.FR.07", "E04.FR.05", "E05.FR.05"),
    settings=STARTED_LIST,
    begin=_evse_known,
)
async def sampled_started(t: Tester) -> None:
    """The EVSE is known when the transaction starts: the cable is in first, whatever starts it."""
    await states.ev_connected_pre_session(t)
    await states.energy_transfer_started(t)
    started = _one_of_the_events(t, 1, 0)
    t.require(1, started.event_type.value == "Started", "TransactionEventRequest.eventType", "Started", started)
    await _begins(t, started)


@case(
    "TC_J_08_CS",
    "Values as soon as the EVSE is known",
    requirements=(*SAMPLED, "E01.FR.16", "E01.FR.17", "E03.FR.11", "E05.FR.08"),
    readings=(BEGIN_VALUES,),
    settings=STARTED_LIST,
    begin=_evse_unknown,
)
async def sampled_evse_known(t: Tester) -> None:
    """The transaction starts with the card; its first values come once the EVSE is known."""
    await states.energy_transfer_started(t, remote=False)
    events = t.received(wire.TransactionEventRequest)
    named = [event for event in events if event.evse is not None]
    t.require(1, bool(named), "TransactionEventRequest.evse", "present once the cable is in", None)
    unnamed = [event.seq_no for event in events if event.evse is None and event.meter_value is not None]
    t.require(1, not unnamed, "TransactionEventRequest.meterValue: before the EVSE is known, seqNo", "absent", unnamed)
    begins = next((event for event in events if event.meter_value is not None), named[0])
    charging = [one.seq_no for one in events if one.transaction_info.charging_state is ChargingStateEnum.Charging]
    t.require(1, bool(charging), "TransactionEventRequest.transactionInfo.chargingState", "Charging", None)
    by_then = between(named[0].seq_no, charging[0])
    in_time = differs(BEGIN_VALUES, specification=by_then, tool=named[0].seq_no)
    t.compare(1, "TransactionEventRequest.seqNo: of the event with Transaction.Begin", begins.seq_no, in_time)
    await _begins(t, begins)


@case(
    "TC_J_09_CS",
    "Values during a transaction",
    requirements=(
        *SAMPLED,
        *("J02.FR.11", "J02.FR.14", "E02.FR.10", "E02.FR.11", "E03.FR.08", "E03.FR.09", "E04.FR.06"),
        *("E04.FR.09", "E11.FR.03", "E11.FR.06", "E12.FR.03", "E12.FR.06"),
    ),
    settings={**UPDATED_LIST, "SampledDataCtrlr.TxUpdatedInterval": str(INTERVAL)},
    begin=states.energy_transfer_started,
)
async def sampled_updated(t: Tester) -> None:
    """Three Updated events, one interval apart."""
    wanted = await configured(t, "SampledDataCtrlr.TxUpdatedMeasurands")
    taken: list[Taken] = []
    over = t.now() + 5 * INTERVAL + t.rig.tolerance
    # Several events may tell one instant (J02.FR.14), and values may be older than their event (J02.FR.10).
    while len(instants_of(t, taken)) <= 3 and t.now() < over:
        event = await t.event(1, event_type="Updated", trigger_reason="MeterValuePeriodic", within=2 * INTERVAL)
        t.require(1, event.meter_value is not None, "TransactionEventRequest.meterValue", "present", None)
        taken += [Taken(event.timestamp, t.config.evse_id, value.sampled_value) for value in event.meter_value or ()]
    instants = instants_of(t, taken)[:3]
    for instant in instants:
        check_measured(t, 1, instant, wanted, "Sample.Periodic")
    check_regular(t, 1, [instant[0].at for instant in instants])


@case(
    "TC_J_10_CS",
    "Values in the Ended event",
    requirements=(*SAMPLED, *ENDED),
    settings={
        **ENDED_LIST,
        "SampledDataCtrlr.TxEndedInterval": str(INTERVAL),
        "AlignedDataCtrlr.TxEndedMeasurands": "",
    },
    begin=states.energy_transfer_started,
)
async def sampled_ended(t: Tester) -> None:
    """A measurement for each interval, and one at the end; one at the start is allowed (Part 2, 2.7.5)."""
    await check_sampled_ended(t)


async def check_sampled_ended(t: Tester) -> tuple[wire.MeterValue, ...]:
    """Charge, end the transaction, and return the sampled values of its Ended event."""
    wanted = await configured(t, "SampledDataCtrlr.TxEndedMeasurands")
    await t.elapse(3 * INTERVAL)
    await states_stopping.parking_bay_unoccupied(t)
    told = _ended(t, 1)
    instants = instants_of(t, taken_of(t.config.evse_id, *told))
    for instant in instants:
        for context in sorted({context_of(value) for one in instant for value in one.values}):
            values = [one for one in instant if any(context_of(value) == context for value in one.values)]
            check_measured(t, 1, values, wanted, "Transaction.Begin", "Sample.Periodic", "Transaction.End")
    ends = [instant for instant in instants if _has(instant, "Transaction.End")]
    t.require(1, len(ends) == 1, "TransactionEventRequest.meterValue: instants with Transaction.End", "one", len(ends))
    check_regular(t, 1, [instant[0].at for instant in instants if _has(instant, "Sample.Periodic")])
    return told


def _has(instant: Iterable[Taken], context: str) -> bool:
    return any(context_of(value) == context for one in instant for value in one.values)
