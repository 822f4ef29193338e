"""Block G: a lock that does not move (G05), and an EV that lacks ventilation, are told to the CSMS."""

from ohmstead.blocks.context import Csms, World
from ohmstead.blocks.hooks import hears
from ohmstead.blocks.work import Work
from ohmstead.model.device import ConnectorPlugRetentionLock, CPPWMController
from ohmstead.model.device.variable import AnyVariable
from ohmstead.model.events import FaultsChanged, Notice, VentilationLacking
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
    """Sends NotifyEvent of ConnectorPlugRetentionLock.Problem, and of CPPWMController.State where nobody gives air."""

    def __init__(self, work: Work, csms: Csms, world: World) -> None:
        self._work = work
        self._csms = csms
        self._world = world
        self._last = int(world.store.get(KIND, KEY) or 0)
        self._alerts: dict[tuple[AnyVariable, int, int], int] = {}

    @hears(FaultsChanged)
    def when_faults_changed(self, changed: FaultsChanged) -> None:
        """Tell that a lock has a problem (G05.FR.02), and that it is over."""
        if changed.code != CONNECTOR_LOCK_FAILURE:
            return
        problem = ConnectorPlugRetentionLock.problem
        place = (changed.evse_id, changed.connector_id)
        self._tell(problem, place, problem.format(changed.active), active=changed.active)

    @hears(VentilationLacking)
    def when_ventilation_lacking(self, changed: VentilationLacking) -> None:
        """Tell that an EV asks for ventilation in vain, and that it does not any more."""
        place = (changed.evse_id, changed.connector_id)
        pilot = self._world.hardware.state(changed.evse_id).pilot
        state = CPPWMController.state
        self._tell(state, place, "A" if pilot is None else pilot.state.value, active=changed.lacking)
        if changed.lacking:
            self._work.announce(Notice("This car needs ventilation, and there is none here."))

    def _tell(self, variable: AnyVariable, place: tuple[int, int], value: str, *, active: bool) -> None:
        self._last += 1
        self._work.write(Put(KIND, KEY, str(self._last).encode()))
        cause = None if active else self._alerts.pop((variable, *place), None)
        if active:
            self._alerts[variable, *place] = self._last
        event = EventData(
            event_id=self._last,
            timestamp=self._world.clock.now(),
            trigger=EventTriggerEnum.Alerting,
            cause=cause,
            cleared=None if active else True,
            actual_value=value,
            event_notification_type=EventNotificationEnum.HardWiredNotification,
            component=Component(name=variable.component.name, evse=EVSE(id=place[0], connector_id=place[1])),
            variable=Variable(name=variable.name),
        )
        request = NotifyEventRequest(generated_at=event.timestamp, seq_no=0, event_data=(event,))
        self._work.after(lambda: self._csms.calls.send(request, Cause.Own))
