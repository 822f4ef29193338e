"""The feature table: every line that the abstract of an OCPP 2.0.1 charging station certificate can carry.

`data/features.tsv` has its columns; the ids and their meaning come from Part 5 (chapters 3, 6 and 7), its errata (5.2,
5.5 to 5.7) and, for `ORS-`, from the form that a laboratory fills in. The words are ours. Code names a line in words,
`Feature.AUTH_CACHE`; product files and certificates name it by its id, `C-49`. A line without a name, and a name
without a line, are errors at import.
"""

from enum import StrEnum
from importlib import resources
from typing import Literal

import msgspec

Kind = Literal["flag", "value", "heading"]


class FeatureLine(msgspec.Struct, frozen=True):
    """The columns of the table."""

    id: str
    kind: Kind
    """`flag` is answered Yes or No, `value` with a number, a list or a word, `heading` with nothing."""
    group: str
    """The table of the abstract that it stands in: `Core`, `Reservation` ..."""
    block: str
    """Letter of the functional block of Part 2 that serves it, where there is one."""
    component: str
    """Component or `Component.Variable` of the device model behind it, where there is one."""
    needs: str
    """Id of the line without which this one means nothing: the main feature of a profile, the cache (C10)."""
    excludes: str
    """Ids of the lines, and `id=value`, that cannot be there beside this one (`product/exclusions.py`)."""
    built: Literal["yes", "no"]
    """Whether our station does it. The lab tests any station that claims it, as far as its cases are written."""
    text: str


def _lines() -> dict[str, FeatureLine]:
    text = resources.files("ohmstead.product").joinpath("data", "features.tsv").read_text(encoding="utf-8")
    rows = [
        msgspec.convert(line.split("\t"), tuple[str, Kind, str, str, str, str, str, Literal["yes", "no"], str])
        for line in text.splitlines()[1:]
    ]
    return {row[0]: FeatureLine(*row) for row in rows}


LINES = _lines()
"""Feature id -> its line, in the order of an abstract."""


