"""How the CSMS answers each message that a station may start, one function an action."""

import logging
from functools import singledispatch

from ohmstead.csms.certificate_signing import NotSigned, common_name, deliver, sign
from ohmstead.csms.jobs import close, configure
from ohmstead.csms.station_session import StationSession
from ohmstead.csms.transaction_log import claimed, shows
from ohmstead.csms.transaction_record import PresentedToken
from ohmstead.rpc import Answer
from ohmstead.wire import messages as m
from ohmstead.wire.actions import ACTION_OF
from ohmstead.wire.base import Request, Response, timestamp
from ohmstead.wire.errors import CallError, ErrorCode

_log = logging.getLogger(__name__)

ROUTINE = ("StartupOfTheDevice", "ResetOrReboot", "SettingSystemTime")
"""Security events of every day, which need nobody's attention."""


@singledispatch
def answer(request: Request[Response], _session: StationSession) -> Response | Answer:
    """Answer one request of a station that may send it. Raises CallError."""
    raise CallError(ErrorCode.NotSupported, f"{type(request).__name__} is not served by this CSMS")


@answer.register
def on_boot_notification(
    request: m.BootNotificationRequest, session: StationSession
) -> m.BootNotificationResponse | Answer:
    """Accept it, or give the configured first answers; a serial number that is not the certificate's ends the link."""
    session.note(request, f"{request.reason}")
    if _wrong_serial_number(request, session):
        session.refuse()
        refused = m.BootNotificationResponse(
            current_time=timestamp(session.now()),
            interval=session.settings.retry_interval,
            status=m.RegistrationStatusEnum.Rejected,
        )
        return Answer(refused, lambda: session.jobs.put_nowait(lambda: close(session, "wrong serial number")))
    status = session.boot(request.charging_station)
    accepted = status is m.RegistrationStatusEnum.Accepted
    response = m.BootNotificationResponse(
        current_time=timestamp(session.now()),
        interval=session.settings.heartbeat_interval if accepted else session.settings.retry_interval,
        status=status,
    )
    return Answer(response, lambda: session.jobs.put_nowait(lambda: configure(session))) if accepted else response


@answer.register
def on_heartbeat(_request: m.HeartbeatRequest, session: StationSession) -> m.HeartbeatResponse:
    """Tell the time (G02.FR.02)."""
    return m.HeartbeatResponse(current_time=timestamp(session.now()))


@answer.register
def on_status_notification(
    request: m.StatusNotificationRequest, session: StationSession
) -> m.StatusNotificationResponse:
    """Keep the connector's status (G01)."""
    session.connector(request.evse_id, request.connector_id, request.connector_status)
    return m.StatusNotificationResponse()


@answer.register
def on_authorize(request: m.AuthorizeRequest, session: StationSession) -> m.AuthorizeResponse:
    """Look the token up in the wallet (C01)."""
    return session.wallet.authorize(request, session.evses)


@answer.register
def on_transaction_event(request: m.TransactionEventRequest, session: StationSession) -> m.TransactionEventResponse:
    """File the event; say what is known of its token (E01.FR.12) and, at the end, what it cost if known (I03.FR.02).

    A cost that is not known is left out: 0.0 would say that it was free (I03.FR.04). A delivery that was here before
    gets the same answer and changes nothing.
    """
    filed = session.ledger.take(request)
    record = filed.record
    for fault in filed.faults:
        session.note(request, f"{record.transaction_id}: {fault}")
    ended = request.event_type is m.TransactionEventEnum.Ended
    if ended and filed.fresh and not record.complete:
        session.note(request, f"{record.transaction_id}: ended while events are missing")
    info, token = None, PresentedToken.of(request.id_token)
    if request.id_token is not None:
        in_use = shows(record, token) and claimed(record, session.ledgers())
        info = session.wallet.info(request.id_token, in_use=in_use, evses=session.evses)
    energy = record.energy_wh if ended and session.settings.announce_cost else None
    return m.TransactionEventResponse(
        total_cost=None if energy is None else session.settings.tariff.cost(energy), id_token_info=info
    )


@answer.register
def on_meter_values(_request: m.MeterValuesRequest, _session: StationSession) -> m.MeterValuesResponse:
    """Confirm (J01.FR.18): they belong to no transaction, so nothing is paid for; the trace shows them."""
    return m.MeterValuesResponse()


@answer.register
def on_notify_report(request: m.NotifyReportRequest, session: StationSession) -> m.NotifyReportResponse:
    """Collect the part (B07, B08)."""
    session.limits.learn(request)
    session.reports.take(request)
    return m.NotifyReportResponse()


@answer.register
def on_security_event(
    request: m.SecurityEventNotificationRequest, session: StationSession
) -> m.SecurityEventNotificationResponse:
    """Keep and log it (A04.FR.03)."""
    session.note(request, f"{request.type} {request.tech_info or ''}".rstrip())
    level = logging.INFO if request.type in ROUTINE else logging.WARNING
    _log.log(level, "%s: security event %s %s", session.identity, request.type, request.tech_info or "")
    return m.SecurityEventNotificationResponse()


@answer.register
def on_log_status(request: m.LogStatusNotificationRequest, session: StationSession) -> m.LogStatusNotificationResponse:
    """Keep it (N01)."""
    session.note(request, f"{request.status} of request {request.request_id}")
    session.file_jobs.told("GetLog", request.request_id, request.status)
    return m.LogStatusNotificationResponse()


@answer.register
def on_firmware_status(
    request: m.FirmwareStatusNotificationRequest, session: StationSession
) -> m.FirmwareStatusNotificationResponse:
    """Keep it (L01)."""
    session.note(request, f"{request.status} of request {request.request_id}")
    session.file_jobs.told("UpdateFirmware", request.request_id, request.status)
    return m.FirmwareStatusNotificationResponse()


