"""Mutants of blocks G and P: status, availability, DataTransfer."""

from collections.abc import Callable

import msgspec

from ohmstead.blocks.b_variables import BVariables
from ohmstead.blocks.g_availability import GAvailability
from ohmstead.blocks.p_data_transfer import PDataTransfer
from ohmstead.model.scope import Scope
from ohmstead.model.status import Availability
from ohmstead.wire.messages import (
    ChangeAvailabilityResponse,
    ChangeAvailabilityStatusEnum,
    ConnectorStatusEnum,
    DataTransferResponse,
    DataTransferStatusEnum,
    OperationalStatusEnum,
    SetVariablesResponse,
    SetVariableStatusEnum,
    StatusNotificationRequest,
)
from tests.lab.mutation import Mutant, replaced


def _no_status(_right: object, *_arguments: object) -> None:
    """Nothing is told."""


def _always_available(notification: Callable[..., StatusNotificationRequest], *arguments: object) -> object:
    right = notification(*arguments)
    return msgspec.structs.replace(right, connector_status=ConnectorStatusEnum.Available)


def _answer(status: ChangeAvailabilityStatusEnum) -> Callable[..., ChangeAvailabilityResponse]:
    def wrong(right: Callable[..., object], *arguments: object) -> ChangeAvailabilityResponse:
        right(*arguments)
        return ChangeAvailabilityResponse(status=status)

    return wrong


def _at_once(_right: object, self: Availability, scope: Scope, status: OperationalStatusEnum) -> Availability:
    return self.set(scope, status)


def _accept_data(_right: object, *_arguments: object) -> DataTransferResponse:
    return DataTransferResponse(status=DataTransferStatusEnum.Accepted)


def _forget(_right: object, self: GAvailability, availability: Availability) -> None:
    """Tell, but do not keep over a reboot."""
    self._charging.set_availability(Availability())
    del availability


def _refuse_variables(right: Callable[..., SetVariablesResponse], *arguments: object) -> SetVariablesResponse:
    response = right(*arguments)
    results = tuple(
        msgspec.structs.replace(result, attribute_status=SetVariableStatusEnum.Rejected)
        if result.variable.name == "OfflineThreshold"
        else result
        for result in response.set_variable_result
    )
    return msgspec.structs.replace(response, set_variable_result=results)


MUTANTS = (
    Mutant(
        "status-not-sent",
        "A changed status is not reported.",
        lambda: replaced(GAvailability, "when_status_changed", _no_status),
    ),
    Mutant(
        "status-always-available",
        "Every status is reported as Available.",
        lambda: replaced(GAvailability, "_notification", _always_available),
    ),
    Mutant(
        "availability-rejected",
        "ChangeAvailability is carried out and answered Rejected.",
        lambda: replaced(GAvailability, "on_change_availability", _answer(ChangeAvailabilityStatusEnum.Rejected)),
    ),
    Mutant(
        "availability-never-scheduled",
        "An EVSE with a transaction turns inoperative at once, answered Scheduled.",
        lambda: replaced(Availability, "schedule", _at_once),
    ),
    Mutant(
        "availability-forgotten",
        "An availability is accepted and not kept.",
        lambda: replaced(GAvailability, "_set", _forget),
    ),
    Mutant(
        "data-transfer-accepted",
        "DataTransfer of an unknown vendor is Accepted.",
        lambda: replaced(PDataTransfer, "on_data_transfer", _accept_data),
    ),
    Mutant(
        "offline-threshold-rejected",
        "OfflineThreshold cannot be set.",
        lambda: replaced(BVariables, "on_set_variables", _refuse_variables),
    ),
)
