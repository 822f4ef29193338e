"""The operator's bench: frozen snapshots that pages and scripts see, and the two ports that give them.

Nothing here is the station itself: a snapshot never changes once it was made and carries no secret.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Annotated, Literal, Protocol

import msgspec
from msgspec import Meta

from ohmstead.ports.figures import StationFigures
from ohmstead.ports.hardware import Screen, Supply
from ohmstead.ports.protocol_faults import ActiveFault, ProtocolFaults
from ohmstead.wire import messages as wire
from ohmstead.wire.identifiers import IDENTIFIER, LONGEST_TOKEN


def one_of(words: Iterable[str]) -> Meta:
    """Return that a text is one of these words; for the schema of what is sent, which nobody decodes."""
    return Meta(extra_json_schema={"enum": [str(word) for word in words]})


Utc = Annotated[datetime, Meta(tz=True)]
RegistrationStatus = Annotated[str, one_of(wire.RegistrationStatusEnum)]
BootStatus = Annotated[str, one_of((*wire.RegistrationStatusEnum, "Failed"))]
ConnectorStatus = Annotated[str, one_of(wire.ConnectorStatusEnum)]
ChargingState = Annotated[str, one_of(wire.ChargingStateEnum)]
IdTokenType = Annotated[str, one_of(wire.IdTokenEnum)]
AuthorizationStatus = Annotated[str, one_of(wire.AuthorizationStatusEnum)]
FactName = Annotated[
    str,
    one_of(("ParkingBayOccupancy", "EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer", "DataSigned")),
]
"""Those of `model.facts`; a test holds them together."""
MaskedToken = Annotated[str, Meta(extra_json_schema={"pattern": "^••••"})]


class ConnectionView(msgspec.Struct, frozen=True, kw_only=True):
    """How the station stands with its CSMS."""

    state: Literal["Disconnected", "Connecting", "Connected"] = "Disconnected"
    boot_status: BootStatus | None = None
    """The last RegistrationStatusEnumType: `Accepted`, `Pending`, `Rejected`; None: none yet since the start.

    `Failed`: the last BootNotification got no answer that can be used, and `last_error` says why.
    """
    url: str = ""
    """With the identity, without credentials."""
    security_profile: int = 0
    """0: a station without a password, for development; no message of OCPP says so."""
    slot: int | None = None
    """The active network profile's configuration slot."""
    interface: str | None = None
    since: Utc | None = None
    """When `state` was reached, UTC."""
    next_attempt_at: Utc | None = None
    """While waiting between two attempts: when the next begins, UTC."""
    last_error: str | None = None
    """Why the last attempt or connection ended, with its URL, or what the CSMS sent last that cannot be used; "
    "one line."""


class QueuedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message that waits in the outbox for its response."""

    message_id: str
    action: str
    event_type: Annotated[str, one_of(wire.TransactionEventEnum)] | None = None
    """TransactionEventEnumType, for a TransactionEvent."""
    transaction_id: str | None = None
    seq_no: int | None = None
    attempts: int = 0
    at: Utc | None = None
    """When what it tells occurred, UTC."""


class TransferView(msgspec.Struct, frozen=True, kw_only=True):
    """One file on its way."""

    name: str
    """The file's name at the station."""
    upload: bool
    """True: a log that goes out; False: a firmware that comes in."""
    done: int
    """Bytes so far."""
    size: int | None = None
    """Bytes of the whole, where it is known."""


class InterfaceView(msgspec.Struct, frozen=True, kw_only=True):
    """One network interface and whether its plug is in."""

    name: str
    up: bool
    technology: str = ""
    """As the product says it: `Ethernet`, `Mobile network` ..."""


class FaultView(msgspec.Struct, frozen=True, kw_only=True):
    """One active fault; connector_id 0 is the whole EVSE."""

    evse_id: int
    connector_id: int
    code: str


