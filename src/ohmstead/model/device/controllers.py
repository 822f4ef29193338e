"""The controllers of the communication with the CSMS, of security, clock and authorization, in the appendix's order."""

from ohmstead.model.device.choices import (
    NETWORK_SLOTS,
    any_of,
    fixed_cables_only,
    id_token_types,
    needs_password,
    on_if,
    setting,
    words,
    writable_if_both,
    writable_with,
    wrong_identity,
    wrong_organization,
    wrong_password,
    wrong_time_offset,
    wrong_time_zone,
)
from ohmstead.model.device.component import Component
from ohmstead.model.device.kinds import Boolean, Instant, Integer, MemberList, OptionList, SequenceList, String
from ohmstead.model.device.variable import READ_ONLY, READ_WRITE, WRITE_ONLY, Place
from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import FILE_PROTOCOLS
from ohmstead.wire.messages import MutabilityEnum

DAY = 86400
"""The longest wait, in seconds, that a setting may ask for: a mistyped one must not cost a visit to the station."""

CACHE_BYTES = 32768
"""Storage of the authorization cache where the product file does not say another."""

CERTIFICATES = 20
"""Least room for root certificates: ORS-17 of a certificate may say 1, with which its own test cases cannot run."""

ITEMS = 100
"""The most items that one request may hold; what is reported as ItemsPerMessage is advice (ORS-1 to ORS-3)."""


def _asks_servers(place: Place) -> bool:
    return "NTP" in place.product.time_sources


def _unlock_mutability(place: Place) -> MutabilityEnum:
    return (
        READ_ONLY
        if fixed_cables_only(place)
        else writable_if_both(Feature.UNLOCKS_ON_EV_SIDE_DISCONNECT, Feature.STAYS_LOCKED_ON_EV_SIDE_DISCONNECT)(place)
    )


def _unlock(place: Place) -> bool:
    return not fixed_cables_only(place) and on_if(
        Feature.UNLOCKS_ON_EV_SIDE_DISCONNECT, Feature.STAYS_LOCKED_ON_EV_SIDE_DISCONNECT, True
    )(place)


class AuthCacheCtrlr(Component, name="AuthCacheCtrlr"):
    """The authorization cache (2.4)."""

    available = Boolean("Available", True, feature=Feature.AUTH_CACHE, absent=False, source="2.4.2")
    enabled = Boolean("Enabled", True, mutability=READ_WRITE, feature=Feature.AUTH_CACHE, absent=False, source="2.4.1")
    life_time = Integer(
        "LifeTime",
        86400,
        unit="s",
        minimum=1,
        mutability=READ_WRITE,
        feature=Feature.CACHE_LIFE_TIME,
        absent=0,
        source="2.4.3",
    )
    policy = OptionList(
        "Policy",
        "LRU",
        values=("LRU", "LFU", "FIFO", "CUSTOM"),
        mutability=READ_WRITE,
        feature=Feature.CACHE_POLICY,
        source="2.4.5",
    )
    storage = Integer(
        "Storage", 0, unit="B", maximum=CACHE_BYTES, feature=Feature.AUTH_CACHE, computed=True, source="2.4.4"
    )
    disable_post_authorize = Boolean(
        "DisablePostAuthorize",
        False,
        mutability=READ_WRITE,
        feature=Feature.CACHE_DISABLE_POST_AUTHORIZE,
        source="2.4.6",
    )


