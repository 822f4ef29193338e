"""What a CSMS may not send, though the schema allows it: one function a request, one requirement a sentence."""

import re
from functools import singledispatch

from ohmstead.csms.limits import Limits, duplicates, is_password
from ohmstead.wire import messages as m
from ohmstead.wire.actions import ACTION_OF
from ohmstead.wire.base import Request, Response
from ohmstead.wire.identifiers import IDENTIFIER_WORDS, folded, slip

WHILE_PENDING = frozenset(
    (
        "GetVariables",
        "SetVariables",
        "GetBaseReport",
        "GetReport",
        "TriggerMessage",
        "CertificateSigned",
        "InstallCertificate",
        "GetInstalledCertificateIds",
    )
)
"""To learn and to set (B02.FR.01), to ask for messages (B02.FR.02), to renew credentials (A00.FR.806)."""

SHORTEST_PASSWORD = 16
_PASSWORD = re.compile(r"[a-zA-Z0-9*\-_=:+|@.]*")
"""passwordString (Part 2, primitive types)."""

_External = m.ChargingProfilePurposeEnum.ChargingStationExternalConstraints
_TxProfile = m.ChargingProfilePurposeEnum.TxProfile


def fault_of(request: Request[Response], status: m.RegistrationStatusEnum | None, limits: Limits) -> str | None:
    """Say why a request must not be sent to a station; None: it may.

    Args:
        request: valid by its schema.
        status: of the station; None: it has not booted since the CSMS started.
        limits: what it takes.
    """
    action = ACTION_OF[type(request)]
    if status is m.RegistrationStatusEnum.Rejected:
        return "the station was answered Rejected; until it is not, no message may be sent (B03.FR.03)"
    if status is m.RegistrationStatusEnum.Pending and action not in WHILE_PENDING:
        return f"{action} may not be sent while the station is Pending (B02.FR.01, B02.FR.05)"
    password_fault = _password_fault(request, limits.password_length)
    return _fault(request) or password_fault or _token_fault(request) or limits.excess(request)


def _token_fault(request: Request[Response]) -> str | None:
    """Tokens are the CSMS's to name. What a station has named is repeated as it is: its transactions, its components,
    and a token whose data are to be reported or cleared.
    """
    path = None if isinstance(request, m.CustomerInformationRequest) else slip(request)
    if path is None or not path.endswith(("idToken", "IdToken")):
        return None
    return f"{path} is not {IDENTIFIER_WORDS} (Part 2, primitive types)"


@singledispatch
def _fault(_request: Request[Response]) -> str | None:
    return None


@_fault.register
def _set_variables(request: m.SetVariablesRequest) -> str | None:
    data = request.set_variable_data
    twice = duplicates((each.component, each.variable, each.attribute_type) for each in data)
    return None if twice is None else f"{twice} is there twice (B05.FR.13)"


def _password_fault(request: Request[Response], longest: int) -> str | None:
    """Say what is wrong with a password that is set; the station's own limit counts."""
    data = request.set_variable_data if isinstance(request, m.SetVariablesRequest) else ()
    for each in data:
        if not is_password(each.component, each.variable, each.attribute_type):
            continue
        password = each.attribute_value
        if not SHORTEST_PASSWORD <= len(password) <= longest:
            return f"a password has {SHORTEST_PASSWORD} to {longest} characters, not {len(password)} (A00.FR.205)"
        if not _PASSWORD.fullmatch(password):
            return "a password has letters, digits and * - _ = : + | @ . only (A00.FR.205, passwordString)"
    return None


@_fault.register
def _trigger(request: m.TriggerMessageRequest) -> str | None:
    status = request.requested_message is m.MessageTriggerEnum.StatusNotification
    if status and (request.evse is None or request.evse.connector_id is None):
        return "evse.connectorId is missing: a StatusNotification is about one connector (F06.FR.13)"
    return None


@_fault.register
def _local_list(request: m.SendLocalListRequest) -> str | None:
    if request.version_number <= 0:
        return "versionNumber must be greater than 0 (D01.FR.18)"
    tokens = [(folded(each.id_token.id_token), each.id_token.type) for each in request.local_authorization_list or ()]
    return None if len(tokens) == len(set(tokens)) else "an idToken is there twice (D01.FR.06)"


@_fault.register
def _start(request: m.RequestStartTransactionRequest) -> str | None:
    profile = request.charging_profile
    if profile is None:
        return None
    if profile.charging_profile_purpose is not _TxProfile:
        return "chargingProfile.chargingProfilePurpose must be TxProfile (F01.FR.09)"
    if profile.transaction_id is not None:
        return "chargingProfile.transactionId must be absent (F01.FR.11)"
    return _phase_fault(profile)


@_fault.register
def _set_profile(request: m.SetChargingProfileRequest) -> str | None:
    profile = request.charging_profile
    if profile.charging_profile_purpose is _External:
        return "chargingProfilePurpose ChargingStationExternalConstraints is not the CSMS's to set (K01.FR.22)"
    if profile.charging_profile_purpose is _TxProfile and profile.transaction_id is None:
        return "transactionId is missing: a TxProfile is for one transaction (K01.FR.03)"
    return _phase_fault(profile)


def _phase_fault(profile: m.ChargingProfile) -> str | None:
    for schedule in profile.charging_schedule:
        for period in schedule.charging_schedule_period:
            if period.phase_to_use is not None and period.number_phases != 1:
                return "phaseToUse goes with numberPhases 1 only (K01.FR.19)"
    return None


@_fault.register
def _get_profiles(request: m.GetChargingProfilesRequest) -> str | None:
    asked = request.charging_profile
    others = (asked.stack_level, asked.charging_limit_source, asked.charging_profile_purpose)
    given = any(each is not None for each in others)
    if (asked.charging_profile_id is not None) == given:
        return (
            "chargingProfile must have either chargingProfileId, or some of stackLevel, chargingLimitSource and"
            " chargingProfilePurpose (K09.FR.03)"
        )
    return None


@_fault.register
def _clear_profile(request: m.ClearChargingProfileRequest) -> str | None:
    criteria = request.charging_profile_criteria
    if criteria is not None and criteria.charging_profile_purpose is _External:
        return "chargingProfilePurpose ChargingStationExternalConstraints is not the CSMS's to clear (K10.FR.06)"
    others = (criteria.stack_level, criteria.evse_id, criteria.charging_profile_purpose) if criteria else ()
    if request.charging_profile_id is None and all(each is None for each in others):
        return "which profiles? chargingProfileId, or some of chargingProfileCriteria, must be there (K10.FR.02)"
    return None


@_fault.register
def _customer(request: m.CustomerInformationRequest) -> str | None:
    given = (request.id_token, request.customer_certificate, request.customer_identifier)
    if all(each is None for each in given):
        return "one of idToken, customerCertificate and customerIdentifier must be there (N09.FR.04, N10.FR.08)"
    return None
