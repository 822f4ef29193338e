"""What an EVSE may give: what it is made for, and what it is limited to."""

from ohmstead.edge.simulator.ev import AC_VOLTAGE
from ohmstead.ports.hardware import Limit

LEAST_AC_A = 6.0
"""Below this no AC charge begins or goes on (IEC 61851-1)."""


class Allowance:
    """The most of one EVSE.

    Attributes:
        rated_a: what the connector in use carries.
        limit: what the station has told.
        phases: how many are wired at the connector in use; 0: it is DC.
    """

    def __init__(self, made_for_w: float, rated_a: float, phases: int) -> None:
        self.rated_a = rated_a
        self.limit = Limit()
        self._made_for_w = made_for_w
        self.phases = phases

    @property
    def power_w(self) -> float:
        """The most power."""
        return self._made_for_w if self.limit.power_w is None else min(self._made_for_w, self.limit.power_w)

    @property
    def current_a(self) -> float:
        """The most current of a phase."""
        return self.rated_a if self.limit.current_a is None else min(self.rated_a, self.limit.current_a)

    @property
    def offered_a(self) -> float:
        """The current that is offered; with DC, what goes with the power depends on the car."""
        return min(self.current_a, self.power_w / (AC_VOLTAGE * self.phases)) if self.phases else self.current_a

    def starves(self, phases: int) -> bool:
        """Say whether a limit leaves too little for a car that uses so many phases; 0: it is a DC one."""
        if not phases:
            return self.power_w <= 0.0 or self.current_a <= 0.0
        return min(self.current_a, self.power_w / (AC_VOLTAGE * phases)) < LEAST_AC_A
