"""Meter readings as requests; used wherever an EVSE's values are sent outside a transaction."""

import logging
from datetime import datetime

from ohmstead.blocks.context import World
from ohmstead.model.device import DeviceModel
from ohmstead.model.metering import ENERGY, Sample, meter_values, take, with_keys
from ohmstead.ports.hardware import Hardware, MainMeteredHardware, MeterReading
from ohmstead.ports.measurands import added, measurands_of
from ohmstead.ports.signing_meter import SigningMeter
from ohmstead.wire.messages import MeterValuesRequest, ReadingContextEnum

_log = logging.getLogger(__name__)


def main_meter(world: World) -> MeterReading:
    """Read the main meter, EVSE 0: where the machine has none, the sum of the EVSEs (J01.FR.04)."""
    if isinstance(world.hardware, MainMeteredHardware):
        return world.hardware.read_main()
    return added(tuple(world.hardware.read(evse.id) for evse in world.product.evses))


def sample(
    hardware: Hardware,
    evse_id: int,
    measurands: tuple[str, ...],
    at: datetime,
    context: ReadingContextEnum,
    *,
    signs: bool,
) -> Sample | None:
    """Return the sample of an EVSE's meter; the register signed where that is asked for, and the meter does it."""
    reading = measurands_of(hardware.read(evse_id))
    if not (signs and ENERGY in measurands and isinstance(hardware, SigningMeter)):
        return take(reading, measurands, at, context)
    signed = hardware.sign(evse_id, at, context)
    if signed is None:
        _log.warning("the meter of EVSE %s gave no signature: the value goes without", evse_id)
        return take(reading, measurands, at, context)
    register = {**reading.get(ENERGY, {}), None: signed.energy_wh}
    return take({**reading, ENERGY: register}, measurands, at, context, signed.value)


def aligned_values(
    device: DeviceModel, world: World, evse_id: int, at: datetime, context: ReadingContextEnum
) -> MeterValuesRequest | None:
    """Return the request with AlignedDataCtrlr.Measurands of an EVSE, or None if nothing is to be measured."""
    measurands = device.aligned_data.measurands
    if evse_id != 0:
        signs = device.aligned_data.sign_readings
        taken = sample(world.hardware, evse_id, measurands, at, context, signs=signs)
    else:
        taken = take(measurands_of(main_meter(world)), measurands, at, context)
    if taken is None:
        return None
    # There is no transaction that the key could be told once for.
    samples, _ = with_keys((taken,), device.ocpp_comm.public_key_with_signed_meter_value, sent=True)
    return MeterValuesRequest(evse_id=evse_id, meter_value=meter_values(samples))