@answer.register
def on_publish_firmware_status(
    request: m.PublishFirmwareStatusNotificationRequest, session: StationSession
) -> m.PublishFirmwareStatusNotificationResponse:
    """Keep it (L03)."""
    session.note(request, f"{request.status} of request {request.request_id}")
    return m.PublishFirmwareStatusNotificationResponse()


@answer.register
def on_notify_event(request: m.NotifyEventRequest, session: StationSession) -> m.NotifyEventResponse:
    """Keep one line an event (N07.FR.03); a connector's AvailabilityState is its status as well (G01, G05)."""
    for event in request.event_data:
        evse = event.component.evse
        session.note(request, f"{event.component.name}.{event.variable.name} = {event.actual_value}")
        named = event.component.name.lower(), event.variable.name.lower()  # case does not matter in names
        whole = named == ("connector", "availabilitystate")
        if whole and evse is not None and evse.connector_id is not None:
            session.connector(evse.id, evse.connector_id, event.actual_value)
    return m.NotifyEventResponse()


@answer.register
def on_notify_customer_information(
    request: m.NotifyCustomerInformationRequest, session: StationSession
) -> m.NotifyCustomerInformationResponse:
    """Keep that it came, not what: it is about a person, and the operator reads it in the trace (N09)."""
    session.note(request, f"part {request.seq_no} of request {request.request_id}, {len(request.data)} characters")
    return m.NotifyCustomerInformationResponse()


@answer.register
def on_notify_monitoring_report(
    request: m.NotifyMonitoringReportRequest, session: StationSession
) -> m.NotifyMonitoringReportResponse:
    """Keep how much came (N02)."""
    session.note(
        request, f"part {request.seq_no} of request {request.request_id}, {len(request.monitor or ())} variables"
    )
    return m.NotifyMonitoringReportResponse()


@answer.register
def on_notify_display_messages(
    request: m.NotifyDisplayMessagesRequest, session: StationSession
) -> m.NotifyDisplayMessagesResponse:
    """Keep how much came (O03)."""
    session.note(request, f"request {request.request_id}, {len(request.message_info or ())} messages")
    return m.NotifyDisplayMessagesResponse()


@answer.register
def on_report_charging_profiles(
    request: m.ReportChargingProfilesRequest, session: StationSession
) -> m.ReportChargingProfilesResponse:
    """Keep how much came (K09)."""
    session.note(request, f"request {request.request_id}, {len(request.charging_profile)} profiles")
    return m.ReportChargingProfilesResponse()


@answer.register
def on_notify_charging_limit(
    request: m.NotifyChargingLimitRequest, session: StationSession
) -> m.NotifyChargingLimitResponse:
    """Keep who limits (K12)."""
    session.note(request, f"{request.charging_limit.charging_limit_source}")
    return m.NotifyChargingLimitResponse()


@answer.register
def on_cleared_charging_limit(
    request: m.ClearedChargingLimitRequest, session: StationSession
) -> m.ClearedChargingLimitResponse:
    """Keep who limited (K13)."""
    session.note(request, f"{request.charging_limit_source}")
    return m.ClearedChargingLimitResponse()


@answer.register
def on_reservation_status_update(
    request: m.ReservationStatusUpdateRequest, session: StationSession
) -> m.ReservationStatusUpdateResponse:
    """Keep it (H04)."""
    session.note(request, f"{request.reservation_update_status} of {request.reservation_id}")
    return m.ReservationStatusUpdateResponse()


@answer.register
def on_data_transfer(request: m.DataTransferRequest, session: StationSession) -> m.DataTransferResponse:
    """Say that no vendor's extension is known here (P02.FR.06)."""
    session.note(request, f"from {request.vendor_id}")
    return m.DataTransferResponse(status=m.DataTransferStatusEnum.UnknownVendorId)


@answer.register
def on_get_certificate_status(
    request: m.GetCertificateStatusRequest, session: StationSession
) -> m.GetCertificateStatusResponse:
    """Say that no OCSP answer can be had: this CSMS asks no responder (M06)."""
    session.note(request, f"{request.ocsp_request_data.serial_number}")
    return m.GetCertificateStatusResponse(status=m.GetCertificateStatusEnum.Failed)


@answer.register
def on_sign_certificate(
    request: m.SignCertificateRequest, session: StationSession
) -> m.SignCertificateResponse | Answer:
    """Take a request for the station's own certificate and send the signed one after the response (A02, A03)."""
    try:
        chain = sign(request, session)
    except NotSigned as refused:
        session.note(request, f"Rejected: {refused}")
        info = m.StatusInfo(reason_code="InvalidCSR", additional_info=str(refused)[:512])
        return m.SignCertificateResponse(status=m.GenericStatusEnum.Rejected, status_info=info)
    session.note(request, "Accepted")
    return Answer(
        m.SignCertificateResponse(status=m.GenericStatusEnum.Accepted),
        lambda: session.jobs.put_nowait(lambda: deliver(session, chain, request.certificate_type)),
    )


def _wrong_serial_number(request: m.BootNotificationRequest, session: StationSession) -> bool:
    """Compare with the common name of the client certificate, in profile 3 (B01.FR.11, B01.FR.12)."""
    tls = session.link.handshake.tls if session.link else None
    if tls is None or tls.client_certificate_subject is None:
        return False
    serial_number = request.charging_station.serial_number
    return serial_number is not None and serial_number != common_name(tls.client_certificate_subject)


SERVED = frozenset(ACTION_OF[kind] for kind in answer.registry if kind in ACTION_OF)
"""The actions answered here: all that a station starts but those of ISO 15118, which get NotSupported."""
