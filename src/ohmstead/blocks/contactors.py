"""Energy is asked for and taken away here, and looked after whether the machine has obeyed."""

from collections.abc import Callable
from functools import partial

from ohmstead.blocks.context import World
from ohmstead.blocks.work import Timer, Work
from ohmstead.model.obstacles import POWER_SWITCH_FAILURE
from ohmstead.ports.hardware import FaultChanged

CONTACTOR_TIME = 5.0
"""Seconds that a contactor may take to open, a slow bus included; after that it is stuck or welded."""


class Contactors:
    """The power paths of all EVSEs. One that stays closed is a fault of its EVSE until it has opened.

    Args:
        work: sets the timers.
        world: the machine.
        tell: hears of a contactor that is stuck, and of one that is not any more.
    """

    def __init__(self, work: Work, world: World, tell: Callable[[FaultChanged], None]) -> None:
        self._work = work
        self._world = world
        self._tell = tell
        self._looks: dict[int, Timer] = {}
        self._allowed: set[int] = set()

    def permit(self, evse_id: int, *, allowed: bool) -> None:
        """Allow or forbid energy at an EVSE; whatever held it back before is over."""
        hardware = self._world.hardware
        hardware.suspend(evse_id, suspended=False)
        hardware.enable(evse_id, enabled=allowed)
        if allowed:
            self._allowed.add(evse_id)
        else:
            self._allowed.discard(evse_id)
            self._look_later(evse_id)

    def _look_later(self, evse_id: int) -> None:
        pending = self._looks.pop(evse_id, None)
        if pending is not None:
            pending.cancel()
        self._looks[evse_id] = self._work.later(CONTACTOR_TIME, partial(self._look, evse_id))

    def _look(self, evse_id: int) -> None:
        stuck = evse_id not in self._allowed and self._world.hardware.state(evse_id).conducts
        self._tell(FaultChanged(evse_id, 0, POWER_SWITCH_FAILURE, active=stuck))
        if stuck:
            self._world.hardware.enable(evse_id, enabled=False)
            self._look_later(evse_id)
