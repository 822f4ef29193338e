"""Mutants of block N: logs and customer information."""

from collections.abc import Awaitable, Callable

import msgspec

from ohmstead.blocks import n_logs
from ohmstead.blocks.c_cache import CCache
from ohmstead.blocks.n_customer_information import CustomerReport, NCustomerInformation
from ohmstead.blocks.n_logs import LogJob, NLogs
from ohmstead.ports.calls import Answer
from ohmstead.ports.files import Reason, last_attempt
from ohmstead.wire.messages import (
    CustomerInformationRequest,
    CustomerInformationResponse,
    CustomerInformationStatusEnum,
    GetLogRequest,
    GetLogResponse,
    LogEnum,
    LogStatusEnum,
    LogStatusNotificationRequest,
    NotifyCustomerInformationRequest,
)
from tests.lab.mutation import Mutant, replaced, set_to


def _nothing(_right: object, *_arguments: object) -> None:
    """Nothing is done."""


def _another_id(
    right: Callable[[str, int], LogStatusNotificationRequest], status: str, request_id: int
) -> LogStatusNotificationRequest:
    return right(status, request_id + 1)


async def _no_upload(_right: object, *_arguments: object) -> Reason | None:
    return None


async def _fails(_right: Callable[..., Awaitable[object]], *_arguments: object) -> Reason | None:
    return Reason.Broken


def _one_less(retries: int | None, failed: int, reason: Reason) -> bool:
    return last_attempt(None if retries is None else retries - 1, failed, reason)


def _hasty(right: Callable[..., LogJob], self: NLogs, request: GetLogRequest) -> LogJob:
    return msgspec.structs.replace(right(self, request), interval=0)


def _no_name(right: Callable[..., Answer], self: NLogs, request: GetLogRequest) -> Answer:
    answer = right(self, request)
    if not isinstance(answer.response, GetLogResponse):
        return answer
    return Answer(msgspec.structs.replace(answer.response, filename=None), answer.then)


def _no_security(right: Callable[..., Answer], self: NLogs, request: GetLogRequest) -> Answer:
    if request.log_type is LogEnum.SecurityLog:
        return Answer(GetLogResponse(status=LogStatusEnum.Rejected))
    return right(self, request)


def _refused(right: Callable[..., Answer], self: NCustomerInformation, request: CustomerInformationRequest) -> Answer:
    if request.clear:
        return Answer(CustomerInformationResponse(status=CustomerInformationStatusEnum.Rejected))
    return right(self, request)


def _never_over(
    right: Callable[[CustomerReport], NotifyCustomerInformationRequest], self: CustomerReport
) -> NotifyCustomerInformationRequest:
    return msgspec.structs.replace(right(self), tbc=True)


def _from_one(
    right: Callable[[CustomerReport], NotifyCustomerInformationRequest], self: CustomerReport
) -> NotifyCustomerInformationRequest:
    part = right(self)
    return msgspec.structs.replace(part, seq_no=part.seq_no + 1)


def _blank(_right: object, *_arguments: object) -> str:
    return ""


MUTANTS = (
    Mutant(
        "log-request-id",
        "A log status carries another requestId.",
        lambda: replaced(n_logs, "_notification", _another_id),
        "N",
    ),
    Mutant(
        "log-not-uploaded",
        "Uploaded is told, and nothing was.",
        lambda: replaced(NLogs, "_attempt", _no_upload),
        "N",
    ),
    Mutant("log-upload-fails", "Every upload fails.", lambda: replaced(NLogs, "_attempt", _fails), "N"),
    Mutant(
        "log-a-retry-less",
        "An upload is tried once less than asked for.",
        lambda: set_to(n_logs, "last_attempt", _one_less),
        "N",
    ),
    Mutant(
        "log-retries-at-once", "No interval lies between attempts.", lambda: replaced(NLogs, "_job_of", _hasty), "N"
    ),
    Mutant(
        "log-file-unnamed",
        "GetLog does not name the file.",
        lambda: replaced(NLogs, "on_get_log", _no_name),
        "N",
    ),
    Mutant(
        "security-log-refused",
        "The security log is not given out.",
        lambda: replaced(NLogs, "on_get_log", _no_security),
        "N",
    ),
    Mutant(
        "customer-report-unsent",
        "CustomerInformation is accepted and nothing is told.",
        lambda: replaced(NCustomerInformation, "_resume", _nothing),
        "N",
    ),
    Mutant(
        "customer-clearing-refused",
        "Clearing customer information is Rejected.",
        lambda: replaced(NCustomerInformation, "on_customer_information", _refused),
        "N",
    ),
    Mutant(
        "customer-not-cleared",
        "What is told to be cleared stays.",
        lambda: replaced(CCache, "when_tokens_forgotten", _nothing),
        "N",
    ),
    Mutant(
        "customer-report-never-over",
        "Every part says that more follows.",
        lambda: replaced(CustomerReport, "message", _never_over),
        "N",
    ),
    Mutant(
        "customer-report-from-one",
        "The first part has number 1.",
        lambda: replaced(CustomerReport, "message", _from_one),
        "N",
    ),
    Mutant(
        "customer-report-blank",
        "Reports are empty.",
        lambda: replaced(NCustomerInformation, "_text", _blank),
        "N",
    ),
)
