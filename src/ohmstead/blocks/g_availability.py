"""Block G: the status of connectors, reported on every change, and the availability that the CSMS sets."""

from collections.abc import Iterator
from datetime import datetime

from ohmstead.blocks.context import Charging, Csms, Send, World
from ohmstead.blocks.hooks import hears, serves
from ohmstead.blocks.work import Timer, Work
from ohmstead.model.device import DeviceModel
from ohmstead.model.events import Accepted, Online, SettingChanged, StatusChanged, TransactionEnded
from ohmstead.model.scope import Scope
from ohmstead.model.status import Availability
from ohmstead.ports.calls import Cause
from ohmstead.wire.messages import (
    EVSE,
    ChangeAvailabilityRequest,
    ChangeAvailabilityResponse,
    ChangeAvailabilityStatusEnum,
    ConnectorStatusEnum,
    MessageTriggerEnum,
    OperationalStatusEnum,
    StatusInfo,
    StatusNotificationRequest,
)

Connector = tuple[int, int]


class GAvailability:
    """Reports status changes, and carries out ChangeAvailability."""

    def __init__(self, work: Work, charging: Charging, csms: Csms, device: DeviceModel, world: World) -> None:
        self._work = work
        self._charging = charging
        self._csms = csms
        self._device = device
        self._world = world
        self._told: dict[Connector, ConnectorStatusEnum] = {}
        self._waiting: dict[Connector, Timer] = {}
        csms.triggers[MessageTriggerEnum.StatusNotification] = self._trigger_status

    # Status

    @hears(StatusChanged)
    def when_status_changed(self, changed: StatusChanged) -> None:
        """Report a change (G01.FR.01); one that does not last MinimumStatusDuration is not reported (C-04)."""
        key = (changed.evse_id, changed.connector_id)
        waiting = self._waiting.pop(key, None)
        if waiting is not None:
            waiting.cancel()
        if not self._csms.calls.online and not self._queues():
            return
        minimum = self._device.ocpp_comm.minimum_status_duration
        if minimum > 0 and key in self._told:
            self._waiting[key] = self._work.later(minimum, lambda: self._tell_if_new(key))
        else:
            # Two changes in one unit of work are one for the CSMS, or none.
            self._work.after(lambda: self._tell_if_new(key))

    def _queues(self) -> bool:
        return self._device.ocpp_comm.queue_all_messages

    @hears(Accepted)
    def when_accepted(self, _accepted: Accepted) -> None:
        """After a boot every connector is reported (B01.FR.05)."""
        self._work.after(self._tell_all)

    @hears(Online)
    def when_online(self, online: Online) -> None:
        """After an outage: all connectors if it was longer than OfflineThreshold, else the changed ones (B04)."""
        if self._queues():
            return
        if online.offline_for > self._device.ocpp_comm.offline_threshold:
            self._work.after(self._tell_all)
        else:
            self._work.after(self._tell_changed)

    def _tell_all(self) -> None:
        for key in self._charging.statuses():
            self._tell(key, Cause.Own)

    def _tell_scope(self, scope: Scope) -> None:
        """Nothing changes where the CSMS asks for what is so already; it hears how things are."""
        for key in self._charging.statuses():
            if scope.contains(Scope(*key)):
                self._tell(key, Cause.Own)

    def _tell_changed(self) -> None:
        for key in self._charging.statuses():
            self._tell_if_new(key)

    def _tell_if_new(self, key: Connector) -> None:
        self._waiting.pop(key, None)
        if self._charging.statuses()[key] is not self._told.get(key):
            self._tell(key, Cause.Own)

    def _tell(self, key: Connector, cause: Cause) -> None:
        status = self._charging.statuses()[key]
        self._told[key] = status

        def undelivered() -> None:
            if self._told.get(key) is status:
                del self._told[key]

        self._csms.calls.send(self._notification(key, status, self._world.clock.now()), cause, undelivered)

    @staticmethod
    def _notification(key: Connector, status: ConnectorStatusEnum, now: datetime) -> StatusNotificationRequest:
        return StatusNotificationRequest(timestamp=now, connector_status=status, evse_id=key[0], connector_id=key[1])

    def _trigger_status(self, evse: EVSE | None) -> Send:
        """StatusNotification can be triggered for one connector (F06.FR.12)."""
        if evse is None or evse.connector_id is None:
            return "evse.connectorId is needed"
        key = (evse.id, evse.connector_id)
        if key not in self._charging.statuses():
            return f"there is no connector {evse.connector_id} at EVSE {evse.id}"
        return lambda: self._tell(key, Cause.Asked)

    # Availability

    @serves(ChangeAvailabilityRequest)
    def on_change_availability(self, request: ChangeAvailabilityRequest) -> ChangeAvailabilityResponse:
        """Change at once, or when the transactions of the scope have ended (G03, G04)."""
        scope = self._scope(request.evse)
        if scope is None:
            info = StatusInfo(reason_code="UnknownEvse", additional_info="there is no such EVSE or connector")
            return ChangeAvailabilityResponse(status=ChangeAvailabilityStatusEnum.Rejected, status_info=info)
        availability = self._charging.availability
        wanted = request.operational_status
        operative = scope not in availability.inoperative
        if operative == (wanted is OperationalStatusEnum.Operative):
            self._set(availability.set(scope, wanted))
            self._work.after(lambda: self._tell_scope(scope))
            return ChangeAvailabilityResponse(status=ChangeAvailabilityStatusEnum.Accepted)
        if self._busy(scope):
            self._set(availability.schedule(scope, wanted).take_idle_out(self._idle()))
            return ChangeAvailabilityResponse(status=ChangeAvailabilityStatusEnum.Scheduled)
        self._set(availability.set(scope, wanted))
        return ChangeAvailabilityResponse(status=ChangeAvailabilityStatusEnum.Accepted)

    def _scope(self, evse: EVSE | None) -> Scope | None:
        """Return the scope of a request; None: the station does not have it."""
        if evse is not None and evse.connector_id is not None:
            return Scope.of(evse) if (evse.id, evse.connector_id) in self._charging.statuses() else None
        scope = Scope.of(evse)
        known = not scope.evse_id or any(scope.contains(Scope(*key)) for key in self._charging.statuses())
        return scope if known else None

    def _idle(self) -> frozenset[int]:
        return frozenset(evse.id for evse in self._world.product.evses if not self._busy(Scope(evse.id)))

    def _busy(self, scope: Scope) -> bool:
        """Say whether a transaction runs there; one without a connector yet may be at any of its EVSE."""
        places = [
            Scope(session.evse_id or 0, session.connector_id or 0)
            for session in self._charging.sessions.with_transaction()
        ]
        return any(scope.contains(place) or (place.evse_id and place.contains(scope)) for place in places)

    @hears(TransactionEnded)
    def when_transaction_ended(self, _ended: TransactionEnded) -> None:
        """Carry out the requests whose scope is idle now (G03.FR.05, G04.FR.06)."""
        availability = self._charging.availability
        for scope, operative in availability.scheduled:
            if not self._busy(scope):
                wanted = OperationalStatusEnum.Operative if operative else OperationalStatusEnum.Inoperative
                availability = availability.set(scope, wanted)
        availability = availability.take_idle_out(self._idle())
        if availability is not self._charging.availability:
            self._set(availability)

    def _set(self, availability: Availability) -> None:
        for text in _told(self._charging.availability, availability):
            self._work.announce(SettingChanged(text))
        self._charging.set_availability(availability)


def _told(before: Availability, after: Availability) -> Iterator[str]:
    """Say what is other than before, a line for each scope."""
    for scope in sorted(before.inoperative ^ after.inoperative):
        status = OperationalStatusEnum.Inoperative if scope in after.inoperative else OperationalStatusEnum.Operative
        yield f"availability of {scope}: {status}"
    for scope, operative in after.scheduled:
        if (scope, operative) not in before.scheduled:
            status = OperationalStatusEnum.Operative if operative else OperationalStatusEnum.Inoperative
            yield f"availability of {scope}: {status} once its transactions have ended"
