"""The power electronics of a station in time, without asyncio: outlets that share what the mains give.

The machine moves in steps at fixed moments of the loop's time (whole seconds while a power rises, else every five
seconds) and at the moments at which something happens. It is moved as far as it is looked at, so a look costs the
steps since the last one, nobody's look changes a result, and a day that nobody watches costs almost nothing.
"""

from collections.abc import Mapping
from math import floor

from ohmstead.edge.simulator.evse import STEP_S, SimulatedEvse
from ohmstead.edge.simulator.limits import evse_power, share
from ohmstead.edge.simulator.views import SimulatorState
from ohmstead.ports.hardware import Observation, Screen
from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import Product

RAMP_STEP_S = 1.0
"""The step while a power rises; else it is STEP_S."""


class SimulatedCabinet:
    """All outlets and what acts on all of them.

    Attributes:
        outlets: EVSE id -> outlet, in the order of the product.
        limit_w: what the outlets share.
        bay_sensor: whether the product notices a car in a bay.
        screen: what the display shows.
        mains: whether there is power at all.
        emergency_stop: whether it is pressed.
        memory_fault: why nothing can be written down; no energy flows then. None: it can.
    """

    def __init__(self, product: Product, meters: Mapping[int, float]) -> None:
        self.outlets = {
            evse.id: SimulatedEvse(
                evse,
                evse_power(product, evse),
                meters.get(evse.id, 0.0),
                frozenset(connector.id for connector in evse.connectors if product.has_lock(connector)),
                ventilates=product.hardware.ventilated or not product.has(Feature.IEC61851_MODE_3),
                protects=product.has(Feature.CABLE_LOCKED_UNTIL_AUTHORIZED),
            )
            for evse in product.evses
        }
        self.limit_w = product.hardware.max_power_w or sum(outlet.limit_w for outlet in self.outlets.values())
        self.bay_sensor = product.has(Feature.STARTS_AT_PARKING_BAY_OCCUPANCY) or product.has(
            Feature.STOPS_AT_PARKING_BAY_OCCUPANCY
        )
        self.screen: Screen | None = None
        self.mains = True
        self.emergency_stop = False
        self.memory_fault: str | None = None
        self._time = 0.0

    def advance(self, now: float) -> list[Observation]:
        """Go through every step and event up to now, and return what happened, in order."""
        seen: list[Observation] = []
        while (moment := self._next_moment()) <= now:
            self.settle(moment)
            for outlet in self.outlets.values():
                seen += outlet.pass_due(moment)
            seen += self.refresh(moment)
        return seen

    def settle(self, t: float) -> None:
        """Book all energy until t; `advance` must have come as far."""
        for outlet in self.outlets.values():
            outlet.settle(t)
        self._time = t

    def refresh(self, t: float) -> list[Observation]:
        """Find supplies and powers anew after a change at t, and return what changed."""
        seen: list[Observation] = []
        live = self.mains and not self.emergency_stop and self.memory_fault is None
        for outlet in self.outlets.values():
            seen += outlet.refresh(t, live=live)
        flowing = [outlet for outlet in self.outlets.values() if outlet.delivering]
        for outlet, power in zip(flowing, share([one.wish_w() for one in flowing], self.limit_w), strict=True):
            outlet.give(t, power)
        return seen

    def wake_at(self) -> float:
        """Return a moment before which nothing happens by itself; inf: never."""
        moment = min(outlet.wake_at for outlet in self.outlets.values())
        if moment < (following := self._next_moment()):
            return following
        return moment

    def black_out(self) -> None:
        """Lose the mains; `refresh` must follow."""
        self.mains = False
        self.screen = None
        for outlet in self.outlets.values():
            outlet.black_out()

    def capture(self, t: float) -> SimulatorState:
        """Write down what outlives the process."""
        return SimulatorState(
            outlets=tuple(outlet.capture(t) for outlet in self.outlets.values()),
            emergency_stop=self.emergency_stop,
        )

    def restore(self, state: SimulatorState) -> None:
        """Take up again what was written down. Raises ValueError where it does not fit the product."""
        self.emergency_stop = state.emergency_stop
        for one in state.outlets:
            if one.evse_id not in self.outlets:
                raise ValueError(f"the product has no EVSE {one.evse_id}")
            self.outlets[one.evse_id].restore(one)

    def _next_moment(self) -> float:
        due = min(outlet.due_at for outlet in self.outlets.values())
        flowing = [outlet for outlet in self.outlets.values() if outlet.delivering]
        if not flowing:
            return due
        step = RAMP_STEP_S if any(outlet.ramping for outlet in flowing) else STEP_S
        return min(due, (floor(self._time / step + 1e-9) + 1) * step)
