"""Block N, what there is to retrieve later: a journal of what happened, and the security log (A04.FR.04)."""

from ohmstead.blocks.context import World
from ohmstead.blocks.hooks import hears
from ohmstead.blocks.work import Work
from ohmstead.model.events import (
    Accepted,
    ClockCorrected,
    FaultsChanged,
    Offline,
    Online,
    SecurityEvent,
    SessionMoved,
    SettingChanged,
    StatusChanged,
)
from ohmstead.model.journal import KIND, Journal, Topic
from ohmstead.model.security_log import KIND as SECURITY
from ohmstead.model.security_log import Chain
from ohmstead.ports.store import Delete, Put
from ohmstead.wire.messages import ConnectorStatusEnum, TransactionEventEnum, TriggerReasonEnum
from ohmstead.wire.rows import to_row

READINGS = (TriggerReasonEnum.MeterValuePeriodic, TriggerReasonEnum.MeterValueClock, TriggerReasonEnum.Trigger)
"""Why a transaction is told of where nothing has happened to it."""
STATUSES = {ConnectorStatusEnum.Faulted: Topic.Fault, ConnectorStatusEnum.Unavailable: Topic.Setting}
"""What a status is about; all others come and go with cars."""


class NJournal:
    """Writes down what happens, without tokens and secrets: it leaves the station in a log file."""

    def __init__(self, work: Work, world: World) -> None:
        self._work = work
        self._world = world
        self._journal = Journal(world.store.rows(KIND))
        self.security = Chain(world.store.rows(SECURITY))

    def start(self) -> None:
        """A new run begins."""
        firmware = self._world.product.identity.firmware_version
        self._write(Topic.Boot, f"boot {self._world.boot_reason}, firmware {firmware or 'without a version'}")

    @hears(SecurityEvent)
    def when_security_event(self, event: SecurityEvent) -> None:
        """Keep every security event, critical or not (A04.FR.04)."""
        last = self.security.last
        entry, gone = self.security.add(self._world.clock.now(), event.type, event.tech_info)
        self._work.undo(lambda: self.security.take_back(last, gone))
        self._work.write(Put(SECURITY, entry.key, to_row(entry)), *(Delete(SECURITY, key) for key in gone))
        self._write(Topic.Security, f"security event {event.type}{f': {event.tech_info}' if event.tech_info else ''}")

    @hears(Accepted)
    def when_accepted(self, _accepted: Accepted) -> None:
        """The CSMS took the station."""
        self._write(Topic.Link, "accepted by the CSMS")

    @hears(Online)
    def when_online(self, online: Online) -> None:
        """The link is back."""
        self._write(Topic.Link, f"online again after {online.offline_for:.0f} s")

    @hears(Offline)
    def when_offline(self, _offline: Offline) -> None:
        """The link is gone."""
        self._write(Topic.Link, "offline")

    @hears(StatusChanged)
    def when_status_changed(self, changed: StatusChanged) -> None:
        """A connector has another status."""
        topic = STATUSES.get(changed.status, Topic.Charging)
        self._write(topic, f"connector {changed.evse_id}.{changed.connector_id} {changed.status}")

    @hears(FaultsChanged)
    def when_faults_changed(self, changed: FaultsChanged) -> None:
        """Something broke, or works again."""
        state = "appeared" if changed.active else "cleared"
        self._write(Topic.Fault, f"fault {changed.code} at {changed.evse_id}.{changed.connector_id} {state}")

    @hears(SessionMoved)
    def when_session_moved(self, moved: SessionMoved) -> None:
        """A transaction started, went on or ended."""
        step = moved.step
        if step is not None:
            where = f"EVSE {step.evse_id}" if step.evse_id else "no EVSE yet"
            what = f"{step.event_type} {step.trigger_reason} {step.charging_state}"
            reading = step.event_type is TransactionEventEnum.Updated and step.trigger_reason in READINGS
            topic = Topic.Reading if reading else Topic.Charging
            self._write(topic, f"transaction {step.transaction.id} seqNo {step.seq_no} {what}, {where}")

    @hears(SettingChanged)
    def when_setting_changed(self, changed: SettingChanged) -> None:
        """Something was set."""
        self._write(Topic.Setting, changed.text)

    @hears(ClockCorrected)
    def when_clock_corrected(self, corrected: ClockCorrected) -> None:
        """The times of the lines before are those of the clock as it was."""
        self._write(Topic.Link, f"clock corrected by {corrected.seconds:+.0f} s")

    def _write(self, topic: Topic, text: str) -> None:
        added = self._journal.add(self._world.clock.now(), topic, text)
        self._work.undo(lambda: self._journal.take_back(added))
        self._work.write(Put(KIND, added.kept.key, added.value), *(Delete(KIND, row.key) for row in added.gone))
