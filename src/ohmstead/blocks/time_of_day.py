"""The time of day as the CSMS tells it, with BootNotification and Heartbeat (B01.FR.06, G02.FR.06)."""

import logging
from datetime import datetime

from ohmstead.blocks.context import World
from ohmstead.model.device import DeviceModel
from ohmstead.model.time_sources import HEARTBEAT, TimeSources
from ohmstead.ports.clock import ImpossibleMoment

_log = logging.getLogger(__name__)


def take_time(device: DeviceModel, time_sources: TimeSources, world: World, told: datetime) -> None:
    """Set the clock if the CSMS is the source to listen to; a moment that cannot be is logged only."""
    time_sources.hear(HEARTBEAT, gives=True)
    if not time_sources.counts(HEARTBEAT, device.clock.time_source):
        return
    try:
        world.clock.set(told)
    except ImpossibleMoment as impossible:
        _log.warning("the time that the CSMS told is not taken: %s", impossible)
