"""What the model says: every method under `@hears(<Event>)` is called with it, before the commit."""

import msgspec

from ohmstead.model.charges import Charge
from ohmstead.model.prompt import Prompt
from ohmstead.model.session import Session, TransactionStep
from ohmstead.wire.messages import (
    ConnectorStatusEnum,
    IdToken,
    IdTokenInfo,
    TransactionEventRequest,
    TransactionEventResponse,
)


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


class Connected(msgspec.Struct, frozen=True):
    """A CSMS took the connection; whether it accepts the station is another matter."""

    new_root: bool
    """Its certificate was checked against the roots in force, not against one that they replaced (M05.FR.13)."""


class ConnectionRefused(msgspec.Struct, frozen=True):
    """A connection attempt failed."""

    refusal: str
    """A `ports.link.Refusal`."""
    detail: str
    """One line without secrets."""


class TransactionEventDelivered(msgspec.Struct, frozen=True):
    """The CSMS answered a TransactionEvent; the row of the outbox goes in the same unit of work."""

    request: TransactionEventRequest
    response: TransactionEventResponse


class TransactionEnded(msgspec.Struct, frozen=True):
    """A session's transaction ended; pending resets and availability changes look at this."""

    evse_id: int | None


class ChargeRecorded(msgspec.Struct, frozen=True):
    """A charge has ended, or the CSMS has said what one that ended costs."""

    charge: Charge


class LockTried(msgspec.Struct, frozen=True):
    """A lock was asked to open, or was to be shut."""

    evse_id: int
    connector_id: int
    answered: bool
    """Whether it said what became of it, in time."""
    shut: bool = False
    """Whether it was to be shut."""


class LimitAsked(msgspec.Struct, frozen=True):
    """Somebody asks that an EVSE give no more than this, instead of what the same asked for before."""

    asked_by: str
    evse_id: int
    power_w: float | None
    """None: any power."""
    current_a: float | None


class CableReleased(msgspec.Struct, frozen=True):
    """A cable that was locked in a socket may go: its owner has presented a token, or the CSMS wants it."""

    evse_id: int
    connector_id: int


class LockMoved(msgspec.Struct, frozen=True):
    """The lock of a socket was turned, as often as it takes."""

    evse_id: int
    connector_id: int
    shut: bool
    """Whether it is shut now, as its feedback says."""
    failed: bool
    """Whether it did not move, and nothing has happened since that makes it worth a new trial."""


class FaultsChanged(msgspec.Struct, frozen=True):
    """A fault appeared or was cleared."""

    evse_id: int
    connector_id: int
    code: str
    active: bool


class Notice(msgspec.Struct, frozen=True):
    """A line for the display, for a few seconds."""

    text: str


class DisplayAsked(msgspec.Struct, frozen=True):
    """The display asks the person something; None takes the question away."""

    prompt: Prompt | None


class VentilationLacking(msgspec.Struct, frozen=True):
    """An EV asks for ventilation and there is none, or that is over."""

    evse_id: int
    connector_id: int
    lacking: bool


class EvseChosen(msgspec.Struct, frozen=True):
    """A driver has chosen an EVSE for the token that follows (AQ-8); None: that is over."""

    evse_id: int | None


class TokenAnswered(msgspec.Struct, frozen=True):
    """The CSMS said what a token is worth."""

    id_token: IdToken
    info: IdTokenInfo


class TokenUsed(msgspec.Struct, frozen=True):
    """A token was authorized from the cache."""

    id_token: IdToken


class TokenLetIn(msgspec.Struct, frozen=True):
    """A token that nobody knows was authorized offline, because OfflineTxForUnknownIdEnabled allows it (C15)."""

    id_token: IdToken


class TokensForgotten(msgspec.Struct, frozen=True):
    """The CSMS wants a customer's tokens to be forgotten (N10.FR.03, N10.FR.06)."""

    keys: tuple[str, ...]
    """Their keys in the cache."""


class StartRequested(msgspec.Struct, frozen=True, kw_only=True):
    """The CSMS asked for a start, and the station agreed (F01, F02)."""

    evse_id: int | None
    id_token: IdToken
    group_id_token: IdToken | None
    remote_start_id: int


class SettingChanged(msgspec.Struct, frozen=True):
    """What somebody has set is another one now: a variable, availability, a network profile, a root, firmware."""

    text: str
    """One line for the journal, without secrets."""


class SecurityEvent(msgspec.Struct, frozen=True):
    """Something that the security log and the CSMS must know (A04); the type is one of the appendix."""

    type: str
    tech_info: str | None = None


class ClockCorrected(msgspec.Struct, frozen=True):
    """The wall clock was set: whoever waits for a moment, or shows one, looks again (decided case 21)."""

    seconds: float
    """By how much; positive: forward."""


class EvseReset(msgspec.Struct, frozen=True):
    """An EVSE has been reset: its session is found anew from what the machine sees (decided case 7)."""

    evse_id: int


Event = (
    SessionMoved
    | ClockCorrected
    | FactsChanged
    | EvseReset
    | StatusChanged
    | Accepted
    | Online
    | Offline
    | Connected
    | ConnectionRefused
    | TransactionEventDelivered
    | TransactionEnded
    | ChargeRecorded
    | CableReleased
    | LockMoved
    | FaultsChanged
    | LockTried
    | LimitAsked
    | Notice
    | DisplayAsked
    | EvseChosen
    | VentilationLacking
    | TokenAnswered
    | TokenUsed
    | TokenLetIn
    | TokensForgotten
    | StartRequested
    | SettingChanged
    | SecurityEvent
)
