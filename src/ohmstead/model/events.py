"""What the model says: every block that has a method `when_<event>` hears of it, before the commit."""

import msgspec

from ohmstead.model.session import Session, TransactionStep
from ohmstead.wire.messages import ConnectorStatusEnum, TransactionEventRequest, TransactionEventResponse


class SessionMoved(msgspec.Struct, frozen=True):
    """A session changed; `step` is the TransactionEvent that follows from it, if one does."""

    before: Session
    after: Session
    step: TransactionStep | None


class FactsChanged(msgspec.Struct, frozen=True):
    """Something a status depends on changed: a session, a fault, an availability."""


class StatusChanged(msgspec.Struct, frozen=True):
    """The status of a connector is another one now."""

    evse_id: int
    connector_id: int
    status: ConnectorStatusEnum


class Accepted(msgspec.Struct, frozen=True):
    """The CSMS accepted the station's BootNotification."""


class Online(msgspec.Struct, frozen=True):
    """The link to a CSMS that has accepted the station is back."""

    offline_for: float
    """Seconds without a connection."""


class Offline(msgspec.Struct, frozen=True):
    """The link to the CSMS is gone."""


class TransactionEventDelivered(msgspec.Struct, frozen=True):
    """The CSMS answered a TransactionEvent; the row of the outbox goes in the same unit of work."""

    request: TransactionEventRequest
    response: TransactionEventResponse


class TransactionEnded(msgspec.Struct, frozen=True):
    """A session's transaction ended; pending resets and availability changes look at this."""

    evse_id: int | None


class FaultsChanged(msgspec.Struct, frozen=True):
    """A fault appeared or was cleared."""

    evse_id: int
    connector_id: int
    code: str
    active: bool


Event = (
    SessionMoved
    | FactsChanged
    | StatusChanged
    | Accepted
    | Online
    | Offline
    | TransactionEventDelivered
    | TransactionEnded
    | FaultsChanged
)