class AuthCtrlr(Component, name="AuthCtrlr"):
    """Authorization (2.3)."""

    authorize_remote_start = Boolean(
        "AuthorizeRemoteStart",
        on_if(Feature.REMOTE_START_AUTHORIZED_FIRST, Feature.REMOTE_START_NOT_AUTHORIZED, False),
        mutability=writable_if_both(Feature.REMOTE_START_AUTHORIZED_FIRST, Feature.REMOTE_START_NOT_AUTHORIZED),
        source="2.3.4",
    )
    available = Boolean("Available", True, source="2.13.1")
    enabled = Boolean("Enabled", True, mutability=writable_with(Feature.STARTS_WITHOUT_AUTHORIZATION), source="2.3.1")
    local_authorize_offline = Boolean("LocalAuthorizeOffline", True, mutability=READ_WRITE, source="2.3.5")
    local_pre_authorize = Boolean("LocalPreAuthorize", False, mutability=READ_WRITE, source="2.3.6")
    master_pass_group_id = String(
        "MasterPassGroupId",
        "",
        maximum=36,
        mutability=READ_WRITE,
        feature=any_of(Feature.MASTER_PASS_WITH_UI, Feature.MASTER_PASS_WITHOUT_UI),
        source="2.3.7",
    )
    offline_tx_for_unknown_id_enabled = Boolean(
        "OfflineTxForUnknownIdEnabled",
        False,
        mutability=READ_WRITE,
        feature=Feature.UNKNOWN_TOKEN_OFFLINE,
        source="2.3.3",
    )
    disable_remote_authorization = Boolean(
        "DisableRemoteAuthorization",
        False,
        mutability=READ_WRITE,
        feature=Feature.DISABLE_REMOTE_AUTHORIZATION,
        source="2.3.8",
    )
    supported_id_token_types = MemberList(
        "SupportedIdTokenTypes",
        id_token_types,
        values=id_token_types,
        feature=lambda place: bool(id_token_types(place)),
        source="errata 2.63",
    )


class ClockCtrlr(Component, name="ClockCtrlr"):
    """The clock; offset and zone only change what is displayed (2.1.24 to 2.1.31)."""

    available = Boolean("Available", True, source="2.13.1")
    date_time = Instant("DateTime", None, computed=True, source="2.1.24")
    enabled = Boolean("Enabled", True, source="appendix")
    next_time_offset_transition_date_time = Instant(
        "NextTimeOffsetTransitionDateTime",
        None,
        allow_empty=True,
        mutability=READ_WRITE,
        feature=Feature.TIME_OFFSET,
        source="2.1.28",
    )
    ntp_server_uri_1 = String(
        "NtpServerUri", "", instance="1", maximum=255, feature=_asks_servers, mutability=READ_WRITE, source="2.1.26"
    )
    ntp_server_uri_2 = String(
        "NtpServerUri", "", instance="2", maximum=255, feature=_asks_servers, mutability=READ_WRITE, source="2.1.26"
    )
    ntp_source = OptionList(
        "NtpSource",
        "manual",
        values=("DHCP", "manual"),
        mutability=READ_WRITE,
        feature=_asks_servers,
        source="2.1.25",
    )
    time_offset = String(
        "TimeOffset",
        "+00:00",
        check=wrong_time_offset,
        mutability=READ_WRITE,
        feature=Feature.TIME_OFFSET,
        source="2.1.27",
    )
    time_offset_next_transition = String(
        "TimeOffset",
        "",
        instance="NextTransition",
        check=wrong_time_offset,
        mutability=READ_WRITE,
        feature=Feature.TIME_OFFSET,
        source="2.1.29",
    )
    time_source = SequenceList(
        "TimeSource",
        lambda place: place.product.time_sources,
        values=lambda place: place.product.time_sources,
        mutability=READ_WRITE,
        source="2.1.30",
    )
    time_zone = String(
        "TimeZone",
        "",
        maximum=64,
        check=wrong_time_zone,
        mutability=READ_WRITE,
        feature=Feature.TIME_ZONE,
        source="2.1.31",
    )