class ConnectorView(msgspec.Struct, frozen=True, kw_only=True):
    """One connector of an EVSE."""

    id: int
    type: str
    """ConnectorEnumType of the appendix: `cCCS1` ..."""
    status: ConnectorStatus
    """ConnectorStatusEnumType: `Available`, `Occupied`, `Reserved`, `Unavailable`, `Faulted`."""
    plugged: bool = False
    """An EV is connected to it."""
    socket: bool = False
    """Its cable can be taken out on the side of the station."""
    cable: bool = False
    """One lies in the socket."""
    locked: bool | None = None
    """The lock of the socket is shut; None: it has none."""
    protected: bool = False
    """Its cable is locked in the holder, or its socket shut, until somebody is authorized (AQ-2)."""


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """One charging session."""

    id: str
    facts: tuple[FactName, ...] = ()
    """The facts that hold: `EVConnected`, `Authorized`, `EnergyTransfer` ..."""
    id_token: MaskedToken | None = None
    """Masked with `mask`."""
    transaction_id: str | None = None
    """None: no transaction has started."""
    seq_no: int | None = None
    """The seqNo of the last TransactionEvent."""
    charging_state: ChargingState | None = None
    """ChargingStateEnumType."""
    energy_wh: float = 0.0
    """Energy of this transaction, Wh."""
    started_at: Utc | None = None
    """When the transaction started, UTC, by the clock as it goes now: a correction since then moves it along."""


class ChargeView(msgspec.Struct, frozen=True, kw_only=True):
    """One charge that has ended, as the station keeps it."""

    transaction_id: str
    evse_id: int | None = None
    started_at: Utc
    ended_at: Utc
    seconds: float
    """How long it took, whatever was done to the clock meanwhile."""
    energy_wh: float | None = None
    """None: nobody can say."""
    stopped_reason: Annotated[str, one_of(wire.ReasonEnum)] | None = None
    """ReasonEnumType."""
    cost: float | None = None
    """What the CSMS has told the station that it costs, in the currency of the CSMS; None: nothing."""


class EvseView(msgspec.Struct, frozen=True, kw_only=True):
    """One EVSE: what holds, what the meter reads, who charges."""

    id: int
    connectors: tuple[ConnectorView, ...]
    operative: bool = True
    current: Annotated[str, one_of(("AC", "DC"))] = "DC"
    """`AC` or `DC`."""
    phases: int = 0
    """Of AC; 0: DC."""
    supply: Annotated[str, one_of(Supply)] = "Off"
    """A `Supply` of the hardware port."""
    bay_occupied: bool = False
    ev: str | None = None
    """Name of the EV model that is plugged in."""
    soc_percent: float | None = None
    """State of charge, where the EV tells it."""
    power_w: float = 0.0
    max_power_w: float = 0.0
    """What the EVSE can give."""
    voltage_v: float = 0.0
    current_a: float = 0.0
    energy_wh: float = 0.0
    """The meter's register, Wh, for the life of the machine."""
    session: SessionView | None = None


class EvModel(msgspec.Struct, frozen=True, kw_only=True):
    """An EV that can be plugged in: its name for `Plug`, and what a person wants to know."""

    name: str
    label: str
    battery_kwh: float
    max_power_w: float


class StationView(msgspec.Struct, frozen=True, kw_only=True):
    """The whole station at one instant. Without power only identity and the physical side are meaningful."""

    version: int
    """Grows with every change that `Bench.wait_changed` reports."""
    powered: bool
    booting: bool = False
    """Powered, but the station is not up yet (or going down for a reboot)."""
    identity: str
    product: str
    """The product profile's name."""
    vendor: str
    model: str
    firmware: str
    serial_number: str = ""
    now: Utc
    """The station's clock, UTC."""
    local_time: Annotated[str, Meta(extra_json_schema={"pattern": "^([0-2][0-9]:[0-5][0-9])?$"})] = ""
    """The same as its display shows it, in the time zone of the station: `14:05`."""
    connection: ConnectionView = ConnectionView()
    queue: tuple[QueuedMessage, ...] = ()
    transfers: tuple[TransferView, ...] = ()
    """Logs and firmware that are on their way."""
    screens: tuple[Screen, ...] = ()
    """One for each display. Without a display its options are buttons beside the EVSEs (AQ-8)."""
    displays: int = 1
    """How many the station has."""
    readers: tuple[int | None, ...] = (None,)
    """One for each card reader: its EVSE, or None where one reader serves the station. Empty: no reader."""
    keypads: tuple[int | None, ...] = ()
    """One for each keypad, like `readers`."""
    buttons: tuple[IdTokenType, ...] = ()
    """Types of tokens that each EVSE has a button for, or asks the car for: `NoAuthorization` ..."""
    interfaces: tuple[InterfaceView, ...] = ()
    max_power_w: float = 0.0
    """What the EVSEs share."""
    evses: tuple[EvseView, ...] = ()
    unbound: SessionView | None = None
    """The session that waits for a cable and has no EVSE yet."""
    charges: tuple[ChargeView, ...] = ()
    """The last charges that have ended, newest first."""
    faults: tuple[FaultView, ...] = ()
    protocol_faults: tuple[ActiveFault, ...] = ()
    """What the station does wrong on the wire because somebody wants it to."""
    emergency_stop: bool = False
    ev_models: tuple[EvModel, ...] = ()
    fault_codes: tuple[str, ...] = ()
    """The codes that `Fault` knows."""
    hand: bool = True
    """Whether the actions of the hand can be done; a real machine has people for them."""


