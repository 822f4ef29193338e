"""A simulated charging station: cars with batteries, shared power, meters, locks, a reader and a display."""

from ohmstead.edge.simulator.ev import DEFAULT_MODEL, MODELS, SimulatedEvModel
from ohmstead.edge.simulator.hand import SimulatedHand
from ohmstead.edge.simulator.memory import StateFile
from ohmstead.edge.simulator.operator_actions import FAULTS
from ohmstead.edge.simulator.simulator import Simulator
from ohmstead.edge.simulator.views import CurvePoint, EvseSnapshot, SimulatorState, Snapshot, ev_models

__all__ = [
    "DEFAULT_MODEL",
    "FAULTS",
    "MODELS",
    "CurvePoint",
    "EvseSnapshot",
    "SimulatedEvModel",
    "SimulatedHand",
    "Simulator",
    "SimulatorState",
    "Snapshot",
    "StateFile",
    "ev_models",
]