class DeviceDataCtrlr(Component, name="DeviceDataCtrlr"):
    """What reports and settings may weigh; the bytes and items are advice, not limits (ORS-1 to ORS-6)."""

    available = Boolean("Available", True, source="2.13.1")
    bytes_per_message_get_report = Integer(
        "BytesPerMessage", setting(Feature.BYTES_PER_GET_REPORT, 65536), instance="GetReport", source="2.1.18"
    )
    bytes_per_message_get_variables = Integer(
        "BytesPerMessage", setting(Feature.BYTES_PER_GET_VARIABLES, 65536), instance="GetVariables", source="2.1.19"
    )
    bytes_per_message_set_variables = Integer(
        "BytesPerMessage", setting(Feature.BYTES_PER_SET_VARIABLES, 65536), instance="SetVariables", source="2.1.23"
    )
    enabled = Boolean("Enabled", True, source="appendix")
    items_per_message_get_report = Integer(
        "ItemsPerMessage", setting(Feature.ITEMS_PER_GET_REPORT, ITEMS), instance="GetReport", source="2.1.16"
    )
    items_per_message_get_variables = Integer(
        "ItemsPerMessage", setting(Feature.ITEMS_PER_GET_VARIABLES, ITEMS), instance="GetVariables", source="2.1.17"
    )
    items_per_message_set_variables = Integer(
        "ItemsPerMessage", setting(Feature.ITEMS_PER_SET_VARIABLES, ITEMS), instance="SetVariables", source="2.1.22"
    )


class OCPPCommCtrlr(Component, name="OCPPCommCtrlr"):
    """The connection to the CSMS (2.1, and Part 4 chapter 8)."""

    active_network_profile = Integer("ActiveNetworkProfile", 1, computed=True, source="errata 2.57")
    available = Boolean("Available", True, source="2.13.1")
    enabled = Boolean("Enabled", True, source="appendix")
    file_transfer_protocols = MemberList(
        "FileTransferProtocols",
        words(Feature.FILE_TRANSFER_PROTOCOLS, FILE_PROTOCOLS),
        values=words(Feature.FILE_TRANSFER_PROTOCOLS, FILE_PROTOCOLS),
        source="2.1.4",
    )
    heartbeat_interval = Integer(
        "HeartbeatInterval",
        300,
        unit="s",
        minimum=setting(Feature.HEARTBEAT_INTERVAL_MIN, 1),
        maximum=setting(Feature.HEARTBEAT_INTERVAL_MAX, 86400),
        mutability=READ_WRITE,
        source="2.1.5",
    )
    message_timeout = Integer("MessageTimeout", 30, instance="Default", unit="s", computed=True, source="2.1.3")
    message_attempt_interval = Integer(
        "MessageAttemptInterval",
        10,
        instance="TransactionEvent",
        unit="s",
        minimum=0,
        maximum=DAY,
        mutability=READ_WRITE,
        source="2.1.11",
    )
    message_attempts = Integer(
        "MessageAttempts",
        5,
        instance="TransactionEvent",
        minimum=1,
        maximum=1000,
        mutability=READ_WRITE,
        source="2.1.10",
    )
    minimum_status_duration = Integer(
        "MinimumStatusDuration",
        0,
        unit="s",
        minimum=0,
        maximum=3600,
        mutability=READ_WRITE,
        feature=Feature.MINIMUM_STATUS_DURATION,
        source="appendix",
    )
    network_configuration_priority = SequenceList(
        "NetworkConfigurationPriority",
        ("1",),
        values=NETWORK_SLOTS,
        mutability=READ_WRITE,
        reboot_required=True,
        source="2.1.6",
    )
    network_profile_connection_attempts = Integer(
        "NetworkProfileConnectionAttempts", 3, minimum=1, maximum=1000, mutability=READ_WRITE, source="2.1.7"
    )
    offline_threshold = Integer("OfflineThreshold", 60, unit="s", minimum=0, mutability=READ_WRITE, source="2.1.8")
    public_key_with_signed_meter_value = OptionList(
        "PublicKeyWithSignedMeterValue",
        "OncePerTransaction",
        values=("Never", "OncePerTransaction", "EveryMeterValue"),
        mutability=READ_WRITE,
        feature=Feature.SIGNED_METER_VALUES,
        source="2.7.17",
    )
    queue_all_messages = Boolean(
        "QueueAllMessages", False, mutability=READ_WRITE, feature=Feature.QUEUE_ALL_MESSAGES, source="2.1.9"
    )
    reset_retries = Integer("ResetRetries", 1, minimum=0, maximum=100, mutability=READ_WRITE, source="2.1.14")
    retry_back_off_random_range = Integer(
        "RetryBackOffRandomRange", 10, unit="s", minimum=0, maximum=DAY, mutability=READ_WRITE, source="Part 4 8.2"
    )
    retry_back_off_repeat_times = Integer(
        "RetryBackOffRepeatTimes", 3, minimum=0, maximum=100, mutability=READ_WRITE, source="Part 4 8.1"
    )
    retry_back_off_wait_minimum = Integer(
        "RetryBackOffWaitMinimum", 10, unit="s", minimum=0, maximum=DAY, mutability=READ_WRITE, source="Part 4 8.3"
    )
    unlock_on_ev_side_disconnect = Boolean(
        "UnlockOnEVSideDisconnect", _unlock, mutability=_unlock_mutability, source="2.1.12"
    )
    web_socket_ping_interval = Integer(
        "WebSocketPingInterval",
        setting(Feature.PING_INTERVAL, 60),
        unit="s",
        minimum=setting(Feature.PING_INTERVAL_MIN, 1),
        maximum=setting(Feature.PING_INTERVAL_MAX, 3600),
        allow_empty=True,
        mutability=READ_WRITE,
        source="Part 4 8.4",
    )