class VariableKey(msgspec.Struct, frozen=True, kw_only=True):
    """Names one variable of the device model."""

    component: str
    variable: str
    component_instance: str | None = None
    variable_instance: str | None = None
    evse_id: int | None = None
    connector_id: int | None = None


class VariableView(msgspec.Struct, frozen=True, kw_only=True):
    """One variable of the device model with its attribute Actual."""

    key: VariableKey
    type: Annotated[str, one_of(wire.DataEnum)]
    """DataEnumType: `string`, `integer`, `boolean`, `OptionList` ..."""
    mutability: Annotated[str, one_of(wire.MutabilityEnum)]
    """MutabilityEnumType."""
    unit: str | None = None
    min: float | None = None
    max: float | None = None
    """For numbers the highest value, for text the greatest length (maxLimit)."""
    values: tuple[str, ...] | None = None
    """The allowed values of lists and options."""
    value: str | None = None
    """As it travels in GetVariables; None where it is write-only or has never been set."""
    writable: bool = False
    persistent: bool = True
    reboot_required: bool = False


class SetOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a local edit."""

    status: Annotated[str, one_of(wire.SetVariableStatusEnum)]
    """SetVariableStatusEnumType: `Accepted`, `Rejected`, `RebootRequired` ..."""
    reason: str = ""
    """Why it was not accepted, one line."""


class CacheEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the authorization cache."""

    id_token: MaskedToken
    """Masked with `mask`."""
    type: IdTokenType
    """IdTokenEnumType."""
    status: AuthorizationStatus
    """What the CSMS has said of it, AuthorizationStatusEnumType."""
    group: MaskedToken | None = None
    """Its group id, masked like the token."""
    expires_at: Utc | None = None
    """When the entry counts no more, by its cacheExpiryDateTime or LifeTime; None: never."""


