"""Energy is asked for and taken away here, and looked after whether contactor and lock have obeyed."""

from collections.abc import Callable
from functools import partial

from ohmstead.blocks.context import World
from ohmstead.blocks.work import Timer, Work
from ohmstead.model.events import LockTried
from ohmstead.ports.hardware import (
    POWER_SWITCH_FAILURE,
    EvseState,
    FaultChanged,
    Supply,
)

CONTACTOR_TIME = 5.0
"""Seconds that a contactor may take, a slow bus included; after that it is stuck or welded."""


class Contactors:
    """The power paths of all EVSEs. One that does not do what it is told is a fault of its EVSE.

    One that stays closed is looked at until it has opened. Whether one that stays open would close again is not known
    without energy: that fault lasts until somebody says that it was repaired.

    Args:
        work: sets the timers.
        world: the machine.
        tell: hears of a contactor that fails, and of one that does not any more.
    """

    def __init__(self, work: Work, world: World, tell: Callable[[FaultChanged], None]) -> None:
        self._work = work
        self._world = world
        self._tell = tell
        self._looks: dict[int, Timer] = {}
        self._allowed: set[int] = set()
        self._doubtful: set[int] = set()
        """EVSEs where something was wrong at the last look: it may have been on its way."""
        self._open: set[int] = set()
        """EVSEs whose contactor did not close."""

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

    def watch(self, evse_id: int) -> None:
        """Something has changed at an EVSE that its contactor and lock should have followed in a while."""
        if evse_id not in self._looks:
            self._look_later(evse_id)

    def repaired(self, evse_id: int) -> None:
        """A contactor that did not close is worth another try."""
        self._open.discard(evse_id)
        self._look_later(evse_id)

    def _look_later(self, evse_id: int) -> None:
        pending = self._looks.pop(evse_id, None)
        if pending is not None:
            pending.cancel()
        self._looks[evse_id] = self._work.later(CONTACTOR_TIME, partial(self._look, evse_id))

    def _look(self, evse_id: int) -> None:
        self._looks.pop(evse_id, None)
        found = self._world.hardware.state(evse_id)
        if evse_id in self._allowed:
            self._look_at_work(evse_id, found)
            return
        self._doubtful.discard(evse_id)
        self._tell_of_switch(evse_id, failed=found.conducts or evse_id in self._open)
        if found.conducts:
            self._world.hardware.enable(evse_id, enabled=False)
            self._look_later(evse_id)

    def _look_at_work(self, evse_id: int, found: EvseState) -> None:
        """What is wrong where energy may flow is a fault when it was wrong at the look before, too."""
        unlocked = found.locked is False and found.supply is Supply.Delivering and self._has_lock(evse_id, found)
        if not found.disobeys and not unlocked:
            self._doubtful.discard(evse_id)
            if found.supply is Supply.Preparing:
                self._look_later(evse_id)  # nobody says when the EV is ready and the contactor has to close
        elif evse_id not in self._doubtful:
            self._doubtful.add(evse_id)
            self._look_later(evse_id)
        elif found.disobeys:
            if not found.closed:
                self._open.add(evse_id)
            self._tell_of_switch(evse_id, failed=True)
        elif found.connector_id is not None:
            self._work.announce(LockTried(evse_id, found.connector_id, answered=False, shut=True))

    def _has_lock(self, evse_id: int, found: EvseState) -> bool:
        """Say whether it is the station that shuts the lock of the connector in use."""
        product = self._world.product
        connectors = next((evse.connectors for evse in product.evses if evse.id == evse_id), ())
        return any(product.has_lock(one) for one in connectors if one.id == found.used)

    def _tell_of_switch(self, evse_id: int, *, failed: bool) -> None:
        self._tell(FaultChanged(evse_id, 0, POWER_SWITCH_FAILURE, active=failed))
