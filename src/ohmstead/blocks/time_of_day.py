"""The time of day as the CSMS tells it, with BootNotification and Heartbeat (B01.FR.06, G02.FR.06)."""

import logging
from datetime import datetime

from ohmstead.blocks.context import World
from ohmstead.model.device import DeviceModel
from ohmstead.ports.clock import ImpossibleMoment

_log = logging.getLogger(__name__)


def take_time(device: DeviceModel, world: World, told: datetime) -> None:
    """Set the clock if the CSMS is a source of time; a moment that cannot be is logged, and the clock goes on."""
    if "Heartbeat" not in device.clock.time_source:
        return
    try:
        world.clock.set(told)
    except ImpossibleMoment as impossible:
        _log.warning("the time that the CSMS told is not taken: %s", impossible)
