"""The status of a connector, told by StatusNotification or by NotifyEvent of its AvailabilityState (G01.FR.01).

Either is right, and nothing forbids to tell one change by both: what the other message has told already is a *double*.
"""

from typing import TypeAlias

import msgspec

from ohmstead.lab.cases.exchange import Arrived
from ohmstead.lab.cases.keys import spelled
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response

Place: TypeAlias = tuple[int, int]
"""evseId and connectorId."""


class StatusReport(msgspec.Struct, frozen=True):
    """What a message tells of a connector."""

    place: Place
    status: str
    message: Request[Response]


class _Present(msgspec.Struct):
    """The status that was told last, and the kinds of messages that have told it."""

    status: str
    kinds: set[type[Request[Response]]]


class Statuses:
    """Every status that was told in a case.

    Attributes:
        told: oldest first, without doubles.
    """

    def __init__(self) -> None:
        self.told: list[StatusReport] = []
        self._present: dict[Place, _Present] = {}
        self._doubles: set[int] = set()

    def observe(self, message: Request[Response]) -> None:
        """Take note of a message."""
        told = told_by(message)
        if told is None:
            return
        kind, present = type(message), self._present.get(told.place)
        if present is not None and present.status == told.status and kind not in present.kinds:
            present.kinds.add(kind)
            self._doubles.add(id(message))
            return
        self._present[told.place] = _Present(told.status, {kind})
        self.told.append(told)

    def ask(self) -> None:
        """What is told from now on is asked for: it may be as before, and by whichever message."""
        self._present.clear()

    def is_double(self, message: Request[Response]) -> bool:
        """Say whether it tells only what a message of the other kind has told before."""
        return id(message) in self._doubles


def told_by(message: Request[Response]) -> StatusReport | None:
    """Return what a message tells of a connector; of a NotifyEvent only the first item (`apart`)."""
    match message:
        case wire.StatusNotificationRequest():
            return StatusReport((message.evse_id, message.connector_id), message.connector_status.value, message)
        case wire.NotifyEventRequest():
            data = message.event_data[0]
            evse = data.component.evse
            if not _is_status(data) or data.trigger is not wire.EventTriggerEnum.Delta or evse is None:
                return None
            return StatusReport((evse.id, evse.connector_id or 0), data.actual_value, message)
    return None


def apart(arrived: Arrived) -> list[Arrived]:
    """Return a NotifyEvent that tells of several things, a status among them, as so many; anything else as it is."""
    message = arrived.message
    if not isinstance(message, wire.NotifyEventRequest) or len(message.event_data) == 1:
        return [arrived]
    if not any(map(_is_status, message.event_data)):
        return [arrived]
    alone = [msgspec.structs.replace(message, event_data=(data,)) for data in message.event_data]
    return [msgspec.structs.replace(arrived, message=one) for one in alone]


def _is_status(data: wire.EventData) -> bool:
    return spelled(data.component.name) == "Connector" and spelled(data.variable.name) == "AvailabilityState"
