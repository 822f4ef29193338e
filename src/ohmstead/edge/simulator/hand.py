"""A person at a simulated station: the machine (`operator_actions.py`), mains, service button and network plugs."""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from ohmstead.edge.simulator.operator_actions import OperatorActions
from ohmstead.ports.hand import (
    Action,
    CutNetwork,
    CutPower,
    HandRefused,
    NotKept,
    Reboot,
    RestoreNetwork,
    RestorePower,
)
from ohmstead.ports.hand_methods import Awaited, HandMethods
from ohmstead.ports.supervisor import Supervisor

_log = logging.getLogger(__name__)


class Cables(Protocol):
    """The network interfaces, each of which can be cut."""

    def cut(self, name: str | None = None) -> None:
        """Cut an interface, or all. Raises KeyError for one that the station does not have."""
        ...

    def restore(self, name: str | None = None) -> None:
        """Restore it. Raises KeyError."""
        ...


class SimulatedHand(HandMethods[Awaited]):
    """Implements `ports.hand.Hand` for a station whose machine and network are simulated.

    Args:
        actions: the hands at the machine.
        supervisor: runs the station.
        cables: its network.
    """

    def __init__(self, actions: OperatorActions, supervisor: Supervisor, cables: Cables) -> None:
        self._actions = actions
        self._supervisor = supervisor
        self._cables = cables

    async def perform(self, action: Action) -> None:
        """Do it: power, service button and network here, everything else at the machine."""
        match action:
            case CutPower():
                await self._cut_power()
            case RestorePower():
                await self._restore_power()
            case Reboot():
                self._press_service_button()
            case CutNetwork(interface=interface):
                self._rewire(self._cables.cut, interface)
            case RestoreNetwork(interface=interface):
                self._rewire(self._cables.restore, interface)
            case _ if action.fleeting:
                await self._tell(action)
            case _:
                self._actions.perform(action)

    async def _cut_power(self) -> None:
        """Take the mains away: first store and link, so that nobody tidies up (decided case 18)."""
        if not self._supervisor.powered:
            raise HandRefused("there is no power already: restore it first")
        self.lose_power()
        await self._supervisor.down()

    def lose_power(self) -> None:
        """Cut the power in the middle of whatever is happening, without waiting; `restore_power` gives it back."""
        self._supervisor.lose_power()
        try:
            self._actions.perform(CutPower())
        except Exception:
            _log.exception("the machine has its power taken away all the same")

    async def _restore_power(self) -> None:
        """Give the mains back; the station boots with what is durable."""
        if self._supervisor.powered:
            raise HandRefused("there is power")
        await self._supervisor.down()
        self._actions.perform(RestorePower())
        self._supervisor.restore_power()

    def _press_service_button(self) -> None:
        if not self._supervisor.restart():
            raise HandRefused("the station is not running: it has no power")

    def _rewire(self, change: Callable[[str | None], None], interface: str | None) -> None:
        """Pull a network plug, or put it back."""
        try:
            change(interface)
        except KeyError as unknown:
            raise HandRefused(f"there is no interface {interface}") from unknown
        self._supervisor.changed()

    async def _tell(self, action: Action) -> None:
        """Do what only the station can remember; NotKept where it could not."""
        self._need_memory()
        self._actions.perform(action)
        await asyncio.sleep(0)  # what is observed comes from the loop, in its order: it is there now
        self._need_memory()

    def _need_memory(self) -> None:
        failure = self._supervisor.failure
        if failure:
            raise NotKept(f"the station is out of order, for nothing can be kept ({failure}): it forgets this")
