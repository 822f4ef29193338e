"""The messages that are measured, as the station sends them."""

from datetime import UTC, datetime

from ohmstead.wire import messages as m

AT = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
MESSAGE_ID = "5ec4ca5a-9c5c-4c07-a2f4-0b6c4a2e5d11"
MEASURANDS = (
    (m.MeasurandEnum.Energy_Active_Import_Register, 48_213.4, None),
    (m.MeasurandEnum.Power_Active_Import, 119_750.0, "W"),
    (m.MeasurandEnum.Voltage, 412.3, "V"),
    (m.MeasurandEnum.Current_Import, 290.4, "A"),
    (m.MeasurandEnum.SoC, 61.0, "Percent"),
    (m.MeasurandEnum.Power_Offered, 240_000.0, "W"),
)

BOOT_NOTIFICATION = m.BootNotificationRequest(
    reason=m.BootReasonEnum.PowerUp,
    charging_station=m.ChargingStation(
        model="SEC1000/240Y",
        vendor_name="Shenzhen Sinexcel Electric Co., Ltd",
        firmware_version="V2.0.1_OCPP_104.96",
        serial_number="OHM-0001",
    ),
)


def _sampled(measurand: m.MeasurandEnum, value: float, unit: str | None) -> m.SampledValue:
    return m.SampledValue(
        value=value,
        context=m.ReadingContextEnum.Sample_Periodic,
        measurand=measurand,
        location=m.LocationEnum.Outlet,
        unit_of_measure=m.UnitOfMeasure(unit=unit) if unit else None,
    )


TRANSACTION_EVENT = m.TransactionEventRequest(
    event_type=m.TransactionEventEnum.Updated,
    timestamp=AT,
    trigger_reason=m.TriggerReasonEnum.MeterValuePeriodic,
    seq_no=17,
    evse=m.EVSE(id=1, connector_id=1),
    id_token=m.IdToken(id_token="04A1B2C3D4E5F6", type=m.IdTokenEnum.ISO14443),
    transaction_info=m.Transaction(
        transaction_id="0b6c4a2e-5d11-4ec4-8a5a-9c5c4c07a2f4",
        charging_state=m.ChargingStateEnum.Charging,
        time_spent_charging=512,
        remote_start_id=4711,
    ),
    meter_value=(
        m.MeterValue(timestamp=AT, sampled_value=tuple(_sampled(*each) for each in MEASURANDS)),
        m.MeterValue(timestamp=AT, sampled_value=tuple(_sampled(*each) for each in MEASURANDS[:1])),
    ),
)


def _reported(number: int) -> m.ReportData:
    return m.ReportData(
        component=m.Component(name="OCPPCommCtrlr", instance="Default", evse=m.EVSE(id=1 + number % 2)),
        variable=m.Variable(name=f"MessageAttemptInterval{number}", instance="TransactionEvent"),
        variable_attribute=(
            m.VariableAttribute(type=m.AttributeEnum.Actual, value=str(number), mutability=m.MutabilityEnum.ReadWrite),
        ),
        variable_characteristics=m.VariableCharacteristics(
            data_type=m.DataEnum.integer, supports_monitoring=True, unit="s", min_limit=0.0, max_limit=86_400.0
        ),
    )


NOTIFY_REPORT = m.NotifyReportRequest(
    request_id=7, generated_at=AT, seq_no=0, tbc=True, report_data=tuple(_reported(number) for number in range(50))
)