class SecurityCtrlr(Component, name="SecurityCtrlr"):
    """Credentials and certificates (2.2)."""

    additional_root_certificate_check = Boolean(
        "AdditionalRootCertificateCheck",
        True,
        feature=Feature.ADDITIONAL_ROOT_CERTIFICATE_CHECK,
        absent=False,
        source="2.2.6",
    )
    allow_csms_tls_wildcards = Boolean("AllowCSMSTLSWildcards", False, mutability=READ_WRITE, source="errata 2.62")
    available = Boolean("Available", True, source="2.13.1")
    basic_auth_password = String(
        "BasicAuthPassword",
        "",
        minimum=16,
        maximum=40,
        check=wrong_password,
        mutability=WRITE_ONLY,
        feature=needs_password,
        secret=True,
        source="2.2.1, errata 2.1",
    )
    certificate_entries = Integer(
        "CertificateEntries",
        0,
        maximum=lambda place: max(CERTIFICATES, place.product.setting(Feature.CERTIFICATE_ENTRIES, CERTIFICATES)),
        computed=True,
        source="2.2.4",
    )
    cert_signing_repeat_times = Integer(
        "CertSigningRepeatTimes",
        3,
        minimum=0,
        maximum=100,
        mutability=READ_WRITE,
        feature=Feature.CERT_SIGNING_REPEATED,
        source="2.2.9",
    )
    cert_signing_wait_minimum = Integer(
        "CertSigningWaitMinimum",
        60,
        unit="s",
        minimum=1,
        maximum=DAY,
        mutability=READ_WRITE,
        feature=Feature.CERT_SIGNING_REPEATED,
        source="2.2.8",
    )
    enabled = Boolean("Enabled", True, source="appendix")
    identity = String(
        "Identity",
        "",
        minimum=1,
        maximum=48,
        check=wrong_identity,
        computed=True,
        reboot_required=True,
        source="2.2.2",
    )
    max_certificate_chain_size = Integer(
        "MaxCertificateChainSize", setting(Feature.CERTIFICATE_CHAIN_SIZE, 5600), maximum=10000, source="2.2.7"
    )
    organization_name = String(
        "OrganizationName",
        lambda place: place.product.identity.vendor_name,
        maximum=64,
        check=wrong_organization,
        mutability=READ_WRITE,
        source="2.2.3",
    )
    security_profile = Integer(
        "SecurityProfile", lambda place: min(place.product.security.profiles), computed=True, source="2.2.5"
    )
