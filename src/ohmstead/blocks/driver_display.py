"""The driver's display: a screen that follows from the facts, a question, or a notice for a few seconds."""

from datetime import timedelta

from ohmstead.blocks.context import Charging, Csms, Registration, World
from ohmstead.blocks.hooks import hears
from ohmstead.blocks.work import Timer, Work
from ohmstead.model.device import ClockCtrlr, DeviceModel, changed
from ohmstead.model.events import (
    Accepted,
    ClockCorrected,
    DisplayAsked,
    FactsChanged,
    FaultsChanged,
    Notice,
    Offline,
    Online,
    SessionMoved,
    StatusChanged,
)
from ohmstead.model.facts import Fact
from ohmstead.model.local_time import local_time
from ohmstead.model.obstacles import Why
from ohmstead.model.prompt import Prompt, Question
from ohmstead.model.session import Session
from ohmstead.ports.hardware import Screen
from ohmstead.wire.messages import ChargingStateEnum
from ohmstead.wire.messages import ConnectorStatusEnum as Status

MINUTE = timedelta(minutes=1)
NOTICE_TIME = 8.0
"""Seconds that a notice stays."""
PROMPT_TIME = 60.0
"""Seconds that a question waits for an answer."""
REFRESH = 30.0
"""Seconds between two looks at the clock while nothing else happens."""
REFRESH_CHARGING = 5.0
"""The same while energy flows, which a driver wants to see grow."""

STATES = {
    ChargingStateEnum.Charging: "charging",
    ChargingStateEnum.SuspendedEV: "paused by the car",
    ChargingStateEnum.SuspendedEVSE: "paused",
    ChargingStateEnum.EVConnected: "connected",
    ChargingStateEnum.Idle: "waiting for the cable",
}
STATUSES = {
    Status.Available: "free",
    Status.Occupied: "in use",
    Status.Reserved: "reserved",
    Status.Unavailable: "out of service",
    Status.Faulted: "out of order",
}


