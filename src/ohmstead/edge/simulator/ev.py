"""The EVs that can be plugged in: named models, and one drawn car of a model with its battery.

Power is a function of the state of charge, straight between the points of a curve. The last stretch falls to a small
cut-off power at 100 %: straight in charge is exponential in time, which is how a battery at constant voltage tapers.
"""

import re
from bisect import bisect_right
from random import Random

import msgspec

AC_VOLTAGE = 230.0
"""Volts between phase and neutral."""
DC_EFFICIENCY = 0.97
"""Part of the metered energy that a DC charge leaves in the battery; the rest warms and cools it."""
AC_EFFICIENCY = 0.90
"""The same behind an onboard charger."""

_SPEC = re.compile(r"(?P<name>[^@]+)(?:@(?P<start>\d+(?:\.\d+)?)(?:-(?P<target>\d+(?:\.\d+)?))?)?")


class SimulatedEvModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model of EV; energies in Wh, powers in W, percentages of the usable battery as the car displays them."""

    name: str
    label: str
    """What a person calls it."""
    battery_wh: float
    """What the cells hold; the car uses the window of it and calls that 0 to 100 %."""
    window: tuple[float, float] = (0.04, 0.97)
    """Usable part of the battery, as fractions of `battery_wh`."""
    curve: tuple[tuple[float, float], ...]
    """DC charging curve: (SoC in %, W), from 0 to 100 %, above zero everywhere."""
    voltage: tuple[float, float]
    """Volts of the pack at 0 and at 100 %, under charge."""
    max_current_a: float
    """Of the DC inlet; 0: it has none."""
    ac_phases: int = 0
    """Phases of the onboard charger; 0: it has none."""
    ac_current_a: float = 0.0
    """Amperes a phase of the onboard charger."""
    ventilation: bool = False
    """Its batteries give off gas when they are charged: it asks for ventilation (state D of IEC 61851-1)."""
    start_soc: tuple[float, float] = (8.0, 55.0)
    """Range in % in which a car arrives."""
    cable_check_s: tuple[float, float] = (2.0, 4.0)
    precharge_s: tuple[float, float] = (1.0, 2.5)

    @property
    def usable_wh(self) -> float:
        """Wh between 0 and 100 % as displayed."""
        return self.battery_wh * (self.window[1] - self.window[0])

    def curve_w(self, soc: float) -> float:
        """Return the DC power in W that the battery takes at a state of charge in %."""
        points = self.curve
        right = bisect_right(points, (soc, float("inf")))
        if right == 0:
            return points[0][1]
        if right == len(points):
            return points[-1][1]
        (x0, y0), (x1, y1) = points[right - 1], points[right]
        return y0 + (y1 - y0) * (soc - x0) / (x1 - x0)

    def most_w(self, soc: float) -> float:
        """Return the highest DC power in W that is still to come from a state of charge on."""
        return max(self.curve_w(soc), *(power for at, power in self.curve if at >= soc))

    def pack_v(self, soc: float) -> float:
        """Return the voltage of the pack in V: steep near empty, flat, then straight to its end."""
        low, high = self.voltage
        x = min(max(soc / 100.0, 0.0), 1.0)
        return low + (high - low) * (0.75 * x + 0.25 * (1.0 - (1.0 - x) ** 4))


def _kw(*points: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    return tuple((soc, power * 1000.0) for soc, power in points)


MODELS: dict[str, SimulatedEvModel] = {
    model.name: model
    for model in (
        SimulatedEvModel(
            name="hatchback-58",
            label="Hatchback, 58 kWh",
            battery_wh=62_000,
            curve=_kw((0, 75), (6, 132), (28, 135), (42, 108), (60, 86), (78, 62), (90, 26), (100, 2.5)),
            voltage=(345, 408),
            max_current_a=350,
            ac_phases=3,
            ac_current_a=16,
        ),
        SimulatedEvModel(
            name="sedan-77",
            label="Sedan at 800 V, 77 kWh",
            battery_wh=82_000,
            curve=_kw((0, 120), (8, 222), (46, 236), (56, 182), (74, 150), (80, 108), (90, 45), (100, 4)),
            voltage=(630, 795),
            max_current_a=400,
            ac_phases=3,
            ac_current_a=16,
        ),
        SimulatedEvModel(
            name="suv-100",
            label="SUV, 100 kWh",
            battery_wh=107_000,
            curve=_kw((0, 110), (8, 192), (30, 190), (50, 150), (70, 112), (80, 82), (90, 38), (100, 4)),
            voltage=(350, 450),
            max_current_a=500,
            ac_phases=3,
            ac_current_a=32,
        ),
        SimulatedEvModel(
            name="city-36",
            label="City car, 36 kWh",
            battery_wh=38_500,
            curve=_kw((0, 35), (10, 49), (50, 50), (70, 38), (80, 28), (92, 9), (100, 1.5)),
            voltage=(310, 395),
            max_current_a=150,
            ac_phases=1,
            ac_current_a=32,
        ),
        SimulatedEvModel(
            name="truck-400",
            label="Truck, 400 kWh",
            battery_wh=430_000,
            curve=_kw((0, 240), (5, 350), (70, 330), (82, 220), (92, 90), (100, 14)),
            voltage=(620, 780),
            max_current_a=500,
            cable_check_s=(3.0, 6.0),
        ),
        SimulatedEvModel(
            name="van-20",
            label="Old van that needs ventilation, 20 kWh",
            battery_wh=21_500,
            curve=_kw((0, 6), (60, 6), (85, 2.5), (100, 0.2)),
            voltage=(180, 230),
            max_current_a=0,
            ac_phases=1,
            ac_current_a=16,
            ventilation=True,
        ),
    )
}
"""Model name -> model; the first is what comes where nobody names one."""
DEFAULT_MODEL = next(iter(MODELS))


class EvState(msgspec.Struct, frozen=True, kw_only=True):
    """One car as it can be written down and taken up again."""

    model: str
    stored_wh: float
    target_soc: float
    prepare_s: float
    stop_delay_s: float
    paused: bool = False
    ended: bool = False
    mac: str = ""
    """What it has said is its MAC address; empty: it has not been asked."""


class Ev:
    """One car at a cable.

    Attributes:
        model: what it is.
        stored_wh: usable energy in its battery; only the outlet that it is plugged into changes it.
        target_soc: the state of charge in % at which it takes no more.
        prepare_s: seconds from being offered energy until the energy flows.
        stop_delay_s: seconds from being full until it ends a DC session.
        paused: it takes no energy although it could (by hand).
        ended: it ended its session for good.
        mac: its MAC address, once it has told it.
    """

    def __init__(self, state: EvState) -> None:
        if state.model not in MODELS:
            raise ValueError(f"no EV model {state.model!r}; there are {', '.join(MODELS)}")
        self.model = MODELS[state.model]
        self.stored_wh = state.stored_wh
        self.target_soc = state.target_soc
        self.prepare_s = state.prepare_s
        self.stop_delay_s = state.stop_delay_s
        self.paused = state.paused
        self.ended = state.ended
        self.mac = state.mac

    @property
    def target_wh(self) -> float:
        """Usable energy at which it is full, in Wh."""
        return self.model.usable_wh * self.target_soc / 100.0

    @property
    def full(self) -> bool:
        """Say whether it has reached its target."""
        return self.stored_wh >= self.target_wh

    def soc(self, more_wh: float = 0.0) -> float:
        """Return the state of charge in %, with some more energy in the battery than is stored."""
        return min(100.0, (self.stored_wh + more_wh) / self.model.usable_wh * 100.0)

    def capture(self, stored_wh: float) -> EvState:
        """Write the car down, with that energy in its battery."""
        return EvState(
            model=self.model.name,
            stored_wh=stored_wh,
            target_soc=self.target_soc,
            prepare_s=self.prepare_s,
            stop_delay_s=self.stop_delay_s,
            paused=self.paused,
            ended=self.ended,
            mac=self.mac,
        )


def draw(spec: str | None, random: Random, *, dc: bool) -> Ev:
    """Draw a car. Raises ValueError with the names that exist.

    Args:
        spec: `model`, `model@start` or `model@start-target` with states of charge in %; None: the default model.
        random: where its charge and its habits come from. The number of draws does not depend on the spec.
        dc: whether it goes to a DC cable; DC needs a cable check and a precharge, AC a moment of the pilot signal.
    """
    match = _SPEC.fullmatch(spec or DEFAULT_MODEL)
    model = MODELS.get(match["name"]) if match else None
    if match is None or model is None:
        names = ", ".join(MODELS)
        raise ValueError(f"no EV {spec!r}; name one of {names}, with a charge in % if you like: {DEFAULT_MODEL}@20-80")
    drawn = random.uniform(*model.start_soc)
    prepare = random.uniform(*model.cable_check_s) + random.uniform(*model.precharge_s)
    pilot = random.uniform(1.0, 3.0)
    stop_delay = random.uniform(5.0, 15.0)
    start = float(match["start"]) if match["start"] else drawn
    target = float(match["target"]) if match["target"] else 100.0
    if not start <= target <= 100.0:
        raise ValueError(f"{spec!r}: the charge to start with may not be above the target, nor the target above 100 %")
    return Ev(
        EvState(
            model=model.name,
            stored_wh=model.usable_wh * start / 100.0,
            target_soc=target,
            prepare_s=prepare if dc else pilot,
            stop_delay_s=stop_delay,
        )
    )
