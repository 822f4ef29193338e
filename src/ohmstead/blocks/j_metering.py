"""Block J: sampled values during a transaction, clock-aligned values on the wall clock."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from ohmstead.blocks.context import Charging, Csms, World
from ohmstead.blocks.hooks import hears
from ohmstead.blocks.readings import aligned_values, sample
from ohmstead.blocks.work import Timer, Work
from ohmstead.model.device import EVSE, AlignedDataCtrlr, DeviceModel, SampledDataCtrlr, changed
from ohmstead.model.events import Accepted, ClockCorrected, SessionMoved
from ohmstead.model.session import Session
from ohmstead.wire.messages import ReadingContextEnum, TriggerReasonEnum

REMEMBERED = 10_000
"""Aligned instants that are remembered: weeks of the usual intervals."""


class JMetering:
    """Sets the timers that sample meters."""

    def __init__(self, work: Work, charging: Charging, csms: Csms, device: DeviceModel, world: World) -> None:
        self._work = work
        self._charging = charging
        self._csms = csms
        self._device = device
        self._world = world
        self._sampling: dict[tuple[str, str], Timer] = {}
        self._aligned: dict[str, Timer] = {}
        self._sent: dict[str, dict[datetime, None]] = {"values": {}, "ended": {}}
        """Aligned instants that have been: after a correction back they are not sent again (decided case 21)."""
        for evse in world.product.evses:
            device.bind(EVSE.power, partial(self._power, evse.id), evse.id)

    def _power(self, evse_id: int) -> float:
        """Return the power that flows now, in W (Part 2, 2.13.7)."""
        return self._world.hardware.read(evse_id).power_w

    def start(self) -> None:
        """Go on sampling the transactions that the station woke up with."""
        for session in self._charging.sessions.with_transaction():
            self.rearm_sampling(session)
        self.rearm_aligned()

    # Sampled values

    @hears(SessionMoved)
    def when_session_moved(self, moved: SessionMoved) -> None:
        """Sampling lasts as long as the transaction."""
        started = moved.before.transaction is None and moved.after.transaction is not None
        ended = moved.before.transaction is not None and moved.after.transaction is None
        if started:
            self.rearm_sampling(moved.after)
        elif ended:
            self._stop(moved.before.id)

    @changed(SampledDataCtrlr.tx_updated_interval, SampledDataCtrlr.tx_ended_interval, SampledDataCtrlr.enabled)
    def rearm_all_sampling(self) -> None:
        """A new interval acts at once, counted from now."""
        for session in self._charging.sessions.with_transaction():
            self.rearm_sampling(session)

    def rearm_sampling(self, session: Session) -> None:
        """Sample every TxUpdatedInterval (J02.FR.11) and every TxEndedInterval; 0 is never."""
        self._stop(session.id)
        sampled = self._device.sampled_data
        if not sampled.enabled:
            return
        self._repeat((session.id, "updated"), sampled.tx_updated_interval, lambda: self._sample_updated(session.id))
        self._repeat((session.id, "ended"), sampled.tx_ended_interval, lambda: self._sample_ended(session.id))

    def _repeat(self, key: tuple[str, str], interval: int, action: Callable[[], None]) -> None:
        def again() -> None:
            self._sampling[key] = self._work.later(interval, again)
            action()

        if interval > 0:
            self._sampling[key] = self._work.later(interval, again)

    def _stop(self, session_id: str) -> None:
        for key in [key for key in self._sampling if key[0] == session_id]:
            self._sampling.pop(key).cancel()

    def _sample_updated(self, session_id: str) -> None:
        session = self._charging.sessions.get(session_id)
        if session is not None and session.transaction is not None and session.evse_id is not None:
            self._charging.report(session, TriggerReasonEnum.MeterValuePeriodic)

    def _sample_ended(self, session_id: str) -> None:
        session = self._charging.sessions.get(session_id)
        measurands = self._device.sampled_data.tx_ended_measurands
        self._record(session, measurands, self._world.clock.now(), ReadingContextEnum.Sample_Periodic)

    def _record(
        self, session: Session | None, measurands: tuple[str, ...], at: datetime, context: ReadingContextEnum
    ) -> None:
        if session is None or session.transaction is None or session.evse_id is None:
            return
        clock = context is ReadingContextEnum.Sample_Clock
        signs = self._device.aligned_data.sign_readings if clock else self._device.sampled_data.sign_readings
        taken = sample(self._world.hardware, session.evse_id, measurands, at, context, signs=signs)
        if taken is not None:
            self._charging.record(session, taken)

    # Clock-aligned values

    @hears(Accepted)
    def when_accepted(self, _accepted: Accepted) -> None:
        """The clock is right now: the next aligned instants are known."""
        self.rearm_aligned()

    @hears(ClockCorrected)
    def when_clock_corrected(self, _corrected: ClockCorrected) -> None:
        """Another instant is the next one; those that a jump forward left out have not been read."""
        self.rearm_aligned()

    @changed(AlignedDataCtrlr.interval, AlignedDataCtrlr.tx_ended_interval, AlignedDataCtrlr.enabled)
    def rearm_aligned(self) -> None:
        """Wait for the next whole multiple of each interval since midnight UTC (J01.FR.14)."""
        for timer in self._aligned.values():
            timer.cancel()
        self._aligned.clear()
        aligned = self._device.aligned_data
        if not aligned.enabled:
            return
        self._rearm_instant("values", aligned.interval, self._send_aligned)
        self._rearm_instant("ended", aligned.tx_ended_interval, self._record_aligned)

    def _rearm_instant(
        self, key: str, interval: int, action: Callable[[datetime], None], now: datetime | None = None
    ) -> None:
        if interval <= 0:
            return
        now = now or self._world.clock.now()
        instant = self._next_unsent(key, now, interval)

        def strike() -> None:
            early = self._world.clock.now()
            if early < instant:
                # By the same look at the clock: by another one the instant may be over, and would be left out.
                self._rearm_instant(key, interval, action, early)
                return
            self._note(key, instant)
            self._rearm_instant(key, interval, action)
            action(instant)

        self._aligned[key] = self._work.later((instant - now).total_seconds(), strike)

    def _next_unsent(self, key: str, now: datetime, interval: int) -> datetime:
        instant, sent = next_instant(now, interval), self._sent[key]
        while instant in sent:
            instant = next_instant(instant, interval)
        return instant

    def _note(self, key: str, instant: datetime) -> None:
        sent = self._sent[key]
        sent[instant] = None
        if len(sent) > REMEMBERED:
            del sent[next(iter(sent))]

    def _send_aligned(self, instant: datetime) -> None:
        """Idle EVSEs report by MeterValues, those with a transaction by TransactionEvent (J01.FR.14, J01.FR.22)."""
        busy = {session.evse_id for session in self._charging.sessions.with_transaction()}
        if self._device.aligned_data.send_during_idle and busy:
            return
        for evse_id in (0, *(evse.id for evse in self._world.product.evses)):
            session = self._charging.sessions.at(evse_id) if evse_id in busy else None
            if session is not None:
                self._charging.report(session, TriggerReasonEnum.MeterValueClock, at=instant)
            else:
                request = aligned_values(self._device, self._world, evse_id, instant, ReadingContextEnum.Sample_Clock)
                if request is not None:
                    self._csms.calls.send(request)

    def _record_aligned(self, instant: datetime) -> None:
        measurands = self._device.aligned_data.tx_ended_measurands
        for session in self._charging.sessions.with_transaction():
            self._record(session, measurands, instant, ReadingContextEnum.Sample_Clock)


def next_instant(now: datetime, interval: int) -> datetime:
    """Return the first whole multiple of the interval (seconds) since midnight UTC that lies after `now`."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    passed = int((now - midnight).total_seconds()) // interval
    instant = midnight + timedelta(seconds=(passed + 1) * interval)
    return min(instant, midnight + timedelta(days=1))
