"""What the lab answers to the station's CALLs: in the plainest way that accepts, unless the case says otherwise."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar, cast

from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.exchange import Answer, Arrived
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from ohmstead.wire.errors import CallError, ErrorCode
from ohmstead.wire.identifiers import folded

Q = TypeVar("Q", bound=Request[Response])
Given = Answer | Callable[[Q], Answer | Awaitable[Answer]]


class _Override:
    def __init__(
        self,
        give: Callable[[Request[Response]], Answer | Awaitable[Answer]],
        where: Callable[[Request[Response]], bool],
        times: int | None,
    ) -> None:
        self.give = give
        self.where = where
        self.left = times


class Answers:
    """The answers of one case. The override given last goes first; tokens are known by their status.

    Attributes:
        tokens: what is known of tokens, by the text of the token in lower case; the others are Accepted.
        interval: the heartbeat interval that BootNotification is answered with, seconds.
    """

    def __init__(self, config: LabConfig, now: Callable[[], datetime]) -> None:
        self._now = now
        self._overrides: dict[type[Request[Response]], list[_Override]] = {}
        self.interval = 300
        invalid = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Invalid)
        self.tokens: dict[str, wire.IdTokenInfo] = {folded(config.invalid.id_token): invalid}
        self.know(config.master.id_token, group=config.master_group)

    def know(
        self,
        id_token: str,
        status: wire.AuthorizationStatusEnum = wire.AuthorizationStatusEnum.Accepted,
        *,
        group: str | None = None,
        expires: datetime | None = None,
    ) -> wire.IdTokenInfo:
        """Answer for this token with this status, group and cacheExpiryDateTime from now on."""
        group_token = wire.IdToken(id_token=group, type=wire.IdTokenEnum.Central) if group else None
        info = wire.IdTokenInfo(status=status, group_id_token=group_token, cache_expiry_date_time=expires)
        self.tokens[folded(id_token)] = info
        return info

    def info(self, token: wire.IdToken) -> wire.IdTokenInfo:
        """Return what is known of a token."""
        accepted = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Accepted)
        return self.tokens.get(folded(token.id_token), accepted)

    def give(
        self,
        kind: type[Q],
        answer: Given[Q],
        where: Callable[[Q], bool] | None = None,
        times: int | None = None,
    ) -> None:
        """Answer a kind of request in this way, until `plain` or for so many times."""
        ready = answer if callable(answer) else (lambda _request: answer)
        override = _Override(
            cast("Callable[[Request[Response]], Answer | Awaitable[Answer]]", ready),
            cast("Callable[[Request[Response]], bool]", where or (lambda _request: True)),
            times,
        )
        self._overrides.setdefault(kind, []).insert(0, override)

    def plain(self, kind: type[Request[Response]]) -> None:
        """Answer a kind of request in the plain way again."""
        self._overrides.pop(kind, None)

    def answer(self, arrived: Arrived) -> Answer | Awaitable[Answer]:
        """Return what a CALL is answered with."""
        request = arrived.message
        for override in self._overrides.get(type(request), []):
            if override.left == 0 or not override.where(request):
                continue
            if override.left is not None:
                override.left -= 1
            return override.give(request)
        return self._plain(request)

    def _plain(self, request: Request[Response]) -> Answer:
        now = self._now()
        match request:
            case wire.BootNotificationRequest():
                status = wire.RegistrationStatusEnum.Accepted
                return wire.BootNotificationResponse(current_time=now, interval=self.interval, status=status)
            case wire.AuthorizeRequest():
                return wire.AuthorizeResponse(id_token_info=self.info(request.id_token))
            case wire.HeartbeatRequest():
                return wire.HeartbeatResponse(current_time=now)
            case wire.TransactionEventRequest():
                info = self.info(request.id_token) if request.id_token is not None else None
                return wire.TransactionEventResponse(id_token_info=info)
            case wire.SignCertificateRequest():
                return wire.SignCertificateResponse(status=wire.GenericStatusEnum.Accepted)
            case wire.DataTransferRequest():
                return wire.DataTransferResponse(status=wire.DataTransferStatusEnum.UnknownVendorId)
        empty = _EMPTY.get(type(request))
        return empty if empty is not None else CallError(ErrorCode.NotSupported, "the lab does not answer this")


_EMPTY: dict[type[Request[Response]], Response] = {
    wire.StatusNotificationRequest: wire.StatusNotificationResponse(),
    wire.SecurityEventNotificationRequest: wire.SecurityEventNotificationResponse(),
    wire.MeterValuesRequest: wire.MeterValuesResponse(),
    wire.NotifyReportRequest: wire.NotifyReportResponse(),
    wire.NotifyEventRequest: wire.NotifyEventResponse(),
    wire.NotifyMonitoringReportRequest: wire.NotifyMonitoringReportResponse(),
    wire.NotifyCustomerInformationRequest: wire.NotifyCustomerInformationResponse(),
    wire.NotifyDisplayMessagesRequest: wire.NotifyDisplayMessagesResponse(),
    wire.LogStatusNotificationRequest: wire.LogStatusNotificationResponse(),
    wire.FirmwareStatusNotificationRequest: wire.FirmwareStatusNotificationResponse(),
    wire.ReservationStatusUpdateRequest: wire.ReservationStatusUpdateResponse(),
    wire.ReportChargingProfilesRequest: wire.ReportChargingProfilesResponse(),
    wire.NotifyChargingLimitRequest: wire.NotifyChargingLimitResponse(),
    wire.ClearedChargingLimitRequest: wire.ClearedChargingLimitResponse(),
}


def after(seconds: float, answer: Answer) -> Callable[[Request[Response]], Awaitable[Answer]]:
    """Return an answer that is given only after some seconds."""

    async def wait(_request: Request[Response]) -> Answer:
        await asyncio.sleep(seconds)
        return answer

    return wait
