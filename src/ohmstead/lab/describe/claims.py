"""Which features a station shows by its variables and by what it can be triggered to send, each with where it shows."""

from collections.abc import Callable

import msgspec

from ohmstead.lab.describe.inquiry import StationFound
from ohmstead.lab.describe.variables import FoundVariable, anywhere
from ohmstead.product.feature_table import Feature
from ohmstead.product.features import FEATURES

ASKED_OF_A_CSMS = "(asked of a CSMS)"


class Claim(msgspec.Struct, frozen=True):
    """An answer to a line of the feature table, and where it comes from."""

    holds: bool
    source: str
    """`seen: TxCtrlr.TxStartPoint` ..."""


Rule = Callable[[FoundVariable], bool]


def _there(_one: FoundVariable) -> bool:
    return True


def _writable(one: FoundVariable) -> bool:
    return one.writable


def _on(one: FoundVariable) -> bool:
    return one.value != "false"


def _can_be(value: str) -> Rule:
    return lambda one: one.writable or one.value == value


RULES: dict[Feature, Rule] = {
    Feature.AUTHORIZED_AFTER_EV_SIDE_DISCONNECT: _can_be("false"),
    Feature.DEAUTHORIZED_BY_EV_SIDE_DISCONNECT: _can_be("true"),
    Feature.UNLOCKS_ON_EV_SIDE_DISCONNECT: _can_be("true"),
    Feature.STAYS_LOCKED_ON_EV_SIDE_DISCONNECT: _can_be("false"),
    Feature.REMOTE_START_AUTHORIZED_FIRST: _can_be("true"),
    Feature.REMOTE_START_NOT_AUTHORIZED: _can_be("false"),
    Feature.DISABLE_REMOTE_AUTHORIZATION: _can_be("true"),
    Feature.SIGNED_METER_VALUES: _can_be("true"),
    Feature.LOCAL_AUTHORIZE_OFFLINE: _can_be("true"),
    Feature.UNKNOWN_TOKEN_OFFLINE: _can_be("true"),
    Feature.QUEUE_ALL_MESSAGES: _can_be("true"),
    Feature.SESSIONS_PENDING_FIRMWARE: _can_be("true"),
    Feature.SEND_DURING_IDLE: _writable,
    Feature.TIME_OFFSET: _writable,
    Feature.TIME_ZONE: _writable,
    Feature.CACHE_POLICY: _writable,
    Feature.RESERVATION_SWITCHED_OFF: _writable,
    Feature.LOCAL_LIST_SWITCHED_OFF: _writable,
    Feature.TX_START_POINT_WRITABLE: _writable,
    Feature.TX_STOP_POINT_WRITABLE: _writable,
    Feature.EVSE_RESET: _on,
    Feature.ADDITIONAL_ROOT_CERTIFICATE_CHECK: _on,
    Feature.RESERVATION: _on,
    Feature.DEVICE_MANAGEMENT: _on,
    Feature.LOCAL_LIST: _on,
    Feature.DISPLAY_MESSAGES: _on,
    Feature.RESERVATION_OF_ANY_EVSE: _on,
}
"""Feature -> what its variable has to be like; any other variable has to be there."""
OPTIONS = (
    *("TxCtrlr.TxStartPoint", "TxCtrlr.TxStopPoint", "SmartChargingCtrlr.RateUnit"),
    *("DisplayMessageCtrlr.SupportedPriorities", "DisplayMessageCtrlr.SupportedFormats"),
)
"""Variables whose list of values has one feature a value, named like it."""
WRITABLE = (Feature.TX_START_POINT_WRITABLE, Feature.TX_STOP_POINT_WRITABLE)
ELSEWHERE = (Feature.MASTER_PASS_WITH_UI, Feature.MASTER_PASS_WITHOUT_UI, Feature.SECURITY_PROFILE_1)
"""Their variable alone does not tell."""
NOT_BY_PRESENCE = (Feature.PASSWORD_DELTA_MONITOR, Feature.CENTRAL_CONTRACT_VALIDATION)
TRIGGERED = {
    Feature.TRIGGERS_METER_VALUES: "MeterValues",
    Feature.TRIGGERS_TRANSACTION_EVENT: "TransactionEvent",
    Feature.TRIGGERS_LOG_STATUS: "LogStatusNotification",
    Feature.TRIGGERS_FIRMWARE_STATUS: "FirmwareStatusNotification",
    Feature.TRIGGERS_STATUS: "StatusNotification",
    Feature.TRIGGERS_BOOT: "BootNotification",
}
ANSWERED = ("Accepted", "Rejected")
"""Statuses of a TriggerMessageResponse that say that the message is known."""


def asked_keys() -> list[str]:
    """Return the variables that features are told by, for a station that reports none of them."""
    return list(dict.fromkeys(feature.component for feature in _flags() if "." in feature.component))


def shown(found: StationFound) -> dict[Feature, Claim]:
    """Return the features that the station itself shows, or shows that it lacks."""
    claims: dict[Feature, Claim] = {}
    for feature in _flags():
        claim = _shown(feature, found)
        if claim is not None:
            claims[feature] = claim
    if found.summary is not None:
        holds = "answered" if found.summary else "not answered"
        claims[Feature.SUMMARY_INVENTORY] = Claim(found.summary, f"seen: SummaryInventory is {holds}")
    for feature, message in TRIGGERED.items():
        status = found.triggers.get(message) or found.missing.get("TriggerMessage")
        if status is not None:
            claims[feature] = Claim(status in ANSWERED, f"seen: TriggerMessage {message} is answered {status}")
    return claims


def _shown(feature: Feature, found: StationFound) -> Claim | None:
    if "." not in feature.component or feature.group == "Hardware":
        return None
    if feature in ELSEWHERE or feature in NOT_BY_PRESENCE:
        return None
    seen = anywhere(found.variables, feature.component)
    if not seen:
        told = found.complete and found.inventory == "FullInventory"
        return Claim(False, f"seen: no {feature.component} in the inventory") if told else None
    if feature.component in OPTIONS and feature not in WRITABLE:
        has = any(feature.text in one.options for one in seen)
        return Claim(has, f"seen: {feature.component} {'has' if has else 'lacks'} it")
    rule = RULES.get(feature, _there)
    holds = any(map(rule, seen))
    if rule not in (_there, _on) and not holds and not any(one.reported for one in seen):
        return Claim(False, f"assumed: {feature.component} is {seen[0].value}; whether it can be set was not told")
    return Claim(holds, f"seen: {feature.component}")


def _flags() -> list[Feature]:
    return [one for one in FEATURES.values() if one.kind == "flag" and not one.text.endswith(ASKED_OF_A_CSMS)]
