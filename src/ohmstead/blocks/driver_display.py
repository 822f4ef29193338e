"""The driver's display: when it is drawn anew, and how long questions, notices and ended charges stay."""

from datetime import timedelta

from ohmstead.blocks.context import Charging, Csms, Registration, World
from ohmstead.blocks.display_screen import DisplayFacts, DisplayPlace, screen
from ohmstead.blocks.hooks import hears
from ohmstead.blocks.selection import selectable
from ohmstead.blocks.work import Timer, Work
from ohmstead.model.charges import Charge
from ohmstead.model.device import ClockCtrlr, DeviceModel, changed
from ohmstead.model.events import (
    Accepted,
    ChargeRecorded,
    ClockCorrected,
    DisplayAsked,
    EvseChosen,
    FactsChanged,
    FaultsChanged,
    Notice,
    Offline,
    Online,
    SessionMoved,
    StatusChanged,
)
from ohmstead.model.local_time import local_time
from ohmstead.model.prompt import Prompt
from ohmstead.ports.hardware import Screen
from ohmstead.product.feature_table import Feature
from ohmstead.wire.messages import ChargingStateEnum

MINUTE = timedelta(minutes=1)
NOTICE_TIME = 8.0
"""Seconds that a notice stays."""
PROMPT_TIME = 60.0
"""Seconds that a question waits for an answer."""
REFRESH = 30.0
"""Seconds between two looks at the clock while nothing else happens."""
REFRESH_CHARGING = 5.0
"""The same while energy flows, which a driver wants to see grow."""

ENDED_TIME = 60.0
"""Seconds that the display says what a charge was that has ended."""


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
        self._chosen: int | None = None
        self._refresh: Timer | None = None
        self._passing: Timer | None = None
        """Ends what is shown for a while: the notice, or the question."""
        self._ended: dict[int, Charge] = {}
        self._leaving: dict[int, Timer] = {}

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

    @hears(EvseChosen)
    def when_evse_chosen(self, chosen: EvseChosen) -> None:
        """Show which EVSE the next card is for (AQ-8)."""
        self._chosen = chosen.evse_id
        self._redraw()

    @hears(ChargeRecorded)
    def when_charge_recorded(self, recorded: ChargeRecorded) -> None:
        """Tell the driver what it was, unless that is a while ago, or another charge has ended there since."""
        charge = recorded.charge
        if charge.evse_id is None:
            return
        shown = self._ended.get(charge.evse_id)
        if shown is not None and shown.transaction_id == charge.transaction_id:
            self._ended[charge.evse_id] = charge
        elif charge.cost is None:
            self._tell_ended(charge.evse_id, charge)
        self._redraw()

    def _tell_ended(self, evse_id: int, charge: Charge) -> None:
        if evse_id in self._leaving:
            self._leaving[evse_id].cancel()

        def leave() -> None:
            self._ended.pop(evse_id, None)
            self._redraw()

        self._ended[evse_id] = charge
        self._leaving[evse_id] = self._work.later(ENDED_TIME, leave)

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
        return screen(self._facts())

    def _facts(self) -> DisplayFacts:
        charging, device, product = self._charging, self._device, self._world.product
        return DisplayFacts(
            standing=charging.standing,
            places=tuple(self._place(evse.id) for evse in self._world.product.evses),
            local_time=local_time(self._world.clock.now(), device.clock),
            registered=self._csms.registration is Registration.Accepted,
            online=self._csms.calls.online,
            unbound=charging.sessions.unbound(),
            waiting=frozenset(session.evse_id or 0 for session in charging.sessions.waiting()),
            notice=self._notice,
            prompt=self._prompt,
            card_first=product.has(Feature.CABLE_LOCKED_UNTIL_AUTHORIZED),
            selectable=tuple(selectable(charging, product)) if product.chooses_evse else (),
            chosen=self._chosen,
        )

    def _place(self, evse_id: int) -> DisplayPlace:
        session, latest = self._charging.sessions.at(evse_id), self._ended.get(evse_id)
        if session is None or session.transaction is None:
            return DisplayPlace(evse_id=evse_id, session=session, latest=latest)
        reading, start = self._world.hardware.read(evse_id), session.transaction.energy_start_wh
        return DisplayPlace(
            evse_id=evse_id,
            session=session,
            energy_wh=None if start is None else reading.energy_wh - start,
            soc_percent=reading.soc_percent,
            elapsed=self._charging.elapsed.of_transaction(session) or timedelta(),
            latest=latest,
        )
