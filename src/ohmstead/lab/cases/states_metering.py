"""Meter values: what was taken at one instant, whichever messages tell it, and whether it is what was configured."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec

from ohmstead.lab.cases.case import Settings
from ohmstead.lab.cases.checks import Wanted, differs
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.cases.value_words import words_of
from ohmstead.lab.prerequisites import OF_AN_EV
from ohmstead.lab.readings.j_metering import ALIGNED_EVERYWHERE, FROM_MIDNIGHT, MEASURED_ELSEWHERE
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import LocationEnum, MeasurandEnum, ReadingContextEnum

INTERVAL = 4
"""Seconds between two measurements: more than three times the greatest tolerance of our own rigs."""
MAIN_METER = 0
"""The evseId of what is measured for the station as a whole."""
ENERGY = MeasurandEnum.Energy_Active_Import_Register


ALIGNED_LIST: Settings = {"AlignedDataCtrlr.Measurands": lambda config: ",".join(config.measurands.aligned)}
ALIGNED_ENDED_LIST: Settings = {
    "AlignedDataCtrlr.TxEndedMeasurands": lambda config: ",".join(config.measurands.aligned_tx_ended)
}
STARTED_LIST: Settings = {"SampledDataCtrlr.TxStartedMeasurands": lambda config: ",".join(config.measurands.tx_started)}
UPDATED_LIST: Settings = {"SampledDataCtrlr.TxUpdatedMeasurands": lambda config: ",".join(config.measurands.tx_updated)}
ENDED_LIST: Settings = {"SampledDataCtrlr.TxEndedMeasurands": lambda config: ",".join(config.measurands.tx_ended)}


class Taken(msgspec.Struct, frozen=True):
    """Values of one EVSE, or of the main meter."""

    at: datetime
    evse_id: int
    values: tuple[wire.SampledValue, ...]


def taken_of(evse_id: int, *values: wire.MeterValue) -> list[Taken]:
    """Return what meterValue elements tell of an EVSE."""
    return [Taken(value.timestamp, evse_id, value.sampled_value) for value in values]


def context_of(value: wire.SampledValue) -> str:
    """Return the context; left out, it is Sample.Periodic (SampledValueType)."""
    return (value.context or ReadingContextEnum.Sample_Periodic).value


def instants_of(t: Tester, taken: Iterable[Taken]) -> list[list[Taken]]:
    """Put together what belongs to one instant: several messages may tell it, and meters are read one by one."""
    found: list[list[Taken]] = []
    for one in sorted(taken, key=lambda one: one.at):
        if found and one.at - found[-1][0].at <= _near(t):
            found[-1].append(one)
        else:
            found.append([one])
    return found


def _near(t: Tester) -> timedelta:
    return timedelta(seconds=min(t.rig.tolerance, INTERVAL / 4))


def check_measured(t: Tester, step: int, taken: Iterable[Taken], wanted: Sequence[str], *contexts: str) -> None:
    """Check what one place has at one instant: contexts that may be, and an element for each measurand."""
    sampled = [value for one in taken for value in one.values]
    _check_contexts(t, step, sampled, contexts)
    t.compare(step, "sampledValue.measurand", _measurands(sampled), ", ".join(sorted(wanted)))


def _measurands(sampled: Iterable[wire.SampledValue]) -> str:
    return ", ".join(sorted({(value.measurand or ENERGY).value for value in sampled}))


def _check_contexts(t: Tester, step: int, sampled: Iterable[wire.SampledValue], contexts: Sequence[str]) -> None:
    """Check each value: a context that may be, no location EV but for SoC (errata 6.2.58)."""
    for value in sampled:
        context = context_of(value)
        t.require(step, context in contexts, "sampledValue.context", " or ".join(contexts), context)
        at_ev = value.location is LocationEnum.EV and value.measurand is not MeasurandEnum.SoC
        t.require(step, not at_ev, "sampledValue.location", "not EV", value.location)


def _measured_idle(t: Tester, step: int, taken: Iterable[Taken], wanted: Sequence[str]) -> None:
    """Check the clock-aligned values of a place without an EV."""
    sampled = [value for one in taken for value in one.values]
    _check_contexts(t, step, sampled, ["Sample.Clock"])
    least = sorted(set(wanted) - OF_AN_EV)
    every = ", ".join(sorted(wanted))

    def enough(got: object) -> bool:
        return set(least) <= set(str(got).split(", ")) <= set(wanted)

    some = Wanted(f"{', '.join(least)}, and of the others what there is", enough)
    t.compare(
        step,
        "sampledValue.measurand",
        _measurands(sampled),
        differs(MEASURED_ELSEWHERE, specification=some, tool=every),
    )


def check_regular(t: Tester, step: int, instants: Iterable[datetime], interval: int = INTERVAL) -> None:
    """Check that the distinct instants are one interval apart."""
    distinct = sorted(set(instants))
    t.require(
        step,
        len(distinct) >= 2,
        "MeterValuesRequest or TransactionEventRequest: instants with values",
        "2 or more",
        len(distinct),
    )
    for earlier, later in pairwise(distinct):
        seconds = (later - earlier).total_seconds()
        t.require(
            step,
            abs(seconds - interval) <= t.rig.tolerance,
            "MeterValuesRequest.meterValue.0.timestamp: seconds between two",
            interval,
            seconds,
        )


async def configured(t: Tester, key: str) -> list[str]:
    """Return the members of a measurand list."""
    return [name for name in (await t.get(key) or "").split(",") if name]


async def aligned_rounds(t: Tester, step: int, rounds: int, evses: Sequence[int]) -> list[datetime]:
    """Wait for some rounds of MeterValues of these EVSEs, each at one instant; return the instants."""
    wanted = await configured(t, "AlignedDataCtrlr.Measurands")
    old = [value.timestamp for message in t.received(wire.MeterValuesRequest) for value in message.meter_value]
    since = max(old) + _near(t) if old else None

    def new(message: wire.MeterValuesRequest) -> bool:
        at = message.meter_value[0].timestamp
        return message.evse_id in (MAIN_METER, *evses) and (since is None or at > since)

    taken: list[Taken] = []
    over = t.now() + (rounds + 2) * INTERVAL + t.rig.tolerance
    # What follows the last round says that it is complete.
    while len(instants_of(t, taken)) <= rounds and t.now() < over:
        message = await t.expect(step, wire.MeterValuesRequest, where=new, within=2 * INTERVAL)
        taken += taken_of(message.evse_id, *message.meter_value)
    found = instants_of(t, taken)[:rounds]
    t.require(
        step,
        len(found) == rounds,
        "MeterValuesRequest or TransactionEventRequest: instants with values",
        rounds,
        len(found),
    )
    for instant in found:
        _check_round(t, step, instant, evses, wanted)
    _check_main_meter(t, step, found)
    return [instant[0].at for instant in found]


def _check_round(t: Tester, step: int, instant: Sequence[Taken], evses: Sequence[int], wanted: Sequence[str]) -> None:
    places = sorted({one.evse_id for one in instant})
    for place in places:
        _measured_idle(t, step, [one for one in instant if one.evse_id == place], wanted)
    every = Wanted(f"values of EVSE {', '.join(map(str, evses))}", lambda _: set(evses) <= set(places))
    any_place = Wanted("values of some EVSE", lambda _: bool(places))
    told = f"values of EVSE {', '.join(map(str, places))}"
    by_either = differs(ALIGNED_EVERYWHERE, specification=every, tool=any_place)
    t.compare(step, "MeterValuesRequest.evseId", told, by_either)


def _check_main_meter(t: Tester, step: int, found: Sequence[Sequence[Taken]]) -> None:
    """A station may have none; one that it has is read every time."""
    told = [any(one.evse_id == MAIN_METER for one in instant) for instant in found]
    if not any(told):
        t.note("no values of the main meter: the station is taken to have none")
    t.require(
        step,
        all(told) or not any(told),
        "MeterValuesRequest: values of the main meter, at each instant",
        "at every instant, or never",
        told,
    )


def check_on_the_clock(t: Tester, step: int, instants: Iterable[datetime]) -> None:
    """Check that the instants are whole multiples of the interval since midnight UTC."""
    near = _near(t).total_seconds()

    def aligned(instant: datetime) -> bool:
        midnight = instant.replace(hour=0, minute=0, second=0, microsecond=0)
        rest = (instant - midnight).total_seconds() % INTERVAL
        return min(rest, INTERVAL - rest) <= near

    instants = list(instants)
    on_time = Wanted(f"multiples of {INTERVAL} s since midnight", lambda _: all(map(aligned, instants)))
    told = ", ".join(map(words_of, instants))
    by_either = differs(FROM_MIDNIGHT, specification=on_time, tool=Wanted("any instants", lambda _: True))
    t.compare(step, "MeterValuesRequest.meterValue.0.timestamp", told, by_either)