class Feature(StrEnum):
    """The lines by a name in words. A member is its id; `FeatureLine` says what the attributes are."""

    kind: Kind
    group: str
    block: str
    component: str
    needs: str
    excludes: tuple[str, ...]
    built: bool
    text: str

    def __new__(cls, identifier: str) -> "Feature":
        """Make the member of a line. Raises TypeError where the table has none."""
        if identifier not in LINES:
            raise TypeError(f"features.tsv has no line {identifier}")
        line = LINES[identifier]
        member = str.__new__(cls, identifier)
        member._value_ = identifier
        member.kind, member.group, member.block, member.component = line.kind, line.group, line.block, line.component
        member.needs, member.excludes = line.needs, tuple(line.excludes.split())
        member.built, member.text = line.built == "yes", line.text
        return member

    @property
    def id(self) -> str:
        """The id of the line: `C-09.1`."""
        return str(self.value)

    # Hardware
    DETACHABLE_CABLE = "HFS-1"
    FIXED_CABLE = "HFS-2"
    AC = "HFS-3"
    DC = "HFS-4"
    ONE_PHASE = "HFS-5"
    TWO_PHASES = "HFS-6"
    THREE_PHASES = "HFS-7"
    EVSES = "HFS-8"
    COMMUNICATION = "HFS-9"
    RFID_READERS = "HFS-10"
    DC_POWER = "HFS-11"
    DISPLAYS = "HFS-12"

    # Core
    LOCAL_AUTHORIZE_OFFLINE = "C-01"
    UNKNOWN_TOKEN_OFFLINE = "C-02"
    MAX_ENERGY_ON_INVALID_ID = "C-03"
    MINIMUM_STATUS_DURATION = "C-04"
    EV_SIDE_DISCONNECT = "C-06"
    AUTHORIZED_AFTER_EV_SIDE_DISCONNECT = "C-06.1"
    DEAUTHORIZED_BY_EV_SIDE_DISCONNECT = "C-06.2"
    MASTER_PASS_WITH_UI = "C-07"
    MASTER_PASS_WITHOUT_UI = "C-08"
    TX_START_POINTS = "C-09"
    STARTS_AT_EV_CONNECTED = "C-09.1"
    STARTS_AT_AUTHORIZED = "C-09.2"
    STARTS_AT_DATA_SIGNED = "C-09.3"
    STARTS_AT_POWER_PATH_CLOSED = "C-09.4"
    STARTS_AT_ENERGY_TRANSFER = "C-09.5"
    STARTS_AT_PARKING_BAY_OCCUPANCY = "C-09.6"
    TX_STOP_POINTS = "C-10"
    STOPS_AT_EV_CONNECTED = "C-10.1"
    STOPS_AT_AUTHORIZED = "C-10.2"
    STOPS_AT_POWER_PATH_CLOSED = "C-10.3"
    STOPS_AT_ENERGY_TRANSFER = "C-10.4"
    STOPS_AT_PARKING_BAY_OCCUPANCY = "C-10.5"
    CSMS_UNLOCKS_CONNECTOR = "C-11"
    LOCK_AT_EV_SIDE_DISCONNECT = "C-12"
    UNLOCKS_ON_EV_SIDE_DISCONNECT = "C-12.1"
    STAYS_LOCKED_ON_EV_SIDE_DISCONNECT = "C-12.2"
    EVSE_RESET = "C-13"
    CUSTOMER_IDENTIFIER = "C-14"
    CSMS_SCHEDULES_FIRMWARE = "C-15"
    CSMS_ASKS_TRANSACTION_STATUS = "C-16"
    CSMS_ASKS_CONFIGURATION_INVENTORY = "C-17"
    SESSIONS_PENDING_FIRMWARE = "C-20"
    QUEUE_ALL_MESSAGES = "C-21"
    TIME_SOURCES = "C-23"
    TIME_OFFSET = "C-25"
    TIME_ZONE = "C-26"
    SEND_DURING_IDLE = "C-28"
    TRIGGERS = "C-29"
    TRIGGERS_METER_VALUES = "C-29.1"
    TRIGGERS_TRANSACTION_EVENT = "C-29.2"
    TRIGGERS_LOG_STATUS = "C-29.3"
    TRIGGERS_FIRMWARE_STATUS = "C-29.4"
    TRIGGERS_STATUS = "C-29.5"
    TRIGGERS_BOOT = "C-29.6"

    # Local start
    STARTS_BY_ISO14443 = "C-30"
    STARTS_BY_ISO15693 = "C-31"
    STARTS_BY_KEY_CODE = "C-32"
    STARTS_BY_LOCAL = "C-33"
    STARTS_BY_MAC_ADDRESS = "C-34"
    STARTS_WITHOUT_AUTHORIZATION = "C-35"

    # Local stop
    STOPS_BY_ISO14443 = "C-70"
    STOPS_BY_ISO15693 = "C-71"
    STOPS_BY_KEY_CODE = "C-72"
    STOPS_WITHOUT_AUTHORIZATION = "C-75"

    # Remote start
    REMOTE_START_BY_ISO14443 = "C-36"
    REMOTE_START_BY_ISO15693 = "C-37"
    REMOTE_START_BY_CENTRAL = "C-38"
    REMOTE_START_WITHOUT_AUTHORIZATION = "C-39"

    # Meter values
    MEASURANDS = "C-40"
    TX_STARTED_MEASURANDS = "C-40.1"
    TX_UPDATED_MEASURANDS = "C-40.2"
    TX_ENDED_MEASURANDS = "C-40.3"
    ALIGNED_MEASURANDS = "C-40.4"
    ALIGNED_TX_ENDED_MEASURANDS = "C-40.5"

    # Cipher suites
    CIPHER_SUITES = "C-41"

    # Core, continued
    SIGNED_METER_VALUES = "C-42"
    FIRMWARE_INSTALLED_DURING_TRANSACTION = "C-43"
    CSMS_ANSWERS_PENDING = "C-44"
    CSMS_GETS_SEVERAL_VARIABLES = "C-45"
    CSMS_SETS_SEVERAL_VARIABLES = "C-46"
    NETWORK_PROFILE_FALLBACK = "C-47"
    REMOTE_START = "C-48"
    REMOTE_START_AUTHORIZED_FIRST = "C-48.1"
    REMOTE_START_NOT_AUTHORIZED = "C-48.2"
    DISABLE_REMOTE_AUTHORIZATION = "C-58"
    AUTH_CACHE = "C-49"
    CSMS_ASKS_FULL_INVENTORY = "C-50"
    CSMS_ASKS_FULL_INVENTORY_ONBOARDING = "C-50.1"
    CSMS_ASKS_FULL_INVENTORY_BY_HAND = "C-50.2"
    CACHE_DISABLE_POST_AUTHORIZE = "C-59"
    TX_START_POINT_WRITABLE = "C-51"
    TX_STOP_POINT_WRITABLE = "C-52"
    CACHE_LIFE_TIME = "C-53"
    CACHE_POLICY = "C-54"
    SUMMARY_INVENTORY = "C-56"
    LOG_UPLOAD_CANCELED = "C-57"
    FIRMWARE_UPDATE_CANCELED = "C-60"
    SECURITY_PROFILE_1 = "C-61"

    # Reservation
    RESERVATION = "R-0"
    RESERVATION_OF_CONNECTOR_TYPE = "R-1"
    RESERVATION_OF_ANY_EVSE = "R-2"
    RESERVATION_SWITCHED_OFF = "R-3"

    # Advanced device management
    DEVICE_MANAGEMENT = "DM-0"
    OFFLINE_QUEUING_SEVERITY = "DM-3"

    # Local authorization list
    LOCAL_LIST = "LA-0"
    LOCAL_LIST_SWITCHED_OFF = "LA-1"
    CSMS_ASKS_LOCAL_LIST_VERSION = "LA-2"
    LOCAL_LIST_DISABLE_POST_AUTHORIZE = "LA-3"

    # Advanced user interface
    DISPLAY_MESSAGES = "UI-0"
    MESSAGE_PRIORITIES = "UI-1"
    MESSAGE_ALWAYS_FRONT = "UI-1.1"
    MESSAGE_IN_FRONT = "UI-1.2"
    MESSAGE_NORMAL_CYCLE = "UI-1.3"
    MESSAGE_FORMATS = "UI-2"
    MESSAGE_ASCII = "UI-2.1"
    MESSAGE_HTML = "UI-2.2"
    MESSAGE_URI = "UI-2.3"
    MESSAGE_UTF8 = "UI-2.4"

    # Advanced security
    ADDITIONAL_ROOT_CERTIFICATE_CHECK = "AS-2"
    CERT_SIGNING_REPEATED = "AS-3"

    # Smart charging
    CHARGING_RATE_UNITS = "SC-2"
    CHARGING_RATE_IN_A = "SC-2.1"
    CHARGING_RATE_IN_W = "SC-2.2"
    CSMS_SETS_DEFAULT_PROFILE = "SC-4"

    # ISO 15118
    ISO15118_SHARED_CERTIFICATE = "ISO-3"
    CUSTOMER_CERTIFICATE = "ISO-4"
    CENTRAL_CONTRACT_VALIDATION = "ISO-5"

    # Questions of the laboratory
    LAST_CSMS_ROOT_REMOVABLE = "AQ-1"
    CABLE_LOCKED_UNTIL_AUTHORIZED = "AQ-2"
    LAST_STATION_CERTIFICATE_REMOVABLE = "AQ-3"
    PHASES_MISSING = "AQ-4"
    HARDWIRED_MONITOR = "AQ-5"
    PRECONFIGURED_MONITOR = "AQ-6"
    FIRMWARE_DOWNLOADED_DURING_TRANSACTION = "AQ-7"
    EVSE_CHOSEN_BEFORE_AUTHORIZATION = "AQ-8"
    IEC61851_MODE_3 = "AQ-9"
    PASSWORD_DELTA_MONITOR = "AQ-10"
    SHARED_CERTIFICATE = "AQ-11"
    STATION_SIDE_MOTOR_LOCK = "AQ-18"

    # Settings
    ITEMS_PER_GET_REPORT = "ORS-1"
    ITEMS_PER_GET_VARIABLES = "ORS-2"
    ITEMS_PER_SET_VARIABLES = "ORS-3"
    BYTES_PER_GET_REPORT = "ORS-4"
    BYTES_PER_GET_VARIABLES = "ORS-5"
    BYTES_PER_SET_VARIABLES = "ORS-6"
    HEARTBEAT_INTERVAL_MIN = "ORS-11"
    HEARTBEAT_INTERVAL_MAX = "ORS-12"
    PING_INTERVAL_MIN = "ORS-14"
    PING_INTERVAL_MAX = "ORS-15"
    PING_INTERVAL = "ORS-16"
    CERTIFICATE_ENTRIES = "ORS-17"
    CERTIFICATE_CHAIN_SIZE = "ORS-18"
    FILE_TRANSFER_PROTOCOLS = "ORS-24"


if tuple(LINES) != tuple(feature.id for feature in Feature):
    raise TypeError(f"Feature and features.tsv differ: {set(LINES) ^ set(Feature) or 'their order'}")
