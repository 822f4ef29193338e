"""Block J: signed meter values in the Ended event (J01.FR.21, J02.FR.21)."""

from collections.abc import Iterable

from ohmstead.lab.cases import states
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.j_metering import ALIGNED, ENDED, SAMPLED, check_aligned_ended, check_sampled_ended
from ohmstead.lab.cases.signed import registers, signed_values, wrongs
from ohmstead.lab.cases.states_metering import ALIGNED_ENDED_LIST, ENDED_LIST, INTERVAL, context_of
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.j_metering import FROM_MIDNIGHT
from ohmstead.wire import messages as wire

KEY_RULE = "OCPPCommCtrlr.PublicKeyWithSignedMeterValue"
SIGNED = "sampledValue.signedMeterValue"


@case(
    "TC_J_04_CS",
    "Clock-aligned values in the Ended event, signed",
    requirements=(*ALIGNED, *ENDED, "J01.FR.21"),
    readings=(FROM_MIDNIGHT,),
    settings={
        **ALIGNED_ENDED_LIST,
        "AlignedDataCtrlr.TxEndedInterval": str(INTERVAL),
        "SampledDataCtrlr.TxEndedMeasurands": "",
        "AlignedDataCtrlr.SendDuringIdle": "false",
        "AlignedDataCtrlr.SignReadings": "true",
    },
    begin=states.energy_transfer_started,
)
async def aligned_signed(t: Tester) -> None:
    """Each reading of the register is signed by the meter, whose key comes as the station is told to send it."""
    await check_signed(t, 1, await check_aligned_ended(t))


@case(
    "TC_J_11_CS",
    "Sampled values in the Ended event, signed",
    requirements=(*SAMPLED, *ENDED, "J02.FR.21"),
    settings={
        **ENDED_LIST,
        "SampledDataCtrlr.TxEndedInterval": str(INTERVAL),
        "AlignedDataCtrlr.TxEndedMeasurands": "",
        "SampledDataCtrlr.SignReadings": "true",
    },
    begin=states.energy_transfer_started,
)
async def sampled_signed(t: Tester) -> None:
    """Each reading of the register is signed by the meter, whose key comes as the station is told to send it."""
    await check_signed(t, 1, await check_sampled_ended(t))


async def check_signed(t: Tester, step: int, meters: tuple[wire.MeterValue, ...]) -> None:
    """Check that the registers of an event are signed, by the key that the transaction has told.

    Other measurands may stand beside it unsigned: a meter signs what it is sealed for.
    """
    events = t.received(wire.TransactionEventRequest)
    told = tuple(meter for event in events for meter in event.meter_value or ())
    keys = [key for key in _keys(told) if key]
    await _check_keys(t, step, told, keys)
    # Of single phases a meter need not sign the register.
    totals = [value for _, value in registers(meters) if value.phase is None]
    unsigned = [context_of(value) for value in totals if value.signed_meter_value is None]
    if {*unsigned} == {"Sample.Periodic"}:
        t.note("the readings between begin and end are not signed, which 2.7.3 lets be")
    else:
        t.require(
            step,
            not unsigned,
            SIGNED,
            "present in every reading of the register",
            f"absent in values of {', '.join(unsigned)}",
        )
    t.require(step, bool(_keys(meters)), SIGNED, "present", "absent")
    for meter, value in signed_values(meters):
        for fault in wrongs(meter, value, keys[0] if keys else ""):
            t.require(step, False, f"sampledValue.{fault.field}", fault.wanted, fault.got)


def _keys(meters: Iterable[wire.MeterValue]) -> list[str]:
    values = (value for meter in meters for value in meter.sampled_value)
    return [value.signed_meter_value.public_key for value in values if value.signed_meter_value is not None]


async def _check_keys(t: Tester, step: int, told: tuple[wire.MeterValue, ...], keys: list[str]) -> None:
    """Check how often the key came (Part 2, 2.7.17)."""
    rule, field = await t.get(KEY_RULE), f"{SIGNED}.publicKey"
    if rule == "Never":
        t.require(step, not keys, field, "empty", f"{len(keys)} times a key")
    elif rule == "EveryMeterValue":
        t.require(step, len(keys) == len(_keys(told)), field, "a key each time", f"{len(keys)} of {len(_keys(told))}")
    elif rule == "OncePerTransaction":
        t.require(step, len(keys) == 1, field, "a key once in the transaction", f"{len(keys)} times")
        t.require(step, bool(_keys(told)[0]), field, "a key with the first signed value", "with a later one")
    t.require(step, len(set(keys)) <= 1, field, "the same key", f"{len(set(keys))} keys")
