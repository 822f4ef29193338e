"""One EVSE: its contactors, its meter and the car at its cable.

Power is constant between two calls of `give` or `refresh`, so the energy between them is power times time exactly, and
reading in between changes nothing.
"""

from math import exp, inf

from ohmstead.edge.simulator.allowance import Allowance
from ohmstead.edge.simulator.contactor import SimulatedContactor
from ohmstead.edge.simulator.ev import AC_EFFICIENCY, AC_VOLTAGE, DC_EFFICIENCY, Ev
from ohmstead.edge.simulator.limits import connector_current
from ohmstead.edge.simulator.signing_meter import MeterSigner
from ohmstead.edge.simulator.sockets import Sockets
from ohmstead.edge.simulator.trail import Trail
from ohmstead.edge.simulator.views import CurvePoint, EvseSnapshot, SimulatedEvseState
from ohmstead.ports.hardware import EvStopped, Limit, MeterReading, Observation, PhaseReading, Supply, SupplyChanged
from ohmstead.product.profile import Evse, ProductConnector

STEP_S = 5.0
"""Power follows the batteries, and is shared anew, this often."""
RAMP_W_PER_S = 25_000.0
"""How fast power may rise; it falls at once."""
GRID_HZ = 50.0
AMBIENT_C = 18.0
HEATING_C = 47.0
"""By how much the contacts warm at their rated current, in the end."""
THERMAL_S = 420.0
"""Time constant of that."""


