"""What each EVSE may give: the lowest limit of all who ask for one is told to the machine."""

from collections.abc import Iterable

from ohmstead.blocks.context import World
from ohmstead.blocks.hooks import hears
from ohmstead.blocks.work import Work
from ohmstead.model.events import LimitAsked
from ohmstead.ports.hardware import Limit, LimitedHardware

PRODUCT = "product"
"""Asks for what the product can give."""


class EvseLimits:
    """Keeps what everybody has asked for in this run of the station; whoever wants it longer asks again."""

    def __init__(self, work: Work, world: World) -> None:
        self._work = work
        self._world = world
        self._asked: dict[tuple[int, str], LimitAsked] = {}
        self._told: dict[int, Limit] = {}

    def start(self) -> None:
        """Tell the machine what the product says of each EVSE."""
        hardware = self._world.product.hardware
        for evse in self._world.product.evses:
            figures = [power for power in (evse.max_power_w, hardware.max_power_w) if power]
            self.when_limit_asked(LimitAsked(PRODUCT, evse.id, min(figures, default=None), None))

    @hears(LimitAsked)
    def when_limit_asked(self, asked: LimitAsked) -> None:
        """Take it instead of the last one of the same, and tell the machine what follows from all of them."""
        key = (asked.evse_id, asked.asked_by)
        before = self._asked.get(key)
        self._work.undo(lambda: self._take_back(key, before))
        self._asked[key] = asked
        self._work.after(lambda: self._tell(asked.evse_id))

    def _take_back(self, key: tuple[int, str], before: LimitAsked | None) -> None:
        if before is None:
            self._asked.pop(key, None)
        else:
            self._asked[key] = before

    def _tell(self, evse_id: int) -> None:
        limit = lowest([one for one in self._asked.values() if one.evse_id == evse_id])
        machine = self._world.hardware
        if isinstance(machine, LimitedHardware) and limit != self._told.get(evse_id):
            machine.limit(evse_id, limit)
            self._told[evse_id] = limit


def lowest(asked: Iterable[LimitAsked]) -> Limit:
    """Return the lowest power and the lowest current, and who asked for them."""
    asked = list(asked)
    power = min((one.power_w for one in asked if one.power_w is not None), default=None)
    current = min((one.current_a for one in asked if one.current_a is not None), default=None)
    whose = {
        one.asked_by
        for one in asked
        if (power is not None and one.power_w == power) or (current is not None and one.current_a == current)
    }
    return Limit(power_w=power, current_a=current, asked_by=tuple(sorted(whose)))
