"""What the embedded CSMS is told: stations, cards, tariff and intervals, as frozen data from one TOML file."""

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Annotated

import msgspec

from ohmstead.product.bounded import read_bounded
from ohmstead.wire.identifiers import IDENTIFIER, IDENTIFIER_WORDS
from ohmstead.wire.messages import AuthorizationStatusEnum, IdTokenEnum, RegistrationStatusEnum

Str36 = Annotated[str, msgspec.Meta(min_length=1, max_length=36)]
Amount = Annotated[float, msgspec.Meta(ge=0, le=1e6)]
_HUNDREDTH = Decimal("0.01")
_HEX = re.compile(r"[0-9A-Fa-f]+")


class SettingsError(ValueError):
    """The settings cannot be used; the text names file, key and reason."""


class CsmsToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One card (or other identifier) and what the CSMS says when it is asked about it."""

    id_token: Str36
    """Compared without regard to case (identifierString)."""
    type: IdTokenEnum = IdTokenEnum.ISO14443
    label: str = ""
    """Whose it is, for people."""
    status: AuthorizationStatusEnum = AuthorizationStatusEnum.Accepted
    group: Annotated[str, msgspec.Meta(max_length=36)] = ""
    """groupIdToken; empty: none. The value of `master_pass_group` makes the card a master pass (C16)."""
    expires: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    """From this moment on the answer is Expired, whatever `status` says."""
    evse_ids: tuple[int, ...] = ()
    """The only EVSEs that it may use (C01.FR.20); empty: any."""
    concurrent: bool = True
    """False: a second transaction at the same time is answered ConcurrentTx."""
    language: Annotated[str, msgspec.Meta(max_length=8)] = ""
    personal_message: Annotated[str, msgspec.Meta(max_length=512)] = ""
    """Shown to the driver by a station that can (I01)."""


class KnownStation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One station that may connect. Its repr hides the password."""

    identity: Annotated[str, msgspec.Meta(min_length=1, max_length=48)]
    password: Annotated[str, msgspec.Meta(max_length=64)] = ""
    """For HTTP Basic authentication (profiles 1 and 2); empty: only profile 3 can be used."""
    serial_number: str = ""
    """The common name of its client certificate (A00.FR.405); empty: the identity."""
    min_security_profile: Annotated[int, msgspec.Meta(ge=1, le=3)] = 1

    def __repr__(self) -> str:
        return f"KnownStation(identity={self.identity!r})"


class Tariff(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The price of a transaction, taxes included: a fee and a price for each kWh."""

    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")] = "EUR"
    """ISO 4217."""
    per_kwh: Amount = 0.49
    session_fee: Amount = 0.0

    def cost(self, energy_wh: Decimal) -> float:
        """Return the price of so much energy, rounded to a hundredth, half a one upwards; reckoned in decimals."""
        price = Decimal(repr(self.session_fee)) + Decimal(repr(self.per_kwh)) * energy_wh / 1000
        return float(price.quantize(_HUNDREDTH, ROUND_HALF_UP))


DEFAULT_TOKENS = (
    CsmsToken(id_token="04A1B2C3", label="Ada"),
    CsmsToken(id_token="04D4E5F6", label="Grace"),
    CsmsToken(id_token="04AABBCCDDEE11", label="Linus"),
    CsmsToken(id_token="04F00001", label="Fleet car 1", group="FLEET"),
    CsmsToken(id_token="04F00002", label="Fleet car 2", group="FLEET"),
    CsmsToken(id_token="04B10C4ED0C0DE", label="Lost card", status=AuthorizationStatusEnum.Blocked),
    CsmsToken(id_token="04E0D1ED", label="Last year's card", status=AuthorizationStatusEnum.Expired),
    CsmsToken(id_token="04AD3157E12A00", label="Site manager", group="MASTER"),
)
"""The wallet of a fresh installation."""


class CsmsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything that `csms.toml` can say; each value has a default that works."""

    stations: tuple[KnownStation, ...] = ()
    tokens: tuple[CsmsToken, ...] = DEFAULT_TOKENS
    tariff: Tariff = Tariff()
    announce_cost: bool = True
    """Whether the response to an Ended carries totalCost (I03.FR.02)."""
    master_pass_group: Annotated[str, msgspec.Meta(max_length=36)] = "MASTER"
    """Set as AuthCtrlr.MasterPassGroupId on every station that boots; empty: leave stations alone."""
    heartbeat_interval: Annotated[int, msgspec.Meta(ge=0)] = 300
    """Seconds; the interval of an accepting BootNotificationResponse."""
    retry_interval: Annotated[int, msgspec.Meta(ge=0)] = 30
    """Seconds; the interval of one that is Pending or Rejected."""
    first_boot_answers: tuple[RegistrationStatusEnum, ...] = ()
    """Given one after the other, for each station, before its BootNotification is accepted (B02, B03)."""
    call_timeout: Annotated[float, msgspec.Meta(gt=0)] = 30.0
    """Seconds in which a station must answer a command."""
    ping_interval: Annotated[float, msgspec.Meta(ge=0)] = 60.0
    """Seconds between two WebSocket pings; one that stays unanswered as long ends the connection. 0: no pings."""
    organizations: tuple[str, ...] = ()
    """Who may own a station's client certificate: the values that its organizationName may have (A00.FR.404). Empty:
    anybody for whom the authority has signed."""
    cache_seconds: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Life of an answer in a station's Authorization Cache (cacheExpiryDateTime); 0: the station decides."""


def load_settings(path: Path) -> CsmsSettings:
    """Read and check a settings file. Raises SettingsError."""
    try:
        content = read_bounded(path)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        settings = msgspec.toml.decode(content, type=CsmsSettings)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from None
    try:
        check(settings)
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from None
    return settings


def check(settings: CsmsSettings) -> None:
    """Check what types cannot say. Raises SettingsError with key and reason."""
    _unique("stations", "identity", (station.identity for station in settings.stations))
    _unique("tokens", "id_token", (f"{token.id_token.upper()} ({token.type})" for token in settings.tokens))
    for index, station in enumerate(settings.stations):
        if station.password and not 16 <= len(station.password) <= 64:
            raise SettingsError(f"stations[{index}].password: must have 16 to 64 characters (A00.FR.205)")
    for index, token in enumerate(settings.tokens):
        reason = _malformed(token)
        if reason:
            raise SettingsError(f"tokens[{index}].id_token: {token.id_token!r} {reason}")
        if not IDENTIFIER.fullmatch(token.group):
            raise SettingsError(f"tokens[{index}].group: {token.group!r} is not {IDENTIFIER_WORDS}")


def _malformed(token: CsmsToken) -> str:
    if token.type not in (IdTokenEnum.ISO14443, IdTokenEnum.ISO15693):
        return "" if IDENTIFIER.fullmatch(token.id_token) else f"is not {IDENTIFIER_WORDS}"
    lengths: tuple[int, ...] = (8, 14) if token.type is IdTokenEnum.ISO14443 else (16,)
    if not _HEX.fullmatch(token.id_token):
        return "is not hexadecimal, as the UID of an RFID card is"
    if len(token.id_token) not in lengths:
        return f"has {len(token.id_token)} digits; {token.type} has {' or '.join(map(str, lengths))}"
    return ""


def _unique(key: str, field: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value in seen:
            raise SettingsError(f"{key}[{index}].{field}: {value} is there twice")
        seen.add(value)