class TokenToCache(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is to be known of a token, as if the CSMS had answered an AuthorizeRequest with it."""

    id_token: Annotated[str, Meta(min_length=1, max_length=LONGEST_TOKEN, pattern=f"^{IDENTIFIER.pattern}$")]
    type: wire.IdTokenEnum = wire.IdTokenEnum.ISO14443
    status: wire.AuthorizationStatusEnum = wire.AuthorizationStatusEnum.Accepted
    group: Annotated[str, Meta(min_length=1, max_length=LONGEST_TOKEN, pattern=f"^{IDENTIFIER.pattern}$")] | None = None
    """Group id; that of MasterPassGroupId makes it a master pass."""
    expires_at: Utc | None = None
    """cacheExpiryDateTime; None: only LifeTime bounds it."""


class NoCache(Exception):
    """The product has no authorization cache."""


class CacheRefused(Exception):
    """The cache cannot be used now, or does not take the token; the text says why."""


class ResetRefused(Exception):
    """The station cannot begin anew, for something would be lost; the text says what."""


class TraceLine(msgspec.Struct, frozen=True, kw_only=True):
    """One OCPP-J frame, as its owner (station or CSMS) saw it."""

    number: int
    """Counts from 1 without a gap, for the life of the process."""
    at: Utc
    direction: Literal["sent", "received"]
    station: str
    """Identity of the station at one end."""
    kind: Literal["CALL", "CALLRESULT", "CALLERROR", "unreadable"]
    action: str
    """For a response the action that it answers; empty where nobody can say."""
    message_id: str
    payload: str
    """JSON text of the payload, secrets replaced (passwords, private keys); of an error: code, description, details."""
    latency: float | None = None
    """For a response: seconds since its CALL."""


class HandLine(msgspec.Struct, frozen=True, kw_only=True):
    """What a hand did at a station, beside the frames of its trace."""

    after: int
    """The number of the last frame before it."""
    at: Utc
    direction: Literal["hand"] = "hand"
    station: str
    kind: Literal["HAND"] = "HAND"
    action: str
    payload: dict[str, object]
    """Its arguments; a key code is hidden."""


class Bench(Protocol):
    """One station, seen from outside. It outlives the station's reboots and power cuts."""

    @property
    def faults(self) -> ProtocolFaults | None:
        """The faults of its protocol, on purpose; None: it can have none."""
        ...

    def view(self) -> StationView:
        """Return a snapshot of now."""
        ...

    def figures(self) -> StationFigures:
        """Return what was counted since the process began."""
        ...

    async def wait_changed(self, version: int) -> int:
        """Return the present version once it is greater than the given one.

        Readings that drift while energy flows need not count as a change: pages take views each second anyway.
        """
        ...

    def variables(self) -> tuple[VariableView, ...]:
        """Return the device model in the order of its declaration; empty without power."""
        ...

    async def set_variable(self, key: VariableKey, value: str) -> SetOutcome:
        """Let the local operator set the attribute Actual, under the same rules as SetVariables."""
        ...

    def trace(self, since: int = 0) -> tuple[TraceLine, ...]:
        """Return the frames still kept whose number is greater than `since`, oldest first."""
        ...

    def cached_tokens(self, id_token: str | None = None) -> tuple[CacheEntry, ...]:
        """Return the entries of the authorization cache in the order of their arrival, or those of one token.

        Raises NoCache, and CacheRefused where the station does not run.
        """
        ...

    def cache_token(self, token: TokenToCache) -> CacheEntry:
        """Put a token into the authorization cache and return its entry.

        Raises NoCache, CacheRefused, and NotKept of the hand where the store does not take it.
        """
        ...

    def clear_cache(self) -> None:
        """Forget every token, under the same rules as ClearCache. Raises NoCache, CacheRefused and NotKept."""
        ...

    async def reset(self, *, discard: bool, meanwhile: Callable[[], None]) -> None:
        """Take the power away, empty the memory of the station, and return once it has booted as at its first start.

        What the machine is and remembers stays: cars, cables, faults, registers.

        Args:
            discard: also where a transaction runs or messages wait; they are lost, and the CSMS hears no end of them.
            meanwhile: called once the memory is empty and the station is still without power.

        Raises ResetRefused, and NotKept where the memory cannot be emptied: it is as it was then.
        """
        ...


class CsmsStation(msgspec.Struct, frozen=True, kw_only=True):
    """A station that the CSMS knows."""

    identity: str
    connected: bool
    vendor: str = ""
    model: str = ""
    firmware: str = ""
    boot_status: RegistrationStatus | None = None
    security_profile: int | None = None
    last_seen: Utc | None = None
    """When its last frame arrived, UTC."""
    connectors: Annotated[
        Mapping[str, ConnectorStatus], Meta(extra_json_schema={"propertyNames": {"pattern": "^[0-9]+[.][0-9]+$"}})
    ] = {}
    """`evse.connector` -> the last status reported."""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A card that the CSMS knows; demonstration data, so the id is shown in full."""

    id_token: str
    type: IdTokenType
    """IdTokenEnumType."""
    label: str
    """Whose it is: `Ada`, `Lost card` ..."""
    status: AuthorizationStatus
    """AuthorizationStatusEnumType: `Accepted`, `Blocked`, `Expired` ..."""
    group: str | None = None
    """Group id, where it has one."""
    master: bool = False
    """A master pass (its group is MasterPassGroupId)."""


class CsmsTransaction(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction as the CSMS was told of it."""

    station: str
    transaction_id: str
    evse_id: int | None = None
    id_token: MaskedToken | None = None
    """Masked with `mask`."""
    started_at: Utc | None = None
    ended_at: Utc | None = None
    """None: it runs."""
    energy_wh: float = 0.0
    charging_state: ChargingState | None = None
    stopped_reason: Annotated[str, one_of(wire.ReasonEnum)] | None = None
    events: int = 0
    """TransactionEvents received."""
    last_seq_no: int | None = None
    missing: tuple[int, ...] = ()
    """seqNos below the last one that have not arrived; of many only the first hundred."""
    cost: float | None = None
    """Price so far, taxes included; None: no meter reading came, so nobody can say."""
    currency: Annotated[str, Meta(extra_json_schema={"pattern": "^([A-Z]{3})?$"})] = ""
    """ISO 4217."""
    faults: tuple[str, ...] = ()
    """What is wrong with its events, one line each: numbers that came twice, a register that fell ..."""


class CsmsTariff(msgspec.Struct, frozen=True, kw_only=True):
    """What the CSMS asks for a transaction, taxes included."""

    currency: str
    """ISO 4217."""
    per_kwh: float
    session_fee: float = 0.0


class CsmsFileJob(msgspec.Struct, frozen=True, kw_only=True):
    """A log that the CSMS asked for, or a firmware that it sent, and how far the station says it is."""

    station: str
    action: Literal["GetLog", "UpdateFirmware"]
    request_id: int
    asked_at: Utc
    answer: Annotated[str, one_of(dict.fromkeys((*wire.LogStatusEnum, *wire.UpdateFirmwareStatusEnum)))]
    """Status of the response."""
    log_type: Annotated[str, one_of(wire.LogEnum)] | None = None
    """LogEnumType, for a GetLog."""
    filename: str | None = None
    """What the station calls the log."""
    status: Annotated[str, one_of(dict.fromkeys((*wire.UploadLogStatusEnum, *wire.FirmwareStatusEnum)))] | None = None
    """The last LogStatusNotification or FirmwareStatusNotification of it."""


class CommandResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came back for a command of the CSMS."""

    kind: Literal["CALLRESULT", "CALLERROR", "Timeout", "LinkLost"]
    payload: str = "{}"
    """JSON text: the response, or of a CALLERROR its code, description and details."""
    latency: float | None = None
    """Seconds between the CALL and its answer."""


class UnknownStation(Exception):
    """The CSMS does not know this station, or it is not connected; the text says which."""


class CommandRefused(Exception):
    """The command cannot be sent: no such action, or a payload that its schema forbids; the text says what is wrong."""


class Backoffice(Protocol):
    """The embedded CSMS, as its page sees it."""

    @property
    def url(self) -> str:
        """The URL that a station dials, without an identity."""
        ...

    def stations(self) -> tuple[CsmsStation, ...]:
        """Return the stations it knows, by identity."""
        ...

    def tokens(self) -> tuple[Card, ...]:
        """Return the cards it knows, in the order in which a wallet shows them."""
        ...

    def transactions(self) -> tuple[CsmsTransaction, ...]:
        """Return the transactions it was told of, newest first."""
        ...

    def tariff(self) -> CsmsTariff:
        """Return what it asks for a transaction."""
        ...

    def file_jobs(self) -> tuple[CsmsFileJob, ...]:
        """Return the logs and firmware updates that it asked for, newest first; of many the newest."""
        ...

    def trace(self, since: int = 0) -> tuple[TraceLine, ...]:
        """Return the frames still kept whose number is greater than `since`, oldest first."""
        ...

    def commands(self) -> Mapping[str, Mapping[str, object]]:
        """Return for each action that a CSMS may send the JSON schema of its request (`msgspec.json.schema`)."""
        ...

    def forget(self, station: str) -> None:
        """Forget what a station told and agreed on: transactions, reports, boot status, a changed password.

        Raises UnknownStation.
        """
        ...

    async def send(self, station: str, action: str, payload: Mapping[str, object]) -> CommandResult:
        """Send a command and return what came back. Raises UnknownStation and CommandRefused."""
        ...

    async def wait_changed(self, version: int) -> int:
        """Return the present version (stations, transactions or trace) once it is greater than the given one."""
        ...


def mask(id_token: str) -> str:
    """Return a token with all but its last four characters hidden; short ones keep at most one.

    >>> mask("04A2B3C4D5")
    '••••C4D5'
    >>> mask("1234")
    '••••4'
    """
    shown = 4 if len(id_token) >= 8 else min(1, len(id_token))
    return "••••" + id_token[len(id_token) - shown :]
