"""Block G, a lock that does not move is told to the CSMS (G05)."""

from ohmstead.blocks.context import Csms, World
from ohmstead.blocks.hooks import hears
from ohmstead.blocks.work import Work
from ohmstead.model.device import ConnectorPlugRetentionLock
from ohmstead.model.events import FaultsChanged
from ohmstead.ports.calls import Cause
from ohmstead.ports.hardware import CONNECTOR_LOCK_FAILURE
from ohmstead.ports.store import Put
from ohmstead.wire.messages import (
    EVSE,
    Component,
    EventData,
    EventNotificationEnum,
    EventTriggerEnum,
    NotifyEventRequest,
    Variable,
)

KIND = "event_id"
"""The row of the last eventId: they go on over reboots."""
KEY = ""


class GLockFailure:
    """Sends NotifyEvent of ConnectorPlugRetentionLock.Problem."""

    def __init__(self, work: Work, csms: Csms, world: World) -> None:
        self._work = work
        self._csms = csms
        self._world = world
        self._last = int(world.store.get(KIND, KEY) or 0)
        self._alerts: dict[tuple[int, int], int] = {}

    @hears(FaultsChanged)
    def when_faults_changed(self, changed: FaultsChanged) -> None:
        """Tell that a lock has a problem (G05.FR.02), and that it is over."""
        if changed.code != CONNECTOR_LOCK_FAILURE:
            return
        place = (changed.evse_id, changed.connector_id)
        self._last += 1
        self._work.write(Put(KIND, KEY, str(self._last).encode()))
        cause = None if changed.active else self._alerts.pop(place, None)
        if changed.active:
            self._alerts[place] = self._last
        problem = ConnectorPlugRetentionLock.problem
        event = EventData(
            event_id=self._last,
            timestamp=self._world.clock.now(),
            trigger=EventTriggerEnum.Alerting,
            cause=cause,
            cleared=None if changed.active else True,
            actual_value=problem.format(changed.active),
            event_notification_type=EventNotificationEnum.HardWiredNotification,
            component=Component(name=ConnectorPlugRetentionLock.name, evse=EVSE(id=place[0], connector_id=place[1])),
            variable=Variable(name=problem.name),
        )
        request = NotifyEventRequest(generated_at=event.timestamp, seq_no=0, event_data=(event,))
        self._work.after(lambda: self._csms.calls.send(request, Cause.Own))
