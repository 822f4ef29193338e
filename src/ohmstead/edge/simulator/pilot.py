"""The control pilot of an AC EVSE: its voltage tells of the car, its duty cycle of the current (IEC 61851-1)."""

from ohmstead.edge.simulator.allowance import LEAST_AC_A
from ohmstead.edge.simulator.evse import SimulatedEvse
from ohmstead.ports.hardware import ControlPilot, PilotState, Supply

STEADY = 100.0
"""No pulses: the car may not take energy."""
BEND_A = 51.0
"""Up to here 0.6 A are a percent; above, 2.5 A."""
MOST_A = 80.0
PILOT_SHORT = "PilotShort"
"""A fault of a connector: its pilot is shorted to earth."""


def duty_cycle(amperes: float) -> float:
    """Return the duty cycle in % that offers a current; one that is too small is not offered."""
    if amperes < LEAST_AC_A:
        return STEADY
    if amperes <= BEND_A:
        return amperes / 0.6
    # The two lines do not meet: what lies between them is offered as the end of the first.
    return max(BEND_A / 0.6, min(amperes, MOST_A) / 2.5 + 64.0)


def pilot_of(outlet: SimulatedEvse, *, mains: bool, stopped: bool) -> ControlPilot:
    """Return what the pilot of an EVSE does.

    An EV that wants energy takes C, one that needs ventilation D, whether there is any or not; the contactor follows.

    Args:
        outlet: the EVSE.
        mains: whether there is power.
        stopped: whether the emergency stop is pressed.
    """
    offers = outlet.enabled and not outlet.suspended and not outlet.released
    duty = duty_cycle(outlet.allowance.offered_a) if offers else STEADY
    if not mains or any(code == PILOT_SHORT for _, code in outlet.faults):
        return ControlPilot(state=PilotState.E, duty_percent=STEADY)
    if stopped or outlet.faults:
        return ControlPilot(state=PilotState.F, duty_percent=STEADY)
    if outlet.ev is None:
        return ControlPilot(state=PilotState.A, duty_percent=STEADY)
    state = PilotState.C if outlet.supply is Supply.Delivering else PilotState.B
    if offers and outlet.asks_ventilation:
        state = PilotState.D
    return ControlPilot(state=state, duty_percent=duty)
