"""Block N, what there is to retrieve later: a journal of what happened, and the security log (A04.FR.04)."""

from collections import deque

from ohmstead.blocks.context import Context
from ohmstead.blocks.hooks import hears
from ohmstead.model.events import (
    Accepted,
    FaultsChanged,
    Offline,
    Online,
    SecurityEvent,
    SessionMoved,
    StatusChanged,
)
from ohmstead.model.journal import KIND, MOST, Line
from ohmstead.model.security_log import KIND as SECURITY
from ohmstead.model.security_log import Chain
from ohmstead.ports.store import Delete, Put
from ohmstead.wire.rows import to_row


class NJournal:
    """Writes down what happens, without tokens and secrets: it leaves the station in a log file."""

    def __init__(self, station: Context) -> None:
        self.station = station
        self._keys = deque(key for key, _ in station.store.rows(KIND))
        self._number = int(self._keys[-1]) if self._keys else 0
        self.security = Chain(station.store.rows(SECURITY))

    def start(self) -> None:
        """A new life begins."""
        firmware = self.station.product.identity.firmware_version
        self._write(f"boot {self.station.boot_reason}, firmware {firmware}")

    @hears(SecurityEvent)
    def when_security_event(self, event: SecurityEvent) -> None:
        """Keep every security event, critical or not (A04.FR.04)."""
        last = self.security.last
        self.station.undo(lambda: self.security.take_back(last))
        entry, gone = self.security.add(self.station.clock.now(), event.type, event.tech_info)
        self.station.write(Put(SECURITY, entry.key, to_row(entry)), *(Delete(SECURITY, key) for key in gone))

    @hears(Accepted)
    def when_accepted(self, _accepted: Accepted) -> None:
        """The CSMS took the station."""
        self._write("accepted by the CSMS")

    @hears(Online)
    def when_online(self, online: Online) -> None:
        """The link is back."""
        self._write(f"online again after {online.offline_for:.0f} s")

    @hears(Offline)
    def when_offline(self, _offline: Offline) -> None:
        """The link is gone."""
        self._write("offline")

    @hears(StatusChanged)
    def when_status_changed(self, changed: StatusChanged) -> None:
        """A connector has another status."""
        self._write(f"connector {changed.evse_id}.{changed.connector_id} {changed.status}")

    @hears(FaultsChanged)
    def when_faults_changed(self, changed: FaultsChanged) -> None:
        """Something broke, or works again."""
        state = "appeared" if changed.active else "cleared"
        self._write(f"fault {changed.code} at {changed.evse_id}.{changed.connector_id} {state}")

    @hears(SessionMoved)
    def when_session_moved(self, moved: SessionMoved) -> None:
        """A transaction started, went on or ended."""
        step = moved.step
        if step is not None:
            where = f"EVSE {step.evse_id}" if step.evse_id else "no EVSE yet"
            what = f"{step.event_type} {step.trigger_reason} {step.charging_state}"
            self._write(f"transaction {step.transaction.id} seqNo {step.seq_no} {what}, {where}")

    def _write(self, text: str) -> None:
        self._number += 1
        line = Line(number=self._number, at=self.station.clock.now(), text=text)
        self.station.write(Put(KIND, line.key, to_row(line)))
        self._keys.append(line.key)
        while len(self._keys) > MOST:
            self.station.write(Delete(KIND, self._keys.popleft()))