class SimulatedEvse:
    """One EVSE in time; every `t` is in seconds of the loop and never goes back.

    Attributes:
        evse: what the product says about it.
        limit_w: what it gives when it is alone.
        allowance: what it may give now.
        supply: what its power path does; only `refresh` and `unplug` assign it.
        power_w: the power that flows since the last change.
        protected: its cables are locked in their holders and its sockets shut; None: nothing keeps them.
        signer: signs what the meter says; None: the meter cannot.
        signer_silent: it does not answer now.
    """

    def __init__(
        self,
        evse: Evse,
        limit_w: float,
        register_wh: float = 0.0,
        locks: frozenset[int] = frozenset(),
        *,
        protects: bool = False,
        ventilates: bool = True,
    ) -> None:
        self.evse = evse
        self.limit_w = limit_w
        self.supply = Supply.Off
        self.connector: ProductConnector | None = None
        self.ev: Ev | None = None
        self.enabled = False
        self.suspended = False
        self.occupied = False
        self.not_ready = False
        self.released = False
        self.faults: list[tuple[int, str]] = []
        self.sockets = Sockets(evse, locks)
        self.contactor = SimulatedContactor()
        self.protected = True if protects else None
        self._ventilates = ventilates
        self.power_w = 0.0
        self.ramping = False
        self.trail = Trail()
        self.signer: MeterSigner | None = None
        self.signer_silent = False
        self._signer_state = ("", 0)
        self._register_wh = register_wh
        self._session_wh = 0.0
        self._temperature_c = AMBIENT_C
        self._since = 0.0
        self._ramp_w = 0.0
        self._at(None)
        rated_a = max(connector_current(evse, connector) for connector in evse.connectors)
        self.allowance = Allowance(limit_w, rated_a, self._wired)
        self._ready = False
        self._ready_at = inf
        self._stops_at = inf
        self._full_at = inf

    def fit_signer(self, secret: int) -> None:
        """Let the meter sign: with the key that it had, else with a new one."""
        known, pages = self._signer_state
        self._signer_state = (known or f"{secret:064x}", pages)
        self.signer = MeterSigner(f"SIM-{self.evse.id}", int(self._signer_state[0], 16), pages)

    # What somebody does to it; the caller has settled it before and refreshes it afterwards.

    def plug(self, connector: ProductConnector, ev: Ev, t: float) -> None:
        """Put the cable of a connector (it lies in its socket by then) into a car, which may not be ready."""
        self._insert(connector, ev)
        ev.paused, self.not_ready = self.not_ready, False
        self._session_wh = 0.0
        self._mark(t)

    def unplug(self, t: float) -> None:
        """Pull the cable, under power too: the contactors open with it and nobody is told beside that."""
        self._open()
        self._mark(t)
        self.connector = None
        self.ev = None
        self._at(None)
        self.released = False
        self.supply = Supply.Off

    def enable(self, enabled: bool) -> None:
        """Allow or forbid energy; to be allowed anew wakes a car that had ended its session."""
        if enabled and not self.enabled:
            self.released = False
            if self.ev:
                self.ev.ended = False
        self.enabled = enabled
        if not enabled:
            self.suspended = False

    def black_out(self) -> None:
        """Lose the mains: contactors open, commands are forgotten."""
        self.enabled = self.suspended = self.released = False
        self.protect(True)
        self.allowance.limit = Limit()

    def protect(self, protected: bool) -> None:
        """Keep its cables and sockets from people, where something does, or let them be used."""
        self.protected = None if self.protected is None else protected

    # What follows from it, in time.

    @property
    def locked(self) -> bool:
        """Say whether a cable is held in its socket."""
        return self.sockets.cable is not None and self.sockets.holds(self.sockets.cable)

    @property
    def direct(self) -> bool:
        """Say whether it gives DC: at the connector in use, or else at the usual one."""
        return self._dc

    @property
    def asks_ventilation(self) -> bool:
        """Say whether the EV wants energy, and air with it (state D of its control pilot)."""
        ev = self.ev
        wants = ev is not None and self._ready and not (ev.paused or ev.full or ev.ended)
        return wants and ev is not None and ev.model.ventilation and not self._dc

    @property
    def delivering(self) -> bool:
        """Say whether power flows."""
        return self.supply is Supply.Delivering

    @property
    def due_at(self) -> float:
        """The next moment at which something happens by itself while the power stays as it is; inf: never."""
        return min(self._ready_at, self._stops_at, self._full_at)

    @property
    def wake_at(self) -> float:
        """A moment before which nothing can happen by itself, however the power changes; inf: never."""
        at = min(self._ready_at, self._stops_at)
        if not self.delivering or self.ev is None:
            return at
        most = min(self.ev.model.most_w(self.ev.soc()) if self._dc else self._ac_w(self.ev), self.limit_w)
        left = max(self.ev.target_wh - self.ev.stored_wh, 0.0)
        return min(at, self._full_at, self._since + left * 3600.0 / (most * self._efficiency))

    def settle(self, t: float) -> None:
        """Book the energy until t."""
        elapsed = t - self._since
        if elapsed <= 0.0 and t < self._full_at:
            return
        self._temperature_c = self._temperature(elapsed)
        if self.power_w:
            energy = self._energy(elapsed)
            self._register_wh += energy
            self._session_wh += energy
            if self.ev:
                self.ev.stored_wh = self.ev.target_wh if t >= self._full_at else self._stored(self.ev, energy)
        if elapsed > 0.0:
            self._ramp_w = self.power_w + RAMP_W_PER_S * elapsed
        self._since = t

    def pass_due(self, t: float) -> list[Observation]:
        """Let happen what is due at t, after settling; `refresh` must follow."""
        if t >= self._ready_at:
            self._ready = True
        if t >= self._stops_at and self.ev:
            self.ev.ended = True
            return [EvStopped(self.evse.id)]
        return []

    def refresh(self, t: float, *, live: bool) -> list[Observation]:
        """Find the supply anew from all that holds; `live` is false without mains or with the emergency stop."""
        supply = self._switched(self._find(live))
        if not self.delivering:
            self._ramp_w = RAMP_W_PER_S
        if supply is not Supply.Delivering:
            self._open(keep=supply is not Supply.Off)
        ev = self.ev
        prepares = ev is not None and supply is Supply.Preparing and not self._ready
        self._ready_at = min(self._ready_at, t + ev.prepare_s) if ev and prepares else inf
        ends = ev is not None and self._dc and supply is Supply.SuspendedEV and ev.full and not ev.ended
        self._stops_at = min(self._stops_at, t + ev.stop_delay_s) if ev and ends else inf
        if supply is self.supply:
            return []
        self.supply = supply
        self._mark(t)
        return [SupplyChanged(self.evse.id, supply)]

    def wish_w(self) -> float:
        """Return the power that the car would take now and the cable carries, in W."""
        return min(self._most_w(), self._ramp_w)

    def give(self, t: float, power_w: float) -> None:
        """Let a power flow from t on; at most what was wished for."""
        ev = self.ev
        assert ev is not None and self.delivering
        self.power_w = power_w
        self.ramping = power_w >= self._ramp_w * (1.0 - 1e-9) and power_w < self._most_w()
        left = ev.target_wh - ev.stored_wh
        self._full_at = t + left * 3600.0 / (power_w * self._efficiency) if power_w > 0.0 else inf
        self._mark(t)

    # What can be seen of it; `t` is at or after the last settling, and nothing was due in between.

    def read(self, t: float) -> MeterReading:
        """Read the meter; a DC car tells its state of charge once the two talk.

        It sits before the contactor, so it sees the voltage of the grid; it could count what flows back, and none does.
        """
        elapsed = max(t - self._since, 0.0)
        voltage, current = self._electric(self._soc(elapsed))
        offers = self.supply not in (Supply.Off, Supply.SuspendedEVSE)
        return MeterReading(
            energy_wh=self._register_wh + self._energy(elapsed),
            exported_wh=0.0,
            power_w=self.power_w,
            voltage_v=voltage,
            current_a=current,
            phases=self._used_phases or None,
            per_phase=tuple(self._phase(index, current) for index in range(self._wired)),
            frequency_hz=GRID_HZ,
            offered_w=self.allowance.power_w if offers else 0.0,
            offered_a=self.allowance.offered_a if offers else 0.0,
            soc_percent=self._soc(elapsed) if self._dc and self._ready and self.ev else None,
            temperature_c=self._temperature(elapsed),
        )

    def snapshot(self, t: float) -> EvseSnapshot:
        """Look at everything."""
        elapsed = max(t - self._since, 0.0)
        reading = self.read(t)
        ev = self.ev
        return EvseSnapshot(
            evse_id=self.evse.id,
            supply=self.supply,
            connector_id=self.connector.id if self.connector else None,
            ev=ev.model.name if ev else None,
            soc_percent=self._soc(elapsed) if ev else None,
            target_soc_percent=ev.target_soc if ev else None,
            paused=ev.paused if ev else False,
            ended=ev.ended if ev else False,
            occupied=self.occupied,
            enabled=self.enabled,
            suspended=self.suspended,
            cable=self.sockets.cable,
            locked=self.locked,
            protected=self.protected is True,
            power_w=reading.power_w,
            max_power_w=self.limit_w,
            voltage_v=reading.voltage_v,
            current_a=reading.current_a,
            energy_wh=reading.energy_wh,
            session_wh=self._session_wh + self._energy(elapsed),
            temperature_c=reading.temperature_c or 0.0,
            faults=tuple(self.faults),
        )

    def capture(self, t: float) -> SimulatedEvseState:
        """Write down what outlives the power."""
        energy = self._energy(max(t - self._since, 0.0))
        ev = self.ev.capture(self._stored(self.ev, energy)) if self.ev else None
        return SimulatedEvseState(
            evse_id=self.evse.id,
            register_wh=self._register_wh + energy,
            session_wh=self._session_wh + energy,
            connector_id=self.connector.id if self.connector else None,
            ev=ev,
            occupied=self.occupied,
            not_ready=self.not_ready,
            faults=tuple(self.faults),
            jammed=tuple(sorted(self.sockets.jammed)),
            shut=tuple(sorted(self.sockets.shut)),
            cable=self.sockets.cable,
            cable_a=self.sockets.cable_a,
            signer_silent=self.signer_silent,
            meter_key=self._signer_state[0],
            meter_pages=self.signer.pages if self.signer else self._signer_state[1],
            welded=self.contactor.welded,
            stuck=self.contactor.stuck,
            closed=self.contactor.closed and self.contactor.welded,
        )

    def history(self, t: float) -> tuple[CurvePoint, ...]:
        """Return the curve of this charge up to t, or of the last one."""
        present = (t, self.power_w, self._soc(max(t - self._since, 0.0))) if self.ev else None
        return self.trail.points(present)

    def restore(self, state: SimulatedEvseState) -> None:
        """Take up again what was written down. Raises ValueError where it does not fit this EVSE."""
        connector = next((one for one in self.evse.connectors if one.id == state.connector_id), None)
        if connector is None and state.connector_id is not None:
            raise ValueError(f"EVSE {self.evse.id} has no connector {state.connector_id}")
        self._restore_sockets(state)
        if connector and state.ev:
            self._insert(connector, Ev(state.ev))
        self._register_wh = max(self._register_wh, state.register_wh)
        self._session_wh = state.session_wh
        self.occupied, self.not_ready = state.occupied, state.not_ready
        self.faults = list(state.faults)
        self.signer_silent = state.signer_silent
        self._signer_state = (state.meter_key, state.meter_pages)
        self.contactor.welded, self.contactor.stuck = state.welded, state.stuck
        self.contactor.closed = state.closed

    def _restore_sockets(self, state: SimulatedEvseState) -> None:
        self.sockets.shut, self.sockets.jammed = set(state.shut), set(state.jammed)
        # A state from before cables were written down has an EV at a socket and no cable in it.
        cable = state.cable if state.cable is not None else state.connector_id
        if cable is not None and cable in self.sockets:
            self.sockets.insert(cable, state.cable_a)

    def _at(self, connector: ProductConnector | None) -> None:
        """Give what a connector gives; None: none is in use, and it is what the EVSE gives."""
        direct = (self.evse.current if connector is None else self.evse.current_of(connector)) == "DC"
        wired = self.evse.phases if connector is None else self.evse.phases_of(connector)
        self._dc = direct
        self._wired = 0 if direct else max(wired, 1)
        self._efficiency = DC_EFFICIENCY if direct else AC_EFFICIENCY

    def _insert(self, connector: ProductConnector, ev: Ev) -> None:
        self.connector = connector
        self.ev = ev
        self._at(connector)
        self.allowance.phases = self._wired
        self.allowance.rated_a = min(connector_current(self.evse, connector), self.sockets.limit_a(connector))
        self.trail = Trail()

    def _find(self, live: bool) -> Supply:
        ev = self.ev
        if ev is None or not live or not self.enabled or self.released or self._broken():
            return Supply.Off
        if self.suspended or self.allowance.starves(min(ev.model.ac_phases, self._wired)):
            return Supply.SuspendedEVSE
        if ev.ended:
            return Supply.SuspendedEV
        if not self._ready:
            return Supply.Preparing
        if self.asks_ventilation and not self._ventilates:
            return Supply.SuspendedEVSE
        return Supply.SuspendedEV if ev.paused or ev.full else Supply.Delivering

    def _switched(self, wanted: Supply) -> Supply:
        """Return what becomes of a supply by the contactor: no energy through one that does not close."""
        closed = self.contactor.command(wanted is Supply.Delivering)
        return Supply.Preparing if wanted is Supply.Delivering and not closed else wanted

    def _broken(self) -> bool:
        used = self.connector.id if self.connector else 0
        return any(connector_id in (0, used) for connector_id, _ in self.faults)

    def _open(self, *, keep: bool = False) -> None:
        self.power_w = 0.0
        self.ramping = False
        self._full_at = inf
        if not keep:
            self._ready = False
            self._ready_at = self._stops_at = inf

    def _ac_w(self, ev: Ev) -> float:
        """What the weakest gives on each phase that all have: the on-board charger, the cable, the EVSE."""
        amperes = min(ev.model.ac_current_a, self.allowance.offered_a)
        return amperes * AC_VOLTAGE * min(ev.model.ac_phases, self._wired)

    def _most_w(self) -> float:
        if self.ev is None:
            return 0.0
        model = self.ev.model
        soc = self.ev.soc()
        # The battery may take less at the end of a step than at its beginning; curves have a single peak.
        taken = model.curve_w(soc)
        taken = min(taken, model.curve_w(self.ev.soc(taken * STEP_S / 3600.0)))
        if not self._dc:
            return min(self._ac_w(self.ev), taken / AC_EFFICIENCY, self.allowance.power_w)
        carried = model.pack_v(soc) * min(model.max_current_a, self.allowance.current_a)
        return min(taken, carried, self.allowance.power_w)

    def _electric(self, soc: float) -> tuple[float, float]:
        if not self.delivering or self.ev is None:
            return 0.0, 0.0
        if self._dc:
            voltage = self.ev.model.pack_v(soc)
            return voltage, self.power_w / voltage
        return AC_VOLTAGE, self.power_w / (AC_VOLTAGE * self._used_phases)

    @property
    def _used_phases(self) -> int:
        """How many phases carry current; 0: none does, or it is DC."""
        return min(self.ev.model.ac_phases, self._wired) if self.ev and self.delivering else 0

    def _phase(self, index: int, current: float) -> PhaseReading:
        carried = current if index < self._used_phases else 0.0
        return PhaseReading(voltage_v=AC_VOLTAGE, current_a=carried, power_w=carried * AC_VOLTAGE)

    def _energy(self, elapsed: float) -> float:
        return self.power_w * elapsed / 3600.0

    def _stored(self, ev: Ev, energy_wh: float) -> float:
        return min(ev.stored_wh + energy_wh * self._efficiency, max(ev.target_wh, ev.stored_wh))

    def _soc(self, elapsed: float) -> float:
        return self.ev.soc(self._stored(self.ev, self._energy(elapsed)) - self.ev.stored_wh) if self.ev else 0.0

    def _temperature(self, elapsed: float) -> float:
        load = self._electric(self.ev.soc() if self.ev else 0.0)[1] / self.allowance.rated_a
        steady = AMBIENT_C + HEATING_C * load * load
        return steady + (self._temperature_c - steady) * exp(-elapsed / THERMAL_S)

    def _mark(self, t: float) -> None:
        if self.ev:
            self.trail.add(t, self.power_w, self.ev.soc())
