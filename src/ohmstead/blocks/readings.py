"""Meter readings as requests; used wherever an EVSE's values are sent outside a transaction."""

from datetime import datetime

from ohmstead.blocks.context import World
from ohmstead.model.device import DeviceModel
from ohmstead.model.metering import meter_values, take
from ohmstead.ports.hardware import MeterReading
from ohmstead.ports.measurands import added, measurands_of
from ohmstead.wire.messages import MeterValuesRequest, ReadingContextEnum


def read_meter(world: World, evse_id: int) -> MeterReading:
    """Read an EVSE's meter; 0 is the main meter, the sum of the EVSEs (J01.FR.04)."""
    if evse_id != 0:
        return world.hardware.read(evse_id)
    return added(tuple(world.hardware.read(evse.id) for evse in world.product.evses))


def aligned_values(
    device: DeviceModel, world: World, evse_id: int, at: datetime, context: ReadingContextEnum
) -> MeterValuesRequest | None:
    """Return the request with AlignedDataCtrlr.Measurands of an EVSE, or None if nothing is to be measured."""
    measurands = device.aligned_data.measurands
    sample = take(measurands_of(read_meter(world, evse_id)), measurands, at, context)
    return None if sample is None else MeterValuesRequest(evse_id=evse_id, meter_value=meter_values([sample]))