class DriverDisplay:
    """Puts screens on the display."""

    def __init__(self, work: Work, charging: Charging, csms: Csms, device: DeviceModel, world: World) -> None:
        self._work = work
        self._charging = charging
        self._csms = csms
        self._device = device
        self._world = world
        self._prompt: Prompt | None = None
        self._notice: str | None = None
        self._refresh: Timer | None = None
        self._passing: Timer | None = None
        """Ends what is shown for a while: the notice, or the question."""

    def start(self) -> None:
        """Show something from the first moment on."""
        self._redraw()

    @hears(SessionMoved)
    def when_session_moved(self, moved: SessionMoved) -> None:
        """A step forward of a card takes the notice away; what happens to cables and energy does not."""
        if moved.before.authorized is not moved.after.authorized:
            self._notice = None
        self._redraw()

    @hears(StatusChanged)
    def when_status_changed(self, _changed: StatusChanged) -> None:
        """A connector is free, in use, out of service."""
        self._redraw()

    @hears(FactsChanged)
    def when_facts_changed(self, _changed: FactsChanged) -> None:
        """An availability changed."""
        self._redraw()

    @hears(FaultsChanged)
    def when_faults_changed(self, _changed: FaultsChanged) -> None:
        """A fault came or went."""
        self._redraw()

    @hears(Accepted)
    def when_accepted(self, _accepted: Accepted) -> None:
        """In service."""
        self._redraw()

    @hears(Online)
    def when_online(self, _online: Online) -> None:
        """Cards can be checked again."""
        self._redraw()

    @hears(Offline)
    def when_offline(self, _offline: Offline) -> None:
        """Cards cannot be checked."""
        self._redraw()

    @hears(Notice)
    def when_notice(self, notice: Notice) -> None:
        """Show a line for a few seconds, unless a question is open."""
        if self._prompt is not None:
            return
        self._notice = notice.text
        self._stay(NOTICE_TIME)
        self._work.after(self._show)

    @hears(DisplayAsked)
    def when_asked(self, asked: DisplayAsked) -> None:
        """Show a question until it is answered or nobody does."""
        self._prompt = asked.prompt
        self._notice = None
        self._stay(PROMPT_TIME)
        self._redraw()

    @hears(ClockCorrected)
    def when_clock_corrected(self, _corrected: ClockCorrected) -> None:
        """Another time of day."""
        self._redraw()

    @changed(
        ClockCtrlr.time_offset,
        ClockCtrlr.time_zone,
        ClockCtrlr.time_offset_next_transition,
        ClockCtrlr.next_time_offset_transition_date_time,
    )
    def redraw_clock(self) -> None:
        """Another local time, now or soon."""
        self._redraw()

    def _redraw(self) -> None:
        charging = any(session.charging_state is ChargingStateEnum.Charging for session in self._charging.sessions)
        if self._refresh is not None:
            self._refresh.cancel()
        delay = min(REFRESH_CHARGING if charging else REFRESH, self._until_the_clock_turns())
        self._refresh = self._work.later(delay, self._redraw)
        self._work.after(self._show)

    def _until_the_clock_turns(self) -> float:
        """Return the seconds until the next minute, or until the local time jumps (NextTimeOffsetTransition...)."""
        now, jump = self._world.clock.now(), self._device.clock.next_time_offset_transition_date_time
        turns = [now.replace(second=0, microsecond=0) + MINUTE, *([jump] if jump is not None and jump > now else [])]
        return (min(turns) - now).total_seconds()

    def _stay(self, seconds: float) -> None:
        if self._passing is not None:
            self._passing.cancel()
        self._passing = self._work.later(seconds, self._pass)

    def _pass(self) -> None:
        self._notice = None
        self._prompt = None
        self._redraw()

    def _show(self) -> None:
        self._world.hardware.show(self._screen())

    def _screen(self) -> Screen:
        if self._prompt is not None:
            asks = self._prompt.question is Question.ChooseEvse
            headline = "Which outlet?" if asks else "Master pass: what shall stop?"
            return Screen(headline=headline, options=self._prompt.options)
        lines = [self._line(evse.id) for evse in self._world.product.evses]
        clock = local_time(self._world.clock.now(), self._device.clock)
        return Screen(headline=self._notice or self._headline(), lines=(*lines, clock.strftime("%d %b %Y, %H:%M")))

    def _headline(self) -> str:
        standing = self._charging.standing
        if any(not fault.scope.evse_id for fault in standing.faults):
            return "Out of order"
        if self._csms.registration is not Registration.Accepted:
            return "Getting ready ..."
        unbound = self._charging.sessions.unbound()
        obstacles = {evse.id: standing.obstacle(evse.id, session=unbound) for evse in self._world.product.evses}
        if unbound is not None and None in obstacles.values():
            return "Plug in your car"
        if any(standing.obstacle(session.evse_id or 0) is None for session in self._charging.sessions.waiting()):
            return "Hold your card to the reader"
        free = [one for one, why in obstacles.items() if why is None and standing.evse_status(one) is Status.Available]
        if not free:
            return "All outlets are taken" if self._in_use() else "Out of service"
        return "Welcome" if self._csms.calls.online else "Welcome (offline)"

    def _in_use(self) -> bool:
        return any(session.evse_id is not None for session in self._charging.sessions)

    def _line(self, evse_id: int) -> str:
        session, standing = self._charging.sessions.at(evse_id), self._charging.standing
        plugged = session is not None and Fact.EVConnected in session.facts
        authorized = session is not None and session.authorized
        obstacle = standing.obstacle(evse_id, session=session if authorized else None)
        if session is not None and plugged and (authorized or obstacle is None):
            return f"Outlet {evse_id}: {self._progress(evse_id, session)}"
        if obstacle is not None:
            state = "out of order" if obstacle.why is Why.Faulted else "out of service"
            return f"Outlet {evse_id}: {state}"
        return f"Outlet {evse_id}: {'waiting for the cable' if authorized else STATUSES[standing.evse_status(evse_id)]}"

    def _progress(self, evse_id: int, session: Session) -> str:
        reading = self._world.hardware.read(evse_id)
        state = STATES[session.charging_state]
        transaction = session.transaction
        if transaction is None or not session.authorized:
            return f"{state}, unplug when you like" if session.ended else state
        if session.charging_state is ChargingStateEnum.EVConnected:
            state = "preparing"
        start = transaction.energy_start_wh
        energy = "" if start is None else f", {(reading.energy_wh - start) / 1000:.2f} kWh"
        elapsed = self._charging.elapsed.of_transaction(session) or timedelta()
        duration = timedelta(seconds=int(elapsed.total_seconds()))
        soc = "" if reading.soc_percent is None else f", {int(reading.soc_percent)} %"
        return f"{state}{energy}{soc}, {duration}"
